#pragma once

#include "jobs/jobarchive.h"
#include "jobs/jobqueue.h"

namespace ovvoc {

/// Asks the forges of a client's repositories which proposals are open, one repository after the
/// other, keeps the answers, and notes every token of it in the audit log. \a repositoryId: only
/// that one; empty: all that are not archived. \a stopped is asked before each repository: true
/// ends the call with Cancelled. A repository that cannot be asked does not keep the others from it
/// unless the reason holds for them as well (no network, no key); the first error is the result.
/// Lives on the core thread.
TaskResult<> askForProposals(std::shared_ptr<Workspace> workspace,
                             std::shared_ptr<JobArchive> archive, JobQueue::ForgeMaker makeForge,
                             QString clientId, QString repositoryId, std::function<bool()> stopped);

} // namespace ovvoc
