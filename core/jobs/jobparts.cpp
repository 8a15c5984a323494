// What a plain clone leaves out: submodules, and files that are kept in Git LFS. Both come through
// the gate's git endpoint like the clone itself, before anything else is done. What cannot be had
// is named, and the job goes on without it.

#include "jobs/jobrunner.h"

#include "base/text.h"

#include <algorithm>

namespace ovvoc {

namespace {

constexpr qsizetype mostSubmodules = 50, deepestSubmodule = 4;
constexpr qsizetype mostObjects = 5'000, objectsAtOnce = 200;
constexpr qint64 pointerLimit = 1024; ///< of a pointer file, in bytes, as git-lfs has it
constexpr qint64 listLimit = 32 * 1024 * 1024;

/// A file of Git LFS: where it belongs, and which one it is.
struct LargeFile
{
    QString path;
    QByteArray id; ///< SHA-256 in hex
    qint64 size = 0;
};

/// https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
std::optional<LargeFile> readPointer(const QString &path, const QByteArray &text)
{
    if (!text.startsWith("version https://git-lfs.github.com/spec/v1\n"))
        return std::nullopt;
    LargeFile file{path, {}, -1};
    for (const QByteArray &line : text.split('\n')) {
        if (line.startsWith("oid sha256:"))
            file.id = line.mid(11);
        bool ok = false;
        if (const qint64 size = line.startsWith("size ") ? line.mid(5).toLongLong(&ok) : 0; ok)
            file.size = size;
    }
    const auto isHex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    if (file.id.size() != 64 || !std::all_of(file.id.begin(), file.id.end(), isHex)
        || file.size < 0)
        return std::nullopt;
    return file;
}

/// Path, SHA-256 and size of each file as arguments. Prints those that could not be had, each with
/// a zero byte after it. What was fetched is no change for git.
constexpr char fetchObjects[] = R"sh(
part=/work/.ovvoc-object
while [ $# -ge 3 ]; do
  if curl -q -sS -f --noproxy '*' -o "$part" "http://127.0.0.1:9080/git/lfs/$2/$3" 1>&2 &&
     [ "$(sha256sum <"$part" | cut -c 1-64)" = "$2" ]; then
    cat "$part" >"./$1" && git --literal-pathspecs update-index --assume-unchanged -- "$1" || exit 1
  else
    printf '%s\0' "$1"
  fi
  rm -f -- "$part"
  shift 3
done)sh";

/// Name of a submodule as argument. In the clone's own settings, so that its address is the gate's
/// also for the fetch that may follow.
constexpr char nameSubmodule[] = R"sh(
git config "submodule.$1.url" http://127.0.0.1:9080/git &&
git config "submodule.$1.update" checkout)sh";

} // namespace

/// Why the git endpoint could not serve what git asked for last; empty: nobody knows.
QString JobRunner::gitFailure() const
{
    for (auto row = m_job.egress.crbegin(); row != m_job.egress.crend(); ++row) {
        if (row->port == 0 && row->verdict == EgressRow::Verdict::Failed)
            return row->reason;
    }
    return {};
}

void JobRunner::leaveOut(const QString &code, const QString &text)
{
    m_leftOut << SurveyNote{code, text, {}};
}

