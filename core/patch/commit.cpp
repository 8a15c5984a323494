#include "patch/commit.h"

#include "patch/gitfolder.h"
#include "patch/libgit.h"

#include <QCoreApplication>
#include <QSet>
#include <git2/sys/mempack.h>
#include <git2/sys/odb_backend.h>
#include <optional>
#include <vector>

namespace ovvoc {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("Patch", text);
}

QString hex(const git_oid *id)
{
    char text[GIT_OID_HEXSZ + 1];
    return QString::fromLatin1(git_oid_tostr(text, sizeof text, id));
}

tl::unexpected<Error> notMade()
{
    const QString words = lastGitError();
    return fail(ErrorCode::Internal, tr("The commit could not be made: %1").arg(words), words);
}

/// The blob ids after the patch must be the ones git wrote into it ("index old..new").
Result<> checkBlobIds(const SealedPatch &patch, git_tree *base, git_index *result)
{
    GitDiff diff;
    if (gitCall(diff, git_diff_from_buffer, patch.diff.constData(), std::size_t(patch.diff.size()))
        != 0)
        return fail(ErrorCode::PolicyViolation, tr("The patch cannot be read."), lastGitError());
    for (std::size_t i = 0; i < git_diff_num_deltas(diff.get()); ++i) {
        const git_diff_delta *delta = git_diff_get_delta(diff.get(), i);
        const git_index_entry *entry = git_index_get_bypath(result, delta->new_file.path, 0);
        const bool whole = delta->new_file.id_abbrev == GIT_OID_HEXSZ;
        if (!entry || !whole || git_oid_cmp(&entry->id, &delta->new_file.id) != 0)
            return fail(ErrorCode::PolicyViolation,
                        tr("The update was stopped: \"%1\" does not become what the sealed patch "
                           "says.")
                            .arg(QString::fromUtf8(delta->new_file.path)));
        if (delta->status != GIT_DELTA_MODIFIED)
            continue;
        git_tree_entry *raw = nullptr;
        if (git_tree_entry_bypath(&raw, base, delta->old_file.path) != 0)
            return fail(ErrorCode::Conflict,
                        tr("\"%1\" is not in the base any more. Run the update again.")
                            .arg(QString::fromUtf8(delta->old_file.path)));
        const bool same = git_oid_cmp(git_tree_entry_id(raw), &delta->old_file.id) == 0;
        const git_filemode_t mode = git_tree_entry_filemode(raw);
        git_tree_entry_free(raw);
        if (!same)
            return fail(ErrorCode::Conflict,
                        tr("\"%1\" has changed since the job began. Run the update again.")
                            .arg(QString::fromUtf8(delta->old_file.path)));
        if (mode != git_filemode_t(entry->mode))
            return fail(ErrorCode::PolicyViolation,
                        tr("The update was stopped: the mode of \"%1\" would change.")
                            .arg(QString::fromUtf8(delta->old_file.path)));
    }
    return {};
}

using GitOdb = GitPointer<git_odb, git_odb_free>;
using GitOdbObject = GitPointer<git_odb_object, git_odb_object_free>;

/// Whether a reference of this name, or one of which it would be a folder or a file, is there.
bool isTaken(git_repository *repository, const QString &branch)
{
    const auto exists = [repository](const QString &name) {
        GitReference reference;
        return gitCall(reference, git_reference_lookup, repository,
                       ("refs/heads/" + name).toUtf8().constData())
            == 0;
    };
    if (exists(branch))
        return true;
    const QStringList parts = branch.split('/');
    for (qsizetype i = 1; i < parts.size(); ++i) {
        if (exists(parts.mid(0, i).join('/')))
            return true;
    }
    return false;
}

// The program's own identity, whatever the repository's configuration says.
constexpr const char *ownName = "Ovvoc Desktop";
constexpr const char *ownAddress = "ovvoc@localhost.invalid";

bool isOurs(const git_commit *commit)
{
    const auto own = [](const git_signature *who) {
        return who && qstrcmp(who->name, ownName) == 0 && qstrcmp(who->email, ownAddress) == 0;
    };
    return own(git_commit_author(commit)) && own(git_commit_committer(commit));
}

