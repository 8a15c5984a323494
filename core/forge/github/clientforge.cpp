#include "forge/github/clientforge.h"

#include <QCoreApplication>

namespace ovvoc {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("GitHub", text);
}

/// A GitHubForge whose App is made when it is first needed: the key is in the keychain, which may
/// ask a person first.
class ClientForge final : public Forge
{
public:
    ClientForge(std::shared_ptr<GitHubConnections> connections, Client client,
                GitHubRepository repository)
        : m_connections(std::move(connections))
        , m_client(std::move(client))
        , m_repository(std::move(repository))
    { }

    QString name() const override
    {
        return m_repository.web.host() + '/' + m_repository.owner + '/' + m_repository.name;
    }
    TaskResult<BaseRef> resolveBase(QString branch) override
    {
        OVVOC_CO_CHECK(co_await ready());
        co_return co_await m_forge->resolveBase(branch);
    }
    TaskResult<std::shared_ptr<GitUpstream>> openClone() override
    {
        OVVOC_CO_CHECK(co_await ready());
        co_return co_await m_forge->openClone();
    }
    TaskResult<std::shared_ptr<GitUpstream>> openSubmodule(SubmoduleRequest request) override
    {
        OVVOC_CO_CHECK(co_await ready());
        co_return co_await m_forge->openSubmodule(request);
    }
    QString submoduleHint(const SubmoduleRequest &request) const override
    {
        return m_forge ? m_forge->submoduleHint(request) : QString();
    }
    TaskResult<> closeClone() override
    {
        if (!m_forge)
            co_return {};
        co_return co_await m_forge->closeClone();
    }
    Task<QList<ReleaseNotes>> releaseNotes(QList<ReleaseNotesRequest> requests) override
    {
        if (!m_forge)
            co_return QList<ReleaseNotes>{};
        co_return co_await m_forge->releaseNotes(requests);
    }
    TaskResult<Proposal> propose(ProposalRequest request) override
    {
        OVVOC_CO_CHECK(co_await ready());
        co_return co_await m_forge->propose(request);
    }
    TaskResult<QList<ForgeProposal>> proposals(QString branch, bool ended) override
    {
        OVVOC_CO_CHECK(co_await ready());
        co_return co_await m_forge->proposals(branch, ended);
    }
    void setJob(const QString &jobId) override
    {
        m_job = jobId;
        if (m_app)
            m_app->setJob(jobId);
    }
    QList<TokenLife> tokens() const override
    {
        return m_forge ? m_forge->tokens() : QList<TokenLife>();
    }

private:
    TaskResult<> ready()
    {
        if (m_forge)
            co_return {};
        OVVOC_CO_TRY(app, co_await m_connections->app(m_client));
        m_app = app;
        m_app->setJob(m_job);
        m_forge = std::make_shared<GitHubForge>(m_repository, app);
        if (auto rest = m_connections->anonymous(m_client))
            m_forge->setAnonymous(*rest);
        co_return {};
    }
    std::shared_ptr<GitHubConnections> m_connections;
    Client m_client;
    GitHubRepository m_repository;
    QString m_job;
    std::shared_ptr<GitHubApp> m_app;
    std::shared_ptr<GitHubForge> m_forge;
};

} // namespace

GitHubConnections::GitHubConnections(std::shared_ptr<Workspace> workspace,
                                     std::shared_ptr<SecretMask> mask)
    : m_workspace(std::move(workspace))
    , m_mask(std::move(mask))
    , m_ledger(std::make_shared<TokenLedger>(m_workspace->folder().tokenLedger(),
                                             m_workspace->secrets()))
{ }

std::shared_ptr<HostQueue> GitHubConnections::queueOf(const GitHubAccount &account)
{
    // Each App has limits of its own: one client's pause is not the others'.
    auto &queue = (*m_queues)[account.issuer + ' ' + account.api.authority()];
    if (!queue)
        queue = std::make_shared<HostQueue>();
    return queue;
}

Result<std::shared_ptr<RestClient>> GitHubConnections::rest(const GitHubAccount &account,
                                                            const Settings &settings)
{
    RestClient::Settings rest;
    rest.api = account.api;
    rest.proxy = proxyFor(settings.proxy(), account.api);
    if (!account.authority.isEmpty()) {
        OVVOC_TRY(tls, tlsWithAuthority(account.authority));
        rest.tls = tls;
    }
    return RestClient::make(rest, queueOf(account));
}

