// The workspace: sealed, safe against crashes and other programs, searchable, erasable.

#include "clients/workspace.h"
#include "crypto/sealing.h"
#include "crypto/signing.h"
#include "jobs/jobarchive.h"
#include "jobs/jobjson.h"
#include "jobs/jobrecorder.h"
#include "store/schema.h"
#include "support/fill.h"
#include "support/workspacebench.h"

#include <QDirIterator>
#include <QJsonDocument>
#include <QProcess>
#include <QRandomGenerator>
#include <csignal>
#include <unistd.h>

using namespace ovvoc;
using namespace ovvoc::test;

namespace {

using Bench = WorkspaceBench;

QByteArray content(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

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

Job sampleJob(const Client &client, const ClientRepository &repository, const QString &mark = {})
{
    Job job;
    job.request.id = "01job" + QString::fromLatin1(randomBytes(6).toHex());
    job.request.clientId = client.id;
    job.request.clientName = client.name;
    job.request.repositoryId = repository.id;
    job.request.repositoryName = repository.title();
    job.created = QDateTime::currentDateTimeUtc();
    for (const PhaseKind kind : {PhaseKind::Create, PhaseKind::Clone, PhaseKind::Transform,
                                 PhaseKind::Build, PhaseKind::Test, PhaseKind::Destroy}) {
        Phase phase;
        phase.kind = kind;
        phase.state = PhaseState::Succeeded;
        phase.started = job.created;
        phase.ended = job.created.addSecs(2);
        phase.message = mark + " message";
        phase.steps = QStringList{mark + " step"};
        phase.commands = QStringList{"npm test"};
        job.phases << phase;
    }
    job.phases[4].state = PhaseState::Failed;
    job.outcome = Outcome::Failed;
    job.summary = mark + " summary";
    job.engine = "Docker 20.10";
    PlannedUpdate update;
    update.name = mark + "package";
    update.from = "1.0.0" + mark;
    update.to = "2.0.0";
    update.level = UpdateLevel::Major;
    update.fixes = {{update.name, "high", mark + " title", "https://x.invalid", "<2.0.0"}};
    job.plan.updates << update;
    job.plan.skipped << SkippedUpdate{mark + "skipped", "why"};
    FailureReport failure;
    failure.phase = PhaseKind::Test;
    failure.step = "Test";
    failure.error = {ErrorCode::TestsFailed, mark + " failed", {}};
    failure.excerpt = mark + " excerpt";
    TestCase test;
    test.suite = QStringList{mark + "suite"};
    test.name = "case";
    test.state = TestCase::State::Failed;
    test.message = mark + " expected";
    test.file = "a.test.js";
    test.line = 7;
    failure.tests << test;
    job.failure = failure;
    TestSummary tests;
    tests.runner = "Jest";
    tests.failed = 1;
    tests.cases << test;
    job.tests = tests;
    EgressRow row;
    row.id = 1;
    row.time = job.created;
    row.host = mark + ".invalid";
    row.port = 443;
    job.egress << row;
    job.evidence << Evidence{"network", "none", "none", Verdict::Holds};
    job.gateOpened = job.created;
    job.image = {"sha256:abc", "ovvoc/job-npm", "bookworm"};
    job.base = {"main", "0123456789"};
    TokenLife token;
    token.purpose = "Clone";
    token.repository = mark + "/shop";
    token.minted = job.created;
    token.state = TokenLife::State::Revoked;
    job.tokens << token;
    // What jobFromJson() gives has the precision of the text form.
    return jobFromJson(toJson(job));
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
        QProcess child;
        child.start("unshare",
                    {::geteuid() == 0 ? "-m" : "-rm", "sh", "-c",
                     "mount --bind \"$1\" \"$1\" && mount -o remount,ro,bind \"$1\" && "
                     "exec \"$2\" --open \"$3\"",
                     "sh", bench.place.path, QCoreApplication::applicationFilePath(),
                     bench.folder.path() + "/keychain"});
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
    WorkspaceTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_workspace.moc"
