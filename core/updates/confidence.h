#pragma once

#include "updates/codechange.h"
#include "updates/plan.h"
#include "updates/testreport/testreport.h"

namespace ovvoc {

/// How the steps of an update went before in the same client's repositories.
struct StepHistory
{
    QStringList passed; ///< packages whose very step passed another repository's build and tests
    QStringList broke; ///< those whose step was found to break another repository
    QStringList flaky; ///< tests of this repository that failed by chance lately
    bool operator==(const StepHistory &) const = default;
};

/// What was seen of a job beside its plan and its tests.
struct JobFindings
{
    QStringList changedFiles = {}; ///< of the repository, which build or tests wrote
    /// Files that the build made and that look like tests or what tests are configured by.
    QStringList madeTests = {};
    QStringList aside = {}; ///< dependencies that were not installed: no cell can have them
    CodeReport code = {};
    QStringList unproved = {}; ///< tools that moved and that nothing that ran has used
    StepHistory history = {};
    bool operator==(const JobFindings &) const = default;
};

/// How much a passed job says about its update: points from 0 to 100, each with its reason, and the
/// word of their band. What was not measured gives no points. The formula is written down for users
/// in docs/confidence.md.
struct Confidence
{
    enum class Level { Low, Medium, High };
    struct Reason
    {
        int points = 0; ///< below 0: against it
        QString text; ///< one sentence's part
        bool operator==(const Reason &) const = default;
    };
    static constexpr int high = 80, medium = 50; ///< the points at which these bands begin

    QList<Reason> reasons;
    int points() const; ///< their sum, from 0 to 100
    Level level() const;
    QString title() const; ///< for people: "85 of 100 (high)"
    QStringList sentences() const; ///< "+30: …"
    bool operator==(const Confidence &) const = default;
};

QString toString(Confidence::Level level);

/// \a tests: nothing when the repository has no tests and a build alone was accepted.
Confidence confidenceIn(const UpdatePlan &plan, const std::optional<TestSummary> &tests,
                        const JobFindings &found = {});

} // namespace ovvoc
