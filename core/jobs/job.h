#pragma once

#include "base/network.h"
#include "base/result.h"
#include "cell/evidence.h"
#include "cell/limits.h"
#include "engine/images/imagestore.h"
#include "forge/forge.h"
#include "gate/egressrow.h"
#include "gate/registryroute.h"
#include "jobs/proposallife.h"
#include "jobs/repositorymemory.h"
#include "updates/classify.h"
#include "updates/confidence.h"
#include "updates/groups.h"
#include "updates/testreport/testreport.h"

#include <QDateTime>
#include <QMetaType>
#include <optional>

namespace ovvoc {

enum class JobKind {
    Update,
    Scan,
    Check ///< tried and not proposed: the baseline, and what a run looks for a culprit with
};

enum class PhaseKind { Create, Clone, Analyze, Transform, Build, Test, PullRequest, Destroy };
enum class PhaseState { Waiting, Running, Succeeded, Failed, Cancelled, Skipped };

/// One stretch of a job's life.
struct Phase
{
    PhaseKind kind = PhaseKind::Create;
    PhaseState state = PhaseState::Waiting;
    QDateTime started;
    QDateTime ended;
    QString message; ///< one short line: "exit 0", "1 file", why it was skipped
    QStringList steps; ///< what it has done so far, in order
    QStringList commands; ///< of the recipe, as they ran in the cell
    bool operator==(const Phase &) const = default;
    qint64 milliseconds() const; ///< so far when running, 0 when it has not started
};

enum class Outcome { None, Succeeded, Failed, Cancelled };

/// What broke, for a person: takes the place of the pull request.
struct FailureReport
{
    PhaseKind phase = PhaseKind::Create;
    QString step; ///< the recipe's step, when one failed
    Error error;
    QString excerpt; ///< the end of the failing step's output, masked, at most 8 KiB
    QList<TestCase> tests; ///< the failing ones, at most 50
    QStringList suggestions;
    bool operator==(const FailureReport &) const = default;
};

/// A script of a project that looks at the code with a tool that moves; see scriptsThatProve().
struct CheckScript
{
    QString project; ///< its folder; empty: the root
    QString script; ///< its name
    bool operator==(const CheckScript &) const = default;
};

/// What the tests say of a repository without any update.
struct KnownFailures
{
    QStringList tests; ///< TestCase::identity() of each that fails; empty: none is known
    int passed = 0; ///< so many pass
    QList<CheckScript> checks = {}; ///< that fail as well
    static constexpr qsizetype most = 50; ///< with more it is not told which fail
    bool operator==(const KnownFailures &) const = default;
};

/// What a job is to do. A value made by whoever starts it.
struct JobRequest
{
    QString id;
    JobKind kind = JobKind::Update;
    QString clientId = QStringLiteral("local");
    QString clientName;
    QString repositoryId; ///< two jobs on the same one never run at once
    QString repositoryName;
    QString baseBranch; ///< empty: the default one
    QString recipe = QStringLiteral("npm");
    QString runtime; ///< empty: the engine's default
    UpdateSelection selection;
    Grouping grouping; ///< with Update: how the run that this begins puts updates together
    QString runId; ///< of the run that it is part of; empty: of none
    QString topic; ///< of what is proposed, see UpdateGroup; empty: the job finds it
    bool changeCode = true; ///< rules of new versions may change the code
    QString rulesFolder; ///< rule files of the agency's own; not kept
    bool again = false; ///< also what is proposed already, and what people closed; see asksAgain()
    ProposalLimits proposals;
    QString part; ///< for people: which group, or "baseline"
    bool baseline = false; ///< with Check: without any update, for the projects of selection.only
    CellLimits limits;
    int phaseSeconds = 0; ///< limit of each phase from Clone to Test; 0: the recipe's own
    ProxySetting proxy; ///< how the gate reaches the network
    QStringList extraHosts; ///< https URLs that the client's settings allow besides the registry
    QList<RegistrySetting> registries; ///< of the client; their credentials come from JobServices
    int keptPackagesMib = 0; ///< public packages may be kept on disk, so much of them; 0: none
    QStringList environment; ///< NAME=value, for Build and Test
    bool fullHistory = false; ///< clone with all of the branch's history, and tags
    bool acceptBuildOnly = false; ///< Build alone may prove an update
    QString node; ///< that builds and tests, as "20" or "20.11.1"; empty: what the project asks for
    QStringList projects; ///< folders of projects, "." is the root; empty: those that are found
    QStringList testScripts; ///< that prove an update; empty: "test"
    bool acceptKnownFailures = false; ///< what fails without an update may fail with it, no more
    QList<CheckScript> checks; ///< with baseline: to be tried as well; not kept
    KnownFailures knownFailures; ///< as the run's baseline has them; not kept
    int priority = 0; ///< higher ones leave the queue first
    QString trigger = QStringLiteral("person"); ///< who started it: "person" or "schedule"
    bool operator==(const JobRequest &) const = default;
    /// Who names a package wants it whatever became of it before.
    bool asksAgain() const { return again || selection.namesPackages(); }
};

/// Everything known about a job but its log: a snapshot that crosses threads by copy.
struct Job
{
    JobRequest request;
    QDateTime created;
    QList<Phase> phases;
    Outcome outcome = Outcome::None;
    QString summary; ///< one line: "ms 2.1.2 → 2.1.3 on ovvoc/update-ms-2.1.3", "up to date"
    std::optional<FailureReport> failure;

