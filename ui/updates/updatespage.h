#pragma once

#include "jobboard.h"
#include "place.h"
#include "updates/packagemodel.h"
#include "updates/pendingmodel.h"

#include <QTimer>
#include <QWidget>

class QBoxLayout;
class QComboBox;
class QLineEdit;
class QPushButton;
class QSortFilterProxyModel;
class QStackedWidget;
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
    QTableView *packageTable() const { return m_packageTable; }
    /// A line for each package, or for each package of each repository.
    void showByPackage(bool byPackage);
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
    QWidget *packagesView();
    void refreshPackages();
    void sayNothing(const QString &title, const QString &words, const QString &action = {});
    QStringList selectedPackages() const;
    void startEverywhere(const QStringList &packages);
    void showWhere(const QString &package);
    void skipEverywhere(const Skip &skip);
    void showPackageMenu(const QPoint &position);
    Services m_services;
    PendingModel *m_model;
    PendingFilter *m_filter;
    PackageModel *m_packages;
    QSortFilterProxyModel *m_sortedPackages;
    QTableView *m_packageTable;
    QPushButton *m_byPackage;
    QStackedWidget *m_views;
    FacetBar *m_facets;
    QComboBox *m_client;
    QLineEdit *m_search;
    QTableView *m_table;
    QPushButton *m_start;
    QBoxLayout *m_bar = nullptr;
    TextLabel *m_count;
    EmptyState *m_empty, *m_noPackages;
    QTimer m_refresh, m_refreshPackages;
};

} // namespace ovvoc
