#pragma once

#include "base/result.h"

#include <QByteArray>
#include <functional>

namespace ovvoc {

/// A git directory on disk, written to without trusting anything in it: every component of every
/// path is opened by itself and must not be a symbolic link, objects are made anew and
/// never replaced, references only moved from where they are known to stand, no reflog is written,
/// no hook and no configuration is read. So a repository made by somebody else cannot lead a write
/// out of itself. Blocking; call it off the core thread.
///
/// Errors: PolicyViolation (a link, or something that is no folder, is in the way), DiskFull,
/// ReadOnly, Conflict.
class GitFolder
{
public:
    /// \a path: the real path of the (common) git directory.
    static Result<GitFolder> open(const QString &path);
    GitFolder(GitFolder &&other) noexcept;
    GitFolder &operator=(GitFolder &&) = delete;
    ~GitFolder();

    /// Writes a loose object (gitformat-loose), if it is not there yet. \a type: "blob", "tree",
    /// "commit". \a id: its SHA-1, 40 hex digits.
    Result<> writeObject(const char *type, const QByteArray &content, const QString &id);
    /// Makes refs/heads/BRANCH. False when it is there already.
    Result<bool> createBranch(const QString &branch, const QString &commit);
    /// Moves refs/heads/BRANCH from \a from to \a to, under the lock that git takes for it. \a now
    /// says where it stands while the lock is held. False, and nothing is written, when that is not
    /// \a from, or the reference is a link.
    Result<bool> moveBranch(const QString &branch, const QString &from, const QString &to,
                            const std::function<QString()> &now);

private:
    explicit GitFolder(int fd, QString path);
    /// Writes \a commit into the branch's lock, which \a place then brings to its name; errno says
    /// why it did not.
    Result<bool> writeReference(
        const QString &branch, const QString &commit,
        const std::function<bool(int folder, const char *lock, const char *name)> &place);
    Result<int> folder(const QStringList &way, bool make) const;
    tl::unexpected<Error> failure(int error, const QString &name) const;
    int m_fd = -1;
    QString m_path;
};

} // namespace ovvoc
