#pragma once

#include "clients/workspace.h"
#include "forge/github/githubforge.h"

namespace ovvoc {

/// Makes the GitHub side of clients: one App per client from its own key, one queue per host shared
/// by all. Nothing of one client is ever given to another. Lives on the core thread.
class GitHubConnections
{
public:
    GitHubConnections(std::shared_ptr<Workspace> workspace, std::shared_ptr<SecretMask> mask);

    /// The client's App, with its key read from the keychain now. NotFound when the client has
    /// none.
    TaskResult<std::shared_ptr<GitHubApp>> app(Client client);
    /// A REST client without a credential: for the manifest flow and for revoking.
    Result<std::shared_ptr<RestClient>> rest(const GitHubAccount &account,
                                             const Settings &settings);
    /// A REST client without a credential for what is public on the client's GitHub, with a queue
    /// of its own: a limit that it meets holds nothing else up. Never waits for its turn.
    Result<std::shared_ptr<RestClient>> anonymous(const Client &client);
    /// The forge of a client's repository. Its key is read when it is first used.
    std::shared_ptr<Forge> forge(const Client &client, const ClientRepository &repository);
    /// Revokes what programs that no longer run have left. Returns how many tokens.
    TaskResult<int> revokeLeftovers();

    const std::shared_ptr<SecretMask> &mask() const { return m_mask; }

private:
    std::shared_ptr<HostQueue> queueOf(const GitHubAccount &account);
    std::shared_ptr<Workspace> m_workspace;
    std::shared_ptr<SecretMask> m_mask;
    std::shared_ptr<TokenLedger> m_ledger;
    using Queues = QHash<QString, std::shared_ptr<HostQueue>>;
    std::shared_ptr<Queues> m_queues = std::make_shared<Queues>(); ///< shared with every copy
};

} // namespace ovvoc
