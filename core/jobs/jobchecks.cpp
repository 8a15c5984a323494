// After the tests: where a linter or a formatter moves, the repository's own script that uses it
// says whether the new version still takes the code as it is. The tests cannot.

#include "jobs/jobrunner.h"
#include "updates/proved.h"

namespace ovvoc {

/// Runs one; false when it failed. Its end is not what its tests say: what it prints is no report.
TaskResult<bool> JobRunner::check(CheckScript check)
{
    RecipeStep step;
    step.name = tr("Check (%1)").arg(check.script);
    const QString manager = m_recipe.test.value(0).command.value(0);
    step.command = QStringList{manager, "run", check.script};
    const auto done = co_await runStep(step, environment(false));
    static const QList<ErrorCode> ends{ErrorCode::EngineLost, ErrorCode::Cancelled,
                                       ErrorCode::Timeout, ErrorCode::Internal};
    if (m_stop)
        co_return fail(*m_stop);
    if (!done && ends.contains(done.error().code))
        co_return fail(done.error());
    co_return done.has_value();
}

/// Those that prove what moves, or that a baseline is asked for. Gives the texts of those that
/// ended well. Without a run nobody looks whether it fails without the update too, so it is only
/// told.
TaskResult<QStringList> JobRunner::runChecks(SurveyProject project, QStringList ran)
{
    OVVOC_CO_CHECK(useProject(project));
    QList<CheckScript> checks;
    for (const CheckScript &one : std::as_const(m_job.request.checks)) {
        if (one.project == project.path && project.hasScript(one.script))
            checks << one;
    }
    QList<PlannedUpdate> own = m_job.plan.updates;
    own.removeIf([&](const PlannedUpdate &one) { return one.project != project.path; });
    const QStringList proving = scriptsThatProve(own, project.scripts, ran);
    for (const QString &script : proving)
        checks << CheckScript{project.path, script};
    QStringList good;
    for (const CheckScript &one : std::as_const(checks)) {
        const CheckScript asked = one;
        OVVOC_CO_TRY(passed, co_await check(asked));
        if (passed) {
            good += scriptsThatRan(project.scripts, {asked.script});
            continue;
        }
        if (m_job.request.baseline) {
            m_job.failedChecks << asked;
            continue;
        }
        if (m_job.request.knownFailures.checks.contains(asked)) {
            m_job.notes << tr("The script \"%1\" fails, and failed without the update too.")
                               .arg(asked.script);
            stepDone(m_job.notes.last());
            continue;
        }
        if (m_job.request.runId.isEmpty()) {
            m_job.notes << tr("The script \"%1\" fails. Whether it does so without the update too "
                              "was not looked at.")
                               .arg(asked.script);
            stepDone(m_job.notes.last());
            continue;
        }
        m_job.failedChecks << asked;
        co_return fail(ErrorCode::CommandFailed,
                       tr("The tests pass, but the script \"%1\", which uses what moves, fails%2")
                           .arg(asked.script, firstLineOfFailure()));
    }
    co_return QStringList(good);
}

} // namespace ovvoc
