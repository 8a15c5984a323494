#pragma once

#include "base/result.h"

#include <QByteArray>
#include <QString>
#include <memory>

namespace ovvoc {

/// Public packages that were fetched before, kept on disk for all jobs, bounded: what was not used
/// for the longest time goes first. Nothing private is ever given to it. Each file carries a
/// SHA-512 over its address and its bytes, compared on each use; what does not hold is removed.
/// Used by several programs at once; a copy lives with each gate, on the core thread, and reads and
/// writes on others.
class PackageStore
{
public:
    static constexpr qint64 largestPackage = Q_INT64_C(64) << 20;

    struct Use
    {
        qint64 packages = 0;
        qint64 bytes = 0;
    };

    /// Keeps at most \a limit bytes in \a folder, which is made when it is needed.
    PackageStore(QString folder, qint64 limit);

    /// How large it is; 0: it is not kept.
    qint64 sizeOf(const QString &url) const;
    /// NotFound when it is not kept.
    TaskResult<QByteArray> read(QString url) const;
    /// A failure is logged and has no other effect: it is kept the next time.
    Task<> write(QString url, QByteArray bytes) const;

    static Use useOf(const QString &folder);
    /// Removes everything in \a folder that write() made.
    static void clear(const QString &folder);
    static QString standardFolder();

private:
    QString m_folder;
    qint64 m_limit;
};

} // namespace ovvoc
