#include "runs/runmemory.h"

#include <QSet>

namespace ovvoc {

namespace {

constexpr int failureDays = 30, baselineDays = 7, historyDays = 90;

/// Whether code ran and said so. What could not be resolved or fetched may be there tomorrow.
bool isProof(const QString &phase)
{
    return phase == toString(PhaseKind::Build) || phase == toString(PhaseKind::Test);
}

/// What a run of another repository says of each step that it judged by itself.
void addSteps(const RunReport &run, QSet<QStringList> &seen, QList<KnownStep> &steps)
{
    const auto add = [&](const PlannedUpdate &update, bool passed) {
        const QStringList key{update.name, update.from, update.to, QString::number(passed)};
        if (seen.contains(key))
            return;
        seen.insert(key);
        steps << KnownStep{update.name, update.from, update.to, passed};
    };
    for (const GroupResult &group : run.groups) {
        for (const PlannedUpdate &update : group.proposed)
            add(update, true);
        for (const Culprit &culprit : group.culprits) {
            // Two that only break together say nothing of one of them.
            if (isProof(culprit.phase) && culprit.updates.size() == 1 && !culprit.onlyTogether)
                add(culprit.updates.first(), false);
        }
    }
}

} // namespace

RepositoryMemory memoryOf(const QList<RunReport> &runs, const QString &repositoryId,
                          const QString &conditions, const QDateTime &now)
{
    RepositoryMemory memory;
    QSet<QStringList> seen;
    for (const RunReport &run : runs) {
        if (!run.started.isValid() || run.started.daysTo(now) >= historyDays)
            continue;
        if (run.repositoryId != repositoryId)
            addSteps(run, seen, memory.elsewhere);
        else if (run.started.daysTo(now) < failureDays)
            memory.flaky += run.flakyTests;
    }
    memory.flaky.removeDuplicates();
    if (conditions.isEmpty())
        return memory;
    for (const RunReport &run : runs) {
        if (run.repositoryId != repositoryId || run.conditions != conditions
            || !run.started.isValid() || run.started.daysTo(now) >= failureDays)
            continue;
        if (!memory.baseline && !run.baselineJob.isEmpty()
            && (run.baselineGreen || isProof(run.baselinePhase))
            && run.started.daysTo(now) < baselineDays)
            memory.baseline = KnownBaseline{run.baselineJob, run.baselineGreen, run.baselineReason,
                                            run.baselineTests, run.baselineProjects};
        for (const GroupResult &group : run.groups) {
            for (const Culprit &culprit : group.culprits) {
                if (!isProof(culprit.phase))
                    continue;
                for (const PlannedUpdate &update : culprit.updates)
                    memory.failures << KnownFailure{
                        UpdateTarget{update.project, update.name, update.to, update.from},
                        culprit.reason, run.started};
            }
        }
    }
    return memory;
}

} // namespace ovvoc
