#pragma once

#include "audit/auditlog.h"

namespace ovvoc {

class Workspace;

/// What the audit log covers of a workspace: the agency's settings, clients, repositories, scans
/// and ended jobs, each by the SHA-256 of its whole state. Parts of jobs with a shorter life of
/// their own (excerpts, logs) and what forges said is open are not covered: they are sealed, and go
/// by themselves. Lives on the core thread.
class WorkspaceRecords final : public AuditedRecords
{
public:
    explicit WorkspaceRecords(Workspace *workspace);
    Result<QStringList> names(const QString &after, int limit) override;
    Result<QByteArray> digestOf(const QString &name) override;

private:
    Workspace *m_workspace;
};

/// The names under which the log covers things.
QString settingsRecord();
QString clientRecord(const QString &clientId);
QString repositoryRecord(const QString &clientId, const QString &repositoryId);
QString scanRecord(const QString &clientId, const QString &repositoryId);
QString jobRecord(const QString &clientId, const QString &jobId);

/// The digest of a thing whose sealed part is \a plain and whose other columns are \a columns.
QByteArray recordDigest(const QByteArray &plain, const QVariantList &columns = {});

/// The columns of a job's row that its digest covers, in the order of jobRowColumns.
extern const QString jobRowColumns;

} // namespace ovvoc
