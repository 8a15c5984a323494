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
    if (from.major != to.major || (from.major == 0 && (from.minor != to.minor || from.minor == 0)))
        return from == to ? UpdateLevel::Patch : UpdateLevel::Major;
    return from.minor != to.minor ? UpdateLevel::Minor : UpdateLevel::Patch;
}

} // namespace ovvoc
