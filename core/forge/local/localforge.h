#pragma once

#include "forge/forge.h"

#include <functional>

namespace ovvoc {

/// A repository on this machine's disk, bare or with a work tree. Served through the git endpoint
/// by `git upload-pack`; the result becomes a new branch with one commit in its object database,
/// and the pull-request text a note file. A branch of the same topic that is not merged and not
/// checked out is taken further instead, when its last commit is ours. Its work tree, index and
/// current branch stay untouched.
class LocalForge final : public Forge
{
public:
    /// \a notesFolder: where pull-request texts go; made when needed, private.
    /// \a check: asked with the real git directory, and each that it borrows objects from; its
    /// error ends the call. Null: every one is good.
    using FolderCheck = std::function<Result<>(const QString &gitFolder)>;
    LocalForge(QString repositoryPath, QString notesFolder, FolderCheck check = {});

    QString name() const override;
    TaskResult<> preflight(QString branch) override;
    TaskResult<BaseRef> resolveBase(QString branch) override;
    TaskResult<std::shared_ptr<GitUpstream>> openClone() override;
    /// Only what git itself keeps as this repository's submodule, and only with that commit: no
    /// address of .gitmodules is followed on this disk.
    TaskResult<std::shared_ptr<GitUpstream>> openSubmodule(SubmoduleRequest request) override;
    TaskResult<> closeClone() override;
    TaskResult<Proposal> propose(ProposalRequest request) override;
    /// Branches of ours: what the base holds is merged, and what is gone is not known any more.
    TaskResult<QList<ForgeProposal>> proposals(QString branch, bool ended) override;

private:
    QString m_path;
    QString m_notesFolder;
    FolderCheck m_check;
    QString m_gitFolder; ///< as resolveBase() found it: what is read and written from then on
};

/// What resolveBase() does, without an event loop. Blocking.
Result<BaseRef> resolveLocalBase(const QString &path, const QString &branch);

} // namespace ovvoc
