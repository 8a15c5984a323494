#pragma once

#include "base/result.h"
#include "base/secretbytes.h"

#include <memory>
#include <openssl/err.h>
#include <openssl/evp.h>

namespace ovvoc {

struct OpenSslFree
{
    void operator()(EVP_PKEY *key) const { EVP_PKEY_free(key); }
    void operator()(EVP_MD_CTX *context) const { EVP_MD_CTX_free(context); }
    void operator()(EVP_CIPHER_CTX *context) const { EVP_CIPHER_CTX_free(context); }
};
using OpenSslKey = std::unique_ptr<EVP_PKEY, OpenSslFree>;
using OpenSslDigest = std::unique_ptr<EVP_MD_CTX, OpenSslFree>;

/// OpenSSL keeps errors per thread until somebody takes them.
inline void clearOpenSslErrors()
{
    ERR_clear_error();
}

/// The key that appKeyFromPem() wrote. InvalidInput when it is damaged.
Result<OpenSslKey> appKeyFromDer(const SecretBytes &der);

} // namespace ovvoc
