// How updates are grouped, and how a run finds what is to blame: with a world in which it is known.

#include "jobs/proposallife.h"
#include "runs/updaterun.h"
#include "support/testsupport.h"
#include "updates/groups.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QRandomGenerator>
#include <QSet>

using namespace ovvoc;
using namespace ovvoc::test;

namespace {

PlannedUpdate step(const QString &name, const QString &from, const QString &to,
                   const QString &source = {})
{
    PlannedUpdate update;
    update.name = name;
    update.from = from;
    update.to = to;
    update.source = source;
    update.level = levelBetween(*Semver::parse(from), *Semver::parse(to));
    return update;
}

QStringList names(const QList<PlannedUpdate> &updates)
{
    QStringList list;
    for (const PlannedUpdate &update : updates)
        list << update.name;
    list.sort();
    return list;
}

QStringList shapes(const QList<UpdateGroup> &groups)
{
    QStringList list;
    for (const UpdateGroup &group : groups)
        list << names(group.updates).join(' ');
    return list;
}

/// What would happen to each set of updates.
struct World
{
    QList<UpdateGroup> groups;
    QSet<QString> red; ///< fail wherever they are
    QSet<QString> redSteps; ///< "name version"
    QList<QSet<QString>> together; ///< fail when all of one of these move
    QList<QSet<QString>> company; ///< fail when some of one of these move, and not all
    QHash<QString, int> flaky; ///< fail so many times, and then pass
    QHash<QString, QString> needs; ///< the first cannot be tried without the second
    bool baselineRed = false;
    QSet<QString> redProjects; ///< red as they are
    bool complete = true; ///< the runner came to its end
    JobRequest origin;
    ErrorCode hindrance = ErrorCode::Internal; ///< instead of any result, unless Internal
    QString linter; ///< what a script "lint" uses, which is run when this moves
    bool lintBreaks = false, lintRedBefore = false; ///< it fails with the update; or anyway
    int baselines = 0;
    int jobs = 0, checks = 0;
    QList<QStringList> proposed;

    Job attempt(const JobRequest &request, const QList<PlannedUpdate> &updates)
    {
        ++jobs;
        Job job;
        job.request = request;
        for (const PhaseKind kind : {PhaseKind::Create, PhaseKind::Destroy}) {
            Phase phase;
            phase.kind = kind;
            phase.state = PhaseState::Succeeded;
            job.phases << phase;
        }
        const bool check = request.kind == JobKind::Check;
        checks += check ? 1 : 0;
        if (!request.baseline)
            job.plan.updates = updates;
        const QStringList moved = names(updates);
        QString why;
        if (request.baseline && baselineRed)
            why = QStringLiteral("red before");
        if (!request.baseline) {
            for (const QString &name : moved) {
                if (red.contains(name))
                    why = name + " breaks";
            }
            for (const PlannedUpdate &update : updates) {
                if (redSteps.contains(update.name + ' ' + update.to))
                    why = update.name + " breaks";
            }
            for (const QSet<QString> &pair : together) {
                if (QSet<QString>(moved.begin(), moved.end()).contains(pair))
                    why = QStringLiteral("a pair breaks");
            }
            for (const QSet<QString> &set : company) {
                const QSet<QString> now = QSet<QString>(moved.begin(), moved.end()) & set;
                if (!now.isEmpty() && now != set)
                    why = QStringLiteral("alone it breaks");
            }
            for (const QString &name : moved) {
                if (flaky.value(name) > 0) {
                    --flaky[name];
                    why = QStringLiteral("random");
                }
            }
            // Whatever the updates do, the repository does as well; a job that knows it takes it.
            if (baselineRed && !request.knownFailures.tests.contains("red before"))
                why = QStringLiteral("red before");
        }
        for (const PlannedUpdate &update : updates) {
            if (redProjects.contains(update.project))
                why = QStringLiteral("no database");
        }
        const CheckScript lint{{}, "lint"};
        const bool fails = request.baseline ? lintRedBefore && request.checks.contains(lint)
                                            : moved.contains(linter)
                && (lintBreaks || lintRedBefore) && !request.knownFailures.checks.contains(lint);
        if (fails && why.isEmpty()) {
            job.failedChecks << lint;
            if (!request.baseline)
                why = QStringLiteral("lint fails");
        }
        baselines += request.baseline ? 1 : 0;
        bool apart = false;
        for (auto it = needs.begin(); it != needs.end(); ++it)
            apart = apart || (check && moved.contains(it.key()) && !moved.contains(it.value()));
        if (apart) {
            job.outcome = Outcome::Failed;
            FailureReport failure;
            failure.phase = PhaseKind::Transform;
            failure.error = {ErrorCode::Conflict, QStringLiteral("not without others"), {}};
            job.failure = failure;
        } else if (hindrance != ErrorCode::Internal || !why.isEmpty()) {
            job.outcome = Outcome::Failed;
            FailureReport failure;
            failure.phase = PhaseKind::Test;
            failure.error = {why.isEmpty() ? hindrance : ErrorCode::TestsFailed,
                             why.isEmpty() ? QStringLiteral("hindered") : why,
                             {}};
            TestCase test;
            test.name = failure.error.message;
            failure.tests << test;
            job.failure = failure;
            TestSummary tests;
            tests.passed = 5;
            tests.failed = 1;
            tests.cases = failure.tests;
            tests.complete = complete;
            job.tests = tests;
        } else {
            job.outcome = Outcome::Succeeded;
            if (!check) {
                Proposal proposal;
                proposal.branch = "branch-" + moved.join('-');
                job.proposal = proposal;
                proposed << moved;
            }
        }
        return job;
    }