/// The last commit of a branch that may be taken further; null otherwise, \a note then says whose
/// it is when that matters.
GitCommit ownTip(git_repository *repository, const QString &branch, const CommitRequest &request,
                 QString &note)
{
    GitReference reference;
    GitCommit tip;
    if (!request.continues
        || gitCall(reference, git_reference_lookup, repository,
                   ("refs/heads/" + branch).toUtf8().constData())
            != 0
        || git_reference_type(reference.get()) != GIT_REFERENCE_DIRECT
        || gitCall(tip, git_commit_lookup, repository, git_reference_target(reference.get())) != 0)
        return {};
    if (!isOurs(tip.get())) {
        note =
            tr("%1 has commits of somebody else at its end, so it was left as it is.").arg(branch);
        return {};
    }
    if (git_branch_is_checked_out(reference.get()) == 1) {
        note = tr("%1 is checked out, so it was left as it is.").arg(branch);
        return {};
    }
    return request.continues(QString::fromUtf8(git_commit_message(tip.get()))) ? std::move(tip)
                                                                               : GitCommit();
}

/// Writes a tree and what is new below it along the paths of the patch.
Result<> writeNew(GitFolder &folder, git_odb *odb, const git_oid *id)
{
    GitOdbObject object;
    if (gitCall(object, git_odb_read, odb, id) != 0)
        return notMade();
    const char *type = git_object_type2string(git_odb_object_type(object.get()));
    return folder.writeObject(
        type,
        QByteArray(static_cast<const char *>(git_odb_object_data(object.get())),
                   qsizetype(git_odb_object_size(object.get()))),
        hex(id));
}

Result<> writeTrees(GitFolder &folder, git_odb *odb, git_repository *repository,
                    const git_oid *rootId, const QStringList &paths)
{
    QSet<QString> folders{QString()};
    for (const QString &path : paths) {
        for (qsizetype slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1))
            folders << path.left(slash);
    }
    GitTree root;
    if (gitCall(root, git_tree_lookup, repository, rootId) != 0)
        return notMade();
    for (const QString &name : std::as_const(folders)) {
        git_tree_entry *entry = nullptr;
        if (name.isEmpty()) {
            OVVOC_CHECK(writeNew(folder, odb, rootId));
        } else if (git_tree_entry_bypath(&entry, root.get(), name.toUtf8().constData()) == 0) {
            const git_oid id = *git_tree_entry_id(entry);
            git_tree_entry_free(entry);
            OVVOC_CHECK(writeNew(folder, odb, &id));
        }
    }
    return {};
}

/// One commit of a tree, and the branch that it goes to.
struct Writer
{
    git_repository *repository;
    git_odb *odb;
    const git_tree *tree;
    QString message;

    Result<QString> commit(GitFolder &folder, const std::vector<const git_commit *> &parents) const
    {
        git_oid id;
        GitSignature author;
        std::vector<const git_commit *> all = parents;
        if (gitCall(author, git_signature_now, ownName, ownAddress) != 0
            || git_commit_create(&id, repository, nullptr, author.get(), author.get(), "UTF-8",
                                 message.toUtf8().constData(), tree, all.size(), all.data())
                != 0)
            return notMade();
        OVVOC_CHECK(writeNew(folder, odb, &id));
        return hex(&id);
    }

    /// Nothing when the branch was moved by somebody meanwhile.
    Result<std::optional<QString>> follow(GitFolder &folder, const QString &branch,
                                          const git_commit *tip, const git_commit *base) const
    {
        if (git_oid_equal(git_commit_tree_id(tip), git_tree_id(tree)))
            return std::optional(hex(git_commit_id(tip)));
        // On the old commit, on the base, or on both where neither holds the other.
        const git_oid *tipId = git_commit_id(tip), *baseId = git_commit_id(base);
        const bool tipHoldsBase =
            git_oid_equal(tipId, baseId) || git_graph_descendant_of(repository, tipId, baseId) == 1;
        const bool baseHoldsTip = git_graph_descendant_of(repository, baseId, tipId) == 1;
        std::vector<const git_commit *> parents;
        if (!baseHoldsTip)
            parents.push_back(tip);
        if (!tipHoldsBase)
            parents.push_back(base);
        OVVOC_TRY(made, commit(folder, parents));
        const auto now = [&] {
            git_oid id;
            return git_reference_name_to_id(&id, repository,
                                            ("refs/heads/" + branch).toUtf8().constData())
                    == 0
                ? hex(&id)
                : QString();
        };
        OVVOC_TRY(moved, folder.moveBranch(branch, hex(tipId), made, now));
        return moved ? std::optional(made) : std::nullopt;
    }

