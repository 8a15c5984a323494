#pragma once

#include "updates/plan.h"

#include <QDateTime>
#include <QStringList>
#include <optional>

namespace ovvoc {

struct Job;

/// An update that a run found to be what breaks the repository.
struct KnownFailure
{
    UpdateTarget update;
    QString reason; ///< a sentence
    QDateTime when;
    bool operator==(const KnownFailure &) const = default;
};

/// What the repository's own build and tests said without any update.
struct KnownBaseline
{
    QString jobId;
    bool green = false;
    QString reason; ///< when it is not: why, as a sentence
    QStringList tests; ///< that fail
    QStringList projects; ///< folders that it was of
    bool operator==(const KnownBaseline &) const = default;
};

/// What earlier runs found out about a repository in the very state in which it is now.
struct RepositoryMemory
{
    QList<KnownFailure> failures;
    std::optional<KnownBaseline> baseline;
    bool operator==(const RepositoryMemory &) const = default;
};

/// What a job's outcome hangs on beside its updates: the commit, the image, the limits, the
/// settings and this program's version, as a hash. What was found out holds as long as it is the
/// same. Empty while the commit is not known.
QString conditionsOf(const Job &job);

/// Takes out of \a updates what is known not to pass, and says so of each.
QList<SkippedUpdate> holdKnownFailures(QList<PlannedUpdate> &updates,
                                       const RepositoryMemory &memory);

} // namespace ovvoc
