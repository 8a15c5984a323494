// What Transform does: survey, choose, move.

#include "base/logging.h"
#include "jobs/jobrunner.h"
#include "patch/applied.h"
#include "patch/makepatch.h"
#include "updates/choose.h"
#include "updates/manifestedit.h"

#include <QtConcurrent/QtConcurrentRun>
#include <algorithm>
#include <qcoro/qcorofuture.h>

namespace ovvoc {

namespace {

constexpr qint64 surveyLimit = 64 * 1024 * 1024;
constexpr int resolveTries = 8;
constexpr qsizetype mostOthers = 8; ///< projects that are installed beside those that move

} // namespace

bool testsItself(const SurveyMember &member)
{
    const QString test = member.scripts.value(QStringLiteral("test"));
    return !test.trimmed().isEmpty() && !test.contains(QLatin1String("Error: no test specified"));
}

bool buildsItself(const SurveyMember &member)
{
    return !member.scripts.value(QStringLiteral("build")).trimmed().isEmpty();
}

bool membersBuildThemselves(const SurveyProject &project)
{
    const QString test = project.scripts.value(QStringLiteral("test"));
    // Runners of tasks build what a task needs.
    static const QStringList builds{"build", "turbo", "nx ", "lage", "wireit", "moon "};
    return !project.hasScript(QStringLiteral("build"))
        && std::none_of(builds.begin(), builds.end(),
                        [&](const QString &word) { return test.contains(word); })
        && std::any_of(project.members.begin(), project.members.end(), buildsItself);
}

bool membersTestThemselves(const SurveyProject &project)
{
    const QString script = project.scripts.value(QStringLiteral("test"));
    // A root script that goes through the members itself is not repeated.
    static const QStringList through{"workspace", "-ws",       "lerna", "turbo",
                                     "nx ",       "recursive", " -r"};
    if (std::any_of(through.begin(), through.end(),
                    [&](const QString &word) { return script.contains(word); }))
        return false;
    return std::any_of(project.members.begin(), project.members.end(), testsItself);
}

QString JobRunner::projectFolder() const
{
    return m_project.path.isEmpty() ? repoFolder : repoFolder + '/' + m_project.path;
}

TaskResult<Survey> JobRunner::askSurvey(QStringList options)
{
    ExecRequest request;
    QStringList named, scopes;
    for (const RegistrySetting &registry : std::as_const(m_job.request.registries)) {
        named << registry.url;
        for (const QString &scope : registry.scopes)
            scopes << scope + '=' + registry.url;
    }
    request.command = QStringList{"/usr/local/bin/node",
                                  "/usr/local/lib/ovvoc/survey/survey.mjs",
                                  "--folder",
                                  repoFolder,
                                  "--registry",
                                  m_registry,
                                  "--allow-registry",
                                  named.join(','),
                                  "--scope",
                                  scopes.join(',')}
        + options;
    if (!m_job.request.node.isEmpty())
        request.command << "--asked-node" << m_job.request.node;
    if (!m_job.request.projects.isEmpty())
        request.command << "--projects" << m_job.request.projects.join(',');
    request.environment = environment(true);
    request.folder = QStringLiteral("/tmp"); // not the clone: its .npmrc and the like are not ours
    request.children = false;
    request.outputLimit = surveyLimit;
    request.timeoutSeconds = 24 * 3600; // the phase's own limit ends it
    OVVOC_CO_TRY(outcome, co_await m_cell->exec(std::move(request)));
    if (outcome.exitCode != 0)
        co_return fail(ErrorCode::CommandFailed, tr("The repository could not be surveyed."),
                       QString::fromUtf8(outcome.errors.right(2000)));
    const QByteArray json = outcome.output;
    const auto work = [json] { return parseSurvey(json); };
    QFuture<Result<Survey>> future = QtConcurrent::run(work);
    co_return co_await future;
}

TaskResult<> JobRunner::survey()
{
    say(tr("$ survey"));
    OVVOC_CO_TRY(found, co_await askSurvey(QStringList()));
    m_survey = found;
    m_survey.warnings = m_leftOut + m_survey.warnings;
    useTestScripts();
    for (const SurveyNote &warning : std::as_const(m_survey.warnings)) {
        say(tr("note: %1").arg(warning.text));
        m_job.notes << warning.text;
    }
    int dependencies = 0;
    for (const SurveyProject &project : std::as_const(m_survey.projects)) {
        dependencies += int(project.dependencies.size());
        for (const SurveyNote &problem : project.problems)
            say(tr("note: %1").arg(problem.text));
    }
    m_job.unnamedRegistries = unnamedRegistries();
    stepDone(tr("surveyed: %n project(s)", nullptr, int(m_survey.projects.size())) + ", "
             + tr("%n dependencies", nullptr, dependencies));
    co_return {};
}

/// The scripts that the settings name take the place of "test", also where the members are tested.
void JobRunner::useTestScripts()
{
    const QStringList wanted = m_job.request.testScripts;
    if (wanted.isEmpty())
        return;
    for (SurveyProject &project : m_survey.projects) {
        const auto isThere = [&](const QString &script) {
            return project.hasScript(script)
                || std::ranges::any_of(project.members, [&](const SurveyMember &member) {
                       return !member.scripts.value(script).trimmed().isEmpty();
                   });
        };
        project.hasTests = std::ranges::any_of(wanted, isThere);
        for (const QString &script : wanted) {
            if (isThere(script))
                continue;
            m_job.notes << tr("%1 has no script \"%2\", which the settings name (test-scripts).")
                               .arg(project.inProject(QStringLiteral("package.json")), script);
            say(tr("note: %1").arg(m_job.notes.last()));
        }
    }
}

/// What git has of the files that may change, while nothing but git has touched the clone.
TaskResult<> JobRunner::readBase(QStringList paths)
{
    const QStringList environment = gitEnvironment();
    ExecRequest list;
    list.command = QStringList{"git", "ls-tree", "-z", "HEAD", "--"} + paths;
    list.environment = environment;
    list.folder = repoFolder;
    OVVOC_CO_TRY(listing, co_await m_cell->exec(std::move(list)));
    QStringList found, ids;
    for (const QByteArray &line : listing.output.split('\0')) {
        if (line.isEmpty())
            continue;
        const QList<QByteArray> head = line.left(line.indexOf('\t')).split(' ');
        const QString path = QString::fromUtf8(line.mid(line.indexOf('\t') + 1));
        if (head.size() != 3 || head[1] != "blob" || head[0] == "120000")
            co_return fail(ErrorCode::Unsupported,
                           tr("%1 is a link or a folder, so it cannot be changed.").arg(path));
        BaseBlob blob;
        blob.mode = head[0].toUInt(nullptr, 8);
        blob.id = QString::fromLatin1(head[2]);
        m_base.insert(path, blob);
        found << path;
        ids << blob.id;
    }
    if (found.isEmpty())
        co_return fail(ErrorCode::NotFound, tr("None of the files to change is in the commit."));
    ExecRequest contents;
    contents.command =
        QStringList{"/bin/sh", "-c",
                    "for id; do git cat-file -s \"$id\" && git cat-file blob \"$id\" "
                    "|| exit 1; done",
                    "sh"}
        + ids;
    contents.environment = environment;
    contents.folder = repoFolder;
    contents.outputLimit = 2 * lockfileLimit;
    OVVOC_CO_TRY(raw, co_await m_cell->exec(std::move(contents)));
    const QStringList names = found;
    OVVOC_CO_TRY(checkedOut, co_await m_cell->readFiles(repoFolder, names, lockfileLimit));
    QByteArrayView rest = raw.output;
    for (qsizetype i = 0; i < found.size(); ++i) {
        BaseBlob &blob = m_base[found[i]];
        const qsizetype end = rest.indexOf('\n');
        bool number = false;
        const qlonglong size = end < 0 ? -1 : rest.first(end).toLongLong(&number);
        if (!number || size < 0 || size > rest.size() - end - 1)
            co_return fail(ErrorCode::CommandFailed, tr("git could not read %1.").arg(found[i]));
        blob.stored = rest.sliced(end + 1, size).toByteArray();
        rest = rest.sliced(end + 1 + size);
        if (blobId(blob.stored) != blob.id || !checkedOut[i])
            co_return fail(ErrorCode::PolicyViolation,
                           tr("%1 is not what the commit says.").arg(found[i]));
        blob.checkedOut = *checkedOut[i];
        QByteArray converted = blob.stored;
        converted.replace("\n", "\r\n");
        blob.crlf = blob.checkedOut != blob.stored && blob.checkedOut == converted;
        if (blob.checkedOut != blob.stored && !blob.crlf)
            co_return fail(ErrorCode::Unsupported,
                           tr("%1 is stored differently from how it is checked out (a filter in "
                              ".gitattributes), so it cannot be changed safely.")
                               .arg(found[i]));
    }
    co_return {};
}

/// The project that is worked on from here, and the recipe of its package manager.
Result<> JobRunner::useProject(const SurveyProject &project)
{
    OVVOC_TRY(recipe, builtinRecipe(project.manager));
    m_project = project;
    m_recipe = recipe;
    for (const QString &file : std::as_const(m_recipe.state))
        m_state << project.inProject(file);
    for (const QString &pattern : std::as_const(m_recipe.appears))
        m_mayAppear << pattern;
    return {};
}

/// Takes out of the plan what the manager says does not fit together. False when nothing is left to
/// take.
bool JobRunner::giveWay(const QByteArray &output)
{
    const QStringList named = packagesInConflict(output);
    if (named.isEmpty())
        return false;
    const auto inProject = [&](const PlannedUpdate &update) {
        return update.project == m_project.path;
    };
    const auto take = [&](auto &&which) {
        bool any = false;
        m_job.plan.updates.removeIf([&](const PlannedUpdate &update) {
            if (!inProject(update) || !which(update))
                return false;
            any = true;
            QStringList others = named;
            others.removeAll(update.name);
            m_job.plan.skipped << SkippedUpdate{
                update.name,
                tr("%1 does not fit together with %2").arg(update.to, shortPathList(others))};
            return true;
        });
        return any;
    };
    const auto isNamed = [&](const PlannedUpdate &u) { return named.contains(u.name); };
    const auto isMajor = [](const PlannedUpdate &u) { return u.level == UpdateLevel::Major; };
    return take([&](const PlannedUpdate &u) { return isNamed(u) && isMajor(u); }) || take(isNamed)
        || take(isMajor);
}

/// What the lockfile has of packages that stand against each other is forgotten, so that npm
/// resolves them anew. False when that changes nothing.
TaskResult<bool> JobRunner::unlock(QByteArray output)
{
    QStringList names = packagesInConflict(output);
    if (names.isEmpty() || m_project.lockfile.isEmpty()
        || m_project.manager != QLatin1String("npm"))
        co_return false;
    for (const PlannedUpdate &update : std::as_const(m_job.plan.updates)) {
        if (update.project == m_project.path)
            names << update.name;
    }
    names.removeDuplicates();
    ExecRequest request;
    request.command = QStringList{"/usr/local/bin/node", "/usr/local/lib/ovvoc/survey/unlock.mjs",
                                  "--or-fail", m_project.lockfile}
        + names.mid(0, 200);
    request.environment = environment(true);
    request.folder = projectFolder();
    request.children = false;
    request.timeoutSeconds = 120;
    OVVOC_CO_TRY(outcome, co_await m_cell->exec(std::move(request)));
    co_return outcome.exitCode == 0;
}

/// Moves one project: again with fresh entries in the lockfile, then without what does not fit
/// together, as often as that helps.
TaskResult<> JobRunner::transformProject()
{
    bool fresh = false;
    for (int attempt = 1;; ++attempt) {
        if (placesByFile().isEmpty() && forgotten().isEmpty())
            co_return {};
        m_stepOutput.clear();
        auto done = co_await runSteps(m_recipe.transform, environment(true));
        const QByteArray output = m_stepOutput;
        if (done || attempt >= resolveTries || done.error().code != ErrorCode::CommandFailed)
            co_return done;
        // From the beginning: what the attempt wrote goes.
        const QStringList paths = m_base.keys();
        for (const QString &path : paths)
            OVVOC_CO_CHECK(co_await writeFile(path, m_base[path].checkedOut));
        m_planned.clear();
        for (const QString &path : paths) {
            if (m_manifests.contains(path))
                m_manifests.insert(path, m_base[path].checkedOut);
        }
        if (!std::exchange(fresh, true)) {
            OVVOC_CO_TRY(forgotten, co_await unlock(output));
            if (forgotten) {
                say(tr("again, with these packages resolved anew"));
                continue;
            }
        }
        if (!giveWay(output))
            co_return done;
        say(tr("again without what does not fit together"));
    }
}

TaskResult<> JobRunner::choose()
{
    const Survey found = m_survey;
    const UpdateSelection selection = m_job.request.selection;
    const auto choose = [found, selection] { return choosePlan(found, selection); };
    QFuture<Result<UpdatePlan>> future = QtConcurrent::run(choose);
    OVVOC_CO_TRY(plan, co_await future);
    m_job.plan = plan;
    publish();
    for (const SkippedUpdate &skipped : std::as_const(m_job.plan.skipped))
        say(tr("left out: %1 %2").arg(skipped.name, skipped.reason));
    if (m_job.plan.updates.isEmpty())
        co_return {};
    stepDone(tr("plan: %1").arg(m_job.plan.title()));
    // Before anything is installed: what nothing can prove is not worth the wait. Each project for
    // itself, since one's tests prove nothing of another.
    QStringList others; // scripts that may be meant
    for (const SurveyProject &project : std::as_const(m_survey.projects)) {
        const bool members = m_job.request.testScripts.isEmpty() && membersTestThemselves(project);
        if (project.hasTests || members || m_job.request.acceptBuildOnly)
            continue;
        const QStringList scripts = project.scripts.keys();
        for (const QString &script : scripts) {
            if (script.startsWith(QLatin1String("test")) && script != QLatin1String("test"))
                others << script;
        }
        m_job.plan.updates.removeIf([&](const PlannedUpdate &update) {
            if (update.project != project.path)
                return false;
            const QString file = project.inProject("package.json");
            const QStringList named = m_job.request.testScripts;
            m_job.plan.skipped << SkippedUpdate{
                update.name,
                named.isEmpty() ? tr("has nothing that proves it: %1 has no test script").arg(file)
                                : tr("has nothing that proves it: %1 has no script \"%2\"")
                                      .arg(file, named.join(QStringLiteral("\", \"")))};
            return true;
        });
    }
    others.removeDuplicates();
    others.sort();
    if (m_job.plan.updates.isEmpty() && m_job.request.testScripts.isEmpty() && !others.isEmpty())
        co_return fail(ErrorCode::NothingProves,
                       tr("Nothing proves this update: package.json has no script \"test\", but it "
                          "has %1. Name what proves an update: --test-script %2, or the setting "
                          "\"test-scripts\".")
                           .arg(oneLine(others.mid(0, 5).join(QStringLiteral(", "))),
                                oneLine(others.first())));
    if (m_job.plan.updates.isEmpty())
        co_return fail(ErrorCode::NothingProves,
                       m_job.request.testScripts.isEmpty()
                           ? tr("Nothing proves this update: package.json has no test script.")
                           : tr("Nothing proves this update: package.json has no script \"%1\", "
                                "which was named to prove it.")
                                 .arg(m_job.request.testScripts.join(QStringLiteral("\", \""))));
    co_await splitIntoGroups();
    noteNarrower();
    m_job.planned = m_job.plan.updates;
    co_return {};
}

/// The tests run on one Node here; where people's own CI runs them on all that is promised, a new
/// tool may not.
void JobRunner::noteNarrower()
{
    for (const PlannedUpdate &update : std::as_const(m_job.plan.updates)) {
        for (const SurveyProject &project : std::as_const(m_survey.projects)) {
            const SurveyDependency *dependency =
                project.path == update.project ? project.find(update.name) : nullptr;
            if (!dependency)
                continue;
            for (const SurveyVersion &version : dependency->versions) {
                if (version.text == update.to && !version.narrows.isEmpty())
                    m_job.notes << tr("%1 %2: %3. Where tests run on an older Node, look at it "
                                      "before you merge.")
                                       .arg(update.name, update.to, version.narrows);
            }
        }
    }
    m_job.notes.removeDuplicates();
}

/// What earlier runs found out in this very state is not found out again.
void JobRunner::recall()
{
    if (!m_services.memory || m_job.request.grouping.mode == Grouping::Mode::Off)
        return;
    const RepositoryMemory memory = m_services.memory(m_job.request, conditionsOf(m_job));
    m_job.knownBaseline = memory.baseline;
    if (m_job.request.asksAgain())
        return;
    const QList<SkippedUpdate> held = holdKnownFailures(m_job.plan.updates, memory);
    for (const SkippedUpdate &skipped : held)
        say(tr("left out: %1 %2").arg(skipped.name, skipped.reason));
    m_job.plan.skipped += held;
}

/// The first group that is not held back is this job's; the run goes on with the others.
Task<> JobRunner::splitIntoGroups()
{
    const JobRequest request = m_job.request;
    if (!request.topic.isEmpty() || !request.selection.only.isEmpty())
        co_return; // told what to move
    recall();
    const QList<PlannedUpdate> updates = m_job.plan.updates;
    if (updates.isEmpty())
        co_return;
    using Split = std::pair<QList<UpdateGroup>, QList<HeldGroup>>;
    const QList<ForgeProposal> known = m_known;
    const auto split = [updates, request, known]() -> Split {
        QList<UpdateGroup> groups = groupsOf(updates, request.grouping);
        if (!request.selection.package.isEmpty())
            groups.first().topic = topicOfPackage(request.selection.package);
        if (request.asksAgain())
            return {groups, {}};
        const auto held =
            holdBack(groups, known, request.proposals, QDateTime::currentDateTimeUtc());
        return {groups, held};
    };
    QFuture<Split> future = QtConcurrent::run(split);
    const Split found = co_await future;
    QList<UpdateGroup> groups = found.first;
    m_job.held = found.second;
    for (const HeldGroup &held : std::as_const(m_job.held)) {
        for (const PlannedUpdate &update : held.group.updates) {
            m_job.plan.skipped << SkippedUpdate{update.name, update.to + ' ' + held.reason};
            say(tr("left out: %1 %2").arg(update.name, m_job.plan.skipped.last().reason));
        }
    }
    const UpdateGroup own = groups.isEmpty() ? UpdateGroup() : groups.takeFirst();
    m_job.plan.updates = own.updates;
    m_job.request.topic = own.topic;
    m_job.later = groups;
    if (request.grouping.mode != Grouping::Mode::Off)
        m_job.request.part = own.title;
    if (!groups.isEmpty())
        stepDone(tr("%n group(s), first: %1", nullptr, int(groups.size()) + 1).arg(own.title));
}

TaskResult<> JobRunner::transform()
{
    OVVOC_CO_CHECK(co_await survey());
    QSet<QString> moving; // folders of projects
    if (m_job.request.baseline) {
        for (const UpdateTarget &target : std::as_const(m_job.request.selection.only))
            moving << target.project;
    } else {
        OVVOC_CO_CHECK(co_await choose());
        if (m_job.plan.updates.isEmpty())
            co_return co_await nothingToDo();
        for (const PlannedUpdate &update : std::as_const(m_job.plan.updates))
            moving << update.project;
    }
    QStringList paths;
    for (const PlannedUpdate &update : std::as_const(m_job.plan.updates)) {
        for (const UpdatePlace &place : update.places)
            paths << place.file;
    }
    for (const SurveyProject &project : std::as_const(m_survey.projects)) {
        if (!moving.contains(project.path)) {
            if (obstacleTo(project).isEmpty() && m_others.size() < mostOthers)
                m_others << project;
            continue;
        }
        m_projects << project;
        paths << project.inProject(project.lockfile.isEmpty() ? QStringLiteral("package.json")
                                                              : project.lockfile);
    }
    if (!m_job.request.baseline) {
        OVVOC_CO_CHECK(co_await readRepository());
        OVVOC_CO_CHECK(co_await findAdditions());
        for (const AddedDependency &added : std::as_const(m_added))
            paths << added.file;
    }
    paths.removeDuplicates();
    OVVOC_CO_CHECK(co_await readBase(paths));
    OVVOC_CO_CHECK(co_await fetchToolchain());
    OVVOC_CO_CHECK(co_await lockWork());
    const QList<SurveyProject> installed = m_projects + m_others;
    for (const SurveyProject &project : installed)
        OVVOC_CO_CHECK(co_await keepManifests(project));
    for (const SurveyProject &project : std::as_const(m_projects)) {
        OVVOC_CO_TRY(recipe, builtinRecipe(project.manager));
        const QStringList aside = setAside(project);
        if (aside.isEmpty() || !recipe.setsAside())
            continue;
        m_job.aside += aside;
        m_job.notes << tr("Built and tested without %1, which no cell can have; see what is left "
                          "where it is, and why.")
                           .arg(shortPathList(aside));
        stepDone(m_job.notes.last());
    }
    OVVOC_CO_CHECK(co_await installOthers());
    const QList<SurveyProject> projects = m_projects;
    for (const SurveyProject &project : projects) {
        OVVOC_CO_CHECK(useProject(project));
        if (m_job.request.baseline) {
            OVVOC_CO_CHECK(co_await runSteps(m_recipe.baseline, environment(true)));
        } else {
            OVVOC_CO_CHECK(co_await transformProject());
        }
    }
    if (m_job.plan.updates.isEmpty() && !m_job.request.baseline)
        co_return co_await nothingToDo();
    // A try of some updates says nothing of a smaller set.
    const auto moves = [this](const UpdateTarget &target) {
        return std::ranges::any_of(m_job.plan.updates, [&](const PlannedUpdate &update) {
            return target.project == update.project && target.name == update.name
                && target.version == update.to
                && (target.from.isEmpty() || target.from == update.from);
        });
    };
    const QList<UpdateTarget> asked = m_job.request.selection.only;
    if (m_job.request.kind == JobKind::Check && !m_job.request.baseline
        && !std::ranges::all_of(asked, moves))
        co_return fail(ErrorCode::Conflict,
                       tr("It cannot be tried without others: %1").arg(whyNothing()));
    if (!m_job.request.baseline) {
        for (const SurveyProject &project : std::as_const(m_projects))
            m_code << codeOf(project);
        OVVOC_CO_CHECK(co_await fetchCodemods());
    }
    closeGate();
    OVVOC_CO_CHECK(co_await m_cell->link()->closePort());
    OVVOC_CO_CHECK(co_await readClosed());
    if (!m_job.request.baseline)
        OVVOC_CO_CHECK(co_await changeCode());
    OVVOC_CO_CHECK(co_await sealPatchNow());
    if (m_job.request.baseline) {
        phase(PhaseKind::Transform).message = tr("installed as it is");
        co_return {};
    }
    if (m_job.patch.isEmpty())
        co_return fail(ErrorCode::CommandFailed,
                       tr("The package manager ended well, but changed no file, although the plan "
                          "has %1. Look at the settings in .npmrc.")
                           .arg(m_job.plan.title()));
    phase(PhaseKind::Transform).message =
        tr("%n file(s) sealed", nullptr, int(m_job.patch.files.size()));
    co_return {};
}

/// "Up to date" is said of what was judged, not of what was left out.
QString JobRunner::whyNothing() const
{
    const QList<SkippedUpdate> &skipped = m_job.plan.skipped;
    if (skipped.isEmpty())
        return tr("up to date");
    const QString first = skipped.first().name + ' ' + skipped.first().reason;
    return skipped.size() == 1
        ? tr("nothing to move: %1").arg(first)
        : tr("nothing to move; %n left out, first %1", nullptr, int(skipped.size())).arg(first);
}

TaskResult<> JobRunner::nothingToDo()
{
    // What was to be tried was not: that is no pass.
    if (m_job.request.kind == JobKind::Check)
        co_return fail(ErrorCode::Conflict, whyNothing());
    m_upToDate = true;
    closeGate();
    phase(PhaseKind::Transform).message = whyNothing();
    co_return {};
}

} // namespace ovvoc
