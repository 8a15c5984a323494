#include "forge/submoduleaddress.h"

#include "base/text.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <algorithm>

namespace ovvoc {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("Forge", text);
}

/// The server and the path that an absolute address names.
struct Place
{
    QString host; ///< lower case
    int port = -1; ///< of https, when it is given
    QString path;
};

std::optional<Place> placeOf(const QString &address)
{
    static const QRegularExpression withScheme(
        QStringLiteral("^(https|http|ssh|git|git\\+ssh|ssh\\+git)://"));
    // "git@host:owner/name.git", as ssh has it: no slash before the colon.
    static const QRegularExpression scpLike(
        QStringLiteral("^(?:[^@/:]+@)?([^/:@]+):(?!//)(.+)\\z"));
    if (const auto match = withScheme.match(address); match.hasMatch()) {
        const QUrl url(address);
        if (!url.isValid() || url.host().isEmpty() || url.hasQuery() || url.hasFragment())
            return std::nullopt;
        const bool web = match.captured(1) == QLatin1String("https");
        return Place{url.host().toLower(), web ? url.port() : -1, url.path()};
    }
    if (const auto match = scpLike.match(address); match.hasMatch())
        return Place{match.captured(1).toLower(), -1, '/' + match.captured(2)};
    return std::nullopt;
}

/// "/owner/name", or nothing when it is no such path.
QString pagePath(QString path)
{
    while (path.endsWith('/'))
        path.chop(1);
    if (path.endsWith(QLatin1String(".git")))
        path.chop(4);
    if (!path.startsWith('/'))
        path.prepend('/');
    static const QRegularExpression two(
        QStringLiteral("^/[A-Za-z0-9][A-Za-z0-9._-]{0,99}/[A-Za-z0-9._-]{1,100}\\z"));
    const QString name = path.section('/', -1);
    const bool fits =
        two.match(path).hasMatch() && name != QLatin1String(".") && name != QLatin1String("..");
    return fits ? path : QString();
}

} // namespace

Result<QUrl> submodulePage(const QUrl &repository, const QStringList &addresses)
{
    QString path = repository.path();
    for (const QString &address : addresses) {
        const auto odd = [&] {
            return fail(ErrorCode::NotFound,
                        tr("\"%1\" is no address of a repository").arg(oneLine(address).left(200)));
        };
        if (address.size() > 1000)
            return odd();
        if (address.startsWith(QLatin1String("./")) || address.startsWith(QLatin1String("../"))) {
            QStringList parts = path.split('/', Qt::SkipEmptyParts);
            for (const QString &part : address.split('/', Qt::SkipEmptyParts)) {
                if (part == QLatin1String(".."))
                    parts.isEmpty() ? void() : parts.removeLast();
                else if (part != QLatin1String("."))
                    parts << part;
            }
            path = '/' + parts.join('/');
            continue;
        }
        const auto place = placeOf(address);
        if (!place)
            return odd();
        const bool same = place->host == repository.host().toLower()
            && (place->port == -1 || place->port == repository.port(443));
        if (!same)
            return fail(ErrorCode::NotFound,
                        tr("it is on %1, and this client's App is for %2")
                            .arg(oneLine(place->host).left(200), repository.host()));
        path = place->path;
    }
    const QString page = pagePath(path);
    if (page.isEmpty())
        return fail(ErrorCode::NotFound,
                    tr("\"%1\" is no address of a repository")
                        .arg(oneLine(addresses.value(addresses.size() - 1)).left(200)));
    QUrl result = repository;
    result.setPath(page);
    return result;
}

} // namespace ovvoc
