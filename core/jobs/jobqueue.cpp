#include "jobs/jobqueue.h"

#include "base/ids.h"
#include "base/logging.h"

#include <QFile>
#include <QThread>
#include <algorithm>
#include <limits>

namespace ovvoc {

qint64 availableMemory()
{
    QFile file(QStringLiteral("/proc/meminfo"));
    if (!file.open(QIODevice::ReadOnly))
        return std::numeric_limits<qint64>::max();
    for (const QByteArray &line : file.readAll().split('\n')) {
        if (line.startsWith("MemAvailable:"))
            return line.mid(13).trimmed().split(' ').first().toLongLong() * 1024;
    }
    return std::numeric_limits<qint64>::max();
}

JobQueue::JobQueue(JobServices services, ForgeMaker makeForge, QueueLimits limits)
    : m_services(std::move(services))
    , m_makeForge(std::move(makeForge))
    , m_limits(limits)
{
    if (m_limits.cpus <= 0)
        m_limits.cpus = QThread::idealThreadCount();
}

JobQueue::~JobQueue() = default;

Result<QString> JobQueue::add(JobRequest request)
{
    const auto same = [&request](const JobRequest &other) {
        return other.repositoryId == request.repositoryId && other.kind == request.kind
            && other.selection == request.selection;
    };
    const auto refused = [&request] {
        return fail(ErrorCode::Conflict,
                    tr("This is already waiting or running for %1.").arg(request.repositoryName));
    };
    if (std::any_of(m_waiting.begin(), m_waiting.end(), same))
        return refused();
    for (const auto &runner : std::as_const(m_running)) {
        if (same(runner->job().request))
            return refused();
    }
    if (request.id.isEmpty())
        request.id = newId();
    const QString id = request.id;
    m_waiting << std::move(request);
    startSoon();
    return id;
}

/// Once for however many are added in a row.
void JobQueue::startSoon()
{
    if (m_startsSoon)
        return;
    m_startsSoon = true;
    QMetaObject::invokeMethod(this, &JobQueue::startWhatFits, Qt::QueuedConnection);
}

Result<> JobQueue::cancel(const QString &jobId)
{
    if (const auto runner = m_running.value(jobId)) {
        runner->cancel();
        return {};
    }
    const auto it = std::find_if(m_waiting.begin(), m_waiting.end(),
                                 [&](const JobRequest &r) { return r.id == jobId; });
    if (it == m_waiting.end())
        return fail(ErrorCode::NotFound, tr("There is no such job any more."));
    Job job;
    job.request = *it;
    job.created = QDateTime::currentDateTimeUtc();
    job.outcome = Outcome::Cancelled;
    job.summary = tr("cancelled before it began");
    m_waiting.erase(it);
    if (m_services.witness) {
        if (const auto kept = m_services.witness->finished(job); !kept)
            log().error("record: {}", toString(kept.error().code).toStdString());
    }
    emit changed(job);
    emit finished(job);
    if (m_running.isEmpty() && m_waiting.isEmpty())
        emit idle();
    return {};
}

void JobQueue::cancelAll()
{
    const QList<JobRequest> waiting = m_waiting;
    for (const JobRequest &request : waiting)
        (void)cancel(request.id);
    const auto runners = m_running.values();
    for (const auto &runner : runners)
        runner->cancel();
}

int JobQueue::runningOf(const QString &clientId) const
{
    return int(std::count_if(m_running.begin(), m_running.end(), [&](const auto &runner) {
        return runner->job().request.clientId == clientId;
    }));
}

bool JobQueue::fits(const JobRequest &request, qint64 freeMemory) const
{
    double cpus = request.limits.cpus;
    qint64 memory = request.limits.memoryBytes;
    for (const auto &runner : m_running) {
        const JobRequest &other = runner->job().request;
        if (other.repositoryId == request.repositoryId)
            return false;
        cpus += other.limits.cpus;
        memory += other.limits.memoryBytes;
    }
    if (m_running.isEmpty())
        return true;
    if (m_running.size() >= m_limits.jobs || cpus > m_limits.cpus + 0.001)
        return false;
    if (m_limits.memoryBytes > 0)
        return memory <= m_limits.memoryBytes;
    return request.limits.memoryBytes <= freeMemory;
}

void JobQueue::startWhatFits()
{
    m_startsSoon = false;
    // Asked once: what is started now takes its memory only later anyhow.
    qint64 freeMemory = availableMemory();
    // What has started lately takes its memory only later: it is counted as taken already.
    for (auto it = m_reserved.begin(); it != m_reserved.end();) {
        if (!m_running.contains(it.key()) || it->second.hasExpired()) {
            it = m_reserved.erase(it);
            continue;
        }
        freeMemory -= it->first;
        ++it;
    }
    while (m_running.size() < std::max(1, m_limits.jobs)) {
        qsizetype best = -1;
        for (qsizetype i = 0; i < m_waiting.size(); ++i) {
            if (!fits(m_waiting[i], freeMemory))
                continue;
            const auto rank = [this](const JobRequest &r) {
                return std::tuple(-r.priority, runningOf(r.clientId),
                                  m_lastStart.value(r.clientId));
            };
            if (best < 0 || rank(m_waiting[i]) < rank(m_waiting[best]))
                best = i;
        }
        if (best < 0)
            return;
        const JobRequest request = m_waiting.takeAt(best);
        m_lastStart[request.clientId] = ++m_starts;
        auto runner = std::make_shared<JobRunner>(request, m_makeForge(request), m_services);
        connect(runner.get(), &JobRunner::changed, this, &JobQueue::changed);
        connect(runner.get(), &JobRunner::logged, this,
                [this, id = request.id](const LogChunk &chunk) { emit logged(id, chunk); });
        connect(runner.get(), &JobRunner::sampled, this,
                [this, id = request.id](const CellSample &sample) { emit sampled(id, sample); });
        m_running.insert(request.id, runner);
        freeMemory -= request.limits.memoryBytes;
        m_reserved.insert(request.id, {request.limits.memoryBytes, QDeadlineTimer(reservedForMs)});
        runOne(runner);
    }
}

Task<> JobQueue::runOne(std::shared_ptr<JobRunner> runner)
{
    const QPointer<JobQueue> self(this);
    const Job job = co_await runner->run();
    if (!self)
        co_return;
    m_running.remove(job.request.id);
    emit finished(job);
    startWhatFits();
    if (m_running.isEmpty() && m_waiting.isEmpty())
        emit idle();
}

} // namespace ovvoc
