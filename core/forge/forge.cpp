#include "forge/forge.h"

namespace ovvoc {

const QString proposalBranchPrefix = QStringLiteral("ovvoc/");

TaskResult<> Forge::preflight(QString)
{
    co_return {};
}

Task<QList<ReleaseNotes>> Forge::releaseNotes(QList<ReleaseNotesRequest>)
{
    co_return QList<ReleaseNotes>{};
}

} // namespace ovvoc
