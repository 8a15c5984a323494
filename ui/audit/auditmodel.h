#pragma once

#include "valuemodel.h"
#include "workspaceservice.h"

namespace ovvoc {

/// The audit log, newest first, page by page as one scrolls.
class AuditModel final : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { Number, Time, What, ClientColumn, Actor, Result_, ColumnCount };
    explicit AuditModel(WorkspaceService *workspace, QObject *parent = nullptr);
    void setFilter(const AuditFilter &filter);
    const AuditFilter &filter() const { return m_filter; }
    /// Adds what came since, without touching what is shown.
    void lookForNew();

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    bool canFetchMore(const QModelIndex &parent) const override;
    void fetchMore(const QModelIndex &parent) override;
    const AuditEntry &entry(int row) const { return m_entries[row]; }

signals:
    void loaded();
    void failed(const ovvoc::Error &error);

private:
    WorkspaceService *m_workspace;
    AuditFilter m_filter;
    QList<AuditEntry> m_entries;
    bool m_loading = false;
    bool m_complete = false;
    quint64 m_generation = 0;
};

} // namespace ovvoc
