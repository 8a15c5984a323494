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
