#pragma once

#include "clients/client.h"
#include "jobs/job.h"

namespace ovvoc {

/// A job for a client's repository, with the settings that hold for it. JobRequest::id is not set.
JobRequest requestFor(const Client &client, const ClientRepository &repository,
                      const Settings &settings, JobKind kind);

/// The same once more for \a old: of what a person asked for, with the settings that hold now.
/// \a fresh: requestFor() of its repository; nothing when that is of no client.
JobRequest requestAgain(const JobRequest &old, const std::optional<JobRequest> &fresh);

/// One step that a scan found and that the repository's settings let happen.
struct PendingUpdate
{
    QString clientId, repositoryId;
    ScannedDependency dependency;
    QString target; ///< the version to which the settings let it go
    UpdateLevel level = UpdateLevel::Patch; ///< of that step
    QList<Advisory> advisories; ///< that hold for what is installed
    QString waits; ///< why the settings hold it back for now; empty: it does not wait
    bool operator==(const PendingUpdate &) const = default;
    bool isSecurity() const { return !advisories.isEmpty(); }
    /// Patch and minor steps of a version 1 or later that do not wait: by semver's own promise they
    /// break nothing. https://semver.org/#spec-item-4
    bool isSafe() const;
};

/// What \a scan leaves to do under \a settings: security first, then the largest step first.
QList<PendingUpdate> pendingUpdates(const ClientRepository &repository, const Settings &settings,
                                    const ScanReport &scan);

} // namespace ovvoc
