#pragma once

#include "base/result.h"
#include "base/secretbytes.h"

namespace ovvoc {

/// A new Ed25519 private key (RFC 8032): its 32 byte seed.
SecretBytes newSigningKey();
/// The public key of \a seed, 32 bytes.
Result<QByteArray> publicKeyOf(const SecretBytes &seed);
/// The same as SubjectPublicKeyInfo in PEM, as openssl reads it.
Result<QByteArray> publicKeyPem(const QByteArray &publicKey);
/// 64 bytes.
Result<QByteArray> sign(const SecretBytes &seed, QByteArrayView message);
bool signatureHolds(const QByteArray &publicKey, QByteArrayView message,
                    const QByteArray &signature);

} // namespace ovvoc
