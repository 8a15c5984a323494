#pragma once

#include "workspaceservice.h"

namespace ovvoc {

class WorkspaceWorker;

/// The window's way to the WorkspaceWorker on the core thread. Lives on the GUI thread.
class CoreWorkspace final : public WorkspaceService
{
    Q_OBJECT
public:
    /// \a worker lives on the core thread and must outlive every call here.
    explicit CoreWorkspace(WorkspaceWorker *worker);

    void open() override;
    Answer<Client> addClient(const QString &name) override;
    Answer<> saveClient(const Client &client) override;
    Answer<> removeClient(const QString &id) override;
    Answer<ClientRepository> addRepository(const ClientRepository &repository) override;
    Answer<> saveRepository(const ClientRepository &repository) override;
    Answer<> removeRepository(const QString &clientId, const QString &id) override;
    Answer<> saveAgencyOverrides(const SettingOverrides &overrides) override;
    Answer<QUrl> beginManifest(const QString &clientId, const ManifestRequest &request) override;
    void cancelManifest(const QString &clientId) override;
    Answer<> storeApp(const QString &clientId, const GitHubAccount &account,
                      std::shared_ptr<const SecretBytes> pem) override;
    Answer<> storeRegistryCredential(const QString &clientId, const QString &url,
                                     std::shared_ptr<const SecretBytes> secret) override;
    Answer<> removeRegistryCredential(const QString &clientId, const QString &url) override;
    Answer<QStringList> registriesWithCredential(const QString &clientId) override;
    Answer<QList<Installation>> installations(const QString &clientId) override;
    Answer<QList<InstalledRepository>> installedRepositories(const QString &clientId) override;
    Answer<QList<ConnectionCheck>> testConnection(const QString &clientId) override;
    Answer<> askForProposals(const QString &clientId) override;
    Answer<JobsPage> jobs(const JobFilter &filter) override;
    Answer<Job> job(const QString &id) override;
    Answer<QByteArray> jobLog(const QString &id) override;
    Answer<qint64> exportJobs(const JobFilter &filter, const QString &path) override;
    Answer<qint64> exportUpdates(const QList<PendingRow> &rows, const QString &path) override;
    Answer<> saveReport(const QString &clientId, const ReportSpan &span,
                        const QString &path) override;
    Answer<QList<AuditEntry>> audit(const AuditFilter &filter) override;
    Answer<AuditVerdict> verifyAudit() override;
    Answer<> exportAudit(const AuditFilter &filter, const QString &path) override;

private:
    /// Runs \a body, which takes the worker and returns a Result or a TaskResult, on the core
    /// thread.
    template <typename T, typename Body> Answer<T> ask(Body body);
    WorkspaceWorker *m_worker;
};

} // namespace ovvoc