    QString engine; ///< "Docker 20.10.24"
    QString containerId;
    JobImage image;
    QList<Evidence> evidence;
    QStringList allowedHosts;
    std::optional<QDateTime> gateOpened;
    std::optional<QDateTime> gateClosed;
    BaseRef base;
    UpdatePlan plan;
    CodeReport code; ///< what was seen of the repository's code, and what rules changed of it
    QList<PlannedUpdate> planned; ///< what this job was to move at first; not kept
    QList<HeldGroup> held; ///< what is proposed already, or waits; not kept
    QList<UpdateGroup> later; ///< the other groups of the run that it begins; not kept
    SealedPatch patch; ///< in memory only: never stored
    std::optional<TestSummary> tests;
    QString toolchain; ///< "Node 18.20.8, npm 11.19.1": with what it was built and tested
    /// Registries that the repository asks for and the client's settings do not name, as
    /// parseRegistry() reads them: the address and the scopes.
    QStringList unnamedRegistries;
    /// Of an earlier run, and it holds for this job as well. Not kept with the job.
    std::optional<KnownBaseline> knownBaseline;
    /// Advisories that held for something in the lockfile before and hold for nothing after it.
    QList<Advisory> mends;
    QStringList notes; ///< what else was noticed about the repository, each a sentence
    QStringList aside; ///< what no cell can have, so it was not installed
    QStringList failedBefore; ///< tests that fail, and failed without any update
    StepHistory history; ///< of what it proposes
    QList<CheckScript> failedChecks; ///< the one that ended it, or all of a baseline; not kept
    QStringList unproved; ///< tools that moved and that nothing that ran has used
    QStringList changedByTests; ///< files of the repository that its tests wrote
    QStringList madeTests; ///< files that the build made and that look like tests; at most 50
    QStringList changedByBuild; ///< files of the repository that are not what was sealed any more
    std::optional<ScanReport> scan;
    std::optional<Proposal> proposal;
    QList<ReleaseNotes> releaseNotes;
    QString proposalTitle;
    QString proposalBody;
    QList<EgressRow> egress;
    QList<TokenLife> tokens;

    const Phase *phase(PhaseKind kind) const;
    const Phase *running() const;
    /// It has its outcome, and nothing of it is left: while the cell is being destroyed it is not
    /// over, whatever its outcome will be.
    bool isOver() const;
    bool operator==(const Job &) const = default;
};

/// A piece of a job's log as it is written, already masked.
struct LogChunk
{
    QDateTime time;
    PhaseKind phase = PhaseKind::Create;
    enum class Source { Program, Stdout, Stderr };
    Source source = Source::Program;
    QByteArray text; ///< UTF-8 as far as the command wrote it; Program chunks are whole lines
};

/// What a cell used at one moment, as the engine says.
struct CellSample
{
    QDateTime time;
    qint64 memoryBytes = 0; ///< in use, without the page cache that can be given back
    qint64 memoryLimit = 0;
    double cpus = 0; ///< processors kept busy since the sample before
    bool operator==(const CellSample &) const = default;
};

/// How much a job that passed says about its update.
Confidence confidenceOf(const Job &job);

QString toString(PhaseKind kind); ///< the design's word: "Create", "PR"
QString toString(PhaseState state);
QString toString(Outcome outcome);
QString toString(JobKind kind);

} // namespace ovvoc

Q_DECLARE_METATYPE(ovvoc::Job)
Q_DECLARE_METATYPE(ovvoc::LogChunk)
Q_DECLARE_METATYPE(ovvoc::CellSample)
