#pragma once

#include "overview/overviewmodels.h"
#include "place.h"

#include <QTimer>
#include <QWidget>

class QFrame;
class QBoxLayout;
class QVBoxLayout;
class QTableView;
class QSortFilterProxyModel;

namespace ovvoc {

class EmptyState;
class StatCard;
class TextLabel;

/// The whole agency at a glance: what runs, what waits for someone, what comes next, and every
/// client in one line.
class OverviewPage : public QWidget
{
    Q_OBJECT
public:
    explicit OverviewPage(const Services &services, QWidget *parent = nullptr);

signals:
    void go(const ovvoc::Place &place);
    void addClientRequested();

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    QWidget *buildBriefs(BriefModel *model, const QString &title, const QString &emptyTitle,
                         const QString &emptyWords);
    QWidget *buildNext();
    QWidget *buildClients();
    void refreshSoon() { m_refresh.start(); }
    void refresh();
    void refreshRunning();
    Services m_services;
    ClientsModel *m_clients;
    QSortFilterProxyModel *m_sorted;
    BriefModel *m_running, *m_failing;
    StatCard *m_runningCard = nullptr, *m_attention = nullptr, *m_pending = nullptr,
             *m_rate = nullptr;
    TextLabel *m_notice = nullptr;
    QFrame *m_noticeFrame = nullptr;
    QVBoxLayout *m_next = nullptr;
    QBoxLayout *m_middle = nullptr;
    EmptyState *m_noClients = nullptr;
    QTimer m_refresh, m_refreshRunning;
};

} // namespace ovvoc
