#pragma once

#include "base/mask.h"
#include "common/records.h"
#include "common/services.h"
#include "jobs/scheduler.h"
#include "jobservice.h"

namespace ovvoc {

/// What CoreThread runs on the core thread: the queue and everything below it.
class CoreWorker : public QObject
{
    Q_OBJECT
public:
    CoreWorker(WorkspaceFolder workspace, std::shared_ptr<SecretMask> mask);
    ~CoreWorker() override;

    void start(const JobRequest &request);
    void cancel(const QString &jobId);
    void cancelAll();
    void findEngine();
    void prepareImage();
    void makeDemo();

signals:
    void jobChanged(const ovvoc::Job &job);
    void jobLogged(const QString &jobId, const ovvoc::LogChunk &chunk);
    void jobFinished(const ovvoc::Job &job);
    void jobRefused(const QString &jobId, const ovvoc::Error &error);
    void engineChanged(const ovvoc::EngineState &state);
    void demoReady(const QString &path);
    void failed(const ovvoc::Error &error);
    void idle();

private:
    Task<> connectToEngine();
    Task<> lookForImage();
    Task<> prepareNow();
    Task<> makeDemoNow();
    Task<> openWorkspace();
    void startScheduled(const ScheduledRun &run);
    Task<> endWhenIdle();
    void tell();
    WorkspaceFolder m_workspace;
    std::shared_ptr<SecretMask> m_mask;
    JobServices m_services;
    std::shared_ptr<Records> m_records; ///< null where there is no keychain: then nothing is kept
    EngineState m_state;
    std::unique_ptr<JobQueue> m_queue;
    std::unique_ptr<Scheduler> m_scheduler;
    bool m_busy = false;
};

} // namespace ovvoc
