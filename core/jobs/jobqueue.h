#pragma once

#include "jobs/jobrunner.h"

#include <QDeadlineTimer>
#include <QHash>
#include <QList>
#include <functional>

namespace ovvoc {

/// What jobs together may use of this machine.
struct QueueLimits
{
    int jobs = 2; ///< at once
    double cpus = 0; ///< sum of the cells' CPUs; 0: this machine's
    qint64 memoryBytes = 0; ///< sum of the cells' limits; 0: what is free when a job would start
    bool operator==(const QueueLimits &) const = default;
};

/// Runs jobs side by side, within limits, never two on one repository. The highest priority
/// comes first; among equals it is fair: the client that has the fewest jobs running comes first,
/// then the one that waited longest. A job that alone is larger than the machine still runs when
/// nothing else does. Lives on the core thread.
class JobQueue : public QObject
{
    Q_OBJECT
public:
    /// Makes the forge of a job when it starts.
    using ForgeMaker = std::function<std::shared_ptr<Forge>(const JobRequest &)>;
    JobQueue(JobServices services, ForgeMaker makeForge, QueueLimits limits);
    ~JobQueue() override;

    /// Who writes down the jobs that start from now on; null: nobody.
    void setWitness(std::shared_ptr<JobWitness> witness)
    {
        m_services.witness = std::move(witness);
    }

    /// Where clients' registries get their credentials; as JobServices has it.
    void setRegistryCredential(JobServices::RegistryCredential credential)
    {
        m_services.registryCredential = std::move(credential);
    }

    void setMemory(JobServices::Memory memory) { m_services.memory = std::move(memory); }

    /// Puts a job at the end. Conflict when the same repository already has the same update
    /// waiting or running: a second click starts nothing twice. Returns the job's id.
    Result<QString> add(JobRequest request);
    /// Cancels one job, waiting or running. NotFound when it is neither.
    Result<> cancel(const QString &jobId);
    void cancelAll();

    int running() const { return int(m_running.size()); }
    int waiting() const { return int(m_waiting.size()); }

signals:
    void changed(const ovvoc::Job &job);
    void logged(const QString &jobId, const ovvoc::LogChunk &chunk);
    void sampled(const QString &jobId, const ovvoc::CellSample &sample);
    void finished(const ovvoc::Job &job);
    /// Nothing runs and nothing waits.
    void idle();

private:
    void startSoon();
    void startWhatFits();
    bool fits(const JobRequest &request, qint64 freeMemory) const;
    int runningOf(const QString &clientId) const;
    Task<> runOne(std::shared_ptr<JobRunner> runner);
    JobServices m_services;
    ForgeMaker m_makeForge;
    QueueLimits m_limits;
    QList<JobRequest> m_waiting;
    QHash<QString, std::shared_ptr<JobRunner>> m_running;
    QHash<QString, quint64> m_lastStart; ///< client → number of its latest start
    /// Memory of jobs that began a short while ago, and until when it is held for them.
    QHash<QString, std::pair<qint64, QDeadlineTimer>> m_reserved;
    static constexpr int reservedForMs = 60'000;
    quint64 m_starts = 0;
    bool m_startsSoon = false;
};

/// Memory that new work could use now, from /proc/meminfo (MemAvailable), in bytes.
qint64 availableMemory();

} // namespace ovvoc
