// Whole jobs on GitHub, as a person runs them: the command line, a real keychain, real cells, and
// the fake GitHub. From making the App to the open pull request, for two clients; and what becomes
// of tokens in every outcome.

#include "support/browser.h"
#include "support/fakegithub.h"
#include "support/privatekeychain.h"
#include "support/testsupport.h"

#include <QDirIterator>
#include <QJsonArray>
#include <QProcess>
#include <csignal>

using namespace ovvoc;
using namespace ovvoc::test;

namespace {

QString program()
{
    return QCoreApplication::applicationDirPath() + "/ovvoc";
}

QByteArray content(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.read(64 * 1024 * 1024) : QByteArray();
}

} // namespace

class GitHubJobTest : public QObject
{
    Q_OBJECT

    struct Said
    {
        int exitCode = -1;
        QByteArray out, errors;
        QList<QJsonObject> lines() const
        {
            QList<QJsonObject> list;
            for (const QByteArray &line : out.split('\n')) {
                if (!line.isEmpty())
                    list << QJsonDocument::fromJson(line).object();
            }
            return list;
        }
    };

    /// Runs the command line to its end, with JSON output, while the fake goes on answering.
    Said ovvoc(const QStringList &arguments,
               const std::function<void(QProcess &, const QByteArray &)> &meanwhile = {})
    {
        QProcess process;
        Said said;
        connect(&process, &QProcess::readyReadStandardOutput, this,
                [&] { said.out += process.readAllStandardOutput(); });
        process.start(program(), arguments + QStringList{"--json"});
        if (meanwhile)
            meanwhile(process, said.out);
        if (!QTest::qWaitFor([&] { return process.state() == QProcess::NotRunning; }, 120'000))
            qFatal("ovvoc did not end");
        said.out += process.readAllStandardOutput();
        said.errors = process.readAllStandardError();
        said.exitCode = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -9;
        everything += said.out + said.errors;
        return said;
    }

    QStringList job(const QString &client, const QString &repository, const QString &kind = "run")
    {
        QStringList arguments{kind, "--client", client, "--repo", repository};
        if (!runtime().isEmpty())
            arguments << "--runtime" << runtime();
        return arguments;
    }

    /// A client with its App made by the manifest flow and installed, and one repository.
    FakeGitHub::Repository &makeClient(const QString &name, const QString &account,
                                       const QHash<QString, QString> &scripts)
    {
        if (ovvoc({"client", "add", name}).exitCode != 0)
            qFatal("client add: %s", everything.constData());
        Browser browser;
        const Said made = ovvoc(
            {"client", "manifest", name, "--organization", account, "--web",
             fake->web().toString()},
            [&](QProcess &, const QByteArray &first) {
                QVERIFY(QTest::qWaitFor([&] { return first.contains("open"); }, 20'000));
                const QUrl address(
                    QJsonDocument::fromJson(first.split('\n').first()).object()["open"].toString());
                QCOMPARE(browser.goBack(browser.confirm(address)).status, 200);
            });
        if (made.exitCode != 0)
            qFatal("manifest: %s", (made.out + made.errors).constData());
        const FakeGitHub::App &app = *fake->apps.last();
        secrets << app.privatePem.mid(200, 60) << app.privatePem.mid(600, 60);
        Repository source;
        source.writeProject(scripts);
        auto &repository = fake->addRepository(account, "shop", source.path());
        const auto &installation = fake->install(app, account);
        const Said chosen = ovvoc({"client", "install", name, QString::number(installation.id)});
        const Said tested = ovvoc({"client", "test", name, "--repo", account + "/shop"});
        const Said added = ovvoc({"repo", "add", account + "/shop", "--client", name});
        for (const char *setting :
             {"memory-mib=1024", "disk-mib=512", "cooldown-days=0", "accept-build-only=on"}) {
            const QStringList pair = QString(setting).split('=');
            if (ovvoc({"settings", "set", pair[0], pair[1], "--client", name}).exitCode != 0)
                qFatal("settings: %s", everything.right(500).constData());
        }
        if (chosen.exitCode + tested.exitCode + added.exitCode != 0)
            qFatal("connect: %s",
                   (chosen.errors + tested.out + tested.errors + added.errors).constData());
        return repository;
    }

    /// A new commit on the base, with these scripts.
    void project(const FakeGitHub::Repository &repository, const QHash<QString, QString> &scripts)
    {
        Repository source;
        source.git({"pull", "-q", repository.path, "main"});
        source.writeProject(scripts);
        source.git({"push", "-q", repository.path, "HEAD:main"});
    }

    QJsonObject finished(const Said &said)
    {
        for (const QJsonObject &line : said.lines()) {
            if (line["event"].toString() == QLatin1String("finished"))
                return line["job"].toObject();
        }
        return {};
    }

private slots:
    void initTestCase()
    {
        keychain = std::make_unique<PrivateKeychain>();
        keychain->start();
        qputenv("OVVOC_WORKSPACE", (folder.path() + "/workspace").toLocal8Bit());
        qunsetenv("https_proxy");
        VERIFY_RESULT(found, RealEngine::connect());
        engine = found;
        fake = std::make_unique<FakeGitHub>();
        fake->longTokens = true;
        good = &makeClient("Bakery Aurora", "aurora", {{"test", "node -e 0"}});
        bad = &makeClient("City Clinic", "clinic", {{"test", "node -e \"process.exit(3)\""}});
    }

    void cleanup()
    {
        QCOMPARE(fake->liveTokens(), 0);
        for (const FakeGitHub::Token &token : std::as_const(fake->tokens))
            secrets << token.secret;
        QVERIFY(containers(engine, "dev.ovvoc.job").isEmpty());
    }

    void anUpdateThatPassesBecomesAPullRequest()
    {
        fake->calls.clear();
        const qsizetype tokens = fake->tokens.size();
        const Said said = ovvoc(job("Bakery Aurora", "aurora/shop"));
        const QJsonObject done = finished(said);
        QVERIFY2(said.exitCode == 0, (said.out.right(3000) + said.errors).constData());
        QCOMPARE(good->pulls.size(), 1);
        const FakeGitHub::Pull pull = good->pulls.first();
        QVERIFY(pull.head.startsWith("ovvoc/update"));
        QVERIFY(fake->fileAt(*good, pull.head, "package.json")
                != fake->fileAt(*good, "main", "package.json"));
        for (const char *words : {"How it was proved", "Confidence", "Not checked", "Provenance",
                                  "npm ci --ignore-scripts", "without network", "sha256:"})
            QVERIFY2(pull.body.contains(words), words);
        QCOMPARE(done["proposal"].toObject()["number"].toInt(), 1);
        // Three tokens: two to read during Clone (the files, and what was proposed before), one to
        // write after Test; each for this repository.
        QCOMPARE(fake->tokens.size(), tokens + 3);
        QCOMPARE(fake->tokens[tokens].permissions["contents"].toString(), QString("read"));
        QCOMPARE(fake->tokens[tokens + 1].permissions,
                 (QJsonObject{{"metadata", "read"}, {"pull_requests", "read"}}));
        QCOMPARE(fake->tokens[tokens + 2].permissions["contents"].toString(), QString("write"));
        const QJsonArray lives = done["tokens"].toArray();
        QCOMPARE(lives.size(), 3);
        for (const auto &life : lives)
            QVERIFY(life.toObject()["confirmed"].toBool());
        // The write token was minted after the read token had died and Test had passed.
        const QDateTime written =
            QDateTime::fromString(lives[2].toObject()["minted"].toString(), Qt::ISODateWithMs);
        for (const auto &phase : done["phases"].toArray()) {
            if (phase.toObject()["phase"].toString() == QLatin1String("Test"))
                QVERIFY(
                    QDateTime::fromString(phase.toObject()["ended"].toString(), Qt::ISODateWithMs)
                    <= written);
        }
        for (const FakeGitHub::Call &call : std::as_const(fake->calls)) {
            if (call.path.contains("/shop"))
                QVERIFY(call.path.contains("aurora"));
            if (call.token >= 0)
                QVERIFY(fake->tokens[call.token].repositories == QList<qint64>{good->id});
        }
    }

    /// Twenty schedules with nothing new change nothing; asked for by a person it is looked at
    /// again; what people closed is not proposed again, and what is newer moves what is open.
    void aProposalHasALife()
    {
        QCOMPARE(good->pulls.size(), 1);
        const QString head = good->pulls.first().head, tip = fake->tip(*good, head);
        const QString body = good->pulls.first().body;
        for (int i = 0; i < 20; ++i) {
            const Said again = ovvoc(job("Bakery Aurora", "aurora/shop"));
            QVERIFY2(again.exitCode == 0, (again.out.right(2000) + again.errors).constData());
            QVERIFY2(finished(again)["summary"].toString().contains("proposed already (#1)"),
                     again.out.right(2000).constData());
        }
        QCOMPARE(good->pulls.size(), 1);
        QCOMPARE(fake->tip(*good, head), tip);
        QCOMPARE(good->pulls.first().body, body);
        // By hand: tried again, found to be the same, and left as it is.
        const Said asked = ovvoc(job("Bakery Aurora", "aurora/shop") << "--again");
        QVERIFY2(asked.exitCode == 0, (asked.out.right(2000) + asked.errors).constData());
        QCOMPARE(good->pulls.size(), 1);
        QCOMPARE(fake->tip(*good, head), tip);
        // An older step was open: it is moved on, by a commit that follows.
        good->pulls.first().body.replace("Ovvoc-Update: ms@", "Ovvoc-Update: ms@0.");
        project(*good, {{"test", "node -e 0"}, {"lint", "true"}});
        const Said moved = ovvoc(job("Bakery Aurora", "aurora/shop"));
        QVERIFY2(moved.exitCode == 0, (moved.out.right(2000) + moved.errors).constData());
        QCOMPARE(good->pulls.size(), 1);
        QVERIFY(fake->tip(*good, head) != tip);
        QVERIFY(fake->fileAt(*good, head, "package.json").contains("lint"));
        // Closed by people, and the branch removed.
        good->pulls.first().open = false;
        QProcess::execute("git", {"-C", good->path, "branch", "-q", "-D", head});
        const Said refused = ovvoc(job("Bakery Aurora", "aurora/shop"));
        QVERIFY2(finished(refused)["summary"].toString().contains("closed without being merged"),
                 refused.out.right(2000).constData());
        QCOMPARE(good->pulls.size(), 1);
        // Skipped: not even asked for. By its name it is proposed all the same.
        good->pulls.first().merged = true;
        QCOMPARE(
            ovvoc({"skip", "ms", "--client", "Bakery Aurora", "--repo", "aurora/shop"}).exitCode,
            0);
        const Said skipped = ovvoc(job("Bakery Aurora", "aurora/shop"));
        QVERIFY2(finished(skipped)["summary"].toString().contains("is skipped"),
                 skipped.out.right(2000).constData());
        const Said named = ovvoc(job("Bakery Aurora", "aurora/shop") << "--update"
                                                                     << "ms");
        QVERIFY2(named.exitCode == 0, (named.out.right(2000) + named.errors).constData());
        QCOMPARE(good->pulls.size(), 2);
        QCOMPARE(
            ovvoc({"skip", "ms", "--undo", "--client", "Bakery Aurora", "--repo", "aurora/shop"})
                .exitCode,
            0);
        QVERIFY(
            ovvoc({"skip", "--client", "Bakery Aurora", "--repo", "aurora/shop"}).out.isEmpty());
        good->pulls.clear();
    }

    void whatBecameOfARunIsKept()
    {
        const Said listed = ovvoc({"runs", "list", "--client", "Bakery Aurora", "--limit", "100"});
        QVERIFY(listed.lines().size() > 20);
        const Said all = ovvoc({"runs"});
        QCOMPARE(all.lines().value(0)["run"], listed.lines().value(0)["run"]);
        const QString id = listed.lines().last()["run"].toString(); // the oldest of these
        const Said one = ovvoc({"runs", "show", id});
        QCOMPARE(one.exitCode, 0);
        QCOMPARE(one.lines().value(0)["run"].toString(), id);
        QCOMPARE(ovvoc({"runs", "show", "nothing"}).exitCode, 2);
    }

    void anUpdateThatFailsOpensNothingAndMintsNoWriteToken()
    {
        const qsizetype tokens = fake->tokens.size();
        const Said said = ovvoc(job("City Clinic", "clinic/shop"));
        QCOMPARE(said.exitCode, 1);
        QVERIFY(bad->pulls.isEmpty());
        // The attempt's and the baseline's clone, the look at what was proposed, and nothing that
        // could write.
        QCOMPARE(fake->tokens.size(), tokens + 3);
        for (const FakeGitHub::Token &token : fake->tokens.mid(tokens))
            QVERIFY(token.permissions["contents"].toString() != QLatin1String("write"));
        QCOMPARE(finished(said)["failure"].toObject()["phase"].toString(), QString("Test"));
    }

    void aCancelledJobLeavesNoToken()
    {
        // At the moment when git has asked for the clone, and again when the clone is there.
        for (const char *moment : {"info/refs", "git-upload-pack"}) {
            QProcess *running = nullptr;
            fake->fault = [&](const test::HttpRequest &request) -> std::optional<HttpAnswer> {
                if (request.path.contains(moment) && running && request.path.contains(".git/"))
                    ::kill(pid_t(running->processId()), SIGINT);
                return std::nullopt;
            };
            const Said said =
                ovvoc(job("Bakery Aurora", "aurora/shop"),
                      [&](QProcess &process, const QByteArray &) { running = &process; });
            fake->fault = {};
            QCOMPARE(said.exitCode, 130);
            QCOMPARE(fake->liveTokens(), 0);
        }
    }

    void aForgeThatFailsInTheMiddleLeavesNoTokenAndNoBranch()
    {
        for (const char *call : {"/git/trees", "/git/commits", "/git/refs", "/pulls"}) {
            fake->fault = [&](const test::HttpRequest &request) -> std::optional<HttpAnswer> {
                if (request.method == "POST" && request.path.endsWith(call))
                    return HttpAnswer{500, {}, "{}"};
                return std::nullopt;
            };
            const QString head = good->pulls.value(0).head;
            if (!fake->tip(*good, head).isEmpty())
                QProcess::execute("git", {"-C", good->path, "branch", "-q", "-D", head});
            const QList<FakeGitHub::Pull> kept = std::exchange(good->pulls, {});
            const Said said = ovvoc(job("Bakery Aurora", "aurora/shop"));
            fake->fault = {};
            QCOMPARE(said.exitCode, 1);
            QCOMPARE(fake->liveTokens(), 0);
            QVERIFY(good->pulls.isEmpty());
            QVERIFY2(fake->tip(*good, kept.value(0).head).isEmpty(), call);
            good->pulls = kept;
        }
    }

    void aProgramKilledWithATokenIsClearedUpAtTheNextStart()
    {
        // Killed between minting and first use, and killed while the clone runs.
        for (const char *moment : {"/repos/aurora/shop", "info/refs"}) {
            QProcess *running = nullptr;
            bool killed = false;
            fake->fault = [&](const test::HttpRequest &request) -> std::optional<HttpAnswer> {
                if (!killed && running && request.path.contains(moment)) {
                    killed = true;
                    ::kill(pid_t(running->processId()), SIGKILL);
                }
                return std::nullopt;
            };
            const Said said =
                ovvoc(job("Bakery Aurora", "aurora/shop"),
                      [&](QProcess &process, const QByteArray &) { running = &process; });
            fake->fault = {};
            QVERIFY(killed);
            QCOMPARE(said.exitCode, -9);
            QCOMPARE(fake->liveTokens(), 1);
            secrets << fake->tokens.last().secret;
            QTRY_VERIFY_WITH_TIMEOUT(containers(engine, "dev.ovvoc.job").isEmpty(), 5000);
            // Any job's start clears up, also another client's.
            const Said next = ovvoc(job("City Clinic", "clinic/shop", "scan"));
            QVERIFY2(next.exitCode == 0, (next.out.right(2000) + next.errors).constData());
            QCOMPARE(fake->liveTokens(), 0);
            const Said jobs = ovvoc({"jobs", "list", "--client", "Bakery Aurora", "--limit", "1"});
            const QJsonObject last = jobs.lines().value(0);
            QCOMPARE(last["outcome"].toString(), QString("failed"));
            QVERIFY2(last["summary"].toString().contains("interrupted"), jobs.out.constData());
        }
        const Said audit = ovvoc({"audit", "list", "--action", "token.revoke-leftover"});
        QCOMPARE(audit.lines().size(), 2);
    }

    void everythingStandsInTheLogWhichHolds()
    {
        const Said jobs = ovvoc({"jobs", "list", "--client", "Bakery Aurora", "--limit", "100"});
        QString id;
        for (const QJsonObject &row : jobs.lines()) {
            if (row["outcome"].toString() == QLatin1String("succeeded"))
                id = row["id"].toString();
        }
        const Said trail = ovvoc({"audit", "list", "--job", id});
        QStringList actions;
        for (const QJsonObject &entry : trail.lines()) {
            if (entry["result"].toString() != QLatin1String("begun"))
                actions.prepend(entry["action"].toString());
        }
        for (const char *action : {"job.start", "repository.access", "token.mint", "token.revoke",
                                   "job.phase", "pull-request.open", "job.end"})
            QVERIFY2(actions.contains(action), action);
        QCOMPARE(actions.count("token.mint"), 3);
        QCOMPARE(actions.count("token.revoke"), 3);
        QCOMPARE(actions.first(), QString("job.start"));
        QCOMPARE(actions.last(), QString("job.end"));
        const Said verdict = ovvoc({"audit", "verify"});
        QVERIFY2(verdict.exitCode == 0, verdict.out.constData());
        QVERIFY(verdict.lines().value(0)["holds"].toBool());
    }

    void noSecretIsAnywhere()
    {
        // The keys and every token that ever lived: in no output, no log, no database, no export;
        // nor in the command line or environment of any process of a running job.
        QByteArray processes;
        const Said said =
            ovvoc(job("Bakery Aurora", "aurora/shop") << "--again",
                  [&](QProcess &process, const QByteArray &) {
                      while (process.state() != QProcess::NotRunning) {
                          QDirIterator all("/proc", QDir::Dirs | QDir::NoDotAndDotDot);
                          while (all.hasNext()) {
                              const QString path = all.next();
                              if (all.fileName().toInt() > 0)
                                  processes +=
                                      content(path + "/cmdline") + content(path + "/environ");
                          }
                          QTest::qWait(40);
                      }
                  });
        QCOMPARE(said.exitCode, 0);
        for (const FakeGitHub::Token &token : std::as_const(fake->tokens))
            secrets << token.secret;
        const QString exported = folder.path() + "/aurora.jsonl",
                      audit = folder.path() + "/audit.jsonl";
        QCOMPARE(ovvoc({"export", "--client", "Bakery Aurora", "--to", exported}).exitCode, 0);
        QCOMPARE(ovvoc({"audit", "export", "--to", audit}).exitCode, 0);
        QVERIFY(content(exported).contains("aurora"));
        QList<QPair<QString, QByteArray>> places{{"output", everything},
                                                 {"processes", processes},
                                                 {"export", content(exported)},
                                                 {"audit", content(audit)}};
        QDirIterator files(folder.path() + "/workspace", QDir::Files | QDir::Hidden,
                           QDirIterator::Subdirectories);
        while (files.hasNext()) {
            const QString path = files.next();
            places << qMakePair(path, content(path));
        }
        QVERIFY(places.size() > 6);
        QVERIFY(secrets.size() > 12);
        for (const QByteArray &secret : std::as_const(secrets)) {
            QByteArray flat = secret;
            flat.replace('\n', "");
            for (const auto &[where, bytes] : std::as_const(places)) {
                QVERIFY2(!bytes.contains(secret) && !bytes.contains(flat)
                             && !bytes.contains(secret.toBase64()),
                         qPrintable(where));
            }
        }
    }

    void noNameIsReadableInTheWorkspace()
    {
        // Names that the jobs of this test dealt with, good and failed ones, in every file.
        const QList<QByteArray> names{"Aurora", "aurora", "Clinic",       "clinic", "shop",
                                      "2.1.2",  "2.1.3",  "ovvoc/update", "npm ci"};
        QDirIterator files(folder.path() + "/workspace", QDir::Files | QDir::Hidden,
                           QDirIterator::Subdirectories);
        int looked = 0;
        while (files.hasNext()) {
            const QString path = files.next();
            const QByteArray bytes = content(path);
            ++looked;
            for (const QByteArray &name : names)
                QVERIFY2(!bytes.contains(name), qPrintable(path + ": " + name));
        }
        QVERIFY(looked > 4);
    }

    void anErasedClientLeavesNothing()
    {
        QVERIFY(ovvoc({"erase", "--client", "City Clinic"}).exitCode == 2); // not without --yes
        QCOMPARE(ovvoc({"erase", "--client", "City Clinic", "--yes"}).exitCode, 0);
        QCOMPARE(ovvoc({"client", "list"}).lines().size(), 1);
        QCOMPARE(ovvoc({"audit", "verify"}).exitCode, 0);
        QProcess tool;
        tool.start("secret-tool", {"search", "--all", "service", "Ovvoc Desktop"});
        tool.waitForFinished();
        const QByteArray out = tool.readAllStandardOutput() + tool.readAllStandardError();
        QVERIFY(!out.contains("City Clinic"));
    }

    /// The program's own colours are put in last, and nothing from outside can stand for them.
    void noNameMovesTheTerminalsCursor()
    {
        const QString marks = QString::fromUtf8("x\uFDD02J\uFDD1y\uFDD2");
        QCOMPARE(ovvoc({"client", "add", marks}).exitCode, 0);
        QProcess list;
        list.start(program(), {"client", "list"});
        QVERIFY(list.waitForFinished(30'000));
        const QByteArray listed = list.readAllStandardOutput();
        QVERIFY2(listed.contains("Bakery Aurora") && listed.contains("2J")
                     && !listed.contains('\x1b'),
                 listed.constData());
    }

private:
    QTemporaryDir folder;
    std::unique_ptr<PrivateKeychain> keychain;
    RealEngine engine;
    std::unique_ptr<FakeGitHub> fake;
    FakeGitHub::Repository *good = nullptr;
    FakeGitHub::Repository *bad = nullptr;
    QByteArray everything;
    QList<QByteArray> secrets;
};

QTEST_GUILESS_MAIN(GitHubJobTest)
#include "tst_githubjob.moc"
