#include "desktop/corethread.h"

#include "desktop/coreworker.h"
#include "desktop/coreworkspace.h"

namespace ovvoc {

CoreThread::CoreThread(WorkspaceFolder workspace, std::shared_ptr<SecretStore> store,
                       std::shared_ptr<SecretMask> mask)
    : m_worker(new CoreWorker(std::move(workspace), std::move(store), std::move(mask)))
    , m_workspace(std::make_unique<CoreWorkspace>(m_worker->workspace()))
{
    m_worker->moveToThread(&m_thread);
    connect(&m_thread, &QThread::finished, m_worker, &QObject::deleteLater);
    connect(m_worker, &CoreWorker::jobChanged, this, &JobService::jobChanged);
    connect(m_worker, &CoreWorker::jobLogged, this, &JobService::jobLogged);
    connect(m_worker, &CoreWorker::jobSampled, this, &JobService::jobSampled);
    connect(m_worker, &CoreWorker::jobFinished, this, &JobService::jobFinished);
    connect(m_worker, &CoreWorker::runChanged, this, &JobService::runChanged);
    connect(m_worker, &CoreWorker::jobRefused, this, &JobService::jobRefused);
    connect(m_worker, &CoreWorker::engineChanged, this, &JobService::engineChanged);
    connect(m_worker, &CoreWorker::networkChanged, this, &JobService::networkChanged);
    connect(m_worker, &CoreWorker::demoReady, this, &JobService::demoReady);
    connect(m_worker, &CoreWorker::failed, this, &JobService::failed);
    connect(m_worker, &CoreWorker::idle, this, &JobService::idle);
    connect(m_worker, &CoreWorker::ended, this, &JobService::ended);
    m_thread.setObjectName("core");
    m_thread.start();
}

CoreThread::~CoreThread()
{
    m_thread.quit();
    m_thread.wait();
}

WorkspaceService *CoreThread::workspace() const
{
    return m_workspace.get();
}

void CoreThread::start(const JobRequest &request)
{
    QMetaObject::invokeMethod(m_worker, [w = m_worker, request] { w->start(request); });
}

void CoreThread::cancel(const QString &jobId)
{
    QMetaObject::invokeMethod(m_worker, [w = m_worker, jobId] { w->cancel(jobId); });
}

void CoreThread::cancelAll()
{
    QMetaObject::invokeMethod(m_worker, &CoreWorker::cancelAll);
}

void CoreThread::end(bool goOnLater)
{
    QMetaObject::invokeMethod(m_worker, [w = m_worker, goOnLater] { w->end(goOnLater); });
}

void CoreThread::findEngine()
{
    QMetaObject::invokeMethod(m_worker, &CoreWorker::findEngine);
}

void CoreThread::prepareImage()
{
    QMetaObject::invokeMethod(m_worker, &CoreWorker::prepareImage);
}

void CoreThread::checkNetwork()
{
    QMetaObject::invokeMethod(m_worker, &CoreWorker::checkNetwork);
}

void CoreThread::makeDemo()
{
    QMetaObject::invokeMethod(m_worker, &CoreWorker::makeDemo);
}

void registerDesktopTypes()
{
    qRegisterMetaType<Job>();
    qRegisterMetaType<LogChunk>();
    qRegisterMetaType<CellSample>();
    qRegisterMetaType<RunReport>();
    qRegisterMetaType<Error>("ovvoc::Error");
    qRegisterMetaType<EngineState>();
    qRegisterMetaType<NetworkState>();
    qRegisterMetaType<WorkspaceState>();
    qRegisterMetaType<ClientOverview>();
}

} // namespace ovvoc
