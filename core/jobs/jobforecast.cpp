// What the code says of the updates that a scan found, before any of them runs: where it uses the
// packages, and which of the known rules are about it. Nothing is installed and nothing is written.

#include "base/text.h"
#include "jobs/jobrunner.h"
#include "updates/classify.h"

#include <algorithm>

namespace ovvoc {

namespace {

constexpr int mostPlaces = 8; ///< that a line names

PlannedUpdate stepOf(const ScannedDependency &dependency)
{
    PlannedUpdate update;
    update.name = dependency.name;
    update.section = dependency.section;
    update.project = dependency.project;
    update.from = dependency.current;
    update.to = dependency.latest;
    update.level = dependency.level.value_or(UpdateLevel::Patch);
    return update;
}

/// "TITLE (95 %): FILE:LINE, FILE:LINE and 3 more".
QString lineOf(const CodeChange &change, const QList<CodePlace> &places)
{
    QStringList where;
    for (const CodePlace &place : places.first(std::min(qsizetype(mostPlaces), places.size()))) {
        const QString text =
            place.line > 0 ? QStringLiteral("%1:%2").arg(place.file).arg(place.line) : place.file;
        if (!where.contains(text))
            where << text;
    }
    QString text = JobRunner::tr("%1 (%2 %): %3")
                       .arg(change.title)
                       .arg(qRound(change.confidence * 100))
                       .arg(where.join(QStringLiteral(", ")));
    if (places.size() > mostPlaces)
        text = JobRunner::tr("%1 and %n more", nullptr, int(places.size()) - mostPlaces).arg(text);
    return oneLine(text).left(600);
}

CodeForecast forecastOf(const ScannedDependency &dependency, const CodeReport &report)
{
    CodeForecast result;
    result.read = true;
    for (const PackageUse &use : report.uses) {
        if (use.package == dependency.name && use.project == dependency.project) {
            result.files = use.files;
            result.places = use.places;
        }
    }
    for (const CodeChange &change : report.changes) {
        if (change.package != dependency.name || change.project != dependency.project)
            continue;
        if (!change.changed.isEmpty() && result.rules.size() < CodeForecast::mostLines)
            result.rules << lineOf(change, change.changed);
        if (!change.byHand.isEmpty() && result.byHand.size() < CodeForecast::mostLines)
            result.byHand << lineOf(change, change.byHand);
    }
    const Classification found = classify(stepOf(dependency), report);
    result.category = categoryName(found.categories.first().number);
    // A major step is for its makers to break things; that no rule says so proves nothing.
    result.strategy =
        found.strategy == UpdateStrategy::VersionOnly && dependency.level == UpdateLevel::Major
        ? JobRunner::tr("no known rule applies")
        : toString(found.strategy);
    return result;
}

} // namespace

/// Codemods and packages that have to be named besides: which files they are about.
TaskResult<> JobRunner::forecastFiles(ProjectCode code, CodeReport &report)
{
    for (const RuleSet &set : code.steps) {
        for (const CodeRule &rule : set.rules) {
            if (!rule.isCodemod() && !rule.addsDependency())
                continue;
            const QList<CodemodRun> none;
            const QString nowhere;
            const auto meant = co_await layOut(code, rule, none, nowhere);
            if (m_stop)
                co_return fail(*m_stop);
            if (!meant || meant->isEmpty())
                continue;
            CodeChange change = changeOf(set, rule, code.project.path);
            for (const QString &file : *meant)
                change.changed << CodePlace{file, 0, {}};
            report.changes << change;
        }
    }
    co_return {};
}

TaskResult<> JobRunner::forecastCode()
{
    if (m_job.scan->outdated() == 0)
        co_return {};
    OVVOC_CO_CHECK(co_await readRepository());
    const QList<SurveyProject> projects = m_survey.projects;
    for (const SurveyProject &project : projects) {
        ProjectCode code = sourcesOf(project);
        for (const ScannedDependency &one : std::as_const(m_job.scan->dependencies)) {
            if (!one.level || one.project != project.path || one.current.isEmpty())
                continue;
            code.packages << one.name;
            if (!m_job.request.changeCode)
                continue;
            // Members at different versions cross the same step: once.
            for (const RuleSet &set : rulesForStep(one.name, one.current, one.latest, m_ownRules)) {
                if (!code.steps.contains(set))
                    code.steps << set;
            }
        }
        if (code.packages.isEmpty())
            continue;
        code.packages.removeDuplicates();
        const QList<CodemodRun> none;
        const QStringList nothing;
        auto asked = co_await askCode(code, none, nothing);
        if (m_stop)
            co_return fail(*m_stop);
        if (!asked) {
            m_job.scan->notes << tr("The code of %1 was not read: %2")
                                     .arg(project.inProject(QStringLiteral("package.json")),
                                          asked.error().message);
            continue;
        }
        CodeReport report = *asked;
        OVVOC_CO_CHECK(co_await forecastFiles(code, report));
        for (ScannedDependency &one : m_job.scan->dependencies) {
            if (one.level && one.project == project.path && !one.current.isEmpty())
                one.code = forecastOf(one, report);
        }
    }
    co_return {};
}

} // namespace ovvoc
