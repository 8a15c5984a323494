#pragma once

#include "jobs/jobarchive.h"
#include "jobs/jobwitness.h"

#include <QHash>
#include <QSet>

namespace ovvoc {

/// Writes down what jobs do: their records in the archive, and in the audit log each phase, refusal
/// of the gate, access to a repository and pull request. It is given snapshots and finds out itself
/// what is new in them. Lives on the core thread.
class JobRecorder final : public QObject, public JobWitness
{
    Q_OBJECT
public:
    JobRecorder(std::shared_ptr<Workspace> workspace, std::shared_ptr<JobArchive> archive);

    Result<> changed(const Job &job) override;
    Result<> note(const AuditEvent &event) override;
    void logged(const QString &jobId, const LogChunk &chunk) override;
    Result<> finished(const Job &job) override;

    static constexpr qsizetype keptLogLimit = 8 * 1024 * 1024; ///< bytes of a log that may be kept
    static constexpr int refusalLimit = 200; ///< refused connections in the audit log per job

private:
    struct Seen
    {
        Job job;
        QSet<quint64> refusals; ///< rows of which the log has an entry
        int refusalsLeftOut = 0;
        QByteArray log;
    };
    Result<> compare(Seen &seen, const Job &after);
    Result<> compareEgress(Seen &seen, const Job &after);
    std::shared_ptr<Workspace> m_workspace;
    std::shared_ptr<JobArchive> m_archive;
    QHash<QString, Seen> m_seen;
};

} // namespace ovvoc
