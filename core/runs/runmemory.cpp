#include "runs/runmemory.h"

namespace ovvoc {

namespace {

constexpr int failureDays = 30, baselineDays = 7;

/// Whether code ran and said so. What could not be resolved or fetched may be there tomorrow.
bool isProof(const QString &phase)
{
    return phase == toString(PhaseKind::Build) || phase == toString(PhaseKind::Test);
}

} // namespace

RepositoryMemory memoryOf(const QList<RunReport> &runs, const QString &repositoryId,
                          const QString &conditions, const QDateTime &now)
{
    RepositoryMemory memory;
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
