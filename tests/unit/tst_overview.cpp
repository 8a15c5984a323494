// What scans leave to do under the settings, which jobs that means, and what the pages are told.

#include "jobs/overview.h"
#include "support/fill.h"
#include "support/memorystore.h"
#include "support/testsupport.h"

#include <QJsonArray>
#include <QSignalSpy>

using namespace ovvoc;
using namespace ovvoc::test;

namespace {

ScannedDependency dependency(const QString &name, const QString &current, const QString &wanted,
                             const QString &latest, int ageDays = 30)
{
    ScannedDependency one;
    one.name = name;
    one.current = current;
    one.wanted = wanted;
    one.latest = latest;
    one.ageDays = ageDays;
    if (current != latest)
        one.level = levelBetween(*Semver::parse(current), *Semver::parse(latest));
    return one;
}

ScanReport exampleScan()
{
    ScanReport scan;
    scan.dependencies = {dependency("patchy", "1.2.3", "1.2.4", "1.2.4"),
                         dependency("minor", "1.2.3", "1.5.0", "1.5.0"),
                         dependency("major", "1.2.3", "1.9.0", "2.0.0"),
                         dependency("early", "0.3.0", "0.3.0", "0.4.0"),
                         dependency("fresh", "1.0.0", "1.1.0", "1.1.0", 1),
                         dependency("same", "3.0.0", "3.0.0", "3.0.0")};
    return scan;
}

const PendingUpdate *find(const QList<PendingUpdate> &list, const QString &name)
{
    for (const PendingUpdate &one : list) {
        if (one.dependency.name == name)
            return &one;
    }
    return nullptr;
}

} // namespace

class OverviewTest : public QObject
{
    Q_OBJECT
    QTemporaryDir m_folder;

    Result<std::shared_ptr<Workspace>> open(const std::shared_ptr<MemoryStore> &store)
    {
        const auto place = WorkspaceFolder::open();
        if (!place)
            return fail(place.error());
        return await(Workspace::open(*place, store));
    }

private slots:
    void init()
    {
        qputenv("OVVOC_WORKSPACE",
                (m_folder.path() + '/' + QTest::currentTestFunction()).toLocal8Bit());
    }

    void theSettingsDecideWhatIsPending()
    {
        const auto all = pendingUpdates({}, Settings({}, {}, {}), exampleScan());
        QCOMPARE(all.size(), 5);
        QCOMPARE(find(all, "major")->target, QString("2.0.0"));
        QVERIFY(find(all, "fresh")->waits.contains("1.1.0"));
        QVERIFY(!find(all, "same"));

        const auto minor =
            pendingUpdates({}, Settings({}, {{"level", "minor"}}, {}), exampleScan());
        QCOMPARE(find(minor, "major")->target, QString("1.9.0"));
        QVERIFY(find(minor, "major")->level == UpdateLevel::Minor);

        const auto patch =
            pendingUpdates({}, Settings({}, {{"level", "patch"}}, {}), exampleScan());
        QVERIFY(!find(patch, "minor")->waits.isEmpty());
        QVERIFY(find(patch, "patchy")->waits.isEmpty());

        const Settings filtered({}, {{"exclude", QJsonArray{"pat*"}}}, {});
        QVERIFY(!find(pendingUpdates({}, filtered, exampleScan()), "patchy")->waits.isEmpty());
    }

    void onlyStepsThatSemverCallsHarmlessAreSafe()
    {
        const auto all = pendingUpdates({}, Settings({}, {}, {}), exampleScan());
        QVERIFY(find(all, "patchy")->isSafe());
        QVERIFY(find(all, "minor")->isSafe());
        QVERIFY(!find(all, "major")->isSafe());
        QVERIFY(!find(all, "early")->isSafe()); // below 1.0.0 anything may change
        QVERIFY(!find(all, "fresh")->isSafe()); // it waits
    }

