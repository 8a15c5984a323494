#pragma once

#include "jobs/job.h"

namespace ovvoc {

/// The job as written for machines (`--json`) and into the workspace: metadata only. Of the patch
/// its hash and the names and sizes of its files, of the tests the counts and the failing ones;
/// never a line of code.
QJsonObject toJson(const Job &job);

/// The job again, as far as it was written. Members that are missing or of another type keep their
/// standard value: an old record stays readable.
Job jobFromJson(const QJsonObject &object);

QJsonObject toJson(const OpenProposal &proposal);
OpenProposal openProposalFromJson(const QJsonObject &object);

/// Takes out of a job's JSON what is kept for a shorter time than the job: excerpts of output and
/// messages of tests. Returns it; empty when there is none.
QJsonObject takeExcerpt(QJsonObject &job);
/// Puts it back.
void giveExcerpt(QJsonObject &job, const QJsonObject &excerpt);

} // namespace ovvoc
