// Versions, ranges, what a person asks for, and what a project's files say, hostile ones too.

#include "updates/npm/npmproject.h"
#include "updates/plan.h"
#include "updates/testreport/testreport.h"

#include <QDir>
#include <QFile>
#include <QRegularExpression>
#include <QTest>

using namespace ovvoc;

class UpdatesTest : public QObject
{
    Q_OBJECT
private slots:
    void versionsAreOrderedAsTheStandardSays()
    {
        // https://semver.org/ section 11, its own example, and around it.
        const char *const ordered[] = {
            "0.0.1",      "0.9.0",        "1.0.0-alpha",   "1.0.0-alpha.1", "1.0.0-alpha.beta",
            "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",    "1.0.0",
            "1.0.1",      "1.2.0",        "1.10.0",        "2.0.0",         "999999999999999.0.0"};
        for (std::size_t i = 0; i + 1 < std::size(ordered); ++i) {
            const auto a = Semver::parse(ordered[i]), b = Semver::parse(ordered[i + 1]);
            QVERIFY2(a && b, ordered[i]);
            QVERIFY2(*a < *b, ordered[i]);
        }
        QVERIFY(*Semver::parse("v1.2.3+build") == *Semver::parse("1.2.3"));
        for (const char *bad : {"", "1", "1.2", "1.2.x", "a.b.c", "1.2.3.4", "-1.0.0", "1.2.3-",
                                "99999999999999999999.0.0", "1.2.3 ", "01.2.3"})
            QVERIFY2(!Semver::parse(bad), bad);
    }

    void aSelectionIsUnderstoodOrRefused()
    {
        QVERIFY(parseSelection("all")->package.isEmpty());
        QCOMPARE(parseSelection("@a/b@1.2.3")->package, QString("@a/b"));
        QCOMPARE(parseSelection("@a/b@1.2.3")->version, QString("1.2.3"));
        QCOMPARE(parseSelection("ms@latest")->version, QString());
        for (const char *bad : {"--ignore-scripts=false", "a b", "ms@", "ms@^1", "@a", "../x",
                                "https://x.invalid/x.tgz", "git+ssh://x", "a;b", "ms@1.2"})
            QVERIFY2(!parseSelection(bad), bad);
    }

    void branchNamesAreSafeWhateverAPackageIsCalled_data()
    {
        QTest::addColumn<QString>("name");
        for (const char *name : {"ms", "@scope/name", "..", "a..b", "x.lock", "-x", "a b~^:?*[\\",
                                 "\xe2\x9c\x93", "@{-1}", "a\nb"})
            QTest::newRow(name) << QString::fromUtf8(name);
    }
    void branchNamesAreSafeWhateverAPackageIsCalled()
    {
        QFETCH(QString, name);
        UpdatePlan plan;
        PlannedUpdate update;
        update.name = name;
        update.to = "1.0.0";
        plan.updates << update;
        const QString branch = plan.branchName();
        static const QRegularExpression safe("^ovvoc/update-[A-Za-z0-9][A-Za-z0-9._-]*$");
        QVERIFY2(safe.match(branch).hasMatch(), qPrintable(branch));
        QVERIFY(!branch.contains("..") && !branch.endsWith(".lock") && !branch.endsWith('.'));
    }

    void aManifestIsChangedInPlaceAndNowhereElse()
    {
        const QByteArray text = "\xef\xbb\xbf{\r\n\t\"dependencies\": {\"a\": \"^1.0.0\", "
                                "\"b\":\"1\"},\r\n \"devDependencies\" : { \"a\" : \"~1.0.0\" },"
                                "\r\n \"x\": [1, {\"dependencies\": {\"a\": \"^1.0.0\"}}] }";
        PlannedUpdate update;
        update.name = "a";
        update.section = "devDependencies";
        update.fromRange = "~1.0.0";
        update.toRange = "~2.0.0";
        const auto changed = withUpdates(text, {update});
        QVERIFY(changed);
        QCOMPARE(*changed, QByteArray(text).replace("~1.0.0", "~2.0.0"));
        update.section = "peerDependencies";
        QVERIFY(!withUpdates(text, {update}));
    }

