#pragma once

#include <QMetaType>
#include <QString>
#include <QUrl>
#include <optional>

namespace ovvoc {

/// Somewhere in the window. Also a link from outside: "ovvoc://job/ID", "ovvoc://client/ID",
/// "ovvoc://jobs".
struct Place
{
    enum class Page {
        Overview,
        Jobs,
        Updates,
        Audit,
        Settings,
        Machine,
        Folder,
        Client,
        ClientSettings,
        Repository,
        Job
    };
    Page page = Page::Overview;
    QString id; ///< of the client, repository or job
    bool operator==(const Place &) const = default;

    QUrl url() const;
    /// Nothing when it is not one of ours; the id is checked for form, not for existence.
    static std::optional<Place> fromUrl(const QUrl &url);
};

} // namespace ovvoc

Q_DECLARE_METATYPE(ovvoc::Place)
