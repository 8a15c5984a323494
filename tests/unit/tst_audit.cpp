// The audit log: what was done to its file is found, and its export is verified by others' tools.

#include "audit/auditlog.h"
#include "clients/workspace.h"
#include "crypto/sealing.h"
#include "support/folderstore.h"
#include "support/testsupport.h"

#include <QBuffer>
#include <QCryptographicHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QProcess>

using namespace ovvoc;
using namespace ovvoc::test;

using Kind = AuditVerdict::Problem::Kind;

class AuditTest : public QObject
{
    Q_OBJECT

    struct Bench
    {
        QTemporaryDir folder;
        std::shared_ptr<FolderStore> store =
            std::make_shared<FolderStore>(folder.path() + "/keychain");
        std::shared_ptr<Workspace> workspace;
        Client client;
        Bench()
        {
            qputenv("OVVOC_WORKSPACE", (folder.path() + "/workspace").toLocal8Bit());
            auto opened = await(Workspace::open(*WorkspaceFolder::open(), store));
            if (!opened)
                qFatal("%s", qPrintable(opened.error().message));
            workspace = *opened;
            client = *workspace->addClient("Aurora");
        }
        AuditLog &audit() { return workspace->audit(); }
        Database &database() { return workspace->database(); }
        void fill(int entries)
        {
            for (int i = 0; i < entries; ++i) {
                if (!audit().add({"job.phase",
                                  i % 2 ? client.id : QString(),
                                  "job" + QString::number(i / 10),
                                  i % 7 ? "ok" : "failed",
                                  {{"phase", "Test"}, {"number", i}}}))
                    qFatal("cannot add");
            }
            if (!await(audit().settle()))
                qFatal("cannot settle");
        }
    };

private slots:
    void anUntouchedLogHolds()
    {
        Bench bench;
        bench.fill(250);
        VERIFY_RESULT(verdict, await(bench.audit().verify()));
        QVERIFY2(verdict.holds(), qPrintable(verdict.holds() ? "" : verdict.problems.first().text));
        QCOMPARE(verdict.entries, 252);
        QCOMPARE(verdict.checkpoints, 4);
        QCOMPARE(verdict.unreadable, 0);
    }

    void tamperingIsFound_data()
    {
        QTest::addColumn<QStringList>("statements");
        QTest::addColumn<int>("kind");
        const auto row = [](const char *name, QStringList statements, Kind kind) {
            QTest::newRow(name) << statements << int(kind);
        };
        row("a changed time", {"UPDATE audit SET time = time + 1 WHERE seq = 42"}, Kind::Changed);
        row("a changed action", {"UPDATE audit SET action = 'other' WHERE seq = 42"},
            Kind::Changed);
        row("a changed client", {"UPDATE audit SET client = '' WHERE seq = 44"}, Kind::Changed);
        row("a changed hash", {"UPDATE audit SET hash = zeroblob(32) WHERE seq = 42"},
            Kind::Changed);
        row("a changed text", {"UPDATE audit SET sealed = zeroblob(length(sealed)) WHERE seq = 42"},
            Kind::Changed);
        row("changed details",
            {"UPDATE audit SET detail_sealed = zeroblob(length(detail_sealed)) WHERE seq = 42"},
            Kind::Changed);
        row("details of another entry",
            {"UPDATE audit SET detail_sealed = (SELECT detail_sealed FROM audit WHERE seq = 44) "
             "WHERE seq = 42"},
            Kind::Changed);
        row("a deleted entry", {"DELETE FROM audit WHERE seq = 42"}, Kind::Missing);
        row("a deleted beginning", {"DELETE FROM audit WHERE seq < 42"}, Kind::Missing);
        row("a cut-off end",
            {"DELETE FROM audit WHERE seq > 242", "DELETE FROM checkpoint WHERE seq > 242"},
            Kind::RolledBack);
        row("a cut-off end with its signature left", {"DELETE FROM audit WHERE seq > 242"},
            Kind::CutOff);
        row("a doubled entry at the end",
            {"INSERT INTO audit SELECT 253, time, client, job, action, actor_hash, hash, sealed, "
             "detail_sealed FROM audit WHERE seq = 252"},
            Kind::Changed);
        row("an inserted entry",
            {"UPDATE audit SET seq = -seq WHERE seq >= 42",
             "UPDATE audit SET seq = 1 - seq WHERE seq < 0",
             "INSERT INTO audit SELECT 42, time, client, job, action, actor_hash, hash, sealed, "
             "detail_sealed FROM audit WHERE seq = 41"},
            Kind::Changed);
        row("two entries swapped",
            {"UPDATE audit SET seq = -1 WHERE seq = 42", "UPDATE audit SET seq = 42 WHERE seq = 43",
             "UPDATE audit SET seq = 43 WHERE seq = -1"},
            Kind::Changed);
        row("a deleted signature", {"DELETE FROM checkpoint WHERE seq = 100"}, Kind::Signature);
        row("a changed signature",
            {"UPDATE checkpoint SET signature = zeroblob(64) WHERE seq = 100"}, Kind::Signature);
        row("everything deleted", {"DELETE FROM audit", "DELETE FROM checkpoint"},
            Kind::RolledBack);
    }
    void tamperingIsFound()
    {
        QFETCH(QStringList, statements);
        QFETCH(int, kind);
        Bench bench;
        bench.fill(250);
        for (const QString &statement : statements) {
            const auto done = bench.database().run(statement);
            QVERIFY2(done.has_value(), done ? "" : qPrintable(done.error().message));
        }
        VERIFY_RESULT(verdict, await(bench.audit().verify()));
        QVERIFY(!verdict.holds());
        QStringList found;
        bool seen = false;
        for (const AuditVerdict::Problem &problem : verdict.problems) {
            seen = seen || int(problem.kind) == kind;
            found << problem.text;
        }
        QVERIFY2(seen, qPrintable(found.join('\n')));
    }

