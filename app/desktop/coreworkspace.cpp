#include "desktop/coreworkspace.h"

#include "desktop/workspaceworker.h"

#include <QPromise>

namespace ovvoc {

namespace {

template <typename T> Task<Result<T>> asTask(Result<T> result)
{
    co_return result;
}
template <typename T> Task<Result<T>> asTask(Task<Result<T>> task)
{
    return task;
}

/// \a body stays in this frame until its coroutine has ended. The answer is given in a turn of the
/// GUI thread's event loop of its own: a continuation never runs inside the call that asked.
template <typename T, typename Body>
Task<> run(WorkspaceWorker *worker, QObject *home, Body body,
           std::shared_ptr<QPromise<Result<T>>> promise)
{
    Result<T> result =
        fail(ErrorCode::NotFound, WorkspaceWorker::tr("The workspace is not open yet."));
    if (worker->records()) {
        auto task = asTask<T>(body(*worker));
        result = co_await task;
    } else if (const Error &error = worker->state().error; !error.message.isEmpty()) {
        result = fail(error);
    }
    QMetaObject::invokeMethod(
        home,
        [promise, result] {
            promise->addResult(result);
            promise->finish();
        },
        Qt::QueuedConnection);
}

} // namespace

template <typename T, typename Body> Answer<T> CoreWorkspace::ask(Body body)
{
    auto promise = std::make_shared<QPromise<Result<T>>>();
    promise->start();
    const Answer<T> answer(promise->future());
    QMetaObject::invokeMethod(m_worker, [worker = m_worker, home = this, body, promise] {
        run<T>(worker, home, body, promise);
    });
    return answer;
}

CoreWorkspace::CoreWorkspace(WorkspaceWorker *worker)
    : m_worker(worker)
{
    connect(worker, &WorkspaceWorker::stateChanged, this, &CoreWorkspace::takeState);
    connect(worker, &WorkspaceWorker::clientChanged, this, &CoreWorkspace::takeClient);
    connect(worker, &WorkspaceWorker::clientRemoved, this, &CoreWorkspace::takeRemoval);
    connect(worker, &WorkspaceWorker::agencyChanged, this, &CoreWorkspace::takeAgency);
    connect(worker, &WorkspaceWorker::upcomingChanged, this, &CoreWorkspace::takeUpcoming);
    connect(worker, &WorkspaceWorker::auditGrew, this, &CoreWorkspace::auditGrew);
    connect(worker, &WorkspaceWorker::verifyProgress, this, &CoreWorkspace::verifyProgress);
    connect(worker, &WorkspaceWorker::manifestEnded, this, &CoreWorkspace::manifestEnded);
    connect(worker, &WorkspaceWorker::failed, this, &CoreWorkspace::failed);
}

void CoreWorkspace::open()
{
    QMetaObject::invokeMethod(m_worker, &WorkspaceWorker::open);
}

Answer<Client> CoreWorkspace::addClient(const QString &name)
{
    return ask<Client>(
        [name](WorkspaceWorker &w) { return w.records()->workspace->addClient(name); });
}

Answer<> CoreWorkspace::saveClient(const Client &client)
{
    return ask<void>(
        [client](WorkspaceWorker &w) { return w.records()->workspace->saveClient(client); });
}

Answer<> CoreWorkspace::removeClient(const QString &id)
{
    return ask<void>([id](WorkspaceWorker &w) { return w.records()->workspace->removeClient(id); });
}

Answer<ClientRepository> CoreWorkspace::addRepository(const ClientRepository &repository)
{
    return ask<ClientRepository>([repository](WorkspaceWorker &w) {
        return w.records()->workspace->addRepository(repository);
    });
}

Answer<> CoreWorkspace::saveRepository(const ClientRepository &repository)
{
    return ask<void>([repository](WorkspaceWorker &w) {
        return w.records()->workspace->saveRepository(repository);
    });
}

Answer<> CoreWorkspace::removeRepository(const QString &clientId, const QString &id)
{
    return ask<void>([clientId, id](WorkspaceWorker &w) {
        return w.records()->workspace->removeRepository(clientId, id);
    });
}

Answer<> CoreWorkspace::saveAgencyOverrides(const SettingOverrides &overrides)
{
    return ask<void>([overrides](WorkspaceWorker &w) {
        return w.records()->workspace->saveAgencyOverrides(overrides);
    });
}

Answer<QUrl> CoreWorkspace::beginManifest(const QString &clientId, const ManifestRequest &request)
{
    return ask<QUrl>(
        [clientId, request](WorkspaceWorker &w) { return w.beginManifest(clientId, request); });
}

void CoreWorkspace::cancelManifest(const QString &clientId)
{
    QMetaObject::invokeMethod(m_worker, [w = m_worker, clientId] { w->cancelManifest(clientId); });
}

Answer<> CoreWorkspace::storeApp(const QString &clientId, const GitHubAccount &account,
                                 std::shared_ptr<const SecretBytes> pem)
{
    return ask<void>([clientId, account, pem](WorkspaceWorker &w) {
        return w.storeApp(clientId, account, pem);
    });
}

Answer<> CoreWorkspace::storeRegistryCredential(const QString &clientId, const QString &url,
                                                std::shared_ptr<const SecretBytes> secret)
{
    return ask<void>([clientId, url, secret](WorkspaceWorker &w) {
        return w.storeRegistryCredential(clientId, url, secret);
    });
}

Answer<> CoreWorkspace::removeRegistryCredential(const QString &clientId, const QString &url)
{
    return ask<void>(
        [clientId, url](WorkspaceWorker &w) { return w.removeRegistryCredential(clientId, url); });
}

Answer<QStringList> CoreWorkspace::registriesWithCredential(const QString &clientId)
{
    return ask<QStringList>(
        [clientId](WorkspaceWorker &w) { return w.registriesWithCredential(clientId); });
}

Answer<QList<Installation>> CoreWorkspace::installations(const QString &clientId)
{
    return ask<QList<Installation>>(
        [clientId](WorkspaceWorker &w) { return w.installations(clientId); });
}

Answer<QList<InstalledRepository>> CoreWorkspace::installedRepositories(const QString &clientId)
{
    return ask<QList<InstalledRepository>>(
        [clientId](WorkspaceWorker &w) { return w.installedRepositories(clientId); });
}

Answer<QList<ConnectionCheck>> CoreWorkspace::testConnection(const QString &clientId)
{
    return ask<QList<ConnectionCheck>>(
        [clientId](WorkspaceWorker &w) { return w.testConnection(clientId); });
}

Answer<> CoreWorkspace::askForProposals(const QString &clientId)
{
    return ask<void>([clientId](WorkspaceWorker &w) { return w.askForProposals(clientId); });
}

Answer<JobsPage> CoreWorkspace::jobs(const JobFilter &filter)
{
    return ask<JobsPage>([filter](WorkspaceWorker &w) { return w.jobs(filter); });
}

Answer<Job> CoreWorkspace::job(const QString &id)
{
    return ask<Job>([id](WorkspaceWorker &w) { return w.records()->archive->load(id); });
}

Answer<QByteArray> CoreWorkspace::jobLog(const QString &id)
{
    return ask<QByteArray>([id](WorkspaceWorker &w) { return w.records()->archive->log(id); });
}

Answer<qint64> CoreWorkspace::exportJobs(const JobFilter &filter, const QString &path)
{
    return ask<qint64>([filter, path](WorkspaceWorker &w) { return w.exportJobs(filter, path); });
}

Answer<qint64> CoreWorkspace::exportUpdates(const QList<PendingRow> &rows, const QString &path)
{
    return ask<qint64>([rows, path](WorkspaceWorker &w) { return w.exportUpdates(rows, path); });
}

Answer<> CoreWorkspace::saveReport(const QString &clientId, const ReportSpan &span,
                                   const QString &path)
{
    return ask<void>(
        [clientId, span, path](WorkspaceWorker &w) { return w.saveReport(clientId, span, path); });
}

Answer<QList<AuditEntry>> CoreWorkspace::audit(const AuditFilter &filter)
{
    return ask<QList<AuditEntry>>(
        [filter](WorkspaceWorker &w) { return w.records()->workspace->audit().entries(filter); });
}

Answer<AuditVerdict> CoreWorkspace::verifyAudit()
{
    return ask<AuditVerdict>([](WorkspaceWorker &w) { return w.verifyAudit(); });
}

Answer<> CoreWorkspace::exportAudit(const AuditFilter &filter, const QString &path)
{
    return ask<void>([filter, path](WorkspaceWorker &w) { return w.exportAudit(filter, path); });
}

} // namespace ovvoc
