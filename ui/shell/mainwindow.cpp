#include "shell/mainwindow.h"

#include "audit/auditpage.h"
#include "client/clientpage.h"
#include "client/clientsettingspage.h"
#include "format.h"
#include "job/jobpage.h"
#include "jobs/jobhistorypage.h"
#include "overview/overviewpage.h"
#include "repository/repositorypage.h"
#include "settings/agencysettingspage.h"
#include "settings/preferences.h"
#include "shell/helpdialog.h"
#include "shell/notifier.h"
#include "shell/sidebar.h"
#include "start/startpage.h"
#include "theme/theme.h"
#include "updates/updatespage.h"
#include "welcome/machinepage.h"
#include "widgets/clientmark.h"
#include "widgets/toast.h"

#include <QApplication>
#include <QDesktopServices>
#include <QFrame>
#include <QHBoxLayout>
#include <QPainter>
#include <QPushButton>
#include <QScreen>
#include <QSettings>
#include <QShortcut>
#include <QStackedWidget>
#include <QSystemTrayIcon>

namespace ovvoc {

namespace {

constexpr int historyLimit = 100;

QIcon programIcon()
{
    QPixmap pixmap(64, 64);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    paintClientMark(painter, QRectF(0, 0, 64, 64), QStringLiteral("Ovvoc"), 0);
    return pixmap;
}

} // namespace

MainWindow::MainWindow(JobService *jobs, WorkspaceService *workspace, QWidget *parent)
    : QMainWindow(parent)
    , m_services{jobs, workspace, new JobBoard(jobs, workspace, this)}
    , m_notifier(new Notifier(this))
{
    setWindowTitle(tr("Ovvoc Desktop"));
    setWindowIcon(programIcon());
    setMinimumSize(900, 600);
    auto *body = new QWidget;
    auto *layout = new QHBoxLayout(body);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    m_sidebar = new Sidebar(m_services);
    layout->addWidget(m_sidebar);
    m_stack = new QStackedWidget;
    layout->addWidget(m_stack, 1);
    setCentralWidget(body);
    buildPages();
    m_palette = new CommandPalette(this);
    m_toast = new Toast(this);
    buildShortcuts();

    connect(m_sidebar, &Sidebar::go, this, &MainWindow::go);
    connect(m_sidebar, &Sidebar::addClientRequested, this, &MainWindow::addClient);
    connect(m_sidebar, &Sidebar::helpRequested, this, &MainWindow::showHelp);
    JobBoard *board = m_services.board;
    connect(board, &JobBoard::finished, this, &MainWindow::jobFinished);
    connect(board, &JobBoard::changed, this, [this](const QString &id) {
        const Job *job = m_services.board->job(id);
        if (JobPage *page = m_jobPages.value(id); page && job)
            page->setJob(*job);
        updateProgressSoon();
    });
    m_progressTurn.setSingleShot(true);
    m_progressTurn.setInterval(100);
    connect(&m_progressTurn, &QTimer::timeout, this, &MainWindow::updateProgress);
    connect(board, &JobBoard::refused, this, [this](const QString &id, const Error &error) {
        if (JobPage *page = m_jobPages.take(id)) {
            m_pageOrder.removeAll(id);
            m_stack->removeWidget(page);
            page->deleteLater();
        }
        m_back.removeAll(Place{Place::Page::Job, id});
        if (m_place == Place{Place::Page::Job, id}) {
            m_placed = false;
            go(m_back.isEmpty() ? Place{} : m_back.takeLast());
        }
        updateProgressSoon();
        m_toast->say(error.message);
        m_start->showError(error.message);
    });
    connect(workspace, &WorkspaceService::failed, this,
            [this](const Error &error) { m_toast->say(error.message); });
    connect(workspace, &WorkspaceService::clientRemoved, this, [this](const QString &id) {
        const auto gone = [&id](const Place &place) {
            return (place.page == Place::Page::Client || place.page == Place::Page::ClientSettings)
                && place.id == id;
        };
        m_back.removeIf(gone);
        m_forward.removeIf(gone);
        if (gone(m_place)) {
            m_placed = false; // no way back to it
            go({});
        }
    });
    connect(jobs, &JobService::failed, this,
            [this](const Error &error) { m_toast->say(error.message); });
    connect(jobs, &JobService::idle, this, [this] {
        if (m_quitWhenIdle && !m_closing)
            endWith(Ending::Cancel);
    });
    connect(m_notifier, &Notifier::activated, this, [this](const Place &place) {
        go(place);
        show();
        raise();
        activateWindow();
    });
    // A new user sees first whether the machine is ready; others what there is to do.
    connect(workspace, &WorkspaceService::stateChanged, this, [this] {
        if (!m_services.workspace->isReady() || m_placed)
            return;
        const bool fresh = m_services.workspace->clients().isEmpty();
        go({fresh ? Place::Page::Machine : Place::Page::Overview, {}});
    });
    m_turned.setSingleShot(true);
    m_turned.setInterval(QApplication::doubleClickInterval());
    connect(&m_turned, &QTimer::timeout, this,
            [this] { m_stack->setAttribute(Qt::WA_TransparentForMouseEvents, false); });
    // With room for what the desktop puts around it.
    resize(QSize(1440, 900).boundedTo(screen()->availableSize() * 0.94));
    restoreGeometry(QSettings().value("window/geometry").toByteArray());
    showPlace({Place::Page::Machine, {}});
    m_stack->setFocus(); // no ring before a key is pressed
    updateTray();
}

MainWindow::~MainWindow()
{
    m_toast->flush();
}

template <typename Page> Page *MainWindow::add(Page *page)
{
    // A page arranges itself anew where it is narrow; what it needs now must not keep the window
    // from becoming so.
    page->setMinimumSize(1, 1);
    m_stack->addWidget(page);
    return page;
}

void MainWindow::buildPages()
{
    m_machine = add(new MachinePage(m_services));
    m_overview = add(new OverviewPage(m_services));
    m_jobs = add(new JobHistoryPage(m_services));
    m_updates = add(new UpdatesPage(m_services));
    m_audit = add(new AuditPage(m_services));
    m_settings = add(new AgencySettingsPage(m_services));
    m_start = add(new StartPage(m_services.jobs));
    m_client = add(new ClientPage(m_services));
    m_clientSettings = add(new ClientSettingsPage(m_services));
    m_repository = add(new RepositoryPage(m_services));
    connect(m_machine, &MachinePage::go, this, &MainWindow::go);
    connect(m_overview, &OverviewPage::go, this, &MainWindow::go);
    connect(m_jobs, &JobHistoryPage::go, this, &MainWindow::go);
    connect(m_updates, &UpdatesPage::go, this, &MainWindow::go);
    connect(m_audit, &AuditPage::go, this, &MainWindow::go);
    connect(m_client, &ClientPage::go, this, &MainWindow::go);
    connect(m_clientSettings, &ClientSettingsPage::go, this, &MainWindow::go);
    connect(m_repository, &RepositoryPage::go, this, &MainWindow::go);
    connect(m_repository, &RepositoryPage::browse, this, &MainWindow::browse);
    connect(m_client, &ClientPage::repositorySettingsRequested, this, [this](const QString &id) {
        go({Place::Page::Repository, id});
        m_repository->showTab("Settings");
    });
    connect(m_machine, &MachinePage::addClientRequested, this, &MainWindow::addClient);
    connect(m_overview, &OverviewPage::addClientRequested, this, &MainWindow::addClient);
    connect(m_client, &ClientPage::addRepositoryRequested, this, &MainWindow::addRepository);
    connect(m_client, &ClientPage::removeRepositoryRequested, this, &MainWindow::removeRepository);
    connect(m_clientSettings, &ClientSettingsPage::removeRequested, this,
            &MainWindow::removeClient);
    connect(m_clientSettings, &ClientSettingsPage::browse, this, &MainWindow::browse);
    connect(m_clientSettings->github(), &GitHubPanel::installed, this, &MainWindow::addRepository);
    const auto say = [this](const QString &text) { m_toast->say(text); };
    connect(m_jobs, &JobHistoryPage::said, this, say);
    connect(m_updates, &UpdatesPage::said, this, say);
    connect(m_audit, &AuditPage::said, this, say);
    connect(m_client, &ClientPage::said, this, say);
    connect(m_repository, &RepositoryPage::said, this, say);
    connect(m_client, &ClientPage::browse, this, &MainWindow::browse);
    connect(m_clientSettings, &ClientSettingsPage::said, this, say);
    connect(m_settings, &AgencySettingsPage::said, this, say);
    connect(m_settings, &AgencySettingsPage::preferencesChanged, this, [this] {
        updateTray();
        emit preferencesChanged();
    });
    connect(m_start, &StartPage::startRequested, this, &MainWindow::startJob);
    connect(m_services.jobs, &JobService::engineChanged, m_start, &StartPage::setEngineState);
    connect(m_machine, &MachinePage::demoRequested, this, [this] {
        m_demoAsked = true;
        m_services.jobs->makeDemo();
    });
    connect(m_services.jobs, &JobService::demoReady, this, [this](const QString &path) {
        m_start->setRepository(path);
        // One click from the welcome: the demo is made, and updated at once.
        if (std::exchange(m_demoAsked, false))
            m_start->update(QStringLiteral("ms"));
        else
            go({Place::Page::Folder, {}});
    });
}

void MainWindow::buildShortcuts()
{
    const auto key = [this](const QKeySequence &keys, auto slot) {
        connect(new QShortcut(keys, this), &QShortcut::activated, this, slot);
    };
    key(QKeySequence(Qt::CTRL | Qt::Key_K), [this] { openPalette(); });
    key(QKeySequence(Qt::ALT | Qt::Key_Left), [this] { goBack(); });
    key(QKeySequence(Qt::ALT | Qt::Key_Right), [this] { goForward(); });
    key(QKeySequence::HelpContents, [this] { showHelp(); });
    key(QKeySequence::New, [this] { go({Place::Page::Folder, {}}); });
    key(QKeySequence(Qt::CTRL | Qt::Key_Comma), [this] { go({Place::Page::Settings, {}}); });
    key(QKeySequence(Qt::CTRL | Qt::Key_Z), [this] { m_toast->undo(); });
    key(QKeySequence(Qt::CTRL | Qt::Key_Q), [this] { quit(); }); // not every platform has one
    for (int i = 1; i <= 9; ++i)
        key(QKeySequence(QStringLiteral("Ctrl+%1").arg(i)), [this, i] {
            const QList<Place> places = m_sidebar->numbered();
            if (i <= places.size())
                go(places[i - 1]);
        });
}

void MainWindow::go(const Place &place)
{
    if (m_placed && place == m_place)
        return showPlace(place);
    if (m_placed) {
        m_back << m_place;
        if (m_back.size() > historyLimit)
            m_back.removeFirst();
        m_forward.clear();
    }
    m_placed = true;
    showPlace(place);
}

void MainWindow::goBack()
{
    if (m_back.isEmpty())
        return;
    m_forward << m_place;
    showPlace(m_back.takeLast());
}

void MainWindow::goForward()
{
    if (m_forward.isEmpty())
        return;
    m_back << m_place;
    showPlace(m_forward.takeLast());
}

/// Shows a page. The focus does not fall onto its first button, which a key would then press; and
/// the second click of a double click, meant for what was there before, hits nothing.
void MainWindow::turnTo(QWidget *page)
{
    if (m_stack->currentWidget() == page)
        return;
    const QWidget *focus = focusWidget();
    const bool here = !focus || focus == m_stack || m_stack->isAncestorOf(focus);
    if (here)
        m_stack->setFocus(Qt::OtherFocusReason); // what is hidden would give it to whatever is next
    m_stack->setCurrentWidget(page);
    if (here)
        page->setFocus(Qt::OtherFocusReason); // its own keys work at once
    m_stack->setAttribute(Qt::WA_TransparentForMouseEvents);
    m_turned.start();
}

void MainWindow::showPlace(const Place &place)
{
    using Page = Place::Page;
    m_place = place;
    m_sidebar->setPlace(place);
    switch (place.page) {
    case Page::Overview:
        return turnTo(m_overview);
    case Page::Jobs:
        return turnTo(m_jobs);
    case Page::Updates:
        return turnTo(m_updates);
    case Page::Audit:
        m_audit->model()->lookForNew();
        return turnTo(m_audit);
    case Page::Settings:
        return turnTo(m_settings);
    case Page::Machine:
        return turnTo(m_machine);
    case Page::Folder:
        return turnTo(m_start);
    case Page::Client:
    case Page::ClientSettings:
        if (!m_services.workspace->client(place.id)) {
            m_toast->say(tr("There is no such client any more."));
            m_place = {};
            m_sidebar->setPlace({});
            return turnTo(m_overview);
        }
        if (place.page == Page::Client) {
            m_client->setClient(place.id);
            return turnTo(m_client);
        }
        m_clientSettings->setClient(place.id);
        return turnTo(m_clientSettings);
    case Page::Repository:
        if (m_repository->setRepository(place.id)) {
            m_sidebar->setPlace(place, m_repository->clientId());
            return turnTo(m_repository);
        }
        m_toast->say(tr("There is no such repository any more."));
        m_place = {};
        m_sidebar->setPlace({});
        return turnTo(m_overview);
    case Page::Job:
        return showJob(place.id);
    }
}

JobPage *MainWindow::makeJobPage(const Job &job)
{
    auto *page = new JobPage(job, m_services);
    connect(page, &JobPage::go, this, &MainWindow::go);
    connect(page, &JobPage::againRequested, this,
            [this](const JobRequest &old, const QStringList &packages) {
                go({Place::Page::Job, m_services.board->again(old, packages)});
            });
    connect(page, &JobPage::windowRequested, this, &MainWindow::openJobWindow);
    connect(page, &JobPage::browse, this, &MainWindow::browse);
    connect(page, &JobPage::said, this, [this](const QString &text) { m_toast->say(text); });
    return page;
}

void MainWindow::showJob(const QString &id)
{
    m_pageOrder.removeAll(id);
    m_pageOrder << id;
    const auto show = [this](JobPage *page) {
        turnTo(page);
        m_sidebar->setPlace(m_place, page->job().request.clientId);
    };
    if (JobPage *page = m_jobPages.value(id))
        return show(page);
    if (const Job *job = m_services.board->job(id)) {
        JobPage *page = add(makeJobPage(*job));
        m_jobPages.insert(id, page);
        if (!m_services.board->log(id)) // forgotten: perhaps it was kept
            m_services.workspace->jobLog(id).then(page, [page](const Result<QByteArray> &log) {
                page->setKeptLog(log ? *log : QByteArray());
            });
        show(page);
        return forgetOldPages();
    }
    m_services.workspace->job(id).then(this, [this, id, show](const Result<Job> &job) {
        if (m_place != Place{Place::Page::Job, id})
            return;
        if (!job) {
            m_toast->say(job.error().message);
            m_pageOrder.removeAll(id);
            m_back.removeAll(Place{Place::Page::Job, id});
            return showPlace(m_back.isEmpty() ? Place{Place::Page::Jobs, {}} : m_back.takeLast());
        }
        JobPage *page = m_jobPages.value(id);
        if (!page) {
            page = add(makeJobPage(*job));
            m_jobPages.insert(id, page);
            forgetOldPages();
            m_services.workspace->jobLog(id).then(page, [page](const Result<QByteArray> &log) {
                page->setKeptLog(log ? *log : QByteArray());
            });
        }
        show(page);
    });
}

void MainWindow::forgetOldPages()
{
    while (m_pageOrder.size() > keptJobPages) {
        const QString id = m_pageOrder.takeFirst();
        if (JobPage *page = m_jobPages.take(id)) {
            m_stack->removeWidget(page);
            page->deleteLater();
        }
    }
}

void MainWindow::openJobWindow(const QString &jobId)
{
    const JobPage *from = m_jobPages.value(jobId);
    const Job *live = m_services.board->job(jobId);
    if (!from && !live)
        return;
    JobPage *page = makeJobPage(live ? *live : from->job());
    page->setAttribute(Qt::WA_DeleteOnClose);
    page->layout()->setSizeConstraint(QLayout::SetNoConstraint);
    page->setMinimumSize(640, 480);
    page->setParent(this, Qt::Window);
    page->setWindowTitle(page->title());
    page->resize(1100, 760);
    connect(m_services.board, &JobBoard::changed, page, [this, page, jobId](const QString &id) {
        const Job *job = m_services.board->job(id);
        if (id == jobId && job)
            page->setJob(*job);
    });
    page->show();
}

void MainWindow::open(const QUrl &url)
{
    const auto place = Place::fromUrl(url);
    if (!place)
        m_toast->say(
            tr("\"%1\" is not a link of this program.").arg(shortened(url.toString(), 60)));
    else
        go(*place);
    show();
    raise();
    activateWindow();
}

void MainWindow::startJob(const JobRequest &request)
{
    go({Place::Page::Job, m_services.board->start(request)});
}

void MainWindow::jobFinished(const Job &job)
{
    updateProgressSoon();
    if (!preferences::notifies() || m_closing)
        return;
    const bool seen = isActiveWindow() && m_place == Place{Place::Page::Job, job.request.id};
    if (seen || job.outcome == Outcome::Cancelled)
        return;
    const JobBrief brief = briefOf(job);
    m_notifier->notify(QStringLiteral("%1 %2 · %3")
                           .arg(outcomeMark(job.outcome), brief.repositoryName, outcomeText(brief)),
                       brief.summary, {Place::Page::Job, job.request.id},
                       job.outcome == Outcome::Failed);
}

void MainWindow::updateProgressSoon()
{
    if (!m_progressTurn.isActive())
        m_progressTurn.start();
}

void MainWindow::updateProgress()
{
    int phases = 0, done = 0;
    const QList<const Job *> jobs = m_services.board->unfinished();
    for (const Job *job : jobs) {
        for (const Phase &phase : job->phases) {
            ++phases;
            done += phase.state == PhaseState::Succeeded ? 1 : 0;
        }
    }
    m_notifier->setProgress(int(jobs.size()), phases > 0 ? double(done) / phases : 0);
}

void MainWindow::browse(const QUrl &address)
{
    if (address.scheme() == QLatin1String("https") || address.scheme() == QLatin1String("http"))
        QDesktopServices::openUrl(address);
}

void MainWindow::showHelp()
{
    (new HelpDialog(this))->open();
}

void MainWindow::openPalette()
{
    m_palette->open(commands());
}

} // namespace ovvoc
