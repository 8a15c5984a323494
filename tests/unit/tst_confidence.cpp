// How much a passed job proves: its points and reasons (docs/confidence.md), and which tools
// nothing that ran has used.

#include "updates/confidence.h"
#include "updates/proved.h"

#include <QTest>

using namespace ovvoc;

class ConfidenceTest : public QObject
{
    Q_OBJECT
private slots:
    // ---- what ran, and what it proves

    void theScriptsThatARunGoesThrough()
    {
        const QMap<QString, QString> scripts{
            {"test", "npm run lint && yarn unit --silent; npm-run-all check:*"},
            {"pretest", "node prepare.js"},
            {"lint", "eslint ."},
            {"unit", "mocha"},
            {"check:types", "tsc"},
            {"check:size", "size-limit"},
            {"release", "np"},
            {"loop", "npm run loop"},
            {"coverage", "nyc npm test"}};
        QStringList ran = scriptsThatRan(scripts, {"test"});
        ran.sort();
        QCOMPARE(ran,
                 (QStringList{"eslint .", "mocha", "node prepare.js",
                              "npm run lint && yarn unit --silent; npm-run-all check:*",
                              "size-limit", "tsc"}));
        QCOMPARE(scriptsThatRan(scripts, {"loop"}), QStringList{"npm run loop"});
        const QMap<QString, QString> checks{{"test", "vitest run && npm run lint"},
                                            {"lint", "eslint ."},
                                            {"lint:fix", "eslint --fix ."},
                                            {"typecheck", "tsc --noEmit"},
                                            {"test:e2e", "playwright test"},
                                            {"test:watch", "vitest"},
                                            {"build", "tsc"},
                                            {"check", " "}};
        QCOMPARE(checksThatDidNotRun(checks, scriptsThatRan(checks, {"test"})),
                 (QStringList{"test:e2e", "typecheck"}));
        QCOMPARE(scriptsThatRan(scripts, {"nothing"}), QStringList());
        QStringList words = wordsOf({"turbo run lint test:unit --cache"});
        words.sort();
        QCOMPARE(words, (QStringList{"--cache", "lint", "run", "test:unit", "turbo"}));
    }

    void aToolThatNothingRanIsNotProved_data()
    {
        QTest::addColumn<QString>("package");
        QTest::addColumn<QString>("script");
        QTest::addColumn<bool>("proved");
        const auto row = [](const char *package, const char *script, bool proved) {
            QTest::newRow(qPrintable(QString(package) + ": " + script))
                << package << script << proved;
        };
        row("eslint", "mocha --reporter spec", false);
        row("eslint", "eslint . && mocha", true);
        row("eslint-plugin-import", "xo && ava", true);
        row("eslint-plugin-import", "node test-eslint.js", false);
        row("@typescript-eslint/parser", "./node_modules/.bin/eslint src", true);
        row("eslint", "npm run test:eslint", false);
        row("nyc", "nyc mocha", true);
        row("nyc", "mocha", false);
        row("prettier", "eslint .", true); // by its plugin, perhaps
        row("prettier", "jest", false);
        row("husky", "jest", false);
        row("jest", "npm run x", true); // no tool of its own: the tests are its proof
        row("@types/node", "tsc", true);
    }
    void aToolThatNothingRanIsNotProved()
    {
        QFETCH(const QString, package);
        QFETCH(const QString, script);
        QFETCH(const bool, proved);
        PlannedUpdate update;
        update.name = package;
        update.section = "devDependencies";
        QCOMPARE(toolsThatDidNotRun({update}, {script}).isEmpty(), proved);
        update.section = "dependencies";
        QVERIFY(toolsThatDidNotRun({update}, {script}).isEmpty());
    }

    void theScriptThatProvesAToolOnlyLooks_data()
    {
        QTest::addColumn<QString>("script"); // name: text
        QTest::addColumn<bool>("proves");
        const auto row = [](const char *script, bool proves) {
            QTest::newRow(script) << QString(script) << proves;
        };
        row("lint: eslint .", true);
        row("check-code: run-p x && ./node_modules/.bin/eslint src", true);
        row("lint: eslint . --fix", false);
        row("lint:fix: eslint .", false);
        row("lint: eslint --watch", false);
        row("prelint: eslint .", false);
        row("build: eslint . && tsc", false);
        row("lint: tslint .", false);
        row("lint: node eslint.js", false);
    }
    void theScriptThatProvesAToolOnlyLooks()
    {
        QFETCH(const QString, script);
        QFETCH(const bool, proves);
        PlannedUpdate update;
        update.name = "eslint";
        update.section = "devDependencies";
        const QString name = script.section(": ", 0, 0), text = script.section(": ", 1);
        const QMap<QString, QString> scripts{{name, text}, {"other", "ls"}};
        QCOMPARE(scriptsThatProve({update}, scripts, {}),
                 proves ? QStringList{name} : QStringList());
        // What ran already is not run again, and what does not move needs no proof.
        QVERIFY(scriptsThatProve({update}, scripts, {"eslint . && mocha"}).isEmpty());
        update.name = "mocha";
        QVERIFY(scriptsThatProve({update}, scripts, {}).isEmpty());
        // A formatter that only prints proves nothing.
        update.name = "prettier";
        QVERIFY(scriptsThatProve({update}, {{"format", "prettier ."}}, {}).isEmpty());
        QCOMPARE(scriptsThatProve({update}, {{"format", "prettier -c ."}}, {}),
                 QStringList{"format"});
        QVERIFY(scriptsThatProve({update}, {{"format", "prettier -w ."}}, {}).isEmpty());
    }

