#include "crypto/appjwt.h"

#include "crypto/openssl.h"

#include <QCoreApplication>
#include <QJsonDocument>
#include <QJsonObject>

namespace ovvoc {

namespace {

constexpr qint64 issuedBefore = 60;
constexpr qint64 validFor = 9 * 60;

QByteArray base64Url(const QByteArray &bytes)
{
    return bytes.toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
}

} // namespace

Result<SecretBytes> appJwt(const SecretBytes &keyDer, const QString &issuer, const QDateTime &now)
{
    OVVOC_TRY(key, appKeyFromDer(keyDer));
    const qint64 seconds = now.toSecsSinceEpoch();
    const QJsonObject header{{"alg", "RS256"}, {"typ", "JWT"}};
    const QJsonObject claims{
        {"iat", seconds - issuedBefore}, {"exp", seconds + validFor}, {"iss", issuer}};
    QByteArray text = base64Url(QJsonDocument(header).toJson(QJsonDocument::Compact)) + '.'
        + base64Url(QJsonDocument(claims).toJson(QJsonDocument::Compact));
    const OpenSslDigest context(EVP_MD_CTX_new());
    std::size_t size = 0;
    const auto *data = reinterpret_cast<const unsigned char *>(text.constData());
    QByteArray signature;
    const bool signedWell =
        EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1
        && EVP_DigestSign(context.get(), nullptr, &size, data, std::size_t(text.size())) == 1
        && (signature.resize(qsizetype(size)),
            EVP_DigestSign(context.get(), reinterpret_cast<unsigned char *>(signature.data()),
                           &size, data, std::size_t(text.size()))
                == 1);
    if (!signedWell) {
        clearOpenSslErrors();
        return fail(ErrorCode::Internal,
                    QCoreApplication::translate("AppKey", "The App's key cannot sign."));
    }
    signature.resize(qsizetype(size));
    text += '.' + base64Url(signature);
    return SecretBytes::takeFrom(text);
}

} // namespace ovvoc