Result<std::shared_ptr<RestClient>> GitHubConnections::anonymous(const Client &client)
{
    if (!client.github)
        return fail(ErrorCode::NotFound, tr("%1 has no GitHub App yet.").arg(client.name));
    OVVOC_TRY(settings, m_workspace->settingsOf(client.id));
    OVVOC_TRY(withKey, rest(*client.github, settings));
    auto &queue = (*m_queues)["anonymous " + client.github->api.authority()];
    if (!queue) {
        // GitHub answers 60 questions an hour without a credential, for this whole address.
        HostQueue::Limits limits;
        limits.readsPerHour = 45;
        limits.patienceSeconds = 0;
        queue = std::make_shared<HostQueue>(limits);
    }
    RestClient::Settings settingsOfRest = withKey->settings();
    settingsOfRest.timeoutMs = 5'000;
    return RestClient::make(settingsOfRest, queue);
}

TaskResult<std::shared_ptr<GitHubApp>> GitHubConnections::app(Client client)
{
    if (!client.github || client.github->keyEntry.isEmpty())
        co_return fail(ErrorCode::NotFound,
                       tr("%1 has no GitHub App yet. Connect one in the client's settings, or with "
                          "`ovvoc client manifest`.")
                           .arg(client.name));
    OVVOC_CO_TRY(settings, m_workspace->settingsOf(client.id));
    OVVOC_CO_TRY(connection, rest(*client.github, settings));
    auto key = co_await m_workspace->secrets()->read(client.github->keyEntry);
    if (!key && key.error().code == ErrorCode::NotFound)
        co_return fail(
            ErrorCode::NotFound,
            tr("The App's key of %1 is not in the keychain any more (entry \"%2\"). Make a "
               "new one on the App's page and store it with `ovvoc client key`.")
                .arg(client.name, client.github->keyEntry));
    if (!key)
        co_return fail(key.error());
    m_mask->add(**key);
    auto made =
        std::make_shared<GitHubApp>(client.github->issuer, *key, connection, m_ledger, m_mask);
    made->setNote([workspace = m_workspace, id = client.id](
                      TokenMoment moment, const TokenLife &life, const QString &jobId) {
        return workspace->audit().add(tokenEvent(id, jobId, moment, life));
    });
    co_return std::shared_ptr<GitHubApp>(made);
}

std::shared_ptr<Forge> GitHubConnections::forge(const Client &client,
                                                const ClientRepository &repository)
{
    GitHubRepository place;
    if (client.github) {
        place.web = client.github->web;
        place.installationId = client.github->installationId;
    }
    place.owner = repository.owner;
    place.name = repository.name;
    place.id = repository.forgeId;
    if (const auto settings = m_workspace->settingsOf(client.id, repository.id)) {
        place.labels = settings->labels();
        place.draft = settings->draft();
    }
    if (const auto all = m_workspace->repositories(client.id)) {
        for (const ClientRepository &one : *all) {
            if (one.kind == ClientRepository::Kind::GitHub)
                place.siblings << one.owner + '/' + one.name;
        }
    }
    // Its own copy of what is shared: the forge may outlive whoever asked for it.
    return std::make_shared<ClientForge>(std::make_shared<GitHubConnections>(*this), client, place);
}

TaskResult<int> GitHubConnections::revokeLeftovers()
{
    OVVOC_CO_TRY(clients, m_workspace->clients());
    const QList<Client> all = clients;
    const auto clientFor = [this, all](const QUrl &api) -> Result<std::shared_ptr<RestClient>> {
        for (const Client &client : all) {
            if (!client.github || client.github->api != api)
                continue;
            OVVOC_TRY(settings, m_workspace->settingsOf(client.id));
            return rest(*client.github, settings);
        }
        GitHubAccount unknown; // its client was removed meanwhile
        unknown.api = api;
        return rest(unknown, Settings({}, {}, {}));
    };
    co_return co_await ovvoc::revokeLeftovers(m_ledger, clientFor);
}

} // namespace ovvoc