    void damagedProjectFilesAreSaidAsSuch_data()
    {
        QTest::addColumn<QByteArray>("manifest");
        QTest::addColumn<QByteArray>("lockfile");
        const QByteArray good = "{\"dependencies\":{\"a\":\"1.0.0\"}}";
        QTest::newRow("empty") << QByteArray() << QByteArray();
        QTest::newRow("no object") << QByteArray("[]") << QByteArray();
        QTest::newRow("cut") << QByteArray("{\"dependencies\":{") << QByteArray();
        QTest::newRow("two objects") << QByteArray("{} {}") << QByteArray();
        QTest::newRow("lockfile is no object") << good << QByteArray("7");
        QTest::newRow("lockfile of the future")
            << good << QByteArray("{\"lockfileVersion\":99,\"packages\":{}}");
        QTest::newRow("lockfile out of step")
            << good
            << QByteArray(
                   "{\"lockfileVersion\":3,\"packages\":{\"\":{\"dependencies\":{\"a\":\"2\"}}}}");
        QTest::newRow("from git")
            << good
            << QByteArray(
                   "{\"lockfileVersion\":3,\"packages\":{\"\":{\"dependencies\":{\"a\":\"1.0.0\"}},"
                   "\"node_modules/a\":{\"version\":\"1.0.0\",\"resolved\":\"git+ssh://x\"}}}");
    }
    void damagedProjectFilesAreSaidAsSuch()
    {
        QFETCH(QByteArray, manifest);
        QFETCH(QByteArray, lockfile);
        const auto project = readNpmProject(
            manifest, lockfile.isEmpty() ? QString() : "package-lock.json", lockfile);
        QVERIFY(!project);
        QVERIFY2(project.error().message.contains("package")
                     || project.error().message.contains("git"),
                 qPrintable(project.error().message));
    }

    void dependenciesThatAreNotFromTheRegistryAreLeftOutWithAReason()
    {
        const QByteArray text =
            "{\"dependencies\":{\"a\":\"file:../a\",\"b\":\"git+https://x.invalid/b\",\n"
            "            "
            "\"c\":\"github:x/c\",\"d\":\"workspace:*\",\"e\":\"npm:other@1\",\"f\":\"https://"
            "x.invalid/f.tgz\",\n"
            "            \"g\":\"^1.0.0\",\"h\":7}}";
        const auto project = readNpmProject(text, {}, {});
        QVERIFY2(project, project ? "" : qPrintable(project.error().message));
        for (const NpmProject::Dependency &dependency : project->dependencies)
            QVERIFY2(dependency.skipReason.isEmpty() == (dependency.name == "g"),
                     qPrintable(dependency.name));
    }

    // Every recorded output, cut at many places and with bytes flipped: no reader may crash, hang,
    // or report more tests than there are lines.
    void testReadersSurviveDamagedOutput()
    {
        const QDir folder(TEST_DATA "/testoutput");
        const QStringList files = folder.entryList({"*.txt"}, QDir::Files);
        QVERIFY(files.size() >= 6);
        for (const QString &name : files) {
            QFile file(folder.filePath(name));
            QVERIFY(file.open(QIODevice::ReadOnly));
            const QByteArray text = file.readAll();
            QVERIFY2(readTestOutput(text, "/work/repo"), qPrintable(name));
            const auto lines = text.count('\n') + 1;
            for (qsizetype cut = 0; cut < text.size(); cut += 37) {
                QByteArray damaged = text.left(cut);
                for (int variant = 0; variant < 2; ++variant) {
                    const auto summary = readTestOutput(damaged, "/work/repo");
                    QVERIFY(!summary || summary->total() <= lines);
                    for (qsizetype i = cut % 11; i < damaged.size(); i += 53)
                        damaged[i] = char(damaged[i] ^ 0x55);
                }
            }
        }
    }

    void aTestThatPrintsWhatARunnerPrintsDoesNotHideAFailure()
    {
        // A program can write anything; the exit code decides, and a failure that was seen stays.
        const QByteArray output = "TAP version 13\nnot ok 1 - real\n# tests 1\n# pass 1\n# fail 0\n"
                                  "1..1\n";
        const auto summary = readTestOutput(output, "/work/repo");
        QVERIFY(summary);
        QCOMPARE(summary->failed, 1);
    }

    void tapeIsRead()
    {
        QFile file(TEST_DATA "/testoutput/tape.txt");
        QVERIFY(file.open(QIODevice::ReadOnly));
        const auto summary = readTestOutput(file.readAll(), "/work/repo");
        QVERIFY(summary);
        QVERIFY(summary->failed >= 1);
        QVERIFY(summary->passed >= 1);
        QVERIFY(!summary->failures().first().name.isEmpty());
    }
};

QTEST_GUILESS_MAIN(UpdatesTest)
#include "tst_updates.moc"
