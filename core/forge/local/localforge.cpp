#include "forge/local/localforge.h"

#include "forge/local/uploadpack.h"
#include "patch/commit.h"
#include "patch/libgit.h"

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QDir>
#include <QRegularExpression>
#include <QSaveFile>
#include <QtConcurrent/QtConcurrentRun>
#include <algorithm>
#include <qcoro/qcorofuture.h>

namespace ovvoc {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("LocalForge", text);
}

/// The text of one branch is one file, which goes with it.
Result<QString> writeNote(const QString &folder, const QString &branch, const QString &repository,
                          const ProposalRequest &request)
{
    const QFile::Permissions ownerOnly = QFile::ReadOwner | QFile::WriteOwner;
    if (!QDir().mkpath(folder))
        return fail(ErrorCode::InvalidInput, tr("The folder %1 cannot be made.").arg(folder));
    QFile::setPermissions(folder, ownerOnly | QFile::ExeOwner);
    QString name = branch;
    name.replace('/', '-');
    static const QRegularExpression unsafe(QStringLiteral("[^A-Za-z0-9._-]+"));
    const QByteArray print =
        QCryptographicHash::hash(repository.toUtf8(), QCryptographicHash::Sha256).toHex().left(8);
    const QString path =
        QStringLiteral("%1/%2-%3-%4.md")
            .arg(folder, QString(QDir(repository).dirName()).replace(unsafe, "-").left(60),
                 QString::fromLatin1(print), name);
    QSaveFile file(path);
    const QByteArray text = ("# " + request.title + "\n\n" + request.body).toUtf8();
    if (!file.open(QIODevice::WriteOnly) || !file.setPermissions(ownerOnly)
        || file.write(text) != text.size() || !file.commit())
        return fail(
            ErrorCode::DiskFull,
            tr("The pull-request text cannot be written to %1: %2").arg(path, file.errorString()));
    return path;
}

/// Whether a path of a repository names nothing but what lies below the folder that it is added to.
bool staysBelow(const QString &path)
{
    const QStringList parts = path.split('/');
    return path.size() <= 400 && !path.contains(QChar(u'\0'))
        && std::none_of(parts.begin(), parts.end(), [](const QString &part) {
               return part.isEmpty() || part == QLatin1String(".") || part == QLatin1String("..");
           });
}

/// Of the git directory in which a submodule is kept (gitsubmodules(7)), and those that it borrows
/// from. Blocking.
Result<QStringList> foldersOfSubmodule(const QString &path, const SubmoduleRequest &request)
{
    const auto missing = [] {
        return fail(ErrorCode::NotFound,
                    tr("it is not on this disk at that commit: run `git submodule update --init "
                       "--recursive` there"));
    };
    for (const QStringList &list : {request.names, request.paths}) {
        if (list.isEmpty() || !std::all_of(list.begin(), list.end(), staysBelow))
            return missing();
    }
    OVVOC_TRY(repository, openGitRepository(path));
    // A linked work tree has submodules of its own; older ones lie in the work tree.
    const QString own = QString::fromUtf8(git_repository_path(repository.get()));
    const QString common = QString::fromUtf8(git_repository_commondir(repository.get()));
    const QString below = "modules/" + request.names.join(QStringLiteral("/modules/"));
    QStringList candidates{own + below, common + below};
    if (const char *tree = git_repository_workdir(repository.get()))
        candidates << QString::fromUtf8(tree) + request.paths.join('/') + "/.git";
    for (const QString &candidate : candidates) {
        const QFileInfo info(candidate);
        // Nothing that a link leads to: it may be anybody's.
        if (!info.isDir() || info.canonicalFilePath() != QDir::cleanPath(info.absoluteFilePath()))
            continue;
        GitRepository module;
        GitObject commit;
        git_oid id;
        const bool there =
            gitCall(module, git_repository_open_ext, candidate.toUtf8().constData(),
                    unsigned(GIT_REPOSITORY_OPEN_NO_SEARCH), static_cast<const char *>(nullptr))
                == 0
            && git_oid_fromstr(&id, request.commit.toLatin1().constData()) == 0
            && gitCall(commit, git_object_lookup, module.get(), &id, GIT_OBJECT_COMMIT) == 0;
        if (there)
            return gitFoldersOf(candidate);
    }
    return missing();
}

