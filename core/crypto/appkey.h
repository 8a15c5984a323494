#pragma once

#include "base/result.h"
#include "base/secretbytes.h"

namespace ovvoc {

/// A GitHub App's private key, taken out of the PEM file that GitHub gives (PKCS#1) or another tool
/// made of it (PKCS#8). Returns the key as PKCS#1 DER: the smallest form, which fits the smallest
/// keychain item of any platform (2,560 bytes) up to 4,096-bit keys.
///
/// InvalidInput, with a sentence of its own, for: nothing that looks like PEM, an encrypted key, a
/// public key, a certificate, a key that is not RSA, one under 2,048 or over 4,096 bits, a damaged
/// one. \a pem is not changed.
Result<SecretBytes> appKeyFromPem(const SecretBytes &pem);

/// The other way, for handing a key to somebody: PKCS#1 PEM.
Result<SecretBytes> appKeyToPem(const SecretBytes &der);

/// SHA-256 of the public key (SubjectPublicKeyInfo), base64: what GitHub shows beside each key of
/// an App, so that a person can tell which one this is.
Result<QString> appKeyFingerprint(const SecretBytes &der);

} // namespace ovvoc
