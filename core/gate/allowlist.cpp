#include "gate/allowlist.h"

#include <QHostAddress>
#include <QRegularExpression>
#include <QUrl>

namespace ovvoc {

namespace {

/// RFC 1123 names of at least two labels whose last one is not a number.
bool isHostName(const QString &name)
{
    static const QRegularExpression form(
        QStringLiteral("^(?=.{1,253}\\z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+"
                       "[a-z]([a-z0-9-]{0,61}[a-z0-9])?\\z"));
    return form.match(name).hasMatch();
}

/// A person may have pasted an address with a password in it.
QString withoutCredentials(QString text)
{
    static const QRegularExpression credentials(QStringLiteral("//[^/?#]*@"));
    return text.replace(credentials, QStringLiteral("//***@"));
}

} // namespace

Result<AllowedHost> allowedHostFromUrl(const QString &text)
{
    const QUrl url(text.trimmed(), QUrl::StrictMode);
    const QString host = url.host(QUrl::FullyEncoded).toLower();
    if (!url.isValid() || url.scheme() != QLatin1String("https") || !url.userInfo().isEmpty()
        || !isHostName(host))
        return fail(ErrorCode::InvalidInput,
                    QStringLiteral("\"%1\" cannot be put on the allowlist: it must be an https "
                                   "address with a host name.")
                        .arg(withoutCredentials(text).left(200)));
    return AllowedHost{host, url.port(443), false};
}

Result<AllowedHost> parseAuthority(const QByteArray &authority)
{
    const qsizetype colon = authority.lastIndexOf(':');
    const QString host = QString::fromLatin1(authority.left(colon)).toLower();
    bool number = false;
    const int port = authority.mid(colon + 1).toInt(&number);
    if (colon <= 0 || !number || port < 1 || port > 65535)
        return fail(ErrorCode::InvalidInput, QStringLiteral("not a host and port"));
    if (!QHostAddress(host).isNull() || host.startsWith('['))
        return fail(ErrorCode::GateRefused, QStringLiteral("a raw address, not a name"));
    if (!isHostName(host))
        return fail(ErrorCode::InvalidInput, QStringLiteral("not a host name"));
    return AllowedHost{host, port, false};
}

} // namespace ovvoc