    RunReport run()
    {
        QHash<QString, PlannedUpdate> all;
        for (const UpdateGroup &group : groups) {
            for (const PlannedUpdate &update : group.updates)
                all.insert(update.name, update);
        }
        const auto start = [this, &all](JobRequest request) -> QCoro::Task<Job> {
            QList<PlannedUpdate> updates;
            for (const UpdateTarget &target : request.selection.only) {
                updates << all.value(target.name);
                updates.last().to = target.version;
            }
            const Job job = attempt(request, updates);
            co_return Job(job);
        };
        UpdateRun whole(origin, start);
        Job first = attempt(whole.first(), groups.first().updates);
        first.planned = groups.first().updates;
        first.request.part = groups.first().title;
        first.later = groups.mid(1);
        return await(whole.go(first));
    }
};

} // namespace

class RunsTest : public QObject
{
    Q_OBJECT
private slots:
    void updatesAreGroupedByWhatTheyRisk()
    {
        PlannedUpdate fix = step("leaky", "1.0.0", "1.0.1"),
                      bigFix = step("holed", "1.0.0", "2.0.0");
        fix.fixes << Advisory{"leaky", "high", "Bad", {}, "<1.0.1"};
        bigFix.fixes << Advisory{"holed", "high", "Bad", {}, "<2.0.0"};
        const QList<PlannedUpdate> updates{step("a", "1.0.0", "1.0.1"),
                                           step("b", "1.0.0", "2.0.0"),
                                           step("c", "1.0.0", "1.2.0"),
                                           bigFix,
                                           fix,
                                           step("zero", "0.1.0", "0.2.0"),
                                           step("react", "17.0.2", "19.0.0"),
                                           step("react-dom", "17.0.2", "19.0.0"),
                                           step("@types/react", "17.0.1", "17.0.9")};
        Grouping grouping;
        grouping.mode = Grouping::Mode::Groups;
        QCOMPARE(
            shapes(groupsOf(updates, grouping)),
            (QStringList{"leaky", "holed", "a c", "b", "zero", "@types/react react react-dom"}));
        grouping.mode = Grouping::Mode::Each;
        QCOMPARE(
            shapes(groupsOf(updates, grouping)),
            (QStringList{"holed", "leaky", "a", "b", "c", "zero", "@types/react react react-dom"}));
        grouping.mode = Grouping::Mode::Together;
        QCOMPARE(groupsOf(updates, grouping).size(), 1);
        grouping.mode = Grouping::Mode::Groups;
        grouping.named = {{"mine", {"b", "zer*"}}, {"none", {"x*"}}};
        QCOMPARE(shapes(groupsOf(updates, grouping)),
                 (QStringList{"leaky", "holed", "b zero", "a c", "@types/react react react-dom"}));
        QVERIFY(groupsOf({}, grouping).isEmpty());
    }

