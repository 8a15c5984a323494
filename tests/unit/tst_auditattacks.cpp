// What an attacker with the workspace's files does to the log and to what is kept beside it: every
// start says so, nothing is written, and nothing launders it. And what must not read as an attack.

#include "audit/auditlog.h"
#include "base/ids.h"
#include "jobs/jobarchive.h"
#include "support/fill.h"
#include "support/folderstore.h"
#include "support/testsupport.h"

#include <QCryptographicHash>

using namespace ovvoc;
using namespace ovvoc::test;

using Kind = AuditVerdict::Problem::Kind;

class AuditAttacksTest : public QObject
{
    Q_OBJECT

    struct Bench
    {
        QTemporaryDir folder;
        std::shared_ptr<FolderStore> store =
            std::make_shared<FolderStore>(folder.path() + "/keychain");
        WorkspaceFolder place;
        std::shared_ptr<Workspace> workspace;
        std::shared_ptr<JobArchive> archive;
        Client client;
        ClientRepository repository;
        Job job;
        Bench()
        {
            qputenv("OVVOC_WORKSPACE", (folder.path() + "/workspace").toLocal8Bit());
            place = *WorkspaceFolder::open();
            reopen();
            client = *workspace->addClient("Aurora");
            ClientRepository wanted;
            wanted.clientId = client.id;
            wanted.path = "/srv/shop";
            wanted.name = "shop";
            repository = *workspace->addRepository(wanted);
            job = madeUpJob(repository, client.name, 1);
            if (!archive->begin(job) || !archive->finish(job)
                || !await(workspace->audit().settle()))
                qFatal("cannot fill");
        }
        Result<> reopen()
        {
            workspace.reset();
            archive.reset();
            auto opened = await(Workspace::open(place, store));
            if (!opened)
                return fail(opened.error());
            workspace = *opened;
            archive = std::make_shared<JobArchive>(workspace);
            return {};
        }
        void fill(int entries)
        {
            for (int i = 0; i < entries; ++i) {
                if (!workspace->audit().add(
                        {"job.phase", client.id, job.request.id, "ok", {{"number", i}}, {}}))
                    qFatal("cannot add");
            }
            if (!await(workspace->audit().settle()))
                qFatal("cannot settle");
        }
        /// Copies every file of the workspace, with its journal folded in.
        void copyTo(const QString &name)
        {
            (void)workspace->database().shrink();
            (void)(*workspace->clientDatabase(client.id))->shrink();
            QDir().mkpath(folder.path() + '/' + name);
            for (const QString &file : QDir(place.path).entryList(QDir::Files))
                QFile::copy(place.path + '/' + file, folder.path() + '/' + name + '/' + file);
        }
        void putBack(const QString &name, const QString &only = {})
        {
            for (const QString &file : QDir(folder.path() + '/' + name).entryList(QDir::Files)) {
                if (!only.isEmpty() && !file.startsWith(only))
                    continue;
                for (const char *end : {"", "-wal", "-shm"})
                    QFile::remove(place.path + '/' + file + QLatin1String(end));
                QFile::copy(folder.path() + '/' + name + '/' + file, place.path + '/' + file);
            }
        }
        QString clientFile() const { return QFileInfo(place.clientPath(client.id)).fileName(); }
        QByteArray head() const
        {
            QFile file(store->pathOf(WorkspaceKeys::headEntry(place.id)));
            return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
        }
        QByteArray fileHash() const
        {
            QFile file(place.databasePath());
            QCryptographicHash hash(QCryptographicHash::Sha256);
            if (!file.open(QIODevice::ReadOnly) || !hash.addData(&file))
                qFatal("cannot read");
            return hash.result();
        }
    };

    static bool has(const AuditVerdict &verdict, Kind kind, const QString &word = {})
    {
        return std::ranges::any_of(verdict.problems, [&](const auto &problem) {
            return problem.kind == kind && problem.text.contains(word);
        });
    }

private slots:
    // ---- what every start finds

