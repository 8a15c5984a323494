// The workspace's files, and what can happen to them: keys that change, damage, a full or read-only
// disk, older schemas, two programs at once, and a program that is killed at any moment.

#include "crypto/sealing.h"
#include "jobs/jobarchive.h"
#include "jobs/jobrecorder.h"
#include "store/schema.h"
#include "support/fill.h"
#include "support/workspacebench.h"

#include <QDirIterator>
#include <QProcess>
#include <QRandomGenerator>
#include <csignal>
#include <unistd.h>

using namespace ovvoc;
using namespace ovvoc::test;

using Bench = WorkspaceBench;

class WorkspaceFilesTest : public QObject
{
    Q_OBJECT
private slots:
    // ---- keys

    void keysAreRotatedAndEverythingStaysReadable()
    {
        Bench bench;
        QString id, job;
        {
            VERIFY_RESULT(workspace, bench.open());
            VERIFY_RESULT(client, workspace->addClient("Aurora"));
            id = client.id;
            VERIFY_DONE(workspace->saveAgencyOverrides({{"level", "patch"}}));
            JobArchive archive(workspace);
            const Job sample = sampleJob(client, {}, "x");
            job = sample.request.id;
            VERIFY_DONE(archive.begin(sample));
            VERIFY_DONE(archive.finish(sample));
            const QByteArray before =
                content(bench.store->pathOf(WorkspaceKeys::keyEntry(bench.place.id)));
            VERIFY_DONE(await(workspace->rotateKey()));
            QVERIFY(content(bench.store->pathOf(WorkspaceKeys::keyEntry(bench.place.id)))
                    != before);
            VERIFY_DONE(workspace->rotateClientKey(id));
            QVERIFY(archive.load(job)->summary.startsWith("x"));
            VERIFY_DONE(await(workspace->audit().settle()));
        }
        VERIFY_RESULT(workspace, bench.open());
        JobArchive archive(workspace);
        QVERIFY(archive.load(job)->failure->excerpt.startsWith("x"));
        VERIFY_RESULT(settings, workspace->settingsOf(id));
        QVERIFY(settings.level() == UpdateLevel::Patch);
        JobFilter word;
        word.word = "xpackage";
        QCOMPARE(archive.page(word)->size(), 1);
        VERIFY_RESULT(verdict, await(workspace->audit().verify()));
        QVERIFY(verdict.holds());
    }

    void aRotationThatWasCutOffIsFinished()
    {
        Bench bench;
        QByteArray old;
        const QString entry = bench.store->pathOf(WorkspaceKeys::keyEntry(bench.place.id));
        {
            VERIFY_RESULT(workspace, bench.open());
            VERIFY_RESULT(client, workspace->addClient("Aurora"));
            old = content(entry);
            VERIFY_DONE(await(workspace->rotateKey()));
        }
        // As a crash between the file and the keychain leaves it.
        const QByteArray renewed = content(entry);
        QFile next(bench.store->pathOf(WorkspaceKeys::nextKeyEntry(bench.place.id)));
        QVERIFY(next.open(QIODevice::WriteOnly) && next.write(renewed) == renewed.size());
        next.close();
        QFile current(entry);
        QVERIFY(current.open(QIODevice::WriteOnly) && current.write(old) == old.size());
        current.close();
        VERIFY_RESULT(workspace, bench.open());
        QVERIFY(workspace->client("Aurora").has_value());
        QCOMPARE(content(entry), renewed);
        QVERIFY(!next.exists());
    }

