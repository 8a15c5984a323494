#pragma once

#include "forge/github/githubapp.h"

namespace ovvoc {

/// One thing that a working connection needs.
struct ConnectionCheck
{
    enum class What { Network, Clock, Key, App, Installation, Permission, Repository };
    enum class State { Good, Note, Bad, NotReached };
    What what = What::Network;
    State state = State::NotReached;
    QString found; ///< one sentence; for Bad also what to do
    bool operator==(const ConnectionCheck &) const = default;
};

QString toString(ConnectionCheck::What what);

/// Looks at everything between this machine and a repository, in the order in which one needs the
/// other, and says which of them is wrong: what lies behind the first bad one is NotReached.
/// \a installationId 0: any of the App's; \a repository empty: none is looked at.
/// Mints one token with metadata: read and revokes it again.
Task<QList<ConnectionCheck>> testConnection(std::shared_ptr<GitHubApp> app, qint64 installationId,
                                            QString repository);

} // namespace ovvoc
