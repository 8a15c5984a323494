#include "jobs/scheduler.h"

#include "base/logging.h"

#include <algorithm>

namespace ovvoc {

Scheduler::Scheduler(std::shared_ptr<Workspace> workspace, std::shared_ptr<JobArchive> archive)
    : m_workspace(std::move(workspace))
    , m_archive(std::move(archive))
{
    m_timer.setInterval(30'000);
    connect(&m_timer, &QTimer::timeout, this, [this] { look(QDateTime::currentDateTime()); });
}

void Scheduler::start()
{
    m_timer.start();
    QMetaObject::invokeMethod(
        this, [this] { look(QDateTime::currentDateTime()); }, Qt::QueuedConnection);
}

Result<QList<std::pair<ScheduledRun, Schedule>>> Scheduler::all()
{
    QList<std::pair<ScheduledRun, Schedule>> list;
    OVVOC_TRY(agency, m_workspace->agencyOverrides());
    OVVOC_TRY(clients, m_workspace->clients());
    for (const Client &client : clients) {
        if (client.archived)
            continue;
        // One client's file that cannot be read does not stop the others.
        const auto repositories = m_workspace->repositories(client.id);
        if (!repositories) {
            log().warn("schedule: a client is left out: {}",
                       toString(repositories.error().code).toStdString());
            continue;
        }
        for (const ClientRepository &repository : *repositories) {
            if (repository.archived)
                continue;
            const Settings settings(agency, client.overrides, repository.overrides);
            const auto schedule = Schedule::parse(settings.schedule());
            if (!schedule)
                log().warn("schedule: a repository is left out: {}",
                           toString(schedule.error().code).toStdString());
            else if (!schedule->isOff())
                list << std::pair(ScheduledRun{client.id, repository.id, {}}, *schedule);
        }
    }
    return list;
}

Result<QDateTime> Scheduler::lastRun(const ScheduledRun &run)
{
    OVVOC_TRY(repository, m_workspace->repository(run.clientId, run.repositoryId));
    JobFilter filter;
    filter.repositoryId = run.repositoryId;
    filter.limit = 1;
    OVVOC_TRY(rows, m_archive->page(filter));
    QDateTime last = rows.isEmpty() ? repository.created : rows.first().created;
    if (const QDateTime begun = m_begun.value(run.repositoryId); begun.isValid())
        last = std::max(last, begun);
    return last.toLocalTime();
}

Result<QList<ScheduledRun>> Scheduler::upcoming(const QDateTime &now, int limit)
{
    OVVOC_TRY(list, all());
    QList<ScheduledRun> runs;
    for (auto &[run, schedule] : list) {
        ScheduledRun one = run;
        one.time = schedule.next(now);
        if (one.time.isValid())
            runs << one;
    }
    std::sort(runs.begin(), runs.end(),
              [](const ScheduledRun &a, const ScheduledRun &b) { return a.time < b.time; });
    return runs.mid(0, limit);
}

Result<QList<ScheduledRun>> Scheduler::due(const QDateTime &now)
{
    OVVOC_TRY(list, all());
    QList<ScheduledRun> runs;
    for (const auto &[run, schedule] : list) {
        const auto last = lastRun(run);
        if (!last) {
            log().warn("schedule: a repository is left out: {}",
                       toString(last.error().code).toStdString());
            continue;
        }
        ScheduledRun one = run;
        one.time = schedule.next(*last);
        if (one.time.isValid() && one.time <= now)
            runs << one;
    }
    return runs;
}

void Scheduler::look(const QDateTime &now)
{
    const auto runs = due(now);
    if (!runs) {
        log().warn("schedule: {}", toString(runs.error().code).toStdString());
        return;
    }
    for (const ScheduledRun &run : *runs) {
        m_begun[run.repositoryId] = now;
        emit dueNow(run);
    }
}

} // namespace ovvoc
