// What lies beside the clone while managers work on it: the tools, HOME, git's settings, the folder
// above, temporary files. Nothing may appear there that a manager's own programs would load or
// obey: managers write only where they have to (Landlock, where the kernel has it), it is locked
// before and compared after each step, and the lockfiles are kept for the seal. See also the
// read-only mount in cell/hardening.cpp.

#include "jobs/jobrunner.h"

#include "base/text.h"

namespace ovvoc {

namespace {

/// A file's name and folders as arguments.
constexpr char lockFolders[] = R"sh(
set -e
: >>"/work/$1"; shift
mkdir -p /work/toolchain /work/tmp "$@"
chmod -R a-w /work/toolchain
chmod a-w /tmp/home)sh";

/// What a step left in its own temporary folder goes; what our own programs keep in /tmp stays.
constexpr char listBeside[] = R"sh(
export LC_ALL=C
chmod -R u+rwX /work/tmp && find /work/tmp -mindepth 1 -delete
find /work /tmp/home -mindepth 1 -maxdepth 1 -printf '%y %p %l\n' | sort
find /tmp /var/tmp /dev/shm /work/codemods -mindepth 1 -maxdepth 1 \
  ! '(' -type f '(' -path /tmp/ovvoc-aside.json -o -path /tmp/ovvoc-aside.json.kept \
  -o -path /tmp/relock.json ')' ')' -printf '%y %p %l\n' 2>/dev/null | sort
find /work/repo/.git -mindepth 1 -maxdepth 1 ! -name index -printf '%y %p %l\n' | sort
find /work/repo/.git/hooks /work/repo/.git/info -printf '%y %m %s %p %l\n' 2>/dev/null | sort
sha256sum /work/repo/.git/config)sh";

} // namespace

/// What lies beside the clone's files and decides what the tools do: the folders above and around
/// them, HOME's own, and git's settings. Not what the managers keep in folders of their own there.
TaskResult<QByteArray> JobRunner::beside()
{
    ExecRequest list;
    list.command = QStringList{"/bin/sh", "-c", listBeside};
    list.environment = gitEnvironment();
    list.folder = QStringLiteral("/");
    OVVOC_CO_TRY(found, co_await m_cell->exec(std::move(list)));
    co_return found.output;
}

/// Before a manager works on the repository: what it may use beside the clone is there, and from
/// now on nothing else may appear. A package beside the tools would be loaded by them (Node
/// searches the folders above a program), a setting in HOME is trusted more than one of the
/// repository. The tools and HOME cannot be written any more without being made so first, and
/// checkBeside() looks.
TaskResult<> JobRunner::lockWork()
{
    QStringList folders{"/work/codemods", "/tmp/home/.cache", "/tmp/home/.local",
                        "/tmp/home/.yarn"};
    QStringList writable;
    m_managersWrite = QStringList{repoFolder, "/work/tmp", "/work/" + m_secretName};
    const QList<SurveyProject> projects = m_projects;
    for (const SurveyProject &project : projects) {
        OVVOC_CO_TRY(recipe, builtinRecipe(project.manager));
        for (const QString &value : std::as_const(recipe.environment)) {
            if (!value.startsWith(QLatin1String("/work/")) || value.contains('$'))
                continue;
            folders << value;
            if (value.startsWith(QLatin1String("/work/toolchain/")))
                writable << value;
        }
    }
    // Codemods are fetched later, by a step of their own.
    m_managersWrite += folders.mid(1);
    m_managersWrite.removeDuplicates();
    ExecRequest lock;
    lock.command = QStringList{"/bin/sh", "-c", lockFolders, "sh", m_secretName};
    lock.command += folders;
    lock.environment = gitEnvironment();
    lock.folder = QStringLiteral("/");
    OVVOC_CO_TRY(locked, co_await m_cell->exec(std::move(lock)));
    if (locked.exitCode != 0)
        co_return fail(ErrorCode::Internal,
                       tr("The folders beside the clone could not be locked, so nothing was run."),
                       QString::fromUtf8(locked.errors.right(500)));
    if (!writable.isEmpty()) {
        ExecRequest open;
        open.command = QStringList{"chmod", "-R", "u+w"} + writable;
        open.environment = gitEnvironment();
        open.folder = QStringLiteral("/");
        OVVOC_CO_TRY(opened, co_await m_cell->exec(std::move(open)));
        Q_UNUSED(opened)
    }
    OVVOC_CO_TRY(now, co_await beside());
    m_beside = now;
    co_return {};
}

/// Of a step that works on the repository while the gate is open. Our own programs also keep
/// something for each other in /tmp.
void JobRunner::limitWrites(ExecRequest &request) const
{
    QStringList writes = m_managersWrite;
    if (request.command.value(0) == QLatin1String("/usr/local/bin/node")
        && request.command.value(1).startsWith(QLatin1String("/usr/local/lib/ovvoc/")))
        writes << QStringLiteral("/tmp");
    request.writes = writes;
}

/// Before Build, which may do there what it likes.
TaskResult<> JobRunner::unlockWork()
{
    ExecRequest unlock;
    unlock.command = QStringList{"chmod", "u+w", "/tmp/home"};
    unlock.environment = gitEnvironment();
    unlock.folder = QStringLiteral("/");
    OVVOC_CO_TRY(unlocked, co_await m_cell->exec(std::move(unlock)));
    Q_UNUSED(unlocked)
    co_return {};
}

TaskResult<> JobRunner::checkBeside(QString step)
{
    OVVOC_CO_TRY(now, co_await beside());
    if (now == m_beside)
        co_return {};
    QStringList before = QString::fromUtf8(m_beside).split('\n'), changed;
    for (const QString &line : QString::fromUtf8(now).split('\n')) {
        if (!before.removeOne(line))
            changed << oneLine(line).left(200);
    }
    changed += before;
    co_return fail(ErrorCode::PolicyViolation,
                   tr("\"%1\" changed what lies beside the repository's files (%2): a setting, a "
                      "link or a package's name leads there. Nothing more was run, and nothing is "
                      "proposed.")
                       .arg(step, shortPathList(changed)));
}

/// The lockfiles, as they are when the gate has closed: what runs from here on (rules and codemods)
/// has no business with what the manager wrote.
TaskResult<> JobRunner::readClosed()
{
    QStringList paths;
    for (const SurveyProject &project : std::as_const(m_projects)) {
        if (!project.lockfile.isEmpty() && m_base.contains(project.inProject(project.lockfile)))
            paths << project.inProject(project.lockfile);
    }
    OVVOC_CO_TRY(contents, co_await m_cell->readFiles(repoFolder, paths, lockfileLimit));
    for (qsizetype i = 0; i < paths.size(); ++i)
        m_closed.insert(paths[i], contents[i].value_or(QByteArray()));
    co_return {};
}

} // namespace ovvoc
