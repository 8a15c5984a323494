#include "patch/commit.h"

#include "patch/libgit.h"

#include <QCoreApplication>

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

tl::unexpected<Error> writeFailed()
{
    const QString words = lastGitError();
    if (words.contains(QLatin1String("No space left")))
        return fail(ErrorCode::DiskFull,
                    tr("The disk that holds the repository is full. Free some space and run the "
                       "update again."),
                    words);
    return fail(ErrorCode::Internal,
                tr("The result could not be written into the repository: %1").arg(words), words);
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

Result<QString> createBranch(git_repository *repository, const QString &wanted, git_commit *commit)
{
    for (int attempt = 1; attempt < 1000; ++attempt) {
        const QString name =
            attempt == 1 ? wanted : QStringLiteral("%1-%2").arg(wanted).arg(attempt);
        GitReference reference;
        const int code =
            gitCall(reference, git_branch_create, repository, name.toUtf8().constData(), commit, 0);
        if (code == 0)
            return name;
        if (code == GIT_EINVALIDSPEC)
            return fail(ErrorCode::InvalidInput,
                        tr("\"%1\" is not a name git accepts for a branch.").arg(name));
        if (code != GIT_EEXISTS)
            return writeFailed();
    }
    return fail(ErrorCode::Conflict,
                tr("Too many branches are named like %1. Remove old ones.").arg(wanted));
}

} // namespace

Result<CommitResult> commitPatch(const CommitRequest &request)
{
    ensureLibgit();
    GitRepository repository;
    if (gitCall(repository, git_repository_open, request.repositoryPath.toUtf8().constData()) != 0)
        return fail(ErrorCode::NotFound,
                    tr("%1 cannot be opened as a git repository: %2")
                        .arg(request.repositoryPath, lastGitError()),
                    lastGitError());
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

    git_oid treeId, commitId;
    GitTree tree;
    if (git_index_write_tree_to(&treeId, index.get(), repository.get()) != 0
        || gitCall(tree, git_tree_lookup, repository.get(), &treeId) != 0)
        return writeFailed();
    GitSignature author;
    if (gitCall(author, git_signature_now, "Ovvoc Desktop", "ovvoc@localhost.invalid") != 0)
        return writeFailed();
    const git_commit *parents[] = {base.get()};
    if (git_commit_create(&commitId, repository.get(), nullptr, author.get(), author.get(), "UTF-8",
                          request.message.toUtf8().constData(), tree.get(), 1,
                          const_cast<const git_commit **>(parents))
        != 0)
        return writeFailed();
    GitCommit commit;
    if (gitCall(commit, git_commit_lookup, repository.get(), &commitId) != 0)
        return writeFailed();
    OVVOC_TRY(branch, createBranch(repository.get(), request.branch, commit.get()));
    return CommitResult{branch, hex(&commitId), hex(&treeId)};
}

} // namespace ovvoc
