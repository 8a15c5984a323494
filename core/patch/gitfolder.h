#pragma once

#include "base/result.h"

#include <QByteArray>

namespace ovvoc {

/// A git directory on disk, written to without trusting anything in it: every component of every
/// path is opened by itself and must not be a symbolic link, objects and references are made anew
/// and never replaced, no reflog is written, no hook and no configuration is read. So a repository
/// made by somebody else cannot lead a write out of itself. Blocking; call it off the core thread.
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

private:
    explicit GitFolder(int fd, QString path);
    Result<int> folder(const QStringList &way, bool make) const;
    tl::unexpected<Error> failure(int error, const QString &name) const;
    int m_fd = -1;
    QString m_path;
};

} // namespace ovvoc
