// What the job page shows of a job's values, without an engine: its texts, its models, its log.

#include "format.h"
#include "job/jobmodels.h"
#include "job/jobpage.h"
#include "job/syntax.h"
#include "log/ansitext.h"
#include "shell/commandpalette.h"
#include "theme/theme.h"
#include "widgets/basics.h"
#include "widgets/columnfitter.h"
#include "widgets/emptystate.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QLabel>
#include <QLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>
#include <QTreeView>
#include <QWheelEvent>
#include <limits>

using namespace ovvoc;

namespace {

Job exampleJob()
{
    Job job;
    job.request.id = "01example";
    job.request.clientName = "Local";
    job.request.repositoryName = "shop";
    job.created = QDateTime::currentDateTimeUtc().addSecs(-10);
    for (const PhaseKind kind :
         {PhaseKind::Create, PhaseKind::Clone, PhaseKind::Transform, PhaseKind::Build,
          PhaseKind::Test, PhaseKind::PullRequest, PhaseKind::Destroy}) {
        Phase phase;
        phase.kind = kind;
        job.phases << phase;
    }
    return job;
}

void run(Job &job, int phases, PhaseState last)
{
    QDateTime at = job.created;
    for (int i = 0; i < phases; ++i) {
        Phase &phase = job.phases[i];
        phase.started = at;
        at = at.addMSecs(700 * (i + 1));
        phase.state = i + 1 == phases ? last : PhaseState::Succeeded;
        if (phase.state != PhaseState::Running)
            phase.ended = at;
    }
}

/// Saves what a widget looks like when OVVOC_PICTURES names a folder, for people to look at.
void picture(QWidget &widget, const QString &name)
{
    const QString folder = qEnvironmentVariable("OVVOC_PICTURES");
    if (!folder.isEmpty())
        QVERIFY(widget.grab().save(folder + '/' + name + ".png"));
}

} // namespace