/// Blocking.
Result<QList<ForgeProposal>> proposalsIn(const QString &path, const QString &branch, bool ended)
{
    OVVOC_TRY(base, resolveLocalBase(path, branch));
    OVVOC_TRY(repository, openGitRepository(path));
    git_oid baseId;
    git_oid_fromstr(&baseId, base.commit.toLatin1().constData());
    GitPointer<git_branch_iterator, git_branch_iterator_free> iterator;
    if (gitCall(iterator, git_branch_iterator_new, repository.get(), GIT_BRANCH_LOCAL) != 0)
        return fail(ErrorCode::Internal, tr("The branches of %1 cannot be read.").arg(path),
                    lastGitError());
    QList<ForgeProposal> found;
    git_reference *raw = nullptr;
    git_branch_t kind = GIT_BRANCH_LOCAL;
    while (git_branch_next(&raw, &kind, iterator.get()) == 0) {
        const GitReference reference(raw);
        const QString name = QString::fromUtf8(git_reference_shorthand(reference.get()));
        GitCommit commit;
        GitObject object;
        if (!name.startsWith(proposalBranchPrefix)
            || gitCall(object, git_reference_peel, reference.get(), GIT_OBJECT_COMMIT) != 0)
            continue;
        const git_oid *id = git_object_id(object.get());
        const bool merged = git_oid_equal(id, &baseId)
            || git_graph_descendant_of(repository.get(), &baseId, id) == 1;
        if ((merged && !ended) || gitCall(commit, git_commit_lookup, repository.get(), id) != 0)
            continue;
        ForgeProposal one;
        one.branch = oneLine(name);
        one.title = oneLine(QString::fromUtf8(git_commit_summary(commit.get())));
        one.created = QDateTime::fromSecsSinceEpoch(git_commit_time(commit.get()), Qt::UTC);
        one.state = merged ? ForgeProposal::State::Merged : ForgeProposal::State::Open;
        one.mark = markIn(QString::fromUtf8(git_commit_message(commit.get())));
        found << one;
    }
    std::sort(found.begin(), found.end(), [](const ForgeProposal &a, const ForgeProposal &b) {
        return std::tie(a.created, a.branch) < std::tie(b.created, b.branch);
    });
    return found;
}

} // namespace

LocalForge::LocalForge(QString repositoryPath, QString notesFolder, FolderCheck check)
    : m_path(QDir::cleanPath(QDir::current().absoluteFilePath(repositoryPath)))
    , m_notesFolder(std::move(notesFolder))
    , m_check(std::move(check))
{ }

QString LocalForge::name() const
{
    return tr("local repository %1").arg(m_path);
}

Result<BaseRef> resolveLocalBase(const QString &path, const QString &branch)
{
    ensureLibgit();
    OVVOC_TRY(repository, openGitRepository(path));
    QString name = branch;
    if (name.isEmpty()) {
        if (git_repository_is_empty(repository.get()) == 1)
            return fail(ErrorCode::InvalidInput,
                        tr("%1 has no commits yet. Commit something first.").arg(path));
        GitReference head;
        if (gitCall(head, git_repository_head, repository.get()) != 0)
            return fail(
                ErrorCode::InvalidInput,
                tr("The current branch of %1 has no commits yet. Choose a branch.").arg(path),
                lastGitError());
        if (git_repository_head_detached(repository.get()) == 1)
            return fail(ErrorCode::InvalidInput,
                        tr("%1 is not on a branch. Choose one with --base.").arg(path));
        name = QString::fromUtf8(git_reference_shorthand(head.get()));
    }
    GitReference reference;
    GitObject commit;
    if (gitCall(reference, git_branch_lookup, repository.get(), name.toUtf8().constData(),
                GIT_BRANCH_LOCAL)
            != 0
        || gitCall(commit, git_reference_peel, reference.get(), GIT_OBJECT_COMMIT) != 0)
        return fail(ErrorCode::NotFound, tr("%1 has no branch %2. Check the name.").arg(path, name),
                    lastGitError());
    char id[GIT_OID_HEXSZ + 1];
    git_oid_tostr(id, sizeof id, git_object_id(commit.get()));
    return BaseRef{name, QString::fromLatin1(id)};
}

