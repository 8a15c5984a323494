// What a client is told of a span of days, and that nothing is said of what is not known.

#include "report/clientreport.h"
#include "support/fill.h"
#include "support/memorystore.h"
#include "support/testsupport.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonObject>

using namespace ovvoc;
using namespace ovvoc::test;

class ClientReportTest : public QObject
{
    Q_OBJECT
    QTemporaryDir m_folder;
    std::shared_ptr<Workspace> m_workspace;
    std::shared_ptr<JobArchive> m_archive;
    Client m_client;
    ClientRepository m_repository;
    const QDateTime m_now = QDateTime(QDate(2026, 11, 27), QTime(12, 0), Qt::UTC);

    Job job(const QString &id, const QDateTime &time, JobKind kind = JobKind::Update)
    {
        Job job;
        job.request.id = id;
        job.request.kind = kind;
        job.request.clientId = m_client.id;
        job.request.repositoryId = m_repository.id;
        job.request.repositoryName = m_repository.title();
        job.created = time;
        return job;
    }
    void keep(Job job)
    {
        VERIFY_DONE(m_archive->begin(job));
        VERIFY_DONE(m_archive->finish(job));
    }
    ClientReport make(const ReportSpan &span)
    {
        const auto report =
            await(makeClientReport(m_workspace, m_archive, m_client.id, span, m_now));
        return report ? *report : ClientReport();
    }

private slots:
    void init()
    {
        qputenv("OVVOC_WORKSPACE",
                (m_folder.path() + '/' + QTest::currentTestFunction()).toLocal8Bit());
        VERIFY_RESULT(place, WorkspaceFolder::open());
        VERIFY_RESULT(opened, await(Workspace::open(place, std::make_shared<MemoryStore>())));
        m_workspace = opened;
        m_archive = std::make_shared<JobArchive>(m_workspace);
        VERIFY_RESULT(client, m_workspace->addClient("<b>Bakery</b>"));
        m_client = client;
        ClientRepository repository;
        repository.clientId = m_client.id;
        repository.path = QStringLiteral("/nowhere/shop");
        repository.name = QStringLiteral("shop");
        VERIFY_RESULT(added, m_workspace->addRepository(repository));
        m_repository = added;
    }

    void daysAreReadOrRefused()
    {
        const QDate today(2026, 11, 27);
        QCOMPARE(*reportSpan({}, {}, {}, today), (ReportSpan{today.addDays(-29), today}));
        QCOMPARE(*reportSpan("2024-02", {}, {}, today),
                 (ReportSpan{QDate(2024, 2, 1), QDate(2024, 2, 29)}));
        QCOMPARE(*reportSpan({}, "2026-01-01", "2026-01-01", today),
                 (ReportSpan{QDate(2026, 1, 1), QDate(2026, 1, 1)}));
        const QList<QStringList> wrong{{"2026-13", "", ""},
                                       {"last", "", ""},
                                       {"", "yesterday", ""},
                                       {"", "2026-02-30", ""},
                                       {"", "2026-12-01", "2026-11-01"},
                                       {"", "1990-01-01", ""}};
        for (const QStringList &one : wrong)
            QVERIFY2(!reportSpan(one[0], one[1], one[2], today), qPrintable(one.join(' ')));
    }

    void ofWhatWasNotScannedNothingIsSaid()
    {
        const ClientReport report = make({QDate(2026, 11, 1), QDate(2026, 11, 30)});
        QCOMPARE(report.notScanned, QStringList{"shop"});
        const QString page = htmlOf(report);
        QVERIFY(page.contains("Not scanned, so nothing is known"));
        QVERIFY2(page.contains("<b>–</b></td><td valign=\"middle\">updates wait"),
                 qPrintable(page));
        QVERIFY(!page.contains("know of no vulnerability"));
        QVERIFY(page.contains("No update came to its end"));
        QVERIFY(!plainOf(report).contains("0 wait"));
        QVERIFY(plainOf(report).contains("Not scanned"));
    }

