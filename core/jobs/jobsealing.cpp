// The seal, and what is compared around it: what was tested must be the base and the sealed patch,
// with the versions that were planned, and nothing that Build left behind.

#include "jobs/jobrunner.h"
#include "patch/applied.h"
#include "patch/makepatch.h"
#include "updates/versionrange.h"

#include <QHash>
#include <QSet>
#include <QtConcurrent/QtConcurrentRun>
#include <algorithm>
#include <qcoro/qcorofuture.h>

namespace ovvoc {

namespace {

/// Whether a path is of the kind that a pattern names: "folder/" below a folder of that name, "*.x"
/// a file's name, "a/b" that very path.
bool matches(const QString &path, const QString &pattern)
{
    if (pattern.endsWith('/'))
        return path.startsWith(pattern) || path.contains('/' + pattern);
    if (pattern.contains('/'))
        return path == pattern;
    const QString name = path.section('/', -1);
    const qsizetype star = pattern.indexOf('*');
    if (star < 0)
        return name == pattern;
    const QString before = pattern.left(star), after = pattern.mid(star + 1);
    // One more star may stand in the rest: "*.test.*".
    const qsizetype second = after.indexOf('*');
    if (second < 0)
        return name.size() >= before.size() + after.size() && name.startsWith(before)
            && name.endsWith(after);
    return name.startsWith(before) && name.mid(before.size()).contains(after.left(second));
}

bool fitsAny(const QString &path, const QStringList &patterns)
{
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const QString &pattern) { return matches(path, pattern); });
}

/// Files that a script names: they decide what it proves.
QStringList filesOf(const QString &script)
{
    QStringList files;
    for (QString word : script.left(4000).split(' ', Qt::SkipEmptyParts)) {
        if (word.startsWith(QLatin1String("./")))
            word = word.mid(2);
        if (!word.startsWith('-'))
            files << word;
    }
    return files;
}

/// Whether one of the advisories holds for a version; one that cannot be read counts as held.
bool holdsFor(const QList<Advisory> &advisories, const QString &version)
{
    const auto parsed = Semver::parse(version);
    return std::ranges::any_of(advisories, [&](const Advisory &advisory) {
        const auto range = VersionRange::parse(advisory.range);
        return !parsed || !range || range->contains(*parsed);
    });
}

/// Packages whose versions in the lockfile are looked at after the move, as one argument.
QString namesToWatch(const UpdatePlan &plan, const QList<SurveyProject> &projects)
{
    constexpr qsizetype mostLength = 100 * 1024; // the kernel takes 128 KiB
    QStringList names;
    for (const PlannedUpdate &update : plan.updates) {
        if (update.isIndirect())
            names << update.name;
    }
    for (const SurveyProject &project : projects) {
        for (const Advisory &advisory : project.advisories)
            names << advisory.package;
    }
    names.removeDuplicates();
    qsizetype length = 0;
    QStringList list;
    for (const QString &name : std::as_const(names)) {
        length += name.size() + 1;
        if (length < mostLength && !name.contains(','))
            list << name;
    }
    return list.join(',');
}

/// What a project's tests are judged by. A value, for a worker: there may be very many paths.
struct Judged
{
    QStringList patterns; ///< of the recipe
    QSet<QString> names; ///< full paths, and last parts without a folder
    QStringList configures;
    QStringList tops; ///< the projects' and their members' folders

    bool proves(const QString &path) const
    {
        return names.contains(path) || names.contains(path.section('/', -1))
            || fitsAny(path, patterns);
    }
    bool configuresTop(const QString &path) const
    {
        return tops.contains(path.contains('/') ? path.section('/', 0, -2) : QString())
            && fitsAny(path, configures);
    }
    /// Of what is new, what looks like tests or like what they are configured by.
    QStringList madeTests(const QStringList &added) const
    {
        QStringList made;
        for (const QString &path : added) {
            if (made.size() < mostMade && (proves(path) || fitsAny(path, configures)))
                made << path;
        }
        return made;
    }
    static constexpr qsizetype mostMade = 50;
    QStringList tamperedWith(const QStringList &changed, const QStringList &added) const
    {
        QStringList tampered;
        for (const QString &path : changed) {
            if (proves(path))
                tampered << path;
        }
        // A configuration that was not there takes the place of the one that was.
        for (const QString &path : added) {
            if (configuresTop(path))
                tampered << path;
        }
        tampered.removeDuplicates();
        return tampered;
    }
};

} // namespace

