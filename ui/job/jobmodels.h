#pragma once

#include "jobs/job.h"
#include "valuemodel.h"

namespace ovvoc {

/// The connections that a cell asked the gate for.
class EgressModel final : public ValueModel<EgressRow>
{
    Q_OBJECT
public:
    enum Column { Time, Host, Port, What, VerdictColumn, In, Out, Duration, ColumnCount };
    using ValueModel::ValueModel;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

protected:
    bool isSame(const EgressRow &a, const EgressRow &b) const override { return a.id == b.id; }
};

/// The isolation evidence.
class EvidenceModel final : public ValueModel<Evidence>
{
    Q_OBJECT
public:
    enum Column { Control, Asked, Found, VerdictColumn, ColumnCount };
    using ValueModel::ValueModel;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

protected:
    bool isSame(const Evidence &a, const Evidence &b) const override
    {
        return a.control == b.control;
    }
};

/// What a scan found, outdated ones first.
class ScanModel final : public ValueModel<ScannedDependency>
{
    Q_OBJECT
public:
    enum Column { Name, Current, Wanted, Latest, Level, Age, Section, Note, ColumnCount };
    using ValueModel::ValueModel;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

protected:
    bool isSame(const ScannedDependency &a, const ScannedDependency &b) const override
    {
        return a.name == b.name && a.section == b.section;
    }
};

} // namespace ovvoc
