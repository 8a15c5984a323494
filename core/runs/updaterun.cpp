#include "runs/updaterun.h"

#include "base/ids.h"
#include "base/logging.h"

#include <algorithm>

namespace ovvoc {

namespace {

QStringList failingTests(const Job &job)
{
    QStringList names;
    for (const TestCase &test : job.failure ? job.failure->tests : QList<TestCase>()) {
        if (names.size() < 20)
            names << (test.suite + QStringList{test.name}).join(QStringLiteral(" › "));
    }
    return names;
}

QString reasonOf(const Job &job)
{
    return job.failure ? job.failure->error.message : job.summary;
}

QList<PlannedUpdate> joined(const QList<QList<PlannedUpdate>> &parts)
{
    QList<PlannedUpdate> all;
    for (const QList<PlannedUpdate> &part : parts)
        all += part;
    return all;
}

bool isRed(const Job &job)
{
    return job.outcome == Outcome::Failed && mayBlameUpdates(job);
}

} // namespace

bool mayBlameUpdates(const Job &job)
{
    if (job.outcome != Outcome::Failed || !job.failure || job.plan.updates.isEmpty())
        return false;
    const PhaseKind phase = job.failure->phase;
    if (phase != PhaseKind::Transform && phase != PhaseKind::Build && phase != PhaseKind::Test)
        return false;
    switch (job.failure->error.code) {
    case ErrorCode::CommandFailed:
    case ErrorCode::TestsFailed:
    case ErrorCode::Timeout:
    case ErrorCode::OutOfMemory:
    case ErrorCode::NotFound:
    case ErrorCode::Tampered:
    case ErrorCode::Unsupported:
    case ErrorCode::GateRefused:
        return true;
    default:
        return false;
    }
}

UpdateRun::UpdateRun(JobRequest origin, Start start)
    : m_origin(std::move(origin))
    , m_start(std::move(start))
{
    m_report.id = newId();
    m_report.clientId = m_origin.clientId;
    m_report.repositoryId = m_origin.repositoryId;
    m_report.repositoryName = m_origin.repositoryName;
    m_report.started = QDateTime::currentDateTimeUtc();
    m_report.extraLimit = extraCells;
    if (m_origin.id.isEmpty())
        m_origin.id = newId();
    m_origin.runId = m_report.id;
}

void UpdateRun::tell()
{
    m_report.summary = summaryOf(m_report);
    emit changed(m_report);
}

JobRequest UpdateRun::requestFor(const QList<PlannedUpdate> &updates, const QString &part,
                                 JobKind kind) const
{
    JobRequest request = m_origin;
    request.id = newId();
    request.kind = kind;
    request.part = part;
    request.grouping = {};
    for (const PlannedUpdate &update : updates)
        request.selection.only << UpdateTarget{update.project, update.name, update.to};
    return request;
}

void UpdateRun::count(const Job &job, qsizetype group)
{
    ++m_report.cells;
    m_report.groups[group].jobs << job.request.id;
    if (job.outcome == Outcome::Cancelled)
        m_cancelled = true;
}

QCoro::Task<Job> UpdateRun::attempt(JobRequest request, qsizetype group)
{
    const Job job = co_await m_start(std::move(request));
    count(job, group);
    co_return Job(job);
}

QCoro::Task<RunReport> UpdateRun::go(Job firstAttempt)
{
    QList<UpdateGroup> groups = firstAttempt.later;
    UpdateGroup own;
    own.title =
        firstAttempt.request.part.isEmpty() ? firstAttempt.plan.title() : firstAttempt.request.part;
    own.updates = firstAttempt.planned;
    groups.prepend(own);
    for (const UpdateGroup &group : std::as_const(groups)) {
        GroupResult result;
        result.title = group.title;
        result.updates = group.updates;
        m_report.groups << result;
    }
    m_report.held = firstAttempt.plan.skipped;
    m_report.notes = firstAttempt.notes;
    count(firstAttempt, 0);
    m_report.groups[0].state = GroupResult::State::Trying;
    tell();
    co_await settle(firstAttempt, 0);
    for (qsizetype i = 1; i < groups.size(); ++i) {
        GroupResult &result = m_report.groups[i];
        if (m_cancelled || !m_stop.isEmpty()) {
            result.state =
                m_cancelled ? GroupResult::State::Cancelled : GroupResult::State::NotTried;
            result.reason = m_cancelled ? QString() : m_stop;
            continue;
        }
        result.state = GroupResult::State::Trying;
        tell();
        const JobRequest request = requestFor(groups[i].updates, groups[i].title, JobKind::Update);
        const Job job = co_await attempt(request, i);
        co_await settle(job, i);
    }
    co_await tryTogether();
    co_await tryBelow();
    m_report.ended = QDateTime::currentDateTimeUtc();
    tell();
    log().info("run {}: {} cells, {} proposals", m_report.id.toStdString(), m_report.cells,
               m_report.proposals());
    co_return RunReport(m_report);
}

/// One more group, that is tried at once. Returns its number.
qsizetype UpdateRun::addGroup(const QString &title, const QList<PlannedUpdate> &updates)
{
    GroupResult result;
    result.title = title;
    result.updates = updates;
    result.state = GroupResult::State::Trying;
    m_report.groups << result;
    tell();
    return m_report.groups.size() - 1;
}

/// What failed by itself may pass with another that failed by itself: a plugin and its core whose
/// peers say nothing of it. Once, and without a search in it.
QCoro::Task<> UpdateRun::tryTogether()
{
    QList<PlannedUpdate> updates;
    int from = 0;
    for (const GroupResult &group : std::as_const(m_report.groups)) {
        if (group.state != GroupResult::State::Failed || group.culprits.isEmpty())
            continue;
        ++from;
        for (const Culprit &culprit : group.culprits)
            updates += culprit.updates;
    }
    if (m_cancelled || !m_stop.isEmpty() || from < 2)
        co_return;
    const qsizetype group = addGroup(tr("What failed by itself, together"), updates);
    const JobRequest request = requestFor(updates, m_report.groups[group].title, JobKind::Update);
    const Job job = co_await attempt(request, group);
    if (job.proposal || job.outcome == Outcome::Cancelled) {
        co_await settle(job, group);
        co_return;
    }
    m_report.groups[group].state = GroupResult::State::Failed;
    m_report.groups[group].reason = reasonOf(job);
    tell();
}

/// What did not pass goes as far as it can with a smaller step, all of it as one more group.
QCoro::Task<> UpdateRun::tryBelow()
{
    // Who asked for one very version asked for no other.
    if (m_cancelled || !m_stop.isEmpty() || !m_origin.selection.version.isEmpty())
        co_return;
    QList<PlannedUpdate> smaller, passed;
    for (const GroupResult &group : std::as_const(m_report.groups))
        passed += group.proposed;
    const auto isProposed = [&passed](const PlannedUpdate &update) {
        return std::ranges::any_of(passed, [&](const PlannedUpdate &one) {
            return one.name == update.name && one.project == update.project;
        });
    };
    for (const GroupResult &group : std::as_const(m_report.groups)) {
        for (const Culprit &culprit : group.culprits) {
            for (PlannedUpdate update : culprit.updates) {
                if (update.below.isEmpty() || culprit.onlyTogether || isProposed(update))
                    continue;
                update.to = update.below;
                update.below.clear();
                smaller << update;
            }
        }
    }
    if (smaller.isEmpty())
        co_return;
    const qsizetype group = addGroup(tr("Smaller steps of what did not pass"), smaller);
    const JobRequest request = requestFor(smaller, m_report.groups[group].title, JobKind::Update);
    const Job job = co_await attempt(request, group);
    co_await settle(job, group);
}

/// What an attempt says of its group; where it failed, what is to blame.
QCoro::Task<> UpdateRun::settle(Job job, qsizetype group)
{
    const auto result = [this, group]() -> GroupResult & { return m_report.groups[group]; };
    if (job.proposal) {
        result().state = GroupResult::State::Proposed;
        result().proposed = job.plan.updates;
        result().branch = job.proposal->branch;
        result().location = job.proposal->location;
    } else if (job.outcome == Outcome::Cancelled) {
        result().state = GroupResult::State::Cancelled;
    } else if (job.outcome == Outcome::Succeeded) {
        result().state = GroupResult::State::NothingToDo;
        result().reason = job.summary;
    } else if (!mayBlameUpdates(job)) {
        result().state = GroupResult::State::Failed;
        result().reason = reasonOf(job);
        // What hinders this one hinders all: no engine, no network, no token.
        const ErrorCode code = job.failure ? job.failure->error.code : ErrorCode::Internal;
        const bool own = code == ErrorCode::NothingProves || code == ErrorCode::InvalidInput
            || code == ErrorCode::PolicyViolation || code == ErrorCode::Conflict
            || code == ErrorCode::DiskFull;
        if (!own)
            m_stop = reasonOf(job);
    } else {
        const bool green = co_await baselineIsGreen(job, group);
        if (green && !m_cancelled)
            co_await findCulprits(job, group);
    }
    // Of what a group left out, each thing once.
    for (const SkippedUpdate &skipped : job.plan.skipped) {
        if (!m_report.held.contains(skipped))
            m_report.held << skipped;
    }
    tell();
}

/// Once per run: whether the repository passes as it is.
QCoro::Task<bool> UpdateRun::baselineIsGreen(Job failed, qsizetype group)
{
    if (m_report.baselineJob.isEmpty()) {
        // Of every project that the run moves something in: it stands for all groups.
        QList<PlannedUpdate> all;
        for (const GroupResult &one : std::as_const(m_report.groups))
            all += one.updates;
        JobRequest request = requestFor(all, tr("baseline"), JobKind::Check);
        request.baseline = true;
        const Job job = co_await attempt(request, group);
        ++m_report.extraCells;
        if (job.outcome != Outcome::Cancelled) {
            m_report.baselineJob = job.request.id;
            m_report.baselineGreen = job.outcome == Outcome::Succeeded;
            m_report.baselineTests = failingTests(job);
        }
        if (!m_report.baselineGreen) {
            GroupResult &result = m_report.groups[group];
            const bool told = job.failure && job.outcome == Outcome::Failed;
            const PhaseKind phase = told ? job.failure->phase : PhaseKind::Create;
            const bool own = phase == PhaseKind::Transform || phase == PhaseKind::Build
                || phase == PhaseKind::Test;
            if (m_cancelled) {
                result.state = GroupResult::State::Cancelled;
            } else if (own) {
                result.state = GroupResult::State::RedBefore;
                result.reason =
                    tr("The repository fails without any update too (%1: %2), so nothing can be "
                       "said of the updates. Mend that first.")
                        .arg(toString(phase), reasonOf(job));
                m_stop = result.reason;
            } else {
                result.state = GroupResult::State::Failed;
                result.reason = reasonOf(failed);
                m_stop = reasonOf(job);
            }
        }
    }
    co_return bool(m_report.baselineGreen);
}

/// Finds the shortest beginning of what failed that still fails, by halving: its last part is to
/// blame, by itself or together with what comes before. Takes it out and tries the rest again.
QCoro::Task<> UpdateRun::findCulprits(Job failed, qsizetype group)
{
    const auto result = [this, group]() -> GroupResult & { return m_report.groups[group]; };
    QList<QList<PlannedUpdate>> parts = inseparable(failed.plan.updates);
    Job red = failed; // of all parts together
    while (true) {
        qsizetype green = 0, last = parts.size(); // the baseline is green
        Job evidence = red; // of parts[0, last)
        while (last - green > 1) {
            const qsizetype middle = green + (last - green) / 2;
            const std::optional<Job> tried = co_await tryOut(parts.mid(0, middle), red, group);
            if (!tried)
                co_return;
            if (isRed(*tried)) {
                last = middle;
                evidence = *tried;
            } else {
                green = middle;
            }
        }
        Culprit culprit;
        culprit.updates = parts[last - 1];
        if (last > 1) {
            const std::optional<Job> alone = co_await tryOut(parts.mid(last - 1, 1), red, group);
            if (!alone)
                co_return;
            culprit.onlyTogether = !isRed(*alone);
            if (!culprit.onlyTogether)
                evidence = *alone;
        }
        culprit.reason = reasonOf(evidence);
        culprit.tests = failingTests(evidence);
        culprit.jobId = evidence.request.id;
        result().culprits << culprit;
        parts.removeAt(last - 1);
        tell();
        if (parts.isEmpty()) {
            result().state = GroupResult::State::Failed;
            result().reason = culprit.reason;
            co_return;
        }
        const JobRequest rest = requestFor(joined(parts), result().title, JobKind::Update);
        const Job job = co_await attempt(rest, group);
        if (!isRed(job)) {
            co_await settle(job, group);
            co_return;
        }
        red = job;
    }
}

/// Tries some parts without proposing them. Nothing when the search ends here; the group says why.
QCoro::Task<std::optional<Job>> UpdateRun::tryOut(QList<QList<PlannedUpdate>> parts, Job red,
                                                  qsizetype group)
{
    std::optional<Job> outcome;
    if (m_report.extraCells >= m_report.extraLimit) {
        m_report.groups[group].state = GroupResult::State::Failed;
        m_report.groups[group].reason =
            tr("%1 What is to blame was not found with %2 further cells.")
                .arg(reasonOf(red))
                .arg(m_report.extraLimit);
        co_return outcome;
    }
    const JobRequest request =
        requestFor(joined(parts), tr("search for the culprit"), JobKind::Check);
    const Job job = co_await attempt(request, group);
    ++m_report.extraCells;
    tell();
    if (m_cancelled) {
        m_report.groups[group].state = GroupResult::State::Cancelled;
    } else if (job.outcome == Outcome::Succeeded || isRed(job)) {
        outcome = job;
    } else {
        m_report.groups[group].state = GroupResult::State::Failed;
        m_report.groups[group].reason = reasonOf(job);
    }
    co_return outcome;
}

} // namespace ovvoc