    void whatIsWrongWithTheFilesIsSaidAndNothingIsOverwritten_data()
    {
        QTest::addColumn<QString>("how");
        QTest::addColumn<ErrorCode>("code");
        QTest::newRow("the key is gone") << "no key" << ErrorCode::NotFound;
        QTest::newRow("another key") << "other key" << ErrorCode::Damaged;
        QTest::newRow("a key that is none") << "short key" << ErrorCode::Damaged;
        QTest::newRow("damaged file") << "damaged" << ErrorCode::Damaged;
        QTest::newRow("no database at all") << "text" << ErrorCode::Damaged;
        QTest::newRow("another program's") << "foreign" << ErrorCode::Damaged;
        QTest::newRow("newer") << "newer" << ErrorCode::NewerSchema;
        QTest::newRow("moved away") << "moved" << ErrorCode::Damaged;
    }
    void whatIsWrongWithTheFilesIsSaidAndNothingIsOverwritten()
    {
        QFETCH(QString, how);
        QFETCH(ErrorCode, code);
        Bench bench;
        {
            VERIFY_RESULT(workspace, bench.open());
            for (int i = 0; i < 30; ++i)
                QVERIFY(workspace->addClient("Client " + QString::number(i)).has_value());
            VERIFY_DONE(workspace->database().shrink());
        }
        const QString key = bench.store->pathOf(WorkspaceKeys::keyEntry(bench.place.id));
        const QString file = bench.place.databasePath();
        const auto write = [](const QString &path, const QByteArray &bytes) {
            QFile out(path);
            if (!out.open(QIODevice::WriteOnly) || out.write(bytes) != bytes.size())
                qFatal("cannot write");
        };
        const auto sql = [&file](const QString &text) {
            QProcess tool;
            tool.start("sqlite3", {file, text});
            tool.waitForFinished();
        };
        if (how == "no key")
            QVERIFY(QFile::remove(key));
        if (how == "other key")
            write(key, QByteArray(32, 'k'));
        if (how == "short key")
            write(key, "short");
        if (how == "damaged") {
            QByteArray bytes = content(file);
            for (qsizetype i = 100; i < bytes.size(); i += 7)
                bytes[i] = char(i);
            write(file, bytes);
        }
        if (how == "text")
            write(file, "this is a letter to somebody, and it is no database at all\n");
        if (how == "foreign")
            sql("PRAGMA application_id = 42");
        if (how == "newer")
            sql("PRAGMA user_version = 999");
        if (how == "moved") {
            QVERIFY(QDir().rename(bench.place.path, bench.place.path + ".moved"));
        }
        const QByteArray before = content(file);
        const auto opened = bench.open();
        QVERIFY(!opened);
        QVERIFY2(opened.error().code == code,
                 qPrintable(toString(opened.error().code) + ": " + opened.error().message));
        QVERIFY2(opened.error().message.size() > 40, qPrintable(opened.error().message));
        QCOMPARE(content(file), before);
    }

    void aFullDiskIsSaidAndNothingIsLost()
    {
        Bench bench;
        VERIFY_RESULT(workspace, bench.open());
        VERIFY_RESULT(client, workspace->addClient("Aurora"));
        VERIFY_RESULT(pages, workspace->database().value("PRAGMA page_count"));
        QVERIFY(workspace->database().rows(
            QStringLiteral("PRAGMA max_page_count = %1").arg(pages.toInt())));
        Error error;
        for (int i = 0; i < 500 && error.message.isEmpty(); ++i) {
            const auto added = workspace->addClient("More " + QString::number(i));
            if (!added)
                error = added.error();
        }
        QCOMPARE(toString(error.code), toString(ErrorCode::DiskFull));
        QVERIFY(workspace->database().rows("PRAGMA max_page_count = 100000"));
        QVERIFY(workspace->client("Aurora").has_value());
        VERIFY_DONE(workspace->database().check());
        VERIFY_RESULT(verdict, await(workspace->audit().verify()));
        QVERIFY(verdict.problems.isEmpty()
                || verdict.problems.first().kind == AuditVerdict::Problem::Kind::NoHead);
    }

