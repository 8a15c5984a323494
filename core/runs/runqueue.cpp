#include "runs/runqueue.h"

#include "base/ids.h"

#include <QPointer>

namespace ovvoc {

RunQueue::RunQueue(JobServices services, JobQueue::ForgeMaker makeForge, QueueLimits limits)
    : m_jobs(std::move(services), std::move(makeForge), limits)
{
    connect(&m_jobs, &JobQueue::changed, this, &RunQueue::changed);
    connect(&m_jobs, &JobQueue::logged, this, &RunQueue::logged);
    connect(&m_jobs, &JobQueue::sampled, this, &RunQueue::sampled);
    connect(&m_jobs, &JobQueue::finished, this, [this](const Job &job) {
        const auto awaited = m_awaited.constFind(job.request.id);
        if (awaited != m_awaited.cend())
            awaited->set(job);
        if (m_alone.remove(job.request.id) && m_witness && !m_suspended)
            m_witness->over(job.request);
        emit finished(job);
    });
    connect(&m_jobs, &JobQueue::idle, this, &RunQueue::tellIdle);
}

RunQueue::~RunQueue() = default;

int RunQueue::waiting() const
{
    const bool between = m_jobs.running() == 0 && m_jobs.waiting() == 0;
    return m_jobs.waiting() + (between ? int(m_runs.size()) : 0);
}

/// Idle is when no run goes on either.
void RunQueue::tellIdle()
{
    if (m_runs.isEmpty() && m_jobs.running() == 0 && m_jobs.waiting() == 0)
        emit idle();
}

Result<QString> RunQueue::add(JobRequest request)
{
    if (request.kind != JobKind::Update)
        return m_jobs.add(std::move(request));
    if (request.grouping.mode == Grouping::Mode::Off) {
        OVVOC_TRY(alone, m_jobs.add(request));
        request.id = alone;
        m_alone.insert(alone);
        if (m_witness)
            m_witness->asked(request);
        return alone;
    }
    // The run knows nothing of the queue but how to have a job run.
    const QPointer<RunQueue> self(this);
    const auto start = [self](JobRequest next) -> Task<Job> {
        if (!self) {
            Job gone;
            gone.request = next;
            gone.outcome = Outcome::Cancelled;
            return [](Job job) -> Task<Job> { co_return Job(job); }(gone);
        }
        return self->startNext(std::move(next));
    };
    auto run = std::make_shared<UpdateRun>(std::move(request), start);
    OVVOC_TRY(id, m_jobs.add(run->first()));
    m_awaited.insert(id, {});
    if (m_witness)
        m_witness->asked(run->first());
    connect(run.get(), &UpdateRun::changed, this, [this](const RunReport &report) {
        RunReport kept = report;
        if (m_suspended)
            kept.ended = {}; // the next start says how it went on
        if (m_witness)
            m_witness->reported(kept);
        emit runChanged(report);
    });
    m_runs << run;
    lead(run);
    return id;
}

Task<Job> RunQueue::outcomeOf(QString jobId)
{
    const Completion<Job> completion = m_awaited.value(jobId);
    const QPointer<RunQueue> self(this);
    const Job job = co_await completion;
    if (self)
        m_awaited.remove(jobId);
    co_return Job(job);
}

Task<Job> RunQueue::startNext(JobRequest request)
{
    const auto id = m_jobs.add(request);
    if (id) {
        m_awaited.insert(*id, {});
        const Job job = co_await outcomeOf(*id);
        co_return Job(job);
    }
    Job refused;
    refused.request = request;
    refused.outcome = Outcome::Failed;
    refused.summary = id.error().message;
    FailureReport failure;
    failure.error = id.error();
    refused.failure = failure;
    co_return Job(refused);
}

Task<> RunQueue::lead(std::shared_ptr<UpdateRun> run)
{
    const QPointer<RunQueue> self(this);
    const QString first = run->first().id;
    const Job job = co_await outcomeOf(first);
    if (!self)
        co_return;
    const RunReport report = co_await run->go(job);
    if (!self)
        co_return;
    m_runs.removeAll(run);
    if (m_witness && !m_suspended)
        m_witness->over(run->first());
    emit runFinished(report);
    tellIdle();
}

Result<> RunQueue::cancel(const QString &jobId)
{
    for (const auto &run : std::as_const(m_runs)) {
        if (run->first().id == jobId)
            run->cancel();
        for (const GroupResult &group : run->report().groups) {
            if (group.jobs.contains(jobId))
                run->cancel();
        }
    }
    return m_jobs.cancel(jobId);
}

void RunQueue::cancelAll()
{
    for (const auto &run : std::as_const(m_runs))
        run->cancel();
    m_jobs.cancelAll();
}

void RunQueue::suspend()
{
    m_suspended = true;
    cancelAll();
}

} // namespace ovvoc