    void theSpanIsCountedAndTheRestIsNot()
    {
        Job green = job("green", m_now.addDays(-3));
        PlannedUpdate ms;
        ms.name = QStringLiteral("ms");
        ms.from = QStringLiteral("2.0.0");
        ms.to = QStringLiteral("2.1.3");
        ms.level = UpdateLevel::Minor;
        ms.fixes = {Advisory{"ms", "high", "slow <script>alert(1)</script>", {}, "<2.1"}};
        PlannedUpdate debug = ms;
        debug.name = QStringLiteral("debug");
        debug.fixes.clear();
        green.plan.updates = {debug, ms};
        Proposal proposal;
        proposal.branch = QStringLiteral("ovvoc/update-ms");
        proposal.number = 12;
        proposal.location = QStringLiteral("https://forge.invalid/shop/pull/12");
        green.proposal = proposal;
        green.outcome = Outcome::Succeeded;
        green.evidence = {Evidence{"network", "none", "none", Verdict::Holds},
                          Evidence{"memory", "1", "2", Verdict::Differs}};
        Phase build;
        build.kind = PhaseKind::Build;
        build.started = m_now.addDays(-3);
        build.ended = build.started.addSecs(90);
        green.phases = {build};
        green.gateClosed = build.started.addSecs(-1);
        keep(green);
        Job again = green;
        again.request.id = QStringLiteral("again");
        again.created = m_now.addDays(-1);
        keep(again); // the same proposal once more
        Job old = green;
        old.request.id = QStringLiteral("old");
        old.created = m_now.addDays(-60);
        keep(old);
        Job red = job("red", m_now.addDays(-2));
        red.outcome = Outcome::Failed;
        red.failure = FailureReport();
        red.failure->error = Error{ErrorCode::CommandFailed, "=cmd|' /C calc'!A0", {}};
        keep(red);
        Job scan = job("scan", m_now.addDays(-2), JobKind::Scan);
        scan.outcome = Outcome::Succeeded;
        scan.scan = madeUpScan(1);
        scan.scan->advisoriesChecked = false;
        keep(scan);

        const ClientReport report = make({QDate(2026, 11, 1), QDate(2026, 11, 30)});
        QCOMPARE(report.updates.size(), 2);
        QCOMPARE(report.updates.first().package, QStringLiteral("ms")); // security first
        QCOMPARE(report.securityUpdates(), 1);
        QCOMPARE(report.failures.size(), 1);
        QCOMPARE(report.scans, 1);
        QCOMPARE(report.isolation.cells, 2);
        QCOMPARE(report.isolation.differing, 2);
        QCOMPARE(report.isolation.sealed, 2);
        QCOMPARE(report.machineSeconds, 180);
        QVERIFY(report.notScanned.isEmpty());
        QCOMPARE(report.advisoriesUnknown, QStringList{"shop"});
        const QString page = htmlOf(report);
        QVERIFY(!page.contains("<script>") && !page.contains("<b>Bakery"));
        QVERIFY(page.contains("https://forge.invalid/shop/pull/12"));
        QVERIFY(page.contains("Advisories could not be asked for: shop"));
        QVERIFY(!page.contains("know of no vulnerability"));
        QVERIFY(page.contains("2 found as asked, 2 weaker"));
        const QByteArray csv = csvOf(report);
        QVERIFY2(csv.contains("\"'=cmd|'"), csv.constData());
        QCOMPARE(toJson(report)["updates"].toArray().size(), 2);
        QCOMPARE(toJson(report)["minutesSaved"].toInt(), 40);
        QCOMPARE(make({QDate(2026, 9, 1), QDate(2026, 9, 30)}).updates.size(), 2);
    }

    /// What another package brings has no update here, and is no less known.
    void noVulnerabilityIsOnlySaidWhereAllWasAsked()
    {
        Job scan = job("scan", m_now.addDays(-2), JobKind::Scan);
        scan.outcome = Outcome::Succeeded;
        scan.scan = ScanReport();
        scan.scan->advisoriesChecked = true;
        keep(scan);
        const ReportSpan span{QDate(2026, 11, 1), QDate(2026, 11, 30)};
        QVERIFY(htmlOf(make(span)).contains("know of no vulnerability"));
        scan.request.id = QStringLiteral("later");
        scan.created = m_now.addDays(-1);
        scan.scan->advisories = {
            Advisory{"deep", "critical", "<i>bad</i>", {}, "<2", false, {"top"}}};
        keep(scan);
        const ClientReport report = make(span);
        QCOMPARE(report.advisories, QStringList{"shop: critical deep: <i>bad</i>"});
        const QString page = htmlOf(report);
        QVERIFY(page.contains("critical deep") && !page.contains("<i>bad"));
        QVERIFY(!page.contains("know of no vulnerability"));
        QVERIFY(plainOf(report).contains("! shop: critical deep"));
    }

    void aLogoIsAPictureOrNothing()
    {
        const auto withLogo = [&](const QByteArray &bytes) {
            QFile file(m_folder.filePath("logo"));
            if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
                return ClientReport();
            file.close();
            if (!m_workspace->saveAgencyOverrides(
                    {{"agency-logo", file.fileName()}, {"agency-name", "North & Co"}}))
                return ClientReport();
            return make({QDate(2026, 11, 1), QDate(2026, 11, 30)});
        };
        const ClientReport good = withLogo("\x89PNG\r\n\x1a\n1234");
        QVERIFY(htmlOf(good).contains("data:image/png;base64,")
                && htmlOf(good).contains("&amp; Co"));
        QVERIFY(withLogo("<svg onload=alert(1)>").logo.isEmpty());
        QVERIFY(withLogo(QByteArray("\xff\xd8\xff") + QByteArray(600 * 1024, 'x')).logo.isEmpty());
        QVERIFY(withLogo({}).logo.isEmpty());
    }
};

QTEST_GUILESS_MAIN(ClientReportTest)
#include "tst_clientreport.moc"
