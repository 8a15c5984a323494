#include "crypto/appkey.h"

#include "crypto/openssl.h"

#include <QCoreApplication>
#include <QCryptographicHash>
#include <openssl/decoder.h>
#include <openssl/encoder.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

namespace ovvoc {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("AppKey", text);
}

bool contains(const SecretBytes &text, std::string_view words)
{
    const auto bytes = text.bytes();
    return std::string_view(bytes.data(), bytes.size()).find(words) != std::string_view::npos;
}

tl::unexpected<Error> refused(const QString &why)
{
    clearOpenSslErrors();
    return fail(ErrorCode::InvalidInput, why);
}

Result<SecretBytes> encoded(EVP_PKEY *key, const char *format)
{
    unsigned char *raw = nullptr;
    std::size_t size = 0;
    OSSL_ENCODER_CTX *context = OSSL_ENCODER_CTX_new_for_pkey(key, OSSL_KEYMGMT_SELECT_PRIVATE_KEY,
                                                              format, "type-specific", nullptr);
    const bool done = context && OSSL_ENCODER_to_data(context, &raw, &size) == 1;
    OSSL_ENCODER_CTX_free(context);
    if (!done)
        return refused(tr("The private key cannot be written."));
    SecretBytes bytes(std::span(reinterpret_cast<const char *>(raw), size));
    OPENSSL_clear_free(raw, size);
    return bytes;
}

} // namespace

Result<OpenSslKey> appKeyFromDer(const SecretBytes &der)
{
    const auto bytes = der.bytes();
    const auto *at = reinterpret_cast<const unsigned char *>(bytes.data());
    OpenSslKey key(d2i_PrivateKey(EVP_PKEY_RSA, nullptr, &at, long(bytes.size())));
    if (!key)
        return refused(tr("The App's private key is damaged. Make a new key on the App's page and "
                          "open it here."));
    return key;
}

Result<SecretBytes> appKeyFromPem(const SecretBytes &pem)
{
    if (pem.size() > 64 * 1024 || !contains(pem, "-----BEGIN "))
        return refused(tr("This is no PEM file. Open the .pem file that GitHub gave when the key "
                          "was made."));
    if (contains(pem, "ENCRYPTED"))
        return refused(tr("This key is encrypted. Decrypt it first: openssl rsa -in FILE -out "
                          "FILE2. The keychain protects it afterwards."));
    if (contains(pem, "BEGIN PUBLIC KEY") || contains(pem, "BEGIN RSA PUBLIC KEY"))
        return refused(tr("This is a public key. The private one is needed."));
    if (contains(pem, "BEGIN CERTIFICATE"))
        return refused(tr("This is a certificate. The App's private key is needed."));
    if (contains(pem, "BEGIN OPENSSH"))
        return refused(tr("This is an SSH key. The App's private key is needed."));
    const auto bytes = pem.bytes();
    BIO *memory = BIO_new_mem_buf(bytes.data(), int(bytes.size()));
    const auto noPassword = [](char *, int, int, void *) { return 0; };
    OpenSslKey key(PEM_read_bio_PrivateKey(memory, nullptr, noPassword, nullptr));
    BIO_free(memory);
    if (!key)
        return refused(tr("This private key is damaged. Make a new one on the App's page."));
    if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA)
        return refused(tr("This is not an RSA key. GitHub Apps use RSA keys only."));
    const int bits = EVP_PKEY_get_bits(key.get());
    if (bits < 2048 || bits > 4096)
        return refused(tr("This key has %1 bits; GitHub's have 2048.").arg(bits));
    return encoded(key.get(), "DER");
}

Result<SecretBytes> appKeyToPem(const SecretBytes &der)
{
    OVVOC_TRY(key, appKeyFromDer(der));
    return encoded(key.get(), "PEM");
}

Result<QString> appKeyFingerprint(const SecretBytes &der)
{
    OVVOC_TRY(key, appKeyFromDer(der));
    unsigned char *raw = nullptr;
    const int size = i2d_PUBKEY(key.get(), &raw);
    if (size <= 0)
        return refused(tr("The public key cannot be read."));
    const QByteArray bytes(reinterpret_cast<const char *>(raw), size);
    OPENSSL_free(raw);
    return "SHA256:"
        + QString::fromLatin1(
               QCryptographicHash::hash(bytes, QCryptographicHash::Sha256).toBase64());
}

} // namespace ovvoc