    void aStartNeverLaunders_data()
    {
        QTest::addColumn<QString>("attack");
        for (const char *attack :
             {"cut", "cut with its signatures", "all entries gone", "the key's mark gone",
              "older copy", "file gone", "file empty", "the end made anew"})
            QTest::newRow(attack) << QString(attack);
    }
    void aStartNeverLaunders()
    {
        QFETCH(QString, attack);
        Bench bench;
        bench.copyTo("old");
        bench.fill(120);
        const auto sql = [&](const QString &text) {
            const auto done = bench.workspace->database().run(text);
            QVERIFY2(done.has_value(), done ? "" : qPrintable(done.error().message));
        };
        if (attack.startsWith("cut"))
            sql("DELETE FROM audit WHERE seq > 100");
        if (attack == "cut with its signatures")
            sql("DELETE FROM checkpoint WHERE seq > 100");
        if (attack == "all entries gone") {
            sql("DELETE FROM audit");
            sql("DELETE FROM checkpoint");
        }
        if (attack == "the key's mark gone")
            sql("DELETE FROM meta WHERE name = 'key'");
        if (attack == "the end made anew") {
            sql("DELETE FROM audit WHERE seq > 120");
            sql("INSERT INTO audit SELECT seq + 1, time, client, job, action, actor_hash, hash, "
                "sealed, detail_sealed FROM audit WHERE seq = 120");
            for (int i = 0; i < 10; ++i)
                sql("INSERT INTO audit SELECT (SELECT max(seq) FROM audit) + 1, time, client, job, "
                    "action, actor_hash, hash, sealed, detail_sealed FROM audit WHERE seq = 120");
        }
        (void)bench.workspace->database().shrink();
        bench.workspace.reset();
        bench.archive.reset();
        if (attack == "older copy")
            bench.putBack("old");
        if (attack.startsWith("file ")) {
            for (const char *end : {"", "-wal", "-shm"})
                QFile::remove(bench.place.databasePath() + QLatin1String(end));
        }
        if (attack == "file empty") {
            QFile empty(bench.place.databasePath());
            QVERIFY(empty.open(QIODevice::WriteOnly));
        }
        const QByteArray head = bench.head();
        const bool there = QFileInfo(bench.place.databasePath()).size() > 0;
        const QByteArray before = there ? bench.fileHash() : QByteArray();
        // Whatever is started, and however often.
        for (int start = 0; start < 3; ++start) {
            const auto opened = bench.reopen();
            QVERIFY(!opened);
            QCOMPARE(toString(opened.error().code), QString("damaged"));
            QVERIFY2(opened.error().message.contains("tampered"),
                     qPrintable(opened.error().message));
        }
        QCOMPARE(bench.head(), head);
        if (there)
            QCOMPARE(bench.fileHash(), before);
    }

    void aDamagedLogIsLookedAtAndGoneOnWithOnlyKnowingly()
    {
        Bench bench;
        bench.fill(20);
        QVERIFY(bench.workspace->database().run("DELETE FROM audit WHERE seq > 10"));
        QVERIFY(bench.workspace->database().run("DELETE FROM checkpoint WHERE seq > 10"));
        bench.workspace.reset();
        VERIFY_RESULT(workspace, await(Workspace::inspect(bench.place, bench.store)));
        QVERIFY(workspace->damage().has_value());
        VERIFY_RESULT(verdict, await(workspace->verify()));
        QVERIFY(has(verdict, Kind::RolledBack));
        // Nothing is written, whatever asks for it.
        QVERIFY(!workspace->audit().add({"program.start", {}, {}, "ok", {}, {}}));
        QVERIFY(!workspace->addClient("Another"));
        QVERIFY(!workspace->saveAgencyOverrides({{"level", "patch"}}));
        QVERIFY(!await(workspace->audit().settle()));
        QVERIFY(!await(workspace->rotateKey()));
        VERIFY_RESULT(entries, workspace->audit().entries({}));
        QCOMPARE(entries.size(), 10);
        VERIFY_RESULT(accepted, await(workspace->acceptLog()));
        QVERIFY(!accepted.holds());
        workspace.reset();
        VERIFY_DONE(bench.reopen());
        VERIFY_RESULT(after, await(bench.workspace->verify()));
        QVERIFY2(after.holds(), qPrintable(after.holds() ? "" : after.problems.first().text));
        QCOMPARE(after.accepted, 1);
        AuditFilter filter;
        filter.action = "audit.accept";
        VERIFY_RESULT(notes, bench.workspace->audit().entries(filter));
        QVERIFY(notes.first().detail["problems"].toArray().size() > 0);
    }

