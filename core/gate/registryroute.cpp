#include "gate/registryroute.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <QUrl>
#include <algorithm>

namespace ovvoc {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("Registry", text);
}

bool isPrintable(char c)
{
    return c > 0x20 && c < 0x7f;
}

/// A path that every server reads alike: no dot segments, also not encoded ones, and nothing that
/// some would decode twice.
bool isPlain(const QByteArray &path)
{
    if (!path.startsWith('/') || path.size() > 4096
        || !std::all_of(path.begin(), path.end(), isPrintable) || path.contains('\\')
        || path.contains('#') || path.toLower().contains("%25") || path.contains("//"))
        return false;
    const QByteArray decoded = QByteArray::fromPercentEncoding(path);
    if (decoded.contains('\0') || decoded.contains('\\') || decoded.contains("//"))
        return false;
    for (const QByteArray &part : decoded.split('/')) {
        // Some servers cut off what follows a semicolon.
        const QByteArray name = part.left(part.indexOf(';') < 0 ? part.size() : part.indexOf(';'));
        if (name == "." || name == "..")
            return false;
    }
    return true;
}

} // namespace

QString toString(RegistrySetting::Credential credential)
{
    switch (credential) {
    case RegistrySetting::Credential::None:
        return QStringLiteral("none");
    case RegistrySetting::Credential::Token:
        return QStringLiteral("token");
    case RegistrySetting::Credential::Basic:
        return QStringLiteral("basic");
    }
    return {};
}

Result<RegistrySetting> parseRegistry(const QString &text)
{
    const QStringList words =
        text.split(QRegularExpression(QStringLiteral("[\\s,]+")), Qt::SkipEmptyParts);
    RegistrySetting registry;
    if (words.isEmpty())
        return fail(ErrorCode::InvalidInput, tr("A registry begins with its https address."));
    QString url = words.first();
    if (!url.endsWith('/'))
        url += '/';
    OVVOC_TRY(route, routeTo(url));
    registry.url =
        QStringLiteral("https://%1%2")
            .arg(route.host.port == 443 ? route.host.name
                                        : route.host.name + ':' + QString::number(route.host.port),
                 QString::fromLatin1(route.path));
    static const QRegularExpression scope(QStringLiteral("^@[a-z0-9~][a-z0-9._~-]{0,100}\\z"));
    for (const QString &word : words.mid(1)) {
        if (word == QLatin1String("private"))
            registry.privateAddresses = true;
        else if (word == QLatin1String("token"))
            registry.credential = RegistrySetting::Credential::Token;
        else if (word == QLatin1String("basic"))
            registry.credential = RegistrySetting::Credential::Basic;
        else if (scope.match(word).hasMatch())
            registry.scopes << word;
        else
            return fail(ErrorCode::InvalidInput,
                        tr("\"%1\" is nothing that can follow a registry's address. Write scopes "
                           "(\"@acme\"), \"token\" or \"basic\" for its credential, and "
                           "\"private\" when it is on a private network.")
                            .arg(word.left(100)));
    }
    registry.scopes.removeDuplicates();
    return registry;
}

QString toString(const RegistrySetting &registry)
{
    QStringList words = QStringList(registry.url) + registry.scopes;
    if (registry.credential != RegistrySetting::Credential::None)
        words << toString(registry.credential);
    if (registry.privateAddresses)
        words << QStringLiteral("private");
    return words.join(' ');
}

Result<std::shared_ptr<const SecretBytes>> authorizationOf(RegistrySetting::Credential credential,
                                                           const SecretBytes &secret)
{
    const auto bytes = secret.bytes();
    const bool basic = credential == RegistrySetting::Credential::Basic;
    const auto fits = [basic](char c) { return isPrintable(c) || (basic && c == ' '); };
    if (bytes.empty() || bytes.size() > 2048 || !std::ranges::all_of(bytes, fits)
        || (basic && std::ranges::find(bytes, ':') == bytes.end()))
        return fail(ErrorCode::InvalidInput,
                    basic ? tr("A basic credential is NAME:PASSWORD on one line.")
                          : tr("A token is one word on one line."));
    QByteArray value = basic ? "Basic " : "Bearer ";
    if (basic) {
        QByteArray plain(bytes.data(), qsizetype(bytes.size()));
        QByteArray encoded = plain.toBase64();
        value += encoded;
        std::fill(plain.begin(), plain.end(), '\0');
        std::fill(encoded.begin(), encoded.end(), '\0');
    } else {
        value.append(bytes.data(), qsizetype(bytes.size()));
    }
    return std::make_shared<const SecretBytes>(SecretBytes::takeFrom(value));
}

Result<RegistryRoute> routeTo(const QString &url)
{
    const auto host = allowedHostFromUrl(url);
    if (!host)
        return fail(ErrorCode::InvalidInput,
                    tr("This is not the address of a registry: it is https, a host name and a "
                       "path, for instance https://npm.example.com/team/."));
    const QUrl parsed(url, QUrl::StrictMode);
    QByteArray path = parsed.path(QUrl::FullyEncoded).toLatin1();
    if (!path.endsWith('/'))
        path += '/';
    if (parsed.hasQuery() || parsed.hasFragment() || !isPlain(path))
        return fail(ErrorCode::InvalidInput,
                    tr("The address of a registry has no query and no dots or double slashes in "
                       "its path."));
    RegistryRoute route;
    route.host = *host;
    route.path = path;
    return route;
}

Result<RegistryQuestion> readQuestion(const QByteArray &method, const QByteArray &target,
                                      const QList<RegistryRoute> &routes)
{
    const qsizetype query = target.indexOf('?');
    const QByteArray path = query < 0 ? target : target.left(query);
    if (target.size() > 4096 || !std::all_of(target.begin(), target.end(), isPrintable)
        || !isPlain(path))
        return fail(ErrorCode::GateRefused, tr("a path that servers read differently"));
    RegistryQuestion question;
    for (const RegistryRoute &route : routes) {
        if (path.startsWith(route.path)
            && (!question.route || route.path.size() > question.route->path.size()))
            question.route = &route;
    }
    if (!question.route)
        return fail(ErrorCode::GateRefused,
                    tr("a path that belongs to none of the registries there"));
    const QByteArray rest = path.mid(question.route->path.size());
    if (rest.startsWith("-/npm/v1/security/"))
        question.kind = RegistryQuestion::Kind::Advisories;
    static const QRegularExpression form(
        QStringLiteral("^((?:@[^/]+/)?[^/@][^/]*)(/-/[^/]+\\.tgz)?\\z"));
    const QString name = QString::fromUtf8(QByteArray::fromPercentEncoding(rest));
    if (const auto match = form.match(name); match.hasMatch()) {
        question.kind = match.capturedLength(2) > 0 ? RegistryQuestion::Kind::Package
                                                    : RegistryQuestion::Kind::Document;
        question.package = match.captured(1);
    }
    if (method == "GET" || method == "HEAD")
        return question;
    if (method == "POST" && question.kind == RegistryQuestion::Kind::Advisories && query < 0
        && question.route->isPublic)
        return question;
    return fail(ErrorCode::GateRefused,
                tr("%1 is not passed to a registry; only GET and HEAD are")
                    .arg(QString::fromLatin1(method.left(20))));
}

} // namespace ovvoc
