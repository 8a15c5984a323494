// Beside the projects that move: those that are only installed, as they are, because the others may
// use them, and the members of a workspace that are built one by one. Nothing of them is changed.

#include "jobs/jobrunner.h"

#include <functional>

namespace ovvoc {

/// What one project's tests call may lie in another: so the others are there as well, as they are,
/// in an update as in a baseline. One that cannot be installed is named and does no more harm.
TaskResult<> JobRunner::installOthers()
{
    const QList<SurveyProject> others = m_others;
    for (const SurveyProject &other : others) {
        OVVOC_CO_CHECK(useProject(other));
        const auto done = co_await runSteps(m_recipe.baseline, environment(true));
        if (done)
            continue;
        if (done.error().code != ErrorCode::CommandFailed)
            co_return fail(done.error());
        m_others.removeIf([&](const SurveyProject &one) { return one.path == other.path; });
        m_job.notes << tr("%1 could not be installed, so what needs it fails: %2")
                           .arg(other.path.isEmpty() ? QStringLiteral("/") : other.path,
                                done.error().message);
        stepDone(m_job.notes.last());
    }
    co_return {};
}

/// The install scripts of what is only there for the others.
TaskResult<> JobRunner::rebuildOthers()
{
    using When = RecipeStep::When;
    const QList<SurveyProject> others = m_others;
    for (const SurveyProject &other : others) {
        OVVOC_CO_CHECK(useProject(other));
        QList<RecipeStep> steps = m_recipe.build;
        steps.removeIf([](const RecipeStep &step) {
            return step.when.contains(When::Script) || step.when.contains(When::MemberBuilds);
        });
        const auto done = co_await runSteps(steps, environment(false));
        if (!done && done.error().code != ErrorCode::CommandFailed)
            co_return fail(done.error());
        if (!done)
            m_job.notes
                << tr("The install scripts of %1 did not end well, so what needs it fails: %2")
                       .arg(other.path.isEmpty() ? QStringLiteral("/") : other.path,
                            done.error().message);
    }
    co_return {};
}

/// The members with a build script, each after those that it depends on.
QList<SurveyMember> JobRunner::membersToBuild() const
{
    QList<SurveyMember> ordered;
    QSet<QString> done, open;
    QHash<QString, const SurveyMember *> byName;
    for (const SurveyMember &member : m_project.members)
        byName.insert(member.name, &member);
    const std::function<void(const SurveyMember &)> visit = [&](const SurveyMember &member) {
        if (done.contains(member.path) || open.contains(member.path))
            return; // members may depend on each other in a circle
        open.insert(member.path);
        for (const QString &need : member.needs) {
            if (const SurveyMember *other = byName.value(need))
                visit(*other);
        }
        done.insert(member.path);
        if (buildsItself(member))
            ordered << member;
    };
    for (const SurveyMember &member : m_project.members)
        visit(member);
    return ordered;
}

} // namespace ovvoc