QString shortPathList(const QStringList &paths)
{
    QString text = paths.mid(0, 5).join(QStringLiteral(", "));
    if (paths.size() > 5)
        text += JobRunner::tr(" and %n more", nullptr, int(paths.size() - 5));
    return text;
}

TaskResult<> JobRunner::sealPatchNow()
{
    // Nothing of the repository may have started something while the gate was open.
    OVVOC_CO_TRY(others, co_await m_cell->processes());
    if (!others.isEmpty())
        co_return fail(ErrorCode::IsolationFailed,
                       tr("Something still runs in the cell although nothing may: %1. The job was "
                          "ended to be safe.")
                           .arg(others.join(QStringLiteral(", ")).left(300)));
    const QString skip = m_cloned.hasFolder(QStringLiteral("node_modules"))
        ? QString()
        : QStringLiteral("node_modules");
    OVVOC_CO_TRY(now, co_await m_cell->fileTree(repoFolder, skip));
    QStringList changed = now.changedSince(m_cloned);
    changed.removeIf(
        [this](const QString &path) { return m_base.contains(path) || m_state.contains(path); });
    if (!changed.isEmpty())
        co_return fail(ErrorCode::PolicyViolation,
                       tr("Installing the packages changed files of the repository that the plan "
                          "does not touch: %1. Nothing was run, and nothing is proposed.")
                           .arg(shortPathList(changed)));
    OVVOC_CO_TRY(toolchain, co_await toolchainTree());
    m_toolchainTree = toolchain;
    QStringList added = now.addedSince(m_cloned);
    added.removeIf([this](const QString &path) {
        return m_base.contains(path) || fitsAny(path, m_mayAppear);
    });
    if (!added.isEmpty())
        co_return fail(ErrorCode::PolicyViolation,
                       tr("Installing the packages put files into the repository that the proposal "
                          "would not have: %1. Nothing was run, and nothing is proposed.")
                           .arg(shortPathList(added)));
    const QStringList paths = m_base.keys();
    OVVOC_CO_TRY(contents, co_await m_cell->readFiles(repoFolder, paths, lockfileLimit));
    OVVOC_CO_CHECK(co_await checkPlanned());
    m_sealedTree = now;
    if (m_job.request.baseline)
        co_return {}; // nothing was to change, and nothing is proposed
    QList<FilePair> pairs;
    for (qsizetype i = 0; i < paths.size(); ++i) {
        const BaseBlob &base = m_base[paths[i]];
        if (!contents[i] || now.entries.value(paths[i]).kind == 'l')
            co_return fail(ErrorCode::PolicyViolation,
                           tr("%1 is gone, or no plain file any more.").arg(paths[i]));
        // Manifests are what the plan says, to the byte; only lockfiles are the manager's.
        if (m_planned.contains(paths[i]) && *contents[i] != m_planned[paths[i]])
            co_return fail(ErrorCode::PolicyViolation,
                           tr("%1 was changed into something else than was planned. Nothing was "
                              "run, and nothing is proposed.")
                               .arg(paths[i]));
        if (m_closed.contains(paths[i]) && *contents[i] != m_closed[paths[i]])
            co_return fail(ErrorCode::PolicyViolation,
                           tr("%1 was changed after the gate had closed, by something that has no "
                              "business with it. Nothing was run, and nothing is proposed.")
                               .arg(paths[i]));
        if (m_manifests.contains(paths[i]))
            m_manifests.insert(paths[i], *contents[i]); // rules may have changed it
        QByteArray after = *contents[i];
        if (base.crlf)
            after.replace("\r\n", "\n");
        if (after != base.stored)
            pairs << FilePair{paths[i], base.mode, base.stored, after};
    }
    const auto work = [pairs] { return makePatch(pairs); };
    QFuture<Result<SealedPatch>> future = QtConcurrent::run(work);
    OVVOC_CO_TRY(patch, co_await future);
    PatchPolicy policy;
    policy.mayTouch = paths;
    OVVOC_CO_CHECK(checkPolicy(patch, policy));
    m_job.patch = patch;
    stepDone(tr("patch sealed, SHA-256 %1").arg(QString::fromLatin1(patch.sha256.left(16))));
    publish();
    co_return {};
}