/// With the git endpoint open for the checkout's own repository.
TaskResult<> JobRunner::fetchLargeFiles(QString folder)
{
    ExecRequest list;
    list.command = QStringList{"git", "ls-files", "-z", "-s", "--", ":(attr:filter=lfs)"};
    list.environment = gitEnvironment();
    list.folder = folder;
    list.outputLimit = listLimit;
    OVVOC_CO_TRY(listing, co_await m_cell->exec(std::move(list)));
    if (listing.exitCode != 0)
        leaveOut(QStringLiteral("lfs"),
                 tr("Which files are kept in Git LFS could not be told, so none was fetched."));
    QStringList paths;
    for (const QByteArray &line : listing.output.split('\0')) {
        const qsizetype tab = line.indexOf('\t');
        if (tab > 0 && line.startsWith("100"))
            paths << QString::fromUtf8(line.mid(tab + 1));
    }
    if (paths.size() > mostObjects) {
        leaveOut(QStringLiteral("lfs"),
                 tr("More than %1 files are kept in Git LFS; only the first of them were fetched.")
                     .arg(mostObjects));
        paths.resize(mostObjects);
    }
    if (paths.isEmpty())
        co_return {};
    OVVOC_CO_TRY(texts, co_await m_cell->readFiles(folder, paths, pointerLimit));
    QList<LargeFile> files;
    QStringList missing;
    qint64 room = m_job.request.limits.workBytes / 2;
    for (qsizetype i = 0; i < paths.size(); ++i) {
        const auto pointer = texts[i] ? readPointer(paths[i], *texts[i]) : std::nullopt;
        if (!pointer)
            continue;
        if (pointer->size <= room) {
            room -= pointer->size;
            files << *pointer;
        } else {
            missing << pointer->path;
        }
    }
    const bool tooLarge = !missing.isEmpty();
    for (qsizetype at = 0; at < files.size() && !m_stop; at += objectsAtOnce) {
        ExecRequest fetch;
        fetch.command = QStringList{"/bin/sh", "-c", fetchObjects, "sh"};
        for (const LargeFile &file : files.mid(at, objectsAtOnce))
            fetch.command << file.path << QString::fromLatin1(file.id)
                          << QString::number(file.size);
        fetch.environment = gitEnvironment();
        fetch.folder = folder;
        fetch.timeoutSeconds = 24 * 3600; // the phase's own limit ends it
        OVVOC_CO_TRY(fetched, co_await m_cell->exec(std::move(fetch)));
        if (fetched.exitCode != 0)
            co_return fail(ErrorCode::CommandFailed,
                           tr("A file of Git LFS could not be put in its place."),
                           QString::fromUtf8(fetched.errors.right(500)));
        for (const QByteArray &path : fetched.output.split('\0')) {
            if (!path.isEmpty())
                missing << QString::fromUtf8(path);
        }
    }
    if (m_stop)
        co_return fail(*m_stop);
    const qsizetype had = files.size() - (missing.size() - (tooLarge ? 1 : 0));
    if (missing.isEmpty())
        stepDone(tr("%n file(s) of Git LFS", nullptr, int(had)));
    if (missing.isEmpty())
        co_return {};
    QStringList named;
    for (const QString &path : missing.mid(0, 5))
        named << oneLine(path).left(100);
    if (missing.size() > named.size())
        named << tr("%n more", nullptr, int(missing.size() - named.size()));
    const QString why = gitFailure();
    leaveOut(QStringLiteral("lfs"),
             tr("Files are kept in Git LFS and could not be fetched (%1), so only pointers to them "
                "are there: %2.")
                 .arg(!why.isEmpty() ? why
                          : tooLarge ? tr("they need more than half of the cell's disk")
                                     : tr("what came is not what they point to"),
                      named.join(QStringLiteral(", "))));
    co_return {};
}

/// The submodules that a checkout names, with the commits that they are wanted at.
TaskResult<QList<SubmoduleRequest>> JobRunner::submodulesOf(SubmoduleRequest within)
{
    const QString folder = (QStringList{repoFolder} + within.paths).join('/');
    ExecRequest settings;
    settings.command =
        QStringList{"git", "config", "-z", "-f", ".gitmodules", "--get-regexp", "^submodule\\."};
    settings.environment = gitEnvironment();
    settings.folder = folder;
    settings.outputLimit = listLimit;
    OVVOC_CO_TRY(told, co_await m_cell->exec(std::move(settings)));
    // 1: there is no such file, or nothing of that kind in it (git-config(1)).
    if (told.exitCode != 0 && told.exitCode != 1)
        leaveOut(QStringLiteral("submodules"),
                 tr("%1 cannot be read, so no submodule that it names was fetched.")
                     .arg((within.paths + QStringList{QStringLiteral(".gitmodules")}).join('/')));
    if (told.exitCode != 0)
        co_return QList<SubmoduleRequest>{};
    QHash<QString, SubmoduleRequest> byPath;
    QHash<QString, QString> paths, addresses;
    for (const QByteArray &entry : told.output.split('\0')) {
        const QString text = QString::fromUtf8(entry);
        const QString key = text.section('\n', 0, 0), value = text.section('\n', 1);
        const QString name = key.section('.', 1, -2);
        if (key.endsWith(QLatin1String(".path")))
            paths.insert(name, value);
        else if (key.endsWith(QLatin1String(".url")))
            addresses.insert(name, value);
    }
    ExecRequest list;
    list.command = QStringList{"git", "--literal-pathspecs", "ls-files", "-s", "-z", "--"};
    for (auto it = paths.cbegin(); it != paths.cend() && list.command.size() < 1000; ++it) {
        if (it.value().isEmpty() || it.key().isEmpty())
            continue;
        SubmoduleRequest one = within;
        one.names << it.key();
        one.paths << it.value();
        one.addresses << addresses.value(it.key());
        byPath.insert(it.value(), one);
        list.command << it.value();
    }
    if (byPath.isEmpty())
        co_return QList<SubmoduleRequest>{};
    list.environment = gitEnvironment();
    list.folder = folder;
    list.outputLimit = listLimit;
    OVVOC_CO_TRY(links, co_await m_cell->exec(std::move(list)));
    QList<SubmoduleRequest> found;
    for (const QByteArray &line : links.output.split('\0')) {
        const qsizetype tab = line.indexOf('\t');
        const QString path = QString::fromUtf8(line.mid(tab + 1));
        if (tab < 0 || !line.startsWith("160000 ") || !byPath.contains(path))
            continue;
        SubmoduleRequest one = byPath.value(path);
        one.commit = QString::fromLatin1(line.mid(7, line.indexOf(' ', 7) - 7));
        found << one;
    }
    co_return QList<SubmoduleRequest>(found);
}

