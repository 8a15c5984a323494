#pragma once

#include "base/result.h"
#include "base/secretbytes.h"

namespace ovvoc {

/// Authenticated encryption of one value: AES-256-GCM (NIST SP 800-38D) with a random nonce. The
/// result holds version, nonce, ciphertext and tag. \a place is bound in, so that a sealed value
/// cannot be moved to another row, column or client; it is not part of the result.
/// \a key has 32 bytes. One key seals at most 2^32 values (random 96-bit nonces).
Result<QByteArray> seal(const SecretBytes &key, QByteArrayView plain, QByteArrayView place);

/// The value again. InvalidInput when the key is another, the place is another, or a bit was
/// changed: which of them cannot be told.
Result<QByteArray> unseal(const SecretBytes &key, QByteArrayView sealed, QByteArrayView place);

/// A new random key of 32 bytes.
SecretBytes newKey();
/// \a length random bytes for salts and names; not secret by themselves.
QByteArray randomBytes(int length);

/// A key for one purpose out of another (HKDF-SHA256, RFC 5869).
SecretBytes derivedKey(const SecretBytes &key, QByteArrayView purpose);

/// HMAC-SHA256 (RFC 2104), cut to 16 bytes: finds equal texts without showing them.
QByteArray keyedHash(const SecretBytes &key, QByteArrayView text);

} // namespace ovvoc
