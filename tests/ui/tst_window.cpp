// The real window over the real core: real engine, real cells, the demo repository.

#include "desktop/corethread.h"
#include "job/jobpage.h"
#include "shell/mainwindow.h"
#include "start/startpage.h"
#include "support/testsupport.h"
#include "theme/theme.h"

#include <QApplication>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSignalSpy>

using namespace ovvoc;
using namespace ovvoc::test;

class WindowTest : public QObject
{
    Q_OBJECT
    QTemporaryDir m_folder;
    std::unique_ptr<CoreThread> m_core;
    std::unique_ptr<MainWindow> m_window;
    QString m_demo;
    EngineState m_state;

    QPushButton *button(QWidget *parent, const QString &text)
    {
        for (QPushButton *one : parent->findChildren<QPushButton *>()) {
            if (one->text() == text && one->isVisible())
                return one;
        }
        return nullptr;
    }
    QLineEdit *field(const QString &name)
    {
        for (QLineEdit *one : m_window->startPage()->findChildren<QLineEdit *>()) {
            if (one->accessibleName() == name)
                return one;
        }
        return nullptr;
    }
    /// The page of the job that was started last.
    JobPage *newestPage()
    {
        auto *nav = m_window->findChild<QListWidget *>("nav");
        return nav->count() > 1 ? m_window->page(nav->item(1)->data(Qt::UserRole).toString())
                                : nullptr;
    }
    /// Fills the form by keyboard and starts with Return.
    JobPage *startByKeyboard(const QString &package)
    {
        m_window->showStart();
        field("Repository")->setText(m_demo);
        QLineEdit *what = field("What");
        what->setFocus();
        what->selectAll();
        QTest::keyClicks(what, package);
        QTest::keyClick(what, Qt::Key_Return);
        return newestPage();
    }

private slots:
    void initTestCase()
    {
        applyTheme(*qApp, ThemeMode::Light);
        QCoreApplication::setOrganizationName("ovvoc-test");
        qputenv("XDG_CONFIG_HOME", m_folder.path().toLocal8Bit());
        qputenv("OVVOC_WORKSPACE", (m_folder.path() + "/workspace").toLocal8Bit());
        qRegisterMetaType<Job>();
        qRegisterMetaType<EngineState>();
        VERIFY_RESULT(workspace, WorkspaceFolder::open());
        m_core = std::make_unique<CoreThread>(workspace, std::make_shared<SecretMask>());
        connect(m_core.get(), &JobService::engineChanged, this,
                [this](const EngineState &state) { m_state = state; });
        m_window = std::make_unique<MainWindow>(m_core.get());
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
        QVERIFY(!button(m_window.get(), "Update")->isEnabled());
        m_core->findEngine();
        QTRY_VERIFY_WITH_TIMEOUT(m_state.step == EngineState::Step::Ready, 30'000);
        QVERIFY(button(m_window.get(), "Update")->isEnabled());
    }

    void theDemoFillsTheForm()
    {
        QTest::mouseClick(button(m_window.get(), "Try it with the demo"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(field("Repository")->text().contains("release-board"), 10'000);
        m_demo = field("Repository")->text();
    }

    void wrongInputIsSaidAtTheForm()
    {
        field("Repository")->setText("/nowhere/at/all");
        QTest::mouseClick(button(m_window.get(), "Update"), Qt::LeftButton);
        QVERIFY(!newestPage());
        field("Repository")->setText(m_demo);
        field("What")->setText("not a package");
        QTest::mouseClick(button(m_window.get(), "Update"), Qt::LeftButton);
        QVERIFY(!newestPage());
        field("What")->clear();
    }

    void oneClickGoesToAProposal()
    {
        JobPage *page = startByKeyboard("ms");
        QVERIFY(page);
        QVERIFY(page->isVisible());
        QTRY_VERIFY_WITH_TIMEOUT(page->job().isOver(), 120'000);
        QVERIFY2(page->job().outcome == Outcome::Succeeded, qPrintable(page->job().summary));
        QVERIFY(page->findChild<ResultView *>()->markdown().contains("ms"));
        QVERIFY(!diffLines(page->job().patch, false).isEmpty());
        QVERIFY(page->findChild<LogView *>()->isFollowing());
        QVERIFY(button(page, "Run again"));
        QVERIFY(!button(page, "Cancel and destroy"));
    }

    void oneClickGoesToAFailureReport()
    {
        JobPage *page = startByKeyboard("minimatch");
        QTRY_VERIFY_WITH_TIMEOUT(page->job().isOver(), 120'000);
        QVERIFY(page->job().failure.has_value());
        const QString report = page->findChild<ResultView *>()->markdown();
        QVERIFY2(report.contains(".js:"), qPrintable(report));
        QVERIFY(page->findChild<LifecycleView *>()->asText().contains("Test: failed"));
    }

    void aJobIsCancelledWithOneClick()
    {
        JobPage *page = startByKeyboard("semver");
        QTRY_VERIFY_WITH_TIMEOUT(page->job().running(), 30'000);
        QTest::mouseClick(button(page, "Cancel and destroy"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(page->job().isOver(), 30'000);
        QVERIFY(page->job().outcome == Outcome::Cancelled);
    }

    void theSameClickTwiceStartsNothingTwice()
    {
        auto *nav = m_window->findChild<QListWidget *>("nav");
        const int before = nav->count();
        JobPage *page = startByKeyboard("ms");
        startByKeyboard("ms");
        QTRY_COMPARE_WITH_TIMEOUT(nav->count(), before + 1, 10'000);
        QTRY_VERIFY_WITH_TIMEOUT(page->job().isOver(), 120'000);
    }

    void aScanShowsWhatIsOutdated()
    {
        m_window->showStart();
        field("What")->clear();
        QTest::mouseClick(button(m_window.get(), "Only scan"), Qt::LeftButton);
        JobPage *page = newestPage();
        QTRY_VERIFY_WITH_TIMEOUT(page->job().isOver(), 120'000);
        QVERIFY2(page->job().scan.has_value(), qPrintable(page->job().summary));
        QCOMPARE(page->findChild<ScanModel *>()->rowCount(), 3);
        QVERIFY(page->job().scan->outdated() >= 1);
    }

    void quittingDestroysWhatRuns()
    {
        JobPage *page = startByKeyboard("semver");
        QTRY_VERIFY_WITH_TIMEOUT(page->job().running(), 30'000);
        QSignalSpy idle(m_core.get(), &JobService::idle);
        m_core->cancelAll();
        QVERIFY(idle.wait(30'000));
        m_window.reset();
        m_core.reset();
        VERIFY_RESULT(engine, RealEngine::connect());
        VERIFY_RESULT(workspace, WorkspaceFolder::open());
        QCOMPARE(containers(engine, "dev.ovvoc.workspace=" + workspace.id), QStringList());
    }
};

QTEST_MAIN(WindowTest)
#include "tst_window.moc"