    void aLogThatIsCutWhileItIsOpenIsNotGoneOnWith()
    {
        Bench bench;
        bench.fill(20);
        const QByteArray head = bench.head();
        QVERIFY(bench.workspace->database().run("DELETE FROM audit WHERE seq > 10"));
        const auto added =
            bench.workspace->audit().add({"job.phase", bench.client.id, {}, "ok", {}, {}});
        QVERIFY(!added);
        QCOMPARE(toString(added.error().code), QString("damaged"));
        const auto settled = await(bench.workspace->audit().settle());
        QVERIFY(!settled);
        QCOMPARE(bench.head(), head);
        VERIFY_RESULT(rows, bench.workspace->database().value("SELECT count(*) FROM audit"));
        QCOMPARE(rows.toInt(), 10);
    }

    void theHeadNeverGoesDown()
    {
        Bench bench;
        VERIFY_RESULT(other, await(Workspace::open(bench.place, bench.store)));
        bench.fill(10);
        const qint64 high = bench.head().split(':').first().toLongLong();
        // The other program has seen less; what it writes now is no step back.
        VERIFY_DONE(await(other->audit().settle()));
        QVERIFY(bench.head().split(':').first().toLongLong() >= high);
    }

    // ---- what Verify finds besides

    void changesBesideTheLogAreFound_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("statement");
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("word");
        const auto row = [](const char *name, const char *file, const char *statement, Kind kind,
                            const char *word) {
            QTest::newRow(name) << QString(file) << QString(statement) << int(kind)
                                << QString(word);
        };
        row("the actor's hash", "workspace",
            "UPDATE audit SET actor_hash = zeroblob(16) WHERE seq = 3", Kind::Changed, "3");
        row("a job's outcome", "workspace", "UPDATE job SET outcome = 'cancelled'", Kind::Record,
            "job/");
        row("a job's level", "workspace", "UPDATE job SET level = 'other', security = 1 - security",
            Kind::Record, "job/");
        row("a job's time", "workspace", "UPDATE job SET ended = ended + 1", Kind::Record, "job/");
        row("a job that seems to run", "workspace", "UPDATE job SET process = '1-1'", Kind::Record,
            "job/");
        row("a deleted job", "workspace", "DELETE FROM job", Kind::Record, "missing");
        row("an inserted job", "workspace",
            "INSERT INTO job SELECT 'forged', client, repository, kind, outcome, phase, level, "
            "security, created, ended, process FROM job",
            Kind::Record, "knows nothing");
        row("a job's record deleted", "client", "DELETE FROM job", Kind::Record, "job/");
        row("a repository deleted", "client", "DELETE FROM repository", Kind::Record, "missing");
        row("a repository archived", "client", "UPDATE repository SET archived = 1", Kind::Record,
            "repository/");
        row("a client archived", "workspace", "UPDATE client SET archived = 1", Kind::Record,
            "client/");
        row("settings deleted", "workspace", "DELETE FROM setting", Kind::Record, "settings");
        row("a signature that is no hundredth", "workspace",
            "DELETE FROM checkpoint WHERE seq = (SELECT min(seq) FROM checkpoint)", Kind::Signature,
            "missing");
        row("the newest signature", "workspace",
            "DELETE FROM checkpoint WHERE seq = (SELECT max(seq) FROM checkpoint)", Kind::Signature,
            "missing");
    }
    void changesBesideTheLogAreFound()
    {
        QFETCH(QString, file);
        QFETCH(QString, statement);
        QFETCH(int, kind);
        QFETCH(QString, word);
        Bench bench;
        VERIFY_DONE(bench.workspace->saveAgencyOverrides({{"level", "patch"}}));
        bench.fill(5);
        bench.fill(5);
        VERIFY_RESULT(untouched, await(bench.workspace->verify()));
        QVERIFY2(untouched.holds(),
                 qPrintable(untouched.holds() ? "" : untouched.problems.first().text));
        QVERIFY(untouched.records >= 4);
        if (file == "workspace") {
            VERIFY_RESULT(changed, bench.workspace->database().run(statement));
            QVERIFY(changed > 0);
        } else {
            VERIFY_RESULT(database, bench.workspace->clientDatabase(bench.client.id));
            VERIFY_RESULT(changed, database->run(statement));
            QVERIFY(changed > 0);
        }
        VERIFY_RESULT(verdict, await(bench.workspace->verify()));
        QStringList said;
        for (const auto &problem : verdict.problems)
            said << problem.text;
        QVERIFY2(has(verdict, Kind(kind), word), qPrintable(said.join('\n')));
    }

    void anOlderStatePutBackIsFound_data()
    {
        QTest::addColumn<QString>("what");
        for (const char *what : {"settings", "client row", "client file", "job record"})
            QTest::newRow(what) << QString(what);
    }
    void anOlderStatePutBackIsFound()
    {
        QFETCH(QString, what);
        Bench bench;
        VERIFY_DONE(bench.workspace->saveAgencyOverrides({{"level", "patch"}}));
        bench.fill(1);
        bench.copyTo("old");
        Database &database = bench.workspace->database();
        VERIFY_RESULT(file, bench.workspace->clientDatabase(bench.client.id));
        const auto kept = [](Database &from, const char *sql) {
            return from.value(QLatin1String(sql))->toByteArray();
        };
        const QByteArray settings = kept(database, "SELECT sealed FROM setting"),
                         row = kept(database, "SELECT sealed FROM client"),
                         record = kept(*file, "SELECT sealed FROM job");
        VERIFY_DONE(bench.workspace->saveAgencyOverrides({{"level", "major"}}));
        Client renamed = bench.client;
        renamed.name = "Borealis";
        VERIFY_DONE(bench.workspace->saveClient(renamed));
        ClientRepository moved = bench.repository;
        moved.baseBranch = "next";
        VERIFY_DONE(bench.workspace->saveRepository(moved));
        Job later = bench.job;
        later.summary = "another end";
        VERIFY_DONE(bench.archive->finish(later));
        bench.fill(1);
        QString word;
        if (what == "settings") {
            QVERIFY(database.run("UPDATE setting SET sealed = ?", {settings}));
            word = "settings";
        } else if (what == "client row") {
            QVERIFY(database.run("UPDATE client SET sealed = ?", {row}));
            word = "client/";
        } else if (what == "job record") {
            QVERIFY(file->run("UPDATE job SET sealed = ?", {record}));
            word = "job/";
        } else {
            bench.workspace.reset();
            bench.archive.reset();
            bench.putBack("old", bench.clientFile());
            VERIFY_DONE(bench.reopen());
            word = "repository/";
        }
        VERIFY_RESULT(verdict, await(bench.workspace->verify()));
        QVERIFY(has(verdict, Kind::Record, word));
    }

    // ---- what is no attack

    void entriesThatComeWhileItLooksAreNoTampering()
    {
        Bench bench;
        bench.fill(1700);
        int more = 0;
        const auto progress = [&](qint64, qint64) {
            for (int i = 0; i < 60; ++i) {
                Job job = bench.job;
                job.request.id = newId();
                if (i % 20 == 0 && (!bench.archive->begin(job) || !bench.archive->finish(job)))
                    qFatal("cannot finish");
                (void)bench.workspace->audit().add({"job.phase", {}, {}, "ok", {}, {}});
                ++more;
            }
        };
        VERIFY_RESULT(verdict, await(bench.workspace->verify(progress)));
        QVERIFY2(verdict.holds(), qPrintable(verdict.holds() ? "" : verdict.problems.first().text));
        QVERIFY(more > 100);
    }

    void whatAStartTidiesUpLaundersNothing_data()
    {
        QTest::addColumn<QStringList>("before"); // while the program is off
        QTest::addColumn<QStringList>("after"); // and again, after one start
        QTest::addColumn<QString>("word");
        const auto row = [](const char *name, const QStringList &before, const QStringList &after,
                            const char *word) {
            QTest::newRow(name) << before << after << QString(word);
        };
        row("a client deleted", {"DELETE FROM client"}, {}, "client/");
        row("a client's key taken", {"UPDATE client SET wrapped_key = NULL"}, {}, "client/");
        row("a job made old", {"UPDATE job SET created = 1"}, {}, "job/");
        row("a job that seems never to have ended",
            {"UPDATE job SET outcome = 'none', process = ''"}, {}, "job/");
        row("a reason to cover everything anew",
            {"UPDATE audit SET action = 'x' WHERE action = 'audit.cover'",
             "UPDATE client SET archived = 1"},
            {"UPDATE audit SET action = 'audit.cover' WHERE action = 'x'"}, "client/");
    }
    void whatAStartTidiesUpLaundersNothing()
    {
        QFETCH(QStringList, before);
        QFETCH(QStringList, after);
        QFETCH(QString, word);
        Bench bench;
        bench.fill(3);
        for (const QString &statement : std::as_const(before))
            QVERIFY(bench.workspace->database().run(statement));
        VERIFY_DONE(bench.reopen());
        (void)bench.archive->closeInterrupted({});
        (void)bench.archive->purge(bench.client.id, QDateTime::currentDateTimeUtc());
        VERIFY_DONE(await(bench.workspace->audit().settle()));
        for (const QString &statement : std::as_const(after))
            QVERIFY(bench.workspace->database().run(statement));
        VERIFY_RESULT(verdict, await(bench.workspace->verify()));
        QStringList said;
        for (const auto &problem : verdict.problems)
            said << problem.text;
        QVERIFY2(has(verdict, Kind::Record, word), qPrintable(said.join('\n')));
    }

    void anErasedClientPutBackIsFoundAndCannotBeRead()
    {
        Bench bench;
        bench.fill(1);
        bench.copyTo("old");
        VERIFY_RESULT(rows,
                      bench.workspace->database().rows(
                          "SELECT id, created, archived, wrapped_key, sealed FROM client"));
        VERIFY_DONE(await(bench.workspace->removeClient(bench.client.id)));
        QVERIFY(bench.workspace->database().run("INSERT INTO client VALUES (?, ?, ?, ?, ?)",
                                                QVariantList(rows[0].begin(), rows[0].end())));
        bench.putBack("old", bench.clientFile());
        VERIFY_DONE(bench.reopen());
        QVERIFY(!bench.workspace->dataKey(bench.client.id));
        QVERIFY(!bench.workspace->clientDatabase(bench.client.id));
        VERIFY_RESULT(verdict, await(bench.workspace->verify()));
        QVERIFY(has(verdict, Kind::Record, "client/"));
    }

    void oneClientThatCannotBeReadStopsNoOther()
    {
        Bench bench;
        VERIFY_RESULT(other, bench.workspace->addClient("Borealis"));
        QVERIFY(bench.workspace->database().run(
            "UPDATE client SET sealed = zeroblob(40) WHERE id = ?", {bench.client.id}));
        VERIFY_RESULT(clients, bench.workspace->clients());
        QCOMPARE(clients.size(), 1);
        QCOMPARE(clients.first().id, other.id);
    }

    void purgingAndRemovingAreNoTampering()
    {
        Bench bench;
        const QDateTime future = QDateTime::currentDateTimeUtc().addYears(20);
        for (int step = 0; step < 3; ++step)
            VERIFY_DONE(bench.archive->purge(bench.client.id, future));
        VERIFY_DONE(bench.workspace->removeRepository(bench.client.id, bench.repository.id));
        VERIFY_RESULT(verdict, await(bench.workspace->verify()));
        QVERIFY2(verdict.holds(), qPrintable(verdict.holds() ? "" : verdict.problems.first().text));
        VERIFY_DONE(await(bench.workspace->removeClient(bench.client.id)));
        VERIFY_RESULT(after, await(bench.workspace->verify()));
        QVERIFY2(after.holds(), qPrintable(after.holds() ? "" : after.problems.first().text));
    }

    void aCrashBetweenTheLogAndAClientsFileIsMended()
    {
        Bench bench;
        // The client's file cannot be written now: the change is withdrawn, and said.
        VERIFY_RESULT(file, bench.workspace->clientDatabase(bench.client.id));
        QVERIFY(file->run("CREATE TRIGGER no BEFORE INSERT ON repository BEGIN SELECT RAISE(ABORT, "
                          "'disk full'); END"));
        ClientRepository moved = bench.repository;
        moved.baseBranch = "next";
        QVERIFY(!bench.workspace->saveRepository(moved));
        QVERIFY(file->run("DROP TRIGGER no"));
        VERIFY_RESULT(verdict, await(bench.workspace->verify()));
        QVERIFY2(verdict.holds(), qPrintable(verdict.holds() ? "" : verdict.problems.first().text));
        QCOMPARE(bench.workspace->repository(bench.client.id, bench.repository.id)->baseBranch,
                 QString());
        // Killed between the two: what the log says is carried out when the file is opened next.
        QVERIFY(bench.workspace->database().run(
            "CREATE TRIGGER hold BEFORE DELETE ON pending BEGIN SELECT RAISE(IGNORE); END"));
        VERIFY_DONE(bench.workspace->saveRepository(moved));
        QVERIFY(file->run("UPDATE repository SET sealed = zeroblob(40)"));
        QVERIFY(bench.workspace->database().run("DROP TRIGGER hold"));
        VERIFY_DONE(bench.reopen());
        QCOMPARE(bench.workspace->repository(bench.client.id, bench.repository.id)->baseBranch,
                 QString("next"));
        VERIFY_RESULT(mended, await(bench.workspace->verify()));
        QVERIFY2(mended.holds(), qPrintable(mended.holds() ? "" : mended.problems.first().text));
    }

    // ---- keys, and two programs

    void aRotationThatFailsAtCommitLeavesTheOldKeyInUse()
    {
        Bench bench;
        Database &database = bench.workspace->database();
        // A deferred constraint fails at COMMIT and nowhere before.
        QVERIFY(database.run("CREATE TABLE parent (id INTEGER PRIMARY KEY)"));
        QVERIFY(database.run("CREATE TABLE child (id INTEGER REFERENCES parent (id) DEFERRABLE "
                             "INITIALLY DEFERRED)"));
        QVERIFY(database.run("CREATE TRIGGER late AFTER UPDATE ON meta WHEN new.name = 'key' BEGIN "
                             "INSERT INTO child VALUES (1); END"));
        const QByteArray before = bench.workspace->keys().fingerprint();
        QVERIFY(!await(bench.workspace->rotateKey()));
        QCOMPARE(bench.workspace->keys().fingerprint(), before);
        QVERIFY(database.run("DROP TRIGGER late"));
        // What is sealed now opens at the next start, and after a rotation that succeeds.
        VERIFY_RESULT(added, bench.workspace->addClient("After"));
        VERIFY_DONE(bench.reopen());
        QVERIFY(bench.workspace->client(added.id).has_value());
        VERIFY_DONE(await(bench.workspace->rotateKey()));
        VERIFY_DONE(bench.reopen());
        VERIFY_RESULT(verdict, await(bench.workspace->verify()));
        QVERIFY2(verdict.holds(), qPrintable(verdict.holds() ? "" : verdict.problems.first().text));
    }

    void aSecondRotationNeverLosesTheOnlyCopyOfAKey()
    {
        Bench bench;
        VERIFY_DONE(await(bench.workspace->rotateKey()));
        // As if the program had died after the file and before the keychain: the key is only at the
        // place for the next one.
        const QString key = bench.store->pathOf(WorkspaceKeys::keyEntry(bench.place.id)),
                      next = bench.store->pathOf(WorkspaceKeys::nextKeyEntry(bench.place.id));
        QVERIFY(QFile::rename(key, next));
        QFile stale(key);
        QVERIFY(stale.open(QIODevice::WriteOnly) && stale.write(QByteArray(32, 'x')) == 32);
        stale.close();
        QVERIFY(bench.workspace->database().run(
            "CREATE TRIGGER no BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'no'); END"));
        QVERIFY(!await(bench.workspace->rotateKey()));
        QVERIFY(bench.workspace->database().run("DROP TRIGGER no"));
        VERIFY_DONE(bench.reopen());
    }

    void rotatingAndErasingWaitForTheJobsOfOtherPrograms()
    {
        Bench bench;
        VERIFY_RESULT(other, await(Workspace::open(bench.place, bench.store)));
        JobArchive archive(other);
        Job running = bench.job;
        running.request.id = newId();
        VERIFY_DONE(archive.begin(running));
        const auto refused = [](const Result<> &result) {
            return !result && result.error().code == ErrorCode::Conflict;
        };
        QVERIFY(refused(await(bench.workspace->rotateKey())));
        QVERIFY(refused(bench.workspace->rotateClientKey(bench.client.id)));
        QVERIFY(refused(await(bench.workspace->removeClient(bench.client.id))));
        VERIFY_DONE(archive.finish(running));
        VERIFY_DONE(await(bench.workspace->rotateKey()));
        VERIFY_RESULT(verdict, await(bench.workspace->verify()));
        QVERIFY2(verdict.holds(), qPrintable(verdict.holds() ? "" : verdict.problems.first().text));
    }

    void anotherProgramNeverSealsUnderAKeyThatIsGone()
    {
        Bench bench;
        VERIFY_RESULT(other, await(Workspace::open(bench.place, bench.store)));
        QVERIFY(other->client(bench.client.id).has_value()); // it has the data key in mind
        VERIFY_DONE(bench.workspace->rotateClientKey(bench.client.id));
        VERIFY_DONE(other->audit().add(
            {"job.phase", bench.client.id, "late", "ok", {{"word", "readable"}}, {}}));
        ClientRepository moved = bench.repository;
        moved.baseBranch = "next";
        VERIFY_DONE(other->saveRepository(moved));
        VERIFY_DONE(await(bench.workspace->rotateKey()));
        // Refused until it has the new key, which it fetches by itself.
        const auto early = other->audit().add({"job.phase", {}, {}, "ok", {}, {}});
        QVERIFY(!early);
        QCOMPARE(toString(early.error().code), QString("conflict"));
        QVERIFY(QTest::qWaitFor(
            [&] { return other->audit().add({"job.phase", {}, {}, "ok", {}, {}}).has_value(); },
            10'000));
        VERIFY_DONE(bench.reopen());
        AuditFilter filter;
        filter.job = "late";
        VERIFY_RESULT(entries, bench.workspace->audit().entries(filter));
        QCOMPARE(entries.first().detail["word"].toString(), QString("readable"));
        QCOMPARE(bench.workspace->repository(bench.client.id, bench.repository.id)->baseBranch,
                 QString("next"));
        VERIFY_RESULT(verdict, await(bench.workspace->verify()));
        QVERIFY2(verdict.holds(), qPrintable(verdict.holds() ? "" : verdict.problems.first().text));
    }

    // ---- clocks

    void aClockThatJumpsPurgesABoundedPartAtOnce()
    {
        Bench bench;
        for (int i = 0; i < 40; ++i) {
            Job job = madeUpJob(bench.repository, bench.client.name, i * 3);
            VERIFY_DONE(bench.archive->finish(job));
        }
        VERIFY_DONE(bench.archive->purge(bench.client.id, QDateTime::currentDateTimeUtc()));
        const auto count = [&] {
            return bench.workspace->database().value("SELECT count(*) FROM job")->toInt();
        };
        const int before = count();
        VERIFY_RESULT(
            report,
            bench.archive->purge(bench.client.id, QDateTime::currentDateTimeUtc().addYears(10)));
        QVERIFY(report.held);
        QCOMPARE(count(), before);
    }
};

QTEST_GUILESS_MAIN(AuditAttacksTest)
#include "tst_auditattacks.moc"
