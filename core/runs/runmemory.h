#pragma once

#include "jobs/repositorymemory.h"
#include "runs/runreport.h"

namespace ovvoc {

/// What \a runs (newest first) found out about a repository under \a conditions (conditionsOf());
/// nothing when these are empty. Only what failed in Build or Test is remembered. What is older
/// than a month is tried anew, a baseline after a week: tests fail by chance and by date. How steps
/// went in other repositories is known for three months, whatever the conditions. Linear.
RepositoryMemory memoryOf(const QList<RunReport> &runs, const QString &repositoryId,
                          const QString &conditions, const QDateTime &now);

} // namespace ovvoc
