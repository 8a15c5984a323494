#include "patch/makepatch.h"

#include "patch/libgit.h"

#include <QCoreApplication>
#include <git2/sys/mempack.h>
#include <git2/sys/odb_backend.h>
#include <git2/sys/repository.h>

namespace ovvoc {

namespace {

using GitOdb = GitPointer<git_odb, git_odb_free>;

tl::unexpected<Error> notMade()
{
    return fail(ErrorCode::Internal,
                QCoreApplication::translate("Patch", "The patch could not be made."),
                lastGitError());
}

Result<GitTree> treeOf(git_repository *repository, const QList<FilePair> &files, bool after)
{
    GitIndex index;
    if (gitCall(index, git_index_new) != 0)
        return notMade();
    for (const FilePair &file : files) {
        const QByteArray &content = after ? file.after : file.before;
        git_index_entry entry = {};
        const QByteArray path = file.path.toUtf8();
        entry.path = path.constData();
        entry.mode = file.mode;
        if (git_blob_create_from_buffer(&entry.id, repository, content.constData(),
                                        std::size_t(content.size()))
                != 0
            || git_index_add(index.get(), &entry) != 0)
            return notMade();
    }
    git_oid id;
    GitTree tree;
    if (git_index_write_tree_to(&id, index.get(), repository) != 0
        || gitCall(tree, git_tree_lookup, repository, &id) != 0)
        return notMade();
    return tree;
}

} // namespace

Result<SealedPatch> makePatch(const QList<FilePair> &files)
{
    ensureLibgit();
    GitOdb odb;
    GitRepository repository;
    git_odb_backend *memory = nullptr;
    if (gitCall(odb, git_odb_new) != 0 || git_mempack_new(&memory) != 0
        || git_odb_add_backend(odb.get(), memory, 1) != 0
        || gitCall(repository, git_repository_wrap_odb, odb.get()) != 0)
        return notMade();
    OVVOC_TRY(before, treeOf(repository.get(), files, false));
    OVVOC_TRY(after, treeOf(repository.get(), files, true));
    git_diff_options options = GIT_DIFF_OPTIONS_INIT;
    options.flags = GIT_DIFF_SHOW_BINARY | GIT_DIFF_INCLUDE_TYPECHANGE;
    options.id_abbrev = GIT_OID_HEXSZ;
    options.context_lines = 3;
    GitDiff diff;
    if (gitCall(diff, git_diff_tree_to_tree, repository.get(), before.get(), after.get(),
                static_cast<const git_diff_options *>(&options))
        != 0)
        return notMade();
    git_buf text = {};
    if (git_diff_to_buf(&text, diff.get(), GIT_DIFF_FORMAT_PATCH) != 0)
        return notMade();
    const QByteArray bytes(text.ptr, qsizetype(text.size));
    git_buf_dispose(&text);
    return sealPatch(bytes);
}

} // namespace ovvoc
