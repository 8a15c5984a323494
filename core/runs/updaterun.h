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
    static constexpr int extraCells = 16; ///< for baseline and culprits, of one run

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
    qsizetype addGroup(const QString &title, const QList<PlannedUpdate> &updates);
    QCoro::Task<> tryTogether();
    QCoro::Task<> tryBelow();
    QCoro::Task<bool> baselineIsGreen(Job failed, qsizetype group);
    QCoro::Task<> findCulprits(Job failed, qsizetype group);
    QCoro::Task<std::optional<Job>> tryOut(QList<QList<PlannedUpdate>> parts, Job red,
                                           qsizetype group);
    JobRequest requestFor(const QList<PlannedUpdate> &updates, const QString &part,
                          JobKind kind) const;
    void count(const Job &job, qsizetype group);
    void tell();
    JobRequest m_origin;
    Start m_start;
    RunReport m_report;
    QString m_stop; ///< why nothing more is tried
    bool m_cancelled = false;
};

/// Whether a job failed in a way for which its updates may be to blame.
bool mayBlameUpdates(const Job &job);

} // namespace ovvoc
