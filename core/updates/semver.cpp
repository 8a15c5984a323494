#include "updates/semver.h"

#include <QRegularExpression>
#include <QStringList>

namespace ovvoc {

std::optional<Semver> Semver::parse(const QString &text)
{
    static const QRegularExpression form(QRegularExpression::anchoredPattern(
        QStringLiteral("[v=]?(0|[1-9]\\d{0,14})\\.(0|[1-9]\\d{0,14})\\.(0|[1-9]\\d{0,14})"
                       "(?:-([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?"
                       "(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?")));
    const auto match = form.match(text);
    if (!match.hasMatch())
        return std::nullopt;
    return Semver{match.captured(1).toULongLong(), match.captured(2).toULongLong(),
                  match.captured(3).toULongLong(), match.captured(4)};
}

std::strong_ordering Semver::operator<=>(const Semver &other) const
{
    if (auto order = major <=> other.major; order != 0)
        return order;
    if (auto order = minor <=> other.minor; order != 0)
        return order;
    if (auto order = patch <=> other.patch; order != 0)
        return order;
    if (prerelease.isEmpty() || other.prerelease.isEmpty())
        return prerelease.isEmpty() <=> other.prerelease.isEmpty();
    const QStringList mine = prerelease.split('.'), theirs = other.prerelease.split('.');
    for (qsizetype i = 0; i < std::min(mine.size(), theirs.size()); ++i) {
        bool a = false, b = false;
        const quint64 x = mine[i].toULongLong(&a), y = theirs[i].toULongLong(&b);
        if (a != b)
            return a ? std::strong_ordering::less : std::strong_ordering::greater;
        if (a && x != y)
            return x <=> y;
        if (!a && mine[i] != theirs[i])
            return mine[i] < theirs[i] ? std::strong_ordering::less : std::strong_ordering::greater;
    }
    return mine.size() <=> theirs.size();
}

QString Semver::toString() const
{
    const QString base = QStringLiteral("%1.%2.%3").arg(major).arg(minor).arg(patch);
    return prerelease.isEmpty() ? base : QString(base + '-' + prerelease);
}

QString toString(UpdateLevel level)
{
    switch (level) {
    case UpdateLevel::Patch:
        return QStringLiteral("patch");
    case UpdateLevel::Minor:
        return QStringLiteral("minor");
    case UpdateLevel::Major:
        return QStringLiteral("major");
    }
    return {};
}

std::optional<UpdateLevel> updateLevelFromString(const QString &text)
{
    for (const UpdateLevel level : {UpdateLevel::Patch, UpdateLevel::Minor, UpdateLevel::Major}) {
        if (text == toString(level))
            return level;
    }
    return std::nullopt;
}

UpdateLevel levelBetween(const Semver &from, const Semver &to)
{
    if (from.major != to.major)
        return UpdateLevel::Major;
    return from.minor != to.minor ? UpdateLevel::Minor : UpdateLevel::Patch;
}

std::optional<bool> inRange(const Semver &version, const QString &range)
{
    static const QRegularExpression form(QStringLiteral("\\s*(<=|>=|<|>|=)?\\s*([^\\s<>=|]+)\\s*"),
                                         QRegularExpression::NoPatternOption);
    bool any = false;
    for (const QString &alternative : range.split(QStringLiteral("||"))) {
        bool all = true;
        qsizetype at = 0;
        while (at < alternative.size()) {
            const auto match = form.match(alternative, at, QRegularExpression::NormalMatch,
                                          QRegularExpression::AnchorAtOffsetMatchOption);
            if (!match.hasMatch())
                return std::nullopt;
            at = match.capturedEnd();
            if (match.captured(2) == QLatin1String("*") && match.captured(1).isEmpty())
                continue;
            const auto bound = Semver::parse(match.captured(2));
            if (!bound)
                return std::nullopt;
            const QString op = match.captured(1);
            const auto order = version <=> *bound;
            all = all
                && (op == QLatin1String("<")        ? order < 0
                        : op == QLatin1String("<=") ? order <= 0
                        : op == QLatin1String(">")  ? order > 0
                        : op == QLatin1String(">=") ? order >= 0
                                                    : order == 0);
        }
        if (at == 0)
            return std::nullopt;
        any = any || all;
    }
    return any;
}

QString raisedRange(const QString &range, const QString &version, bool alreadyAllows)
{
    static const QRegularExpression single(
        QStringLiteral("^(\\^|~|>=|=|v)?\\s*\\d+(\\.\\d+){0,2}(-[0-9A-Za-z.-]+)?$"));
    const auto match = single.match(range.trimmed());
    if (match.hasMatch()) {
        const QString prefix = match.captured(1);
        // ">=1.2.0" and a bare "1" or "1.2" (which mean 1.x and 1.2.x) may admit it as they are.
        const bool open = prefix == QLatin1String(">=");
        const bool partial = range.count('.') < 2;
        if (alreadyAllows && (open || (partial && prefix.isEmpty())))
            return range;
        if (partial && prefix.isEmpty())
            return '^' + version;
        return prefix + version;
    }
    return alreadyAllows ? range : QString('^' + version);
}

} // namespace ovvoc
