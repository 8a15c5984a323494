#pragma once

#include "jobboard.h"
#include "valuemodel.h"

namespace ovvoc {

/// Jobs from the archive, page by page as one scrolls, with what runs now on top of it. Holds what
/// was scrolled past; nothing is counted or loaded ahead, so a million jobs open as fast as ten.
class JobListModel final : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column {
        State,
        What,
        ClientColumn,
        RepositoryColumn,
        Level,
        Life,
        Started,
        Took,
        ColumnCount
    };
    static constexpr int pageSize = 100;

    explicit JobListModel(const Services &services, QObject *parent = nullptr);
    /// Shows other jobs, from the first page.
    void setFilter(const JobFilter &filter);
    const JobFilter &filter() const { return m_filter; }
    /// Jobs changed: their lines do, and where the newest stand first new ones come on top.
    void take(const QList<const Job *> &jobs);
    /// It was refused: it never was.
    void forget(const QString &id);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    /// Only by when they began and how long they took: the rest has no index to go by.
    void sort(int column, Qt::SortOrder order) override;
    bool canFetchMore(const QModelIndex &parent) const override;
    void fetchMore(const QModelIndex &parent) override;
    const JobBrief &job(int row) const { return m_jobs[row]; }
    bool isLoading() const { return m_loading; }

signals:
    void loaded();
    void failed(const ovvoc::Error &error);
    /// A header was clicked; the page changes the filter.
    void orderWanted(ovvoc::JobFilter::Order order);

private:
    bool belongs(const JobBrief &job) const;
    Services m_services;
    JobFilter m_filter;
    QList<JobBrief> m_jobs;
    std::optional<JobRow> m_last;
    bool m_loading = false;
    bool m_complete = false;
    quint64 m_generation = 0; ///< answers to older filters are dropped
};

} // namespace ovvoc