/// A package manager may end well without having done what it was asked for: what it wrote and
/// installed is looked at, by the image's own program, so that no other version is tested than the
/// one that is proposed.
TaskResult<> JobRunner::checkPlanned()
{
    const QStringList options{QStringLiteral("--offline"), QStringLiteral("--installed"),
                              namesToWatch(m_job.plan, m_projects)};
    OVVOC_CO_TRY(now, co_await askSurvey(options));
    QStringList missing, otherSystem;
    for (const SurveyProject &project : std::as_const(m_projects)) {
        // By file and keys; what a catalog or an override has is looked up by the name.
        QHash<QStringList, SurveyPlace> places;
        QHash<QString, QStringList> locked;
        QMap<QString, QStringList> installed;
        for (const SurveyProject &found : std::as_const(now.projects)) {
            if (found.path != project.path)
                continue;
            installed = found.installed;
            for (const SurveyDependency &dependency : found.dependencies) {
                locked[dependency.name] += dependency.current;
                for (const SurveyPlace &place : dependency.places)
                    places.insert(QStringList{place.file} + place.path, place);
            }
        }
        for (const PlannedUpdate &update : std::as_const(m_job.plan.updates)) {
            if (update.project != project.path)
                continue;
            // Of what moves in the lockfile alone the old version is gone, and nothing is left that
            // an advisory holds for.
            bool good = !update.isIndirect()
                || (installed.contains(update.name)
                    && !installed.value(update.name).contains(update.from)
                    && std::ranges::none_of(installed.value(update.name), [&](const QString &one) {
                           return holdsFor(update.fixes, one);
                       }));
            for (const UpdatePlace &place : update.places) {
                const bool own = place.path.size() == 2
                    && place.file.endsWith(QLatin1String("package.json"))
                    && !place.path[0].contains(QLatin1String("overrides"))
                    && place.path[0] != QLatin1String("resolutions");
                const auto found = places.constFind(QStringList{place.file} + place.path);
                if (found == places.constEnd()) {
                    good = false;
                    continue;
                }
                if (!project.lockfile.isEmpty())
                    good = good
                        && (own ? found->current == update.to
                                : locked.value(update.name).contains(update.to));
                // What is optional may not be for this system.
                if (own && project.modules
                    && update.section != QLatin1String("optionalDependencies"))
                    good = good && found->installed == update.to;
                else if (own && project.modules && found->installed != update.to
                         && !otherSystem.contains(update.name))
                    otherSystem << update.name;
            }
            if (!good)
                missing << update.name + ' ' + update.to;
        }
        for (const AddedDependency &added : std::as_const(m_added)) {
            if (added.project != project.path || !additions(added.file).contains(added))
                continue;
            const auto found = places.constFind(QStringList{added.file, added.section, added.name});
            if (found == places.constEnd() || (project.modules && found->installed.isEmpty()))
                missing << added.name + ' ' + added.range;
        }
    }
    if (!otherSystem.isEmpty()) {
        m_job.aside += otherSystem;
        m_job.notes << tr("Not installed, because it is for another system, and so not tried: %1.")
                           .arg(shortPathList(otherSystem));
        stepDone(m_job.notes.last());
    }
    if (!missing.isEmpty())
        co_return fail(
            ErrorCode::CommandFailed,
            tr("The package manager ended well, but did not install what was planned: %1. Look at "
               "the settings in .npmrc, and at overrides in package.json. Nothing was run, and "
               "nothing is proposed.")
                .arg(shortPathList(missing)));
    noteMends(now);
    co_return {};
}

