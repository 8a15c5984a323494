#include "place.h"

#include <QRegularExpression>

namespace ovvoc {

namespace {

constexpr std::pair<Place::Page, const char *> names[] = {
    {Place::Page::Overview, "overview"},
    {Place::Page::Jobs, "jobs"},
    {Place::Page::Updates, "updates"},
    {Place::Page::Audit, "audit"},
    {Place::Page::Settings, "settings"},
    {Place::Page::Machine, "machine"},
    {Place::Page::Folder, "folder"},
    {Place::Page::Client, "client"},
    {Place::Page::ClientSettings, "client-settings"},
    {Place::Page::Repository, "repository"},
    {Place::Page::Job, "job"}};

} // namespace

QUrl Place::url() const
{
    for (const auto &[page_, name] : names) {
        if (page_ == page)
            return QUrl(QStringLiteral("ovvoc://%1/%2").arg(QLatin1String(name), id));
    }
    return {};
}

std::optional<Place> Place::fromUrl(const QUrl &url)
{
    static const QRegularExpression form(QStringLiteral("^[0-9a-z]{0,40}\\z"));
    const QString id = url.path().mid(1);
    if (url.scheme() != QLatin1String("ovvoc") || !form.match(id).hasMatch())
        return std::nullopt;
    for (const auto &[page, name] : names) {
        if (url.host() != QLatin1String(name))
            continue;
        const bool needsId = page == Page::Client || page == Page::ClientSettings
            || page == Page::Repository || page == Page::Job;
        if (needsId != id.isEmpty())
            return Place{page, id};
    }
    return std::nullopt;
}

} // namespace ovvoc
