// What comes out of a cell, a registry or a file is read right, and hostile input is refused.

#include "engine/rawstream.h"
#include "gate/addresses.h"
#include "gate/allowlist.h"
#include "gate/sni.h"
#include "recipes/recipe.h"
#include "updates/manifestedit.h"
#include "updates/testreport/testreport.h"
#include "updates/versionrange.h"

#include <QFile>
#include <QTest>

using namespace ovvoc;

class ParsersTest : public QObject
{
    Q_OBJECT
private slots:
    void everyRunnersOutputIsCounted_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("runner");
        QTest::addColumn<int>("passed");
        QTest::addColumn<QString>("place");
        QTest::newRow("node TAP") << "node-tap" << "node:test" << 2 << "a.test.js:3";
        QTest::newRow("node spec") << "node-spec" << "node:test" << 2 << "a.test.js:3";
        QTest::newRow("Jest") << "jest" << "Jest" << 2 << "jest/cart.test.js:5";
        QTest::newRow("Vitest") << "vitest" << "Vitest" << 2 << "vitest/cart.test.mjs:6";
        QTest::newRow("Mocha") << "mocha" << "Mocha" << 1 << "mocha/cart.js:5";
    }
    void everyRunnersOutputIsCounted()
    {
        QFETCH(QString, file);
        QFETCH(QString, runner);
        QFETCH(int, passed);
        QFETCH(QString, place);
        QFile data(QStringLiteral(TEST_DATA "/testoutput/%1.txt").arg(file));
        QVERIFY(data.open(QIODevice::ReadOnly));
        const auto summary = readTestOutput(data.readAll(), "/work/repo");
        QVERIFY(summary);
        QCOMPARE(summary->runner, runner);
        QCOMPARE(summary->passed, passed);
        QCOMPARE(summary->failed, 1);
        QCOMPARE(summary->skipped, 1);
        const auto failures = summary->failures();
        QCOMPARE(failures.size(), 1);
        QCOMPARE(failures[0].name, QString("breaks"));
        QCOMPARE(QStringLiteral("%1:%2").arg(failures[0].file).arg(failures[0].line), place);
        QCOMPARE(summary->contradiction, QString());
    }
    void runnersAreKnownByTheirSums_data()
    {
        QTest::addColumn<QByteArray>("output");
        QTest::addColumn<QString>("runner");
        QTest::addColumn<int>("passed");
        QTest::addColumn<int>("failed");
        QTest::addColumn<int>("skipped");
        QTest::addColumn<QString>("failing"); // and where
        const auto row = [](const char *name, const char *output, const char *runner, int passed,
                            int failed, int skipped, const char *failing = "") {
            QTest::newRow(name) << QByteArray(output) << runner << passed << failed << skipped
                                << QString(failing);
        };
        row("Ava",
            "\n  ✔ adds (3ms)\n  ✔ works\n  - later\n  ─\n\n  2 tests passed\n  1 test skipped\n",
            "Ava", 2, 0, 1);
        row("Ava, red",
            "\n  ✔ adds\n  ✘ [fail]: runs node\n  ─\n\n  runs node\n\n  test.js:5\n\n   4: x\n\n"
            "  Difference (- actual, + expected):\n\n  1 test failed\n  1 test passed\n",
            "Ava", 1, 1, 0, "runs node");
        row("Ava, a crash", "\n  ✔ adds\n  ─\n\n  1 test passed\n  1 uncaught exception\n", "Ava",
            1, 1, 0);
        row("Jasmine", "Started\n..*\n\nRan 3 of 3 specs\n3 specs, 0 failures, 1 pending spec\n",
            "Jasmine", 2, 0, 1);
        row("Jasmine, red",
            "Started\n.F\n\nFailures:\n1) Cart breaks\n  Message:\n    Expected 1 to be 2.\n  "
            "Stack:\n"
            "        at <Jasmine>\n        at UserContext.<anonymous> "
            "(/work/repo/spec/a.js:5:21)\n\n2 "
            "specs, 1 failure\n",
            "Jasmine", 1, 1, 0, "Cart breaks spec/a.js:5");
        row("Karma",
            "Chrome Headless 120.0 (Linux): Executed 1 of 3 SUCCESS (0 secs)\nChrome Headless "
            "120.0 "
            "(Linux) Cart breaks FAILED\nChrome Headless 120.0 (Linux): Executed 3 of 3 (1 FAILED) "
            "(0.1 secs / 0.05 secs)\n",
            "Karma", 2, 1, 0, "Cart breaks");
        row("Playwright",
            "\nRunning 3 tests using 2 workers\n\n  1 failed\n    [chromium] › a.spec.ts:3:5 › "
            "breaks "
            "──────\n  1 skipped\n  1 passed (3.2s)\n",
            "Playwright", 1, 1, 1, "breaks a.spec.ts:3");
        row("uvu",
            "  • • ✘   (2 / 3)\n\n   FAIL  \"breaks\"\n\n  Total:     3\n  Passed:    2\n  "
            "Skipped:   0\n",
            "uvu", 2, 1, 0, "\"breaks\"");
        row("lab", "\n✔ 1) x (1 ms)\n\n\n1 tests complete\nTest duration: 2 ms\nLeaks: No issues\n",
            "lab", 1, 0, 0);
        row("lab that fails",
            "\n..x\n\nFailed tests:\n\n  2) shop breaks:\n\n      no\n\n\n1 of 3 tests "
            "failed\nTest duration: 4 ms\n",
            "lab", 2, 1, 0, "shop breaks");
        row("tap-spec",
            "\n  x\n\n    ✔ should be equal\n    ✖ should be small\n\n\n  total:     2\n  passing: "
            "  1\n  failing:   1\n  duration:  29ms\n",
            "tap-spec", 1, 1, 0, "should be small");
        row("JUnit",
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<testsuites>\n\t<testsuite "
            "name=\"s\">\n\t\t<testcase name=\"a &lt; b\" time=\"0.1\" classname=\"test\"/>\n"
            "\t\t<testcase name=\"breaks\" time=\"0.1\" classname=\"test\" file=\"a.test.js\">\n"
            "\t\t\t<failure type=\"x\" message=\"1 == 2\">\n[Error]\n\t\t\t</failure>\n"
            "\t\t</testcase>\n\t\t<testcase name=\"later\" classname=\"test\">\n\t\t\t<skipped "
            "type=\"skipped\" message=\"true\"/>\n\t\t</testcase>\n\t</testsuite>\n\t<!-- tests 3 "
            "-->\n</testsuites>\n",
            "JUnit", 1, 1, 1, "breaks");
        row("tap",
            "  🌈 TEST COMPLETE 🌈\n\n\nAsserts:  2 pass  1 fail  3 of 3 complete\nSuites:   1 "
            "pass  "
            "0 fail  1 of 1 complete\n",
            "tap", 2, 1, 0);
        row("node-tap as TAP: parents are no tests",
            "TAP version 14\n# Subtest: a.js\n    # Subtest: paints\n        ok 1 - blue\n        "
            "not ok 2 - "
            "red # time=3.2ms\n        1..2\n    not ok 1 - paints # time=32.7ms\n    1..1\nnot ok "
            "1 - "
            "a.js # time=40ms\n1..1\n# time=50ms\n",
            "TAP", 1, 1, 0, "red");
        row("one after the other: what the first says is not lost",
            "TAP version 13\n# Subtest: chalk\nnot ok 1 - chalk\n  ---\n  type: 'test'\n  "
            "...\n1..1\n# tests "
            "1\n# pass 0\n# fail 1\n\n\n  units\n    ✔ works\n\n\n  1 passing (3ms)\n\n",
            "Mocha, node:test", 1, 1, 0, "chalk");
        row("two runs of Mocha",
            "\n  a\n    ✔ one\n\n\n  1 passing (3ms)\n\n\n  b\n    1) breaks\n\n\n  0 passing "
            "(2ms)\n  1 failing\n\n"
            "  1) b\n       breaks:\n     Error: x\n      at Context.<anonymous> "
            "(test/b.js:3:9)\n\n",
            "Mocha", 1, 1, 0, "breaks test/b.js:3");
        row("side by side, each with its name",
            "[unit] PASS a.test.js\n[lint] ok\n[unit] Tests:       2 passed, 2 total\n[unit] Time: "
            " 1 s\n"
            "[e2e] \n[e2e]   shop\n[e2e]     ✔ sells\n[e2e]   1 passing (4ms)\n",
            "Jest, Mocha", 3, 0, 0);
        row("turbo",
            "web:test: PASS a.test.js\nweb:test: \nweb:test: Tests:       2 passed, 2 total\n"
            "api:test: x\napi:test: y\napi:test: Tests:       1 failed, 1 total\n",
            "Jest", 2, 1, 0);
        row("a list of sums is none", "3 tests\n2 specs\nTotal: 3\n1 passed\nExecuted\n", "", 0, 0,
            0);
    }
    void runnersAreKnownByTheirSums()
    {
        QFETCH(QByteArray, output);
        QFETCH(QString, runner);
        QFETCH(int, passed);
        QFETCH(int, failed);
        QFETCH(int, skipped);
        QFETCH(QString, failing);
        const auto summary = readTestOutput(output, "/work/repo");
        QCOMPARE(summary.has_value(), !runner.isEmpty());
        if (!summary)
            return;
        QStringList runners = summary->runner.split(", ");
        runners.sort();
        QCOMPARE(runners.join(", "), runner);
        QCOMPARE(summary->passed, passed);
        QCOMPARE(summary->failed, failed);
        QCOMPARE(summary->skipped, skipped);
        QCOMPARE(summary->contradiction, QString());
        if (failing.isEmpty())
            return;
        const auto failures = summary->failures();
        QCOMPARE(failures.size(), 1);
        const QString place = failures[0].line > 0
            ? QStringLiteral(" %1:%2").arg(failures[0].file).arg(failures[0].line)
            : QString();
        QVERIFY2((failures[0].name + place).startsWith(failing),
                 qPrintable(failures[0].name + place));
    }
    void countsThatContradictEachOtherAreSaid_data()
    {
        QTest::addColumn<QByteArray>("output");
        QTest::addColumn<QString>("said");
        QTest::newRow("ended early") << QByteArray("TAP version 13\n1..5\nok 1 - a\nok 2 - b\n")
                                     << "announced 5 tests and reported 2";
        QTest::newRow("TAP, more failures in the sum")
            << QByteArray("TAP version 13\nok 1 - a\n1..1\n# pass 1\n# fail 2\n")
            << "says that 2 failed, and names 0";
        QTest::newRow("node, made-up passes")
            << QStringLiteral("✔ a (1ms)\n✔ b (1ms)\n✔ c (1ms)\nℹ tests 1\nℹ pass 1\nℹ fail 0\n")
                   .toUtf8()
            << "says that 1 passed, and names 3";
        QTest::newRow("Jest, a failure that no sum has")
            << QStringLiteral("PASS  a.test.js\n  ✕ breaks\n\nTests:       1 passed, 1 total\n")
                   .toUtf8()
            << "none failed, and names 1";
        QTest::newRow("Jest, two projects, as it should be")
            << QStringLiteral("PASS  a.test.js\n  ✓ one\n\nTests:       1 passed, 1 total\n"
                              "PASS  b.test.js\n  ✓ two\n\nTests:       1 passed, 1 total\n")
                   .toUtf8()
            << "";
    }
    void countsThatContradictEachOtherAreSaid()
    {
        QFETCH(QByteArray, output);
        QFETCH(QString, said);
        const auto summary = readTestOutput(output, "/work/repo");
        QVERIFY(summary);
        QVERIFY2(said.isEmpty() ? summary->contradiction.isEmpty()
                                : summary->contradiction.contains(said),
                 qPrintable(summary->contradiction));
    }
    void runsOfSeveralProjectsAreCountedTogether()
    {
        const auto jest = readTestOutput("Tests:       2 failed, 3 passed, 5 total\n"
                                         "Tests:       4 passed, 4 total\n",
                                         "/work/repo");
        QVERIFY(jest);
        QCOMPARE(std::pair(jest->passed, jest->failed), std::pair(7, 2));
        const auto mocha =
            readTestOutput("  ok\n\n  2 passing (5ms)\n\n  3 passing (1s)\n", "/work/repo");
        QVERIFY(mocha);
        QCOMPARE(mocha->passed, 5);
    }
    void jestsSecondListOfFailuresHidesNoCounts()
    {
        const auto summary = readTestOutput("FAIL a.test.js\n  ● breaks\n\n    Error: one\n\n"
                                            "Summary of all failing tests\nFAIL a.test.js\n"
                                            "  ● breaks\n\n    Error: one\n\n"
                                            "Tests:       1 failed, 30 passed, 31 total\n",
                                            "/work/repo");
        QVERIFY(summary);
        QCOMPARE(std::pair(summary->passed, summary->failed), std::pair(30, 1));
        QCOMPARE(summary->failures().size(), 1);
    }
    void whatAPassingFilePrintedIsNoFailure()
    {
        const auto summary = readTestOutput("PASS a.test.js\n  ● Console\n\n    console.log\n\n"
                                            "Tests:       2 passed, 2 total\n",
                                            "/work/repo");
        QVERIFY(summary);
        QVERIFY(summary->failures().isEmpty());
        QCOMPARE(summary->contradiction, QString());
    }
    void privateAddressesAreForbidden()
    {
        for (const char *address :
             {"10.1.2.3", "127.0.0.1", "169.254.169.254", "192.168.0.1", "::1", "fe80::1",
              "fd00::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1"})
            QVERIFY2(!forbiddenReason(QHostAddress(address)).isEmpty(), address);
        QVERIFY(forbiddenReason(QHostAddress("203.0.113.9")).isEmpty());
    }
    void authoritiesMustBeNames()
    {
        QVERIFY(parseAuthority("registry.example.invalid:443"));
        for (const char *bad : {"192.0.2.1:443", "[2001:db8::1]:443", "x.invalid", "x.invalid:0",
                                "a b.invalid:443", ":443", "3221225985:443"})
            QVERIFY2(!parseAuthority(bad), bad);
    }
    void anythingButTlsIsSeen()
    {
        QCOMPARE(readClientHello("GET / HTTP/1.1").state, ClientHello::State::NotTls);
        QCOMPARE(readClientHello(QByteArray("\x16\x03\x01\x40", 4)).state,
                 ClientHello::State::Incomplete);
        QCOMPARE(readClientHello(QByteArray("\x16\x03\x01\xff\xff", 5)).state,
                 ClientHello::State::Damaged);
    }
    void aDamagedStreamIsRefusedForGood()
    {
        StreamDemultiplexer demultiplexer;
        QByteArray out;
        const auto sink = [&](OutputChannel, QByteArrayView bytes) { out += bytes.toByteArray(); };
        QVERIFY(demultiplexer.feed(QByteArray("\x01\0\0\0\0\0\0\x02hi", 10), sink));
        QCOMPARE(out, QByteArray("hi"));
        QVERIFY(!demultiplexer.feed(QByteArray("\x07\0\0\0\0\0\0\x02hi", 10), sink));
        QVERIFY(!demultiplexer.feed(QByteArray("\x01\0\0\0\0\0\0\x02hi", 10), sink));
    }
    void theRecipeIsReadAndAnUnknownKeyIsNot()
    {
        const auto recipe = builtinRecipe("npm");
        QVERIFY2(recipe, recipe ? "" : qPrintable(recipe.error().message));
        QVERIFY(!parseRecipe("recipe: x\nsurprise: y\n"));
        QVERIFY(!parseRecipe("{{{{"));
    }
    void aRangeIsRaisedInPlace()
    {
        const UpdatePlace place{"package.json",
                                {"dependencies", "ms"},
                                "~1.0.0",
                                "2.1.0",
                                raisedRange("~1.0.0", "2.1.0", false)};
        const QByteArray text =
            "{\n \"x\": {\"ms\": \"~1.0.0\"},\n\t\"dependencies\": { \"ms\":\"~1.0.0\" }\n}";
        const auto changed = withPlaces(text, {place}, false);
        QVERIFY(changed);
        QCOMPARE(
            *changed,
            QByteArray(
                "{\n \"x\": {\"ms\": \"~1.0.0\"},\n\t\"dependencies\": { \"ms\":\"~2.1.0\" }\n}"));
        QCOMPARE(*withPlaces(text, {place}, true), QByteArray(*changed).replace("~2.1.0", "2.1.0"));
    }
};

QTEST_GUILESS_MAIN(ParsersTest)
#include "tst_parsers.moc"
