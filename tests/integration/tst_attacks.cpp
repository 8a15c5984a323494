// Attempts of a repository, or of what it depends on, in whole jobs in real cells: to run before
// the patch is sealed, to be judged by other tests than its own, to leave something behind, to be
// recorded as something else. docs/security-tests.md lists what this prints.

#include "common/records.h"
#include "forge/local/localforge.h"
#include "jobs/jobrecorder.h"
#include "support/folderstore.h"
#include "support/testsupport.h"

#include <QElapsedTimer>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <csignal>

using namespace ovvoc;
using namespace ovvoc::test;

namespace {

const char countedTest[] = "node --test";
/// A test that passes, with a runner that counts.
const char passing[] = "const t = require('node:test'), a = require('node:assert');\n"
                       "t('ms', () => a.equal(require('ms')('1s'), 1000));\n";

/// As if there were no room for another entry.
const QString logIsFull =
    QStringLiteral("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'disk "
                   "full'); END");

/// A workspace whose log can be made to refuse.
struct Bench
{
    std::shared_ptr<Workspace> workspace;
    std::shared_ptr<JobArchive> archive;
    std::shared_ptr<JobRecorder> recorder;
    Client client;
};

} // namespace

class AttacksTest : public QObject
{
    Q_OBJECT
    std::unique_ptr<JobBench> m_bench;
    QByteArray m_log;

    Job run(const JobRequest &request, std::shared_ptr<JobWitness> witness = {},
            const std::function<void(JobRunner &, const Job &)> &watch = {})
    {
        m_log.clear();
        JobServices services = m_bench->services;
        services.witness = witness;
        JobRunner runner(request, localForges(m_bench->workspace)(request), services);
        connect(&runner, &JobRunner::logged, [&](const LogChunk &chunk) { m_log += chunk.text; });
        connect(&runner, &JobRunner::changed, [&](const Job &job) {
            if (watch)
                watch(runner, job);
        });
        const Job job = await(runner.run());
        if (!job.containerId.isEmpty() && exists(m_bench->engine, job.containerId))
            qFatal("a cell was left");
        return job;
    }
    JobRequest strict(const Repository &repository) const
    {
        JobRequest request = m_bench->request(repository);
        request.acceptBuildOnly = false;
        return request;
    }
    QByteArray words(const Job &job) const
    {
        return job.summary.toUtf8() + '\n' + m_log.right(3000);
    }
    static QStringList branches(const Repository &repository)
    {
        return QString::fromUtf8(repository.git({"branch", "--format=%(refname:short)"}))
            .split('\n', Qt::SkipEmptyParts);
    }
    std::unique_ptr<Bench> records(const QString &folder)
    {
        auto made = std::make_unique<Bench>();
        qputenv("OVVOC_WORKSPACE", (folder + "/workspace").toLocal8Bit());
        auto opened = await(Workspace::open(*WorkspaceFolder::open(),
                                            std::make_shared<FolderStore>(folder + "/keychain")));
        if (!opened)
            qFatal("%s", qPrintable(opened.error().message));
        made->workspace = *opened;
        made->archive = std::make_shared<JobArchive>(made->workspace);
        made->recorder = std::make_shared<JobRecorder>(made->workspace, made->archive);
        made->client = *made->workspace->addClient("Aurora");
        return made;
    }

    /// An update that passes, of a client whose record is kept.
    JobRequest recorded(Repository &repository, const Bench &made) const
    {
        repository.write("test/a.test.js", passing);
        repository.writeProject({{"test", countedTest}});
        JobRequest request = strict(repository);
        request.clientId = made.client.id;
        return request;
    }

private slots:
    void initTestCase()
    {
        VERIFY_RESULT(bench, JobBench::make());
        m_bench = std::move(bench);
    }

    // ---- before the patch is sealed

