#pragma once

#include "base/result.h"
#include "updates/plan.h"

namespace ovvoc {

/// Updates that are tried, and proposed, together.
struct UpdateGroup
{
    enum class Kind { Security, Named, Minor, Major, One, All };
    Kind kind = Kind::All;
    QString title; ///< for people: "Patch and minor steps", "react 17.0.2 → 19.1.0"
    QList<PlannedUpdate> updates;
    bool operator==(const UpdateGroup &) const = default;
};

/// What must not be separated: the smallest sets that still fit together. In the order of \a
/// updates. One repository's packages that step alike, families of resources/ecosystems, a package
/// with its types, what asks for each other as peers, and one package in several projects.
QList<QList<PlannedUpdate>> inseparable(const QList<PlannedUpdate> &updates);

/// Splits \a updates as \a grouping says; none is lost and none stands twice. By default: what
/// fixes an advisory first, patch and minor steps together, each major step alone with its family.
/// Linear but for peers (at most 50 of each update).
QList<UpdateGroup> groupsOf(const QList<PlannedUpdate> &updates, const Grouping &grouping);

} // namespace ovvoc
