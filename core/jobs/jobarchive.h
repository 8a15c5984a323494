#pragma once

#include "clients/workspace.h"
#include "jobs/job.h"

namespace ovvoc {

/// What the lists know of a job without opening its record.
struct JobRow
{
    QString id;
    QString clientId;
    QString repositoryId;
    QString kind;
    QString outcome; ///< "none" while it runs
    QString phase; ///< where it failed
    QString level; ///< the largest step
    bool security = false;
    QDateTime created;
    QDateTime ended;
    bool operator==(const JobRow &) const = default;
};

struct JobFilter
{
    QString clientId;
    QString repositoryId;
    QString kind;
    bool withoutChecks = false; ///< not those that a run only tried something with
    QString outcome;
    QString level;
    QString word; ///< a package's or repository's whole name, without case
    QDateTime from, to;
    /// The last row of the page before; null: the first page.
    std::optional<JobRow> after;
    int limit = 100;
    /// Longest and Shortest: only jobs that have ended.
    enum class Order { Newest, Oldest, Longest, Shortest };
    Order order = Order::Newest;
};

/// One day of jobs, in UTC.
struct DayCount
{
    QDate day;
    qint64 succeeded = 0, failed = 0;
    bool operator==(const DayCount &) const = default;
};

struct JobStatistics
{
    qint64 succeeded = 0, failed = 0, cancelled = 0, running = 0;
};

/// What was proposed from here to one repository and was open when its forge was asked last.
struct KnownProposals
{
    QDateTime asked; ///< invalid: never; what is known then are this workspace's own jobs
    QList<OpenProposal> open; ///< oldest first
    bool operator==(const KnownProposals &) const = default;
};

/// What a purge removed.
struct PurgeReport
{
    qint64 jobs = 0, excerpts = 0, logs = 0;
    bool held = false; ///< the clock jumped ahead: only a part was looked at
};

/// What became of the cell of a job whose program ended.
enum class CellFate {
    Unknown, ///< no engine answered
    Gone, ///< the engine has none of it
    Destroyed ///< it was there, and the engine confirmed its end
};

/// A request that a program had in its queue: it waits, or its run goes on.
struct AskedRun
{
    /// With the id of its first job. Settings are not all kept: whoever goes on with it takes those
    /// that hold then, see requestAgain().
    JobRequest request;
    QDateTime asked;
    QString program; ///< its name: "ovvoc", "ovvoc-desktop"
    QString process; ///< as processIdentity() has it
    int begun = 1; ///< so often, the first time counted: each start goes on with what was left
    bool operator==(const AskedRun &) const = default;
};

/// The jobs of a workspace, kept as sealed metadata: one record in the client's own file, and a row
/// without any name in the workspace's, for lists over all clients. Lives on the core thread.
class JobArchive
{
public:
    explicit JobArchive(std::shared_ptr<Workspace> workspace);

    /// A job begins: from now on it is found, whatever happens to this program. With its entry in
    /// the log: both are there, or neither.
    Result<> begin(const Job &job);
    /// Its record as it is now.
    Result<> update(const Job &job);
    /// It has ended, with its entry in the log, which covers the record. \a log: what was logged,
    /// masked; kept only when the client's settings say so. What a scan found takes the place of
    /// the one before.
    Result<> finish(const Job &job, const QByteArray &log = {});

    /// NotFound when there is no such job, or its client was erased.
    Result<Job> load(const QString &id);
    /// The kept log; NotFound when there is none.
    Result<QByteArray> log(const QString &id);
    Result<QList<JobRow>> page(const JobFilter &filter);
    Result<JobStatistics> statistics(const QString &clientId, const QDateTime &since);
    /// Day by day, oldest first, only days on which a job of the client ended by itself.
    Result<QList<DayCount>> days(const QString &clientId, const QDateTime &since);

    /// Closes as "interrupted" what programs that no longer run have left, each with its entry in
    /// the log. Returns the closed jobs.
    Result<QList<Job>> closeInterrupted(const QHash<QString, CellFate> &fates);
    /// Ids of the jobs that closeInterrupted() would close.
    Result<QStringList> interrupted();

    /// Nothing when it was never scanned.
    Result<std::optional<std::pair<QDateTime, ScanReport>>> scan(const QString &clientId,
                                                                 const QString &repositoryId);

    /// Keeps what a forge said is open, in place of what was known.
    Result<> saveProposals(const QString &clientId, const QString &repositoryId,
                           const KnownProposals &proposals);
    Result<KnownProposals> proposals(const QString &clientId, const QString &repositoryId);
    /// A job has proposed something: it is open from now on. Replaces what is known of its branch.
    Result<> noteProposal(const Job &job);

    /// Keeps what became of a run with the job that it began with, as JSON, in place of what was
    /// kept of it before; it goes with that job.
    Result<> keepRun(const QString &clientId, const QString &firstJobId, const QDateTime &started,
                     const QJsonObject &report);
    /// The kept runs of a client, newest first, at most \a limit. One that cannot be read is left
    /// out.
    Result<QList<QJsonObject>> runs(const QString &clientId, int limit);

    /// From now on it is found by the next start, whatever happens to this program. In place of
    /// what was kept under the same id.
    Result<> keepAsked(const AskedRun &run);
    /// It has ended. Nothing happens when it is not kept.
    Result<> dropAsked(const QString &clientId, const QString &jobId);
    /// What programs that no longer run have left, of all clients, oldest first. One that cannot be
    /// read is left out.
    Result<QList<AskedRun>> leftBehind();
    /// What was kept of the run that began with that job; empty: nothing.
    Result<QJsonObject> runOf(const QString &clientId, const QString &firstJobId);

    /// Removes what the client's settings no longer keep, and gives the space back. At most 2,000
    /// jobs at once; a clock that jumped ahead is believed in steps of a month.
    Result<PurgeReport> purge(const QString &clientId, const QDateTime &now);

private:
    static QVariantList columnsOf(const Job &job, bool isOver);
    Result<> finishAs(const Job &job, AuditEvent event, const QByteArray &log);
    Result<Job> interruptedJob(const QString &id);
    Result<QDateTime> purgeTime(const QString &clientId, const QDateTime &now, bool &held);
    Result<> writeRow(const Job &job, bool isOver);
    std::shared_ptr<Workspace> m_workspace;
};

} // namespace ovvoc
