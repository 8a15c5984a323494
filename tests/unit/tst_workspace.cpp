// The workspace: what is kept is sealed, searchable, and goes when it is to (its files, and what
// can happen to them: tst_workspacefiles.cpp).

#include "clients/workspace.h"
#include "crypto/sealing.h"
#include "crypto/signing.h"
#include "jobs/jobarchive.h"
#include "jobs/jobjson.h"
#include "jobs/jobrecorder.h"
#include "support/fill.h"
#include "support/workspacebench.h"

#include <QDirIterator>
#include <QJsonDocument>
#include <QProcess>

using namespace ovvoc;
using namespace ovvoc::test;

namespace {

using Bench = WorkspaceBench;

/// The files of a workspace in which one of \a marks stands, in any usual encoding.
QStringList filesWith(const QString &folder, const QStringList &marks)
{
    QStringList found;
    QDirIterator files(folder, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        const QByteArray bytes = content(files.next());
        for (const QString &mark : marks) {
            const QByteArray raw = mark.toUtf8();
            const QByteArray wide(reinterpret_cast<const char *>(mark.utf16()), mark.size() * 2);
            if (bytes.contains(raw) || bytes.contains(raw.toBase64().chopped(4))
                || bytes.contains(wide))
                found << files.filePath() + ": " + mark;
        }
    }
    return found;
}

} // namespace

class WorkspaceTest : public QObject
{
    Q_OBJECT
private slots:
    // ---- sealing

    void aSealedValueOpensOnlyWhereItWasSealed()
    {
        const SecretBytes key = newKey(), other = newKey();
        const QByteArray sealed = *seal(key, "text", "place");
        QCOMPARE(*unseal(key, sealed, "place"), QByteArray("text"));
        QVERIFY(!unseal(key, sealed, "another place"));
        QVERIFY(!unseal(other, sealed, "place"));
        QVERIFY(*seal(key, "text", "place") != sealed); // another nonce each time
        for (qsizetype i = 0; i < sealed.size(); ++i) {
            QByteArray bent = sealed;
            bent[i] = char(bent[i] ^ 1);
            QVERIFY2(!unseal(key, bent, "place"), qPrintable(QString::number(i)));
        }
        for (qsizetype i = 0; i < sealed.size(); ++i)
            QVERIFY(!unseal(key, sealed.left(i), "place"));
        QCOMPARE(*unseal(key, *seal(key, "", "p"), "p"), QByteArray());
    }

    void derivedKeysAreTheStandards()
    {
        // RFC 5869 has no vector without salt and of this length but its third; openssl's own HKDF
        // command is the independent second opinion.
        const QByteArray raw(32, '\x0b');
        const SecretBytes key(std::span(raw.constData(), 32));
        QProcess tool;
        tool.start("openssl",
                   {"kdf", "-keylen", "32", "-kdfopt", "digest:SHA256", "-kdfopt",
                    "hexkey:" + raw.toHex(), "-kdfopt", "info:ovvoc test", "-binary", "HKDF"});
        QVERIFY(tool.waitForFinished());
        const SecretBytes derived = derivedKey(key, "ovvoc test");
        QCOMPARE(QByteArray(derived.bytes().data(), 32), tool.readAllStandardOutput().left(32));
    }

    void signaturesHoldForWhatWasSignedOnly()
    {
        const SecretBytes seed = newSigningKey();
        const QByteArray publicKey = *publicKeyOf(seed);
        const QByteArray signature = *sign(seed, "text");
        QVERIFY(signatureHolds(publicKey, "text", signature));
        QVERIFY(!signatureHolds(publicKey, "Text", signature));
        QVERIFY(!signatureHolds(*publicKeyOf(newSigningKey()), "text", signature));
    }

    // ---- clients

