#include "updates/plan.h"

#include <QCoreApplication>
#include <QCryptographicHash>
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

std::optional<UpdateSelection> parseSelection(const QString &text)
{
    if (text.isEmpty() || text == QLatin1String("all"))
        return UpdateSelection{};
    static const QRegularExpression form(QStringLiteral(
        "^((?:@[a-z0-9~-][a-z0-9._~-]*/)?[A-Za-z0-9~-][A-Za-z0-9._~-]*)(?:@([0-9A-Za-z.+-]+))?$"));
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

QString UpdatePlan::title() const
{
    if (updates.isEmpty())
        return QCoreApplication::translate("Plan", "Nothing to update");
    if (updates.size() == 1)
        return QStringLiteral("%1 %2 → %3").arg(updates[0].name, updates[0].from, updates[0].to);
    return QCoreApplication::translate("Plan", "%n packages", nullptr, int(updates.size()));
}

QString UpdatePlan::branchName() const
{
    QString name;
    if (updates.size() == 1) {
        name = updates[0].name + '-' + updates[0].to;
    } else {
        // The same set of updates gets the same name, whatever day it is.
        QStringList all;
        for (const PlannedUpdate &update : updates)
            all << update.name + '@' + update.to;
        all.sort();
        const QByteArray digest =
            QCryptographicHash::hash(all.join(' ').toUtf8(), QCryptographicHash::Sha256);
        name = QStringLiteral("%1-packages-%2")
                   .arg(updates.size())
                   .arg(QString::fromLatin1(digest.toHex().left(8)));
    }
    static const QRegularExpression unsafe(QStringLiteral("[^A-Za-z0-9._-]+"));
    static const QRegularExpression edges(QStringLiteral("^[.-]+|[.-]+$|\\.lock$"));
    static const QRegularExpression dots(QStringLiteral("\\.{2,}"));
    name.replace(unsafe, QStringLiteral("-")).replace(dots, QStringLiteral(".")).remove(edges);
    return QStringLiteral("ovvoc/update-") + name.left(120);
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
