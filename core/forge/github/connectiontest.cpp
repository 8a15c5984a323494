#include "forge/github/connectiontest.h"

#include <QCoreApplication>
#include <algorithm>

namespace ovvoc {

namespace {

using What = ConnectionCheck::What;
using State = ConnectionCheck::State;

QString tr(const char *text)
{
    return QCoreApplication::translate("ConnectionTest", text);
}

/// Permissions that the App must have on an installation.
const QList<std::pair<QString, QString>> needed{{"contents", "write"}, {"pull_requests", "write"}};

} // namespace

QString toString(ConnectionCheck::What what)
{
    switch (what) {
    case What::Network:
        return tr("Network");
    case What::Clock:
        return tr("Clock");
    case What::Key:
        return tr("Key");
    case What::App:
        return tr("App");
    case What::Installation:
        return tr("Installation");
    case What::Permission:
        return tr("Permissions");
    case What::Repository:
        return tr("Repository");
    }
    return {};
}

Task<QList<ConnectionCheck>> testConnection(std::shared_ptr<GitHubApp> app, qint64 installationId,
                                            QString repository)
{
    QList<ConnectionCheck> checks;
    for (const What what : {What::Network, What::Clock, What::Key, What::App, What::Installation,
                            What::Permission, What::Repository})
        checks << ConnectionCheck{what, State::NotReached, {}};
    const auto set = [&checks](What what, State state, const QString &found) {
        checks[int(what)].state = state;
        checks[int(what)].found = found;
    };

    const auto self = co_await app->self();
    const ErrorCode code = self ? ErrorCode::Internal : self.error().code;
    const bool unreachable = code == ErrorCode::NetworkDown || code == ErrorCode::Timeout
        || code == ErrorCode::Protocol || code == ErrorCode::RateLimited
        || code == ErrorCode::TooLarge;
    if (!self && unreachable) {
        set(What::Network, State::Bad, self.error().message);
        co_return QList<ConnectionCheck>(checks);
    }
    set(What::Network, State::Good, tr("%1 answers").arg(app->rest()->api().host()));
    const qint64 skew = app->clockSkew();
    if (skew == 0)
        set(What::Clock, State::Good, tr("agrees with GitHub's"));
    else
        set(What::Clock, self ? State::Note : State::Bad,
            tr("%1 s away from GitHub's; corrected for signing. Set this machine's clock.")
                .arg(std::abs(skew)));
    if (!self && code == ErrorCode::InvalidInput) {
        set(What::Key, State::Bad, self.error().message);
        co_return QList<ConnectionCheck>(checks);
    }
    if (!self && code == ErrorCode::Unauthorized) {
        set(What::Key, State::Bad, self.error().message);
        co_return QList<ConnectionCheck>(checks);
    }
    if (!self) {
        set(What::Key, State::Good, tr("signs well"));
        set(What::App, State::Bad, self.error().message);
        co_return QList<ConnectionCheck>(checks);
    }
    set(What::Key, State::Good, tr("GitHub accepts its signature"));
    set(What::App, State::Good, (*self)["name"].toString());

    const auto installations = co_await app->installations();
    if (!installations) {
        set(What::Installation, State::Bad, installations.error().message);
        co_return QList<ConnectionCheck>(checks);
    }
    std::optional<Installation> chosen;
    for (const Installation &one : *installations) {
        if (!chosen && (installationId == 0 || one.id == installationId))
            chosen = one;
    }
    if (!chosen) {
        set(What::Installation, State::Bad,
            installations->isEmpty()
                ? tr("The App is not installed anywhere. Install it on its page on GitHub.")
                : tr("The App is no longer installed where it was. Choose an installation again."));
        co_return QList<ConnectionCheck>(checks);
    }
    if (chosen->suspended) {
        set(What::Installation, State::Bad,
            tr("The installation for %1 is suspended. Its owner can lift that in the settings of "
               "the account.")
                .arg(chosen->account));
        co_return QList<ConnectionCheck>(checks);
    }
    set(What::Installation, State::Good, tr("for %1").arg(chosen->account));

    QStringList missing;
    for (const auto &[name, level] : needed) {
        if (chosen->permissions[name].toString() != level)
            missing << name + ": " + level;
    }
    if (!missing.isEmpty()) {
        set(What::Permission, State::Bad,
            tr("Missing: %1. Add them on the App's page, and let the owner accept them.")
                .arg(missing.join(QStringLiteral(", "))));
        co_return QList<ConnectionCheck>(checks);
    }
    QStringList more;
    for (auto it = chosen->permissions.begin(); it != chosen->permissions.end(); ++it) {
        const bool asked = it.key() == QLatin1String("metadata")
            || std::any_of(needed.begin(), needed.end(),
                           [&](const auto &one) { return one.first == it.key(); });
        if (!asked)
            more << it.key();
    }
    set(What::Permission, more.isEmpty() ? State::Good : State::Note,
        more.isEmpty() ? tr("exactly what is needed")
                       : tr("More than is needed: %1. Take them away on the App's page.")
                             .arg(more.join(QStringLiteral(", "))));

    const auto repositories = co_await app->repositories(chosen->id);
    if (!repositories) {
        set(What::Repository, State::Bad, repositories.error().message);
        co_return QList<ConnectionCheck>(checks);
    }
    if (repository.isEmpty()) {
        set(What::Repository, State::Good, tr("%1 can be updated").arg(repositories->size()));
        co_return QList<ConnectionCheck>(checks);
    }
    const auto found =
        std::find_if(repositories->begin(), repositories->end(), [&](const auto &one) {
            return one.fullName.compare(repository, Qt::CaseInsensitive) == 0;
        });
    if (found == repositories->end())
        set(What::Repository, State::Bad,
            tr("%1 is not among the %2 repositories of the installation. Add it in the "
               "installation's settings on GitHub.")
                .arg(repository)
                .arg(repositories->size()));
    else if (found->archived)
        set(What::Repository, State::Bad,
            tr("%1 is archived, so nothing can be proposed to it.").arg(repository));
    else
        set(What::Repository, State::Good, repository);
    co_return QList<ConnectionCheck>(checks);
}

} // namespace ovvoc
