#include "crypto/signing.h"

#include "crypto/openssl.h"
#include "crypto/sealing.h"

#include <QCoreApplication>
#include <openssl/pem.h>

namespace ovvoc {

namespace {

const unsigned char *in(QByteArrayView bytes)
{
    return reinterpret_cast<const unsigned char *>(bytes.data());
}

tl::unexpected<Error> unusable()
{
    clearOpenSslErrors();
    return fail(ErrorCode::InvalidInput,
                QCoreApplication::translate("Signing", "The signing key is damaged."));
}

OpenSslKey privateKey(const SecretBytes &seed)
{
    return OpenSslKey(EVP_PKEY_new_raw_private_key(
        EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char *>(seed.bytes().data()),
        seed.size()));
}

OpenSslKey publicKeyFrom(const QByteArray &bytes)
{
    return OpenSslKey(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, in(bytes),
                                                  std::size_t(bytes.size())));
}

} // namespace

SecretBytes newSigningKey()
{
    return newKey();
}

Result<QByteArray> publicKeyOf(const SecretBytes &seed)
{
    const OpenSslKey key = privateKey(seed);
    QByteArray bytes(32, Qt::Uninitialized);
    std::size_t size = 32;
    if (!key
        || EVP_PKEY_get_raw_public_key(key.get(), reinterpret_cast<unsigned char *>(bytes.data()),
                                       &size)
            != 1)
        return unusable();
    return bytes;
}

Result<QByteArray> publicKeyPem(const QByteArray &publicKey)
{
    const OpenSslKey key = publicKeyFrom(publicKey);
    if (!key)
        return unusable();
    BIO *memory = BIO_new(BIO_s_mem());
    PEM_write_bio_PUBKEY(memory, key.get());
    char *data = nullptr;
    const long size = BIO_get_mem_data(memory, &data);
    const QByteArray pem(data, size);
    BIO_free(memory);
    return pem;
}

Result<QByteArray> sign(const SecretBytes &seed, QByteArrayView message)
{
    const OpenSslKey key = privateKey(seed);
    const OpenSslDigest context(EVP_MD_CTX_new());
    QByteArray signature(64, Qt::Uninitialized);
    std::size_t size = 64;
    if (!key || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1
        || EVP_DigestSign(context.get(), reinterpret_cast<unsigned char *>(signature.data()), &size,
                          in(message), std::size_t(message.size()))
            != 1)
        return unusable();
    return signature;
}

bool signatureHolds(const QByteArray &publicKey, QByteArrayView message,
                    const QByteArray &signature)
{
    const OpenSslKey key = publicKeyFrom(publicKey);
    const OpenSslDigest context(EVP_MD_CTX_new());
    const bool holds = key
        && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1
        && EVP_DigestVerify(context.get(), in(signature), std::size_t(signature.size()),
                            in(message), std::size_t(message.size()))
            == 1;
    clearOpenSslErrors();
    return holds;
}

} // namespace ovvoc