    void whatNeedsEachOtherIsNotSeparated()
    {
        // One repository's packages that step alike; a scoped package and its types.
        QCOMPARE(inseparable({step("x-a", "1.0.0", "2.0.0", "https://github.com/x/x"),
                              step("other", "1.0.0", "2.0.0", "https://github.com/x/other"),
                              step("x-b", "1.0.0", "2.0.0", "https://github.com/x/x"),
                              step("x-c", "3.0.0", "3.1.0", "https://github.com/x/x")})
                     .size(),
                 3);
        QCOMPARE(
            inseparable({step("@s/n", "1.0.0", "2.0.0"), step("@types/s__n", "1.0.0", "2.0.0")})
                .size(),
            1);
        // The plugin's new version asks for the new core.
        PlannedUpdate plugin = step("plugin", "1.0.0", "2.0.0");
        plugin.peers = {{"core", "^9.0.0"}};
        QCOMPARE(inseparable({step("core", "8.0.0", "9.1.0"), plugin}).size(), 1);
        plugin.peers = {{"core", ">=8"}};
        QCOMPARE(inseparable({step("core", "8.0.0", "9.1.0"), plugin}).size(), 2);
        // The plugin's old version does not take the new core.
        plugin.peersBefore = {{"core", "^8.0.0"}};
        QCOMPARE(inseparable({step("core", "8.0.0", "9.1.0"), plugin}).size(), 1);
        // One package in two projects.
        PlannedUpdate second = step("same", "1.0.0", "2.0.0");
        second.project = "web";
        QCOMPARE(inseparable({step("same", "1.0.0", "2.0.0"), second}).size(), 1);
    }

    void oneCulpritOfTwelveIsFoundAndTheRestIsProposed()
    {
        World world;
        UpdateGroup group{UpdateGroup::Kind::Minor, "Patch and minor steps", {}};
        for (char c = 'a'; c < 'a' + 12; ++c)
            group.updates << step(QString(c), "1.0.0", "1.1.0");
        world.groups << group;
        world.red = {"h"};
        const RunReport report = world.run();
        QVERIFY(report.groups[0].state == GroupResult::State::Proposed);
        QCOMPARE(names(report.groups[0].proposed).size(), 11);
        QCOMPARE(report.groups[0].culprits.size(), 1);
        QCOMPARE(names(report.groups[0].culprits[0].updates), QStringList{"h"});
        QVERIFY(!report.groups[0].culprits[0].onlyTogether);
        QVERIFY(report.groups[0].culprits[0].reason.contains("h breaks"));
        QCOMPARE(report.extraCells, world.checks);
        QVERIFY2(world.checks <= 6, qPrintable(QString::number(world.checks)));
        QVERIFY(report.summary.contains("1 proposal") && report.summary.contains("1 update"));
        QVERIFY(markdownOf(report).contains("does not pass by itself"));
    }

    void twoThatBreakOnlyTogetherAreCalledThat()
    {
        World world;
        UpdateGroup group{UpdateGroup::Kind::Minor, "m", {}};
        for (char c = 'a'; c < 'a' + 6; ++c)
            group.updates << step(QString(c), "1.0.0", "1.1.0");
        world.groups << group;
        world.together = {{"b", "e"}};
        const RunReport report = world.run();
        QVERIFY(report.groups[0].state == GroupResult::State::Proposed);
        QCOMPARE(report.groups[0].culprits.size(), 1);
        QVERIFY(report.groups[0].culprits[0].onlyTogether);
        QCOMPARE(names(report.groups[0].culprits[0].updates), QStringList{"e"});
        QCOMPARE(names(report.groups[0].proposed).size(), 5);
    }

    void aRedGroupHoldsBackNoOther()
    {
        World world;
        world.groups << UpdateGroup{UpdateGroup::Kind::Minor, "m", {step("a", "1.0.0", "1.1.0")}}
                     << UpdateGroup{UpdateGroup::Kind::Major, "b", {step("b", "1.0.0", "2.0.0")}}
                     << UpdateGroup{UpdateGroup::Kind::Major, "c", {step("c", "1.0.0", "2.0.0")}};
        world.red = {"a", "b"};
        const RunReport report = world.run();
        QVERIFY(report.groups[0].state == GroupResult::State::Failed);
        QVERIFY(report.groups[1].state == GroupResult::State::Failed);
        QVERIFY(report.groups[2].state == GroupResult::State::Proposed);
        QCOMPARE(world.checks, 3); // the baseline, once, and each red one once more
        QVERIFY(report.baselineGreen);
        QVERIFY(report.anyFailed());
    }