/// What the move mends beside what it was chosen for: a new version of one package may ask for
/// another version of others, or for none.
void JobRunner::noteMends(const Survey &after)
{
    m_job.mends.clear();
    for (const SurveyProject &project : std::as_const(m_projects)) {
        const auto now = std::ranges::find(after.projects, project.path, &SurveyProject::path);
        if (now == after.projects.end() || !project.advisoriesChecked || project.lockfile.isEmpty())
            continue;
        for (const Advisory &advisory : project.advisories) {
            const auto versions = now->installed.constFind(advisory.package);
            if (versions == now->installed.cend() || m_job.mends.contains(advisory))
                continue;
            const bool chosen = std::ranges::any_of(m_job.plan.updates, [&](const auto &update) {
                return update.name == advisory.package
                    && std::ranges::find(update.fixes, advisory.title, &Advisory::title)
                    != update.fixes.end();
            });
            if (!chosen && std::ranges::none_of(*versions, [&](const QString &one) {
                    return holdsFor({advisory}, one);
                }))
                m_job.mends << advisory;
        }
    }
    for (const Advisory &advisory : std::as_const(m_job.mends))
        say(tr("no longer holds: %1 (%2)").arg(advisory.title, advisory.package));
}

/// What Build left outside the repository could decide what Test finds: programs in the toolchain's
/// folder, settings in HOME, packages above the repository. So it goes.
TaskResult<> JobRunner::clearForTest()
{
    ExecRequest clear;
    clear.command = QStringList{
        "/bin/sh", "-c",
        "for d in /tmp /var/tmp /dev/shm; do [ -d \"$d\" ] || continue; "
        "find \"$d\" -xdev -mindepth 1 -type d ! -perm -700 -exec chmod u+rwx {} \\; "
        "2>/dev/null; find \"$d\" -xdev -mindepth 1 -delete 2>/dev/null; done; "
        "for f in /work/* /work/.[!.]* /work/..?*; do case $f in "
        "/work/repo|/work/.npm|/work/toolchain|/work/node_modules) continue;; esac; "
        "[ -e \"$f\" ] || [ -L \"$f\" ] || continue; chmod -R u+rwX \"$f\" 2>/dev/null; "
        "rm -rf \"$f\"; done; rm -rf /work/.npm/_npx; find /tmp /var/tmp /dev/shm -xdev -mindepth "
        "1 2>/dev/null; "
        "mkdir -p -m 700 /tmp/home /work/tmp",
        "sh"};
    clear.environment = QStringList{"PATH=/usr/bin:/bin", "LANG=C.UTF-8"};
    clear.folder = QStringLiteral("/");
    clear.timeoutSeconds = 300;
    OVVOC_CO_TRY(cleared, co_await m_cell->exec(std::move(clear)));
    const QStringList left =
        QString::fromUtf8(cleared.output.left(10'000)).split('\n', Qt::SkipEmptyParts);
    if (cleared.exitCode != 0 || !left.isEmpty())
        co_return fail(ErrorCode::Tampered,
                       tr("What Build left outside the repository could not be cleared away: %1. "
                          "So nothing that the tests say would prove anything.")
                           .arg(shortPathList(left)));
    OVVOC_CO_TRY(toolchain, co_await toolchainTree());
    const QStringList changed =
        toolchain.changedSince(m_toolchainTree) + toolchain.addedSince(m_toolchainTree);
    if (!changed.isEmpty())
        co_return fail(ErrorCode::Tampered,
                       tr("Something that ran in Build changed what the tests run on: %1. "
                          "So nothing that they say would prove anything. Look at the install "
                          "scripts of the packages that move, and at the build.")
                           .arg(shortPathList(changed)));
    co_return {};
}

/// Between Build and Test: nothing that was started lives, and what is tested is what was sealed.
TaskResult<> JobRunner::checkBeforeTest()
{
    OVVOC_CO_CHECK(co_await m_cell->endProcesses());
    OVVOC_CO_CHECK(co_await clearForTest());
    const QString skip = m_cloned.hasFolder(QStringLiteral("node_modules"))
        ? QString()
        : QStringLiteral("node_modules");
    OVVOC_CO_TRY(now, co_await m_cell->fileTree(repoFolder, skip));
    Judged judged;
    judged.patterns = m_recipe.proves;
    judged.configures = m_recipe.configures;
    const QStringList moved = m_base.keys();
    judged.names = QSet<QString>(moved.begin(), moved.end());
    for (const SurveyProject &project : std::as_const(m_projects)) {
        judged.tops << project.path;
        for (const SurveyMember &member : project.members)
            judged.tops << member.path;
        for (const QString &script : QStringList{"test"} + m_job.request.testScripts) {
            for (const QString &name : filesOf(project.scripts.value(script)))
                judged.names << project.inProject(name);
        }
    }
    const FileTree before = m_sealedTree, after = now;
    const QSet<QString> state = m_state;
    struct Compared
    {
        QStringList changed, tampered, made;
    };
    const auto work = [judged, before, after, state]() -> Compared {
        QStringList changed = after.changedSince(before);
        changed.removeIf([&](const QString &path) { return state.contains(path); });
        const QStringList added = after.addedSince(before);
        return {changed, judged.tamperedWith(changed, added), judged.madeTests(added)};
    };
    QFuture<Compared> future = QtConcurrent::run(work);
    const Compared compared = co_await future;
    const QStringList changed = compared.changed, tampered = compared.tampered;
    if (!tampered.isEmpty())
        co_return fail(ErrorCode::Tampered,
                       tr("Something that ran in Build changed what the tests are judged by: %1. "
                          "So nothing that they say would prove anything. Look at the install "
                          "scripts of the packages that move, and at the build.")
                           .arg(shortPathList(tampered)));
    m_job.changedByBuild = changed;
    m_job.madeTests = compared.made;
    if (!compared.made.isEmpty())
        stepDone(tr("the build made %n file(s) that look like tests or their settings: %1", nullptr,
                    int(compared.made.size()))
                     .arg(shortPathList(compared.made)));
    m_builtTree = now;
    if (!changed.isEmpty()) {
        m_job.notes << tr("The build makes files of the repository anew, and the proposal has them "
                          "as they were: %1. If they are to follow, build and commit them.")
                           .arg(shortPathList(changed));
        stepDone(
            tr("the build changed %n file(s) of the repository: %1", nullptr, int(changed.size()))
                .arg(shortPathList(changed)));
    }
    co_return {};
}

/// Tests that write what they compare with (snapshots) pass whatever it is.
Task<> JobRunner::tellWhatTestsChanged()
{
    const QString skip = m_cloned.hasFolder(QStringLiteral("node_modules"))
        ? QString()
        : QStringLiteral("node_modules");
    const auto now = co_await m_cell->fileTree(repoFolder, skip);
    if (!now)
        co_return;
    QStringList changed = now->changedSince(m_builtTree);
    changed.removeIf([this](const QString &path) {
        return m_state.contains(path) || !m_cloned.entries.contains(path);
    });
    if (changed.isEmpty())
        co_return;
    m_job.changedByTests = changed;
    m_job.notes
        << tr("The tests changed files of the repository: %1. What they write they may also "
              "compare with, so look at these before you merge.")
               .arg(shortPathList(changed));
    stepDone(m_job.notes.last());
}

} // namespace ovvoc
