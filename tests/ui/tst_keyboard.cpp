// Everything by keyboard alone: from the first start over a GitHub App made in a browser to pull
// requests and failures. The real window over the real core, real cells, and the fake GitHub.

#include "audit/auditpage.h"
#include "client/clientpage.h"
#include "client/clientsettingspage.h"
#include "jobs/jobhistorypage.h"
#include "settings/settingseditor.h"
#include "support/browser.h"
#include "support/fakegithub.h"
#include "ui/windowbench.h"
#include "widgets/statcard.h"

#include <QClipboard>
#include <QComboBox>
#include <QDesktopServices>
#include <QHeaderView>
#include <QListWidget>
#include <QMenu>
#include <QTabBar>
#include <QTableView>
#include <QTreeView>

using namespace ovvoc;
using namespace ovvoc::test;

class KeyboardTest : public WindowBench
{
    Q_OBJECT
    std::unique_ptr<FakeGitHub> m_github;
    FakeGitHub::Repository *m_shop = nullptr, *m_clinic = nullptr;
    QString m_client;
    QList<QUrl> m_browsed;

    const ClientOverview *overview() const { return m_core->workspace()->client(m_client); }
    const RepositoryOverview *repository(const QString &name) const
    {
        for (const RepositoryOverview &one : overview()->repositories) {
            if (one.repository.name == name)
                return &one;
        }
        return nullptr;
    }
    /// To the client's page and the repository's line.
    void selectRepository(const QString &name)
    {
        palette("bakery aurora");
        QTRY_VERIFY(m_window->place().page == Place::Page::Client);
        QVERIFY(tabTo("Repositories"));
        auto *table = qobject_cast<QTableView *>(QApplication::focusWidget());
        QVERIFY(table);
        key(Qt::Key_Home, Qt::ControlModifier);
        for (int row = 0; row < table->model()->rowCount(); ++row) {
            if (table->currentIndex().siblingAtColumn(0).data().toString() == name)
                return;
            key(Qt::Key_Down);
        }
        QFAIL("no such line");
    }
    /// Starts its update and returns the page.
    JobPage *update(const QString &name)
    {
        selectRepository(name);
        key(Qt::Key_Return); // opens it, and starts nothing
        if (m_window->place().page != Place::Page::Repository || shownJob()
            || !tabTo("Update this repository"))
            return nullptr;
        key(Qt::Key_Space);
        return shownJob();
    }
    void toTab(const QString &title)
    {
        QVERIFY(tabTo("Parts of the job"));
        auto *bar = qobject_cast<QTabBar *>(QApplication::focusWidget());
        QVERIFY(bar);
        for (int i = 0; i < bar->count(); ++i)
            key(Qt::Key_Left);
        for (int i = 0; i < bar->count(); ++i) {
            if (bar->tabText(bar->currentIndex()).startsWith(title))
                return;
            key(Qt::Key_Right);
        }
        QFAIL("no such tab");
    }
    void choose(const QString &box, const QString &item)
    {
        QVERIFY(tabTo(box));
        auto *combo = qobject_cast<QComboBox *>(QApplication::focusWidget());
        QVERIFY(combo);
        key(Qt::Key_Home);
        for (int i = 0; i < combo->count() && combo->currentText() != item; ++i)
            key(Qt::Key_Down);
        QCOMPARE(combo->currentText(), item);
    }

public slots:
    void browse(const QUrl &url) { m_browsed << url; }

    /// As if people had taken what is open: then the same can be proposed again.
    void mergeAll()
    {
        for (FakeGitHub::Pull &pull : m_shop->pulls) {
            pull.open = false;
            pull.merged = true;
        }
    }

private slots:
    void initTestCase()
    {
        m_github = std::make_unique<FakeGitHub>();
        QDesktopServices::setUrlHandler("http", this, "browse");
        QDesktopServices::setUrlHandler("https", this, "browse");
        openWindow();
    }
    void init()
    {
        if (m_window)
            reactivate();
    }

