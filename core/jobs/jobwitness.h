#pragma once

#include "audit/auditlog.h"
#include "jobs/job.h"

namespace ovvoc {

/// Writes down what a job does, for the JobRunner: what cannot be written down does not happen, and
/// a job whose end cannot be written down has not succeeded. Lives on the core thread.
class JobWitness
{
public:
    virtual ~JobWitness() = default;
    /// The job's state after a change; the first call begins its record. An error ends the job.
    virtual Result<> changed(const Job &job) = 0;
    /// Something is about to be done, or was: an error means that it must not be done.
    virtual Result<> note(const AuditEvent &event) = 0;
    virtual void logged(const QString &jobId, const LogChunk &chunk) = 0;
    /// The job with its outcome. An error makes a success a failure.
    virtual Result<> finished(const Job &job) = 0;
};

} // namespace ovvoc
