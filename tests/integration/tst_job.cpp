// The whole line on the real engine: the demo repository, in a real cell, with the real registry.

#include "common/services.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace ovvoc;

class JobTest : public QObject
{
    Q_OBJECT
    QTemporaryDir m_folder;
    int ovvoc(const QStringList &arguments, QByteArray *output)
    {
        QProcess process;
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(QCoreApplication::applicationDirPath() + "/ovvoc", arguments);
        process.waitForFinished(300'000);
        *output = process.readAll();
        return process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
    }
    QByteArray git(const QStringList &arguments)
    {
        QProcess process;
        process.start("git", QStringList{"-C", m_folder.path() + "/demo"} + arguments);
        process.waitForFinished(30'000);
        return process.readAll();
    }
private slots:
    void initTestCase()
    {
        qputenv("OVVOC_WORKSPACE", (m_folder.path() + "/workspace").toLocal8Bit());
        QCOMPARE(QProcess::execute("cp", {"-r", DEMO, m_folder.path() + "/demo"}), 0);
        git({"init", "-q", "-b", "main"});
        git({"add", "-A"});
        git({"-c", "user.name=t", "-c", "user.email=t@t.invalid", "commit", "-qm", "Begin"});
    }
    void anUpdateThatPassesLeavesABranch()
    {
        QByteArray output;
        const int code =
            ovvoc({"run", "--repo", m_folder.path() + "/demo", "--update", "ms"}, &output);
        QVERIFY2(code == 0, output.constData());
        QVERIFY(git({"branch", "--list", "ovvoc/*"}).contains("ovvoc/update-ms-"));
        QCOMPARE(git({"status", "--porcelain"}), QByteArray());
    }
    void anUpdateThatBreaksATestLeavesAReport()
    {
        QByteArray output;
        const int code =
            ovvoc({"run", "--repo", m_folder.path() + "/demo", "--update", "minimatch"}, &output);
        QVERIFY2(code == 1, output.constData());
        QVERIFY2(output.contains("src/index.js:") || output.contains("test/files.test.js:"),
                 output.constData());
        QVERIFY(!git({"branch", "--list", "ovvoc/*"}).contains("minimatch"));
    }
    void noCellIsLeft()
    {
        QProcess process;
        process.start("docker", {"ps", "-aq", "--filter", "label=dev.ovvoc.job"});
        QVERIFY(process.waitForFinished(10'000));
        // An engine that did not answer also lists nothing.
        QCOMPARE(process.exitCode(), 0);
        QCOMPARE(process.readAll(), QByteArray());
    }
};

QTEST_GUILESS_MAIN(JobTest)
#include "tst_job.moc"
