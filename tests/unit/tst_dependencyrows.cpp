// What a repository's page says of each dependency: what the scan saw, and what is done about it.

#include "jobs/dependencyrows.h"
#include "support/testsupport.h"

using namespace ovvoc;

namespace {

using State = DependencyRow::State;

ScannedDependency scanned(const QString &name, const QString &current, const QString &latest,
                          std::optional<UpdateLevel> level)
{
    ScannedDependency one;
    one.name = name;
    one.current = current;
    one.latest = latest;
    one.level = level;
    return one;
}

PendingUpdate pending(const ScannedDependency &dependency, const QString &waits = {})
{
    PendingUpdate one;
    one.dependency = dependency;
    one.target = dependency.latest;
    one.level = *dependency.level;
    one.waits = waits;
    return one;
}

} // namespace

class DependencyRowsTest : public QObject
{
    Q_OBJECT
    RepositoryOverview m_overview;
    ScanReport m_scan;

    State stateOf(const QString &name, const QList<const Job *> &jobs = {}) const
    {
        const QList<DependencyRow> rows = dependencyRows(m_overview, m_scan, jobs);
        for (const DependencyRow &row : rows) {
            if (row.dependency.name == name)
                return row.state;
        }
        qFatal("no such row");
    }
    DependencyRow rowOf(const QString &name) const
    {
        for (const DependencyRow &row : dependencyRows(m_overview, m_scan, {})) {
            if (row.dependency.name == name)
                return row;
        }
        qFatal("no such row");
    }

private slots:
    void init()
    {
        m_overview = {};
        m_scan = {};
        m_scan.dependencies = {scanned("fine", "1.0.0", "1.0.0", {}),
                               scanned("ms", "2.0.0", "2.1.0", UpdateLevel::Minor),
                               scanned("react", "18.0.0", "19.0.0", UpdateLevel::Major),
                               scanned("odd", "", "", {})};
        m_scan.dependencies[3].note = "It comes from git.";
        m_overview.pending = {pending(m_scan.dependencies[1]),
                              pending(m_scan.dependencies[2], "excluded by the settings")};
    }

    void whatTheScanSawIsTheBeginning()
    {
        QVERIFY(stateOf("fine") == State::UpToDate);
        QVERIFY(stateOf("ms") == State::Pending);
        QVERIFY(stateOf("react") == State::Held);
        QCOMPARE(rowOf("react").why, "excluded by the settings");
        QVERIFY(stateOf("odd") == State::NotJudged);
        QCOMPARE(rowOf("odd").why, "It comes from git.");
    }

    void aJobThatMeansItIsShown()
    {
        Job job;
        job.request.id = "j";
        job.created = QDateTime::currentDateTimeUtc();
        // Its plan is not known yet: it means all that is pending.
        QVERIFY(stateOf("ms", {&job}) == State::Waiting);
        QVERIFY(stateOf("fine", {&job}) == State::UpToDate);
        job.request.selection.package = "react";
        QVERIFY(stateOf("ms", {&job}) == State::Pending);
        QVERIFY(stateOf("react", {&job}) == State::Waiting);
        job.phases = {Phase{PhaseKind::Create, PhaseState::Running, {}, {}, {}, {}, {}}};
        QVERIFY(stateOf("react", {&job}) == State::Running);
        // As soon as the plan is known it says what moves.
        PlannedUpdate update;
        update.name = "ms";
        job.plan.updates = {update};
        QVERIFY(stateOf("ms", {&job}) == State::Running);
        QVERIFY(stateOf("react", {&job}) == State::Held);
        job.request.kind = JobKind::Scan; // moves nothing
        QVERIFY(stateOf("ms", {&job}) == State::Pending);
    }

    void anOpenProposalIsShown()
    {
        OpenProposal open;
        open.number = 12;
        open.location = "https://github.com/acme/shop/pull/12";
        open.mark = {"package react", {{"", "react", "19.0.0"}, {"web", "ms", "2.1.0"}}};
        m_overview.proposals.open = {open};
        const DependencyRow row = rowOf("react");
        QVERIFY(row.state == State::Proposed);
        QCOMPARE(row.why, "#12");
        QCOMPARE(row.target, "19.0.0");
        QCOMPARE(row.link, open.location);
        QVERIFY(stateOf("ms") == State::Pending); // that of another folder
    }

    void advisoriesHoldForWhatIsInstalled()
    {
        Advisory holds, other, unreadable;
        holds.package = other.package = unreadable.package = "fine";
        holds.range = "<1.1.0";
        other.range = "<0.9.0";
        unreadable.range = "what?";
        m_scan.advisories = {holds, other, unreadable};
        const QList<DependencyRow> rows = dependencyRows(m_overview, m_scan, {});
        QCOMPARE(rows.first().dependency.name, "fine"); // first, whatever its state
        QCOMPARE(rows.first().advisories, (QList<Advisory>{holds, unreadable}));
    }
};

QTEST_GUILESS_MAIN(DependencyRowsTest)
#include "tst_dependencyrows.moc"
