// The seal, and what is compared around it: what was tested must be the base and the sealed patch,
// with the versions that were planned, and nothing that Build left behind.

#include "jobs/jobrunner.h"
#include "patch/applied.h"
#include "patch/makepatch.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QSet>
#include <QtConcurrent/QtConcurrentRun>
#include <algorithm>
#include <qcoro/qcorofuture.h>

namespace ovvoc {

namespace {

const QString toolchainFolder = QStringLiteral("/work/toolchain");
constexpr qint64 manifestLimit = 4 * 1024 * 1024;

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

bool matchesAny(const QString &path, const QStringList &patterns)
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

/// What a project's tests are judged by. A value, for a worker: there may be very many paths.
struct Judged
{
    QStringList patterns; ///< of the recipe
    QSet<QString> names; ///< full paths, and last parts without a folder
    QStringList configures;
    QStringList tops; ///< the projects' folders

    bool proves(const QString &path) const
    {
        return names.contains(path) || names.contains(path.section('/', -1))
            || matchesAny(path, patterns);
    }
    bool configuresTop(const QString &path) const
    {
        return tops.contains(path.contains('/') ? path.section('/', 0, -2) : QString())
            && matchesAny(path, configures);
    }
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

/// Whether an npm lockfile has something at a version, by the manifest's key: "key version". One
/// pass over the lockfile (2, 3: "packages"; 1: "dependencies"), whatever is asked for afterwards.
QSet<QString> lockedVersions(const QJsonObject &lock)
{
    QSet<QString> versions;
    const QLatin1String folder("node_modules/");
    const QJsonObject packages = lock["packages"].toObject();
    for (auto it = packages.begin(); it != packages.end(); ++it) {
        const qsizetype at = it.key().lastIndexOf(folder);
        if (at >= 0)
            versions << it.key().mid(at + folder.size()) + ' '
                    + it.value().toObject()["version"].toString();
    }
    if (!lock["packages"].isUndefined())
        return versions;
    const QJsonObject dependencies = lock["dependencies"].toObject();
    for (auto it = dependencies.begin(); it != dependencies.end(); ++it) {
        const QString version = it.value().toObject()["version"].toString();
        // An alias of lockfile 1 is written "npm:name@version".
        versions << it.key() + ' '
                + (version.startsWith(QLatin1String("npm:")) ? version.section('@', -1) : version);
    }
    return versions;
}

/// The updates that a lockfile does not have, by their manifest's key.
QStringList notLocked(const QByteArray &text, const QList<std::pair<QString, QString>> &wanted)
{
    const QSet<QString> locked = lockedVersions(QJsonDocument::fromJson(text).object());
    QStringList missing;
    for (const auto &[key, version] : wanted) {
        if (!locked.contains(key + ' ' + version))
            missing << key + ' ' + version;
    }
    return missing;
}

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
    changed.removeIf([this](const QString &path) { return m_base.contains(path); });
    if (!changed.isEmpty())
        co_return fail(ErrorCode::PolicyViolation,
                       tr("Installing the packages changed files of the repository that the plan "
                          "does not touch: %1. Nothing was run, and nothing is proposed.")
                           .arg(shortPathList(changed)));
    if (m_ownNode) {
        OVVOC_CO_TRY(toolchain, co_await m_cell->fileTree(toolchainFolder));
        m_toolchainTree = toolchain;
    }
    const QStringList paths = m_base.keys();
    OVVOC_CO_TRY(contents, co_await m_cell->readFiles(repoFolder, paths, lockfileLimit));
    OVVOC_CO_CHECK(co_await checkPlanned(paths, contents));
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
    m_sealedTree = now;
    m_job.patch = patch;
    stepDone(tr("patch sealed, SHA-256 %1").arg(QString::fromLatin1(patch.sha256.left(16))));
    publish();
    co_return {};
}

/// npm may end well without having done what it was asked for: what it wrote and installed is
/// looked at, so that no other version is tested than the one that is proposed.
TaskResult<> JobRunner::checkPlanned(QStringList paths, QList<std::optional<QByteArray>> contents)
{
    const QList<SurveyProject> projects = m_projects;
    for (const SurveyProject &project : projects) {
        QList<std::pair<QString, QString>> wanted;
        QStringList installed, keys;
        for (const PlannedUpdate &update : std::as_const(m_job.plan.updates)) {
            if (update.project != project.path)
                continue;
            const bool optional = update.section == QLatin1String("optionalDependencies");
            QSet<QString> seen;
            for (const UpdatePlace &place : update.places) {
                const QString key = place.path.value(place.path.size() - 1);
                if (place.path.size() != 2 || seen.contains(key))
                    continue; // an override names what moves; it is no dependency of its own
                seen << key;
                wanted << std::pair(key, update.to);
                if (optional)
                    continue; // it may not be for this system
                const QString folder =
                    place.file.contains('/') ? place.file.section('/', 0, -2) + '/' : QString();
                keys << key + ' ' + update.to;
                installed << project.inProject("node_modules/" + key + "/package.json")
                          << folder + "node_modules/" + key + "/package.json";
            }
        }
        QStringList missing;
        const qsizetype lock = paths.indexOf(project.inProject(project.lockfile));
        if (!project.lockfile.isEmpty() && lock >= 0 && contents[lock]) {
            const QByteArray text = *contents[lock];
            const auto work = [text, wanted] { return notLocked(text, wanted); };
            QFuture<QStringList> future = QtConcurrent::run(work);
            missing = co_await future;
        }
        OVVOC_CO_TRY(manifests, co_await m_cell->readFiles(repoFolder, installed, manifestLimit));
        for (qsizetype i = 0; i < keys.size(); ++i) {
            const auto is = [&](qsizetype at) {
                return manifests[at]
                    && QJsonDocument::fromJson(*manifests[at]).object()["version"].toString()
                    == keys[i].section(' ', -1);
            };
            if (!is(2 * i) && !is(2 * i + 1) && !missing.contains(keys[i]))
                missing << keys[i];
        }
        if (!missing.isEmpty())
            co_return fail(
                ErrorCode::CommandFailed,
                tr("The package manager ended well, but did not install what was planned: %1. "
                   "Look at the settings in .npmrc, and at overrides in package.json. Nothing was "
                   "run, and nothing is proposed.")
                    .arg(shortPathList(missing)));
    }
    co_return {};
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
        "for f in /work/* /work/.[!.]* /work/..?*; do case $f in /work/repo|/work/.npm) "
        "continue;; /work/toolchain) [ \"$1\" = keep ] && continue;; esac; "
        "[ -e \"$f\" ] || [ -L \"$f\" ] || continue; chmod -R u+rwX \"$f\" 2>/dev/null; "
        "rm -rf \"$f\"; done; find /tmp /var/tmp /dev/shm -xdev -mindepth 1 2>/dev/null; "
        "mkdir -p -m 700 /tmp/home",
        "sh", m_ownNode ? "keep" : ""};
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
    if (!m_ownNode)
        co_return {};
    OVVOC_CO_TRY(toolchain, co_await m_cell->fileTree(toolchainFolder));
    const QStringList changed =
        toolchain.changedSince(m_toolchainTree) + toolchain.addedSince(m_toolchainTree);
    if (!changed.isEmpty())
        co_return fail(ErrorCode::Tampered,
                       tr("Something that ran in Build changed the Node that the tests run on: %1. "
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
        for (const QString &name : filesOf(project.scripts.value(QStringLiteral("test"))))
            judged.names << project.inProject(name);
    }
    const FileTree before = m_sealedTree, after = now;
    const auto work = [judged, before, after] {
        const QStringList changed = after.changedSince(before);
        return std::pair(changed, judged.tamperedWith(changed, after.addedSince(before)));
    };
    QFuture<std::pair<QStringList, QStringList>> future = QtConcurrent::run(work);
    const std::pair<QStringList, QStringList> compared = co_await future;
    const QStringList changed = compared.first, tampered = compared.second;
    if (!tampered.isEmpty())
        co_return fail(ErrorCode::Tampered,
                       tr("Something that ran in Build changed what the tests are judged by: %1. "
                          "So nothing that they say would prove anything. Look at the install "
                          "scripts of the packages that move, and at the build.")
                           .arg(shortPathList(tampered)));
    m_job.changedByBuild = changed;
    if (!changed.isEmpty())
        stepDone(
            tr("the build changed %n file(s) of the repository: %1", nullptr, int(changed.size()))
                .arg(shortPathList(changed)));
    co_return {};
}

} // namespace ovvoc
