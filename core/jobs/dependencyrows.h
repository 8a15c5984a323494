#pragma once

#include "jobs/overview.h"

namespace ovvoc {

/// One dependency of a repository as its page shows it: what the last scan saw, and what is being
/// done about it.
struct DependencyRow
{
    enum class State {
        UpToDate,
        NotJudged, ///< the scan could not say; its note says why
        Pending, ///< the settings let it move, and nothing was done yet
        Held, ///< it could move, and the settings, a skip or its age hold it back
        Waiting, ///< a job that moves it waits for its turn
        Running, ///< a job that moves it, or looks whether it does, runs
        Proposed ///< a proposal that moves it is open
    };
    ScannedDependency dependency;
    QList<Advisory> advisories; ///< those that hold for what is installed
    State state = State::UpToDate;
    QString target; ///< where it would go, or goes; empty: nowhere
    QString why; ///< with Held: the reason; with Proposed: "#12" or the branch
    QString link; ///< with Proposed: the pull request's address; may be empty
    QString jobId; ///< with Waiting and Running
    bool operator==(const DependencyRow &) const = default;
    bool canUpdate() const { return state == State::Pending || state == State::Held; }
};

/// The rows of \a scan, what needs somebody first. \a unfinished: jobs on this repository that run
/// or wait. Linear, but for the sort.
QList<DependencyRow> dependencyRows(const RepositoryOverview &overview, const ScanReport &scan,
                                    const QList<const Job *> &unfinished);

} // namespace ovvoc