    void anOlderCopyOfTheWholeFileIsFound()
    {
        Bench bench;
        bench.fill(120);
        const QString file = bench.workspace->folder().databasePath();
        VERIFY_DONE(bench.database().shrink());
        QVERIFY(QFile::copy(file, file + ".old"));
        bench.fill(50);
        bench.workspace.reset();
        for (const char *end : {"", "-wal", "-shm"})
            QFile::remove(file + QLatin1String(end));
        QVERIFY(QFile::rename(file + ".old", file));
        QVERIFY(!await(Workspace::open(*WorkspaceFolder::open(), bench.store)));
        VERIFY_RESULT(workspace, await(Workspace::inspect(*WorkspaceFolder::open(), bench.store)));
        VERIFY_RESULT(verdict, await(workspace->audit().verify()));
        QVERIFY(!verdict.holds());
        QVERIFY(std::ranges::any_of(verdict.problems, [](const AuditVerdict::Problem &problem) {
            return problem.kind == Kind::RolledBack;
        }));
    }

    void aChainMadeAnewFromTheMiddleIsFound()
    {
        // Somebody who has the file and even the sealing keys, but not the signing key and not the
        // keychain's memory: every hash is made right again.
        Bench bench;
        bench.fill(250);
        const SecretBytes &key = bench.workspace->keys().records();
        QByteArray previous;
        for (qint64 seq = 150; seq <= 252; ++seq) {
            const auto row =
                bench.database().rows("SELECT sealed, hash FROM audit WHERE seq = ?", {seq});
            const QByteArray place = "audit/entry/" + QByteArray::number(seq);
            QJsonObject entry =
                QJsonDocument::fromJson(*unseal(key, (*row)[0][0].toByteArray(), place)).object();
            if (seq == 150)
                entry["result"] = "ok, really";
            if (!previous.isEmpty())
                entry["previous"] = QString::fromLatin1(previous.toHex());
            const QByteArray text = QJsonDocument(entry).toJson(QJsonDocument::Compact);
            previous = QCryptographicHash::hash(text, QCryptographicHash::Sha256);
            QVERIFY(bench.database().run("UPDATE audit SET sealed = ?, hash = ? WHERE seq = ?",
                                         {*seal(key, text, place), previous, seq}));
        }
        VERIFY_RESULT(verdict, await(bench.audit().verify()));
        QSet<int> kinds;
        for (const AuditVerdict::Problem &problem : verdict.problems)
            kinds << int(problem.kind);
        QVERIFY(kinds.contains(int(Kind::Signature)) && kinds.contains(int(Kind::RolledBack)));
    }

