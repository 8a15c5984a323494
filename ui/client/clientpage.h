#pragma once

#include "client/repositorymodel.h"
#include "place.h"
#include "updates/pendingmodel.h"

#include <QSet>
#include <QTimer>
#include <QWidget>

class QBoxLayout;
class QLineEdit;
class QPushButton;
class QSortFilterProxyModel;
class QTableView;
class QVBoxLayout;

namespace ovvoc {

class ClientMark;
class EmptyState;
class FacetBar;
class StatCard;
class TextLabel;

/// A client's dashboard: its numbers, its repositories with one button each, what scans found to
/// do, and what happened last.
class ClientPage : public QWidget
{
    Q_OBJECT
public:
    explicit ClientPage(const Services &services, QWidget *parent = nullptr);
    void setClient(const QString &id);
    const QString &clientId() const { return m_id; }

    /// What the row's button does; opens the job.
    void actOn(int row);
    /// Asks the forges which proposals are open, and shows it.
    void askForProposals(const QString &clientId);
    RepositoryModel *repositories() const { return m_repositories; }
    PendingModel *pending() const { return m_pending; }

signals:
    void browse(const QUrl &address);
    void go(const ovvoc::Place &place);
    void addRepositoryRequested(const QString &clientId);
    void said(const QString &text);
    void repositorySettingsRequested(const QString &repositoryId);
    void removeRepositoryRequested(const QString &clientId, const QString &repositoryId);

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void buildHeader(QVBoxLayout *layout);
    void askForReport();
    QWidget *buildCards();
    QWidget *buildRepositories();
    QWidget *buildPending();
    QWidget *buildActivity();
    void refresh();
    int refreshJobs();
    void refreshActivity();
    void updatePackage(const QModelIndex &shown);
    void proposalsMenu(const QPoint &position);
    void repositoryMenu(const QPoint &position);
    Services m_services;
    QString m_id;
    RepositoryModel *m_repositories;
    QSortFilterProxyModel *m_shown;
    PendingModel *m_pending;
    PendingFilter *m_filter;
    ClientMark *m_mark = nullptr;
    TextLabel *m_name = nullptr, *m_app = nullptr;
    QPushButton *m_updateAll = nullptr, *m_scanAll = nullptr;
    StatCard *m_active = nullptr, *m_updates = nullptr, *m_proposals = nullptr, *m_rate = nullptr;
    QTableView *m_table = nullptr, *m_pendingTable = nullptr;
    QLineEdit *m_search = nullptr;
    FacetBar *m_facets = nullptr;
    EmptyState *m_noRepositories = nullptr, *m_noPending = nullptr;
    QVBoxLayout *m_activity = nullptr;
    QBoxLayout *m_lower = nullptr;
    QTimer m_activityTimer, m_refresh;
    QSet<QString> m_changed; ///< repositories whose jobs have news that is not shown yet
    QSet<QString> m_asking; ///< clients whose forges are being asked
};

} // namespace ovvoc