    // ---- confidence (docs/confidence.md)

    static PlannedUpdate step(UpdateLevel level, const char *from, int days)
    {
        PlannedUpdate update;
        update.name = "a";
        update.from = from;
        update.level = level;
        update.ageDays = days;
        return update;
    }
    static TestSummary passing(int count)
    {
        TestSummary tests;
        tests.passed = count;
        return tests;
    }

    void confidenceIsItsReasons()
    {
        using L = UpdateLevel;
        UpdatePlan plan;
        plan.updates = {step(L::Patch, "1.0.0", 100)};
        QCOMPARE(confidenceIn(plan, passing(1)).points(), 25 + 30 + 15 + 10);
        QCOMPARE(confidenceIn(plan, passing(10)).points(), 35 + 30 + 15 + 10);
        QCOMPARE(confidenceIn(plan, passing(100)).points(), 100);
        QCOMPARE(confidenceIn(plan, passing(100'000)).points(), 100);
        QCOMPARE(confidenceIn(plan, {}).points(), 10 + 30 + 15 + 10);
        QVERIFY(confidenceIn(plan, {}).level() == Confidence::Level::Medium);
        // How it went before counts for little, and against it more.
        plan.updates = {step(L::Patch, "1.0.0", 2), step(L::Patch, "1.0.0", 2)};
        const int plain = confidenceIn(plan, passing(1)).points();
        const auto with = [&](const StepHistory &history) {
            return confidenceIn(plan, passing(1), {.history = history}).points() - plain;
        };
        QCOMPARE(with({{"a"}, {}, {}}), 3);
        QCOMPARE(with({{"a", "b"}, {}, {}}), 5);
        QCOMPARE(with({{"a", "b"}, {"b"}, {}}), 5 - 10);
        QCOMPARE(with({{}, {}, {"by the clock"}}), -10);
        plan.updates = {step(L::Minor, "1.0.0", 10), step(L::Patch, "1.0.0", 400)};
        QCOMPARE(confidenceIn(plan, passing(1)).points(), 25 + 25 + 10 + 10);
        for (const auto &breaking : {step(L::Major, "1.0.0", 2), step(L::Minor, "0.3.0", 2)}) {
            plan.updates = {step(L::Patch, "1.0.0", 400), breaking};
            QCOMPARE(confidenceIn(plan, passing(1)).points(), 25 + 5 + 0 + 10);
            QVERIFY(confidenceIn(plan, passing(1)).level() == Confidence::Level::Low);
        }
        QVERIFY(confidenceIn(plan, passing(1))
                    .sentences()
                    .contains("+5: steps that may break something: a"));
        QCOMPARE(confidenceIn(plan, passing(1)).title(), QString("40 of 100 (low)"));
    }

    void confidenceHoldsItsPromises()
    {
        // Over everything that can be measured: no points without a reason, always from 0 to 100,
        // and nothing that speaks against an update ever gives any.
        const QList<UpdateLevel> levels{UpdateLevel::Patch, UpdateLevel::Minor, UpdateLevel::Major};
        int seen = 0;
        for (const UpdateLevel level : levels)
            for (const char *from : {"0.1.0", "1.0.0", "junk"})
                for (const int days : {-1, 0, 3, 7, 30, 5000})
                    for (const int count : {0, 1, 7, 500})
                        for (int bits = 0; bits < 128; ++bits) {
                            UpdatePlan plan;
                            plan.updates = {step(level, from, days)};
                            TestSummary tests = passing(count);
                            const auto judged = [&](int which) {
                                TestSummary now = tests;
                                now.skipped = which & 1 ? count + 1 : 0;
                                now.contradiction = which & 2 ? "two sums" : "";
                                CodeReport code;
                                CodeChange change;
                                change.confidence = 0.5;
                                change.changed = {CodePlace{}};
                                if (which & 16)
                                    code.changes = {change};
                                const auto one = [which](int bit, const char *name) {
                                    return which & bit ? QStringList{name} : QStringList();
                                };
                                return confidenceIn(plan, now,
                                                    {.changedFiles = one(4, "x"),
                                                     .madeTests = one(64, "t"),
                                                     .aside = one(8, "y"),
                                                     .code = code,
                                                     .unproved = one(32, "z")});
                            };
                            const Confidence one = judged(bits);
                            QVERIFY(one.points() >= 0 && one.points() <= 100);
                            for (const auto &reason : one.reasons)
                                QVERIFY(!reason.text.isEmpty());
                            for (int bit = 0; bit < 7; ++bit)
                                QVERIFY(judged(bits | (1 << bit)).points() <= one.points());
                            QVERIFY(one.points() < Confidence::high || count > 0);
                            ++seen;
                        }
        QCOMPARE(seen, 3 * 3 * 6 * 4 * 128);
    }
};

QTEST_GUILESS_MAIN(ConfidenceTest)
#include "tst_confidence.moc"
