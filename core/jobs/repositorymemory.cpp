#include "jobs/repositorymemory.h"

#include "jobs/job.h"

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QLocale>
#include <algorithm>

namespace ovvoc {

QString conditionsOf(const Job &job)
{
    if (job.base.commit.isEmpty())
        return {};
    const JobRequest &request = job.request;
    const CellLimits &limits = request.limits;
    QStringList parts{job.base.commit,
                      job.image.id,
                      QStringLiteral(OVVOC_VERSION),
                      request.runtime,
                      request.rulesFolder,
                      QString::number(limits.memoryBytes),
                      QString::number(limits.cpus),
                      QString::number(limits.processes),
                      QString::number(limits.workBytes),
                      QString::number(request.phaseSeconds),
                      QString::number(request.changeCode),
                      QString::number(request.fullHistory),
                      QString::number(request.acceptBuildOnly),
                      request.node,
                      QString::number(request.acceptKnownFailures)};
    parts << QString::number(request.projects.size());
    parts += request.projects;
    parts << QString::number(request.testScripts.size());
    parts += request.testScripts;
    parts += request.environment;
    parts += request.extraHosts;
    for (const RegistrySetting &registry : request.registries)
        parts << toString(registry);
    return QString::fromLatin1(
        QCryptographicHash::hash(parts.join(QChar(0)).toUtf8(), QCryptographicHash::Sha256)
            .toHex());
}

StepHistory historyOf(const QList<PlannedUpdate> &updates, const RepositoryMemory &memory)
{
    StepHistory history;
    history.flaky = memory.flaky;
    for (const PlannedUpdate &update : updates) {
        const auto went = [&](bool passed) {
            return std::ranges::any_of(memory.elsewhere, [&](const KnownStep &step) {
                return step.passed == passed && step.name == update.name && step.to == update.to
                    && step.from == update.from;
            });
        };
        if (went(true) && !history.passed.contains(update.name))
            history.passed << update.name;
        if (went(false) && !history.broke.contains(update.name))
            history.broke << update.name;
    }
    return history;
}

QList<SkippedUpdate> holdKnownFailures(QList<PlannedUpdate> &updates,
                                       const RepositoryMemory &memory)
{
    QList<SkippedUpdate> held;
    updates.removeIf([&](const PlannedUpdate &update) {
        const auto known = std::ranges::find_if(memory.failures, [&](const KnownFailure &one) {
            return one.update.project == update.project && one.update.name == update.name
                && one.update.version == update.to
                && (one.update.from.isEmpty() || one.update.from == update.from);
        });
        if (known == memory.failures.end())
            return false;
        held << SkippedUpdate{
            update.name,
            QCoreApplication::translate(
                "RepositoryMemory",
                "%1 did not pass on this very commit on %2 (%3), with the same image and settings. "
                "It is tried anew when the branch moves, when there is a newer version, by its "
                "name, or "
                "with \"again\".")
                .arg(update.to, QLocale().toString(known->when.date(), QLocale::ShortFormat),
                     known->reason.left(200))};
        return true;
    });
    return held;
}

} // namespace ovvoc
