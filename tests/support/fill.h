#pragma once

#include "jobs/jobarchive.h"

namespace ovvoc::test {

/// How much a made-up workspace holds. Names, packages and jobs are the same in every run.
struct Fill
{
    int clients = 4;
    int repositories = 4; ///< of each client
    int jobs = 12; ///< of each repository
    bool longNames = false;
    bool audit = true; ///< an audit entry for each job; a million of them would be another bench
};

/// A job as it would have ended, with everything that a page shows.
Job madeUpJob(const ClientRepository &repository, const QString &clientName, int number);
ScanReport madeUpScan(int number);

/// Keeps what a scan is made up to have found, as the end of its job does.
Result<> keepScan(Workspace &workspace, const QString &clientId, const QString &repositoryId,
                  const ScanReport &scan, const QDateTime &time);

/// Fills a new workspace through the real archive, in large transactions.
Result<> fill(const std::shared_ptr<Workspace> &workspace, JobArchive &archive, const Fill &wanted);

} // namespace ovvoc::test
