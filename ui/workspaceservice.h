#pragma once

#include "audit/auditlog.h"
#include "base/secretbytes.h"
#include "forge/github/connectiontest.h"
#include "forge/github/manifestflow.h"
#include "jobs/overview.h"
#include "jobs/scheduler.h"
#include "report/clientreport.h"

#include <QFutureWatcher>
#include <QMap>
#include <QObject>
#include <QSet>

namespace ovvoc {

/// Whether there is a workspace to work in, and if not, why.
struct WorkspaceState
{
    enum class Step { Opening, Closed, Loading, Ready };
    Step step = Step::Opening;
    Error error; ///< with Closed: what is wrong with the keychain or the files, and the way out
    int wentOn = 0; ///< runs that go on from there
    QList<Job> interrupted; ///< jobs that an earlier end cut off, closed at this start
    int tokensRevoked = 0; ///< that it had left
};

/// A page of jobs, newest first unless asked otherwise.
struct JobsPage
{
    QList<JobBrief> jobs;
    std::optional<JobRow> last; ///< for the next page; nothing when there is none
};

/// Something that was asked of the core and comes later.
template <typename T = void> class Answer
{
public:
    Answer(QFuture<Result<T>> future) // NOLINT(google-explicit-constructor)
        : m_future(std::move(future))
    { }
    /// Calls \a body with the result, in a turn of the event loop of its own, unless \a page is
    /// gone by then or the core ended before it answered. (QFuture::then() asserts in Qt 6.4 when
    /// its context is gone.)
    template <typename Body> void then(QObject *page, Body body) const
    {
        auto *watcher = new QFutureWatcher<Result<T>>(page);
        QObject::connect(watcher, &QFutureWatcherBase::finished, page, [watcher, body]() mutable {
            watcher->deleteLater();
            if (watcher->future().resultCount() > 0)
                body(watcher->result());
        });
        watcher->setFuture(m_future);
    }

private:
    QFuture<Result<T>> m_future;
};

/// The window's way to clients, repositories, settings, kept jobs and the audit log. Lives on the
/// GUI thread. It keeps what it was told of every client, so a page reads values and never waits;
/// what is asked for beyond that comes as an Answer. app/ gives the real one.
class WorkspaceService : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;

    const WorkspaceState &state() const { return m_state; }
    bool isReady() const { return m_state.step == WorkspaceState::Step::Ready; }
    /// Every client, by name.
    QList<ClientOverview> clients() const;
    const ClientOverview *client(const QString &id) const;
    const SettingOverrides &agencyOverrides() const { return m_agency; }
    Settings settingsOf(const QString &clientId, const QString &repositoryId = {}) const;
    /// What the schedules do next, soonest first.
    const QList<ScheduledRun> &upcoming() const { return m_upcoming; }

    /// Takes a client or repository out of sight while its removal can still be undone; nothing
    /// happens to it yet.
    void setAside(const QString &id);
    void bringBack(const QString &id);

    virtual void open() = 0; ///< tries again
    virtual Answer<Client> addClient(const QString &name) = 0;
    virtual Answer<> saveClient(const Client &client) = 0;
    virtual Answer<> removeClient(const QString &id) = 0;
    virtual Answer<ClientRepository> addRepository(const ClientRepository &repository) = 0;
    virtual Answer<> saveRepository(const ClientRepository &repository) = 0;
    virtual Answer<> removeRepository(const QString &clientId, const QString &id) = 0;
    virtual Answer<> saveAgencyOverrides(const SettingOverrides &overrides) = 0;

    /// Begins the manifest flow: the answer is what to open in the browser; manifestEnded() tells
    /// the rest. One at a time for each client.
    virtual Answer<QUrl> beginManifest(const QString &clientId, const ManifestRequest &request) = 0;
    virtual void cancelManifest(const QString &clientId) = 0;
    /// An App that is there already. \a pem: its key, wiped by the last owner.
    virtual Answer<> storeApp(const QString &clientId, const GitHubAccount &account,
                              std::shared_ptr<const SecretBytes> pem) = 0;
    /// Of one of the client's registries, by its address; into the keychain.
    virtual Answer<> storeRegistryCredential(const QString &clientId, const QString &url,
                                             std::shared_ptr<const SecretBytes> secret) = 0;
    virtual Answer<> removeRegistryCredential(const QString &clientId, const QString &url) = 0;
    /// The addresses of those whose credential the keychain has.
    virtual Answer<QStringList> registriesWithCredential(const QString &clientId) = 0;
    virtual Answer<QList<Installation>> installations(const QString &clientId) = 0;
    virtual Answer<QList<InstalledRepository>> installedRepositories(const QString &clientId) = 0;
    virtual Answer<QList<ConnectionCheck>> testConnection(const QString &clientId) = 0;

    /// Asks the forges of a client which of our proposals are open; clientChanged() tells what
    /// came of it.
    virtual Answer<> askForProposals(const QString &clientId) = 0;
    virtual Answer<JobsPage> jobs(const JobFilter &filter) = 0;
    virtual Answer<Job> job(const QString &id) = 0;
    virtual Answer<QByteArray> jobLog(const QString &id) = 0;
    /// Writes all jobs that \a filter lets through, as CSV or JSON Lines by the file's ending.
    virtual Answer<qint64> exportJobs(const JobFilter &filter, const QString &path) = 0;
    /// Writes these updates in the same way.
    virtual Answer<qint64> exportUpdates(const QList<PendingRow> &rows, const QString &path) = 0;

    /// Writes what was done for a client in these days, as PDF, HTML or CSV by the file's ending.
    virtual Answer<> saveReport(const QString &clientId, const ReportSpan &span,
                                const QString &path) = 0;

    virtual Answer<QList<AuditEntry>> audit(const AuditFilter &filter) = 0;
    /// verifyProgress() tells how far it is.
    virtual Answer<AuditVerdict> verifyAudit() = 0;
    virtual Answer<> exportAudit(const AuditFilter &filter, const QString &path) = 0;

signals:
    void stateChanged();
    void clientChanged(const QString &id);
    void clientRemoved(const QString &id);
    void agencyChanged();
    void upcomingChanged();
    /// Something was added to the audit log; at most twice a second.
    void auditGrew();
    void verifyProgress(qint64 done, qint64 total);
    void manifestEnded(const QString &clientId, const ovvoc::Error &error, const QUrl &installPage);
    /// What went wrong without having been asked for.
    void failed(const ovvoc::Error &error);

protected:
    // What the real one is told by the core, on the GUI thread.
    void takeState(const WorkspaceState &state);
    void takeClient(const ClientOverview &overview);
    void takeRemoval(const QString &clientId);
    void takeAgency(const SettingOverrides &overrides);
    void takeUpcoming(const QList<ScheduledRun> &runs);

private:
    WorkspaceState m_state;
    void show(const QString &clientId);
    QMap<QString, ClientOverview> m_told; ///< as the core told it
    QMap<QString, ClientOverview> m_clients; ///< without what is set aside
    QSet<QString> m_aside;
    SettingOverrides m_agency;
    QList<ScheduledRun> m_upcoming;
};

} // namespace ovvoc

Q_DECLARE_METATYPE(ovvoc::WorkspaceState)
