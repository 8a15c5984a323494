#pragma once

#include "jobs/joblistmodel.h"
#include "place.h"
#include "repository/dependencymodel.h"
#include "settings/settingseditor.h"

#include <QSortFilterProxyModel>
#include <QTimer>
#include <QWidget>

class QLineEdit;
class QListWidget;
class QPushButton;
class QTabWidget;
class QTableView;
class QVBoxLayout;

namespace ovvoc {

class EmptyState;
class TextLabel;

/// Everything about one repository: its dependencies with what is being done about each, its
/// proposals, its jobs, its settings. Nothing here starts a job but its buttons.
class RepositoryPage : public QWidget
{
    Q_OBJECT
public:
    explicit RepositoryPage(const Services &services, QWidget *parent = nullptr);
    /// False when there is no such repository.
    bool setRepository(const QString &id);
    const QString &repositoryId() const { return m_id; }
    const QString &clientId() const { return m_clientId; }
    DependencyModel *dependencies() const { return m_model; }
    /// By its English name: "Dependencies", "Proposals", "Jobs", "Settings".
    void showTab(const QString &name);

signals:
    void go(const ovvoc::Place &place);
    void browse(const QUrl &address);
    void said(const QString &text);

private:
    void buildHeader(QVBoxLayout *layout);
    QWidget *buildDependencies();
    QWidget *buildProposals();
    QWidget *buildJobs();
    QWidget *buildSettings();
    const RepositoryOverview *overview() const;
    void refresh();
    void refreshRows();
    void loadScan();
    void showProposals();
    void describe();
    void actOn(const QModelIndex &shown);
    void packageMenu(const QPoint &position);
    void skip(const Skip &skip);
    void save(const SettingOverrides &overrides, const QString &done);
    void start(const QString &job);
    Services m_services;
    QString m_id, m_clientId;
    DependencyModel *m_model;
    QSortFilterProxyModel *m_shown;
    JobListModel *m_jobs;
    std::optional<ScanReport> m_scan;
    QString m_scanId; ///< the job that m_scan is of
    QDateTime m_scanned; ///< as the overview said when it was asked for
    QTabWidget *m_tabs = nullptr;
    TextLabel *m_title = nullptr, *m_facts = nullptr, *m_sum = nullptr, *m_asked = nullptr;
    QPushButton *m_client = nullptr, *m_scanButton = nullptr, *m_update = nullptr;
    QLineEdit *m_search = nullptr;
    QTableView *m_table = nullptr, *m_jobTable = nullptr;
    EmptyState *m_empty = nullptr, *m_noJobs = nullptr;
    QListWidget *m_proposals = nullptr;
    SettingsEditor *m_editor = nullptr;
    QTimer m_turn;
};

} // namespace ovvoc