    void everyPastSchemaIsBroughtUpToDate_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("version");
        for (int version = 1; version <= int(schema::workspace().size()); ++version)
            QTest::addRow("workspace %d", version) << "workspace" << version;
        for (int version = 1; version <= int(schema::client().size()); ++version)
            QTest::addRow("client %d", version) << "client" << version;
    }
    void everyPastSchemaIsBroughtUpToDate()
    {
        QFETCH(QString, name);
        QFETCH(int, version);
        const bool isClient = name == "client";
        const auto &migrations = isClient ? schema::client() : schema::workspace();
        const qint32 kind = isClient ? schema::clientKind : schema::workspaceKind;
        QTemporaryDir folder;
        // A file as that version of the program left it, from its text in the tree: a step that was
        // changed after it had been released would not lead from there to here.
        const QString old = folder.path() + "/old.db", fresh = folder.path() + "/new.db";
        const QString text = QStringLiteral(TEST_DATA "/schemas/%1-%2.sql").arg(name).arg(version);
        QProcess tool;
        tool.setStandardInputFile(text);
        tool.start("sqlite3", {old});
        QVERIFY(tool.waitForFinished());
        QCOMPARE(tool.readAllStandardError(), QByteArray());
        QVERIFY2(QFileInfo(old).size() > 0, qPrintable(text));
        const QString dump =
            "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY 1, 2";
        QList<Database::Row> schemas[2];
        int i = 0;
        for (const QString &path : {old, fresh}) {
            VERIFY_RESULT(database, Database::open(path, kind, migrations));
            VERIFY_RESULT(rows, database->rows(dump));
            schemas[i++] = rows;
        }
        QCOMPARE(schemas[0], schemas[1]);
        QVERIFY(!schemas[0].isEmpty());
    }

    // ---- two programs, and crashes

    void twoProgramsSeeEachOthersChanges()
    {
        Bench bench;
        VERIFY_RESULT(one, bench.open());
        VERIFY_RESULT(other, bench.open());
        int changes = 0;
        connect(other.get(), &Workspace::changed, this, [&changes] { ++changes; });
        VERIFY_RESULT(client, one->addClient("Aurora"));
        QTRY_VERIFY_WITH_TIMEOUT(changes > 0, 5000);
        QVERIFY(other->client("Aurora").has_value());
        VERIFY_DONE(await(one->removeClient(client.id)));
        QTRY_VERIFY_WITH_TIMEOUT(!other->client("Aurora"), 5000);
        QTRY_VERIFY_WITH_TIMEOUT(!other->dataKey(client.id), 5000);
        // Both write to the log; it stays one chain.
        for (int i = 0; i < 60; ++i) {
            VERIFY_DONE((i % 3 ? one : other)->audit().add({"test", {}, {}, "ok", {{"i", i}}}));
        }
        VERIFY_DONE(await(one->audit().settle()));
        VERIFY_RESULT(verdict, await(other->audit().verify()));
        QVERIFY2(verdict.holds(), qPrintable(verdict.holds() ? "" : verdict.problems.first().text));
    }

    void aReadOnlyDiskIsSaidAndNothingIsChanged()
    {
        Bench bench;
        {
            VERIFY_RESULT(workspace, bench.open());
            VERIFY_RESULT(client, workspace->addClient("Aurora"));
        }
        const QString database = bench.place.databasePath();
        const QByteArray before = content(database);
        // A real read-only mount, in a mount namespace that this test makes for it.
        const QString script =
            QStringLiteral("mount --bind \"$1\" \"$1\" && mount -o remount,ro,bind \"$1\" && "
                           "exec \"$2\" --open \"$3\"");
        QProcess child;
        child.start("unshare",
                    {::geteuid() == 0 ? "-m" : "-rm", "sh", "-c", script, "sh", bench.place.path,
                     QCoreApplication::applicationFilePath(), bench.folder.path() + "/keychain"});
        QVERIFY(child.waitForFinished(30'000));
        const QByteArray said = child.readAllStandardOutput();
        QVERIFY2(said.startsWith("read-only "), (said + child.readAllStandardError()).constData());
        QVERIFY2(said.contains(bench.place.path.toUtf8()), said.constData());
        QCOMPARE(content(database), before);
        VERIFY_RESULT(again, bench.open());
        QCOMPARE(again->clients()->size(), 1);
    }

    void aProgramKilledAtAnyMomentLosesAndDoublesNothing()
    {
        Bench bench;
        {
            VERIFY_RESULT(workspace, bench.open());
            VERIFY_RESULT(client, workspace->addClient("Aurora"));
        }
        QRandomGenerator random(4711);
        QSet<QString> promised;
        for (int round = 0; round < 200; ++round) {
            QProcess child;
            child.setProcessChannelMode(QProcess::ForwardedErrorChannel);
            child.start(QCoreApplication::applicationFilePath(),
                        {"--write", bench.folder.path() + "/keychain"});
            QVERIFY(child.waitForStarted());
            QVERIFY(child.waitForReadyRead(20'000)); // it writes
            // Some jobs, and then anywhere in the next: however slow this machine is just now.
            QByteArray said;
            for (const int jobs = int(random.bounded(4)); said.count("done ") < jobs;) {
                QVERIFY(child.bytesAvailable() > 0 || child.waitForReadyRead(20'000));
                said += child.readAll();
            }
            QTest::qSleep(int(random.bounded(10)));
            ::kill(pid_t(child.processId()), SIGKILL);
            child.waitForFinished();
            said += child.readAll();
            for (const QByteArray &line : said.split('\n')) {
                if (line.startsWith("done ") && line.endsWith('.'))
                    promised << QString::fromLatin1(line.mid(5).chopped(1));
            }
            if (round % 20 != 19)
                continue;
            VERIFY_RESULT(workspace, bench.open());
            VERIFY_DONE(workspace->database().check());
            VERIFY_RESULT(client, workspace->client("Aurora"));
            VERIFY_DONE((*workspace->clientDatabase(client.id))->check());
            JobArchive archive(workspace);
            VERIFY_RESULT(closed, archive.closeInterrupted({}));
            VERIFY_RESULT(verdict, await(workspace->audit().verify()));
            QVERIFY2(verdict.holds(),
                     qPrintable(verdict.holds() ? "" : verdict.problems.first().text));
        }
        VERIFY_RESULT(workspace, bench.open());
        JobArchive archive(workspace);
        JobFilter filter;
        filter.limit = 100'000;
        VERIFY_RESULT(rows, archive.page(filter));
        QSet<QString> found;
        for (const JobRow &row : rows) {
            QVERIFY(!found.contains(row.id));
            found << row.id;
            QVERIFY2(archive.load(row.id).has_value(), qPrintable(row.id));
            QVERIFY(row.outcome
                    == "failed"); // finished, or closed as interrupted; never in between
        }
        QVERIFY(promised.size() > 100);
        QVERIFY((promised - found).isEmpty());
    }
};

namespace {

/// The child of aProgramKilledAtAnyMoment…: writes jobs as fast as it can and says of each, once it
/// is kept, that it is.
int writeUntilKilled(const QString &keychain)
{
    const auto workspace =
        *await(Workspace::open(*WorkspaceFolder::open(), std::make_shared<FolderStore>(keychain)));
    const Client client = *workspace->client("Aurora");
    const auto archive = std::make_shared<JobArchive>(workspace);
    JobRecorder recorder(workspace, archive);
    std::puts("ready");
    std::fflush(stdout);
    for (;;) {
        Job job = sampleJob(client, {}, "x");
        Job running = job;
        running.outcome = Outcome::None;
        recorder.changed(running);
        recorder.finished(job);
        std::printf("done %s.\n", qPrintable(job.request.id));
        std::fflush(stdout);
        QCoreApplication::processEvents();
    }
}

/// The child of aReadOnlyDiskIsSaid…: what opening the workspace and writing to it says.
int openAndSay(const QString &keychain)
{
    Error error;
    if (const auto folder = WorkspaceFolder::open(); !folder) {
        error = folder.error();
    } else if (const auto workspace =
                   await(Workspace::open(*folder, std::make_shared<FolderStore>(keychain)));
               !workspace) {
        error = workspace.error();
    } else if (const auto added = (*workspace)->addClient("Later"); !added) {
        error = added.error();
    }
    std::printf("%s %s\n", qPrintable(toString(error.code)), qPrintable(error.message));
    return 0;
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    if (argc == 3 && QByteArray(argv[1]) == "--write")
        return writeUntilKilled(QString::fromLocal8Bit(argv[2]));
    if (argc == 3 && QByteArray(argv[1]) == "--open")
        return openAndSay(QString::fromLocal8Bit(argv[2]));
    WorkspaceFilesTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_workspacefiles.moc"
