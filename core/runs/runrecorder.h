#pragma once

#include "jobs/jobarchive.h"
#include "runs/runqueue.h"

namespace ovvoc {

/// Writes down in the archive what is asked of a queue and how far its runs are. What cannot be
/// written is logged: the jobs themselves do not begin then (see JobRecorder). Lives on the core
/// thread.
class RunRecorder : public RunWitness
{
public:
    /// \a program: its name. \a process: as processIdentity() has it; empty: this one.
    RunRecorder(std::shared_ptr<JobArchive> archive, QString program, QString process = {});

    void asked(const JobRequest &request) override;
    void reported(const RunReport &report) override;
    void over(const JobRequest &request) override;

    /// So often the next request with that id was begun before.
    void countOn(const QString &jobId, int begun) { m_begun.insert(jobId, begun); }

private:
    std::shared_ptr<JobArchive> m_archive;
    QString m_program, m_process;
    QHash<QString, int> m_begun; ///< by the first job's id
};

/// A run that its program left in the middle is begun at most so often; then it breaks programs
/// rather than the other way round.
constexpr int mostBegun = 3;

/// The report of a run whose program ended: nothing of it goes on. \a why: a sentence.
RunReport cutOff(RunReport report, const QString &why, const QDateTime &now);

/// Ends plainly what the command line left in the middle, and what \a program began mostBegun
/// times; gives what \a program is to go on with. These stay kept until their successors are, or
/// JobArchive::dropAsked() is called. \a now: UTC.
Result<QList<AskedRun>> takeUp(JobArchive &archive, const QString &program, const QDateTime &now);

} // namespace ovvoc
