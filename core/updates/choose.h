#pragma once

#include "base/result.h"
#include "updates/survey.h"

namespace ovvoc {

/// Chooses by policy, from what a survey says, what moves and to where: the level, the filters, the
/// cooldown, what the project's Node and the others' peers allow. What stays behind is named with
/// the reason; nothing stops the others. A project whose manager is not covered, or whose lockfile
/// cannot be read, has one reason for all of it.
/// Errors: InvalidInput (there is no project, or no dependency of the name that was asked for),
/// NotFound (no such version).
Result<UpdatePlan> choosePlan(const Survey &survey, const UpdateSelection &selection);

/// Why nothing of a project can be moved, or installed: its manager, or one of its problems. Empty:
/// nothing stands in the way.
QString obstacleTo(const SurveyProject &project);

/// What a survey says of every dependency, for lists.
ScanReport scanReport(const Survey &survey);

} // namespace ovvoc
