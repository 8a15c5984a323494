#pragma once

#include "jobs/packagerows.h"
#include "valuemodel.h"

namespace ovvoc {

/// What scans found to do, a line for each package.
class PackageModel final : public ValueModel<PackageRow>
{
    Q_OBJECT
public:
    enum Column { Package, Repositories, Clients, From, To, Kind, Action, ColumnCount };
    using ValueModel::ValueModel;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

protected:
    bool isSame(const PackageRow &a, const PackageRow &b) const override
    {
        return a.name == b.name;
    }
};

} // namespace ovvoc