    void whatIsAddedIsThereAtTheNextStart()
    {
        Bench bench;
        QString id;
        {
            VERIFY_RESULT(workspace, bench.open());
            VERIFY_RESULT(client, workspace->addClient("  Bäckerei   Aurora "));
            id = client.id;
            QCOMPARE(client.name, QString("Bäckerei Aurora"));
            client.github = GitHubAccount{};
            client.github->appName = "Aurora updates";
            client.overrides = {{"level", "minor"}};
            VERIFY_DONE(workspace->saveClient(client));
            ClientRepository repository;
            repository.clientId = id;
            repository.kind = ClientRepository::Kind::GitHub;
            repository.owner = "aurora";
            repository.name = "shop";
            repository.forgeId = 7;
            VERIFY_RESULT(added, workspace->addRepository(repository));
            QVERIFY(!workspace->addRepository(repository)); // the same one twice
            QVERIFY(!workspace->addClient("bäckerei aurora"));
            QVERIFY(!workspace->addClient("   "));
        }
        VERIFY_RESULT(workspace, bench.open());
        VERIFY_RESULT(client, workspace->client("bäckerei AURORA"));
        QCOMPARE(client.id, id);
        QCOMPARE(client.github->appName, QString("Aurora updates"));
        VERIFY_RESULT(repository, workspace->repository(id, "aurora/shop"));
        QCOMPARE(repository.forgeId, 7);
        VERIFY_RESULT(settings, workspace->settingsOf(id, repository.id));
        QVERIFY(settings.level() == UpdateLevel::Minor);
        QVERIFY(settings.at("level").from == SettingLevel::Client);
        for (const char *end : {"", "-wal"}) {
            const QFileInfo file(bench.place.databasePath() + QLatin1String(end));
            QVERIFY(!(file.permissions() & (QFile::ReadGroup | QFile::ReadOther)));
        }
    }

    void aSettingSaysWhereItComesFrom()
    {
        const Settings settings({{"level", "minor"}, {"cpus", 1.5}, {"cooldown-days", 9999}},
                                {{"level", "patch"}, {"keep-jobs-months", 6}},
                                {{"cpus", 3.0}, {"keep-jobs-months", 1}, {"schedule", "rubbish"}});
        QVERIFY(settings.at("level").from == SettingLevel::Client);
        QVERIFY(settings.at("cpus").from == SettingLevel::Repository);
        QCOMPARE(settings.limits().cpus, 3.0);
        // Out of range, out of its level, without sense: passed over, not obeyed.
        QVERIFY(settings.at("cooldown-days").from == SettingLevel::Default);
        QCOMPARE(settings.cooldownDays(), 3);
        QCOMPARE(settings.keepJobsMonths(), 6);
        QCOMPARE(settings.schedule(), QString("off"));
    }

    void everySettingStandsInTheManual()
    {
        QFile page(QStringLiteral(DOCS) + "/settings.md");
        QVERIFY(page.open(QIODevice::ReadOnly));
        const QString text = QString::fromUtf8(page.readAll());
        for (const SettingInfo &info : allSettings())
            QVERIFY2(text.contains('`' + info.name + '`'), qPrintable(info.name));
    }

