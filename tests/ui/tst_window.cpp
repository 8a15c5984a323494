// The real window over the real core: real engine, real cells, a client with a repository on disk.
// Follows a person from the first start to a removed client.

#include "audit/auditpage.h"
#include "client/clientpage.h"
#include "client/clientsettingspage.h"
#include "jobs/jobhistorypage.h"
#include "overview/overviewmodels.h"
#include "repository/repositorypage.h"
#include "settings/agencysettingspage.h"
#include "shell/sidebar.h"
#include "start/startpage.h"
#include "ui/windowbench.h"
#include "updates/updatespage.h"
#include "widgets/toast.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QButtonGroup>
#include <QComboBox>
#include <QDialog>
#include <QDir>
#include <QJsonDocument>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMessageBox>
#include <QProcess>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <QTreeView>

using namespace ovvoc;
using namespace ovvoc::test;

class WindowTest : public WindowBench
{
    Q_OBJECT
    QString m_demo, m_client, m_repository;
    qint64 m_exported = 0;

    /// Starts an update of one package on the client's repository.
    JobPage *updatePackage(const QString &package)
    {
        const QString id = m_window->services().board->update(m_client, m_repository, package);
        m_window->go({Place::Page::Job, id});
        return m_window->page(id);
    }
    const ClientOverview *overview() const { return m_core->workspace()->client(m_client); }

    /// The run that a page's job is part of, when it is over; null before.
    const RunReport *runOf(JobPage *page) const
    {
        const RunReport *run = m_window->services().board->run(page->job().request.runId);
        return run && run->ended.isValid() ? run : nullptr;
    }

private slots:
    void initTestCase() { openWindow(); }

