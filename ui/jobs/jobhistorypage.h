#pragma once

#include "jobs/joblistmodel.h"
#include "place.h"

#include <QTimer>
#include <QWidget>

class QComboBox;
class QLineEdit;
class QTableView;

namespace ovvoc {

class ClientBox;
class EmptyState;
class TextLabel;

/// Every job there was, over all clients: filter, scroll, open, export.
class JobHistoryPage : public QWidget
{
    Q_OBJECT
public:
    explicit JobHistoryPage(const Services &services, QWidget *parent = nullptr);
    JobListModel *model() const { return m_model; }
    QTableView *table() const { return m_table; }

signals:
    void go(const ovvoc::Place &place);
    void said(const QString &text);

private:
    QComboBox *facet(const QString &name);
    void fillRepositories();
    void applyFilter();
    void showOrder(JobFilter::Order order);
    void takeChanges();
    void describeEmpty();
    void exportTo(const QString &path);
    Services m_services;
    JobListModel *m_model;
    QTableView *m_table = nullptr;
    ClientBox *m_client = nullptr;
    QComboBox *m_repository = nullptr, *m_outcome = nullptr, *m_kind = nullptr, *m_level = nullptr,
              *m_time = nullptr, *m_order = nullptr;
    QLineEdit *m_search = nullptr;
    EmptyState *m_empty = nullptr;
    QTimer m_typing, m_changes;
    QStringList m_changed; ///< ids of jobs whose news the list has not taken yet
};

} // namespace ovvoc
