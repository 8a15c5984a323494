#pragma once

#include "jobservice.h"
#include "log/logdocument.h"
#include "workspaceservice.h"

#include <QHash>
#include <QMap>
#include <QTimer>

namespace ovvoc {

/// Every job of this session with its latest state, its log and what its cell used; and the one
/// place from which the window starts jobs. What is asked of it for every job that changes takes no
/// longer when thousands wait. Lives on the GUI thread.
class JobBoard : public QObject
{
    Q_OBJECT
public:
    JobBoard(JobService *jobs, WorkspaceService *workspace, QObject *parent = nullptr);

    /// Null when it is not of this session.
    const Job *job(const QString &id) const;
    /// Null when it is not of this session, or has ended so long ago that its log was let go.
    LogDocument *log(const QString &id);
    const QList<CellSample> &samples(const QString &id) const;
    /// Those that run or wait, oldest first. Valid until the event loop turns again.
    QList<const Job *> unfinished() const;
    int unfinishedCount(const QString &clientId = {}) const;
    /// The one that runs or waits on this repository; null when there is none.
    const Job *unfinishedOf(const QString &repositoryId) const;

    /// Of a run of this session; null when it is not, or has not come to anything yet.
    const RunReport *run(const QString &runId) const;

    // Each starts jobs at once, nothing to confirm, and returns their ids. What waits or runs
    // already is not started again: its id is returned instead.
    QString start(JobRequest request);
    QString update(const QString &clientId, const QString &repositoryId,
                   const QString &package = {});
    /// Once more, with the settings that hold now; of the same packages, or of these.
    QString again(const JobRequest &old, const QStringList &packages = {});
    QString scan(const QString &clientId, const QString &repositoryId);
    /// Patch and minor steps only, one job for each repository that has any.
    QStringList updateAllSafe(const QString &clientId);
    /// Every repository of a client, or with an empty id of all; the first ones at once, the rest
    /// in slices of the event loop.
    void scanAll(const QString &clientId);
    void cancel(const QString &id);
    /// Cancels everything, also what scanAll() has not started yet.
    void cancelAll();

    static constexpr int keptLogs = 40; ///< of finished jobs

signals:
    /// The job is new here, whoever started it.
    void started(const QString &id);
    void changed(const QString &id);
    void finished(const ovvoc::Job &job);
    void runChanged(const ovvoc::RunReport &report);
    void refused(const QString &id, const ovvoc::Error &error);
    void sampled(const QString &id);

private:
    struct Entry
    {
        quint64 number = 0; ///< in the order in which they came
        Job job;
        LogDocument *log = nullptr; ///< made when there is something to log or to show
        bool logForgotten = false;
        QList<CellSample> samples;
    };
    void take(const Job &job);
    void count(const Entry &entry);
    void discount(const Entry &entry);
    void forgetOldLogs(const QString &finished);
    void scanSome();
    JobService *m_jobs;
    WorkspaceService *m_workspace;
    QHash<QString, Entry> m_entries;
    QHash<QString, RunReport> m_runs;
    quint64 m_entriesMade = 0;
    QStringList m_ended; ///< whose logs are still kept, the one that ended first at the front
    // What has not ended: all by number, and the numbers of each repository and client.
    QMap<quint64, QString> m_unfinished;
    QHash<QString, QMap<quint64, QString>> m_ofRepository;
    QHash<QString, int> m_ofClient;
    QList<std::pair<QString, QString>> m_toScan; ///< client, repository
    QTimer m_scanTurn;
};

/// What every page of the window gets.
struct Services
{
    JobService *jobs = nullptr;
    WorkspaceService *workspace = nullptr;
    JobBoard *board = nullptr;
};

} // namespace ovvoc
