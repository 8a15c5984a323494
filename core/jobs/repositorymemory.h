#pragma once

#include "updates/confidence.h"
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

/// What became of one step in the client's other repositories.
struct KnownStep
{
    QString name, from, to;
    bool passed = false; ///< its build and tests; else it was found to break one
    bool operator==(const KnownStep &) const = default;
};

/// What earlier runs found out about a repository in the very state in which it is now, and what
/// they say of it in any state.
struct RepositoryMemory
{
    QList<KnownFailure> failures;
    std::optional<KnownBaseline> baseline;
    QList<KnownStep> elsewhere; ///< in the client's other repositories, each step once
    QStringList flaky; ///< tests of this repository that failed by chance lately
    bool operator==(const RepositoryMemory &) const = default;
};

/// What a job's outcome hangs on beside its updates: the commit, the image, the limits, the
/// settings and this program's version, as a hash. What was found out holds as long as it is the
/// same. Empty while the commit is not known.
QString conditionsOf(const Job &job);

/// What is known of the steps that are to be proposed.
StepHistory historyOf(const QList<PlannedUpdate> &updates, const RepositoryMemory &memory);

/// Takes out of \a updates what is known not to pass, and says so of each.
QList<SkippedUpdate> holdKnownFailures(QList<PlannedUpdate> &updates,
                                       const RepositoryMemory &memory);

} // namespace ovvoc