    void aBinThatBecomesGitsConfigurationRunsNothing()
    {
        // npm makes node_modules/.bin/config, which a committed link leads to .git/config.
        Repository repository;
        repository.write("tool/package.json",
                         R"({"name":"tool","version":"1.0.0","bin":{"config":"config"}})");
        repository.write("tool/config",
                         "[core]\n\tfsmonitor = touch /work/canary\n\tsshCommand = touch "
                         "/work/canary\n[filter \"x\"]\n\tclean = touch /work/canary; cat\n"
                         "[diff]\n\texternal = touch /work/canary\n");
        repository.write(".gitattributes", "* filter=x\n");
        QDir().mkpath(repository.path() + "/node_modules");
        QVERIFY(QFile::link("../.git", repository.path() + "/node_modules/.bin"));
        repository.write(
            "test/a.test.js",
            QByteArray(passing)
                + "t('canary', () => a.ok(!require('fs').existsSync('/work/canary')));\n");
        repository.writeProject({{"build", "test ! -e /work/canary"}, {"test", countedTest}});
        const Job job = run(strict(repository));
        // Whether npm refuses the link or not: nothing of it ran, and nothing of it is proposed.
        QVERIFY2(!m_log.contains("not ok"), words(job).constData());
        QVERIFY2(!job.failure || job.failure->phase == PhaseKind::Transform,
                 words(job).constData());
        if (job.outcome != Outcome::Succeeded)
            QCOMPARE(branches(repository), QStringList{"main"});
        else
            QVERIFY(job.tests && job.tests->passed == 2);
    }

    void aRepositoryInsideARepositoryRunsNothing()
    {
        // A gitlink below node_modules, where an install puts a .git of its own choice.
        Repository repository, inner;
        inner.write("x", "x");
        inner.commit();
        repository.writeProject({{"build", "test ! -e /work/canary"}, {"test", countedTest}});
        repository.write(
            "test/a.test.js",
            QByteArray(passing)
                + "t('canary', () => a.ok(!require('fs').existsSync('/work/canary')));\n");
        repository.commit();
        const QString id = QString::fromLatin1(inner.git({"rev-parse", "HEAD"}).trimmed());
        repository.git(
            {"update-index", "--add", "--cacheinfo", "160000," + id + ",node_modules/ms"});
        repository.git({"commit", "-q", "-m", "A gitlink"});
        const Job job = run(strict(repository));
        QVERIFY2(job.outcome == Outcome::Succeeded, words(job).constData());
        QCOMPARE(job.tests->passed, 2);
        QCOMPARE(repository.git({"diff", "--name-only", "main", job.proposal->branch}),
                 QByteArray("package-lock.json\npackage.json\n"));
    }

    // ---- what is tested is what is proposed

