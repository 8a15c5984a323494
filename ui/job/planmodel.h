#pragma once

#include "jobs/job.h"
#include "updates/classify.h"
#include "valuemodel.h"

namespace ovvoc {

/// One package of a job's plan, moved or left out.
struct PlanRow
{
    PlannedUpdate update;
    Classification is; ///< of what moves
    QString leftOut; ///< why, when it stays
    bool operator==(const PlanRow &) const = default;
};

class PlanModel final : public ValueModel<PlanRow>
{
    Q_OBJECT
public:
    enum Column {
        Package,
        From,
        To,
        Range,
        Level,
        Strategy,
        Category,
        Age,
        Fixes,
        Note,
        ColumnCount
    };
    using ValueModel::ValueModel;
    void setPlan(const Job &job);
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

protected:
    bool isSame(const PlanRow &a, const PlanRow &b) const override
    {
        return a.update.name == b.update.name && a.leftOut.isEmpty() == b.leftOut.isEmpty();
    }
};

} // namespace ovvoc