    void aMissingHeadIsSaid()
    {
        Bench bench;
        bench.fill(10);
        VERIFY_DONE(
            await(bench.store->remove(WorkspaceKeys::headEntry(bench.workspace->folder().id))));
        VERIFY_RESULT(verdict, await(bench.audit().verify()));
        QVERIFY(verdict.problems.first().kind == Kind::NoHead);
    }

    void entriesAreFiltered()
    {
        Bench bench;
        bench.fill(100);
        VERIFY_RESULT(mine, bench.audit().entries({bench.client.id, {}, {}, {}, {}, {}}));
        QCOMPARE(mine.size(), 51);
        QCOMPARE(mine.first().detail["number"].toInt(), 99);
        VERIFY_RESULT(job, bench.audit().entries({{}, "job3", {}, {}, {}, {}}));
        QCOMPARE(job.size(), 10);
        VERIFY_RESULT(jobs, bench.audit().entries({{}, {}, "job.", {}, {}, {}}));
        QCOMPARE(jobs.size(), 100);
        VERIFY_RESULT(add, bench.audit().entries({{}, {}, "client.add", {}, {}, {}}));
        QCOMPARE(add.size(), 1);
        QVERIFY(!add.first().actor.isEmpty());
        VERIFY_RESULT(nobody, bench.audit().entries({{}, {}, {}, "nobody else", {}, {}}));
        QVERIFY(nobody.isEmpty());
        AuditFilter page;
        page.limit = 30;
        int seen = 0;
        for (;;) {
            VERIFY_RESULT(entries, bench.audit().entries(page));
            if (entries.isEmpty())
                break;
            seen += int(entries.size());
            page.before = entries.last().seq;
        }
        QCOMPARE(seen, 102);
        AuditFilter future;
        future.from = QDateTime::currentDateTimeUtc().addDays(1);
        QVERIFY(bench.audit().entries(future)->isEmpty());
    }

    void theExportIsVerifiedByOpenSslAndAShortScript_data()
    {
        QTest::addColumn<QString>("find");
        QTest::addColumn<QString>("replace");
        QTest::addColumn<bool>("holds");
        QTest::newRow("untouched") << "" << "" << true;
        QTest::newRow("a changed word") << "failed" << "passed" << false;
        QTest::newRow("changed details") << "\\\"number\\\":77" << "\\\"number\\\":78" << false;
        QTest::newRow("a line left out") << "line 50" << "" << false;
        QTest::newRow("the last entry left out") << "line 252" << "" << false;
        QTest::newRow("the last signature left out") << "line 255" << "" << false;
        QTest::newRow("two lines swapped") << "swap" << "" << false;
        QTest::newRow("another key") << "key" << "" << false;
    }
    void theExportIsVerifiedByOpenSslAndAShortScript()
    {
        QFETCH(QString, find);
        QFETCH(QString, replace);
        QFETCH(bool, holds);
        Bench bench;
        bench.fill(250);
        QByteArray text;
        QBuffer buffer(&text);
        QVERIFY(buffer.open(QIODevice::WriteOnly));
        VERIFY_DONE(await(bench.audit().exportTo(&buffer, {})));
        QList<QByteArray> lines = text.split('\n');
        if (find.startsWith("line ")) {
            lines.removeAt(find.mid(5).toInt());
        } else if (find == "swap") {
            lines.swapItemsAt(50, 51);
        } else if (find == "key") {
            // A whole export made with a key of somebody's own would hold in itself: so the
            // fingerprint is asked for, which the program shows.
            lines[0].replace("MCowBQ", "MCowBR");
        } else if (!find.isEmpty()) {
            for (QByteArray &line : lines) {
                if (line.contains(find.toUtf8())) {
                    line.replace(find.toUtf8(), replace.toUtf8());
                    break;
                }
            }
        }
        const QString file = bench.folder.path() + "/export.jsonl";
        QFile out(file);
        QVERIFY(out.open(QIODevice::WriteOnly) && out.write(lines.join('\n')) > 0);
        out.close();
        QProcess script;
        script.start("python3", {QStringLiteral(DOCS "/verify-audit.py"), file});
        QVERIFY(script.waitForFinished(120'000));
        const QByteArray said = script.readAll() + script.readAllStandardError();
        QVERIFY2((script.exitCode() == 0) == holds, said.constData());
        if (holds)
            QVERIFY2(said.contains("252 entries"), said.constData());
    }
};

QTEST_GUILESS_MAIN(AuditTest)
#include "tst_audit.moc"
