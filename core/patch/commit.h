#pragma once

#include "patch/sealedpatch.h"

#include <functional>

namespace ovvoc {

/// What to commit, and on what.
struct CommitRequest
{
    QString repositoryPath; ///< a bare repository, a work tree, or its .git folder
    QString gitFolder; ///< its real git directory, when that was looked at before; may be empty
    QString baseCommit; ///< hex id
    SealedPatch patch; ///< must have passed checkPolicy()
    QString branch; ///< wanted name; "-2", "-3", ... is added when it is taken
    QString message;
    /// Asked with the message of the last commit of a branch of that name, when this program made
    /// it and nothing has the branch checked out: true takes it further. Null: never.
    std::function<bool(const QString &message)> continues;
};

struct CommitResult
{
    QString branch;
    QString commit; ///< hex id
    QString tree; ///< hex id
    QString note; ///< a sentence when a branch was taken further, or left to somebody else
};

/// Applies the patch in memory to the base's blobs and writes one commit into the repository's
/// object database and one new branch, or a branch of ours that is taken further: the new commit
/// follows its last one, and where the trees are equal nothing is written. All through GitFolder:
/// no link in the repository leads a write out of it. Work tree, index, HEAD, reflogs and every
/// other branch stay untouched.
/// Each resulting blob must have exactly the id that the sealed patch promises.
/// Blocking; call it off the core thread. Errors: NotFound, Unsupported, Conflict, PolicyViolation,
/// DiskFull.
Result<CommitResult> commitPatch(const CommitRequest &request);

} // namespace ovvoc
