#pragma once

#include "base/mask.h"
#include "common/services.h"
#include "desktop/workspaceworker.h"
#include "jobservice.h"
#include "runs/runqueue.h"

namespace ovvoc {

/// What CoreThread runs on the core thread: the queue and everything below it.
class CoreWorker : public QObject
{
    Q_OBJECT
public:
    CoreWorker(WorkspaceFolder workspace, std::shared_ptr<SecretStore> store,
               std::shared_ptr<SecretMask> mask);
    ~CoreWorker() override;

    WorkspaceWorker *workspace() { return &m_workspaceWorker; }

    void start(const JobRequest &request);
    void cancel(const QString &jobId);
    void cancelAll();
    void end(bool goOnLater);
    void findEngine();
    void prepareImage();
    void checkNetwork();
    void makeDemo();

signals:
    void jobChanged(const ovvoc::Job &job);
    void jobLogged(const QString &jobId, const ovvoc::LogChunk &chunk);
    void jobSampled(const QString &jobId, const ovvoc::CellSample &sample);
    void jobFinished(const ovvoc::Job &job);
    void runChanged(const ovvoc::RunReport &report);
    void jobRefused(const QString &jobId, const ovvoc::Error &error);
    void engineChanged(const ovvoc::EngineState &state);
    void networkChanged(const ovvoc::NetworkState &state);
    void demoReady(const QString &path);
    void failed(const ovvoc::Error &error);
    void idle();
    void ended();

private:
    Task<> connectToEngine();
    Task<> lookForImage();
    Task<> prepareNow();
    Task<> makeDemoNow();
    Task<> checkNetworkNow();
    void connectQueue();
    bool inUse() const; ///< jobs run or wait
    void finished(const Job &job);
    void startScheduled(const ScheduledRun &run);
    void startEarly();
    void goOn(const QList<AskedRun> &runs);
    const std::shared_ptr<Records> &records() const { return m_workspaceWorker.records(); }
    Task<> endWhenIdle();
    void tell();
    WorkspaceFolder m_workspace;
    std::shared_ptr<SecretMask> m_mask;
    JobServices m_services;
    WorkspaceWorker m_workspaceWorker;
    EngineState m_state;
    std::unique_ptr<RunQueue> m_queue;
    QList<JobRequest> m_early; ///< asked for while the workspace is being opened
    bool m_busy = false;
    bool m_ending = false;
};

} // namespace ovvoc
