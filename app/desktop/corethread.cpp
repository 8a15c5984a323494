#include "desktop/corethread.h"

#include "desktop/coreworker.h"

namespace ovvoc {

CoreThread::CoreThread(WorkspaceFolder workspace, std::shared_ptr<SecretMask> mask)
    : m_worker(new CoreWorker(std::move(workspace), std::move(mask)))
{
    m_worker->moveToThread(&m_thread);
    connect(&m_thread, &QThread::finished, m_worker, &QObject::deleteLater);
    connect(m_worker, &CoreWorker::jobChanged, this, &JobService::jobChanged);
    connect(m_worker, &CoreWorker::jobLogged, this, &JobService::jobLogged);
    connect(m_worker, &CoreWorker::jobFinished, this, &JobService::jobFinished);
    connect(m_worker, &CoreWorker::jobRefused, this, &JobService::jobRefused);
    connect(m_worker, &CoreWorker::engineChanged, this, &JobService::engineChanged);
    connect(m_worker, &CoreWorker::demoReady, this, &JobService::demoReady);
    connect(m_worker, &CoreWorker::failed, this, &JobService::failed);
    connect(m_worker, &CoreWorker::idle, this, &JobService::idle);
    m_thread.setObjectName("core");
    m_thread.start();
}

CoreThread::~CoreThread()
{
    m_thread.quit();
    m_thread.wait();
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

void CoreThread::findEngine()
{
    QMetaObject::invokeMethod(m_worker, &CoreWorker::findEngine);
}

void CoreThread::prepareImage()
{
    QMetaObject::invokeMethod(m_worker, &CoreWorker::prepareImage);
}

void CoreThread::makeDemo()
{
    QMetaObject::invokeMethod(m_worker, &CoreWorker::makeDemo);
}

} // namespace ovvoc
