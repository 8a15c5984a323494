// Runs in real cells: one red update holds back no green one, a repository that is red before
// blames none, and a cancelled run starts nothing more.

#include "base/ids.h"
#include "forge/local/localforge.h"
#include "jobs/launch.h"
#include "runs/runmemory.h"
#include "runs/runqueue.h"
#include "runs/runrecorder.h"
#include "support/testsupport.h"
#include "support/workspacebench.h"

#include <QEventLoop>
#include <QProcess>
#include <QSignalSpy>

using namespace ovvoc;
using namespace ovvoc::test;

class RunQueueTest : public QObject
{
    Q_OBJECT
    std::unique_ptr<JobBench> m_bench;
    QList<RunReport> m_kept; ///< newest first: what later runs remember

    /// Four dependencies behind a lockfile; \a test is what npm test runs.
    static void writeProject(Repository &repository, const QByteArray &test)
    {
        repository.write("package.json",
                         R"({"name": "runs", "version": "1.0.0", "private": true,
 "scripts": {"test": "node --test test.js"},
 "dependencies": {"debug": "4.1.0", "ms": "2.1.1", "semver": "7.3.5", "wrappy": "1.0.1"}})");
        repository.write("test.js",
                         "const test = require('node:test'), assert = require('assert');\n"
                         "const at = (name) => require(name + '/package.json').version;\n"
                             + test);
        QProcess npm;
        npm.setWorkingDirectory(repository.path());
        npm.start("npm",
                  {"install", "--package-lock-only", "--ignore-scripts", "--silent",
                   "--omit-lockfile-registry-resolved"});
        QVERIFY(npm.waitForFinished(120'000));
        QVERIFY2(npm.exitCode() == 0, npm.readAllStandardError().constData());
        repository.commit();
    }

    struct Outcome
    {
        RunReport report;
        QList<Job> jobs;
    };
    Outcome run(const Repository &repository,
                const std::function<void(RunQueue &, const Job &)> &watch = {})
    {
        Outcome outcome;
        JobRequest request = m_bench->request(repository);
        request.selection.level = UpdateLevel::Minor;
        request.grouping.mode = Grouping::Mode::Groups;
        JobServices services = m_bench->services;
        services.memory = [this](const JobRequest &asking, const QString &conditions) {
            return memoryOf(m_kept, asking.repositoryId, conditions,
                            QDateTime::currentDateTimeUtc());
        };
        RunQueue queue(services, localForges(m_bench->workspace), QueueLimits{});
        connect(&queue, &RunQueue::finished, [&](const Job &job) { outcome.jobs << job; });
        if (watch)
            connect(&queue, &RunQueue::changed, [&](const Job &job) { watch(queue, job); });
        QEventLoop loop;
        connect(&queue, &RunQueue::runFinished,
                [&](const RunReport &report) { outcome.report = report; });
        connect(&queue, &RunQueue::idle, &loop, &QEventLoop::quit);
        const auto added = queue.add(request);
        [&] { QVERIFY2(added, added ? "" : qPrintable(added.error().message)); }();
        // The same again is refused while it goes on.
        [&] { QVERIFY(!queue.add(request)); }();
        loop.exec();
        // As the archive keeps it.
        m_kept.prepend(runReportFromJson(toJson(outcome.report)));
        for (const Job &job : outcome.jobs) {
            if (!job.containerId.isEmpty())
                [&] { QVERIFY(!exists(m_bench->engine, job.containerId)); }();
        }
        return outcome;
    }
    static QStringList names(const QList<PlannedUpdate> &updates)
    {
        QStringList list;
        for (const PlannedUpdate &update : updates)
            list << update.name;
        list.sort();
        return list;
    }
    static QStringList proposals(const Repository &repository)
    {
        return QString::fromUtf8(
                   repository.git({"branch", "--list", "ovvoc/*", "--format=%(refname:short)"}))
            .split('\n', Qt::SkipEmptyParts);
    }

private slots:
    void initTestCase()
    {
        VERIFY_RESULT(bench, JobBench::make());
        m_bench = std::move(bench);
    }

    void whatBreaksIsFoundAndTheRestIsProposed()
    {
        Repository repository;
        writeProject(repository,
                     "test('semver', () => assert.match(at('semver'), /^7\\.3\\./));\n"
                     "test('ms', () => assert.equal(require('ms')('1s'), 1000));\n");
        const Outcome outcome = run(repository);
        const RunReport &report = outcome.report;
        QVERIFY2(report.groups.size() == 2, qPrintable(markdownOf(report)));
        const GroupResult &group = report.groups[0];
        QVERIFY2(group.state == GroupResult::State::Proposed, qPrintable(markdownOf(report)));
        QCOMPARE(names(group.proposed), (QStringList{"debug", "ms", "wrappy"}));
        QCOMPARE(group.culprits.size(), 1);
        QCOMPARE(names(group.culprits[0].updates), QStringList{"semver"});
        QCOMPARE(group.culprits[0].tests, QStringList{"semver"});
        QVERIFY(!group.culprits[0].onlyTogether);
        QVERIFY(report.baselineGreen);
        // And it goes as far as it can: the newest patch of what is there passes.
        const GroupResult &smaller = report.groups[1];
        QVERIFY2(smaller.state == GroupResult::State::Proposed, qPrintable(markdownOf(report)));
        QCOMPARE(names(smaller.proposed), QStringList{"semver"});
        QVERIFY(smaller.proposed[0].to.startsWith("7.3."));
        QCOMPARE(proposals(repository), (QStringList{group.branch, smaller.branch}));
        QVERIFY(repository.git({"show", group.branch + ":package.json"})
                    .contains("\"semver\": \"7.3.5\""));
        // What a search only tries is no proposal, and every job says which run it is part of.
        QCOMPARE(outcome.jobs.size(), report.cells);
        for (const Job &job : outcome.jobs) {
            QCOMPARE(job.request.runId, report.id);
            QVERIFY(job.request.kind == JobKind::Update || !job.proposal);
        }

        // Nothing changed: one look, and nothing is searched for again.
        const Outcome again = run(repository);
        QCOMPARE(again.jobs.size(), 1);
        QVERIFY(again.report.groups.value(0).culprits.isEmpty());
        const auto held = std::ranges::find(again.report.held, "semver", &SkippedUpdate::name);
        QVERIFY2(held != again.report.held.end()
                     && held->reason.contains("did not pass on this very commit"),
                 qPrintable(markdownOf(again.report)));
        QCOMPARE(proposals(repository), (QStringList{group.branch, smaller.branch}));
        // The branch moves: it is tried anew, with all that was found out about the old one gone.
        repository.write("README.md", "more\n");
        repository.commit();
        QVERIFY(run(repository).jobs.size() > 1);
    }

    void aRepositoryThatIsRedBeforeBlamesNoUpdate()
    {
        Repository repository;
        writeProject(repository,
                     "test('a database', () => assert.fail('no database'));\n"
                     "test('ms', () => assert.equal(require('ms')('1s'), 1000));\n");
        const Outcome outcome = run(repository);
        const GroupResult &group = outcome.report.groups.value(0);
        QVERIFY2(group.state == GroupResult::State::RedBefore,
                 qPrintable(markdownOf(outcome.report)));
        QVERIFY(group.culprits.isEmpty());
        QCOMPARE(outcome.report.baselineTests, QStringList{"a database"});
        QVERIFY(proposals(repository).isEmpty());
        QCOMPARE(outcome.jobs.size(), 2);

        // That it is red without them is known: the baseline needs no second cell.
        const Outcome again = run(repository);
        QVERIFY2(again.report.groups.value(0).state == GroupResult::State::RedBefore
                     && again.report.baselineKnown,
                 qPrintable(markdownOf(again.report)));
        QCOMPARE(again.jobs.size(), 1);
        QCOMPARE(again.report.baselineJob, outcome.report.baselineJob);
        QCOMPARE(again.report.baselineTests, QStringList{"a database"});
    }

    void aCancelledRunStartsNothingMore()
    {
        Repository repository;
        writeProject(repository, "test('never', () => assert.match(at('semver'), /^7\\.3\\./));\n");
        bool cancelled = false;
        const Outcome outcome = run(repository, [&](RunQueue &queue, const Job &job) {
            // The baseline, that is in the middle of the search.
            if (job.request.baseline && job.running() && !cancelled) {
                cancelled = true;
                QVERIFY(queue.cancel(job.request.id));
            }
        });
        QVERIFY(cancelled);
        QCOMPARE(outcome.jobs.size(), 2);
        const GroupResult group = outcome.report.groups.value(0);
        QVERIFY2(group.state == GroupResult::State::Cancelled,
                 qPrintable(markdownOf(outcome.report)));
        QVERIFY(proposals(repository).isEmpty());
    }

    void whatAProgramLeftInTheMiddleGoesOn()
    {
        Repository repository;
        writeProject(repository, "test('ms', () => assert.equal(require('ms')('1s'), 1000));\n");
        WorkspaceBench place;
        VERIFY_RESULT(workspace, place.open());
        VERIFY_RESULT(client, workspace->addClient("Acme"));
        ClientRepository own;
        own.clientId = client.id;
        own.path = repository.path();
        own.name = "runs";
        VERIFY_RESULT(known, workspace->addRepository(own));
        const auto archive = std::make_shared<JobArchive>(workspace);
        const QString window("ovvoc-desktop"), dead("1-1"); // no process has begun at that tick
        JobRequest asked = m_bench->request(repository);
        asked.clientId = client.id;
        asked.repositoryId = known.id;
        asked.selection.level = UpdateLevel::Minor;
        asked.grouping.mode = Grouping::Mode::Each;
        asked.trigger = "schedule";
        const auto forges = [&](const JobRequest &) {
            return std::make_shared<LocalForge>(repository.path(),
                                                m_bench->workspace.notesFolder());
        };
        QList<RunReport> reports;
        const auto runWith = [&](JobRequest request, std::shared_ptr<RunRecorder> recorder,
                                 int suspendAfter) {
            RunQueue queue(m_bench->services, forges, QueueLimits{});
            queue.setRunWitness(recorder);
            int proposed = 0;
            connect(&queue, &RunQueue::finished, [&](const Job &job) {
                if (job.proposal && ++proposed == suspendAfter)
                    QMetaObject::invokeMethod(&queue, &RunQueue::suspend, Qt::QueuedConnection);
            });
            connect(&queue, &RunQueue::runFinished,
                    [&](const RunReport &report) { reports << report; });
            QEventLoop loop;
            connect(&queue, &RunQueue::idle, &loop, &QEventLoop::quit);
            [&] { QVERIFY(queue.add(request)); }();
            loop.exec();
        };
        asked.id = newId();
        runWith(asked, std::make_shared<RunRecorder>(archive, window, dead), 2);
        const QStringList before = proposals(repository);
        QCOMPARE(before.size(), 2);

        // A program of another name leaves it alone; the one that it belongs to takes it up.
        const QDateTime now = QDateTime::currentDateTimeUtc();
        VERIFY_RESULT(others, takeUp(*archive, "ovvoc", now));
        QVERIFY(others.isEmpty());
        VERIFY_RESULT(left, takeUp(*archive, window, now));
        QCOMPARE(left.size(), 1);
        QCOMPARE(left[0].request.id, asked.id);
        QCOMPARE(left[0].request.trigger, QString("schedule"));
        QCOMPARE(left[0].begun, 1);
        VERIFY_RESULT(kept, archive->runOf(client.id, asked.id));
        const RunReport cut = runReportFromJson(kept);
        QVERIFY2(cut.interrupted && cut.ended.isValid(), qPrintable(markdownOf(cut)));
        QVERIFY(cut.summary.contains("interrupted") && cut.summary.contains("2 proposal"));
        QCOMPARE(cut.groups.size(), 4);

        // It goes on with the two that are left, and nothing is proposed twice.
        JobRequest again = requestAgain(left[0].request, asked);
        again.id = newId();
        const auto recorder = std::make_shared<RunRecorder>(archive, window);
        recorder->countOn(again.id, left[0].begun);
        runWith(again, recorder, 0);
        QVERIFY(archive->dropAsked(client.id, asked.id));
        const RunReport second = reports.value(1);
        QCOMPARE(second.proposals(), 2);
        QVERIFY2(second.cells == 2, qPrintable(markdownOf(second)));
        QCOMPARE(proposals(repository).size(), 4);
        for (const QString &branch : before)
            QVERIFY(proposals(repository).contains(branch));
        VERIFY_RESULT(nothing, archive->leftBehind());
        QVERIFY(nothing.isEmpty());

        // What ends its program each time is not begun for ever.
        RunRecorder crashing(archive, window, dead);
        crashing.countOn(again.id, mostBegun - 1);
        crashing.asked(again);
        VERIFY_RESULT(ended, takeUp(*archive, window, now));
        QVERIFY(ended.isEmpty());
        VERIFY_RESULT(gone, archive->leftBehind());
        QVERIFY(gone.isEmpty());
    }
};

QTEST_GUILESS_MAIN(RunQueueTest)
#include "tst_runqueue.moc"
