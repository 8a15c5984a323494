#pragma once

#include "jobs/job.h"

namespace ovvoc {

/// What kind of update one of the job's is, by all that the job knows of it.
Classification classificationOf(const Job &job, const PlannedUpdate &update);
/// The pull request's title: "Update ms from 2.1.2 to 2.1.3".
QString proposalTitle(const Job &job);
/// Its text, Markdown, at most 32 KiB: what changed, how it was proved, what was not checked, and
/// where it comes from. Text that came from the registry or a test is quoted so that it cannot
/// become markup.
QString proposalBody(const Job &job);
/// The failure report as Markdown, for reading and for copying.
QString failureMarkdown(const Job &job);
/// Whether anything was proposed, as far as it is known: an end or a time-out in the middle of PR
/// leaves that open.
QString proposedText(const Job &job);
/// What a person could try, from what is known about the failure.
QStringList suggestionsFor(const Job &job, const FailureReport &failure);

} // namespace ovvoc
