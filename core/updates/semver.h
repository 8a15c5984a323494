#pragma once

#include <QString>
#include <compare>
#include <optional>

namespace ovvoc {

/// A version as https://semver.org/ 2.0.0 defines it; build metadata is dropped.
struct Semver
{
    quint64 major = 0, minor = 0, patch = 0;
    QString prerelease; ///< "beta.1"; empty for a release

    /// Nothing when \a text is not a full version. A leading "v" or "=" is accepted.
    static std::optional<Semver> parse(const QString &text);
    std::strong_ordering operator<=>(const Semver &other) const;
    bool operator==(const Semver &other) const = default;
    QString toString() const;
};

/// How far an update goes.
enum class UpdateLevel { Patch, Minor, Major };
QString toString(UpdateLevel level);
std::optional<UpdateLevel> updateLevelFromString(const QString &text);

/// The level of the step from one version to another. Below 1.0.0 a minor step may break, and one
/// below 0.1.0 always: it counts as major.
UpdateLevel levelBetween(const Semver &from, const Semver &to);

} // namespace ovvoc
