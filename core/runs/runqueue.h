#pragma once

#include "base/completion.h"
#include "jobs/jobqueue.h"
#include "runs/updaterun.h"

namespace ovvoc {

/// Writes down what is asked of a queue, so that a program that ends in the middle loses nothing.
class RunWitness
{
public:
    RunWitness() = default;
    virtual ~RunWitness() = default;
    Q_DISABLE_COPY_MOVE(RunWitness)
    virtual void asked(const JobRequest &request) = 0; ///< an update; it waits from now on
    virtual void reported(const RunReport &report) = 0; ///< a run went on, or has ended
    virtual void over(const JobRequest &request) = 0; ///< nothing of it goes on
};

/// The queue as whoever starts things sees it: a request that groups its updates becomes a run,
/// whose jobs go through the JobQueue one after the other; everything else is one job. Lives on the
/// core thread.
class RunQueue : public QObject
{
    Q_OBJECT
public:
    RunQueue(JobServices services, JobQueue::ForgeMaker makeForge, QueueLimits limits);
    ~RunQueue() override;

    void setWitness(std::shared_ptr<JobWitness> witness) { m_jobs.setWitness(std::move(witness)); }
    void setRunWitness(std::shared_ptr<RunWitness> witness) { m_witness = std::move(witness); }
    void setRegistryCredential(JobServices::RegistryCredential credential)
    {
        m_jobs.setRegistryCredential(std::move(credential));
    }

    void setMemory(JobServices::Memory memory) { m_jobs.setMemory(std::move(memory)); }

    /// As JobQueue::add(): the id is that of the job, or of the run's first attempt.
    Result<QString> add(JobRequest request);
    /// Cancels a job, and with it the run that it is part of.
    Result<> cancel(const QString &jobId);
    void cancelAll();
    /// As cancelAll(), but for the witness nothing is over: to be gone on with at the next start.
    void suspend();

    int running() const { return m_jobs.running(); }
    /// Jobs that wait, and runs that are between two of their jobs.
    int waiting() const;

signals:
    void changed(const ovvoc::Job &job);
    void logged(const QString &jobId, const ovvoc::LogChunk &chunk);
    void sampled(const QString &jobId, const ovvoc::CellSample &sample);
    void finished(const ovvoc::Job &job);
    void runChanged(const ovvoc::RunReport &report);
    void runFinished(const ovvoc::RunReport &report);
    void idle();

private:
    Task<Job> outcomeOf(QString jobId);
    Task<Job> startNext(JobRequest request);
    Task<> lead(std::shared_ptr<UpdateRun> run);
    void tellIdle();
    JobQueue m_jobs;
    QHash<QString, Completion<Job>> m_awaited; ///< by the job's id
    QList<std::shared_ptr<UpdateRun>> m_runs;
    std::shared_ptr<RunWitness> m_witness;
    bool m_suspended = false;
    QSet<QString> m_alone; ///< ids of updates that are no run's
};

} // namespace ovvoc
