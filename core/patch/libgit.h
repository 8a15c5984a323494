#pragma once

#include "base/result.h"

#include <git2.h>
#include <memory>

namespace ovvoc {

/// Owns one of libgit2's objects.
template <typename T, void (*Free)(T *)> struct GitDeleter
{
    void operator()(T *object) const { Free(object); }
};
template <typename T, void (*Free)(T *)> using GitPointer = std::unique_ptr<T, GitDeleter<T, Free>>;

using GitRepository = GitPointer<git_repository, git_repository_free>;
using GitDiff = GitPointer<git_diff, git_diff_free>;
using GitPatch = GitPointer<git_patch, git_patch_free>;
using GitCommit = GitPointer<git_commit, git_commit_free>;
using GitTree = GitPointer<git_tree, git_tree_free>;
using GitIndex = GitPointer<git_index, git_index_free>;
using GitReference = GitPointer<git_reference, git_reference_free>;
using GitObject = GitPointer<git_object, git_object_free>;
using GitSignature = GitPointer<git_signature, git_signature_free>;

/// Starts libgit2 for this process, once. Call before the first use on any thread.
void ensureLibgit();

/// libgit2's last error on this thread, for Error::detail.
QString lastGitError();

/// Opens a repository that a person named. Errors say what is in the way: no such folder
/// (NotFound), another owner, a configuration that cannot be read, an unknown object format, no
/// repository (InvalidInput, Unsupported).
Result<GitRepository> openGitRepository(const QString &path);

/// The real paths of the git directory that holds a repository's objects and branches (where a
/// `.git` file or link leads to, and the main one of a linked work tree), and of those that it
/// borrows objects from (gitrepository-layout, objects/info/alternates), followed at most 5 deep.
/// Blocking.
Result<QStringList> gitFoldersOf(const QString &path);

/// Calls one of libgit2's "T **out, ..." functions and owns what it gives.
template <typename Pointer, typename Function, typename... Arguments>
int gitCall(Pointer &out, Function function, Arguments... arguments)
{
    typename Pointer::pointer raw = nullptr;
    const int code = function(&raw, arguments...);
    out.reset(raw);
    return code;
}

} // namespace ovvoc