    void theFirstStartSaysWhatTheMachineLacksAndMendsIt()
    {
        // Locked at first: said with a way out, and nothing is written.
        m_keychain->broken = Error{ErrorCode::KeychainLocked, "The keychain is locked.", {}};
        m_core->workspace()->open();
        m_core->findEngine();
        m_core->checkNetwork();
        QTRY_VERIFY(m_core->workspace()->state().step == WorkspaceState::Step::Closed);
        QVERIFY(m_window->place().page == Place::Page::Machine);
        QTRY_VERIFY(button(m_window.get(), "Try again"));
        QVERIFY(!QFileInfo::exists(m_folder.path() + "/workspace/workspace.db"));
        m_keychain->broken.reset();
        QTest::mouseClick(button(m_window.get(), "Try again"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(m_core->workspace()->isReady(), 10'000);
        QTRY_VERIFY_WITH_TIMEOUT(m_engine.step == EngineState::Step::Ready, 30'000);
        // New, so the machine's page stays: with the two ways to begin.
        QVERIFY(m_window->place().page == Place::Page::Machine);
        QVERIFY(button(m_window.get(), "Try it with the demo")->isEnabled());
        QVERIFY(button(m_window.get(), "Add your first client")->isEnabled());
        QVERIFY(button(m_window->sidebar(), QString("● Keychain unlocked")));
    }

    void oneClickOnTheDemoGoesToAProposal()
    {
        QTest::mouseClick(button(m_window.get(), "Try it with the demo"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(shownJob(), 15'000);
        JobPage *page = shownJob();
        QTRY_VERIFY_WITH_TIMEOUT(page->job().isOver(), 120'000);
        QVERIFY2(page->job().outcome == Outcome::Succeeded, qPrintable(page->job().summary));
        QVERIFY(page->findChild<ResultView *>()->markdown().contains("ms"));
        QVERIFY(!diffLines(page->job().patch, false).isEmpty());
        QVERIFY(button(page, "Run again"));
        QVERIFY(!button(page, "Cancel and destroy"));
        QVERIFY(!m_window->services().board->samples(page->job().request.id).isEmpty());
        // What ran on a folder has a home now.
        QTRY_VERIFY(!m_core->workspace()->clients().isEmpty());
        QCOMPARE(m_core->workspace()->clients().first().client.name, QString("This machine"));
        m_demo = m_core->workspace()->clients().first().repositories.first().repository.path;
    }

    void aClientIsAddedByKeyboard()
    {
        palette("add client");
        QTRY_VERIFY(dialog() && dialog()->isAncestorOf(QApplication::focusWidget()));
        QTest::keyClicks(QApplication::focusWidget(), "Bakery Aurora");
        QTest::mouseClick(button(dialog(), "Add only"), Qt::LeftButton);
        QTRY_VERIFY(m_window->place().page == Place::Page::Client);
        m_client = m_window->place().id;
        QCOMPARE(overview()->client.name, QString("Bakery Aurora"));
        // The same name again is refused at the field.
        m_window->addClient();
        QTRY_VERIFY(dialog() && dialog()->isAncestorOf(QApplication::focusWidget()));
        QTest::keyClicks(QApplication::focusWidget(), "bakery aurora");
        QTest::mouseClick(button(dialog(), "Add only"), Qt::LeftButton);
        const auto refused = [this] {
            for (QLabel *one : dialog()->findChildren<QLabel *>()) {
                if (one->isVisible() && one->text().contains("already"))
                    return true;
            }
            return false;
        };
        QTRY_VERIFY(dialog() && refused());
        dialog()->reject();
    }

    void aRepositoryIsAddedAndScanned()
    {
        m_window->go({Place::Page::Client, m_client});
        QTRY_VERIFY(button(m_window->clientPage(), "Add repository"));
        QTest::mouseClick(button(m_window->clientPage(), "Add repository"), Qt::LeftButton);
        QTRY_VERIFY(dialog());
        auto *folder = named<QLineEdit>(dialog(), "Folder");
        folder->setText("/nowhere/at/all");
        QTest::keyClick(folder, Qt::Key_Return);
        QVERIFY(dialog()); // said at the field
        folder->setText(m_demo);
        QTest::keyClick(folder, Qt::Key_Return);
        QTRY_COMPARE(overview()->repositories.size(), 1);
        m_repository = overview()->repositories.first().repository.id;
        QTRY_VERIFY(!dialog());
        m_window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));

        // It is looked at at once; "Scan all" starts no second one meanwhile.
        QTRY_COMPARE(m_window->services().board->unfinishedCount(m_client), 1);
        QTest::mouseClick(button(m_window->clientPage(), "Scan all"), Qt::LeftButton);
        QCOMPARE(m_window->services().board->unfinishedCount(m_client), 1);
        QTRY_VERIFY_WITH_TIMEOUT(overview()->repositories.first().scanned.has_value(), 120'000);
        QVERIFY(overview()->pending() >= 1);
        QTRY_VERIFY(m_window->clientPage()->pending()->rowCount() >= 1);
        QVERIFY(m_window->clientPage()->repositories()->rowCount() == 1);
    }

    void aRepositoryIsOpenedAndItsButtonStartsTheUpdate()
    {
        m_window->go({Place::Page::Client, m_client});
        auto *table = named<QTableView>(m_window->clientPage(), "Repositories");
        QVERIFY(table);
        table->setFocus();
        table->selectRow(0);
        QSignalSpy started(m_window->services().board, &JobBoard::started);
        QTest::keyClick(table, Qt::Key_Return);
        QCOMPARE(m_window->place(), (Place{Place::Page::Repository, m_repository}));
        RepositoryPage *opened = m_window->repositoryPage();
        QTRY_VERIFY(opened->dependencies()->rowCount() >= 1);
        const auto stateOf = [opened](const QString &name) {
            for (int row = 0; row < opened->dependencies()->rowCount(); ++row) {
                if (opened->dependencies()->value(row).dependency.name == name)
                    return opened->dependencies()->value(row).state;
            }
            return DependencyRow::State::NotJudged;
        };
        // The demo's branch is there: the forge was asked after the scan.
        QTRY_COMPARE(int(stateOf("ms")), int(DependencyRow::State::Proposed));
        auto *dependencies = named<QTableView>(opened, "Dependencies");
        dependencies->setFocus();
        dependencies->selectRow(0);
        QTest::keyClick(dependencies, Qt::Key_Return);
        QCOMPARE(started.count(), 0); // opening starts nothing
        // At once, without a turn of the event loop: nothing was waited for.
        QTest::mouseClick(named<QPushButton>(opened, "Update this repository"), Qt::LeftButton);
        QCOMPARE(started.count(), 1);
        QVERIFY(shownJob());
        // While it runs the repository leads to the same job, and starts no other one.
        JobPage *page = shownJob();
        m_window->go({Place::Page::Repository, m_repository});
        QVERIFY(!named<QPushButton>(opened, "Update this repository")->isEnabled());
        QTRY_VERIFY(stateOf("ms") == DependencyRow::State::Running
                    || stateOf("ms") == DependencyRow::State::Waiting);
        QTest::keyClick(dependencies, Qt::Key_Return);
        QCOMPARE(shownJob(), page);
        QCOMPARE(started.count(), 1);
        QTRY_VERIFY_WITH_TIMEOUT(runOf(page), 300'000);
        QTRY_VERIFY(overview()->repositories.first().lastJob.has_value());
        QStringList jobs;
        for (const GroupResult &group : runOf(page)->groups)
            jobs += group.jobs;
        QVERIFY(jobs.contains(page->job().request.id));
        QTRY_VERIFY(jobs.contains(overview()->repositories.first().lastJob->id));
    }

    void aFailureReportTakesThePlaceOfThePullRequest()
    {
        JobPage *page = updatePackage("minimatch");
        QTRY_VERIFY_WITH_TIMEOUT(page->job().isOver(), 120'000);
        QVERIFY(page->job().failure.has_value());
        const QString report = page->findChild<ResultView *>()->markdown();
        QVERIFY2(report.contains(".js:"), qPrintable(report));
        QVERIFY(page->findChild<LifecycleView *>()->asText().contains("Test: failed"));
        QTRY_COMPARE_WITH_TIMEOUT(overview()->failing(), 1, 60'000);
        // A test that failed leads into the log.
        page->showTab("Tests");
        auto *tests = named<QTreeView>(page, "Tests");
        QVERIFY(tests);
        QModelIndex first = tests->model()->index(0, 0);
        while (tests->model()->rowCount(first) > 0)
            first = tests->model()->index(0, 0, first);
        tests->setCurrentIndex(first);
        QTest::keyClick(tests, Qt::Key_Return);
        QTRY_VERIFY(page->log()->view()->foundLine() >= 0);
        // The run goes on: the repository without the update, and a smaller step. Its report
        // follows the job's.
        const auto text = [page] { return page->findChild<ResultView *>()->markdown(); };
        QTRY_VERIFY_WITH_TIMEOUT(
            text().contains("How it was tried") && !text().contains("The run goes on."), 120'000);
        QVERIFY2(text().contains("does not pass by itself"), qPrintable(text()));
        QVERIFY2(text().contains("Without any update its build and its test script end well."),
                 qPrintable(text()));
    }

    void aJobIsCancelledInEachPhase_data()
    {
        QTest::addColumn<int>("phase");
        for (const PhaseKind kind : {PhaseKind::Create, PhaseKind::Clone, PhaseKind::Transform,
                                     PhaseKind::Build, PhaseKind::Test})
            QTest::newRow(qPrintable(toString(kind))) << int(kind);
    }
    void aJobIsCancelledInEachPhase()
    {
        QFETCH(int, phase);
        JobPage *page = updatePackage("semver");
        QVERIFY(page);
        QTRY_VERIFY_WITH_TIMEOUT(
            (page->job().running() && page->job().running()->kind == PhaseKind(phase))
                || page->job().isOver(),
            60'000);
        QVERIFY2(!page->job().isOver(), "the phase was over too soon to be cancelled");
        QTest::mouseClick(button(page, "Cancel and destroy"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(page->job().isOver(), 30'000);
        QVERIFY2(page->job().outcome == Outcome::Cancelled, qPrintable(page->job().summary));
        QTRY_VERIFY(page->job().phase(PhaseKind::Destroy)->state == PhaseState::Succeeded);
        QTRY_COMPARE(m_core->workspace()->client(m_client)->repositories.first().lastJob->id,
                     page->job().request.id);
        QVERIFY(button(page, "Run again"));
        QTRY_VERIFY(runOf(page));
    }

    void theLogIsSearchedFilteredAndSaved()
    {
        JobFilter filter;
        JobPage *page = nullptr;
        for (JobPage *one : m_window->findChildren<JobPage *>()) {
            if (one->job().failure)
                page = one;
        }
        QVERIFY(page);
        m_window->go({Place::Page::Job, page->job().request.id});
        QTest::keyClick(page, Qt::Key_F, Qt::ControlModifier);
        auto *find = named<QLineEdit>(page, "Find in the log");
        QVERIFY(find);
        QTRY_VERIFY(find->hasFocus());
        find->clear();
        QTest::keyClicks(find, "^\\$ npm \\w+");
        LogView *view = page->log()->view();
        QTRY_VERIFY(!view->isSearching());
        const int matches = view->matchingLines();
        QVERIFY(matches >= 3);
        const int first = view->foundLine();
        QTest::keyClick(find, Qt::Key_F3);
        QVERIFY(view->foundLine() != first);
        QTest::keyClick(find, Qt::Key_F3, Qt::ShiftModifier);
        QCOMPARE(view->foundLine(), first);
        const QString path = m_folder.path() + "/log.txt";
        page->log()->save(path);
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY(file.readAll().contains("$ npm "));
    }

    void everySettingSaysWhereItsValueComesFrom()
    {
        m_window->go({Place::Page::ClientSettings, m_client});
        SettingsEditor *editor = m_window->clientSettingsPage()->editor();
        QCOMPARE(editor->originOf("cooldown-days"), QString("default"));
        m_window->go({Place::Page::Settings, {}});
        m_window->settingsPage()->editor()->set("cooldown-days", "9");
        QTRY_COMPARE(editor->originOf("cooldown-days"), QString("from the agency"));
        m_window->go({Place::Page::ClientSettings, m_client});
        auto *field = m_window->clientSettingsPage()->findChild<QLineEdit *>("cooldown-days");
        QCOMPARE(field->text(), QString("9"));
        field->setFocus();
        field->selectAll();
        QTest::keyClicks(field, "many");
        QTest::keyClick(field, Qt::Key_Return);
        QCOMPARE(editor->originOf("cooldown-days"), QString("from the agency"));
        field->selectAll();
        QTest::keyClicks(field, "0");
        QTest::keyClick(field, Qt::Key_Return);
        QTRY_COMPARE(editor->originOf("cooldown-days"), QString("set here"));
        QTRY_COMPARE(m_core->workspace()->settingsOf(m_client, m_repository).cooldownDays(), 0);
        QTest::mouseClick(
            named<QPushButton>(m_window->clientSettingsPage(), "Reset: Youngest version, in days"),
            Qt::LeftButton);
        QTRY_COMPARE(editor->originOf("cooldown-days"), QString("from the agency"));
        QCOMPARE(m_window->settingsPage()->editor()->set("schedule", "sometimes").isEmpty(), false);
    }

    void jobsAreFilteredAndExported()
    {
        m_window->go({Place::Page::Jobs, {}});
        JobListModel *model = m_window->jobsPage()->model();
        QAbstractItemModelTester tester(model,
                                        QAbstractItemModelTester::FailureReportingMode::Fatal);
        auto *state = named<QComboBox>(m_window->jobsPage(), "State");
        state->setCurrentIndex(state->findText("failed"));
        QTRY_VERIFY(model->rowCount() >= 1 && !model->isLoading());
        for (int row = 0; row < model->rowCount(); ++row)
            QVERIFY(model->job(row).outcome == Outcome::Failed);
        const int failed = model->rowCount();
        auto *search = named<QLineEdit>(m_window->jobsPage(), "Search jobs");
        search->setText("nothing-has-this-name");
        QTRY_COMPARE(model->rowCount(), 0);
        search->setText("MINIMATCH");
        QTRY_COMPARE(model->rowCount(), failed);
        search->clear();
        state->setCurrentIndex(0);
        QTRY_VERIFY(model->rowCount() >= 8);
        const int all = model->rowCount();
        const QString path = m_folder.path() + "/jobs.csv";
        QSignalSpy said(m_window->jobsPage(), &JobHistoryPage::said);
        QMetaObject::invokeMethod(m_window->jobsPage(), [this, path] {
            m_core->workspace()->exportJobs({}, path).then(
                m_window.get(),
                [this](const Result<qint64> &count) { m_exported = count.value_or(-1); });
        });
        QTRY_COMPARE(m_exported, qint64(all));
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll().count("\r\n"), all + 1);
        // Opened from the archive, a job shows what is kept of it.
        auto *table = named<QTableView>(m_window->jobsPage(), "Jobs");
        table->setCurrentIndex(model->index(all - 1, 0));
        QTest::keyClick(table, Qt::Key_Return);
        QTRY_VERIFY(shownJob());
    }

    void updatesAreFilteredAndStarted()
    {
        m_window->go({Place::Page::Updates, {}});
        PendingFilter *filter = m_window->updatesPage()->filter();
        QTRY_VERIFY(filter->rowCount() >= 1);
        auto *search = named<QLineEdit>(m_window->updatesPage(), "Search updates");
        search->setText("no such package");
        QCOMPARE(filter->rowCount(), 0);
        search->setText("ms");
        QTRY_COMPARE(filter->rowCount(), 1);
        // By package, over all repositories; what is chosen there leads back to where it is.
        UpdatesPage *updates = m_window->updatesPage();
        updates->showByPackage(true);
        QTRY_COMPARE(updates->packageTable()->model()->rowCount(), 1);
        const auto shown = [updates](PackageModel::Column column) {
            return updates->packageTable()->model()->index(0, column).data().toString();
        };
        QCOMPARE(shown(PackageModel::Package), QString("ms"));
        QVERIFY(shown(PackageModel::Repositories).startsWith("1"));
        search->setText("no such package");
        QTRY_COMPARE(updates->packageTable()->model()->rowCount(), 0);
        search->setText("m");
        QTRY_VERIFY(updates->packageTable()->model()->rowCount() >= 1);
        QVERIFY(updates->packageTable()->isVisible() && !updates->table()->isVisible());
        emit updates->packageTable()->activated(updates->packageTable()->model()->index(0, 0));
        QVERIFY(updates->table()->isVisible());
        search->setText("ms");
        QTRY_COMPARE(filter->rowCount(), 1);
        // What is shown is what is saved, in both forms, and it is noted that it was.
        for (const QString &form : {QString("csv"), QString("jsonl")}) {
            const QString path = m_folder.path() + "/updates." + form;
            QSignalSpy said(m_window->updatesPage(), &UpdatesPage::said);
            m_window->updatesPage()->exportTo(path);
            QTRY_COMPARE(said.count(), 1);
            QFile file(path);
            QVERIFY(file.open(QIODevice::ReadOnly));
            const QByteArray text = file.readAll();
            QCOMPARE(file.permissions() & (QFile::ReadGroup | QFile::ReadOther),
                     QFile::Permissions());
            if (form == "jsonl") {
                const QJsonObject line = QJsonDocument::fromJson(text).object();
                QCOMPARE(line["package"].toString(), QString("ms"));
                QCOMPARE(line["client"].toString(), QString("Bakery Aurora"));
                QVERIFY(line["security"].isBool());
            } else {
                QCOMPARE(text.count("\r\n"), 2);
                QVERIFY(text.startsWith("client,repository,package,"));
                QVERIFY2(text.contains("\"ms\""), text.constData());
            }
        }
        QSignalSpy said(m_window->updatesPage(), &UpdatesPage::said);
        m_window->updatesPage()->exportTo("/nowhere/at/all/updates.csv");
        QTRY_COMPARE(said.count(), 1);
        QVERIFY(said.first().first().toString().contains("cannot be written"));
        auto *table = m_window->updatesPage()->table();
        table->setCurrentIndex(filter->index(0, 0));
        QTest::keyClick(table, Qt::Key_Return);
        QCOMPARE(m_window->place(), (Place{Place::Page::Repository, m_repository}));
        m_window->go({Place::Page::Updates, {}});
        const QRect action = table->visualRect(filter->index(0, PendingModel::Action));
        QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, action.center());
        QTRY_VERIFY(shownJob());
        QCOMPARE(shownJob()->job().request.selection.package, QString("ms"));
        JobPage *page = shownJob();
        QTRY_VERIFY_WITH_TIMEOUT(page->job().isOver(), 120'000);
    }

    void theAuditLogVerifiesAndIsExported()
    {
        m_window->go({Place::Page::Audit, {}});
        AuditPage *page = m_window->auditPage();
        QAbstractItemModelTester tester(page->model(),
                                        QAbstractItemModelTester::FailureReportingMode::Fatal);
        QTRY_VERIFY(page->model()->rowCount() > 20);
        QTest::mouseClick(button(page, "Verify"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(page->verdict().startsWith("✓ The log holds"), 30'000);
        auto *action = named<QComboBox>(page, "Action");
        action->setCurrentIndex(action->findText("Settings"));
        QTRY_VERIFY(page->model()->rowCount() >= 3);
        for (int row = 0; row < page->model()->rowCount(); ++row)
            QVERIFY(page->model()->entry(row).action.startsWith("settings."));
        const QString path = m_folder.path() + "/audit.jsonl";
        page->exportTo(path);
        QTRY_VERIFY(QFileInfo(path).size() > 1000);
        action->setCurrentIndex(0);
    }

    void everythingIsFoundInThePalette()
    {
        m_window->go({Place::Page::Overview, {}});
        palette("baker aurora");
        QCOMPARE(m_window->place(), (Place{Place::Page::Client, m_client}));
        palette("audit");
        QVERIFY(m_window->place().page == Place::Page::Audit);
        key(Qt::Key_K, Qt::ControlModifier);
        QTRY_VERIFY(m_window->commandPalette()->isVisible());
        QTest::keyClicks(QApplication::focusWidget(), "release-board");
        QVERIFY(!m_window->commandPalette()->shownTitles().isEmpty());
        key(Qt::Key_Escape);
        QVERIFY(!m_window->commandPalette()->isVisible());
    }

    void onePlaceLeadsBackToTheOther()
    {
        m_window->go({Place::Page::Overview, {}});
        m_window->go({Place::Page::Jobs, {}});
        key(Qt::Key_Left, Qt::AltModifier);
        QVERIFY(m_window->place().page == Place::Page::Overview);
        key(Qt::Key_Right, Qt::AltModifier);
        QVERIFY(m_window->place().page == Place::Page::Jobs);
        key(Qt::Key_4, Qt::ControlModifier);
        QVERIFY(m_window->place().page == Place::Page::Audit);
        const QString id = overview()->repositories.first().lastJob->id;
        m_window->open(Place{Place::Page::Job, id}.url());
        QTRY_VERIFY(shownJob());
        m_window->open(QUrl("ovvoc://job/0000000000nosuchjob00"));
        QTRY_VERIFY(shownJob() == nullptr || m_window->place().id == id);
    }

    void aJobHasAWindowOfItsOwn()
    {
        const QString id = overview()->repositories.first().lastJob->id;
        m_window->go({Place::Page::Job, id});
        QTRY_VERIFY(shownJob());
        m_window->openJobWindow(id);
        JobPage *apart = nullptr;
        for (QWidget *one : QApplication::topLevelWidgets()) {
            if (auto *page = qobject_cast<JobPage *>(one); page && page->isVisible())
                apart = page;
        }
        QVERIFY(apart);
        QVERIFY(apart != shownJob());
        QCOMPARE(apart->job().request.id, id);
        apart->close();
    }

    void whatIsTypedForOneClientNeverReachesAnother()
    {
        QString other;
        for (const ClientOverview &one : m_core->workspace()->clients()) {
            if (one.client.id != m_client)
                other = one.client.id;
        }
        const QString name = m_core->workspace()->client(other)->client.name;
        m_window->go({Place::Page::ClientSettings, other});
        m_window->go({Place::Page::ClientSettings, m_client});
        auto *page = m_window->clientSettingsPage();
        auto *field = named<QLineEdit>(page, "Name");
        field->setFocus();
        auto *allowlist = page->findChild<QLineEdit *>("allowlist");
        allowlist->setFocus();
        QTest::keyClicks(allowlist, "https://only.bakery.invalid");
        QTest::keyClick(allowlist, Qt::Key_Left, Qt::AltModifier); // back, in the middle of it
        QCOMPARE(m_window->place(), (Place{Place::Page::ClientSettings, other}));
        QCOMPARE(field->text(), name);
        QCOMPARE(allowlist->text(), QString());
        m_window->go({Place::Page::Overview, {}});
        QVERIFY(coreHasDoneWhatWasAsked());
        QCOMPARE(m_core->workspace()->client(other)->client.name, name);
        QVERIFY(!m_core->workspace()->client(other)->client.overrides.contains("allowlist"));
    }

    void lookingForTheEngineLeavesRunningJobsAlone()
    {
        JobPage *page = updatePackage("semver");
        QTRY_VERIFY_WITH_TIMEOUT(page->job().running(), 30'000);
        m_core->findEngine();
        QTRY_VERIFY_WITH_TIMEOUT(page->job().phase(PhaseKind::Destroy)
                                     && page->job().phase(PhaseKind::Destroy)->state
                                         == PhaseState::Succeeded,
                                 120'000);
        QTRY_VERIFY(page->job().isOver());
        QTRY_COMPARE(m_window->services().board->unfinishedCount(), 0);
    }

    void aRemovedClientComesBackWithUndoWhateverIsSaidMeanwhile()
    {
        m_window->go({Place::Page::Overview, {}});
        m_window->go({Place::Page::ClientSettings, m_client});
        m_window->removeClient(m_client);
        QVERIFY(!overview());
        QVERIFY(m_window->place().page == Place::Page::Overview);
        m_window->goBack(); // not to what is gone
        m_window->toast()->say("Something else went wrong.");
        QVERIFY(!overview());
        m_window->toast()->undo();
        QVERIFY(overview());
        QVERIFY(coreHasDoneWhatWasAsked());
        QVERIFY(overview()); // the core still has it
    }

    void aRemovalCanBeUndone()
    {
        m_window->go({Place::Page::Client, m_client});
        m_window->removeRepository(m_client, m_repository);
        QVERIFY(overview()->repositories.isEmpty());
        QVERIFY(m_window->toast()->isVisible());
        m_window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
        QTest::keyClick(m_window->sidebar()->list(), Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(overview()->repositories.size(), 1);
        m_window->removeRepository(m_client, m_repository);
        m_window->toast()->flush();
        QTRY_VERIFY(overview()->repositories.isEmpty());
        // For good: the core says so too.
        m_core->workspace()->bringBack(m_repository);
        QTRY_VERIFY(overview()->repositories.isEmpty());
    }

    void everyModelKeepsItsPromises()
    {
        for (QAbstractItemModel *model : m_window->findChildren<QAbstractItemModel *>())
            QAbstractItemModelTester(model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    }

    void everyControlOnEveryPageHasANameAndIsReachedByKeyboard()
    {
        using Page = Place::Page;
        const QString job = m_core->workspace()
                                ->clients()
                                .last()
                                .repositories.value(0)
                                .lastJob.value_or(JobBrief())
                                .id;
        QList<Place> places{
            {Page::Machine, {}}, {Page::Overview, {}},     {Page::Jobs, {}},
            {Page::Updates, {}}, {Page::Audit, {}},        {Page::Settings, {}},
            {Page::Folder, {}},  {Page::Client, m_client}, {Page::ClientSettings, m_client}};
        QVERIFY(!job.isEmpty());
        places << Place{Page::Job, job};
        for (const Place &place : places) {
            m_window->go(place);
            if (place.page == Page::Job)
                QTRY_VERIFY(shownJob());
            QSet<QWidget *> reached;
            QWidget *one = m_window.get();
            do {
                reached << one;
                one = one->nextInFocusChain();
            } while (one != m_window.get());
            for (QWidget *widget : m_window->findChildren<QWidget *>()) {
                const bool control = qobject_cast<QAbstractButton *>(widget)
                    || qobject_cast<QLineEdit *>(widget) || qobject_cast<QComboBox *>(widget)
                    || qobject_cast<QAbstractScrollArea *>(widget);
                if (!control || !widget->isVisible() || !widget->isEnabled()
                    || widget->objectName().startsWith("qt_") || qobject_cast<QScrollArea *>(widget)
                    || widget->inherits("QHeaderView") || widget->inherits("QTableCornerButton")
                    || widget->inherits("QComboBoxPrivateContainer")
                    || qobject_cast<QComboBox *>(widget->parentWidget())
                    || widget->inherits("QComboBoxListView")
                    || (widget->inherits("QToolButton")
                        && qobject_cast<QLineEdit *>(widget->parentWidget()))
                    || (widget->inherits("QToolButton")
                        && widget->parentWidget()->inherits("QTabBar")))
                    continue;
                const auto *push = qobject_cast<QAbstractButton *>(widget);
                const bool named =
                    !widget->accessibleName().isEmpty() || (push && !push->text().isEmpty());
                const QString what =
                    QStringLiteral("%1 on %2: %3 \"%4\"")
                        .arg(widget->metaObject()->className(), place.url().toString(),
                             widget->objectName(), push ? push->text() : QString());
                QVERIFY2(named, qPrintable(what + " has no name"));
                // Of several choices Tab leads to the chosen one, the arrows to the others.
                const QButtonGroup *group = push ? push->group() : nullptr;
                const QWidget *way = group && group->exclusive() ? group->checkedButton() : widget;
                const bool focusable = way && (way->focusPolicy() & Qt::TabFocus);
                QVERIFY2(focusable && reached.contains(widget),
                         qPrintable(what + " cannot be reached by Tab"));
            }
        }
    }

    void nothingNeedsMoreRoomThanTheSmallestWindow()
    {
        m_window->resize(900, 600);
        for (const auto page : {Place::Page::Machine, Place::Page::Overview, Place::Page::Jobs,
                                Place::Page::Updates, Place::Page::Audit, Place::Page::Settings}) {
            m_window->go({page, {}});
            QTRY_COMPARE(m_window->width(), 900);
            for (QScrollArea *area : m_window->findChildren<QScrollArea *>()) {
                if (!area->isVisible() || !area->widget())
                    continue;
                QTRY_VERIFY2(area->widget()->width() <= area->viewport()->width() + 1,
                             qPrintable(m_window->place().url().toString() + ": "
                                        + QString::number(area->widget()->width()) + " > "
                                        + QString::number(area->viewport()->width())));
            }
        }
    }

    void manyWhoAskAtOnceAreAllAnswered()
    {
        int answers = 0, good = 0;
        for (int i = 0; i < 5; ++i)
            m_core->workspace()->askForProposals(m_client).then(
                this, [&answers, &good](const Result<> &asked) {
                    ++answers;
                    good += asked ? 1 : 0;
                });
        QTRY_COMPARE(answers, 5);
        QCOMPARE(good, 5);
        const auto nobody = m_core->workspace()->askForProposals("nobody");
        bool failed = false;
        nobody.then(this, [&failed](const Result<> &asked) { failed = !asked; });
        QTRY_VERIFY(failed);
    }

    void theDemoRunsFromNothing()
    {
        // As `./dev demo` without a display: what it asks for while its workspace is being opened
        // waits for it.
        QTemporaryDir folder;
        QProcess demo;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert("OVVOC_WORKSPACE", folder.path() + "/workspace");
        demo.setProcessEnvironment(environment);
        demo.start(QCoreApplication::applicationDirPath() + "/ovvoc-desktop",
                   {"--demo", "--pictures", folder.path() + "/pictures"});
        QVERIFY(demo.waitForFinished(240'000));
        QVERIFY2(demo.exitStatus() == QProcess::NormalExit && demo.exitCode() == 0,
                 (demo.readAllStandardOutput() + demo.readAllStandardError()).constData());
        const QStringList pictures = QDir(folder.path() + "/pictures").entryList({"*.png"});
        QVERIFY(pictures.contains("failed-dark.png") && pictures.contains("changes-light.png"));
    }

    void quittingAsksOnceAndDestroysWhatRuns()
    {
        m_window->go({Place::Page::Folder, {}});
        m_window->startPage()->setRepository(m_demo);
        m_window->startPage()->update("semver");
        JobPage *page = shownJob();
        QVERIFY(page);
        QTRY_VERIFY_WITH_TIMEOUT(page->job().running(), 30'000);
        m_window->close();
        QMessageBox *box = nullptr;
        QTRY_VERIFY((box = m_window->findChild<QMessageBox *>()));
        QVERIFY(m_window->isVisible());
        QSignalSpy quit(m_window.get(), &MainWindow::quitRequested);
        // Whoever asks forges just then is told that it is too late, and holds nothing up.
        for (int i = 0; i < 3; ++i)
            (void)m_core->workspace()->askForProposals(m_client);
        QTest::mouseClick(button(box, "Cancel them and quit"), Qt::LeftButton);
        QTRY_COMPARE(quit.count(), 1);
        endCore();
        VERIFY_RESULT(engine, RealEngine::connect());
        VERIFY_RESULT(workspace, WorkspaceFolder::open());
        QCOMPARE(containers(engine, "dev.ovvoc.workspace=" + workspace.id), QStringList());
    }
};

QTEST_MAIN(WindowTest)
#include "tst_window.moc"
