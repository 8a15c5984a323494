#pragma once

#include "jobboard.h"
#include "place.h"
#include "updates/pendingmodel.h"

#include <QTimer>
#include <QWidget>

class QBoxLayout;
class QComboBox;
class QLineEdit;
class QPushButton;
class QTableView;

namespace ovvoc {

class EmptyState;
class FacetBar;
class TextLabel;

/// Everything that scans found to do, over all clients: filter, sort, start.
class UpdatesPage : public QWidget
{
    Q_OBJECT
public:
    explicit UpdatesPage(const Services &services, QWidget *parent = nullptr);
    PendingFilter *filter() const { return m_filter; }
    QTableView *table() const { return m_table; }
    /// What the filters let through, in the order in which it is shown.
    void exportTo(const QString &path);

signals:
    void go(const ovvoc::Place &place);
    void said(const QString &text);

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void refresh();
    void refreshCounts();
    void startSelected();
    Services m_services;
    PendingModel *m_model;
    PendingFilter *m_filter;
    FacetBar *m_facets;
    QComboBox *m_client;
    QLineEdit *m_search;
    QTableView *m_table;
    QPushButton *m_start;
    QBoxLayout *m_bar = nullptr;
    TextLabel *m_count;
    EmptyState *m_empty;
    QTimer m_refresh;
};

} // namespace ovvoc
