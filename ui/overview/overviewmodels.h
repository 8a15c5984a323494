#pragma once

#include "jobboard.h"
#include "valuemodel.h"

namespace ovvoc {

/// One line for each client.
class ClientsModel final : public ValueModel<ClientOverview>
{
    Q_OBJECT
public:
    enum Column {
        Name,
        Repositories,
        Running,
        Pending,
        Security,
        Attention,
        Rate,
        Next,
        ColumnCount
    };
    explicit ClientsModel(const Services &services, QObject *parent = nullptr);
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    void jobsChanged();

protected:
    bool isSame(const ClientOverview &a, const ClientOverview &b) const override
    {
        return a.client.id == b.client.id;
    }

private:
    Services m_services;
};

/// Jobs in a few columns: those that run, or those whose failure waits for someone.
class BriefModel final : public ValueModel<JobBrief>
{
    Q_OBJECT
public:
    enum Column { State, Where, What, Life, When, ColumnCount };
    using ValueModel::ValueModel;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

protected:
    bool isSame(const JobBrief &a, const JobBrief &b) const override { return a.id == b.id; }
};

} // namespace ovvoc
