#include "jobs/job.h"

namespace ovvoc {

qint64 Phase::milliseconds() const
{
    if (!started.isValid())
        return 0;
    return started.msecsTo(ended.isValid() ? ended : QDateTime::currentDateTimeUtc());
}

const Phase *Job::phase(PhaseKind kind) const
{
    for (const Phase &phase : phases) {
        if (phase.kind == kind)
            return &phase;
    }
    return nullptr;
}

bool Job::isOver() const
{
    const Phase *destroy = phase(PhaseKind::Destroy);
    return outcome != Outcome::None
        && (!destroy
            || (destroy->state != PhaseState::Waiting && destroy->state != PhaseState::Running));
}

const Phase *Job::running() const
{
    for (const Phase &phase : phases) {
        if (phase.state == PhaseState::Running)
            return &phase;
    }
    return nullptr;
}

QString toString(PhaseKind kind)
{
    switch (kind) {
    case PhaseKind::Create:
        return QStringLiteral("Create");
    case PhaseKind::Clone:
        return QStringLiteral("Clone");
    case PhaseKind::Analyze:
        return QStringLiteral("Analyze");
    case PhaseKind::Transform:
        return QStringLiteral("Transform");
    case PhaseKind::Build:
        return QStringLiteral("Build");
    case PhaseKind::Test:
        return QStringLiteral("Test");
    case PhaseKind::PullRequest:
        return QStringLiteral("PR");
    case PhaseKind::Destroy:
        return QStringLiteral("Destroy");
    }
    return {};
}

QString toString(PhaseState state)
{
    switch (state) {
    case PhaseState::Waiting:
        return QStringLiteral("waiting");
    case PhaseState::Running:
        return QStringLiteral("running");
    case PhaseState::Succeeded:
        return QStringLiteral("succeeded");
    case PhaseState::Failed:
        return QStringLiteral("failed");
    case PhaseState::Cancelled:
        return QStringLiteral("cancelled");
    case PhaseState::Skipped:
        return QStringLiteral("skipped");
    }
    return {};
}

QString toString(Outcome outcome)
{
    switch (outcome) {
    case Outcome::None:
        return QStringLiteral("none");
    case Outcome::Succeeded:
        return QStringLiteral("succeeded");
    case Outcome::Failed:
        return QStringLiteral("failed");
    case Outcome::Cancelled:
        return QStringLiteral("cancelled");
    }
    return {};
}

QString toString(JobKind kind)
{
    return kind == JobKind::Scan ? QStringLiteral("scan")
        : kind == JobKind::Check ? QStringLiteral("check")
                                 : QStringLiteral("update");
}

Confidence confidenceOf(const Job &job)
{
    return confidenceIn(job.plan, job.tests,
                        {.changedFiles = job.changedByBuild + job.changedByTests,
                         .madeTests = job.madeTests,
                         .aside = job.aside,
                         .code = job.code,
                         .unproved = job.unproved,
                         .history = job.history});
}

} // namespace ovvoc