    void aReportComesBackAsItWas()
    {
        World world;
        world.groups << UpdateGroup{UpdateGroup::Kind::Minor,
                                    "m",
                                    {step("a", "1.0.0", "1.1.0"), step("b", "1.0.0", "1.1.0")},
                                    "patch-and-minor"};
        world.red = {"b"};
        const RunReport report = world.run();
        QVERIFY(!report.firstJob().isEmpty());
        const RunReport again = runReportFromJson(toJson(report));
        QCOMPARE(toJson(again), toJson(report));
        QCOMPARE(markdownOf(again), markdownOf(report));
        QCOMPARE(again.anyFailed(), report.anyFailed());
        // Whatever stands in a file: bounded by it, and no crash.
        QVERIFY(
            runReportFromJson({{"groups", QJsonArray{1, QJsonObject{{"state", 7}}}}}).groups.size()
            == 2);
    }

    void aTestThatChangesItsMindBlamesNothing()
    {
        World world;
        world.groups << UpdateGroup{UpdateGroup::Kind::Minor,
                                    "m",
                                    {step("a", "1.0.0", "1.1.0"), step("b", "1.0.0", "1.1.0")}}
                     << UpdateGroup{UpdateGroup::Kind::Major, "c", {step("c", "1.0.0", "2.0.0")}};
        world.flaky = {{"a", 1}, {"c", 1}};
        const RunReport report = world.run();
        QCOMPARE(report.proposals(), 2);
        QVERIFY(report.groups[0].culprits.isEmpty() && report.groups[1].culprits.isEmpty());
        QCOMPARE(report.flakyTests, QStringList{"random"});
        QVERIFY(markdownOf(report).contains("blame nothing"));
        // Red again and again it is to blame, whatever it once said.
        World red;
        red.groups << UpdateGroup{UpdateGroup::Kind::Major, "c", {step("c", "1.0.0", "2.0.0")}};
        red.flaky = {{"c", 100}};
        QVERIFY(red.run().groups[0].state == GroupResult::State::Failed);
    }

    /// What the manager only moves together says nothing when it is tried apart.
    void whatCannotBeTriedApartBlamesNoOther()
    {
        for (const char *red : {"a", "b", "c", "d"}) {
            World world;
            UpdateGroup group{UpdateGroup::Kind::Minor, "m", {}};
            for (char c = 'a'; c < 'a' + 4; ++c)
                group.updates << step(QString(c), "1.0.0", "1.1.0");
            world.groups << group;
            world.red = {red};
            world.needs = {{"a", "c"}};
            const RunReport report = world.run();
            QStringList blamed;
            for (const Culprit &culprit : report.groups[0].culprits)
                blamed += names(culprit.updates);
            QVERIFY2(blamed.contains(red), red);
            for (const QStringList &one : std::as_const(world.proposed))
                QVERIFY2(!one.contains(red), red);
            // Nobody is blamed for it who could have been told apart.
            QVERIFY2(!blamed.contains("d") || QString(red) == "d", red);
        }
    }

    void aFamilyIsOnlyBlamedWhereNothingCanBeTakenOut()
    {
        PlannedUpdate core = step("core", "1.0.0", "2.0.0"),
                      plugin = step("plugin", "1.0.0", "1.1.0"),
                      compiler = step("compiler", "5.0.0", "6.0.0");
        plugin.peersBefore = {{"core", "^1"}, {"compiler", "^5"}};
        plugin.peers = {{"core", "^1 || ^2"}, {"compiler", "^5 || ^6"}};
        // Both need the new plugin; the plugin needs none of them.
        QCOMPARE(inseparable({core, plugin, compiler}).size(), 1);
        QStringList out;
        for (const auto &unit : separable({core, plugin, compiler}))
            out << names(unit);
        QCOMPARE(out, (QStringList{"core", "compiler"}));
        QVERIFY(separable({core}).isEmpty());
        World world;
        world.groups << UpdateGroup{UpdateGroup::Kind::Major, "compiler", {core, plugin, compiler}};
        world.red = {"compiler"};
        const RunReport report = world.run();
        QCOMPARE(report.groups[0].culprits.size(), 1);
        QCOMPARE(names(report.groups[0].culprits[0].updates), QStringList{"compiler"});
        QCOMPARE(names(report.groups[0].proposed), (QStringList{"core", "plugin"}));
    }

