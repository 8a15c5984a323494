#pragma once

#include "clients/settings.h"

#include <QDateTime>
#include <QUrl>
#include <optional>

namespace ovvoc {

/// A client's GitHub App and where it is installed. The private key is in the keychain, under
/// keyEntry, and nowhere else.
struct GitHubAccount
{
    QUrl web = QUrl(QStringLiteral("https://github.com"));
    QUrl api = QUrl(QStringLiteral("https://api.github.com"));
    QString issuer; ///< the App's client id, or its numeric id
    QString appName;
    QString appSlug;
    QString keyEntry;
    QString keyFingerprint; ///< as GitHub shows it beside the key
    qint64 installationId = 0;
    QString account; ///< whose installation it is
    QByteArray authority; ///< PEM of the client's own CA, for an Enterprise server; may be empty
    bool operator==(const GitHubAccount &) const = default;
    /// The API of a GitHub at \a web: github.com's own host, or HOST/api/v3 of an Enterprise
    /// server.
    static QUrl apiOf(const QUrl &web);
};

/// A customer of the agency. A value; change it and give it to Workspace::saveClient().
struct Client
{
    QString id;
    QString name;
    int colour = 0; ///< of the theme's client colours, 0 to 7
    bool archived = false;
    QDateTime created;
    std::optional<GitHubAccount> github;
    SettingOverrides overrides;
    bool operator==(const Client &) const = default;
};

/// One repository of a client.
struct ClientRepository
{
    enum class Kind { Local, GitHub };
    QString id;
    QString clientId;
    Kind kind = Kind::Local;
    QString path; ///< with Local: absolute
    QString owner, name; ///< with GitHub; name alone is also what people see of a local one
    qint64 forgeId = 0; ///< with GitHub: the repository's number, which outlives a rename
    QString baseBranch; ///< empty: the default one
    QString recipe = QStringLiteral("npm");
    bool archived = false;
    QDateTime created;
    SettingOverrides overrides;
    bool operator==(const ClientRepository &) const = default;
    QString title() const { return kind == Kind::GitHub ? owner + '/' + name : name; }
};

} // namespace ovvoc
