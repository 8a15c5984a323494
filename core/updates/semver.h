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

/// The level of the step from one version to another.
UpdateLevel levelBetween(const Semver &from, const Semver &to);

/// Whether \a version lies in \a range, as advisories write it: comparators (<, <=, >, >=, =) that
/// must all hold, alternatives between "||", "*". Nothing when the range has another form.
std::optional<bool> inRange(const Semver &version, const QString &range);

/// \a range with its version raised to \a version and its operator kept ("~1.2.3" → "~1.4.0").
/// Ranges without a single version ("1.x || 2.x", "*") become "^version", unless \a alreadyAllows.
QString raisedRange(const QString &range, const QString &version, bool alreadyAllows);

} // namespace ovvoc