    /// A manager that was talked into running something of the repository would let it ask the
    /// gate.
    void noManagerIsTalkedIntoRunningTheRepository_data()
    {
        QTest::addColumn<QString>("manager");
        QTest::addColumn<QString>("dependency");
        QTest::addColumn<QString>("setUp"); // in the repository, by sh
        QTest::newRow("Yarn 4: exec:") << "yarn@4.9.2" << "exec:./gen.js" << "";
        QTest::newRow("Yarn 4: git+file:")
            << "yarn@4.9.2" << "git+file://./work/repo/evil.git#commit=HASH" << "";
        QTest::newRow("Yarn 1: git+file:")
            << "yarn@1.22.22" << "git+file:///work/repo/evil.git#HASH" << "";
        QTest::newRow("Yarn 1: a link into the tools")
            << "yarn@1.22.22" << "file:./evil" << "ln -s ../toolchain node_modules";
        QTest::newRow("pnpm: a setting that leads into the tools")
            << "pnpm@9.15.9" << "link:./evil" << "echo modules-dir=../toolchain > .npmrc";
        QTest::newRow("npm: a link into the tools")
            << "" << "file:./work/repo/evil"
            << "mkdir -p node_modules; ln -s ../../toolchain node_modules/@x";
    }
    void noManagerIsTalkedIntoRunningTheRepository()
    {
        QFETCH(QString, manager);
        QFETCH(QString, dependency);
        QFETCH(QString, setUp);
        Repository repository;
        const QByteArray knock =
            "const s = require('net').connect(9080, '127.0.0.1', () => s.write('CONNECT "
            "192.0.2.77:443 HTTP/1.1\\r\\nHost: 192.0.2.77:443\\r\\n\\r\\n'));\n"
            "s.on('data', () => s.destroy()); s.on('error', () => {});\n";
        repository.write("gen.js", knock);
        repository.write(
            "evil/package.json",
            R"({"name": "bin", "version": "1.0.0", "scripts": {"preinstall": "node k.js",
"install": "node k.js", "prepare": "node k.js", "prepack": "node k.js"}})");
        repository.write("evil/k.js", knock);
        for (const char *command : {"yarn", "pnpm", "npm", "node"})
            repository.write(QStringLiteral("evil/") + command,
                             "#!/bin/sh\n/usr/local/bin/node /work/repo/gen.js\n");
        repository.write("test/a.test.js", passing);
        // A git repository of its own, as plain files.
        QProcess shell;
        shell.setWorkingDirectory(repository.path());
        shell.start(
            "sh",
            {"-ec",
             "chmod 755 evil/yarn evil/pnpm evil/npm evil/node; cp -r evil x; cd x; git init "
             "-q; git add -A; git -c user.name=x -c user.email=x@x.invalid commit -qm x; cd "
             "..; git clone -q --bare x evil.git; rm -rf x evil.git/hooks; git -C evil.git "
             "rev-parse HEAD; "
                 + setUp});
        QVERIFY(shell.waitForFinished(20'000));
        const QString hash = QString::fromUtf8(shell.readAllStandardOutput()).trimmed();
        QVERIFY2(shell.exitCode() == 0 && hash.size() == 40,
                 shell.readAllStandardError().constData());
        const QString name = manager.isEmpty() ? "@x/bin" : "bin";
        const QJsonObject manifest{
            {"name", "talked"},
            {"private", true},
            {manager.isEmpty() ? "description" : "packageManager", manager},
            {"scripts", QJsonObject{{"test", countedTest}}},
            {"dependencies",
             QJsonObject{{name, QString(dependency).replace("HASH", hash)}, {"ms", "2.0.0"}}}};
        repository.write("package.json", QJsonDocument(manifest).toJson());
        repository.commit();
        const Job job = run(strict(repository));
        for (const EgressRow &row : job.egress)
            QVERIFY2(!row.host.startsWith("192.0.2."), words(job).constData());
        // Where it cannot be had without, that is said and nothing is proposed; where it can, what
        // is proposed was tested.
        if (dependency.startsWith("exec:"))
            QVERIFY2(job.summary.contains("start a program"), words(job).constData());
        if (job.outcome != Outcome::Succeeded) {
            QCOMPARE(branches(repository), QStringList{"main"});
            QVERIFY2(job.failure->phase == PhaseKind::Transform
                         || job.failure->error.code == ErrorCode::Tampered,
                     words(job).constData());
        }
    }

    /// A file that an install leaves would be tested, and not proposed.
    void whatAnInstallLeavesInTheRepositoryEndsTheJob()
    {
        Repository repository;
        repository.write(".npmrc", "modules-dir=lib/packages\n");
        repository.write("test/a.test.js",
                         QByteArray(passing)
                             + "t('added', () => a.ok(require('../lib/packages/ms')));\n");
        repository.write("package.json",
                         R"({"name": "added", "private": true, "packageManager": "pnpm@9.15.9",
"scripts": {"test": "node --test"}, "dependencies": {"ms": "2.0.0"}})");
        repository.commit();
        JobRequest request = strict(repository);
        request.selection.package = "ms";
        request.selection.version = "2.1.3";
        const Job job = run(request);
        QVERIFY2(job.outcome == Outcome::Failed, words(job).constData());
        QVERIFY2(job.failure->error.code == ErrorCode::PolicyViolation, words(job).constData());
        QVERIFY2(job.failure->error.message.contains("lib/packages/"), words(job).constData());
        QCOMPARE(branches(repository), QStringList{"main"});
    }

    void nothingLeadsAnInstallOutOfTheRepository_data()
    {
        QTest::addColumn<QString>("leads");
        QTest::newRow("a link where packages go") << "node_modules";
        QTest::newRow("a link in another project") << "other/node_modules";
        QTest::newRow("a pnpm patch") << "p.patch";
    }
    /// An older pnpm applies patches wherever their headers lead, and every pnpm follows a link.
    void nothingLeadsAnInstallOutOfTheRepository()
    {
        QFETCH(QString, leads);
        Repository repository;
        QJsonObject manifest{{"name", "leads"},
                             {"private", true},
                             {"packageManager", "pnpm@9.15.9"},
                             {"scripts", QJsonObject{{"test", countedTest}}},
                             {"dependencies", QJsonObject{{"ms", "2.0.0"}}}};
        const bool other = leads.startsWith("other/");
        repository.write("p.patch",
                         "diff --git a/../../../../../added.js b/../../../../../added.js\n"
                         "new file mode 100644\nindex 0000000..1111111\n--- /dev/null\n"
                         "+++ b/../../../../../added.js\n@@ -0,0 +1,1 @@\n+module.exports = 1;\n");
        if (leads == "p.patch")
            manifest["pnpm"] =
                QJsonObject{{"patchedDependencies", QJsonObject{{"ms@2.1.3", "p.patch"}}}};
        repository.write("package.json", QJsonDocument(manifest).toJson());
        repository.write("test/a.test.js", passing);
        if (other)
            repository.write("other/package.json", QJsonDocument(manifest).toJson());
        if (leads != "p.patch")
            QVERIFY(QFile::link("/tmp", repository.path() + '/' + leads));
        repository.commit();
        const Job job = run(strict(repository));
        // The other project is left out of an update of this one.
        QCOMPARE(job.proposal.has_value(), other);
        const QString why = job.failure ? job.failure->error.message : QString();
        if (!other)
            QVERIFY2(why.contains(leads) && why.contains("nothing may be installed outside"),
                     words(job).constData());
        for (const Phase &phase : job.phases) {
            if (phase.kind == PhaseKind::Transform)
                QVERIFY2(other || phase.commands.filter("pnpm install").isEmpty(),
                         words(job).constData());
        }
        if (other)
            QVERIFY2(std::ranges::any_of(
                         job.plan.skipped,
                         [&](const SkippedUpdate &one) { return one.reason.contains(leads); }),
                     words(job).constData());
    }

    void whatTheTestsAreJudgedByMayNotChange_data()
    {
        QTest::addColumn<QString>("script");
        QTest::addColumn<QString>("named");
        QTest::newRow("the tests themselves")
            << "fs.writeFileSync('test/a.test.js', 'require(\"node:test\")(\"x\", () => {})')"
            << "test/a.test.js";
        QTest::newRow("a test removed") << "fs.rmSync('test/a.test.js')" << "test/a.test.js";
        QTest::newRow("a test that becomes a link")
            << "fs.rmSync('test/a.test.js'); fs.symlinkSync('/dev/null', 'test/a.test.js')"
            << "test/a.test.js";
        QTest::newRow("package.json")
            << "fs.writeFileSync('package.json', fs.readFileSync('package.json', "
               "'utf8').replace('node --test', 'echo 250 passing'))"
            << "package.json";
        QTest::newRow("the lockfile") << "fs.appendFileSync('package-lock.json', ' ')"
                                      << "package-lock.json";
        QTest::newRow("a configuration that was not there")
            << "fs.writeFileSync('.mocharc.json', '{\"spec\": \"none\"}')" << ".mocharc.json";
        QTest::newRow("a configuration of a member")
            << "fs.writeFileSync('m/vite.config.js', '')" << "m/vite.config.js";
    }
    void whatTheTestsAreJudgedByMayNotChange()
    {
        QFETCH(QString, script);
        QFETCH(QString, named);
        Repository repository;
        repository.write("test/a.test.js", passing);
        repository.write("evil.js", "const fs = require('fs');\n" + script.toUtf8() + ";\n");
        repository.writeProject({{"postinstall", "node evil.js"}, {"test", countedTest}});
        if (named.startsWith("m/")) {
            QJsonObject manifest =
                QJsonDocument::fromJson(repository.read("package.json")).object();
            manifest["workspaces"] = QJsonArray{"m"};
            repository.write("package.json", QJsonDocument(manifest).toJson());
            repository.write("m/package.json", R"({"name": "m", "version": "1.0.0"})");
            repository.git({"rm", "-q", "package-lock.json"});
            repository.commit("A member");
        }
        const Job job = run(strict(repository));
        QVERIFY2(job.outcome == Outcome::Failed, words(job).constData());
        QCOMPARE(toString(job.failure->error.code), QString("tampered"));
        QVERIFY2(job.failure->error.message.contains(named), words(job).constData());
        QVERIFY(!job.tests);
        QCOMPARE(branches(repository), QStringList{"main"});
    }

    void whatElseABuildChangesIsSaidAndLowersConfidence()
    {
        Repository repository;
        repository.write("test/a.test.js", passing);
        repository.write("dist/app.js", "old\n");
        repository.writeProject({{"build", "echo new > dist/app.js"}, {"test", countedTest}});
        const Job job = run(strict(repository));
        QVERIFY2(job.outcome == Outcome::Succeeded, words(job).constData());
        QCOMPARE(job.changedByBuild, QStringList{"dist/app.js"});
        QVERIFY(job.proposalBody.contains("dist/app.js"));
        QVERIFY(!repository.git({"diff", "--name-only", "main", job.proposal->branch})
                     .contains("dist"));
    }

    void whatTheBuildMakesThatLooksLikeATestIsSaid()
    {
        Repository repository;
        repository.write("test/a.test.js", passing);
        repository.writeProject(
            {{"build", "mkdir -p dist && cp test/a.test.js dist/"}, {"test", countedTest}});
        const Job job = run(strict(repository));
        QVERIFY2(job.outcome == Outcome::Succeeded, words(job).constData());
        QCOMPARE(job.madeTests, QStringList{"dist/a.test.js"});
        QVERIFY2(job.proposalBody.contains("look like tests"), qPrintable(job.proposalBody));
        QVERIFY(!job.proposalBody.contains("left the repository as it was"));
    }

    void whatOutlivesTheBuildDoesNotReachTheTests()
    {
        Repository repository;
        repository.write(
            "test/a.test.js",
            QByteArray(passing)
                + "t('alone', () => { const fs = require('fs');\n"
                  "  const others = fs.readdirSync('/proc').filter(p => /^\\d+$/.test(p) "
                  "&& p !== '1').map(p => { try { return "
                  "fs.readFileSync('/proc/' + p + '/cmdline', 'utf8') } catch { return '' "
                  "} });\n"
                  "  a.ok(!others.some(o => o.includes('evil'))); });\n");
        repository.write("evil.js", "setInterval(() => {}, 1000)\n");
        repository.writeProject(
            {{"postinstall", "setsid node evil.js >/dev/null 2>&1 </dev/null &"},
             {"test", countedTest}});
        const Job job = run(strict(repository));
        QVERIFY2(job.outcome == Outcome::Succeeded, words(job).constData());
        QCOMPARE(job.tests->passed, 2);
    }

    void whatABuildLeavesOutsideTheRepositoryDecidesNothing_data()
    {
        QTest::addColumn<QString>("script");
        QTest::newRow("another npm before npm")
            << "chmod -R u+w /work/toolchain; mkdir -p /work/toolchain/bin; printf "
               "'#!/bin/sh\\necho TAP version 13; echo ok 1 - "
               "x; echo 1..1' > /work/toolchain/bin/npm; chmod +x /work/toolchain/bin/npm";
        QTest::newRow("settings in HOME")
            << "mkdir -p $HOME; printf '#!/bin/sh\\necho TAP version 13; echo ok 1 - x; echo "
               "1..1' > /tmp/x.sh; chmod +x /tmp/x.sh; echo script-shell=/tmp/x.sh >> "
               "$HOME/.npmrc";
        QTest::newRow("a folder that may not be entered")
            << "mkdir -p $HOME/a/b; echo script-shell=/bin/true >> $HOME/.npmrc; chmod 0 $HOME/a";
        QTest::newRow("a package above the repository")
            << "mkdir -p /work/node_modules/above; echo \"process.exit = () => {}\" > "
               "/work/node_modules/above/index.js; mv /work/node_modules /work/away; true";
    }
    void whatABuildLeavesOutsideTheRepositoryDecidesNothing()
    {
        QFETCH(QString, script);
        Repository repository;
        repository.write("left.sh", script.toUtf8() + '\n');
        repository.write("test.js",
                         "console.log('TAP version 13\\nok 1 - a\\n1..1');\n"
                         "try { require('above'); console.log('not ok 2'); } catch {}\n"
                         "process.exitCode = 7;\n");
        repository.writeProject({{"postinstall", "sh left.sh"}, {"test", "node test.js"}});
        const Job job = run(strict(repository));
        QVERIFY2(job.outcome == Outcome::Failed, words(job).constData());
        // Where the job's own tools are nothing may appear; the rest is cleared away before Test.
        if (script.contains("toolchain"))
            QCOMPARE(toString(job.failure->error.code), QString("tampered"));
        else
            QVERIFY2(job.failure->phase == PhaseKind::Test && job.summary.contains("exit code 7"),
                     words(job).constData());
        QCOMPARE(branches(repository), QStringList{"main"});
    }

    void settingsThatABuildAppendsAreTampering()
    {
        Repository repository;
        repository.write(".npmrc", "fund=false\n");
        repository.writeProject(
            {{"postinstall", "echo script-shell=/bin/true >> .npmrc"}, {"test", "exit 7"}});
        const Job job = run(strict(repository));
        QVERIFY2(job.outcome == Outcome::Failed, words(job).constData());
        QCOMPARE(toString(job.failure->error.code), QString("tampered"));
    }

    void oneProjectsTestsProveNothingOfAnother()
    {
        Repository repository;
        repository.write("test/a.test.js", passing);
        repository.writeProject({{"test", countedTest}});
        repository.write("tools/package.json",
                         "{\n  \"name\": \"tools\",\n  \"dependencies\": {\n    \"ms\": "
                         "\"2.1.2\"\n  }\n}\n");
        repository.write("tools/package-lock.json",
                         repository.read("package-lock.json").replace("small", "tools"));
        repository.commit();
        const Job job = run(strict(repository));
        QVERIFY2(job.outcome == Outcome::Succeeded, words(job).constData());
        QCOMPARE(job.plan.updates.size(), 1);
        QVERIFY(job.plan.updates.first().project.isEmpty());
        QVERIFY(std::ranges::any_of(job.plan.skipped, [](const SkippedUpdate &one) {
            return one.reason.contains("tools/package.json");
        }));
        QVERIFY(!repository.git({"diff", "--name-only", "main", job.proposal->branch})
                     .contains("tools"));
    }

    void printsNeverOutweighTheExitCode()
    {
        Repository repository;
        repository.write("fake.js",
                         "console.log('# tests 250\\n# pass 250\\n# fail 0'); "
                         "console.log('Tests:       0 failed, 250 passed, 250 total'); "
                         "process.exit(1);");
        repository.writeProject({{"test", "node fake.js"}});
        const Job job = run(strict(repository));
        QVERIFY2(job.outcome == Outcome::Failed, words(job).constData());
        QCOMPARE(branches(repository), QStringList{"main"});
    }

    void aScriptThatCountsNothingProvesNothing()
    {
        Repository repository;
        repository.writeProject({{"test", "echo all good"}});
        const Job job = run(strict(repository));
        QVERIFY(job.outcome == Outcome::Failed);
        QCOMPARE(toString(job.failure->error.code), QString("nothing-proves"));
    }

    void aScriptThatWatchesIsEndedAndItsTestsCount()
    {
        Repository repository;
        repository.write("test/a.test.js", passing);
        repository.writeProject({{"test", "node --test --watch"}});
        QElapsedTimer clock;
        clock.start();
        const Job job = run(strict(repository));
        QVERIFY2(job.outcome == Outcome::Succeeded, words(job).constData());
        QCOMPARE(job.tests->passed, 1);
        QVERIFY(m_log.contains("watch"));
    }

    void aFlagThatOnlyLooksLikeWatchingIsLeftToRun()
    {
        // -w is npm's for a workspace and Jest's for workers.
        Repository repository;
        repository.write("run.js",
                         "console.log('TAP version 13\\nok 1 - a');\n"
                         "setTimeout(() => console.log('ok 2 - b\\n1..2'), 7000);\n");
        repository.writeProject({{"test", "node run.js -w 2"}});
        const Job job = run(strict(repository));
        QVERIFY2(job.outcome == Outcome::Succeeded, words(job).constData());
        QCOMPARE(job.tests->passed, 2);
    }

    void wordsOfWatchingEndNothing()
    {
        Repository repository;
        repository.write("run.js",
                         "console.log('TAP version 13\\nok 1 - a\\n1..1\\nWaiting for "
                         "file changes');\nsetInterval(() => {}, 1000);\n");
        repository.writeProject({{"test", "node run.js"}});
        JobRequest request = strict(repository);
        request.phaseSeconds = 30;
        const Job job = run(request);
        QVERIFY2(job.outcome == Outcome::Failed, words(job).constData());
        QCOMPARE(branches(repository), QStringList{"main"});
    }

    void aRunThatWatchesAndIsNotWholeProvesNothing()
    {
        Repository repository;
        repository.write("run.js",
                         "console.log('TAP version 13\\n1..5\\nok 1 - a');\n"
                         "setInterval(() => {}, 1000);\n");
        repository.writeProject({{"test", "node run.js --watch"}});
        const Job job = run(strict(repository));
        QVERIFY2(job.outcome == Outcome::Failed, words(job).constData());
        QVERIFY2(job.summary.contains("no whole run"), words(job).constData());
    }

    // ---- up to date is said of what was judged

    void noSettingOfTheRepositoryReadsAsUpToDate_data()
    {
        QTest::addColumn<QByteArray>("npmrc");
        for (const char *line :
             {"global=true", "location=global", "before=2001-01-01", "offline=true", "dry-run=true",
              "prefer-offline=true", "local-address=127.0.0.1", "package-lock=false", "omit=dev",
              "usage=true", "save=false", "package-lock-only=true", "force=true", "tag=next",
              "long=true"})
            QTest::newRow(line) << QByteArray(line) + '\n';
    }
    void noSettingOfTheRepositoryReadsAsUpToDate()
    {
        QFETCH(QByteArray, npmrc);
        Repository repository;
        repository.write(".npmrc", npmrc);
        repository.write("test/a.test.js", passing);
        repository.writeProject({{"test", countedTest}});
        const Job scan = run(m_bench->request(repository, JobKind::Scan));
        QVERIFY2(scan.scan && scan.scan->outdated() == 1, words(scan).constData());
        QVERIFY(!scan.scan->advisoriesChecked || scan.scan->advisoryNote.isEmpty());
        const Job job = run(strict(repository));
        QVERIFY2(job.outcome == Outcome::Succeeded && job.proposal, words(job).constData());
        QVERIFY2(!job.patch.files.isEmpty() && job.tests && job.tests->passed == 1,
                 words(job).constData());
    }

    void aMinimumAgeOfTheRepositoryWaitsAndSaysSo()
    {
        Repository repository;
        repository.write(".npmrc", "min-release-age=9999\n");
        repository.write("test/a.test.js", passing);
        repository.writeProject({{"test", countedTest}});
        const Job scan = run(m_bench->request(repository, JobKind::Scan));
        QVERIFY2(scan.scan && scan.scan->outdated() == 1, words(scan).constData());
        const Job job = run(strict(repository));
        QVERIFY2(!job.proposal, words(job).constData());
        QVERIFY2(job.summary.contains(".npmrc takes none before 9999")
                     && !job.summary.contains("up to date"),
                 words(job).constData());
    }

    void withoutALockfileTheChosenVersionIsWhatIsTested()
    {
        // A newer one is within the range, and must not be what is installed.
        Repository repository;
        repository.write(
            "test/a.test.js",
            QByteArray(passing)
                + "t('v', () => a.equal(require('ms/package.json').version, '2.1.1'));\n");
        repository.writeProject({{"test", countedTest}});
        repository.write("package.json",
                         repository.read("package.json").replace("2.1.2", "~2.0.0"));
        repository.git({"rm", "-q", "--cached", "package-lock.json"});
        QFile::remove(repository.path() + "/package-lock.json");
        repository.commit();
        JobRequest request = strict(repository);
        request.selection.package = "ms";
        request.selection.version = "2.1.1";
        const Job job = run(request);
        QVERIFY2(job.outcome == Outcome::Succeeded, words(job).constData());
        QCOMPARE(job.tests->passed, 2);
        QVERIFY(
            repository.git({"show", job.proposal->branch + ":package.json"}).contains("~2.1.1"));
    }

    void aBrokenManifestIsNeverUpToDate()
    {
        Repository repository;
        repository.writeProject({{"test", countedTest}});
        repository.write("package.json",
                         QByteArray("{\"dependencies\": {\"ms\": \"2.1.2\"}}\0", 36));
        repository.commit();
        const Job job = run(strict(repository));
        QVERIFY2(job.outcome == Outcome::Failed, words(job).constData());
        QVERIFY2(job.summary.contains("package.json"), words(job).constData());
    }

    // ---- what cannot be written down does not happen

    void withoutALogNothingBegins()
    {
        QTemporaryDir folder;
        auto made = records(folder.path());
        Repository repository;
        const JobRequest request = recorded(repository, *made);
        QVERIFY(made->workspace->database().run(logIsFull));
        const Job job = run(request, made->recorder);
        QVERIFY(job.outcome == Outcome::Failed);
        QVERIFY2(job.containerId.isEmpty(), words(job).constData());
        QCOMPARE(branches(repository), QStringList{"main"});
    }

    void aLogThatStopsInTheMiddleEndsTheJobBeforeItProposes_data()
    {
        QTest::addColumn<int>("phase");
        for (const PhaseKind phase : {PhaseKind::Transform, PhaseKind::Build, PhaseKind::Test})
            QTest::newRow(qPrintable(toString(phase))) << int(phase);
    }
    void aLogThatStopsInTheMiddleEndsTheJobBeforeItProposes()
    {
        QFETCH(int, phase);
        QTemporaryDir folder;
        auto made = records(folder.path());
        Repository repository;
        const JobRequest request = recorded(repository, *made);
        bool full = false;
        const Job job = run(request, made->recorder, [&](JobRunner &, const Job &now) {
            if (full || !now.running() || int(now.running()->kind) != phase)
                return;
            full = true;
            (void)made->workspace->database().run(logIsFull);
        });
        QVERIFY(full);
        QVERIFY2(job.outcome == Outcome::Failed, words(job).constData());
        QVERIFY(!job.proposal);
        QCOMPARE(branches(repository), QStringList{"main"});
    }

    void everyProposalIsNotedBeforeAndAfter()
    {
        QTemporaryDir folder;
        auto made = records(folder.path());
        Repository repository;
        const JobRequest request = recorded(repository, *made);
        const Job job = run(request, made->recorder);
        QVERIFY2(job.outcome == Outcome::Succeeded, words(job).constData());
        AuditFilter filter;
        filter.action = "pull-request.open";
        VERIFY_RESULT(entries, made->workspace->audit().entries(filter));
        QCOMPARE(entries.size(), 2);
        QCOMPARE(entries[1].result, QString("begun"));
        QCOMPARE(entries[0].result, QString("ok"));
        VERIFY_RESULT(verdict, await(made->workspace->verify()));
        QVERIFY2(verdict.holds(), qPrintable(verdict.holds() ? "" : verdict.problems.first().text));
    }

    // ---- what is left behind

    void aCellThatNeverStartedIsSweptAtTheNextStart()
    {
        // As if program and guard had been killed together before the cell began.
        CellSpec spec = smallCell(m_bench->engine);
        spec.user = cellUser(false);
        spec.labels["dev.ovvoc.workspace"] = m_bench->workspace.id;
        spec.labels["dev.ovvoc.job"] = "lost";
        spec.labels["dev.ovvoc.host"] = QSysInfo::machineHostName();
        spec.labels["dev.ovvoc.process"] = "1999999-1";
        VERIFY_RESULT(
            id,
            await(m_bench->engine.client->createContainer("ovvoc-lost-test", containerBody(spec))));
        QVERIFY(exists(m_bench->engine, id));
        VERIFY_RESULT(swept, await(sweepCells(m_bench->engine.client, m_bench->workspace.id)));
        QVERIFY(swept.value("lost") == CellFate::Destroyed);
        QVERIFY(!exists(m_bench->engine, id));
    }
};

QTEST_GUILESS_MAIN(AttacksTest)
#include "tst_attacks.moc"
