#pragma once

#include "jobs/overview.h"

namespace ovvoc {

/// One package that is outdated somewhere, over all repositories that are given.
struct PackageRow
{
    QString name;
    int repositories = 0, clients = 0; ///< in which it is outdated
    int waiting = 0; ///< of these repositories, those whose settings hold it back
    QString lowest, highest; ///< of what is installed; the same when it is one version
    QString target; ///< the newest to which the settings of one of them let it go
    UpdateLevel level = UpdateLevel::Patch; ///< the largest step
    QString severity; ///< of the worst advisory that holds somewhere; empty: none
    bool operator==(const PackageRow &) const = default;
    QString installed() const; ///< "4.17.9", or "3.10.1 – 4.17.20"
};

/// \a rows by their package: what has an advisory first, the worst first, then what stands in most
/// repositories, then by name. A repository counts once, however often it has the package.
QList<PackageRow> packageRows(const QList<PendingRow> &rows);

} // namespace ovvoc
