#pragma once

#include "engine/engineclient.h"
#include "jobs/job.h"
#include "runs/runreport.h"

#include <QObject>

namespace ovvoc {

/// What the window knows of the engine and the job image.
struct EngineState
{
    enum class Step { Looking, NoEngine, NoImage, PreparingImage, Ready };
    Step step = Step::Looking;
    EngineInfo info;
    JobImage image;
    Error error; ///< with NoEngine and NoImage: why, and what to do
    QString progress; ///< with PreparingImage: the latest line
};

/// Whether the package registry can be reached from this machine.
struct NetworkState
{
    enum class Step { Looking, Good, Bad };
    Step step = Step::Looking;
    QString host; ///< with Good: what answered
    Error error;
};

/// The window's way to jobs and the engine: requests go out, values come back. Lives on the GUI
/// thread; app/ gives the real one, which passes everything to the core thread. No call here waits.
class JobService : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;
    /// Puts a job into the queue. JobRequest::id must be set; everything that comes of it is told
    /// by the signals under that id.
    virtual void start(const JobRequest &request) = 0;
    virtual void cancel(const QString &jobId) = 0;
    virtual void cancelAll() = 0;
    /// Ends everything that runs and closes the workspace; ended() follows when every cell is gone.
    /// \a goOnLater: what waited or ran goes on at the next start; else it is cancelled.
    virtual void end(bool goOnLater) = 0;
    /// Looks for the engine again.
    virtual void findEngine() = 0;
    virtual void prepareImage() = 0;
    virtual void checkNetwork() = 0;
    /// A copy of the demo repository; demoReady() or failed() follows.
    virtual void makeDemo() = 0;

signals:
    void jobChanged(const ovvoc::Job &job);
    void jobLogged(const QString &jobId, const ovvoc::LogChunk &chunk);
    void jobSampled(const QString &jobId, const ovvoc::CellSample &sample);
    void jobFinished(const ovvoc::Job &job);
    /// A run went on: some of its jobs have ended.
    void runChanged(const ovvoc::RunReport &report);
    /// The job was not accepted: the same is running already, or there is no engine.
    void jobRefused(const QString &jobId, const ovvoc::Error &error);
    void engineChanged(const ovvoc::EngineState &state);
    void networkChanged(const ovvoc::NetworkState &state);
    void demoReady(const QString &path);
    void failed(const ovvoc::Error &error);
    /// Nothing runs and nothing waits.
    void idle();
    void ended();
};

} // namespace ovvoc

Q_DECLARE_METATYPE(ovvoc::EngineState)
Q_DECLARE_METATYPE(ovvoc::NetworkState)
