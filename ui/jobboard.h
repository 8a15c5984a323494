#pragma once

#include "jobservice.h"
#include "log/logdocument.h"
#include "workspaceservice.h"

#include <QHash>

namespace ovvoc {

/// Every job of this session with its latest state, its log and what its cell used; and the one
/// place from which the window starts jobs. Lives on the GUI thread.
class JobBoard : public QObject
{
    Q_OBJECT
public:
    JobBoard(JobService *jobs, WorkspaceService *workspace, QObject *parent = nullptr);

    /// Null when it is not of this session.
    const Job *job(const QString &id) const;
    LogDocument *log(const QString &id) const;
    const QList<CellSample> &samples(const QString &id) const;
    /// Those that run or wait, oldest first.
    QList<Job> unfinished() const;
    int unfinishedCount(const QString &clientId = {}) const;
    /// The one that runs or waits on this repository; null when there is none.
    const Job *unfinishedOf(const QString &repositoryId) const;

    // Each starts jobs at once, nothing to confirm, and returns their ids. What waits or runs
    // already is not started again: its id is returned instead.
    QString start(JobRequest request);
    QString update(const QString &clientId, const QString &repositoryId,
                   const QString &package = {});
    QString scan(const QString &clientId, const QString &repositoryId);
    /// Patch and minor steps only, one job for each repository that has any.
    QStringList updateAllSafe(const QString &clientId);
    QStringList scanAll(const QString &clientId);
    void cancel(const QString &id);

    static constexpr int keptLogs = 40; ///< of finished jobs

signals:
    /// The job is new here, whoever started it.
    void started(const QString &id);
    void changed(const QString &id);
    void finished(const ovvoc::Job &job);
    void refused(const QString &id, const ovvoc::Error &error);
    void sampled(const QString &id);

private:
    void take(const Job &job);
    void forgetOldLogs();
    JobService *m_jobs;
    WorkspaceService *m_workspace;
    struct Entry
    {
        Job job;
        LogDocument *log = nullptr;
        QList<CellSample> samples;
    };
    QHash<QString, Entry> m_entries;
    QStringList m_order; ///< ids, oldest first
};

/// What every page of the window gets.
struct Services
{
    JobService *jobs = nullptr;
    WorkspaceService *workspace = nullptr;
    JobBoard *board = nullptr;
};

} // namespace ovvoc