    void aScriptThatLooksAtTheCodeHoldsBackWhatItIsAboutAlone()
    {
        for (const bool before : {false, true}) {
            World world;
            world.linter = "eslint";
            (before ? world.lintRedBefore : world.lintBreaks) = true;
            world.groups << UpdateGroup{UpdateGroup::Kind::Minor,
                                        "minor",
                                        {step("a", "1.0.0", "1.1.0"),
                                         step("eslint", "8.0.0", "8.1.0"),
                                         step("b", "1.0.0", "1.1.0")}}
                         << UpdateGroup{UpdateGroup::Kind::Major,
                                        "eslint",
                                        {step("eslint", "8.0.0", "9.0.0")}};
            const RunReport report = world.run();
            QVERIFY2(report.baselineGreen, qPrintable(markdownOf(report)));
            QCOMPARE(world.baselines, 1);
            QVERIFY(report.groups[0].state == GroupResult::State::Proposed);
            if (before) {
                QCOMPARE(names(report.groups[0].proposed), (QStringList{"a", "b", "eslint"}));
                QVERIFY(report.groups[1].state == GroupResult::State::Proposed);
                QVERIFY2(report.cells == 4, qPrintable(markdownOf(report)));
            } else {
                QCOMPARE(names(report.groups[0].proposed), (QStringList{"a", "b"}));
                QCOMPARE(names(report.groups[0].culprits[0].updates), QStringList{"eslint"});
                QVERIFY(report.groups[1].state == GroupResult::State::Failed);
            }
        }
    }

    void whatFailsByItselfIsTriedTogether()
    {
        World world;
        PlannedUpdate core = step("core", "1.0.0", "2.0.0"),
                      plugin = step("plugin", "1.0.0", "2.0.0");
        core.below = "1.9.0";
        world.groups << UpdateGroup{UpdateGroup::Kind::Major, "core", {core}}
                     << UpdateGroup{UpdateGroup::Kind::Major, "plugin", {plugin}};
        world.company = {{"core", "plugin"}};
        const RunReport report = world.run();
        QCOMPARE(report.groups.size(), 3); // and no smaller step of what is proposed after all
        QVERIFY(report.groups[2].state == GroupResult::State::Proposed);
        QCOMPARE(names(report.groups[2].proposed), (QStringList{"core", "plugin"}));
        QVERIFY2(!report.summary.contains("did not pass"), qPrintable(report.summary));
    }

    void whatDoesNotPassGoesASmallerStepIfThatPasses()
    {
        World world;
        PlannedUpdate major = step("b", "1.0.0", "2.0.0"), stuck = step("c", "1.0.0", "2.0.0");
        major.below = "1.9.0";
        world.groups << UpdateGroup{UpdateGroup::Kind::Major, "b", {major}}
                     << UpdateGroup{UpdateGroup::Kind::Major, "c", {stuck}};
        world.redSteps = {"b 2.0.0", "c 2.0.0"};
        const RunReport report = world.run();
        QCOMPARE(report.groups.size(), 4);
        QVERIFY(report.groups[0].state == GroupResult::State::Failed);
        QVERIFY(report.groups[2].state == GroupResult::State::Failed); // together neither
        QVERIFY(report.groups[3].state == GroupResult::State::Proposed);
        QCOMPARE(report.groups[3].proposed.size(), 1);
        QCOMPARE(report.groups[3].proposed[0].to, QString("1.9.0"));
    }

    void theLargestMajorStepThatPassesIsProposed()
    {
        World world;
        PlannedUpdate far = step("b", "1.0.0", "5.0.0"), none = step("c", "1.0.0", "4.0.0");
        far.between = QStringList{"4.2.0", "3.9.0", "2.0.0"};
        far.below = "1.9.0";
        none.between = QStringList{"3.0.0"};
        none.below = "1.1.0";
        world.groups << UpdateGroup{UpdateGroup::Kind::Major, "b", {far}}
                     << UpdateGroup{UpdateGroup::Kind::Major, "c", {none}};
        world.redSteps = {"b 5.0.0", "b 4.2.0", "c 4.0.0", "c 3.0.0"};
        const RunReport report = world.run();
        const GroupResult &last = report.groups.last();
        QVERIFY(last.state == GroupResult::State::Proposed);
        QCOMPARE(last.proposed.size(), 2);
        QCOMPARE(last.proposed[0].to, QString("3.9.0"));
        QCOMPARE(last.proposed[1].to, QString("1.1.0"));
        QVERIFY(report.extraCells <= report.extraLimit);
    }

