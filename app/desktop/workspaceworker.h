#pragma once

#include "base/completion.h"
#include "common/records.h"
#include "workspaceservice.h"

#include <QQueue>

namespace ovvoc {

/// The workspace on the core thread: opens it, tells what is in it, and does what the window asks.
class WorkspaceWorker : public QObject
{
    Q_OBJECT
public:
    WorkspaceWorker(WorkspaceFolder folder, std::shared_ptr<SecretStore> store,
                    std::shared_ptr<SecretMask> mask, QObject *parent);
    ~WorkspaceWorker() override;

    void open();
    /// Null while it is not open: no keychain, or a file that cannot be read. Nothing is kept then.
    const std::shared_ptr<Records> &records() const { return m_records; }
    const WorkspaceState &state() const { return m_state; }
    /// The engine was looked for; null: there is none. Now is known what an earlier end left.
    void postpone(const ScheduledRun &run) { m_scheduler->postpone(run); }
    void engineLookedFor(std::shared_ptr<EngineClient> engine);
    /// Shows what a job that has ended changed; after a scan the forge is asked what is open.
    void jobEnded(const Job &job);
    /// Asks no forge any more and waits until the last one has answered, so that its token is
    /// revoked; then the audit log's head goes to the keychain.
    Task<> close();
    Result<JobRequest> scheduledRequest(const ScheduledRun &run);

    TaskResult<QUrl> beginManifest(QString clientId, ManifestRequest request);
    void cancelManifest(const QString &clientId);
    TaskResult<> storeApp(QString clientId, GitHubAccount account,
                          std::shared_ptr<const SecretBytes> pem);
    TaskResult<> storeRegistryCredential(QString clientId, QString url,
                                         std::shared_ptr<const SecretBytes> secret);
    TaskResult<> removeRegistryCredential(QString clientId, QString url);
    TaskResult<QStringList> registriesWithCredential(QString clientId);
    TaskResult<QList<Installation>> installations(QString clientId);
    TaskResult<QList<InstalledRepository>> installedRepositories(QString clientId);
    TaskResult<QList<ConnectionCheck>> testConnection(QString clientId);
    /// One after the other with what else is asked; Cancelled when the program ends meanwhile.
    TaskResult<> askForProposals(QString clientId);
    Result<JobsPage> jobs(JobFilter filter);
    TaskResult<qint64> exportJobs(JobFilter filter, QString path);
    Result<qint64> exportUpdates(const QList<PendingRow> &rows, const QString &path);
    TaskResult<> saveReport(QString clientId, ReportSpan span, QString path);
    TaskResult<AuditVerdict> verifyAudit();
    TaskResult<> exportAudit(AuditFilter filter, QString path);

signals:
    void stateChanged(const ovvoc::WorkspaceState &state);
    void clientChanged(const ovvoc::ClientOverview &overview);
    void clientRemoved(const QString &id);
    void agencyChanged(const QJsonObject &overrides);
    void upcomingChanged(const QList<ovvoc::ScheduledRun> &runs);
    void auditGrew();
    void verifyProgress(qint64 done, qint64 total);
    void manifestEnded(const QString &clientId, const ovvoc::Error &error, const QUrl &installPage);
    void failed(const ovvoc::Error &error);
    void dueNow(const ovvoc::ScheduledRun &run);
    void leftToGoOn(const QList<ovvoc::AskedRun> &runs);

private:
    Task<> openNow();
    Task<> tidyWhenKnown();
    void goOn(const QList<AskedRun> &runs);
    Task<> awaitManifest(QString clientId, GitHubAccount account,
                         std::shared_ptr<ManifestFlow> flow);
    TaskResult<> learn(QString clientId);
    TaskResult<> ask(QString clientId, QString repositoryId);
    Task<> askAfterScan(QString clientId, QString repositoryId);
    Task<> runAsks();
    void tell();
    void tellAgency();
    void tellUpcoming();
    WorkspaceFolder m_folder;
    std::shared_ptr<SecretStore> m_store;
    std::shared_ptr<SecretMask> m_mask;
    std::shared_ptr<Records> m_records;
    std::unique_ptr<Overviews> m_overviews;
    std::unique_ptr<Scheduler> m_scheduler;
    QHash<QString, std::shared_ptr<ManifestFlow>> m_manifests;
    WorkspaceState m_state;
    QTimer m_auditTimer;
    std::optional<std::shared_ptr<EngineClient>> m_engine; ///< nothing: not looked for yet
    /// What forges are to be asked: one after the other, however many want to know.
    struct Ask
    {
        QString clientId, repositoryId;
        Completion<Result<>> done;
    };
    QQueue<Ask> m_asks;
    bool m_askRuns = false;
    QList<Completion<bool>> m_untilAsked; ///< who waits for the last one
    bool m_closing = false;
    bool m_opening = false;
    bool m_tidied = false;
    bool m_wentOn = false; ///< what earlier programs left was taken up
};

} // namespace ovvoc