TaskResult<> JobRunner::fetchOneSubmodule(SubmoduleRequest module)
{
    const std::shared_ptr<Forge> forge = m_forge;
    auto upstream = co_await forge->openSubmodule(module);
    m_job.tokens = forge->tokens();
    if (!upstream)
        co_return fail(upstream.error());
    m_gate->openGit(*upstream);
    const QString where = module.paths.join('/');
    RecipeStep step;
    step.name = tr("Submodule %1").arg(oneLine(where).left(100));
    step.command = QStringList{"git",       "--literal-pathspecs",
                               "-c",        "protocol.version=2",
                               "-c",        "core.hooksPath=/dev/null",
                               "-c",        "http.followRedirects=false",
                               "submodule", "--quiet",
                               "update",    "--init"};
    if (!m_job.request.fullHistory)
        step.command << "--depth=1";
    step.command << "--" << module.paths.last();
    QStringList way{repoFolder};
    way += module.paths;
    const QString folder = way.join('/');
    way.removeLast();
    const QStringList environment = gitEnvironment();
    const QString within = way.join('/');
    ExecRequest settings;
    settings.command = QStringList{"/bin/sh", "-c", nameSubmodule, "sh", module.names.last()};
    settings.environment = environment;
    settings.folder = within;
    const auto named = co_await m_cell->exec(std::move(settings));
    Result<> fetched = named ? Result<>() : fail(named.error());
    if (fetched)
        fetched = co_await runStep(step, environment, within);
    if (fetched)
        fetched = co_await fetchLargeFiles(folder);
    m_gate->closeGit();
    auto closed = co_await forge->closeClone();
    m_job.tokens = forge->tokens();
    if (!closed)
        co_return fail(closed.error());
    if (!fetched && fetched.error().code == ErrorCode::CommandFailed) {
        const QString why = gitFailure();
        co_return fail(ErrorCode::NotFound, why.isEmpty() ? tr("git could not clone it") : why,
                       fetched.error().detail);
    }
    co_return fetched;
}

TaskResult<> JobRunner::fetchSubmodules()
{
    const SubmoduleRequest itself;
    OVVOC_CO_TRY(first, co_await submodulesOf(itself));
    QList<SubmoduleRequest> waiting = first;
    qsizetype seen = 0;
    while (!waiting.isEmpty()) {
        if (m_stop)
            co_return fail(*m_stop);
        const SubmoduleRequest module = waiting.takeFirst();
        const QString where = oneLine(module.paths.join('/')).left(200);
        if (++seen > mostSubmodules || module.paths.size() > deepestSubmodule) {
            leaveOut(QStringLiteral("submodules"),
                     tr("More than %1 submodules, or deeper than %2: submodule %3 and what follows "
                        "were not fetched.")
                         .arg(mostSubmodules)
                         .arg(deepestSubmodule)
                         .arg(where));
            break;
        }
        auto fetched = co_await fetchOneSubmodule(module);
        if (!fetched && fetched.error().code != ErrorCode::NotFound
            && fetched.error().code != ErrorCode::Forbidden
            && fetched.error().code != ErrorCode::InvalidInput)
            co_return fail(fetched.error());
        if (!fetched) {
            const QString hint = m_forge->submoduleHint(module);
            say(tr("note: submodule %1: %2").arg(where, fetched.error().message));
            leaveOut(QStringLiteral("submodules"),
                     tr("The submodule %1 could not be fetched, so its folder is empty: %2.")
                             .arg(where, fetched.error().message)
                         + (hint.isEmpty() ? QString() : ' ' + hint));
            continue;
        }
        OVVOC_CO_TRY(inside, co_await submodulesOf(module));
        waiting += inside;
    }
    co_return {};
}

} // namespace ovvoc