    void aRepositoryThatIsRedBeforeBlamesNoUpdate()
    {
        World world;
        world.groups << UpdateGroup{UpdateGroup::Kind::Minor, "m", {step("a", "1.0.0", "1.1.0")}}
                     << UpdateGroup{UpdateGroup::Kind::Major, "b", {step("b", "1.0.0", "2.0.0")}};
        world.baselineRed = true;
        const RunReport report = world.run();
        QVERIFY(report.groups[0].state == GroupResult::State::RedBefore);
        QVERIFY(report.groups[0].culprits.isEmpty());
        QVERIFY(report.groups[0].reason.contains("without any update too"));
        QVERIFY(report.groups[1].state == GroupResult::State::NotTried);
        QCOMPARE(report.baselineTests, QStringList{"red before"});
        QCOMPARE(world.jobs, 2);
        QVERIFY(markdownOf(report).contains("red before"));
    }

    /// Projects that share nothing do not wait for each other.
    void aRedProjectHoldsBackNoOther()
    {
        const auto in = [](const QString &project, PlannedUpdate update) {
            update.project = project;
            return update;
        };
        World world;
        world.groups << UpdateGroup{UpdateGroup::Kind::Minor,
                                    "m",
                                    {in("api", step("a", "1.0.0", "1.1.0")),
                                     in("web", step("w", "1.0.0", "1.1.0"))}}
                     << UpdateGroup{UpdateGroup::Kind::Major,
                                    "b",
                                    {in("api", step("b", "1.0.0", "2.0.0"))}}
                     << UpdateGroup{UpdateGroup::Kind::Major,
                                    "x",
                                    {in("web", step("x", "1.0.0", "2.0.0")),
                                     in("web", step("y", "1.0.0", "2.0.0"))}};
        world.redProjects << "api";
        world.red << "x";
        const RunReport report = world.run();
        QVERIFY2(world.proposed == (QList<QStringList>{{"w"}, {"y"}}),
                 qPrintable(markdownOf(report)));
        QVERIFY(report.groups[0].state == GroupResult::State::Proposed);
        QVERIFY(report.groups[1].state == GroupResult::State::RedBefore);
        QVERIFY2(report.groups[1].reason.contains("api fails without any update too (Test: no "
                                                  "database)"),
                 qPrintable(report.groups[1].reason));
        QCOMPARE(names(report.groups[2].culprits.value(0).updates), QStringList{"x"});
        QCOMPARE(report.baselineProjects, QStringList{"web"});
        QVERIFY2(report.notes.join('\n').contains("api is red as it is"),
                 qPrintable(markdownOf(report)));
        QVERIFY(markdownOf(report).contains("no database"));
        QStringList held;
        for (const SkippedUpdate &one : report.held)
            held << one.name;
        QCOMPARE(held, (QStringList{"a", "b"}));

        // All of them red, or one that cannot be asked: as before.
        World all = world;
        all.proposed.clear();
        all.redProjects << "web";
        QVERIFY(all.run().groups[0].state == GroupResult::State::RedBefore);
        QVERIFY(all.proposed.isEmpty());
    }

    void whatFailsWithoutAnyUpdateMayGoOnFailing()
    {
        World world;
        world.groups << UpdateGroup{UpdateGroup::Kind::Minor,
                                    "m",
                                    {step("a", "1.0.0", "1.1.0"), step("c", "1.0.0", "1.1.0")}}
                     << UpdateGroup{UpdateGroup::Kind::Major, "b", {step("b", "1.0.0", "2.0.0")}};
        world.baselineRed = true;
        world.red << "c";
        world.origin.acceptKnownFailures = true;
        const RunReport report = world.run();
        QVERIFY(!report.baselineGreen);
        QCOMPARE(report.baselineTests, QStringList{"red before"});
        QCOMPARE(world.proposed, (QList<QStringList>{{"a"}, {"b"}}));
        QCOMPARE(report.groups[0].culprits.size(),
                 1); // what breaks something new is still to blame
        QCOMPARE(names(report.groups[0].culprits[0].updates), QStringList{"c"});
        QVERIFY(markdownOf(report).contains("what fails besides counts"));

        // Where it is not told which tests fail, nothing is taken.
        World cut;
        cut.groups << UpdateGroup{UpdateGroup::Kind::Minor, "m", {step("a", "1.0.0", "1.1.0")}};
        cut.baselineRed = true;
        cut.complete = false;
        cut.origin.acceptKnownFailures = true;
        const RunReport refused = cut.run();
        QVERIFY(refused.groups[0].state == GroupResult::State::RedBefore);
        QVERIFY(cut.proposed.isEmpty());
    }

