// What a new version needs besides: packages that rules of type "dependency_change" add to the
// manifest beside the one that moves. Decided before anything is installed, from what the files
// say.

#include "base/text.h"
#include "jobs/jobrunner.h"

#include <algorithm>

namespace ovvoc {

namespace {

/// Where the range of the update stands in a manifest of its project; null: nowhere.
const SurveyPlace *placeOf(const SurveyProject &project, const QString &name)
{
    const SurveyDependency *dependency = project.find(name);
    if (!dependency)
        return nullptr;
    const auto found = std::ranges::find_if(dependency->places, [](const SurveyPlace &place) {
        return place.path.size() == 2 && place.file.endsWith(QLatin1String("package.json"))
            && place.path[0].endsWith(QLatin1String("ependencies"))
            && place.path[0] != QLatin1String("peerDependencies");
    });
    return found == dependency->places.end() ? nullptr : &*found;
}

} // namespace

TaskResult<> JobRunner::findAdditions()
{
    const QList<SurveyProject> projects = m_projects;
    for (const SurveyProject &project : projects) {
        const ProjectCode code = codeOf(project);
        for (const RuleSet &set : code.steps) {
            for (const CodeRule &rule : set.rules) {
                const SurveyPlace *place = placeOf(project, set.package);
                if (!rule.addsDependency() || !place || project.find(rule.addedPackage))
                    continue;
                const QList<CodemodRun> none;
                const QString nowhere;
                const auto meant = co_await layOut(code, rule, none, nowhere);
                if (!meant || meant->isEmpty())
                    continue; // nothing here is about it, as far as can be read
                const auto update =
                    std::ranges::find_if(m_job.plan.updates, [&](const PlannedUpdate &one) {
                        return one.project == project.path && one.name == set.package;
                    });
                if (update == m_job.plan.updates.end())
                    continue;
                const QString because = oneLine(meant->first()).left(300);
                AddedDependency added;
                added.project = project.path;
                added.file = place->file;
                added.section = place->path[0];
                added.name = rule.addedPackage;
                const bool same = rule.addedRange == QLatin1String("same");
                added.range = same ? update->toRange : rule.addedRange;
                added.forPackage = set.package;
                added.change = changeOf(set, rule, project.path);
                added.change.title += QStringLiteral(": %1 %2").arg(added.name, added.range);
                added.change.changed =
                    QList<CodePlace>{CodePlace{added.file, 1, tr("because of %1").arg(because)}};
                m_added << added;
                stepDone(tr("%1 needs %2 %3 besides (%4)")
                             .arg(set.package, added.name, added.range, because));
            }
        }
    }
    co_return {};
}

/// Those of a file whose package still moves.
QList<AddedDependency> JobRunner::additions(const QString &file) const
{
    QList<AddedDependency> result;
    for (const AddedDependency &one : m_added) {
        const bool moves =
            std::ranges::any_of(m_job.plan.updates, [&](const PlannedUpdate &update) {
                return update.project == one.project && update.name == one.forPackage;
            });
        if (one.file == file && moves)
            result << one;
    }
    return result;
}

} // namespace ovvoc
