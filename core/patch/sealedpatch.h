#pragma once

#include "base/result.h"

#include <QByteArray>
#include <QList>
#include <QStringList>

namespace ovvoc {

/// One file of a sealed patch.
struct FileChange
{
    enum class Kind { Modified, Added, Deleted };
    QString path;
    Kind kind = Kind::Modified;
    int added = 0; ///< lines; 0 for a binary change
    int removed = 0;
    bool binary = false;
    bool operator==(const FileChange &) const = default;
};

/// The diff that was read out when the gate closed, before any of the client's code ran. A value:
/// once made it does not change, whatever happens in the cell.
struct SealedPatch
{
    QByteArray diff; ///< git's own format, --binary --full-index
    QByteArray sha256; ///< of diff, hex
    QList<FileChange> files;
    bool isEmpty() const { return files.isEmpty(); }
    bool operator==(const SealedPatch &) const = default;
};

struct PatchLimits
{
    static constexpr qsizetype bytes = 5 * 1024 * 1024;
    static constexpr int files = 500;
};

/// Parses and bounds a diff that came out of a cell (hostile). Errors: TooLarge, PolicyViolation
/// when it is no diff that git could have made.
Result<SealedPatch> sealPatch(QByteArray diff);

/// What a patch may do: the paths that the plan may touch, by exact name.
struct PatchPolicy
{
    QStringList mayTouch;
    bool operator==(const PatchPolicy &) const = default;
};

/// PolicyViolation with the path and the reason, unless every file is one the plan may touch, an
/// ordinary file before and after, in the same mode, at a path that is safe in any checkout.
Result<> checkPolicy(const SealedPatch &patch, const PatchPolicy &policy);

/// Why no commit of ours may ever hold \a path; empty when it may. Covers absolute paths, "..",
/// ".git" in every disguise a file system knows, workflows, control characters.
QString unsafePathReason(const QString &path);

} // namespace ovvoc
