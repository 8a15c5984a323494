// What earlier runs found out, and for how long and for what it holds.

#include "jobs/job.h"
#include "runs/runmemory.h"
#include "support/testsupport.h"

using namespace ovvoc;

class RunMemoryTest : public QObject
{
    Q_OBJECT
    const QDateTime m_now = QDateTime(QDate(2026, 6, 1), QTime(12, 0), Qt::UTC);

    static PlannedUpdate update(const QString &name, const QString &from, const QString &to,
                                const QString &project = {})
    {
        PlannedUpdate one;
        one.name = name;
        one.from = from;
        one.to = to;
        one.project = project;
        return one;
    }
    RunReport report(int daysAgo) const
    {
        RunReport run;
        run.repositoryId = "r";
        run.conditions = "c";
        run.started = m_now.addDays(-daysAgo);
        run.baselineJob = "b" + QString::number(daysAgo);
        run.baselineGreen = true;
        run.baselineProjects = QStringList{QString()};
        GroupResult group;
        Culprit culprit;
        culprit.updates = {update("react", "18.0.0", "19.0.0")};
        culprit.phase = toString(PhaseKind::Test);
        culprit.reason = "3 tests failed";
        group.culprits = {culprit};
        run.groups = {group};
        return run;
    }

private slots:
    void howAStepWentElsewhereIsKnown()
    {
        RunReport other = report(60), own = report(2), old = report(100);
        other.repositoryId = "other";
        old.repositoryId = "old";
        old.groups[0].proposed = {update("vite", "5.0.0", "6.0.0")};
        GroupResult group;
        group.proposed = {update("ms", "2.0.0", "2.1.3"), update("debug", "4.0.0", "4.4.3")};
        Culprit together;
        together.updates = {update("a", "1.0.0", "2.0.0"), update("b", "1.0.0", "2.0.0")};
        together.phase = toString(PhaseKind::Test);
        Culprit unresolved;
        unresolved.updates = {update("c", "1.0.0", "2.0.0")};
        unresolved.phase = toString(PhaseKind::Transform);
        group.culprits = {together, unresolved};
        other.groups << group << group;
        own.flakyTests = {"by the clock"};
        QList<RunReport> runs;
        for (const RunReport &one : {own, other, old})
            runs << runReportFromJson(toJson(one));
        const RepositoryMemory memory = memoryOf(runs, "r", {}, m_now);
        QCOMPARE(memory.elsewhere,
                 (QList<KnownStep>{{"react", "18.0.0", "19.0.0", false},
                                   {"ms", "2.0.0", "2.1.3", true},
                                   {"debug", "4.0.0", "4.4.3", true}}));
        const StepHistory history =
            historyOf({update("ms", "2.0.0", "2.1.3"), update("debug", "4.1.0", "4.4.3"),
                       update("react", "18.0.0", "19.0.0"), update("vite", "5.0.0", "6.0.0")},
                      memory);
        QCOMPARE(history, (StepHistory{{"ms"}, {"react"}, {"by the clock"}}));
    }

    void whatWasFoundOutHoldsInTheSameState()
    {
        // As it is kept.
        const QList<RunReport> runs{runReportFromJson(toJson(report(1)))};
        const RepositoryMemory memory = memoryOf(runs, "r", "c", m_now);
        QCOMPARE(memory.failures.size(), 1);
        QVERIFY(memory.baseline && memory.baseline->jobId == "b1" && memory.baseline->green);
        for (const auto &[repository, conditions] :
             {std::pair("r", "another"), {"another", "c"}, {"r", ""}})
            QVERIFY(memoryOf(runs, repository, conditions, m_now).failures.isEmpty()
                    && !memoryOf(runs, repository, conditions, m_now).baseline);

        QList<PlannedUpdate> updates{
            update("react", "18.0.0", "19.0.0"), update("react", "18.0.0", "19.0.0", "web"),
            update("react", "18.0.0", "19.1.0"), update("react", "17.0.0", "19.0.0"),
            update("other", "18.0.0", "19.0.0")};
        const QList<SkippedUpdate> held = holdKnownFailures(updates, memory);
        QCOMPARE(held.size(), 1);
        QVERIFY2(held[0].reason.contains("19.0.0 did not pass")
                     && held[0].reason.contains("3 tests failed"),
                 qPrintable(held[0].reason));
        QCOMPARE(updates.size(), 4); // another folder, version, beginning or package
    }

    /// A package that is not in the registry today may be there tomorrow.
    void whatRanNoCodeIsNotRemembered()
    {
        RunReport run = report(1);
        run.groups[0].culprits[0].phase = toString(PhaseKind::Transform);
        run.baselineGreen = false;
        run.baselinePhase = toString(PhaseKind::Transform);
        QCOMPARE(memoryOf({runReportFromJson(toJson(run))}, "r", "c", m_now), RepositoryMemory());
        run.baselinePhase = toString(PhaseKind::Build);
        QVERIFY(memoryOf({runReportFromJson(toJson(run))}, "r", "c", m_now).baseline.has_value());
    }

    void itIsTriedAnewAfterAWhile()
    {
        QVERIFY(memoryOf({report(6)}, "r", "c", m_now).baseline.has_value());
        QVERIFY(!memoryOf({report(7)}, "r", "c", m_now).baseline.has_value());
        QCOMPARE(memoryOf({report(29)}, "r", "c", m_now).failures.size(), 1);
        QCOMPARE(memoryOf({report(30)}, "r", "c", m_now).failures.size(), 0);
        // The newest baseline counts.
        QCOMPARE(memoryOf({report(1), report(2)}, "r", "c", m_now).baseline->jobId, "b1");
    }

    void conditionsAreWhatAnOutcomeHangsOn()
    {
        Job job;
        QVERIFY(conditionsOf(job).isEmpty()); // no commit is known
        job.base.commit = "0123";
        const QString before = conditionsOf(job);
        QVERIFY(!before.isEmpty());
        const auto differs = [&](auto change) {
            Job other = job;
            change(other);
            return conditionsOf(other) != before;
        };
        QVERIFY(differs([](Job &one) { one.base.commit = "4567"; }));
        QVERIFY(differs([](Job &one) { one.image.id = "sha256:1"; }));
        QVERIFY(differs([](Job &one) { one.request.limits.memoryBytes *= 2; }));
        QVERIFY(differs([](Job &one) { one.request.environment << "TZ=UTC"; }));
        QVERIFY(differs([](Job &one) { one.request.acceptBuildOnly = true; }));
        QVERIFY(!differs([](Job &one) { one.request.trigger = "schedule"; }));
        QVERIFY(!differs([](Job &one) { one.request.selection.level = UpdateLevel::Patch; }));
    }
};

QTEST_GUILESS_MAIN(RunMemoryTest)
#include "tst_runmemory.moc"
