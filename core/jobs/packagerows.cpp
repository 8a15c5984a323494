#include "jobs/packagerows.h"

#include <QHash>
#include <QSet>
#include <algorithm>

namespace ovvoc {

namespace {

int weightOf(const QString &severity)
{
    static const QStringList order{"low", "moderate", "high", "critical"};
    return severity.isEmpty() ? -1 : std::max(0, int(order.indexOf(severity)));
}

bool isBelow(const QString &one, const QString &other)
{
    const auto a = Semver::parse(one), b = Semver::parse(other);
    return a && b && *a < *b;
}

} // namespace

QString PackageRow::installed() const
{
    return lowest == highest ? lowest : QStringLiteral("%1 – %2").arg(lowest, highest);
}

QList<PackageRow> packageRows(const QList<PendingRow> &rows)
{
    struct Seen
    {
        PackageRow row;
        QSet<QString> repositories, free, clients;
    };
    QHash<QString, Seen> byName;
    for (const PendingRow &one : rows) {
        const PendingUpdate &update = one.update;
        Seen &seen = byName[update.dependency.name];
        PackageRow &row = seen.row;
        const QString current = update.dependency.current;
        row.name = update.dependency.name;
        if (row.lowest.isEmpty() || isBelow(current, row.lowest))
            row.lowest = current;
        if (row.highest.isEmpty() || isBelow(row.highest, current))
            row.highest = current;
        if (row.target.isEmpty() || isBelow(row.target, update.target))
            row.target = update.target;
        row.level = std::max(row.level, update.level);
        for (const Advisory &advisory : update.advisories) {
            if (weightOf(advisory.severity) > weightOf(row.severity))
                row.severity = advisory.severity;
        }
        const QString repository = update.clientId + '/' + update.repositoryId;
        seen.repositories.insert(repository);
        seen.clients.insert(update.clientId);
        if (update.waits.isEmpty())
            seen.free.insert(repository);
    }
    QList<PackageRow> list;
    for (Seen &seen : byName) {
        seen.row.repositories = int(seen.repositories.size());
        seen.row.clients = int(seen.clients.size());
        seen.row.waiting = seen.row.repositories - int(seen.free.size());
        list << seen.row;
    }
    std::ranges::sort(list, [](const PackageRow &a, const PackageRow &b) {
        return std::tuple(-weightOf(a.severity), -a.repositories, a.name)
            < std::tuple(-weightOf(b.severity), -b.repositories, b.name);
    });
    return list;
}

} // namespace ovvoc
