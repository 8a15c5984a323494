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
    /// Which proposals take each other's place, whatever the versions: "security",
    /// "patch-and-minor", "named NAME", "package NAME", "all".
    QString topic = {};
    bool operator==(const UpdateGroup &) const = default;
};

/// A group, or a part of one, that is not tried.
struct HeldGroup
{
    UpdateGroup group;
    QString reason; ///< goes on from the names: "is proposed already (#12)"
    bool operator==(const HeldGroup &) const = default;
};

/// The topic of what was asked for by the package's name.
QString topicOfPackage(const QString &name);

/// "ovvoc/update-ms", "ovvoc/updates-security": the same for each version, made of characters that
/// are safe in a branch name.
QString branchNameOf(const QString &topic);

/// What must not be separated: the smallest sets that still fit together. In the order of \a
/// updates. One repository's packages that step alike, families of resources/ecosystems, a package
/// with its types, what asks for each other as peers, and one package in several projects.
QList<QList<PlannedUpdate>> inseparable(const QList<PlannedUpdate> &updates);

/// Of one inseparable part: what can be taken out of it so that the rest still fits together,
/// largest step first. Empty: nothing can.
QList<QList<PlannedUpdate>> separable(const QList<PlannedUpdate> &part);

/// Splits \a updates as \a grouping says; none is lost and none stands twice. By default: what
/// fixes an advisory first, patch and minor steps together, each major step alone with its family.
/// Linear but for peers (at most 50 of each update).
QList<UpdateGroup> groupsOf(const QList<PlannedUpdate> &updates, const Grouping &grouping);

} // namespace ovvoc
