#pragma once

#include "base/result.h"
#include "base/text.h"
#include "forge/proposalmark.h"
#include "forge/tokenlife.h"
#include "gate/gitupstream.h"
#include "patch/sealedpatch.h"

#include <QDateTime>
#include <functional>
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
    ProposalMark mark; ///< with which later runs know it again
    /// Asked before anything becomes visible on the forge: true ends the call with Cancelled and
    /// leaves no branch behind. Null: nothing ends it.
    std::function<bool()> stopped;
};

/// What came of it.
struct Proposal
{
    QString branch;
    QString commit;
    QString location; ///< the pull request's address, or the note file's path
    qint64 number = 0; ///< of the pull request; 0: there is none
    QString note; ///< one sentence when something else than usual was done; empty: nothing was
    bool operator==(const Proposal &) const = default;
};

/// A submodule of the repository that is being cloned, as that repository names it: all of it is
/// hostile.
struct SubmoduleRequest
{
    QStringList names; ///< its name in .gitmodules, after those of the submodules it lies in
    QStringList paths; ///< where it is checked out, likewise
    QStringList
        addresses; ///< where it comes from, likewise; each may be relative to the one before
    QString commit; ///< hex id that it is wanted at
};

/// A change that was proposed from here and still waits for the repository's people.
struct OpenProposal
{
    QString branch;
    QString title; ///< one line
    QString location; ///< the pull request's address; empty: it is a branch only
    qint64 number = 0; ///< of the pull request; 0: there is none
    QDateTime created;
    ProposalMark mark = {}; ///< what it says that it moves; empty: it says nothing
    bool operator==(const OpenProposal &) const = default;
};

/// What became of something that was proposed from here, as far as the forge tells.
struct ForgeProposal : OpenProposal
{
    enum class State { Open, Merged, Closed };
    State state = State::Open;
    bool operator==(const ForgeProposal &) const = default;
};

/// What every branch that is proposed from here begins with.
extern const QString proposalBranchPrefix;

/// A version whose release notes are wanted.
struct ReleaseNotesRequest
{
    QString package;
    QString version;
    QString source; ///< https address of the package's own repository
};

/// What a release's own people say of it.
struct ReleaseNotes
{
    QString package;
    QString version;
    QString address; ///< for reading on
    QStringList breaking; ///< the lines that speak of breaking changes, at most 8, plain text
    bool operator==(const ReleaseNotes &) const = default;
};

/// One repository on the place where it lives. Every call may be made again after a failure.
/// Lives on the core thread.
class Forge
{
public:
    virtual ~Forge() = default;
    /// For people: "local repository /srv/shop", "github.com/aurora/storefront".
    virtual QString name() const = 0;
    /// A look that needs no credential, before anything is made for the job. Errors as of
    /// resolveBase(). A forge that cannot look without one says nothing.
    virtual TaskResult<> preflight(QString branch);
    /// The branch's tip; the default branch when \a branch is empty. Errors say what is wrong with
    /// the repository: not there, not a repository, empty, no such branch.
    virtual TaskResult<BaseRef> resolveBase(QString branch) = 0;
    /// What the git endpoint serves during Clone. Read access only.
    virtual TaskResult<std::shared_ptr<GitUpstream>> openClone() = 0;
    /// What the git endpoint serves for a submodule, with an access of its own, read only. NotFound
    /// when it cannot be had here, with a sentence that says why.
    virtual TaskResult<std::shared_ptr<GitUpstream>> openSubmodule(SubmoduleRequest request);
    /// What a person can do when it could not be had, as a sentence; empty: nothing is known.
    virtual QString submoduleHint(const SubmoduleRequest &request) const;
    /// Ends the read access that openClone() or openSubmodule() began.
    virtual TaskResult<> closeClone() = 0;
    /// Release notes as far as they are public where this forge lives; never fails, asks with no
    /// credential, and leaves out what it cannot get.
    virtual Task<QList<ReleaseNotes>> releaseNotes(QList<ReleaseNotesRequest> requests);
    /// Makes a branch, or takes the one of the same topic further that is open and whose last
    /// commit is ours: never by force, and never over somebody else's commit.
    virtual TaskResult<Proposal> propose(ProposalRequest request) = 0;
    /// What was proposed from here to \a branch (empty: the default branch), oldest first. \a
    /// ended: also what was merged or closed, as far as the forge remembers it, at most the newest
    /// 300. Reads only. Errors as of resolveBase().
    virtual TaskResult<QList<ForgeProposal>> proposals(QString branch, bool ended) = 0;
    /// Those that are open.
    TaskResult<QList<OpenProposal>> openProposals(QString branch);
    /// The job for which this forge works: stands in the log beside each of its tokens.
    virtual void setJob(const QString &jobId) { Q_UNUSED(jobId) }
    /// The tokens of this forge's life so far, without the tokens.
    virtual QList<TokenLife> tokens() const { return {}; }
};

} // namespace ovvoc