    void theFirstStart()
    {
        m_core->workspace()->open();
        m_core->findEngine();
        m_core->checkNetwork();
        QTRY_VERIFY_WITH_TIMEOUT(m_core->workspace()->isReady(), 10'000);
        QTRY_VERIFY_WITH_TIMEOUT(m_engine.step == EngineState::Step::Ready, 30'000);
        QVERIFY(tabTo("Add your first client"));
        key(Qt::Key_Space);
        QTRY_VERIFY(dialog() && dialog()->isAncestorOf(QApplication::focusWidget()));
        type("Bakery Aurora");
        QVERIFY(tabTo("Add only"));
        key(Qt::Key_Space);
        QTRY_VERIFY(m_window->place().page == Place::Page::Client);
        m_client = m_window->place().id;
        QTRY_VERIFY(!dialog());
    }

    void aGitHubAppIsMadeInTheBrowser()
    {
        palette("settings of bakery");
        QTRY_VERIFY(m_window->place().page == Place::Page::ClientSettings);
        QVERIFY(tabTo("Organisation"));
        type("aurora");
        QVERIFY(tabTo("GitHub's address"));
        key(Qt::Key_A, Qt::ControlModifier);
        type(m_github->web().toString());
        QVERIFY(tabTo("Make the App on GitHub"));
        key(Qt::Key_Space);
        QTRY_COMPARE(m_browsed.size(), 1);
        // A person confirms on GitHub's page; the window goes on by itself.
        Browser browser;
        QCOMPARE(browser.goBack(browser.confirm(m_browsed.takeFirst())).status, 200);
        QTRY_COMPARE_WITH_TIMEOUT(m_browsed.size(), 1, 10'000);
        QVERIFY(m_browsed.takeFirst().path().contains("/installations/new"));
        QTRY_VERIFY(overview()->client.github && !overview()->client.github->keyEntry.isEmpty());
    }

    void theInstallationIsSeenAndRepositoriesAreChosen()
    {
        Repository good, bad;
        good.write("test/a.test.js", "require('node:test')('passes', () => {});\n");
        good.writeProject({{"test", "node --test"}});
        m_shop = &m_github->addRepository("aurora", "shop", good.path());
        bad.write("test/sums.test.js",
                  "const test = require('node:test');\n"
                  "test('adds up', () => {});\n"
                  "test('takes away', () => { throw new Error('one too many'); });\n");
        bad.writeProject({{"test", "node --test"}});
        m_clinic = &m_github->addRepository("aurora", "clinic", bad.path());
        m_github->install(*m_github->apps.last(), "aurora");
        // Nobody says that it is installed: the window finds out, and asks what to add.
        QTRY_VERIFY_WITH_TIMEOUT(dialog(), 20'000);
        QTRY_VERIFY(named<QListWidget>(dialog(), "Repositories that the App may touch"));
        auto *list = named<QListWidget>(dialog(), "Repositories that the App may touch");
        QTRY_COMPARE(list->count(), 2);
        QTRY_VERIFY(list->hasFocus());
        key(Qt::Key_Space);
        key(Qt::Key_Down);
        key(Qt::Key_Space);
        key(Qt::Key_Return);
        QTRY_COMPARE(overview()->repositories.size(), 2);
        QTRY_VERIFY(!dialog());
        // What they have is looked at at once.
        for (const char *name : {"shop", "clinic"})
            QTRY_VERIFY_WITH_TIMEOUT(repository(name)->scanned.has_value(), 120'000);
        QTRY_VERIFY_WITH_TIMEOUT(m_window->services().board->unfinished().isEmpty(), 60'000);
        QTRY_VERIFY_WITH_TIMEOUT(overview()->proposalsAsked().isValid(), 20'000);
        QTRY_COMPARE(m_github->liveTokens(), 0);
    }

    void aSettingIsOverridden()
    {
        palette("settings of bakery");
        SettingsEditor *editor = m_window->clientSettingsPage()->editor();
        QVERIFY(tabTo("Youngest version, in days"));
        key(Qt::Key_A, Qt::ControlModifier);
        type("0");
        key(Qt::Key_Return);
        QTRY_COMPARE(editor->originOf("cooldown-days"), QString("set here"));
    }

    void oneKeyGoesToAPullRequest()
    {
        JobPage *page = update("shop");
        QVERIFY(page);
        QTRY_VERIFY_WITH_TIMEOUT(page->job().isOver(), 120'000);
        QVERIFY2(page->job().outcome == Outcome::Succeeded, qPrintable(page->job().summary));
        QCOMPARE(m_shop->pulls.size(), 1);
        QCOMPARE(m_github->liveTokens(), 0);
        QVERIFY(tabTo("Open pull request"));
        key(Qt::Key_Space);
        QTRY_COMPARE(m_browsed.size(), 1);
        QVERIFY(m_browsed.takeFirst().toString().endsWith("/aurora/shop/pull/1"));
    }

    void openPullRequestsAreListedAndAskedFor()
    {
        selectRepository("shop");
        auto *card = named<QPushButton>(m_window->clientPage(), "List the open pull requests");
        QVERIFY(card);
        // Known from the job: the forge was asked before it, after the scan.
        QTRY_COMPARE(overview()->openProposals(), 1);
        QVERIFY(overview()->proposalsAsked().isValid());
        QVERIFY(tabTo("List the open pull requests"));
        key(Qt::Key_Space);
        QTRY_VERIFY(QApplication::activePopupWidget());
        key(Qt::Key_Down);
        key(Qt::Key_Return);
        QTRY_COMPARE(m_browsed.size(), 1);
        QVERIFY(m_browsed.takeFirst().toString().endsWith("/aurora/shop/pull/1"));
        reactivate();
        const qsizetype tokens = m_github->tokens.size();
        palette("ask for open pull requests of bakery");
        QTRY_COMPARE_WITH_TIMEOUT(m_github->tokens.size(), tokens + 2, 20'000); // one each
        QTRY_COMPARE(m_github->liveTokens(), 0);
        QCOMPARE(overview()->openProposals(), 1);
        // Merged by its people: gone at the next look.
        m_shop->pulls.first().open = false;
        palette("ask for open pull requests of bakery");
        QTRY_COMPARE_WITH_TIMEOUT(overview()->openProposals(), 0, 20'000);
    }

    void aFailureIsReportedAndCopied()
    {
        JobPage *page = update("clinic");
        QVERIFY(page);
        QTRY_VERIFY_WITH_TIMEOUT(page->job().isOver(), 120'000);
        QVERIFY(page->job().failure.has_value());
        QVERIFY(m_clinic->pulls.isEmpty());
        QVERIFY(tabTo("Copy as Markdown"));
        key(Qt::Key_Space);
        QVERIFY(QGuiApplication::clipboard()->text().contains("takes away"));
    }

    void aFailedTestLeadsIntoTheLog()
    {
        JobPage *page = shownJob();
        QVERIFY(page);
        toTab("Tests");
        QVERIFY(tabTo("Tests"));
        auto *tree = qobject_cast<QTreeView *>(QApplication::focusWidget());
        QVERIFY(tree);
        key(Qt::Key_Home);
        const auto isTest = [tree] {
            return tree->model()->rowCount(tree->currentIndex().siblingAtColumn(0)) == 0;
        };
        for (int i = 0; i < 10 && !isTest(); ++i)
            key(Qt::Key_Down);
        QVERIFY(tree->currentIndex().siblingAtColumn(0).data().toString().contains("takes away"));
        key(Qt::Key_Return);
        QTRY_VERIFY(page->log()->isVisible());
        QTRY_VERIFY(page->log()->view()->foundLine() >= 0);
    }

    void theLogIsSearched()
    {
        JobPage *page = shownJob();
        key(Qt::Key_F, Qt::ControlModifier);
        QTRY_VERIFY(QApplication::focusWidget()
                    && QApplication::focusWidget()->accessibleName() == "Find in the log");
        type("^\\$ npm");
        LogView *view = page->log()->view();
        QTRY_VERIFY(!view->isSearching() && view->matchingLines() >= 2);
        const int first = view->foundLine();
        key(Qt::Key_F3);
        QVERIFY(view->foundLine() != first);
        QVERIFY(tabTo("Only matches"));
        key(Qt::Key_Space);
        QVERIFY(button(page, "Only matches")->isChecked());
    }

    void aCancelDuringThePullRequestLeavesNothingBehind()
    {
        mergeAll();
        const qsizetype pulls = m_shop->pulls.size();
        const auto branches = [this] { return m_github->branches(*m_shop); };
        const QStringList before = branches();
        // Pressed the moment the change is being written, before GitHub has answered.
        bool pressed = false;
        m_github->fault = [&](const test::HttpRequest &request) -> std::optional<HttpAnswer> {
            if (!pressed && request.method == "POST" && request.path.contains("/git/trees")) {
                pressed = true;
                key(Qt::Key_Space);
            }
            return std::nullopt;
        };
        JobPage *page = update("shop");
        QVERIFY(page);
        // Before that there is nothing to destroy.
        QTRY_VERIFY_WITH_TIMEOUT(page->job().running(), 60'000);
        QVERIFY(tabTo("Cancel and destroy"));
        QTRY_VERIFY_WITH_TIMEOUT(pressed, 120'000);
        QTRY_VERIFY_WITH_TIMEOUT(page->job().isOver(), 60'000);
        m_github->fault = nullptr;
        QVERIFY2(page->job().outcome == Outcome::Cancelled, qPrintable(page->job().summary));
        QVERIFY(page->job().phase(PhaseKind::PullRequest)->state == PhaseState::Cancelled);
        QVERIFY(page->job().phase(PhaseKind::Destroy)->state == PhaseState::Succeeded);
        QCOMPARE(m_shop->pulls.size(), pulls);
        QCOMPARE(branches(), before);
        QCOMPARE(m_github->liveTokens(), 0);
    }

    void aCancelDuringDestroyChangesNothing()
    {
        mergeAll();
        const qsizetype pulls = m_shop->pulls.size();
        JobPage *page = update("shop");
        QVERIFY(page);
        // Before that there is nothing to destroy.
        QTRY_VERIFY_WITH_TIMEOUT(page->job().running(), 60'000);
        QVERIFY(tabTo("Cancel and destroy"));
        bool pressed = false;
        const auto watch =
            connect(m_window->services().board, &JobBoard::changed, this, [&](const QString &id) {
                const Job *job = m_window->services().board->job(id);
                const Phase *phase = job ? job->running() : nullptr;
                if (!pressed && phase && phase->kind == PhaseKind::Destroy) {
                    pressed = true;
                    key(Qt::Key_Space);
                }
            });
        QTRY_VERIFY_WITH_TIMEOUT(page->job().isOver(), 120'000);
        disconnect(watch);
        QVERIFY(pressed);
        QVERIFY2(page->job().outcome == Outcome::Succeeded, qPrintable(page->job().summary));
        QCOMPARE(m_shop->pulls.size(), pulls + 1);
    }

    void jobsAreFilteredAndOrdered()
    {
        key(Qt::Key_2, Qt::ControlModifier);
        JobListModel *model = m_window->jobsPage()->model();
        QTRY_VERIFY(model->rowCount() >= 4);
        const int all = model->rowCount();
        choose("State", "failed");
        // The update, and the repository without it: its test fails either way.
        QTRY_VERIFY(!model->isLoading() && model->rowCount() == 2);
        QVERIFY(model->job(0).outcome == Outcome::Failed);
        QVERIFY(model->job(0).kind == JobKind::Check);
        QVERIFY(model->job(1).kind == JobKind::Update);
        choose("State", "Any state");
        QTRY_COMPARE(model->rowCount(), all);
        choose("Order", "Longest first");
        QTRY_VERIFY(!model->isLoading() && model->rowCount() == all);
        for (int row = 1; row < all; ++row)
            QVERIFY(model->job(row - 1).milliseconds() >= model->job(row).milliseconds());
        QCOMPARE(m_window->jobsPage()->table()->horizontalHeader()->sortIndicatorSection(),
                 int(JobListModel::Took));
        choose("Order", "Newest first");
        key(Qt::Key_L, Qt::ControlModifier);
        type("shop");
        QTRY_VERIFY(!model->isLoading() && model->rowCount() == all - 3); // those of the clinic
        QVERIFY(tabTo("Jobs"));
        key(Qt::Key_Down);
        key(Qt::Key_Return);
        QTRY_VERIFY(shownJob());
    }

    void theAuditLogIsVerified()
    {
        key(Qt::Key_4, Qt::ControlModifier);
        AuditPage *page = m_window->auditPage();
        QVERIFY(tabTo("Verify"));
        key(Qt::Key_Space);
        QTRY_VERIFY_WITH_TIMEOUT(page->verdict().startsWith("✓ The log holds"), 30'000);
    }

    void theProgramEnds()
    {
        key(Qt::Key_1, Qt::ControlModifier);
        QSignalSpy quit(m_window.get(), &MainWindow::quitRequested);
        key(Qt::Key_Q, Qt::ControlModifier);
        QTRY_COMPARE(quit.count(), 1);
        endCore();
        QCOMPARE(m_github->liveTokens(), 0);
        VERIFY_RESULT(engine, RealEngine::connect());
        VERIFY_RESULT(workspace, WorkspaceFolder::open());
        QCOMPARE(containers(engine, "dev.ovvoc.workspace=" + workspace.id), QStringList());
    }
};

QTEST_MAIN(KeyboardTest)
#include "tst_keyboard.moc"
