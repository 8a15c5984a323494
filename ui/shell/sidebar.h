#pragma once

#include "jobboard.h"
#include "place.h"

#include <QFrame>

class QListWidget;
class QListWidgetItem;
class QPushButton;

namespace ovvoc {

/// The pages, the clients, and at the foot whether engine and keychain are there.
class Sidebar : public QFrame
{
    Q_OBJECT
public:
    explicit Sidebar(const Services &services, QWidget *parent = nullptr);
    /// Marks where the window is, without going there again. \a clientId: of the job that is shown.
    void setPlace(const Place &place, const QString &clientId = {});
    /// The places that Ctrl+1 to Ctrl+9 lead to.
    QList<Place> numbered() const;
    QListWidget *list() const { return m_list; }

signals:
    void go(const ovvoc::Place &place);
    void addClientRequested();
    void helpRequested();

private:
    QListWidgetItem *add(const Place &place, const QString &text);
    void refreshClients();
    void refreshCounts();
    void showEngine(const EngineState &state);
    void showLine(QPushButton *button, const QString &text);
    void showWorkspace();
    Services m_services;
    QListWidget *m_list;
    QListWidgetItem *m_jobs = nullptr, *m_updates = nullptr, *m_overview = nullptr;
    QPushButton *m_engine, *m_keychain;
    Place m_place;
    QString m_jobClient;
    QTimer m_refresh, m_counts;
    QStringList m_shown; ///< clients, as listed
};

} // namespace ovvoc
