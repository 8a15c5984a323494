#pragma once

#include "runs/runreport.h"
#include "updates/groups.h"

#include <QObject>
#include <functional>
#include <qcoro/qcorotask.h>

namespace ovvoc {

/// Leads one request to its end: the first attempt surveys and says which groups there are, each
/// group has an attempt in a cell of its own, a group that fails is searched for its culprit after
/// the baseline has shown that the repository passes without it, and what is left is proposed.
/// Lives on the core thread; keep it until go() has returned.
class UpdateRun : public QObject
{
    Q_OBJECT
public:
    /// Runs one job to its end. What could not even be started is a job with that failure.
    using Start = std::function<QCoro::Task<Job>(JobRequest)>;
    static constexpr int extraCells = 24; ///< for baseline and culprits, of one run

    UpdateRun(JobRequest origin, Start start);

    /// The request of the first attempt. Its id is the origin's.
    const JobRequest &first() const { return m_origin; }
    /// \a firstAttempt: the outcome of first(). Never fails as a call.
    QCoro::Task<RunReport> go(Job firstAttempt);
    /// No further job is started. What runs is ended by whoever started it.
    void cancel() { m_cancelled = true; }
    const RunReport &report() const { return m_report; }

signals:
    void changed(const ovvoc::RunReport &report);

private:
    QCoro::Task<Job> attempt(JobRequest request, qsizetype group);
    QCoro::Task<> settle(Job job, qsizetype group);
    qsizetype addGroup(const UpdateGroup &group);
    QCoro::Task<> tryTogether();
    void sayTheyPassTogether();
    QCoro::Task<> tryBelow();
    QCoro::Task<QList<PlannedUpdate>> tryBetween(QList<PlannedUpdate> updates, qsizetype group);
    QCoro::Task<bool> baselineIsGreen(Job failed, qsizetype group);
    QCoro::Task<bool> setRedProjectsApart(qsizetype group);
    bool acceptFailuresOf(const Job &baseline);
    bool failsAnyway(const Job &failed) const;
    void saysRed(GroupResult &result, const QString &toolchain);
    QCoro::Task<> findCulprits(Job failed, qsizetype group);
    /// What a try of some updates said.
    struct Tried
    {
        enum class Answer {
            Green,
            Red,
            Unknown, ///< they cannot be tried without others
            Ended ///< the search is over; the group says why
        };
        Answer answer = Answer::Ended;
        Job job;
    };
    QCoro::Task<Tried> tryOut(QList<QList<PlannedUpdate>> parts, Job red, qsizetype group);
    /// The shortest beginning that fails: its last part, from the returned one on, is to blame.
    struct Found
    {
        qsizetype first = 0, last = 0; ///< of the parts that cannot be told apart
        bool ended = false;
        Job evidence;
    };
    QCoro::Task<Found> search(QList<QList<PlannedUpdate>> parts, Job red, qsizetype group);
    QString givenUp(const Job &red) const;
    QCoro::Task<bool> isFlaky(QList<PlannedUpdate> updates, Job red, qsizetype group);
    QCoro::Task<QList<PlannedUpdate>> narrowed(QList<PlannedUpdate> part, Job red, qsizetype group);
    JobRequest requestFor(const QList<PlannedUpdate> &updates, const QString &part,
                          JobKind kind) const;
    JobRequest proposalFor(const QList<PlannedUpdate> &updates, qsizetype group) const;
    void count(const Job &job, qsizetype group);
    void tell();
    JobRequest m_origin;
    Start m_start;
    RunReport m_report;
    std::optional<KnownBaseline> m_known; ///< an earlier run's
    QList<CheckScript> m_checked; ///< that the baseline was asked for
    QString m_stop; ///< why nothing more is tried
    bool m_cancelled = false;
};

/// Whether a job failed in a way for which its updates may be to blame.
bool mayBlameUpdates(const Job &job);

} // namespace ovvoc
