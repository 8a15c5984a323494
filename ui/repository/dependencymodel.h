#pragma once

#include "jobs/dependencyrows.h"
#include "valuemodel.h"

namespace ovvoc {

/// A repository's dependencies and what is being done about each.
class DependencyModel final : public ValueModel<DependencyRow>
{
    Q_OBJECT
public:
    enum Column {
        Package,
        StateColumn,
        Current,
        Wanted,
        Latest,
        Step,
        Section,
        Note,
        Action,
        ColumnCount
    };
    using ValueModel::ValueModel;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

protected:
    bool isSame(const DependencyRow &a, const DependencyRow &b) const override
    {
        const ScannedDependency &one = a.dependency, &other = b.dependency;
        return one.name == other.name && one.project == other.project
            && one.section == other.section && one.current == other.current;
    }
};

} // namespace ovvoc