class JobPageTest : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { applyTheme(*qApp, ThemeMode::Light); }

    void theLifeOfAJobIsReadableAsText()
    {
        Job job = exampleJob();
        run(job, 5, PhaseState::Failed);
        job.gateOpened = job.gateClosed = job.created;
        LifecycleView view;
        view.setJob(job);
        const QString text = view.asText();
        QVERIFY2(text.contains("Create: succeeded"), qPrintable(text));
        QVERIFY2(text.contains("Test: failed"), qPrintable(text));
        QVERIFY2(text.contains("PR: waiting"), qPrintable(text));
        QVERIFY2(text.contains("closed for good"), qPrintable(text));
        QCOMPARE(view.accessibleDescription(), text);
    }

    void itMovesOnlyWhileSomethingRuns()
    {
        Job job = exampleJob();
        run(job, 3, PhaseState::Running);
        LifecycleView view;
        view.setJob(job);
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
        const auto moves = [&view] {
            const QImage before = view.grab().toImage();
            return QTest::qWaitFor([&] { return view.grab().toImage() != before; }, 1500);
        };
        QVERIFY(moves());
        run(job, 3, PhaseState::Succeeded);
        view.setJob(job);
        QVERIFY(!moves());
    }

    void modelsKeepTheirPromisesWhileRowsComeAndGo()
    {
        EgressModel model;
        QAbstractItemModelTester tester(&model,
                                        QAbstractItemModelTester::FailureReportingMode::Fatal);
        QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
        QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
        QList<EgressRow> rows;
        for (quint64 i = 1; i <= 5; ++i) {
            EgressRow row;
            row.id = i;
            row.host = QString("host%1.invalid").arg(i);
            rows << row;
            model.setValues(rows);
        }
        QCOMPARE(model.rowCount(), 5);
        QCOMPARE(inserted.count(), 5);
        QPersistentModelIndex third = model.index(2, EgressModel::In);
        rows[2].bytesIn = 2048;
        QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
        model.setValues(rows);
        QCOMPARE(changed.count(), 1);
        QVERIFY(third.isValid());
        QCOMPARE(third.data(EgressModel::RawRole).toLongLong(), 2048);
        QVERIFY(third.data().toString().startsWith("2"));
        model.setValues(rows.mid(0, 2));
        QCOMPARE(model.rowCount(), 2);
        QCOMPARE(resets.count(), 0);

        EvidenceModel evidence;
        QAbstractItemModelTester evidenceTester(
            &evidence, QAbstractItemModelTester::FailureReportingMode::Fatal);
        evidence.setValues({{"User", "1000:1000", "0:0", Verdict::Differs}});
        QVERIFY(
            evidence.index(0, EvidenceModel::VerdictColumn).data().toString().contains("differs"));

        ScanModel scan;
        QAbstractItemModelTester scanTester(&scan,
                                            QAbstractItemModelTester::FailureReportingMode::Fatal);
        ScannedDependency dependency;
        dependency.name = "ms";
        scan.setValues({dependency});
        QCOMPARE(scan.index(0, ScanModel::Level).data().toString(), QString("up to date"));
    }

    void testsAreATreeInWhichFailuresComeFirst()
    {
        TestsModel model;
        QAbstractItemModelTester tester(&model,
                                        QAbstractItemModelTester::FailureReportingMode::Fatal);
        TestSummary summary;
        const auto add = [&summary](const QString &file, const QStringList &suite,
                                    const QString &name, TestCase::State state) {
            TestCase test;
            test.file = file;
            test.suite = suite;
            test.name = name;
            test.state = state;
            test.milliseconds = 10;
            summary.cases << test;
        };
        using State = TestCase::State;
        add("a.test.js", {"a.test.js", "cart"}, "adds", State::Passed);
        add("a.test.js", {"cart"}, "removes", State::Skipped);
        add("b.test.js", {"price", "tax"}, "rounds", State::Passed);
        add("b.test.js", {"price", "tax"}, "sums", State::Failed);
        add("b.test.js", {"price"}, "formats", State::Passed);
        add({}, QStringList(100, "deep"), "bottom", State::Passed);
        model.setSummary(summary);
        QCOMPARE(model.tests(), 6);
        QCOMPARE(model.rowCount(), 3);
        const QModelIndex file = model.index(0, TestsModel::Name);
        QCOMPARE(file.data().toString(), QString("b.test.js"));
        QVERIFY(model.failed(file) && !model.test(file));
        QCOMPARE(file.siblingAtColumn(TestsModel::Result).data().toString(),
                 QString("✕ 1 of 3 failed"));
        const QModelIndex tax = model.index(0, 0, model.index(0, 0, file));
        QCOMPARE(tax.data().toString(), QString("tax"));
        QCOMPARE(model.index(0, 0, tax).data().toString(), QString("sums"));
        QCOMPARE(model.test(model.index(0, 0, tax))->state, State::Failed);
        QCOMPARE(model.index(1, 0, tax).data().toString(), QString("rounds"));
        // The file that a runner names again as a suite stands there once.
        const QModelIndex other = model.index(1, 0);
        QCOMPARE(other.data().toString(), QString("a.test.js"));
        QCOMPARE(model.rowCount(other), 1);
        QCOMPARE(model.rowCount(model.index(0, 0, other)), 2);
        QCOMPARE(other.siblingAtColumn(TestsModel::Duration).data().toString(), seconds(20));
        int depth = 0;
        for (QModelIndex at = model.index(2, 0); at.isValid(); at = model.index(0, 0, at))
            ++depth;
        QCOMPARE(depth, TestsModel::deepestSuite + 1);

        // On the page: what failed is open; Return opens a group, and of a test leads into the log.
        Job job = exampleJob();
        run(job, 5, PhaseState::Failed);
        summary.failed = 1;
        summary.passed = 5;
        for (int i = 0; i < 100; ++i)
            add("c.test.js", {"many"}, QString("test %1").arg(i), State::Passed);
        job.tests = summary;
        JobPage page(job, {});
        page.resize(1200, 800);
        page.show();
        page.showTab("Tests");
        auto *tree = page.findChild<QTreeView *>();
        QVERIFY(tree && tree->isVisible());
        const auto at = [tree](int row, const QModelIndex &parent = {}) {
            return tree->model()->index(row, 0, parent);
        };
        QVERIFY(tree->isExpanded(at(0)));
        QVERIFY(!tree->isExpanded(at(1)));
        tree->setCurrentIndex(at(1));
        QTest::keyClick(tree, Qt::Key_Return);
        QVERIFY(tree->isExpanded(at(1)));
        QTest::keyClick(tree, Qt::Key_Return);
        QVERIFY(!tree->isExpanded(at(1)));
        tree->setCurrentIndex(at(0, at(0, at(0, at(0)))));
        QTest::keyClick(tree, Qt::Key_Return);
        QVERIFY(page.log()->isVisible());
        QCOMPARE(page.log()->findChild<QLineEdit *>()->text(), QString("sums"));
    }

    void aJobWithoutATestResultSaysSo()
    {
        Job job = exampleJob();
        run(job, 4, PhaseState::Failed);
        job.outcome = Outcome::Failed;
        job.phases.last().state = PhaseState::Succeeded;
        JobPage page(job, {});
        page.show();
        page.showTab("Tests");
        bool said = false;
        for (EmptyState *empty : page.findChildren<EmptyState *>())
            said = said || (empty->isVisible() && empty->title() == "No test result");
        QVERIFY(said);
    }

    void columnsThatMayBeMissedGiveWay()
    {
        PlanModel model;
        UpdatePlan plan;
        PlannedUpdate update;
        update.name = "a-package-with-a-long-name";
        update.from = "1.0.0-beta.12345";
        update.to = "2.0.0-rc.98765";
        plan.updates << update;
        std::unique_ptr<QTableView> view(makeTable(&model, "Plan", PlanModel::Package));
        setDispensable(
            view.get(),
            {PlanModel::Age, PlanModel::Fixes, PlanModel::Category, PlanModel::Strategy});
        view->resize(1400, 300);
        view->show();
        Job planned;
        planned.plan = plan;
        model.setPlan(planned);
        QTRY_VERIFY(view->columnWidth(PlanModel::Package) >= 300);
        QVERIFY(!view->isColumnHidden(PlanModel::Age));
        const int whole = view->viewport()->width() - view->columnWidth(PlanModel::Package)
            + ColumnFitter::mainAtLeast;
        view->resize(whole - 10, 300);
        QTRY_VERIFY(view->isColumnHidden(PlanModel::Age));
        QVERIFY(!view->isColumnHidden(PlanModel::Fixes));
        view->resize(500, 300);
        QTRY_VERIFY(view->isColumnHidden(PlanModel::Fixes));
        QVERIFY(view->columnWidth(PlanModel::Package) >= 64);
        view->resize(1400, 300);
        QTRY_VERIFY(!view->isColumnHidden(PlanModel::Age));
        QVERIFY(!view->isColumnHidden(PlanModel::Fixes));
        // What a person pulls stays as it is.
        view->setColumnWidth(PlanModel::From, 130);
        view->resize(1300, 300);
        QTRY_COMPARE(view->viewport()->width(), 1300);
        QCOMPARE(view->columnWidth(PlanModel::From), 130);
    }

    void theLogKeepsColoursAndDropsWhatATerminalWouldObey_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("text");
        QTest::newRow("plain") << QByteArray("hello\n") << "hello";
        QTest::newRow("title") << QByteArray("\x1b]0;owned\x07safe\n") << "safe";
        QTest::newRow("link") << QByteArray("\x1b]8;;https://x.invalid\x1b\\text\x1b]8;;\x1b\\\n")
                              << "text";
        QTest::newRow("cursor") << QByteArray("a\x1b[2J\x1b[1;1Hb\x1b[?25l\n") << "ab";
        QTest::newRow("query") << QByteArray("a\x1b[6n\x1bP$q\x1b\\b\n") << "ab";
        QTest::newRow("carriage return") << QByteArray("10%\r100%\n") << "100%";
        QTest::newRow("windows line end") << QByteArray("line\r\n") << "line";
        QTest::newRow("html") << QByteArray("<b>&amp;</b>\n") << "<b>&amp;</b>";
        QTest::newRow("backspace and bell") << QByteArray("a\b\x07z\n") << "az";
        QTest::newRow("utf-8") << QByteArray("\xe2\x9c\x93 ok\n") << QString::fromUtf8("✓ ok");
        QTest::newRow("cut utf-8") << QByteArray("\xe2\x9c!\n") << QString::fromUtf8("\uFFFD!");
        QTest::newRow("unfinished") << QByteArray("\x1b[31\ntext\n") << "text";
    }
    void theLogKeepsColoursAndDropsWhatATerminalWouldObey()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, text);
        // However the bytes are cut, the result is the same.
        for (qsizetype cut = 0; cut <= bytes.size(); ++cut) {
            AnsiReader reader;
            QList<StyledLine> lines = reader.feed(bytes.left(cut));
            lines += reader.feed(bytes.mid(cut));
            QVERIFY(!lines.isEmpty());
            QCOMPARE(lines.first().text, text);
        }
    }

    void coloursBecomeSpans()
    {
        AnsiReader reader;
        const auto lines = reader.feed("\x1b[1;31mred\x1b[0m plain \x1b[38;5;46mgreen\x1b[39m"
                                       "\x1b[48;2;255;0;0mback\x1b[m\n");
        QCOMPARE(lines.size(), 1);
        QCOMPARE(lines[0].text, QString("red plain greenback"));
        QCOMPARE(lines[0].spans.size(), 3);
        QCOMPARE(lines[0].spans[0].style.foreground, 1);
        QVERIFY(lines[0].spans[0].style.bold);
        QCOMPARE(lines[0].spans[1].start, 10);
        QCOMPARE(lines[0].spans[1].style.foreground & 7, 2);
        QCOMPARE(lines[0].spans[2].style.background & 7, 1);
    }

    void aFloodOfBytesIsTakenInSlicesAndNothingIsLost()
    {
        LogDocument document;
        LogChunk chunk;
        chunk.source = LogChunk::Source::Stdout;
        for (int i = 0; i < 200'000; ++i)
            chunk.text += "\x1b[32mline\x1b[0m " + QByteArray::number(i) + '\n';
        document.append(chunk);
        // No more than a slice is taken at once, so the window goes on.
        QVERIFY(document.count() < 200'000);
        QVERIFY(document.waitingBytes() > 0);
        QTRY_COMPARE_WITH_TIMEOUT(document.count(), 200'000, 30'000);
        QCOMPARE(document.waitingBytes(), qint64(0));
        QCOMPARE(document.line(199'999).styled.text, QString("line 199999"));
    }

    void aMillionLinesIsTheEndOfALogAndItSaysSo()
    {
        LogDocument document;
        LogChunk chunk;
        chunk.source = LogChunk::Source::Stdout;
        chunk.text = QByteArray(LogDocument::maximumLines + 1000, '\n');
        document.append(chunk);
        QTRY_COMPARE_WITH_TIMEOUT(document.count(), LogDocument::maximumLines, 60'000);
        QVERIFY(document.line(LogDocument::maximumLines - 1).styled.text.contains("cut"));
    }

    void aLongLineIsWrapped()
    {
        LogDocument document;
        LogChunk chunk;
        chunk.source = LogChunk::Source::Stdout;
        chunk.text = QByteArray(3'000, 'a') + "end\nshort\n";
        document.append(chunk);
        LogView view;
        view.resize(700, 300);
        view.setDocument(&document);
        view.show();
        QVERIFY(view.horizontalScrollBar()->maximum() > 0);
        view.setWrapping(true);
        QCOMPARE(view.horizontalScrollBar()->maximum(), 0);
        view.verticalScrollBar()->setValue(0);
        QTest::mouseDClick(view.viewport(), Qt::LeftButton, {}, QPoint(200, 12));
        QVERIFY2(view.selectedText().endsWith("aend"), qPrintable(view.selectedText().right(20)));
    }

    void aWrappedLineTallerThanTheViewIsScrolledThrough()
    {
        LogDocument document;
        LogChunk chunk;
        chunk.source = LogChunk::Source::Stdout;
        chunk.text =
            "first\n" + QByteArray(15'000, 'a') + "needle" + QByteArray(200, 'b') + "\nlast\n";
        document.append(chunk);
        LogView view;
        view.resize(700, 300);
        view.setDocument(&document);
        view.show();
        view.setWrapping(true);
        const auto wordAt = [&view](int y) {
            QTest::mouseDClick(view.viewport(), Qt::LeftButton, {}, QPoint(160, y));
            return view.selectedText();
        };
        // Down row by row: every picture is another one until the end is there.
        QTest::keyClick(&view, Qt::Key_Home);
        QVERIFY(!view.isFollowing());
        QCOMPARE(wordAt(12), QString("first"));
        int rows = 0;
        while (!view.isFollowing() && rows < 2'000) {
            QTest::keyClick(&view, Qt::Key_Down);
            ++rows;
        }
        QVERIFY2(view.isFollowing() && rows > 100, qPrintable(QString::number(rows)));
        // Up again as far.
        for (int i = 0; i < rows; ++i)
            QTest::keyClick(&view, Qt::Key_Up);
        QCOMPARE(wordAt(12), QString("first"));
        // Pages and the wheel as well.
        int pages = 0;
        for (; !view.isFollowing() && pages < 200; ++pages)
            QTest::keyClick(&view, Qt::Key_PageDown);
        QVERIFY(view.isFollowing() && pages > 5);
        QTest::keyClick(&view, Qt::Key_Home);
        QWheelEvent wheel(QPointF(200, 100), view.viewport()->mapToGlobal(QPointF(200, 100)), {},
                          QPoint(0, -240), Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
        QApplication::sendEvent(view.viewport(), &wheel);
        QVERIFY(wordAt(12).startsWith("aaa"));
        // A find goes to the row of its match.
        view.setPattern(QRegularExpression("needle"));
        QTRY_VERIFY(!view.isSearching());
        QVERIFY(view.findNext(false));
        const QImage marked = view.viewport()->grab().toImage();
        const QColor mark = theme().over(theme().gate, 0.35);
        const auto shows = [&mark](const QImage &image) {
            for (int y = 0; y < image.height(); ++y) {
                for (int x = 0; x < image.width(); ++x) {
                    if (image.pixelColor(x, y) == mark)
                        return true;
                }
            }
            return false;
        };
        QVERIFY(shows(marked));
        // And without Wrap to its column.
        view.setWrapping(false);
        view.horizontalScrollBar()->setValue(0);
        QVERIFY(!shows(view.viewport()->grab().toImage()));
        QVERIFY(view.findNext(false));
        QVERIFY(view.horizontalScrollBar()->value() > 14'000);
        QVERIFY(shows(view.viewport()->grab().toImage()));
        // One near the end stays in sight too.
        view.setWrapping(true);
        view.setPattern(QRegularExpression("last"));
        QTRY_VERIFY(!view.isSearching());
        QVERIFY(view.findNext(false));
        QVERIFY(shows(view.viewport()->grab().toImage()));
    }

    void theDiffShowsTheWordsThatChanged()
    {
        SealedPatch patch;
        patch.diff = "diff --git a/app.js b/app.js\n--- a/app.js\n+++ b/app.js\n"
                     "@@ -1,2 +1,2 @@\n const one = 1;\n-const ms = \"2.1.2\";\n+const ms = "
                     "\"2.1.3\";\n";
        patch.files = {{"app.js", FileChange::Kind::Modified, 1, 1, false}};
        const QList<DiffLine> lines = diffLines(patch, false);
        QCOMPARE(lines.size(), 5);
        QVERIFY(lines[3].kind == DiffLine::Kind::Removed);
        QCOMPARE(lines[3].text.mid(lines[3].changedFrom, lines[3].changedTo - lines[3].changedFrom),
                 QString("2"));
        QCOMPARE(lines[4].text.mid(lines[4].changedFrom, lines[4].changedTo - lines[4].changedFrom),
                 QString("3"));
        const QList<SyntaxSpan> spans = syntaxOf(lines[4].text, lines[4].path);
        QCOMPARE(spans.size(), 2);
        QVERIFY(spans[0].kind == SyntaxSpan::Kind::Keyword);
        QVERIFY(spans[1].kind == SyntaxSpan::Kind::String);
        DiffView view;
        view.resize(800, 300);
        view.setPatch(patch);
        view.show();
        const QImage unified = view.grab().toImage();
        view.setSideBySide(true);
        QVERIFY(view.grab().toImage() != unified);
    }

    void thePaletteFindsByAFewLetters()
    {
        QVERIFY(matchScore("upsf", "Update storefront") > matchScore("upsf", "Pups of safari"));
        QCOMPARE(matchScore("xyz", "Update storefront"), std::numeric_limits<int>::min());
        QVERIFY(matchScore("settings", "Settings of Bakery")
                > matchScore("settings", "Set things"));
    }

    void whatLooksLikeHtmlIsShownAsItIs()
    {
        const QString hostile = "<img src=file:///etc/hostname><b>x</b>";
        EgressModel egress;
        EgressRow row;
        row.id = 1;
        row.host = hostile;
        egress.setValues({row});
        PlanModel plan;
        Job planned;
        planned.plan.skipped << SkippedUpdate{hostile, "because"};
        plan.setPlan(planned);
        for (const QString &tip :
             {egress.index(0, EgressModel::Host).data(Qt::ToolTipRole).toString(),
              plan.index(0, PlanModel::Package).data(Qt::ToolTipRole).toString()}) {
            QVERIFY2(!tip.contains("<img") && !tip.contains("<b>"), qPrintable(tip));
            QVERIFY2(tip.contains("&lt;img"), qPrintable(tip));
        }
        QCOMPARE(egress.index(0, EgressModel::Host).data().toString(), hostile);
        JobPage page(exampleJob(), {});
        for (QLabel *one : page.findChildren<QLabel *>())
            QVERIFY(one->textFormat() == Qt::PlainText);
    }

    void onlyLinksOfThisProgramAreFollowed_data()
    {
        QTest::addColumn<QString>("url");
        QTest::addColumn<bool>("good");
        QTest::newRow("job") << "ovvoc://job/01j9abcdef" << true;
        QTest::newRow("client") << "ovvoc://client/01j9abcdef" << true;
        QTest::newRow("jobs") << "ovvoc://jobs/" << true;
        QTest::newRow("job without an id") << "ovvoc://job/" << false;
        QTest::newRow("page with an id") << "ovvoc://jobs/01j9" << false;
        QTest::newRow("path") << "ovvoc://job/../../etc/passwd" << false;
        QTest::newRow("markup") << "ovvoc://job/<b>" << false;
        QTest::newRow("other scheme") << "https://job/01j9abcdef" << false;
        QTest::newRow("unknown page") << "ovvoc://delete/01j9abcdef" << false;
    }
    void onlyLinksOfThisProgramAreFollowed()
    {
        QFETCH(QString, url);
        QFETCH(bool, good);
        const auto place = Place::fromUrl(QUrl(url));
        QCOMPARE(place.has_value(), good);
        if (good)
            QCOMPARE(Place::fromUrl(place->url()), place);
    }

    void aVeryLongLineIsCutAndSaysSo()
    {
        AnsiReader reader;
        reader.feed(QByteArray(2'000'000, 'x'));
        const auto lines = reader.finish();
        QVERIFY(lines.first().text.size() < AnsiReader::maximumLine + 20);
        QVERIFY(lines.first().text.endsWith("(cut)"));
    }

    void theLogIsFoundSelectedAndCopied()
    {
        LogDocument document;
        LogView view;
        view.resize(700, 300);
        view.setDocument(&document);
        view.show();
        for (int i = 0; i < 5000; ++i) {
            LogChunk chunk;
            chunk.time = QDateTime::currentDateTimeUtc();
            chunk.source = LogChunk::Source::Stdout;
            chunk.text = "line " + QByteArray::number(i) + '\n';
            document.append(chunk);
        }
        QCOMPARE(document.count(), 5000);
        QVERIFY(view.isFollowing());
        view.setPattern(QRegularExpression("line 42\\d$"));
        QTRY_VERIFY(!view.isSearching());
        QCOMPARE(view.matchingLines(), 10);
        QVERIFY(view.findNext(false));
        QCOMPARE(document.line(view.foundLine()).styled.text, QString("line 420"));
        QVERIFY(!view.isFollowing());
        view.setFiltering(true);
        QCOMPARE(view.verticalScrollBar()->maximum(), 0);
        view.setFiltering(false);
        view.setPattern(QRegularExpression("nowhere"));
        QTRY_VERIFY(!view.isSearching());
        QVERIFY(!view.findNext(false));
        QTest::keySequence(&view, QKeySequence::SelectAll);
        QVERIFY(view.selectedText().startsWith("line 0\nline 1\n"));
        QVERIFY(view.selectedText().endsWith("line 4999"));
        QTest::keyClick(&view, Qt::Key_End);
        QVERIFY(view.isFollowing());
    }

    void aFailureReportTakesThePlaceOfThePullRequest()
    {
        Job job = exampleJob();
        run(job, 5, PhaseState::Failed);
        job.outcome = Outcome::Failed;
        FailureReport report;
        report.phase = PhaseKind::Test;
        report.error = {ErrorCode::TestsFailed, "1 of 3 tests failed.", {}};
        TestCase test;
        test.name = "adds <b>things</b>";
        test.state = TestCase::State::Failed;
        test.file = "test/cart.js";
        test.line = 12;
        report.tests << test;
        job.failure = report;
        ResultView view;
        view.setJob(job);
        QVERIFY(view.markdown().contains("test/cart.js:12"));
        QVERIFY(view.markdown().contains("1 of 3 tests failed"));
    }

    void longNamesNothingAndMuchAreShownWithoutClipping()
    {
        Job job = exampleJob();
        JobPage empty(job, {});
        empty.resize(900, 600);
        picture(empty, "page-empty-small");

        job.request.clientName = "Danube Steamship Electrical Services Subsidiary Holding";
        job.request.repositoryName = QString("a-very-long-repository-name-").repeated(4);
        run(job, 5, PhaseState::Running);
        job.phases[4].steps << QString("a step with a very long description ").repeated(3);
        for (int i = 0; i < 40; ++i) {
            PlannedUpdate update;
            update.name = QString("@scope-with-a-long-name/package-number-%1").arg(i);
            update.from = "1.0.0-beta.12345";
            update.to = "2.0.0-rc.98765";
            job.plan.updates << update;
            EgressRow row;
            row.id = quint64(i) + 1;
            row.time = job.created;
            row.host = QString("h").repeated(200) + ".invalid";
            row.reason = "not on the allowlist";
            job.egress << row;
        }
        job.gateOpened = job.created;
        JobPage full(job, {});
        full.resize(900, 600);
        full.showTab("Egress");
        picture(full, "page-full-small");
        full.resize(1920, 1080);
        picture(full, "page-full-large");
        QVERIFY(full.findChild<LifecycleView *>()->width() <= full.width());
        // The page never demands more than the smallest window.
        // As in the window's stack: the page arranges itself anew where it is narrow.
        full.layout()->setSizeConstraint(QLayout::SetNoConstraint);
        full.setMinimumSize(1, 1);
        full.show();
        full.resize(900 - 232, 600);
        picture(full, "page-full-narrow");
        QTRY_COMPARE(full.width(), 900 - 232);
        QTRY_VERIFY2(full.minimumSizeHint().width() <= 900 - 232,
                     qPrintable(QString::number(full.minimumSizeHint().width())));
        QVERIFY2(full.minimumSizeHint().height() <= 600,
                 qPrintable(QString::number(full.minimumSizeHint().height())));
    }

    void everyControlHasANameAndIsReachableByKeyboard()
    {
        Job job = exampleJob();
        run(job, 7, PhaseState::Succeeded);
        job.outcome = Outcome::Succeeded;
        JobPage page(job, {});
        page.show();
        for (QWidget *widget : page.findChildren<QWidget *>()) {
            const bool control = qobject_cast<QAbstractButton *>(widget)
                || qobject_cast<QLineEdit *>(widget) || qobject_cast<QAbstractScrollArea *>(widget);
            if (!control || !widget->isVisible() || widget->objectName().startsWith("qt_")
                || qobject_cast<QScrollArea *>(widget) || widget->inherits("QHeaderView")
                || widget->inherits("QTableCornerButton") || widget->inherits("QToolButton"))
                continue;
            const auto *button = qobject_cast<QAbstractButton *>(widget);
            const bool named =
                !widget->accessibleName().isEmpty() || (button && !button->text().isEmpty());
            QVERIFY2(named, widget->metaObject()->className());
            QVERIFY2(widget->focusPolicy() & Qt::TabFocus, widget->metaObject()->className());
        }
    }
};

QTEST_MAIN(JobPageTest)
#include "tst_jobpage.moc"
