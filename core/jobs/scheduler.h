#pragma once

#include "clients/schedule.h"
#include "jobs/jobarchive.h"

#include <QTimer>

namespace ovvoc {

/// Something that the schedule will do.
struct ScheduledRun
{
    QString clientId;
    QString repositoryId;
    QDateTime time; ///< local
    bool operator==(const ScheduledRun &) const = default;
};

/// Starts what clients' schedules say, while the program runs: one update job per repository and
/// moment. A moment that passed while no program ran is made up for once, at the start. Looks every
/// half minute; changes of the settings count from the next look. Lives on the core thread.
class Scheduler : public QObject
{
    Q_OBJECT
public:
    Scheduler(std::shared_ptr<Workspace> workspace, std::shared_ptr<JobArchive> archive);

    void start();
    void stop() { m_timer.stop(); }
    /// What was told by dueNow() could not begin: it is due again at the next look.
    void postpone(const ScheduledRun &run) { m_begun.remove(run.repositoryId); }
    /// What comes next, soonest first, of clients and repositories that are not archived.
    Result<QList<ScheduledRun>> upcoming(const QDateTime &now, int limit = 20);
    /// What is due at \a now and was not begun since its moment.
    Result<QList<ScheduledRun>> due(const QDateTime &now);

    /// Tells of everything that is due at \a now, each moment once unless it is postponed.
    void look(const QDateTime &now);

signals:
    void dueNow(const ovvoc::ScheduledRun &run);

private:
    Result<QList<std::pair<ScheduledRun, Schedule>>> all();
    /// When a scheduled look at the repository last happened: its newest job, or its creation.
    Result<QDateTime> lastRun(const ScheduledRun &run);
    std::shared_ptr<Workspace> m_workspace;
    std::shared_ptr<JobArchive> m_archive;
    QTimer m_timer;
    QHash<QString, QDateTime> m_begun; ///< repository → the moment for which dueNow() was emitted
};

} // namespace ovvoc
