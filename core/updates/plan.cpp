#include "updates/plan.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <algorithm>

namespace ovvoc {

bool matchesAny(const QString &name, const QStringList &patterns)
{
    return std::any_of(patterns.begin(), patterns.end(), [&name](const QString &pattern) {
        // "*" also passes over the slash of "@scope/name".
        QString form = QRegularExpression::escape(pattern);
        form.replace(QLatin1String("\\*"), QLatin1String(".*"));
        form.replace(QLatin1String("\\?"), QLatin1String("."));
        return QRegularExpression(QRegularExpression::anchoredPattern(form)).match(name).hasMatch();
    });
}

bool UpdateSelection::selects(const QString &name) const
{
    return (include.isEmpty() || matchesAny(name, include)) && !matchesAny(name, exclude);
}

QStringList UpdateSelection::named() const
{
    return package.isEmpty() ? packages : QStringList{package} + packages;
}

std::optional<UpdateSelection> parseSelection(const QString &text)
{
    if (text.isEmpty() || text == QLatin1String("all"))
        return UpdateSelection{};
    static const QRegularExpression form(
        QStringLiteral("^((?:@[a-z0-9~-][a-z0-9._~-]*/"
                       ")?[A-Za-z0-9~-][A-Za-z0-9._~-]*)(?:@([0-9A-Za-z.+-]+))?\\z"));
    const auto match = form.match(text);
    if (!match.hasMatch())
        return std::nullopt;
    UpdateSelection selection;
    selection.package = match.captured(1);
    selection.version = match.captured(2);
    if (!selection.version.isEmpty() && selection.version != QLatin1String("latest")
        && !Semver::parse(selection.version))
        return std::nullopt;
    if (selection.version == QLatin1String("latest"))
        selection.version.clear();
    return selection;
}

std::optional<Skip> parseSkip(const QString &text)
{
    Skip skip;
    QString what = text.trimmed();
    if (const qsizetype at = what.indexOf(QLatin1String(" until ")); at >= 0) {
        skip.until = QDate::fromString(what.mid(at + 7).trimmed(), Qt::ISODate);
        what = what.left(at).trimmed();
        if (!skip.until.isValid())
            return std::nullopt;
    }
    const auto named = parseSelection(what);
    if (!named || named->package.isEmpty())
        return std::nullopt;
    skip.name = named->package;
    skip.version = named->version;
    return skip;
}

QString toString(const Skip &skip)
{
    QString text = skip.name;
    if (!skip.version.isEmpty())
        text += '@' + skip.version;
    if (skip.until.isValid())
        text += QStringLiteral(" until ") + skip.until.toString(Qt::ISODate);
    return text;
}

const Skip *UpdateSelection::skipOf(const QString &name, const QString &to, QDate today) const
{
    const auto target = Semver::parse(to);
    for (const Skip &skip : skips) {
        const auto last = Semver::parse(skip.version);
        if (skip.name == name && (!skip.until.isValid() || today < skip.until)
            && (skip.version.isEmpty() || (target && last && *target <= *last)))
            return &skip;
    }
    return nullptr;
}

QString UpdatePlan::title() const
{
    if (updates.isEmpty())
        return QCoreApplication::translate("Plan", "Nothing to update");
    if (updates.size() == 1)
        return QStringLiteral("%1 %2 → %3").arg(updates[0].name, updates[0].from, updates[0].to);
    return QCoreApplication::translate("Plan", "%n packages", nullptr, int(updates.size()));
}

bool UpdatePlan::isSecurity() const
{
    return std::any_of(updates.begin(), updates.end(),
                       [](const PlannedUpdate &update) { return !update.fixes.isEmpty(); });
}

int ScanReport::outdated() const
{
    return int(std::count_if(dependencies.begin(), dependencies.end(),
                             [](const ScannedDependency &d) { return d.level.has_value(); }));
}

} // namespace ovvoc
