// Pages as somebody turns them: one at a time, nothing pressed by accident; and what the buttons
// under a result do. The real window over the real core and real cells.

#include "client/reportdialog.h"
#include "job/resultview.h"
#include "repository/repositorypage.h"
#include "ui/windowbench.h"
#include "widgets/printpage.h"

#include <QListWidget>
#include <QStackedWidget>

using namespace ovvoc;
using namespace ovvoc::test;

class PagesTest : public WindowBench
{
    Q_OBJECT
    Repository m_source; ///< without any test
    QString m_client, m_repository;

    const RepositoryOverview *repository() const
    {
        const ClientOverview *client = m_core->workspace()->client(m_client);
        return client ? client->repository(m_repository) : nullptr;
    }

private slots:
    void initTestCase()
    {
        openWindow();
        m_core->workspace()->open();
        m_core->findEngine();
        QTRY_VERIFY_WITH_TIMEOUT(m_core->workspace()->isReady(), 10'000);
        QTRY_VERIFY_WITH_TIMEOUT(m_engine.step == EngineState::Step::Ready, 30'000);
        m_source.writeProject({});
        m_core->workspace()->addClient("Bakery Aurora").then(this, [this](const auto &added) {
            m_client = added->id;
        });
        QTRY_VERIFY(m_core->workspace()->client(m_client));
        ClientRepository folder;
        folder.clientId = m_client;
        folder.path = m_source.path();
        folder.name = "shop";
        m_core->workspace()->addRepository(folder).then(
            this, [this](const auto &added) { m_repository = added->id; });
        QTRY_VERIFY(repository());
    }
    void cleanupTestCase() { endCore(); }

    void onePageAtATimeAndNoKeyPressesItsFirstButton()
    {
        const auto visible = [this] {
            const auto *stack = m_window->findChild<QStackedWidget *>();
            int count = 0;
            for (int i = 0; i < stack->count(); ++i)
                count += stack->widget(i)->isVisible() ? 1 : 0;
            return count;
        };
        auto *list = named<QListWidget>(m_window.get(), "Pages and clients");
        QVERIFY(list);
        QSignalSpy started(m_window->services().board, &JobBoard::started);
        // Places without a line at the side: the list that gets the focus then goes nowhere.
        for (const Place::Page page : {Place::Page::Folder, Place::Page::Settings}) {
            m_window->go({Place::Page::Client, m_client});
            m_window->go({page, {}});
            list->setFocus(Qt::TabFocusReason);
            QVERIFY(m_window->place().page == page);
            QCOMPARE(visible(), 1);
        }
        // The page has the focus, and none of its buttons.
        for (const Place &place :
             {Place{Place::Page::Overview, {}}, Place{Place::Page::Client, m_client},
              Place{Place::Page::Repository, m_repository}, Place{Place::Page::Updates, {}}}) {
            m_window->findChild<QStackedWidget *>()->setFocus();
            m_window->go(place);
            QVERIFY(!qobject_cast<QAbstractButton *>(QApplication::focusWidget()));
            key(Qt::Key_Space);
        }
        QCOMPARE(started.count(), 0);
    }

    void helpIsOneKeyAway()
    {
        key(Qt::Key_F1);
        QTRY_VERIFY(dialog() && dialog()->isAncestorOf(QApplication::focusWidget()));
        QCOMPARE(dialog()->windowTitle(), "Help");
        key(Qt::Key_Escape);
        QTRY_VERIFY(!dialog());
        reactivate();
        palette("help keys");
        QTRY_VERIFY(dialog() && dialog()->isAncestorOf(QApplication::focusWidget()));
        QCOMPARE(dialog()->windowTitle(), "Help");
        key(Qt::Key_Escape);
        QTRY_VERIFY(!dialog());
        reactivate();
    }

    /// A button that sets something and runs again: the new job has what was set.
    /// From the client's page to a file, as a person makes it; its text is as large as on paper.
    void aReportIsSavedFromTheClientsPage()
    {
        m_window->go({Place::Page::Client, m_client});
        QTRY_VERIFY(button(m_window.get(), "Report…"));
        button(m_window.get(), "Report…")->click();
        ReportDialog *dialog = nullptr;
        QTRY_VERIFY(dialog = m_window->findChild<ReportDialog *>());
        auto *which = dialog->findChild<QComboBox *>();
        which->setCurrentIndex(2); // the month before this one
        const ReportSpan span = dialog->span();
        QCOMPARE(span.from.day(), 1);
        QCOMPARE(span.to, span.from.addMonths(1).addDays(-1));
        which->setCurrentIndex(which->count() - 1); // other days
        const QList<QDateEdit *> days = dialog->findChildren<QDateEdit *>();
        QCOMPARE(days.size(), 2);
        days[0]->setDate(QDate(2026, 5, 9));
        days[1]->setDate(QDate(2026, 5, 2)); // the wrong way round
        QCOMPARE(dialog->span(), (ReportSpan{QDate(2026, 5, 2), QDate(2026, 5, 9)}));
        QTemporaryDir folder;
        const QString path = folder.filePath("report.pdf");
        emit dialog->chosen(dialog->span(), path);
        QFile file(path);
        QTRY_VERIFY_WITH_TIMEOUT(file.exists(), 20'000);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY(file.read(5) == "%PDF-");
        QVERIFY(!(file.permissions() & (QFile::ReadGroup | QFile::ReadOther)));
        dialog->reject();

        const Result<> nowhere = printPage("<h1>Title</h1>", folder.filePath("no/such/file.pdf"));
        QVERIFY(!nowhere && nowhere.error().code == ErrorCode::ReadOnly);
    }

    void aSettingHoldsForTheJobThatItsButtonStarts()
    {
        m_window->go(
            {Place::Page::Job, m_window->services().board->update(m_client, m_repository)});
        JobPage *page = m_window->page(m_window->place().id);
        QTRY_VERIFY_WITH_TIMEOUT(page->job().isOver(), 120'000);
        QVERIFY2(page->job().failure && page->job().failure->error.code == ErrorCode::NothingProves,
                 qPrintable(page->job().summary));
        QPushButton *step = button(page, "Let a build alone prove it");
        QVERIFY(step);
        QSignalSpy started(m_window->services().board, &JobBoard::started);
        QTest::mouseClick(step, Qt::LeftButton);
        QTRY_COMPARE(started.count(), 1);
        const Job *again = m_window->services().board->job(started.first().first().toString());
        QVERIFY(again && again->request.acceptBuildOnly);
        QCOMPARE(repository()->repository.overrides["accept-build-only"], QJsonValue(true));
        QTRY_VERIFY_WITH_TIMEOUT(m_window->services().board->unfinished().isEmpty(), 300'000);
    }
};

QTEST_MAIN(PagesTest)
#include "tst_pages.moc"
