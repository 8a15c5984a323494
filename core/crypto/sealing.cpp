#include "crypto/sealing.h"

#include "crypto/openssl.h"

#include <QCoreApplication>
#include <openssl/core_names.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

namespace ovvoc {

namespace {

constexpr char version = 1;
constexpr int keySize = 32, nonceSize = 12, tagSize = 16;

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, OpenSslFree>;

const unsigned char *in(QByteArrayView bytes)
{
    return reinterpret_cast<const unsigned char *>(bytes.data());
}
unsigned char *out(QByteArray &bytes, qsizetype at = 0)
{
    return reinterpret_cast<unsigned char *>(bytes.data() + at);
}
const unsigned char *in(const SecretBytes &key)
{
    return reinterpret_cast<const unsigned char *>(key.bytes().data());
}

tl::unexpected<Error> broken()
{
    clearOpenSslErrors();
    return fail(ErrorCode::InvalidInput,
                QCoreApplication::translate(
                    "Sealing",
                    "A sealed value cannot be opened: it was changed, moved, or belongs "
                    "to another key."));
}

} // namespace

Result<QByteArray> seal(const SecretBytes &key, QByteArrayView plain, QByteArrayView place)
{
    if (key.size() != keySize)
        return broken();
    QByteArray sealed(1 + nonceSize + plain.size() + tagSize, Qt::Uninitialized);
    sealed[0] = version;
    const Cipher cipher(EVP_CIPHER_CTX_new());
    int length = 0;
    const bool done = RAND_bytes(out(sealed, 1), nonceSize) == 1
        && EVP_EncryptInit_ex2(cipher.get(), EVP_aes_256_gcm(), in(key), out(sealed, 1), nullptr)
            == 1
        && EVP_EncryptUpdate(cipher.get(), nullptr, &length, in(place), int(place.size())) == 1
        && EVP_EncryptUpdate(cipher.get(), out(sealed, 1 + nonceSize), &length, in(plain),
                             int(plain.size()))
            == 1
        && EVP_EncryptFinal_ex(cipher.get(), out(sealed, 1 + nonceSize + length), &length) == 1
        && EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, tagSize,
                               out(sealed, sealed.size() - tagSize))
            == 1;
    if (!done)
        return broken();
    return sealed;
}

Result<QByteArray> unseal(const SecretBytes &key, QByteArrayView sealed, QByteArrayView place)
{
    const qsizetype size = sealed.size() - 1 - nonceSize - tagSize;
    if (key.size() != keySize || size < 0 || sealed[0] != version)
        return broken();
    QByteArray plain(size, Qt::Uninitialized);
    QByteArray tag = sealed.last(tagSize).toByteArray();
    const Cipher cipher(EVP_CIPHER_CTX_new());
    int length = 0;
    const bool done =
        EVP_DecryptInit_ex2(cipher.get(), EVP_aes_256_gcm(), in(key), in(sealed.sliced(1)), nullptr)
            == 1
        && EVP_DecryptUpdate(cipher.get(), nullptr, &length, in(place), int(place.size())) == 1
        && EVP_DecryptUpdate(cipher.get(), out(plain), &length, in(sealed.sliced(1 + nonceSize)),
                             int(size))
            == 1
        && EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, tagSize, tag.data()) == 1
        && EVP_DecryptFinal_ex(cipher.get(), out(plain, length), &length) == 1;
    if (!done)
        return broken();
    return plain;
}

QByteArray randomBytes(int length)
{
    QByteArray bytes(length, Qt::Uninitialized);
    if (RAND_bytes(out(bytes), length) != 1)
        qFatal("no randomness");
    return bytes;
}

SecretBytes newKey()
{
    QByteArray bytes = randomBytes(keySize);
    return SecretBytes::takeFrom(bytes);
}

SecretBytes derivedKey(const SecretBytes &key, QByteArrayView purpose)
{
    EVP_KDF *kdf = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
    EVP_KDF_CTX *context = EVP_KDF_CTX_new(kdf);
    char digest[] = "SHA256";
    QByteArray info = purpose.toByteArray();
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, const_cast<unsigned char *>(in(key)),
                                          key.size()),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(),
                                          std::size_t(info.size())),
        OSSL_PARAM_construct_end()};
    QByteArray derived(keySize, Qt::Uninitialized);
    if (EVP_KDF_derive(context, out(derived), keySize, parameters) != 1)
        qFatal("HKDF failed");
    EVP_KDF_CTX_free(context);
    EVP_KDF_free(kdf);
    return SecretBytes::takeFrom(derived);
}

QByteArray keyedHash(const SecretBytes &key, QByteArrayView text)
{
    QByteArray mac(32, Qt::Uninitialized);
    unsigned size = 0;
    HMAC(EVP_sha256(), key.bytes().data(), int(key.size()), in(text), std::size_t(text.size()),
         out(mac), &size);
    return mac.left(16);
}

} // namespace ovvoc
