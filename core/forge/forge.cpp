#include "forge/forge.h"

#include <QCoreApplication>

namespace ovvoc {

const QString proposalBranchPrefix = QStringLiteral("ovvoc/");

TaskResult<> Forge::preflight(QString)
{
    co_return {};
}

QString Forge::submoduleHint(const SubmoduleRequest &) const
{
    return {};
}

TaskResult<std::shared_ptr<GitUpstream>> Forge::openSubmodule(SubmoduleRequest)
{
    co_return fail(ErrorCode::NotFound,
                   QCoreApplication::translate("Forge", "submodules cannot be had from here"));
}

Task<QList<ReleaseNotes>> Forge::releaseNotes(QList<ReleaseNotesRequest>)
{
    co_return QList<ReleaseNotes>{};
}

TaskResult<QList<OpenProposal>> Forge::openProposals(QString branch)
{
    OVVOC_CO_TRY(known, co_await proposals(branch, false));
    QList<OpenProposal> open;
    for (const ForgeProposal &one : std::as_const(known))
        open << one;
    co_return QList<OpenProposal>(open);
}

} // namespace ovvoc
