// What scans leave to do under the settings, which jobs that means, and what the pages are told.

#include "base/ids.h"
#include "base/sortkey.h"
#include "forge/local/localforge.h"
#include "jobs/openproposals.h"
#include "jobs/overview.h"
#include "jobs/packagerows.h"
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

    void updatesAreToldByPackageOverAllRepositories()
    {
        const auto row = [](const char *client, const char *repository, const char *name,
                            const char *from, const char *to, UpdateLevel level,
                            const QString &severity = {}, const QString &waits = {}) {
            PendingRow one;
            one.client = one.update.clientId = client;
            one.repository = one.update.repositoryId = repository;
            one.update.dependency.name = name;
            one.update.dependency.current = from;
            one.update.target = to;
            one.update.level = level;
            one.update.waits = waits;
            if (!severity.isEmpty())
                one.update.advisories = {Advisory{name, severity, "t", {}, "*"}};
            return one;
        };
        using L = UpdateLevel;
        const QList<PackageRow> rows = packageRows(
            {row("a", "1", "ms", "2.0.0", "2.1.3", L::Minor),
             row("a", "1", "lodash", "4.17.9", "4.17.21", L::Patch, "moderate"),
             // Twice in one repository (two projects), and held back in another.
             row("a", "2", "lodash", "4.17.20", "4.17.21", L::Patch, "high"),
             row("a", "2", "lodash", "3.10.1", "4.17.21", L::Major, {}, "the level allows none"),
             row("b", "1", "lodash", "4.17.15", "4.17.20", L::Patch, {}, "skipped"),
             row("a", "1", "chalk", "4.0.0", "5.0.0", L::Major),
             row("b", "1", "chalk", "odd", "5.0.0", L::Major)});
        QCOMPARE(rows.size(), 3);
        const PackageRow lodash{"lodash",  3,         2,        1,     "3.10.1",
                                "4.17.20", "4.17.21", L::Major, "high"};
        QCOMPARE(rows[0], lodash);
        QCOMPARE(rows[1].name, QString("chalk"));
        QCOMPARE(rows[1].repositories, 2);
        QCOMPARE(rows[2].name, QString("ms"));
        QVERIFY(rows[2].severity.isEmpty() && rows[2].lowest == rows[2].highest);
        QVERIFY(packageRows({}).isEmpty());
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

    void aRequestGroupsItsUpdatesAsTheSettingsSay()
    {
        Client client;
        client.id = "c";
        ClientRepository repository;
        repository.id = "r";
        const auto modeOf = [&](const SettingOverrides &overrides) {
            return requestFor(client, repository, Settings({}, overrides, {}), JobKind::Update)
                .grouping;
        };
        QCOMPARE(modeOf({}).mode, Grouping::Mode::Groups);
        QCOMPARE(modeOf({{"grouping", "each"}}).mode, Grouping::Mode::Each);
        QCOMPARE(modeOf({{"grouping", "together"}}).mode, Grouping::Mode::Together);
        const Grouping own = modeOf({{"groups", QJsonArray{"ui: react* @mui/*"}}});
        QCOMPARE(own.named.size(), 1);
        QCOMPARE(own.named[0].name, QString("ui"));
        QCOMPARE(own.named[0].patterns, (QStringList{"react*", "@mui/*"}));
        QVERIFY(modeOf({{"groups", QJsonArray{"broken"}}}).named.isEmpty());
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
        using Order = JobFilter::Order;
        QHash<Order, QStringList> pages;
        QHash<QString, qint64> lengths;
        for (const Order order : {Order::Newest, Order::Oldest, Order::Longest, Order::Shortest}) {
            JobFilter filter;
            filter.limit = 7;
            filter.order = order;
            for (;;) {
                VERIFY_RESULT(rows, archive.page(filter));
                for (const JobRow &row : rows) {
                    pages[order] << row.id;
                    lengths[row.id] = row.created.msecsTo(row.ended);
                }
                if (rows.size() < filter.limit)
                    break;
                filter.after = rows.last();
            }
            QCOMPARE(pages[order].size(), 54);
        }
        std::reverse(pages[Order::Oldest].begin(), pages[Order::Oldest].end());
        QCOMPARE(pages[Order::Newest], pages[Order::Oldest]);
        const auto longer = [&](const QString &a, const QString &b) {
            return lengths[a] > lengths[b];
        };
        QVERIFY(std::is_sorted(pages[Order::Longest].begin(), pages[Order::Longest].end(), longer));
        std::reverse(pages[Order::Shortest].begin(), pages[Order::Shortest].end());
        QCOMPARE(pages[Order::Longest], pages[Order::Shortest]);
        QVERIFY(pages[Order::Longest] != pages[Order::Newest]);
        // One that runs has no length yet.
        Job running;
        running.request.id = newId();
        running.request.clientId = workspace->clients()->first().id;
        running.created = QDateTime::currentDateTimeUtc();
        VERIFY_DONE(archive.begin(running));
        JobFilter filter;
        filter.order = Order::Shortest;
        VERIFY_RESULT(shortest, archive.page(filter));
        QCOMPARE(shortest.size(), 54);
        // By an index of its own, not by sorting a million rows.
        VERIFY_RESULT(plan,
                      workspace->database().rows("EXPLAIN QUERY PLAN SELECT job.id FROM job WHERE "
                                                 "job.ended > 0 ORDER BY (job.ended - job.created) "
                                                 "DESC, job.id DESC LIMIT 10"));
        QVERIFY2(plan.first()[3].toString().contains("job_duration"),
                 qPrintable(plan.first()[3].toString()));
        QCOMPARE(plan.size(), 1);
    }

    void whatIsOpenIsKeptUntilTheForgeSaysOtherwise()
    {
        const auto store = std::make_shared<MemoryStore>();
        VERIFY_RESULT(workspace, open(store));
        const auto archive = std::make_shared<JobArchive>(workspace);
        VERIFY_RESULT(client, workspace->addClient("Aurora"));
        Repository disk;
        disk.write("package.json", "{}\n");
        disk.commit();
        ClientRepository added;
        added.clientId = client.id;
        added.kind = ClientRepository::Kind::Local;
        added.path = disk.path();
        added.name = "shop";
        VERIFY_RESULT(repository, workspace->addRepository(added));
        Overviews overviews(workspace, archive);
        VERIFY_RESULT(none, overviews.compute(client));
        QVERIFY(!none.oldestProposal());
        QVERIFY(!none.proposalsAsked().isValid());

        // A job has proposed: known without asking anybody.
        Job job;
        job.request.id = newId();
        job.request.clientId = client.id;
        job.request.repositoryId = repository.id;
        job.created = QDateTime::currentDateTimeUtc().addDays(-2);
        Phase destroy;
        destroy.kind = PhaseKind::Destroy;
        destroy.started = destroy.ended = job.created.addSecs(60);
        job.phases << destroy;
        job.outcome = Outcome::Succeeded;
        job.proposalTitle = "Update ms\nfrom \u202eevil";
        job.proposal = Proposal{"ovvoc/update-ms-2.1.3", "abc", "https://forge.invalid/7", 7, {}};
        VERIFY_DONE(archive->begin(job));
        VERIFY_DONE(archive->finish(job));
        VERIFY_RESULT(one, overviews.compute(client));
        QCOMPARE(one.openProposals(), 1);
        QCOMPARE(one.oldestProposal()->number, 7);
        QCOMPARE(one.oldestProposal()->title, QString("Update ms from evil"));
        QVERIFY(!one.proposalsAsked().isValid());
        // The same branch again is the same proposal, and as old as it was.
        Job again = job;
        again.request.id = newId();
        again.phases.first().ended = QDateTime::currentDateTimeUtc();
        VERIFY_DONE(archive->finish(again));
        VERIFY_RESULT(still, overviews.compute(client));
        QCOMPARE(still.openProposals(), 1);
        QCOMPARE(still.oldestProposal()->created, job.created.addSecs(60));
        // Another one is younger, also after the first was brought up to date once more.
        Job younger = job;
        younger.request.id = newId();
        younger.proposal = Proposal{"ovvoc/update-b-2", "abc", "https://forge.invalid/8", 8, {}};
        younger.phases.first().ended = job.created.addSecs(3600);
        VERIFY_DONE(archive->finish(younger));
        again.request.id = newId();
        VERIFY_DONE(archive->finish(again));
        VERIFY_RESULT(two, overviews.compute(client));
        QCOMPARE(two.openProposals(), 2);
        QCOMPARE(two.oldestProposal()->number, 7);
        // The data key is turned: what is known stays readable.
        VERIFY_DONE(workspace->rotateClientKey(client.id));
        VERIFY_RESULT(turned, archive->proposals(client.id, repository.id));
        QCOMPARE(turned.open.size(), 2);
        // A row that cannot be read keeps nothing else from working.
        VERIFY_RESULT(file, workspace->clientDatabase(client.id));
        VERIFY_DONE(file->run("UPDATE open_proposal SET sealed = x'00'", {}));
        VERIFY_RESULT(unreadable, overviews.compute(client));
        QCOMPARE(unreadable.openProposals(), 0);

        // The forge is asked: its word replaces what was known. Two branches of ours, one of them
        // merged, and one of somebody's.
        disk.git({"branch", "ovvoc/merged"});
        disk.git({"checkout", "-q", "-b", "ovvoc/update-one"});
        disk.write("package.json", "{ }\n");
        disk.commit();
        disk.git({"checkout", "-q", "-b", "feature/own"});
        disk.git({"checkout", "-q", "main"});
        const JobQueue::ForgeMaker forges = [&](const JobRequest &) {
            return std::make_shared<LocalForge>(disk.path(), QString());
        };
        VERIFY_DONE(await(askForProposals(workspace, archive, forges, client.id, {}, {})));
        VERIFY_RESULT(asked, overviews.compute(client));
        QCOMPARE(asked.openProposals(), 1);
        QCOMPARE(asked.oldestProposal()->branch, QString("ovvoc/update-one"));
        QVERIFY(asked.proposalsAsked().isValid());
        // Merged by its people: gone at the next look.
        disk.git({"merge", "-q", "--ff-only", "ovvoc/update-one"});
        VERIFY_DONE(await(askForProposals(workspace, archive, forges, client.id, {}, {})));
        VERIFY_RESULT(merged, overviews.compute(client));
        QCOMPARE(merged.openProposals(), 0);
        QVERIFY(merged.proposalsAsked().isValid());
        // Stopped before it began, it says so and leaves what is known.
        const auto stopped =
            await(askForProposals(workspace, archive, forges, client.id, {}, [] { return true; }));
        QVERIFY(!stopped && stopped.error().code == ErrorCode::Cancelled);
        // A removed repository takes it along.
        VERIFY_DONE(workspace->removeRepository(client.id, repository.id));
        VERIFY_RESULT(database, workspace->clientDatabase(client.id));
        VERIFY_RESULT(left, database->value("SELECT count(*) FROM open_proposal"));
        QCOMPARE(left.toInt(), 0);
    }

    void namesAreOrderedAsPeopleDo()
    {
        QStringList names{"aurora 10", "Aurora 2", "Aurora", "zeta", "Bakery",
                          "v1.10",     "v1.9",     "a007",   "a7",   "a08"};
        std::stable_sort(names.begin(), names.end(), [](const QString &a, const QString &b) {
            return sortKey(a) < sortKey(b);
        });
        QCOMPARE(names,
                 (QStringList{"a007", "a7", "a08", "Aurora", "Aurora 2", "aurora 10", "Bakery",
                              "v1.9", "v1.10", "zeta"}));
    }
};

QTEST_GUILESS_MAIN(OverviewTest)
#include "tst_overview.moc"