TaskResult<> LocalForge::preflight(QString branch)
{
    OVVOC_CO_TRY(base, co_await resolveBase(branch));
    co_return {};
}

TaskResult<BaseRef> LocalForge::resolveBase(QString branch)
{
    const QString path = m_path;
    using Found = std::pair<BaseRef, QStringList>;
    // Named on purpose: GCC 12 destroys twice what a temporary lambda inside co_await captured.
    const auto work = [path, branch]() -> Result<Found> {
        OVVOC_TRY(base, resolveLocalBase(path, branch));
        OVVOC_TRY(folders, gitFoldersOf(path));
        return Found(base, folders);
    };
    QFuture<Result<Found>> future = QtConcurrent::run(work);
    OVVOC_CO_TRY(found, co_await future);
    // Where the repository really keeps its objects, and where it borrows them.
    for (const QString &folder : found.second) {
        if (m_check)
            OVVOC_CO_CHECK(m_check(folder));
    }
    m_gitFolder = found.second.first();
    co_return BaseRef(found.first);
}

TaskResult<std::shared_ptr<GitUpstream>> LocalForge::openClone()
{
    // The folder that was looked at, wherever a link in the repository leads by now.
    const QString folder = m_gitFolder.isEmpty() ? m_path : m_gitFolder;
    co_return std::shared_ptr<GitUpstream>(std::make_shared<UploadPack>(folder));
}

TaskResult<std::shared_ptr<GitUpstream>> LocalForge::openSubmodule(SubmoduleRequest request)
{
    const QString path = m_path;
    const auto work = [path, request] { return foldersOfSubmodule(path, request); };
    QFuture<Result<QStringList>> future = QtConcurrent::run(work);
    OVVOC_CO_TRY(folders, co_await future);
    for (const QString &folder : folders) {
        if (m_check)
            OVVOC_CO_CHECK(m_check(folder));
    }
    co_return std::shared_ptr<GitUpstream>(std::make_shared<UploadPack>(folders.first()));
}

TaskResult<> LocalForge::closeClone()
{
    co_return {};
}

TaskResult<QList<ForgeProposal>> LocalForge::proposals(QString branch, bool ended)
{
    const QString path = m_path;
    const auto work = [path, branch, ended] { return proposalsIn(path, branch, ended); };
    QFuture<Result<QList<ForgeProposal>>> future = QtConcurrent::run(work);
    co_return co_await future;
}

TaskResult<Proposal> LocalForge::propose(ProposalRequest request)
{
    if (request.stopped && request.stopped())
        co_return fail(ErrorCode::Cancelled, tr("Nothing was proposed: the job was cancelled."));
    CommitRequest commit;
    commit.repositoryPath = m_path;
    commit.baseCommit = request.base.commit;
    commit.patch = request.patch;
    commit.branch = request.branch;
    commit.message = request.title;
    if (const QString trailers = toTrailers(request.mark); !trailers.isEmpty()) {
        commit.message += "\n\n" + trailers;
        commit.continues = [topic = request.mark.topic](const QString &message) {
            return markIn(message).topic == topic;
        };
    }
    commit.gitFolder = m_gitFolder;
    const QString notes = m_notesFolder;
    const auto work = [commit, request, notes]() -> Result<Proposal> {
        OVVOC_TRY(written, commitPatch(commit));
        OVVOC_TRY(note, writeNote(notes, written.branch, commit.repositoryPath, request));
        return Proposal{written.branch, written.commit, note, 0, written.note};
    };
    QFuture<Result<Proposal>> future = QtConcurrent::run(work);
    co_return co_await future;
}

} // namespace ovvoc
