#pragma once

#include "jobs/jobarchive.h"

#include <QHash>

namespace ovvoc {

/// Writes down what jobs do: their records in the archive, and in the audit log each phase, token,
/// refusal of the gate, access to a repository and pull request. It is given snapshots and finds
/// out itself what is new in them. Errors go to the log: a job is not ended because its record
/// could not be written, but the person is told by failed(). Lives on the core thread.
class JobRecorder : public QObject
{
    Q_OBJECT
public:
    JobRecorder(std::shared_ptr<Workspace> workspace, std::shared_ptr<JobArchive> archive);

    void changed(const Job &job);
    void logged(const QString &jobId, const LogChunk &chunk);
    void finished(const Job &job);

    static constexpr qsizetype keptLogLimit = 8 * 1024 * 1024; ///< bytes of a log that may be kept
    static constexpr int refusalLimit = 200; ///< refused connections in the audit log per job

signals:
    void failed(const ovvoc::Error &error);

private:
    void note(const AuditEvent &event);
    void check(const Result<> &result);
    void compare(const Job &before, const Job &after);
    std::shared_ptr<Workspace> m_workspace;
    std::shared_ptr<JobArchive> m_archive;
    QHash<QString, Job> m_seen;
    QHash<QString, QByteArray> m_logs;
    QHash<QString, int> m_refusals;
};

/// What the audit log says of a token. \a jobId: empty for one that belongs to no job.
AuditEvent tokenMinted(const QString &clientId, const QString &jobId, const TokenLife &token);
AuditEvent tokenEnded(const QString &clientId, const QString &jobId, const TokenLife &token);

} // namespace ovvoc
