// Several jobs at once: bounded, never two on one repository, fair, and all of them cancelled.

#include "jobs/jobqueue.h"
#include "support/testsupport.h"

#include <QSignalSpy>

using namespace ovvoc;
using namespace ovvoc::test;

class QueueTest : public QObject
{
    Q_OBJECT
    std::unique_ptr<JobBench> m_bench;

    std::unique_ptr<JobQueue> queue(int jobs)
    {
        QueueLimits limits;
        limits.jobs = jobs;
        limits.cpus = 100;
        limits.memoryBytes = Q_INT64_C(64) << 30;
        return std::make_unique<JobQueue>(m_bench->services, localForges(m_bench->workspace),
                                          limits);
    }

private slots:
    void initTestCase()
    {
        VERIFY_RESULT(bench, JobBench::make());
        m_bench = std::move(bench);
    }

    void jobsRunSideBySideButNeverTwoOnOneRepository()
    {
        Repository a, b, c;
        for (Repository *one : {&a, &b, &c})
            one->writeProject({{"test", "sleep 1"}});
        const auto jobs = queue(2);
        QHash<QString, QString> running; // job → repository
        int most = 0;
        bool twice = false;
        connect(jobs.get(), &JobQueue::changed, this, [&](const Job &job) {
            if (job.isOver()) {
                running.remove(job.request.id);
                return;
            }
            for (auto it = running.begin(); it != running.end(); ++it)
                twice =
                    twice || (it.key() != job.request.id && it.value() == job.request.repositoryId);
            running.insert(job.request.id, job.request.repositoryId);
            most = std::max(most, int(running.size()));
        });
        QList<Job> finished;
        connect(jobs.get(), &JobQueue::finished, this, [&](const Job &job) { finished << job; });
        QSignalSpy idle(jobs.get(), &JobQueue::idle);
        QStringList ids;
        for (const Repository *one : {&a, &a, &b, &c}) {
            JobRequest request = m_bench->request(*one);
            if (one == &a && !ids.isEmpty())
                request.kind = JobKind::Scan;
            const auto id = jobs->add(request);
            QVERIFY(id.has_value());
            ids << *id;
        }
        // The very same again is refused: a second click starts nothing.
        const auto again = jobs->add(m_bench->request(b));
        QVERIFY(!again && again.error().code == ErrorCode::Conflict);
        QVERIFY(idle.wait(120'000));
        QCOMPARE(finished.size(), 4);
        for (const Job &job : finished)
            QVERIFY2(job.outcome == Outcome::Succeeded, qPrintable(job.summary));
        QCOMPARE(most, 2);
        QVERIFY(!twice);
    }

    void theClientWithTheFewestJobsComesFirst()
    {
        Repository a1, a2, b1;
        for (Repository *one : {&a1, &a2, &b1})
            one->writeProject({{"test", "true"}});
        const auto jobs = queue(1);
        QStringList order;
        connect(jobs.get(), &JobQueue::finished, this,
                [&](const Job &job) { order << job.request.clientId; });
        QSignalSpy idle(jobs.get(), &JobQueue::idle);
        for (const auto &[repository, client] :
             {std::pair(&a1, "a"), std::pair(&a2, "a"), std::pair(&b1, "b")}) {
            JobRequest request = m_bench->request(*repository, JobKind::Scan);
            request.clientId = client;
            QVERIFY(jobs->add(request).has_value());
        }
        QVERIFY(idle.wait(120'000));
        QCOMPARE(order, (QStringList{"a", "b", "a"}));
    }

    void theHighestPriorityComesFirst()
    {
        Repository low, normal, high;
        for (Repository *one : {&low, &normal, &high})
            one->writeProject({{"test", "true"}});
        const auto jobs = queue(1);
        QList<int> order;
        connect(jobs.get(), &JobQueue::finished, this,
                [&](const Job &job) { order << job.request.priority; });
        QSignalSpy idle(jobs.get(), &JobQueue::idle);
        for (const auto &[repository, priority] :
             {std::pair(&low, -1), std::pair(&normal, 0), std::pair(&high, 1)}) {
            JobRequest request = m_bench->request(*repository, JobKind::Scan);
            request.priority = priority;
            QVERIFY(jobs->add(request).has_value());
        }
        QVERIFY(idle.wait(120'000));
        QCOMPARE(order, (QList<int>{1, 0, -1}));
    }

    /// What has started takes its memory only later: it is counted as taken meanwhile.
    void jobsThatWouldNotFitIntoMemoryTogetherWait()
    {
        Repository a, b;
        for (Repository *one : {&a, &b})
            one->writeProject({{"test", "sleep 2"}});
        QueueLimits limits;
        limits.jobs = 2;
        limits.cpus = 100;
        JobQueue jobs(m_bench->services, localForges(m_bench->workspace), limits);
        int most = 0;
        connect(&jobs, &JobQueue::changed, this,
                [&](const Job &) { most = std::max(most, jobs.running()); });
        QList<Job> finished;
        connect(&jobs, &JobQueue::finished, this, [&](const Job &job) { finished << job; });
        QSignalSpy idle(&jobs, &JobQueue::idle);
        JobRequest first = m_bench->request(a), second = m_bench->request(b);
        first.limits.memoryBytes = second.limits.memoryBytes = availableMemory() / 5 * 3;
        QVERIFY(jobs.add(first).has_value());
        // Not added together: by now the first has started, and uses next to nothing.
        QTRY_COMPARE_WITH_TIMEOUT(jobs.running(), 1, 10'000);
        QVERIFY(jobs.add(second).has_value());
        QVERIFY(idle.wait(180'000));
        QCOMPARE(most, 1);
        QCOMPARE(finished.size(), 2);
        for (const Job &job : finished)
            QVERIFY2(job.outcome == Outcome::Succeeded, qPrintable(job.summary));
    }

    /// A phase that may take longer than usual is not cut off by the cell's own deadline.
    void aRaisedPhaseLimitRaisesTheCellsLifetime()
    {
        Repository one;
        one.writeProject({{"test", "true"}});
        const auto jobs = queue(1);
        QJsonObject seen;
        const auto look = [&](QString id) -> Task<> {
            const auto found = co_await m_bench->engine.client->inspectContainer(id);
            if (found)
                seen = found->value("Config").toObject()["Labels"].toObject();
        };
        QString container;
        connect(jobs.get(), &JobQueue::changed, this, [&](const Job &job) {
            if (container == job.containerId || job.isOver())
                return;
            container = job.containerId;
            look(container);
        });
        QSignalSpy idle(jobs.get(), &JobQueue::idle);
        JobRequest request = m_bench->request(one, JobKind::Scan);
        request.phaseSeconds = 5000;
        QVERIFY(jobs->add(request).has_value());
        QVERIFY(idle.wait(120'000));
        const auto time = [&seen](const char *label) {
            return QDateTime::fromString(seen[QLatin1String(label)].toString(), Qt::ISODate);
        };
        QVERIFY(time("dev.ovvoc.deadline").isValid());
        QVERIFY(time("dev.ovvoc.created").secsTo(time("dev.ovvoc.deadline")) > 4 * 5000);
    }

    void aCellsUseIsTold()
    {
        Repository one;
        one.writeProject({{"test", "sleep 2"}});
        const auto jobs = queue(1);
        QList<CellSample> samples;
        connect(jobs.get(), &JobQueue::sampled, this,
                [&](const QString &, const CellSample &sample) { samples << sample; });
        QSignalSpy idle(jobs.get(), &JobQueue::idle);
        QVERIFY(jobs->add(m_bench->request(one)).has_value());
        QVERIFY(idle.wait(120'000));
        QVERIFY(samples.size() >= 2);
        QVERIFY(samples.last().time.isValid());
        // gVisor without cgroups reports nothing of what runs in it.
        if (!isGVisor())
            QVERIFY(samples.last().memoryBytes > 0);
    }

    void cancelAllEndsWhatRunsAndWhatWaits()
    {
        Repository a, b, c;
        for (Repository *one : {&a, &b, &c})
            one->writeProject({{"test", "sleep 60"}});
        const auto jobs = queue(2);
        QList<Job> finished;
        connect(jobs.get(), &JobQueue::finished, this, [&](const Job &job) { finished << job; });
        for (const Repository *one : {&a, &b, &c})
            QVERIFY(jobs->add(m_bench->request(*one)).has_value());
        QTRY_COMPARE_WITH_TIMEOUT(jobs->running(), 2, 10'000);
        QCOMPARE(jobs->waiting(), 1);
        QSignalSpy idle(jobs.get(), &JobQueue::idle);
        jobs->cancelAll();
        QVERIFY(idle.wait(30'000));
        QCOMPARE(finished.size(), 3);
        for (const Job &job : finished)
            QVERIFY(job.outcome == Outcome::Cancelled);
        QCOMPARE(containers(m_bench->engine, "dev.ovvoc.workspace=" + m_bench->workspace.id),
                 QStringList());
    }
};

QTEST_GUILESS_MAIN(QueueTest)
#include "tst_queue.moc"
