#pragma once

#include "base/result.h"

#include <QByteArray>
#include <QHash>
#include <QStringList>

namespace ovvoc {

/// What is in a folder of a cell at one moment, by content: two of them show what changed between.
/// A value.
struct FileTree
{
    struct Entry
    {
        char kind = 'f'; ///< 'f' a file, 'x' one that can be run, 'l' a link, 'o' anything else
        qint64 size = 0;
        QByteArray sha256; ///< hex, of the content; of a link: of its target
        bool operator==(const Entry &) const = default;
    };
    QHash<QString, Entry> entries; ///< by path

    static constexpr qint64 textLimit = Q_INT64_C(128) * 1024 * 1024;

    /// Reads what `cell-init tree` printed (hostile). Linear; blocking. Protocol.
    static Result<FileTree> parse(const QByteArray &text);
    /// Paths that are in \a before and are something else here, or gone; sorted.
    QStringList changedSince(const FileTree &before) const;
    /// Paths that are not in \a before; sorted.
    QStringList addedSince(const FileTree &before) const;
    /// Whether any path has a folder of this name.
    bool hasFolder(const QString &name) const;
};

} // namespace ovvoc
