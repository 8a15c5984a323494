#pragma once

#include "jobboard.h"
#include "place.h"
#include "shell/commandpalette.h"

#include <QMainWindow>

class QStackedWidget;
class QSystemTrayIcon;

namespace ovvoc {

class AgencySettingsPage;
class AuditPage;
class ClientPage;
class ClientSettingsPage;
class JobHistoryPage;
class JobPage;
class MachinePage;
class Notifier;
class OverviewPage;
class RepositoryPage;
class Sidebar;
class StartPage;
class Toast;
class UpdatesPage;

/// The window: a sidebar and the page that is chosen there. Goes from place to place, and knows
/// what can be done from anywhere; everything else is its pages' own.
class MainWindow : public QMainWindow
{
    Q_OBJECT
public:
    MainWindow(JobService *jobs, WorkspaceService *workspace, QWidget *parent = nullptr);
    ~MainWindow() override;

    void go(const Place &place);
    const Place &place() const { return m_place; }
    void goBack();
    void goForward();
    /// A link from outside: shows the place, or says why not.
    void open(const QUrl &url);
    /// Starts a job and shows its page.
    void startJob(const JobRequest &request);
    /// The same job page once more, in a window of its own.
    void openJobWindow(const QString &jobId);
    /// The page of a job that was opened; null when it was not.
    JobPage *page(const QString &jobId) const { return m_jobPages.value(jobId); }
    void openPalette();
    QList<Command> commands();
    /// Ends with jobs cancelled, or waits in the background until they have ended.
    enum class Ending { Cancel, Later, Background, Stay };
    void endWith(Ending ending);
    /// Ends, also where closing only hides the window; asks first while jobs run.
    void quit();

    const Services &services() const { return m_services; }
    StartPage *startPage() const { return m_start; }
    ClientPage *clientPage() const { return m_client; }
    ClientSettingsPage *clientSettingsPage() const { return m_clientSettings; }
    RepositoryPage *repositoryPage() const { return m_repository; }
    AgencySettingsPage *settingsPage() const { return m_settings; }
    JobHistoryPage *jobsPage() const { return m_jobs; }
    UpdatesPage *updatesPage() const { return m_updates; }
    AuditPage *auditPage() const { return m_audit; }
    CommandPalette *commandPalette() const { return m_palette; }
    Toast *toast() const { return m_toast; }
    Sidebar *sidebar() const { return m_sidebar; }
    void addClient();
    void addRepository(const QString &clientId);
    void removeClient(const QString &clientId);
    void removeRepository(const QString &clientId, const QString &repositoryId);

    static constexpr int keptJobPages = 20;

signals:
    void quitRequested(bool goOnLater); ///< see JobService::end()
    void preferencesChanged();

protected:
    void closeEvent(QCloseEvent *event) override;
    void showEvent(QShowEvent *event) override;

private:
    template <typename Page> Page *add(Page *page);
    void buildPages();
    void buildShortcuts();
    void showHelp();
    void turnTo(QWidget *page);
    void showPlace(const Place &place);
    void showJob(const QString &id);
    JobPage *makeJobPage(const Job &job);
    void forgetOldPages();
    void jobFinished(const Job &job);
    void updateProgress();
    void updateProgressSoon();
    void updateTray();
    void browse(const QUrl &address);
    void askBeforeQuit();
    Services m_services;
    Sidebar *m_sidebar = nullptr;
    QStackedWidget *m_stack = nullptr;
    OverviewPage *m_overview = nullptr;
    JobHistoryPage *m_jobs = nullptr;
    UpdatesPage *m_updates = nullptr;
    AuditPage *m_audit = nullptr;
    AgencySettingsPage *m_settings = nullptr;
    MachinePage *m_machine = nullptr;
    StartPage *m_start = nullptr;
    ClientPage *m_client = nullptr;
    ClientSettingsPage *m_clientSettings = nullptr;
    RepositoryPage *m_repository = nullptr;
    CommandPalette *m_palette = nullptr;
    Toast *m_toast = nullptr;
    Notifier *m_notifier = nullptr;
    QSystemTrayIcon *m_tray = nullptr;
    QHash<QString, JobPage *> m_jobPages;
    QStringList m_pageOrder; ///< ids of m_jobPages, the one shown last at the end
    Place m_place;
    QList<Place> m_back, m_forward;
    QTimer m_progressTurn;
    QTimer m_turned; ///< since a page was shown: clicks do nothing meanwhile
    bool m_placed = false;
    bool m_closing = false;
    bool m_quitWhenIdle = false;
    bool m_demoAsked = false;
};

} // namespace ovvoc
