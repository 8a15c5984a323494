#pragma once

#include "patch/sealedpatch.h"

#include <QHash>

namespace ovvoc {

/// A file as it is before a patch.
struct BaseFile
{
    QByteArray content;
    quint32 mode = 0100644;
};

/// A file as a patch makes it.
struct AppliedFile
{
    QString path;
    quint32 mode = 0100644;
    QByteArray content;
    QString blob; ///< hex id of content, as git computes it; the one the sealed patch promises
    bool operator==(const AppliedFile &) const = default;
};

/// The blob ids before the patch, by path; an empty id for a file that it adds.
Result<QHash<QString, QString>> baseBlobs(const SealedPatch &patch);

/// Applies a patch, which must have passed checkPolicy(), to the base's files in memory. Nothing is
/// written anywhere. Each result must be exactly what the sealed patch promises.
/// Errors: Conflict (a base file is not the one the patch was made from), PolicyViolation.
/// Blocking, but short.
Result<QList<AppliedFile>> applyInMemory(const SealedPatch &patch,
                                         const QHash<QString, BaseFile> &base);

/// The id git gives to a blob with this content.
QString blobId(const QByteArray &content);

} // namespace ovvoc
