#include "runs/updaterun.h"

#include "base/ids.h"
#include "base/logging.h"

#include <algorithm>

namespace ovvoc {

namespace {

constexpr qsizetype mostProjectsApart = 8; ///< with more it costs too many cells

QStringList failingTests(const Job &job)
{
    QStringList names;
    for (const TestCase &test : job.failure ? job.failure->tests : QList<TestCase>()) {
        if (names.size() < 20)
            names << (test.suite + QStringList{test.name}).join(QStringLiteral(" › "));
    }
    return names;
}

/// Whether a baseline failed in what the repository itself does.
bool isOwnFailure(const Job &job)
{
    if (!job.failure || job.outcome != Outcome::Failed)
        return false;
    const PhaseKind phase = job.failure->phase;
    return phase == PhaseKind::Transform || phase == PhaseKind::Build || phase == PhaseKind::Test;
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
        request.selection.only << UpdateTarget{update.project, update.name, update.to, update.from};
    return request;
}

JobRequest UpdateRun::proposalFor(const QList<PlannedUpdate> &updates, qsizetype group) const
{
    const GroupResult &result = m_report.groups[group];
    JobRequest request = requestFor(updates, result.title, JobKind::Update);
    request.topic = result.topic;
    return request;
}

void UpdateRun::count(const Job &job, qsizetype group)
{
    ++m_report.cells;
    if (m_report.toolchain.isEmpty())
        m_report.toolchain = job.toolchain;
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
    own.topic = firstAttempt.request.topic;
    groups.prepend(own);
    for (const UpdateGroup &group : std::as_const(groups)) {
        GroupResult result;
        result.title = group.title;
        result.topic = group.topic;
        result.updates = group.updates;
        m_report.groups << result;
    }
    for (const HeldGroup &held : std::as_const(firstAttempt.held)) {
        GroupResult result;
        result.state = GroupResult::State::Held;
        result.title = held.group.title;
        result.topic = held.group.topic;
        result.updates = held.group.updates;
        result.reason = held.reason;
        m_report.groups << result;
    }
    m_report.held = firstAttempt.plan.skipped;
    m_report.notes = firstAttempt.notes;
    m_report.conditions = conditionsOf(firstAttempt);
    m_known = firstAttempt.knownBaseline;
    count(firstAttempt, 0);
    m_report.groups[0].state = GroupResult::State::Trying;
    tell();
    co_await settle(firstAttempt, 0);
    // What is held back stands behind them.
    for (qsizetype i = 1; i < groups.size(); ++i) {
        GroupResult &result = m_report.groups[i];
        if (m_cancelled || !m_stop.isEmpty()) {
            result.state =
                m_cancelled ? GroupResult::State::Cancelled : GroupResult::State::NotTried;
            result.reason = m_cancelled ? QString() : m_stop;
            continue;
        }
        if (result.updates.isEmpty())
            continue; // all of it is of projects that are red as they are
        result.state = GroupResult::State::Trying;
        tell();
        const JobRequest request = proposalFor(result.updates, i);
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
qsizetype UpdateRun::addGroup(const UpdateGroup &group)
{
    GroupResult result;
    result.title = group.title;
    result.topic = group.topic;
    result.updates = group.updates;
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
    const UpdateGroup together{UpdateGroup::Kind::All, tr("What failed by itself, together"),
                               updates, "failed-together"};
    const qsizetype group = addGroup(together);
    const JobRequest request = proposalFor(updates, group);
    const Job job = co_await attempt(request, group);
    if (job.proposal || job.outcome == Outcome::Cancelled) {
        if (job.proposal)
            sayTheyPassTogether();
        co_await settle(job, group);
        co_return;
    }
    m_report.groups[group].state = GroupResult::State::Failed;
    m_report.groups[group].reason = reasonOf(job);
    tell();
}

/// What failed by itself and passes with the others either needs them, or failed by chance: which
/// of the two is not known.
void UpdateRun::sayTheyPassTogether()
{
    for (GroupResult &group : m_report.groups) {
        if (group.state == GroupResult::State::Failed && !group.culprits.isEmpty())
            group.reason = tr("By itself it failed (%1), and together with what else failed it "
                              "passes: they need each other, or these tests fail by chance.")
                               .arg(group.reason);
    }
}

/// The largest major step between that passes by itself; empty: there is none, or no cell left for
/// it.
QCoro::Task<QList<PlannedUpdate>> UpdateRun::tryBetween(QList<PlannedUpdate> updates,
                                                        qsizetype group)
{
    for (int step = 0; step < PlannedUpdate::mostBetween; ++step) {
        QList<PlannedUpdate> tried;
        bool more = false;
        for (PlannedUpdate update : std::as_const(updates)) {
            const QString to = update.between.value(step, update.below);
            more = more || step < update.between.size();
            if (to.isEmpty())
                continue;
            update.to = to;
            update.between.clear();
            tried << update;
        }
        if (!more || m_report.extraCells >= m_report.extraLimit)
            break;
        const JobRequest request = requestFor(
            tried,
            tr("a smaller step: %1").arg(tried.first().name + QLatin1Char(' ') + tried.first().to),
            JobKind::Check);
        const Job job = co_await attempt(request, group);
        ++m_report.extraCells;
        if (m_cancelled)
            break;
        if (job.outcome == Outcome::Succeeded)
            co_return QList<PlannedUpdate>(tried);
    }
    co_return QList<PlannedUpdate>();
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
    const qsizetype groups = m_report.groups.size();
    for (qsizetype i = 0; i < groups; ++i) {
        const QList<Culprit> culprits = m_report.groups[i].culprits;
        for (const Culprit &culprit : culprits) {
            QList<PlannedUpdate> updates = culprit.updates;
            updates.removeIf(isProposed);
            if (culprit.onlyTogether || updates.isEmpty())
                continue;
            const QList<PlannedUpdate> between = co_await tryBetween(updates, i);
            if (m_cancelled)
                co_return;
            smaller += between;
            for (PlannedUpdate update : std::as_const(updates)) {
                if (update.below.isEmpty() || !between.isEmpty())
                    continue;
                update.to = update.below;
                update.below.clear();
                smaller << update;
            }
        }
    }
    if (smaller.isEmpty())
        co_return;
    const UpdateGroup steps{UpdateGroup::Kind::Minor, tr("Smaller steps of what did not pass"),
                            smaller, "smaller-steps"};
    const qsizetype group = addGroup(steps);
    const JobRequest request = proposalFor(smaller, group);
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
        // What hinders this one hinders all: no engine, no network, no token.
        const ErrorCode code = job.failure ? job.failure->error.code : ErrorCode::Internal;
        result().state = code == ErrorCode::NothingProves ? GroupResult::State::Unproved
                                                          : GroupResult::State::Failed;
        result().reason = reasonOf(job);
        const bool own = code == ErrorCode::NothingProves || code == ErrorCode::InvalidInput
            || code == ErrorCode::PolicyViolation || code == ErrorCode::Conflict
            || code == ErrorCode::DiskFull;
        if (!own)
            m_stop = reasonOf(job);
    } else {
        const qsizetype before = result().updates.size();
        const bool green = co_await baselineIsGreen(job, group);
        if (green && !m_cancelled && result().updates.size() < before) {
            if (result().updates.isEmpty()) {
                tell();
                co_return;
            }
            // Without what is red as it is.
            const JobRequest request = proposalFor(result().updates, group);
            const Job rest = co_await attempt(request, group);
            co_await settle(rest, group);
            co_return;
        }
        if (!m_cancelled && failsAnyway(job)) {
            const JobRequest request = proposalFor(result().updates, group);
            const Job again = co_await attempt(request, group);
            co_await settle(again, group);
            co_return;
        }
        const bool judged = green || !job.request.knownFailures.tests.isEmpty();
        if (judged && !m_cancelled) {
            co_await findCulprits(job, group);
        } else if (!m_cancelled && !m_origin.knownFailures.tests.isEmpty()) {
            // Once more, with what is known now: only what fails besides counts.
            const JobRequest request = proposalFor(result().updates, group);
            const Job again = co_await attempt(request, group);
            co_await settle(again, group);
        }
    }
    // Of what a group left out, each thing once.
    for (const SkippedUpdate &skipped : job.plan.skipped) {
        if (!m_report.held.contains(skipped))
            m_report.held << skipped;
    }
    tell();
}

/// Once per run: whether the repository passes as it is. What an earlier run found out in this very
/// state, of the same projects, is believed.
QCoro::Task<bool> UpdateRun::baselineIsGreen(Job failed, qsizetype group)
{
    // A script that looks at the code may fail without the update too: asked once of each.
    const bool asksCheck = std::ranges::any_of(
        failed.failedChecks, [this](const CheckScript &one) { return !m_checked.contains(one); });
    if (!m_report.baselineJob.isEmpty() && !asksCheck)
        co_return bool(m_report.baselineGreen);
    // Of every project that the run moves something in: it stands for all groups.
    QList<PlannedUpdate> all;
    for (const GroupResult &one : std::as_const(m_report.groups))
        all += one.updates;
    for (const PlannedUpdate &update : std::as_const(all)) {
        if (!m_report.baselineProjects.contains(update.project))
            m_report.baselineProjects << update.project;
    }
    // Which tests fail is found out anew where that is what the others are judged by.
    const bool covered = m_known && !asksCheck && (m_known->green || !m_origin.acceptKnownFailures)
        && std::ranges::all_of(m_report.baselineProjects, [&](const QString &project) {
                             return m_known->projects.contains(project);
                         });
    if (covered) {
        m_report.baselineKnown = true;
        m_report.baselineJob = m_known->jobId;
        m_report.baselineGreen = m_known->green;
        m_report.baselineTests = m_known->tests;
        m_report.baselineReason = m_known->reason;
        if (m_known->green)
            co_return true;
        const bool apart = co_await setRedProjectsApart(group);
        if (!apart && !m_cancelled)
            saysRed(m_report.groups[group], failed.toolchain);
        co_return bool(apart);
    }
    JobRequest request = requestFor(all, tr("baseline"), JobKind::Check);
    request.baseline = true;
    request.checks = failed.failedChecks;
    m_checked += failed.failedChecks;
    const Job job = co_await attempt(request, group);
    ++m_report.extraCells;
    m_origin.knownFailures.checks += job.failedChecks;
    GroupResult &tried = m_report.groups[group];
    if (job.outcome == Outcome::Succeeded) {
        m_report.baselineJob = job.request.id;
        m_report.baselineGreen = true;
        co_return true;
    }
    if (m_cancelled) {
        tried.state = GroupResult::State::Cancelled;
    } else if (isOwnFailure(job)) {
        const PhaseKind phase = job.failure->phase;
        m_report.baselineJob = job.request.id;
        m_report.baselineTests = failingTests(job);
        m_report.baselinePhase = toString(phase);
        m_report.baselineReason = toString(phase) + QStringLiteral(": ") + reasonOf(job);
        // What the clone could not have is a likelier cause than the repository itself.
        for (const QString &note : job.notes) {
            if (note.contains(QLatin1String("LFS")) || note.contains(QLatin1String("submodule")))
                m_report.baselineReason += ' ' + tr("A likely cause: %1").arg(note);
        }
        if (acceptFailuresOf(job))
            co_return false;
        const bool apart = co_await setRedProjectsApart(group);
        if (!apart && !m_cancelled)
            saysRed(m_report.groups[group], job.toolchain);
        co_return bool(apart);
    } else {
        // Something hindered it: that says nothing of the repository.
        tried.state = GroupResult::State::Failed;
        tried.reason = reasonOf(failed);
        m_stop = reasonOf(job);
    }
    co_return false;
}

/// Where several projects move something and all of them together are red, each is asked by itself:
/// the updates of those that are red as they are go, and the others go on. False: nothing was set
/// apart.
QCoro::Task<bool> UpdateRun::setRedProjectsApart(qsizetype group)
{
    const QStringList projects = m_report.baselineProjects;
    if (projects.size() < 2 || projects.size() > mostProjectsApart)
        co_return false;
    QHash<QString, QString> red; // why, by project
    QString greenJob;
    for (const QString &project : projects) {
        if (m_report.extraCells >= m_report.extraLimit)
            co_return false;
        QList<PlannedUpdate> its;
        for (const GroupResult &one : std::as_const(m_report.groups)) {
            for (const PlannedUpdate &update : one.updates) {
                if (update.project == project)
                    its << update;
            }
        }
        const QString name = project.isEmpty() ? QStringLiteral(".") : project;
        JobRequest request = requestFor(its, tr("baseline of %1").arg(name), JobKind::Check);
        request.baseline = true;
        const Job job = co_await attempt(request, group);
        ++m_report.extraCells;
        if (m_cancelled) {
            m_report.groups[group].state = GroupResult::State::Cancelled;
            co_return false;
        }
        if (job.outcome == Outcome::Succeeded) {
            greenJob = job.request.id;
            continue;
        }
        if (!isOwnFailure(job))
            co_return false; // something hindered it
        red.insert(project, toString(job.failure->phase) + QStringLiteral(": ") + reasonOf(job));
    }
    if (red.isEmpty() || greenJob.isEmpty())
        co_return false;
    for (GroupResult &one : m_report.groups) {
        const bool waits =
            one.state == GroupResult::State::Waiting || one.state == GroupResult::State::Trying;
        if (!waits)
            continue;
        QString why;
        one.updates.removeIf([&](const PlannedUpdate &update) {
            const auto found = red.constFind(update.project);
            if (found == red.cend())
                return false;
            why =
                tr("%1 fails without any update too (%2), so nothing can be said of its updates. "
                   "Mend that first.")
                    .arg(update.project.isEmpty() ? QStringLiteral("package.json") : update.project,
                         *found);
            m_report.held << SkippedUpdate{update.name, why};
            return true;
        });
        if (one.updates.isEmpty() && !why.isEmpty()) {
            one.state = GroupResult::State::RedBefore;
            one.reason = why;
        }
    }
    for (auto one = red.cbegin(); one != red.cend(); ++one) {
        m_report.baselineProjects.removeAll(one.key());
        m_report.notes << tr("%1 is red as it is (%2). The other projects went on without it.")
                              .arg(one.key().isEmpty() ? tr("The project at the top") : one.key(),
                                   one.value());
    }
    m_report.baselineJob = greenJob;
    m_report.baselineGreen = true;
    m_report.baselineKnown = false;
    m_report.baselineTests.clear();
    m_report.baselinePhase.clear();
    m_report.baselineReason.clear();
    co_return true;
}

/// Whether all that ended a job fails without any update too, and the job did not know it.
bool UpdateRun::failsAnyway(const Job &failed) const
{
    return !failed.failedChecks.isEmpty()
        && std::ranges::all_of(failed.failedChecks, [&](const CheckScript &one) {
               return m_origin.knownFailures.checks.contains(one)
                   && !failed.request.knownFailures.checks.contains(one);
           });
}

/// Where the settings take it, what fails without any update may fail with it: if it is told which
/// tests these are. False: nothing is taken.
bool UpdateRun::acceptFailuresOf(const Job &baseline)
{
    if (!m_origin.acceptKnownFailures)
        return false;
    const bool told = baseline.failure->error.code == ErrorCode::TestsFailed && baseline.tests
        && baseline.tests->complete && baseline.failure->tests.size() < KnownFailures::most
        && baseline.tests->failed == baseline.failure->tests.size();
    if (!told)
        return false;
    m_origin.knownFailures.tests.clear();
    for (const TestCase &test : baseline.failure->tests)
        m_origin.knownFailures.tests << test.identity();
    m_origin.knownFailures.passed = baseline.tests->passed;
    return true;
}

/// The repository is red as it is: nothing more is tried.
void UpdateRun::saysRed(GroupResult &result, const QString &toolchain)
{
    result.state = GroupResult::State::RedBefore;
    result.reason =
        tr("The repository fails without any update too (%1), so nothing can be said of "
           "the updates. Mend that first.")
            .arg(m_report.baselineReason);
    if (m_report.baselineKnown)
        result.reason += ' ' + tr("An earlier run saw it on this very commit.");
    if (!toolchain.isEmpty())
        result.reason += ' ' + tr("It was tried with %1.").arg(toolchain);
    m_stop = result.reason;
}

/// By halving. Parts that cannot be tried without those behind them are taken together with these.
QCoro::Task<UpdateRun::Found> UpdateRun::search(QList<QList<PlannedUpdate>> parts, Job red,
                                                qsizetype group)
{
    Found found;
    found.last = parts.size();
    found.evidence = red; // of parts[0, last)
    qsizetype green = 0; // the baseline is
    while (found.last - green > 1) {
        // From the middle on, then before it: the first beginning that can be tried by itself.
        const qsizetype half = green + (found.last - green) / 2;
        QList<qsizetype> ends;
        for (qsizetype end = half; end < found.last; ++end)
            ends << end;
        for (qsizetype end = half - 1; end > green; --end)
            ends << end;
        qsizetype middle = green;
        Tried tried;
        for (const qsizetype end : std::as_const(ends)) {
            middle = end;
            tried = co_await tryOut(parts.mid(0, middle), red, group);
            if (tried.answer != Tried::Answer::Unknown)
                break;
        }
        if (tried.answer == Tried::Answer::Unknown)
            break;
        if (tried.answer == Tried::Answer::Ended) {
            found.ended = true;
            co_return Found(found);
        }
        if (tried.answer == Tried::Answer::Red) {
            found.last = middle;
            found.evidence = tried.job;
        } else {
            green = middle;
        }
    }
    found.first = green;
    co_return Found(found);
}

/// What failed is tried once more as it is: a test that changes its mind blames nothing. Only of
/// tests, and only while there are cells left.
QCoro::Task<bool> UpdateRun::isFlaky(QList<PlannedUpdate> updates, Job red, qsizetype group)
{
    const bool tests = red.failure && red.failure->error.code == ErrorCode::TestsFailed;
    if (!tests || m_cancelled || m_report.extraCells >= m_report.extraLimit)
        co_return false;
    const QList<QList<PlannedUpdate>> same{updates};
    const Tried again = co_await tryOut(same, red, group);
    if (again.answer != Tried::Answer::Green)
        co_return false;
    for (const QString &test : failingTests(red)) {
        if (!m_report.flakyTests.contains(test))
            m_report.flakyTests << test;
    }
    co_return true;
}

/// Which of a part that belongs together is to blame: what can be taken out of it is, where the
/// rest passes without it. The whole part where nothing can.
QCoro::Task<QList<PlannedUpdate>> UpdateRun::narrowed(QList<PlannedUpdate> part, Job red,
                                                      qsizetype group)
{
    constexpr qsizetype mostTries = 4;
    for (const QList<PlannedUpdate> &one : separable(part).mid(0, mostTries)) {
        QList<PlannedUpdate> rest = part;
        rest.removeIf([&one](const PlannedUpdate &update) { return one.contains(update); });
        if (m_cancelled || m_report.extraCells >= m_report.extraLimit)
            break;
        const QList<QList<PlannedUpdate>> parts{rest};
        const Tried tried = co_await tryOut(parts, red, group);
        if (tried.answer == Tried::Answer::Green)
            co_return QList<PlannedUpdate>(one);
        if (tried.answer == Tried::Answer::Ended)
            break;
    }
    co_return QList<PlannedUpdate>(part);
}

/// Finds the shortest beginning of what failed that still fails: its last part is to blame, by
/// itself or together with what comes before. Takes it out and tries the rest again.
QCoro::Task<> UpdateRun::findCulprits(Job failed, qsizetype group)
{
    const auto result = [this, group]() -> GroupResult & { return m_report.groups[group]; };
    QList<QList<PlannedUpdate>> parts = inseparable(failed.plan.updates);
    Job red = failed; // of all parts together
    bool onceMore = true; // what is flaky is tried together again, once
    while (true) {
        const Found found = co_await search(parts, red, group);
        if (found.ended)
            co_return;
        Job evidence = found.evidence; // of parts[0, last)
        QList<PlannedUpdate> blamed = joined(parts.mid(found.first, found.last - found.first));
        Culprit culprit;
        if (found.first > 0) {
            const QList<QList<PlannedUpdate>> byItself{blamed};
            const Tried alone = co_await tryOut(byItself, red, group);
            if (alone.answer == Tried::Answer::Ended)
                co_return;
            culprit.onlyTogether = alone.answer == Tried::Answer::Green;
            if (alone.answer == Tried::Answer::Red)
                evidence = alone.job;
        }
        const QList<PlannedUpdate> tested =
            culprit.onlyTogether ? joined(parts.mid(0, found.last)) : blamed;
        // Two jobs with the same failing tests have said it twice already.
        const bool toldTwice = evidence.request.id != failed.request.id
            && failingTests(evidence) == failingTests(failed);
        bool flaky = false;
        if (onceMore && !toldTwice)
            flaky = co_await isFlaky(tested, evidence, group);
        if (flaky) {
            onceMore = false;
            const Job again = co_await attempt(proposalFor(joined(parts), group), group);
            if (!isRed(again)) {
                co_await settle(again, group);
                co_return;
            }
            red = again;
            continue;
        }
        QList<PlannedUpdate> rest = joined(parts);
        if (!culprit.onlyTogether && blamed.size() > 1)
            blamed = co_await narrowed(blamed, evidence, group);
        if (m_cancelled) {
            result().state = GroupResult::State::Cancelled;
            co_return;
        }
        rest.removeIf([&blamed](const PlannedUpdate &update) { return blamed.contains(update); });
        culprit.updates = blamed;
        culprit.phase = evidence.failure ? toString(evidence.failure->phase) : QString();
        culprit.reason = reasonOf(evidence);
        culprit.tests = failingTests(evidence);
        culprit.jobId = evidence.request.id;
        result().culprits << culprit;
        tell();
        parts = inseparable(rest);
        if (parts.isEmpty()) {
            result().state = GroupResult::State::Failed;
            result().reason = culprit.reason;
            co_return;
        }
        // The first time it is what is to be proposed; then it belongs to the search.
        if (result().culprits.size() > 1 && ++m_report.extraCells > m_report.extraLimit) {
            --m_report.extraCells;
            result().state = GroupResult::State::Failed;
            result().reason = givenUp(red);
            co_return;
        }
        const Job job = co_await attempt(proposalFor(rest, group), group);
        if (!isRed(job)) {
            co_await settle(job, group);
            co_return;
        }
        red = job;
    }
}

QString UpdateRun::givenUp(const Job &red) const
{
    return tr("%1 What is to blame was not found with %2 further cells.")
        .arg(reasonOf(red))
        .arg(m_report.extraLimit);
}

/// Tries some parts without proposing them.
QCoro::Task<UpdateRun::Tried> UpdateRun::tryOut(QList<QList<PlannedUpdate>> parts, Job red,
                                                qsizetype group)
{
    Tried tried;
    if (m_report.extraCells >= m_report.extraLimit) {
        m_report.groups[group].state = GroupResult::State::Failed;
        m_report.groups[group].reason = givenUp(red);
        co_return Tried(tried);
    }
    const JobRequest request =
        requestFor(joined(parts),
                   parts.size() > 1 ? tr("search for the culprit")
                                    : tr("once more by itself, to tell cause from chance"),
                   JobKind::Check);
    tried.job = co_await attempt(request, group);
    ++m_report.extraCells;
    tell();
    const Job &job = tried.job;
    if (m_cancelled) {
        m_report.groups[group].state = GroupResult::State::Cancelled;
    } else if (job.outcome == Outcome::Succeeded) {
        tried.answer = Tried::Answer::Green;
    } else if (isRed(job)) {
        tried.answer = Tried::Answer::Red;
    } else if (job.failure && job.failure->error.code == ErrorCode::Conflict) {
        tried.answer = Tried::Answer::Unknown;
    } else {
        m_report.groups[group].state = GroupResult::State::Failed;
        m_report.groups[group].reason = reasonOf(job);
    }
    co_return Tried(tried);
}

} // namespace ovvoc
