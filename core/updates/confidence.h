#pragma once

#include "updates/codechange.h"
#include "updates/plan.h"
#include "updates/testreport/testreport.h"

namespace ovvoc {

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
/// \a changedByBuild: files of the repository that were something else than sealed when it was
/// tested. \a aside: dependencies that were not installed, because no cell can have them.
/// \a unproved: tools that moved and that nothing that ran has used.
Confidence confidenceIn(const UpdatePlan &plan, const std::optional<TestSummary> &tests,
                        const QStringList &changedByBuild = {}, const QStringList &aside = {},
                        const CodeReport &code = {}, const QStringList &unproved = {});

} // namespace ovvoc
