#pragma once

#include "jobs/overview.h"

namespace ovvoc {

/// The days that a report is about, both included, in UTC.
struct ReportSpan
{
    QDate from, to;
    bool operator==(const ReportSpan &) const = default;
};

/// "2026-11" as \a month; or \a from and \a to as "2026-11-01", where an empty \a to is \a today
/// and an empty \a from is 29 days before the end. InvalidInput says what they may be. At most 3660
/// days.
Result<ReportSpan> reportSpan(const QString &month, const QString &from, const QString &to,
                              QDate today);

/// One package that was proposed with a green build and green tests.
struct ReportedUpdate
{
    QString repository, package, from, to;
    QString level; ///< toString(UpdateLevel)
    QStringList fixes; ///< "high: title" of advisories that no longer hold after it
    QString proposal; ///< "#12", or the branch
    QString location; ///< https address; empty: a branch
    QString state; ///< for people: "open", "no longer open", "branch"
    QDateTime proposed;
    bool operator==(const ReportedUpdate &) const = default;
};

/// One update that the last scan found and nobody has proposed.
struct ReportedPending
{
    QString repository, package, from, to, level;
    QStringList advisories; ///< that hold for what is installed
    QString waits; ///< why the settings hold it back; empty: they do not
    bool operator==(const ReportedPending &) const = default;
};

/// What did not come to a proposal, and why.
struct ReportedFailure
{
    QString repository;
    QString what; ///< "express 4.18.2 → 5.1.0", "Patch and minor steps"
    QString why; ///< one sentence
    QStringList tests; ///< that failed, at most 5
    QDateTime when;
    bool operator==(const ReportedFailure &) const = default;
};

/// How the cells of the span were kept apart, counted.
struct ReportedIsolation
{
    int cells = 0; ///< jobs that had one
    int destroyed = 0; ///< of these, whose end the engine confirmed
    int controls = 0; ///< lines of evidence in all
    int differing = 0; ///< of these, that were weaker than asked
    int absent = 0; ///< of these, that the engine or the kernel does not have
    int sealed = 0; ///< of the jobs that came to Build: whose gate had closed for good before it
    int built = 0; ///< jobs that came to Build
    int tokens = 0, tokensRevoked = 0; ///< of the forge; revoked: confirmed by the forge
    QStringList hosts; ///< that anything was fetched from, sorted
    bool operator==(const ReportedIsolation &) const = default;
};

/// What was done for a client in a span of days: a value, made from kept metadata alone.
struct ClientReport
{
    QString client;
    QString agency; ///< who made it; may be empty
    QByteArray logo; ///< PNG or JPEG, at most 512 KiB; may be empty
    ReportSpan span;
    QDateTime made;
    QList<ReportedUpdate> updates; ///< what fixes an advisory first, then by repository
    QList<ReportedPending> pending; ///< as of the last scans; what has an advisory first
    QList<ReportedFailure> failures; ///< newest first
    /// Every advisory that the last scans know of what is installed, also of packages that others
    /// bring and of those without an update: "REPOSITORY: SEVERITY PACKAGE: TITLE", at most
    /// mostAdvisories.
    QStringList advisories;
    QStringList notScanned; ///< repositories of which nothing is known
    QStringList advisoriesUnknown; ///< scanned, but advisories could not be asked for
    int repositories = 0;
    int scans = 0; ///< that ended well
    int unreadable = 0; ///< records that could not be read, and are not counted
    bool cut = false; ///< there were more jobs than mostJobs; the oldest are not counted
    int minutesPerUpdate = 0; ///< the estimate that time saved is made from; 0: none is made
    qint64 machineSeconds = 0; ///< that cells took
    ReportedIsolation isolation;
    static constexpr int mostJobs = 20'000, mostAdvisories = 1000;
    bool operator==(const ClientReport &) const = default;

    int securityUpdates() const;
    int openAdvisories() const; ///< packages among pending that one holds for
};

/// From what the workspace keeps. NotFound when there is no such client. On the core thread, in
/// short turns: jobs go on meanwhile.
TaskResult<ClientReport> makeClientReport(std::shared_ptr<Workspace> workspace,
                                          std::shared_ptr<JobArchive> archive, QString clientId,
                                          ReportSpan span, QDateTime now);

/// As a table when \a path ends with .csv, else as a page. For its owner alone; there is no half a
/// file. ReadOnly, DiskFull. Blocks.
Result<> writeReport(const ClientReport &report, const QString &path);

/// A page of its own, without anything from elsewhere: it can be sent as one file, and printed.
QString htmlOf(const ClientReport &report);
/// One table (RFC 4180) of what was updated, what waits and what failed. What a spreadsheet would
/// take for a formula is made a text.
QByteArray csvOf(const ClientReport &report);
/// The figures and the lists, for a terminal.
QString plainOf(const ClientReport &report);
QJsonObject toJson(const ClientReport &report);

} // namespace ovvoc
