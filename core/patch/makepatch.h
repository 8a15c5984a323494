#pragma once

#include "patch/sealedpatch.h"

namespace ovvoc {

/// One file before and after, as git stores it (without the conversions of a check-out).
struct FilePair
{
    QString path;
    quint32 mode = 0100644;
    QByteArray before, after;
    bool operator==(const FilePair &) const = default;
};

/// The patch that leads from one to the other, in git's own format (--binary --full-index), made in
/// memory on this side of the wall: no git runs on a work tree that something hostile may have
/// touched. Files that do not differ are left out. Blocking, but short.
Result<SealedPatch> makePatch(const QList<FilePair> &files);

} // namespace ovvoc
