#pragma once

#include "jobs/overview.h"
#include "valuemodel.h"

#include <QSortFilterProxyModel>

namespace ovvoc {

/// What scans found to do, over one client or all.
class PendingModel final : public ValueModel<PendingRow>
{
    Q_OBJECT
public:
    enum Column {
        Package,
        ClientColumn,
        RepositoryColumn,
        From,
        To,
        Kind,
        Age,
        Plan,
        Confidence,
        Action,
        ColumnCount
    };
    using ValueModel::ValueModel;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

protected:
    bool isSame(const PendingRow &a, const PendingRow &b) const override
    {
        return a.update.repositoryId == b.update.repositoryId
            && a.update.dependency.name == b.update.dependency.name;
    }
};

/// Which of them are shown.
class PendingFilter final : public QSortFilterProxyModel
{
    Q_OBJECT
public:
    enum class Facet { All, Security, Patch, Minor, Major };
    explicit PendingFilter(PendingModel *model, QObject *parent = nullptr);
    void setFacet(Facet facet);
    void setClient(const QString &clientId);
    void setText(const QString &text); ///< in the package's, repository's or client's name
    Facet facet() const { return m_facet; }
    /// How many rows each facet would show with the other filters as they are.
    int count(Facet facet) const;
    const PendingRow &row(const QModelIndex &index) const;

protected:
    bool filterAcceptsRow(int row, const QModelIndex &parent) const override;

private:
    bool accepts(const PendingRow &row, Facet facet) const;
    PendingModel *m_model;
    Facet m_facet = Facet::All;
    QString m_client, m_text;
};

} // namespace ovvoc
