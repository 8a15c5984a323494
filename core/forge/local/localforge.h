#pragma once

#include "forge/forge.h"

namespace ovvoc {

/// A repository on this machine's disk, bare or with a work tree. Served through the git endpoint
/// by `git upload-pack`; the result becomes a new branch with one commit in its object database,
/// and the pull-request text a note file. Its work tree, index and current branch stay untouched.
class LocalForge final : public Forge
{
public:
    /// \a notesFolder: where pull-request texts go; made when needed, private.
    LocalForge(QString repositoryPath, QString notesFolder);

    QString name() const override;
    TaskResult<> preflight(QString branch) override;
    TaskResult<BaseRef> resolveBase(QString branch) override;
    TaskResult<std::shared_ptr<GitUpstream>> openClone() override;
    TaskResult<> closeClone() override;
    TaskResult<Proposal> propose(ProposalRequest request) override;
    /// Branches of ours that the base does not hold yet.
    TaskResult<QList<OpenProposal>> openProposals(QString branch) override;

private:
    QString m_path;
    QString m_notesFolder;
};

/// What resolveBase() does, without an event loop. Blocking.
Result<BaseRef> resolveLocalBase(const QString &path, const QString &branch);

} // namespace ovvoc
