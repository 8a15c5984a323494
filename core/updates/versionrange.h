#pragma once

#include "updates/semver.h"

#include <QList>

namespace ovvoc {

/// A range of versions as npm, pnpm and Yarn write it
/// (https://github.com/npm/node-semver#range-grammar): alternatives between "||", each a set of
/// comparators, "^", "~", partial versions, "x", "*", "a - b". Linear in the text's length.
class VersionRange
{
public:
    /// Nothing when the text is no range, or longer than 500 characters.
    static std::optional<VersionRange> parse(const QString &text);
    /// Whether a version lies in it. A prerelease does only where a comparator of the same
    /// major.minor.patch names one, as npm has it.
    bool contains(const Semver &version) const;

private:
    struct Comparator
    {
        enum class Operator { Less, LessEqual, Greater, GreaterEqual, Equal };
        Operator op = Operator::GreaterEqual;
        Semver version;
    };
    static bool addComparators(QList<Comparator> &set, const QString &text);
    QList<QList<Comparator>> m_alternatives; ///< an empty set takes every release
};

/// Whether \a version lies in \a range; nothing when that is no range.
std::optional<bool> inRange(const Semver &version, const QString &range);

/// \a range so that it takes \a version, in the same shape: operator, precision and lower bound
/// stay, an upper bound is raised as far as needed, a further alternative is added where there are
/// several. A single version is raised also when \a alreadyAllows; what is open stays as it is
/// then.
QString raisedRange(const QString &range, const QString &version, bool alreadyAllows);

} // namespace ovvoc
