#pragma once

#include "updates/codechange.h"
#include "updates/plan.h"
#include "updates/testreport/testreport.h"

namespace ovvoc {

/// How much a passed job says about its update, in words and never as a number, with every reason.
/// The rules are few and written down for users in docs/confidence.md:
/// it starts high, and each of these takes it down one step: a major step (or a minor one below
/// 1.0.0, which may break as much); no test was counted; more tests skipped than passed; a version
/// younger than three days; the build changed files of the repository; a dependency could not be
/// installed; what the tests printed contradicts itself; a rule that changed the code is less than
/// 90 % sure; places of the code are left to a person.
struct Confidence
{
    enum class Level { Low, Medium, High };
    Level level = Level::High;
    QStringList reasons; ///< what speaks for it and against it, one sentence each
    bool operator==(const Confidence &) const = default;
};

QString toString(Confidence::Level level);

/// \a tests: nothing when the repository has no tests and a build alone was accepted.
/// \a changedByBuild: files of the repository that were something else than sealed when it was
/// tested. \a aside: dependencies that were not installed, because no cell can have them.
Confidence confidenceIn(const UpdatePlan &plan, const std::optional<TestSummary> &tests,
                        const QStringList &changedByBuild = {}, const QStringList &aside = {},
                        const CodeReport &code = {});

} // namespace ovvoc