    void whatHindersEverythingIsNobodysFault()
    {
        for (const ErrorCode code : {ErrorCode::NetworkDown, ErrorCode::EngineLost,
                                     ErrorCode::IsolationFailed, ErrorCode::Unauthorized}) {
            World world;
            world.groups
                << UpdateGroup{UpdateGroup::Kind::Minor, "m", {step("a", "1.0.0", "1.1.0")}}
                << UpdateGroup{UpdateGroup::Kind::Major, "b", {step("b", "1.0.0", "2.0.0")}};
            world.hindrance = code;
            const RunReport report = world.run();
            QCOMPARE(world.jobs, 1);
            QVERIFY(report.groups[0].state == GroupResult::State::Failed);
            QVERIFY(report.groups[0].culprits.isEmpty());
            QVERIFY(report.groups[1].state == GroupResult::State::NotTried);
        }
    }

    // ---- what is proposed already

    static ForgeProposal known(const QString &topic, const QStringList &updates,
                               ForgeProposal::State state, int number, int daysAgo = 100)
    {
        ForgeProposal one;
        one.number = number;
        one.branch = branchNameOf(topic);
        one.created = QDateTime(QDate(2026, 11, 26), QTime(12, 0), Qt::UTC).addDays(-daysAgo);
        one.state = state;
        one.mark.topic = topic;
        for (const QString &update : updates)
            one.mark.updates << UpdateTarget{
                {}, update.section(' ', 0, 0), update.section(' ', 1, 1)};
        return one;
    }

    void whatIsProposedOrRefusedIsNotTriedAgain()
    {
        using State = ForgeProposal::State;
        const QDateTime now(QDate(2026, 11, 26), QTime(12, 0), Qt::UTC);
        Grouping grouping;
        grouping.mode = Grouping::Mode::Groups;
        const QList<PlannedUpdate> updates{step("a", "1.0.0", "1.1.0"), step("b", "1.0.0", "1.0.1"),
                                           step("c", "1.0.0", "2.0.0"),
                                           step("d", "1.0.0", "2.0.0")};
        const auto left = [&](const QList<ForgeProposal> &before,
                              const ProposalLimits &limits = {}) {
            QList<UpdateGroup> groups = groupsOf(updates, grouping);
            const auto held = holdBack(groups, before, limits, now);
            qsizetype all = 0;
            for (const UpdateGroup &group : std::as_const(groups))
                all += group.updates.size();
            for (const HeldGroup &one : held) {
                all += one.group.updates.size();
                if (one.reason.size() < 20)
                    return QStringList{"no reason"};
            }
            // Nothing is lost.
            return all == updates.size() ? shapes(groups) : QStringList{"lost"};
        };
        const QStringList everything{"a b", "c", "d"};
        QCOMPARE(left({}), everything);
        // Open, as it is to be made now: no second time. With something newer: moved on.
        QCOMPARE(left({known("patch-and-minor", {"a 1.1.0", "b 1.0.1"}, State::Open, 1)}),
                 (QStringList{"c", "d"}));
        QCOMPARE(left({known("patch-and-minor", {"a 1.0.9", "b 1.0.1"}, State::Open, 1)}),
                 everything);
        QCOMPARE(left({known("package c", {"c 2.0.0"}, State::Open, 1)}),
                 (QStringList{"a b", "d"}));
        // What a person has asked for by itself is taken out of its group.
        QCOMPARE(left({known("package a", {"a 1.1.0"}, State::Open, 1)}),
                 (QStringList{"b", "c", "d"}));
        // Closed without being merged: not again, until something is newer.
        QCOMPARE(left({known("package c", {"c 2.0.0"}, State::Closed, 1)}),
                 (QStringList{"a b", "d"}));
        QCOMPARE(left({known("package c", {"c 1.9.0"}, State::Closed, 1)}), everything);
        QCOMPARE(left({known("patch-and-minor", {"a 1.1.0"}, State::Closed, 1)}), everything);
        // Merged, and there again: somebody took it back on purpose or not; it is said by the
        // tests.
        QCOMPARE(left({known("package c", {"c 2.0.0"}, State::Merged, 1)}), everything);
        // Without a mark nothing is known of it.
        QCOMPARE(left({known({}, {}, State::Open, 1)}), everything);
        // Limits: one more may be open, and it is the first.
        QCOMPARE(left({known("package x", {"x 1.0.0"}, State::Open, 1)}, {2, 0}),
                 QStringList{"a b"});
        QCOMPARE(left({known("package d", {"d 1.5.0"}, State::Open, 1)}, {1, 0}), QStringList{"d"});
        QCOMPARE(left({known("package x", {"x 1.0.0"}, State::Merged, 1, 3)}, {0, 2}),
                 QStringList{"a b"});
        QCOMPARE(left({known("package x", {"x 1.0.0"}, State::Merged, 1, 8)}, {0, 2}),
                 (QStringList{"a b", "c"}));
    }

