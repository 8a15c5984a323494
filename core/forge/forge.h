#pragma once

#include "base/result.h"
#include "gate/gitupstream.h"
#include "patch/sealedpatch.h"

#include <memory>

namespace ovvoc {

/// Where a job starts from.
struct BaseRef
{
    QString branch;
    QString commit; ///< hex id of the branch's tip when the job began
    bool operator==(const BaseRef &) const = default;
};

/// What is proposed to the repository's people.
struct ProposalRequest
{
    BaseRef base;
    SealedPatch patch;
    QString branch; ///< wanted name, "ovvoc/update-…"
    QString title;
    QString body; ///< Markdown
};

/// What came of it.
struct Proposal
{
    QString branch;
    QString commit;
    QString location; ///< the pull request's address, or the note file's path
    bool operator==(const Proposal &) const = default;
};

/// One repository on the place where it lives. Every call may be made again after a failure.
/// Lives on the core thread.
class Forge
{
public:
    virtual ~Forge() = default;
    /// For people: "local repository /srv/shop", "github.com/aurora/storefront".
    virtual QString name() const = 0;
    /// The branch's tip; the default branch when \a branch is empty. Errors say what is wrong with
    /// the repository: not there, not a repository, empty, no such branch.
    virtual TaskResult<BaseRef> resolveBase(QString branch) = 0;
    /// What the git endpoint serves during Clone. Read access only.
    virtual TaskResult<std::shared_ptr<GitUpstream>> openClone() = 0;
    /// Ends the read access that openClone() began.
    virtual TaskResult<> closeClone() = 0;
    virtual TaskResult<Proposal> propose(ProposalRequest request) = 0;
};

} // namespace ovvoc
