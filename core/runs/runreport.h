#pragma once

#include "jobs/job.h"

namespace ovvoc {

/// What did not pass, found by itself.
struct Culprit
{
    QList<PlannedUpdate> updates; ///< one, or what cannot be separated
    QString phase; ///< in which it failed, as toString(PhaseKind)
    QString reason; ///< the failure, as a sentence
    QStringList tests; ///< the failing ones, at most 20
    QString jobId; ///< the evidence
    bool onlyTogether = false; ///< it passes by itself, and fails together with the others
    bool operator==(const Culprit &) const = default;
};

/// What became of one group of a run.
struct GroupResult
{
    enum class State {
        Waiting,
        Trying,
        Proposed,
        NothingToDo, ///< nothing of it could be moved
        Failed, ///< nothing of it is proposed
        Unproved, ///< it ended well, but nothing that proves it was counted
        RedBefore, ///< the repository fails without the update too
        Held, ///< proposed already, refused by people, or more than the settings allow
        NotTried,
        Cancelled
    };
    State state = State::Waiting;
    QString title;
    QString topic; ///< see UpdateGroup
    QList<PlannedUpdate> updates; ///< as planned
    QList<PlannedUpdate> proposed;
    QList<Culprit> culprits;
    QString reason; ///< a sentence, when nothing is proposed
    QString branch; ///< of the proposal
    QString location; ///< its address or file
    QStringList jobs; ///< in the order in which they ran
    bool operator==(const GroupResult &) const = default;
};

/// Everything that one request for a repository led to. A value.
struct RunReport
{
    QString id; ///< also JobRequest::runId of all its jobs
    QString clientId, repositoryId, repositoryName;
    QDateTime started, ended;
    QList<GroupResult> groups;
    QList<SkippedUpdate> held; ///< what stays, and why
    QStringList notes; ///< what was noticed about the repository
    int cells = 0; ///< jobs so far
    int extraCells = 0; ///< of these to find a culprit, the baseline included
    int extraLimit = 0;
    QString baselineJob; ///< empty: none was needed
    bool baselineGreen = false;
    QString baselinePhase; ///< when it is not green: in which phase it failed
    QString baselineReason; ///< and why
    QStringList baselineTests; ///< that fail without any update
    QStringList baselineProjects; ///< folders that it was of
    bool baselineKnown = false; ///< an earlier run's; no cell was needed for it
    QString conditions; ///< conditionsOf() its first job; empty: it did not come that far
    QStringList flakyTests; ///< that failed, and passed with the same versions again
    QString toolchain; ///< "Node 20.20.2, npm 11.6.0"; empty: no job came that far
    bool interrupted = false; ///< its program ended while it ran
    QString summary; ///< one line
    bool operator==(const RunReport &) const = default;

    int proposals() const;
    bool anyFailed() const;
    QString firstJob() const; ///< the one that it began with; empty: there is none yet
};

QString toString(GroupResult::State state);
/// One line: "2 proposals, 1 update did not pass".
QString summaryOf(const RunReport &report);
/// The whole, for a terminal or a file.
QString markdownOf(const RunReport &report);
/// The same for a terminal: without what only Markdown needs.
QString plainOf(const RunReport &report);
QJsonObject toJson(const RunReport &report);
/// What toJson() made; of an update its name, versions and project.
RunReport runReportFromJson(const QJsonObject &object);

} // namespace ovvoc

Q_DECLARE_METATYPE(ovvoc::RunReport)