    void aSecurityFixIsHeldByNoLimit()
    {
        Grouping grouping;
        grouping.mode = Grouping::Mode::Groups;
        PlannedUpdate fix = step("a", "1.0.0", "1.0.1");
        fix.fixes << Advisory{"a", "high", "t", "https://x.invalid", "<1.0.1"};
        QList<UpdateGroup> groups = groupsOf({fix, step("b", "1.0.0", "1.0.1")}, grouping);
        const QDateTime now(QDate(2026, 11, 26), QTime(12, 0), Qt::UTC);
        const auto held = holdBack(
            groups, {known("package x", {"x 1.0.0"}, ForgeProposal::State::Open, 1)}, {1, 1}, now);
        QCOMPARE(shapes(groups), QStringList{"a"});
        QCOMPARE(held.size(), 1);
    }

    /// Whatever stands in somebody's text: a mark comes back as it was, or not at all.
    void aMarkComesBackAsItWas()
    {
        ProposalMark mark{"named ui: \"x\"\n-->",
                          {{"", "ms", "2.1.3"}, {"packages/a b\n", "@s/n", "1.0.0-rc.1+5"}}};
        const QString text = toTrailers(mark);
        QVERIFY(!text.contains("-->"));
        QCOMPARE(text.count('\n'), 3);
        QVERIFY(markIn("Title\r\n\r\n" + QString(text).replace("\n", "\r\n")) == mark);
        QVERIFY(markIn({}) == ProposalMark());
        QVERIFY(markIn("Ovvoc-Update: \nOvvoc-Update: @\nOvvoc-Update: x").updates.isEmpty());
        QString many = "Ovvoc-Topic: all\n";
        for (int i = 0; i < 5000; ++i)
            many += "Ovvoc-Update: p@1.0.0\n";
        QCOMPARE(markIn(many).updates.size(), 500);
    }

    /// Whatever is red: everything green is proposed exactly once, what is red is named and never
    /// proposed, and the number of further cells is bounded and said.
    void everyWorldComesOutRight()
    {
        QRandomGenerator random(20261126);
        int givenUp = 0;
        for (int round = 0; round < 400; ++round) {
            World world;
            int number = 0;
            const int groups = random.bounded(1, 5);
            for (int g = 0; g < groups; ++g) {
                UpdateGroup group{UpdateGroup::Kind::Minor, QString::number(g), {}};
                const int size = random.bounded(1, 9);
                for (int i = 0; i < size; ++i) {
                    const QString name = QStringLiteral("p%1").arg(number++);
                    group.updates << step(name, "1.0.0", "1.1.0");
                    if (random.bounded(8) == 0)
                        world.red << name;
                }
                world.groups << group;
            }
            const RunReport report = world.run();
            QSet<QString> proposed, blamed;
            for (const QStringList &one : world.proposed) {
                for (const QString &name : one) {
                    QVERIFY2(!proposed.contains(name), qPrintable(name));
                    proposed << name;
                }
            }
            QVERIFY(!proposed.intersects(world.red));
            QVERIFY(report.extraCells <= UpdateRun::extraCells + 1);
            QCOMPARE(report.cells, world.jobs);
            bool all = true;
            for (const GroupResult &group : report.groups) {
                for (const Culprit &culprit : group.culprits) {
                    QVERIFY(!culprit.onlyTogether);
                    QCOMPARE(culprit.updates.size(), 1);
                    QVERIFY(world.red.contains(culprit.updates[0].name));
                    QVERIFY(!culprit.jobId.isEmpty());
                    blamed << culprit.updates[0].name;
                }
                all = all && !group.reason.contains("was not found");
            }
            givenUp += all ? 0 : 1;
            if (all) {
                QCOMPARE(blamed, world.red);
                QCOMPARE(proposed.size(), qsizetype(number) - world.red.size());
            }
        }
        QVERIFY(givenUp < 40);
    }
};

QTEST_GUILESS_MAIN(RunsTest)
#include "tst_runs.moc"