    Result<CommitResult> place(GitFolder &folder, const CommitRequest &request,
                               const git_commit *base) const
    {
        CommitResult result;
        result.tree = hex(git_tree_id(tree));
        // A branch "ovvoc" is a file where the folder of these would be.
        const QString prefix = request.branch.section('/', 0, 0);
        GitReference inTheWay;
        if (prefix != request.branch
            && gitCall(inTheWay, git_branch_lookup, repository, prefix.toUtf8().constData(),
                       GIT_BRANCH_LOCAL)
                == 0)
            return fail(ErrorCode::Conflict,
                        tr("There is a branch called %1, so git can have none called %2. Rename "
                           "it, and run the update again.")
                            .arg(prefix, request.branch));
        for (int attempt = 1; attempt < 1000; ++attempt) {
            result.branch = attempt == 1 ? request.branch
                                         : QStringLiteral("%1-%2").arg(request.branch).arg(attempt);
            int valid = 0;
            if (git_reference_name_is_valid(&valid,
                                            ("refs/heads/" + result.branch).toUtf8().constData())
                    != 0
                || !valid)
                return fail(
                    ErrorCode::InvalidInput,
                    tr("\"%1\" is not a name git accepts for a branch.").arg(result.branch));
            if (const GitCommit tip = ownTip(repository, result.branch, request, result.note)) {
                OVVOC_TRY(followed, follow(folder, result.branch, tip.get(), base));
                if (!followed)
                    continue;
                result.commit = *followed;
                const QString now = *followed == hex(git_commit_id(tip.get()))
                    ? tr("%1 has this already; it stays as it is.").arg(result.branch)
                    : tr("%1 was there already, and was moved on.").arg(result.branch);
                result.note = QStringList{result.note, now}.join(' ').trimmed();
                return result;
            }
            if (isTaken(repository, result.branch))
                continue;
            OVVOC_TRY(made, commit(folder, {base}));
            OVVOC_TRY(created, folder.createBranch(result.branch, made));
            if (!created)
                continue;
            result.commit = made;
            return result;
        }
        return fail(
            ErrorCode::Conflict,
            tr("Too many branches are named like %1. Remove old ones.").arg(request.branch));
    }
};

} // namespace

Result<CommitResult> commitPatch(const CommitRequest &request)
{
    OVVOC_TRY(folders, gitFoldersOf(request.repositoryPath));
    const QString place = folders.first();
    if (!request.gitFolder.isEmpty() && request.gitFolder != place)
        return fail(ErrorCode::Conflict,
                    tr("The git directory of %1 is another one than when the job began, so nothing "
                       "was written.")
                        .arg(request.repositoryPath));
    // Opened by its real path; what libgit2 makes stays in memory, and is written by GitFolder.
    OVVOC_TRY(repository, openGitRepository(place));
    GitOdb odb;
    git_odb_backend *memory = nullptr;
    constexpr int beforeAllOthers = 1000;
    if (gitCall(odb, git_repository_odb, repository.get()) != 0 || git_mempack_new(&memory) != 0
        || git_odb_add_backend(odb.get(), memory, beforeAllOthers) != 0)
        return notMade();
    git_oid baseId;
    GitCommit base;
    GitTree baseTree;
    if (git_oid_fromstr(&baseId, request.baseCommit.toLatin1().constData()) != 0
        || gitCall(base, git_commit_lookup, repository.get(), &baseId) != 0
        || gitCall(baseTree, git_commit_tree, base.get()) != 0)
        return fail(
            ErrorCode::NotFound,
            tr("The commit %1, from which the job began, is not in the repository any more.")
                .arg(request.baseCommit),
            lastGitError());

    GitDiff diff;
    GitIndex index;
    if (gitCall(diff, git_diff_from_buffer, request.patch.diff.constData(),
                std::size_t(request.patch.diff.size()))
        != 0)
        return fail(ErrorCode::PolicyViolation, tr("The patch cannot be read."), lastGitError());
    const git_apply_options *noOptions = nullptr;
    if (gitCall(index, git_apply_to_tree, repository.get(), baseTree.get(), diff.get(), noOptions)
        != 0)
        return fail(ErrorCode::Conflict,
                    tr("The patch does not apply to the base any more. Run the update again."),
                    lastGitError());
    OVVOC_CHECK(checkBlobIds(request.patch, baseTree.get(), index.get()));

    git_oid treeId;
    GitTree tree;
    if (git_index_write_tree_to(&treeId, index.get(), repository.get()) != 0
        || gitCall(tree, git_tree_lookup, repository.get(), &treeId) != 0)
        return notMade();
    Writer writer{repository.get(), odb.get(), tree.get(), request.message};
    OVVOC_TRY(folder, GitFolder::open(place));
    QStringList paths;
    for (std::size_t i = 0; i < git_diff_num_deltas(diff.get()); ++i) {
        const git_diff_delta *delta = git_diff_get_delta(diff.get(), i);
        paths << QString::fromUtf8(delta->new_file.path);
        OVVOC_CHECK(writeNew(folder, odb.get(), &delta->new_file.id));
    }
    OVVOC_CHECK(writeTrees(folder, odb.get(), repository.get(), &treeId, paths));
    return writer.place(folder, request, base.get());
}

} // namespace ovvoc