    void securityComesFirstAndWaitsForNothing()
    {
        ScanReport scan = exampleScan();
        scan.advisories << Advisory{"fresh", "high", "Bad", {}, "<1.1.0"}
                        << Advisory{"minor", "low", "Not this one", {}, "<1.0.0"};
        const auto all = pendingUpdates({}, Settings({}, {}, {}), scan);
        QCOMPARE(all.first().dependency.name, QString("fresh"));
        QVERIFY(all.first().waits.isEmpty());
        QVERIFY(!find(all, "minor")->isSecurity());
    }

    void everythingTogetherIsOneJobAndEachIsMany()
    {
        Client client;
        client.id = "c";
        ClientRepository repository;
        repository.id = "r";
        const Settings together({}, {}, {}),
            each({}, {{"grouping", "each"}, {"priority", "high"}}, {});
        const auto pending = pendingUpdates(repository, each, exampleScan());
        QCOMPARE(updateRequests(client, repository, together, pending).size(), 1);
        const QList<JobRequest> jobs = updateRequests(client, repository, each, pending);
        QCOMPARE(jobs.size(), 4); // "fresh" waits
        QStringList packages;
        for (const JobRequest &job : jobs) {
            packages << job.selection.package;
            QCOMPARE(job.priority, 1);
        }
        packages.sort();
        QCOMPARE(packages, (QStringList{"early", "major", "minor", "patchy"}));
    }

    void pagesAreToldOfEveryClientAndOfEveryChange()
    {
        const auto store = std::make_shared<MemoryStore>();
        VERIFY_RESULT(workspace, open(store));
        const auto archive = std::make_shared<JobArchive>(workspace);
        Fill wish;
        wish.clients = 60; // more than files are kept open
        wish.repositories = 2;
        wish.jobs = 4;
        VERIFY_DONE(fill(workspace, *archive, wish));
        Overviews overviews(workspace, archive);
        QHash<QString, ClientOverview> told;
        connect(&overviews, &Overviews::changed, this,
                [&](const ClientOverview &one) { told.insert(one.client.id, one); });
        QSignalSpy complete(&overviews, &Overviews::complete);
        QSignalSpy failed(&overviews, &Overviews::failed);
        overviews.start();
        QVERIFY(complete.wait(20'000));
        QCOMPARE(told.size(), 60);
        QCOMPARE(failed.count(), 0);
        const ClientOverview one = told.begin().value();
        QCOMPARE(one.repositories.size(), 2);
        QVERIFY(one.repositories.first().lastJob.has_value());
        QVERIFY(one.successRate().has_value());
        // Only what changed is told again.
        told.clear();
        Client renamed = one.client;
        renamed.name = "Renamed";
        VERIFY_DONE(workspace->saveClient(renamed));
        QVERIFY(complete.wait(20'000));
        QCOMPARE(told.keys(), QStringList{renamed.id});
        QCOMPARE(told.begin()->client.name, QString("Renamed"));
        QSignalSpy removed(&overviews, &Overviews::removed);
        VERIFY_DONE(await(workspace->removeClient(renamed.id)));
        QTRY_COMPARE(removed.count(), 1);
    }

    void pagesOfJobsGoBothWays()
    {
        const auto store = std::make_shared<MemoryStore>();
        VERIFY_RESULT(workspace, open(store));
        JobArchive archive(workspace);
        Fill wish;
        wish.clients = 2;
        wish.repositories = 3;
        wish.jobs = 9;
        VERIFY_DONE(fill(workspace, archive, wish));
        QStringList newest, oldest;
        for (const bool oldestFirst : {false, true}) {
            JobFilter filter;
            filter.limit = 7;
            filter.oldestFirst = oldestFirst;
            for (;;) {
                VERIFY_RESULT(rows, archive.page(filter));
                for (const JobRow &row : rows)
                    (oldestFirst ? oldest : newest) << row.id;
                if (rows.size() < filter.limit)
                    break;
                filter.after = rows.last();
            }
        }
        QCOMPARE(newest.size(), 54);
        std::reverse(oldest.begin(), oldest.end());
        QCOMPARE(newest, oldest);
    }
};

QTEST_GUILESS_MAIN(OverviewTest)
#include "tst_overview.moc"