    void settingsAreReadOrRefusedWithWhatTheyTake_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("taken");
        const auto row = [](const char *name, const char *text, bool taken) {
            QTest::newRow(qPrintable(QStringLiteral("%1=%2").arg(name, text)))
                << name << text << taken;
        };
        row("level", "minor", true);
        row("level", "huge", false);
        row("memory-mib", "2048", true);
        row("memory-mib", "12", false);
        row("memory-mib", "lots", false);
        row("accept-build-only", "on", true);
        row("accept-build-only", "maybe", false);
        row("schedule", "weekly mon 06:00", true);
        row("schedule", "when it rains", false);
        row("proxy", "proxy.invalid:3128", true);
        row("proxy", "http://proxy.invalid", false);
        row("allowlist", "https://npm.aurora.invalid", true);
        row("allowlist", "npm.aurora.invalid/../", false);
        row("include", "@types/*, ms", true);
        row("node", "20", true);
        row("node", "20.11.1", true);
        row("node", "", true);
        row("node", "latest", false);
        row("node", "20; rm -rf /", false);
        row("test-scripts", "test:unit, lint", true);
        row("test-scripts", "--version", false);
        row("test-scripts", "a b", false);
        row("projects", "., packages/shop", true);
        row("projects", "../other", false);
        row("projects", "/etc", false);
        row("projects", "a//b", false);
        row("projects", "a/.git", false);
        row("accept-known-failures", "on", true);
    }
    void settingsAreReadOrRefusedWithWhatTheyTake()
    {
        QFETCH(QString, name);
        QFETCH(QString, text);
        QFETCH(bool, taken);
        const auto value = parseSetting(*findSetting(name), text);
        QCOMPARE(value.has_value(), taken);
        if (!taken)
            QVERIFY(value.error().message.size() > 20);
    }

    // ---- jobs

    void aJobComesBackAsItWas()
    {
        Bench bench;
        VERIFY_RESULT(workspace, bench.open());
        VERIFY_RESULT(client, workspace->addClient("Aurora"));
        JobArchive archive(workspace);
        const Job job = sampleJob(client, {}, "x");
        VERIFY_DONE(archive.begin(job));
        VERIFY_DONE(archive.finish(job, "a log"));
        VERIFY_RESULT(again, archive.load(job.request.id));
        QCOMPARE(toJson(again), toJson(job));
        QVERIFY(again == job);
        QVERIFY(!archive.log(job.request.id)); // not kept unless asked for
        client.overrides = {{"keep-logs-days", 7}};
        VERIFY_DONE(workspace->saveClient(client));
        VERIFY_DONE(archive.finish(job, "a log"));
        QCOMPARE(*archive.log(job.request.id), QByteArray("a log"));
    }

    void jobsAreFoundByWordAndByPages()
    {
        Bench bench;
        VERIFY_RESULT(workspace, bench.open());
        VERIFY_RESULT(client, workspace->addClient("Aurora"));
        VERIFY_RESULT(other, workspace->addClient("Clinic"));
        JobArchive archive(workspace);
        QStringList ids;
        for (int i = 0; i < 25; ++i) {
            Job job = sampleJob(i % 5 == 0 ? other : client, {}, i % 2 ? "odd" : "even");
            job.request.id = QStringLiteral("01job%1").arg(i, 4, 10, QChar('0'));
            job.created = QDateTime::fromSecsSinceEpoch(1'700'000'000 + i / 3, Qt::UTC);
            VERIFY_DONE(archive.begin(job));
            VERIFY_DONE(archive.finish(job));
            ids.prepend(job.request.id);
        }
        JobFilter filter;
        filter.limit = 4;
        QStringList seen;
        for (;;) {
            VERIFY_RESULT(rows, archive.page(filter));
            for (const JobRow &row : rows)
                seen << row.id;
            if (rows.isEmpty())
                break;
            filter.after = rows.last();
        }
        QCOMPARE(seen, ids);
        JobFilter word;
        word.word = "ODDpackage";
        VERIFY_RESULT(odd, archive.page(word));
        QCOMPARE(odd.size(), 12);
        word.clientId = other.id;
        VERIFY_RESULT(both, archive.page(word));
        QCOMPARE(both.size(), 2);
        VERIFY_RESULT(statistics, archive.statistics(client.id, QDateTime::fromSecsSinceEpoch(0)));
        QCOMPARE(statistics.failed, 20);
        QVERIFY(odd.first().security);
        QCOMPARE(odd.first().level, QString("major"));
    }

    void whatWasKnownBeforeTheCellHadToGoStaysKnown()
    {
        Bench bench;
        VERIFY_RESULT(workspace, bench.open());
        VERIFY_RESULT(client, workspace->addClient("Aurora"));
        JobArchive archive(workspace);
        Job job = sampleJob(client, {}, "x");
        job.outcome = Outcome::Failed;
        job.summary = "Test failed";
        FailureReport report;
        report.phase = PhaseKind::Test;
        report.error = {ErrorCode::TestsFailed, "1 of 3 tests failed.", {}};
        job.failure = report;
        job.phases.last().state = PhaseState::Running;
        QVERIFY(job.phases.last().kind == PhaseKind::Destroy);
        QVERIFY(!job.isOver());
        VERIFY_DONE(archive.begin(job));
        VERIFY_DONE(workspace->database().run("UPDATE job SET process = '999999999-1' WHERE id = ?",
                                              {job.request.id}));
        VERIFY_RESULT(closed, archive.closeInterrupted({{job.request.id, CellFate::Destroyed}}));
        QCOMPARE(closed.size(), 1);
        VERIFY_RESULT(kept, archive.load(job.request.id));
        QVERIFY(kept.isOver());
        QVERIFY(kept.outcome == Outcome::Failed);
        QCOMPARE(kept.summary, QString("Test failed"));
        QVERIFY(kept.failure->error.code == ErrorCode::TestsFailed);
        QVERIFY(kept.phases.last().state == PhaseState::Succeeded);
    }

    void aJobInFlightIsClosedAtTheNextStart()
    {
        Bench bench;
        QString id;
        {
            VERIFY_RESULT(workspace, bench.open());
            VERIFY_RESULT(client, workspace->addClient("Aurora"));
            JobArchive archive(workspace);
            Job job = sampleJob(client, {}, "x");
            job.outcome = Outcome::None;
            job.failure.reset();
            job.phases[3].state = PhaseState::Running;
            job.phases[4].state = PhaseState::Waiting;
            id = job.request.id;
            VERIFY_DONE(archive.begin(job));
            VERIFY_RESULT(none, archive.closeInterrupted({}));
            QVERIFY(none.isEmpty()); // its program lives
            // As if the program that began it had gone.
            QVERIFY(workspace->database()
                        .run("UPDATE job SET process = '999999999-1' WHERE id = ?", {id})
                        .has_value());
        }
        VERIFY_RESULT(workspace, bench.open());
        JobArchive archive(workspace);
        VERIFY_RESULT(closed, archive.closeInterrupted({{id, CellFate::Destroyed}}));
        QCOMPARE(closed.size(), 1);
        VERIFY_RESULT(job, archive.load(id));
        QVERIFY(job.outcome == Outcome::Failed);
        QCOMPARE(toString(job.failure->error.code), QString("interrupted"));
        QVERIFY(job.failure->phase == PhaseKind::Build);
        QVERIFY(job.failure->error.message.contains("destroyed at the next start"));
        VERIFY_RESULT(again, archive.closeInterrupted({}));
        QVERIFY(again.isEmpty());
    }

    void retentionReallyFrees()
    {
        Bench bench;
        VERIFY_RESULT(workspace, bench.open());
        VERIFY_RESULT(client, workspace->addClient("Aurora"));
        client.overrides = {{"keep-jobs-months", 2}, {"keep-excerpts-days", 10}};
        VERIFY_DONE(workspace->saveClient(client));
        JobArchive archive(workspace);
        const QDateTime now = QDateTime::currentDateTimeUtc();
        QStringList ids;
        for (const int days : {1, 20, 90}) {
            for (int i = 0; i < 40; ++i) {
                Job job = sampleJob(client, {}, QString(2000, 'y'));
                job.created = now.addDays(-days);
                VERIFY_DONE(archive.begin(job));
                VERIFY_DONE(archive.finish(job));
                if (i == 0)
                    ids << job.request.id;
            }
        }
        VERIFY_RESULT(database, workspace->clientDatabase(client.id));
        VERIFY_DONE(database->shrink());
        const QString file = bench.place.clientPath(client.id);
        const qint64 before = QFileInfo(file).size();
        VERIFY_RESULT(report, archive.purge(client.id, now));
        QCOMPARE(report.jobs, 40);
        QCOMPARE(report.excerpts, 80);
        QVERIFY(QFileInfo(file).size() < before * 3 / 4);
        QVERIFY(!archive.load(ids[0])->failure->excerpt.isEmpty());
        QVERIFY(archive.load(ids[1])->failure->excerpt.isEmpty());
        QVERIFY(!archive.load(ids[1])->failure->tests.isEmpty());
        QVERIFY(!archive.load(ids[2]));
        VERIFY_RESULT(entries,
                      workspace->audit().entries({client.id, {}, "retention.purge", {}, {}, {}}));
        QCOMPARE(entries.size(), 1);
    }

    // ---- privacy

    void nothingOfItIsReadableInAnyFile()
    {
        Bench bench;
        const QStringList marks{"MarkClient",  "MarkRepository", "MarkBranch", "MarkJob",
                                "MarkSetting", "MarkScan",       "MarkLogLine"};
        VERIFY_RESULT(workspace, bench.open());
        VERIFY_RESULT(client, workspace->addClient("MarkClient GmbH"));
        client.overrides = {{"labels", QJsonArray{"MarkSetting"}}, {"keep-logs-days", 30}};
        VERIFY_DONE(workspace->saveClient(client));
        VERIFY_DONE(workspace->saveAgencyOverrides({{"exclude", QJsonArray{"MarkSetting"}}}));
        ClientRepository wanted;
        wanted.clientId = client.id;
        wanted.path = "/srv/MarkRepository";
        wanted.name = "MarkRepository";
        wanted.baseBranch = "MarkBranch";
        VERIFY_RESULT(repository, workspace->addRepository(wanted));
        const auto archive = std::make_shared<JobArchive>(workspace);
        JobRecorder recorder(workspace, archive);
        Job job = sampleJob(client, repository, "MarkJob");
        ScanReport scan;
        scan.dependencies << ScannedDependency{
            "MarkScan", "dependencies",     "^1", "1.0.0",   "1.0.0",
            "2.0.0",    UpdateLevel::Major, 3,    "MarkScan"};
        job.scan = scan;
        Job running = job;
        running.outcome = Outcome::None;
        recorder.changed(running);
        LogChunk chunk;
        chunk.text = "MarkLogLine\n";
        recorder.logged(job.request.id, chunk);
        recorder.finished(job);
        VERIFY_DONE(keepScan(*workspace, client.id, repository.id, scan, job.created));
        VERIFY_DONE(await(workspace->audit().settle()));
        // With the journal still beside the database, and after it was folded in.
        QVERIFY(QFileInfo(bench.place.databasePath() + "-wal").size() > 0);
        QCOMPARE(filesWith(bench.place.path, marks), QStringList());
        VERIFY_DONE(workspace->database().shrink());
        QCOMPARE(filesWith(bench.place.path, marks), QStringList());
        // The marks were there to be found: the same search over what is inside finds them.
        QVERIFY(archive->load(job.request.id)->summary.contains("MarkJob"));
        QCOMPARE(archive->scan(client.id, repository.id)->value().second.dependencies.first().name,
                 QString("MarkScan"));
    }

    void aSealedValueCannotBeMoved_data()
    {
        QTest::addColumn<QString>("how");
        QTest::newRow("between rows") << "rows";
        QTest::newRow("between clients") << "clients";
        QTest::newRow("between tables") << "tables";
    }
    void aSealedValueCannotBeMoved()
    {
        QFETCH(QString, how);
        Bench bench;
        VERIFY_RESULT(workspace, bench.open());
        VERIFY_RESULT(a, workspace->addClient("A"));
        VERIFY_RESULT(b, workspace->addClient("B"));
        QStringList ids;
        for (const Client &client : {a, a, b}) {
            ClientRepository repository;
            repository.clientId = client.id;
            repository.name = "r" + QString::number(ids.size());
            repository.path = "/" + repository.name;
            VERIFY_RESULT(added, workspace->addRepository(repository));
            ids << added.id;
        }
        Database &fileA = **workspace->clientDatabase(a.id);
        Database &fileB = **workspace->clientDatabase(b.id);
        const QString select = "SELECT sealed FROM repository WHERE id = ?";
        if (how == "rows") {
            QVERIFY(fileA.run("UPDATE repository SET sealed = ? WHERE id = ?",
                              {*fileA.value(select, {ids[1]}), ids[0]}));
        } else if (how == "clients") {
            QVERIFY(fileA.run("UPDATE repository SET sealed = ? WHERE id = ?",
                              {*fileB.value(select, {ids[2]}), ids[0]}));
        } else {
            QVERIFY(fileA.run("INSERT INTO scan VALUES (?, 1, ?)",
                              {ids[0], *fileA.value(select, {ids[0]})}));
            JobArchive archive(workspace);
            QVERIFY(!archive.scan(a.id, ids[0]));
            return;
        }
        const auto read = workspace->repositories(a.id);
        QCOMPARE(toString(read.error().code), toString(ErrorCode::InvalidInput));
        QVERIFY(workspace->repositories(b.id).has_value());
    }

    void anErasedClientIsGoneAndTheLogStillHolds()
    {
        Bench bench;
        VERIFY_RESULT(workspace, bench.open());
        VERIFY_RESULT(client, workspace->addClient("Erased GmbH"));
        VERIFY_RESULT(kept, workspace->addClient("Kept"));
        const auto der = std::make_shared<const SecretBytes>(newKey());
        client.github = GitHubAccount{};
        client.github->keyEntry = "App key of Erased";
        VERIFY_DONE(await(bench.store->write(client.github->keyEntry, der)));
        VERIFY_DONE(workspace->saveClient(client));
        JobArchive archive(workspace);
        const Job job = sampleJob(client, {}, "x");
        VERIFY_DONE(archive.begin(job));
        VERIFY_DONE(archive.finish(job));
        VERIFY_RESULT(wrapped,
                      workspace->database().value("SELECT wrapped_key FROM client WHERE id = ?",
                                                  {client.id}));
        const QString file = bench.place.clientPath(client.id);
        QVERIFY(QFileInfo::exists(file));
        VERIFY_DONE(await(workspace->removeClient(client.id)));
        QVERIFY(!QFileInfo::exists(file));
        QVERIFY(!QFileInfo::exists(bench.store->pathOf("App key of Erased")));
        QVERIFY(!workspace->client(client.id));
        QVERIFY(!archive.load(job.request.id));
        // Not even the wrapped key stands anywhere in the files.
        for (const char *end : {"", "-wal"})
            QVERIFY(!content(bench.place.databasePath() + QLatin1String(end))
                         .contains(wrapped.toByteArray()));
        VERIFY_RESULT(verdict, await(workspace->audit().verify()));
        QVERIFY2(verdict.holds(), qPrintable(verdict.holds() ? "" : verdict.problems.first().text));
        QVERIFY(verdict.unreadable > 0);
        VERIFY_RESULT(entries, workspace->audit().entries({client.id, {}, {}, {}, {}, {}}));
        for (const AuditEntry &entry : entries)
            QVERIFY(!entry.readable && entry.detail.isEmpty());
        QVERIFY(workspace->client(kept.id).has_value());
    }
};

QTEST_GUILESS_MAIN(WorkspaceTest)
#include "tst_workspace.moc"
