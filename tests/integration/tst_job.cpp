// The whole line on the real engine, in real cells, with the real registry: what a job leaves, what
// it says when something is wrong, and that it always ends with nothing left.

#include "forge/local/localforge.h"
#include "forge/smarthttp.h"
#include "support/githttpserver.h"
#include "support/testsupport.h"

#include "jobs/jobjson.h"

#include <QDirIterator>
#include <QJsonDocument>
#include <QLocalServer>
#include <QLocalSocket>
#include <QProcess>
#include <QRandomGenerator>
#include <csignal>

using namespace ovvoc;
using namespace ovvoc::test;

namespace {

/// Everything that was seen of one job.
struct Seen
{
    Job job;
    QByteArray log;
};

/// A resolver without a network behind it.
class DeadResolver final : public Resolver
{
public:
    TaskResult<QList<QHostAddress>> resolve(QString host) override
    {
        co_return fail(ErrorCode::NetworkDown, host + " cannot be resolved");
    }
};

/// A local repository that is cloned from a server which wants a credential.
class ForgeWithCredential final : public Forge
{
public:
    ForgeWithCredential(LocalForge *local, std::shared_ptr<GitUpstream> upstream)
        : m_local(local)
        , m_upstream(std::move(upstream))
    { }
    QString name() const override { return m_local->name(); }
    TaskResult<BaseRef> resolveBase(QString branch) override
    {
        return m_local->resolveBase(branch);
    }
    TaskResult<std::shared_ptr<GitUpstream>> openClone() override
    {
        const std::shared_ptr<GitUpstream> upstream = m_upstream;
        co_return upstream;
    }
    TaskResult<> closeClone() override { co_return {}; }
    TaskResult<Proposal> propose(ProposalRequest request) override
    {
        return m_local->propose(request);
    }
    TaskResult<QList<ForgeProposal>> proposals(QString branch, bool ended) override
    {
        return m_local->proposals(branch, ended);
    }

private:
    std::unique_ptr<LocalForge> m_local;
    std::shared_ptr<GitUpstream> m_upstream;
};

/// Forwards a unix socket to the engine's, until it is cut.
class EngineCutter : public QLocalServer
{
public:
    EngineCutter(const QString &path, const QString &engine)
    {
        listen(path);
        connect(this, &QLocalServer::newConnection, this, [this, engine] {
            while (QLocalSocket *near = nextPendingConnection()) {
                auto *far = new QLocalSocket(near);
                connect(far, &QLocalSocket::connected, near, [near, far] {
                    far->write(near->readAll());
                    connect(near, &QLocalSocket::readyRead, far,
                            [near, far] { far->write(near->readAll()); });
                });
                connect(far, &QLocalSocket::readyRead, near,
                        [near, far] { near->write(far->readAll()); });
                connect(far, &QLocalSocket::disconnected, near,
                        &QLocalSocket::disconnectFromServer);
                connect(near, &QLocalSocket::disconnected, near, &QObject::deleteLater);
                far->connectToServer(engine);
                m_connections << near;
            }
        });
    }
    void cut()
    {
        close();
        for (const auto &connection : std::as_const(m_connections)) {
            if (connection)
                connection->abort();
        }
    }

private:
    QList<QPointer<QLocalSocket>> m_connections;
};

} // namespace

class JobTest : public QObject
{
    Q_OBJECT
    std::unique_ptr<JobBench> m_bench;

    using Watch = std::function<void(JobRunner &, const Job &)>;
    Seen run(const JobRequest &request, const Watch &watch = {})
    {
        return run(request, localForges(m_bench->workspace)(request), m_bench->services, watch);
    }
    Seen run(const JobRequest &request, std::shared_ptr<Forge> forge, const JobServices &services,
             const Watch &watch = {})
    {
        Seen seen;
        JobRunner runner(request, forge, services);
        connect(&runner, &JobRunner::logged,
                [&](const LogChunk &chunk) { seen.log += chunk.text; });
        connect(&runner, &JobRunner::changed, [&](const Job &job) {
            if (watch)
                watch(runner, job);
        });
        seen.job = await(runner.run());
        // Whatever happened, the job's own cell is gone.
        if (!seen.job.containerId.isEmpty())
            [&] { QVERIFY(!exists(m_bench->engine, seen.job.containerId)); }();
        return seen;
    }
    static QByteArray words(const Seen &seen)
    {
        return (seen.job.summary + "\n").toUtf8() + seen.log.right(3000);
    }
    static QStringList branches(const Repository &repository)
    {
        return QString::fromUtf8(repository.git({"branch", "--format=%(refname:short)"}))
            .split('\n', Qt::SkipEmptyParts);
    }
    static QByteArray read(const QString &path)
    {
        QFile file(path);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
    /// No file below \a folder holds any of \a marks; the first that does is returned.
    static QString fileWith(const QString &folder, const QList<QByteArray> &marks)
    {
        QDirIterator it(folder, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
        while (it.hasNext()) {
            const QByteArray text = read(it.next());
            for (const QByteArray &mark : marks) {
                if (text.contains(mark))
                    return it.filePath();
            }
        }
        return {};
    }
    void copyDemo(const Repository &repository)
    {
        QCOMPARE(QProcess::execute("cp", {"-r", DEMO "/.", repository.path()}), 0);
        repository.git({"add", "-A"});
        repository.git({"commit", "-q", "-m", "Begin"});
    }

private slots:
    void initTestCase()
    {
        VERIFY_RESULT(bench, JobBench::make());
        m_bench = std::move(bench);
    }

    void anUpdateThatPassesBecomesABranchWhoseTreePassesOnTheHost()
    {
        Repository repository;
        copyDemo(repository);
        const QByteArray headBefore = repository.git({"rev-parse", "HEAD"});
        repository.write("untouched.txt", "work in progress");
        JobRequest request = m_bench->request(repository);
        request.selection.package = "ms";
        const Seen seen = run(request);
        QVERIFY2(seen.job.outcome == Outcome::Succeeded, words(seen).constData());
        QVERIFY(seen.job.proposal.has_value());
        const QString branch = seen.job.proposal->branch;
        QVERIFY2(branch == "ovvoc/update-ms" || branch == "ovvoc/updates-all", qPrintable(branch));
        QVERIFY(branches(repository).contains(branch));
        // Work tree, index and current branch are as they were.
        QCOMPARE(repository.git({"status", "--porcelain"}), QByteArray("?? untouched.txt\n"));
        QCOMPARE(repository.git({"rev-parse", "HEAD"}), headBefore);
        // One commit, which touches the manifest's files only.
        QCOMPARE(repository.git({"rev-list", "--count", "HEAD.." + branch}), QByteArray("1\n"));
        QCOMPARE(repository.git({"diff", "--name-only", "HEAD", branch}),
                 QByteArray("package-lock.json\npackage.json\n"));
        // The lockfile keeps its own style: this one names no download addresses.
        QVERIFY(!repository.git({"show", branch + ":package-lock.json"}).contains("\"resolved\""));
        QVERIFY(read(seen.job.proposal->location).contains("ms"));
        QVERIFY(seen.job.tests.has_value());
        QCOMPARE(seen.job.tests->failed, 0);
        QVERIFY(seen.job.tests->passed >= 5);
        QVERIFY(seen.job.gateClosed.has_value());
        for (const Phase &phase : seen.job.phases)
            QVERIFY2(phase.state == PhaseState::Succeeded, qPrintable(phase.message));

        QTemporaryDir tree;
        repository.git({"worktree", "add", "-q", tree.path() + "/tree", branch});
        for (const QStringList &arguments :
             {QStringList{"ci", "--silent"}, QStringList{"run", "build"}, QStringList{"test"}}) {
            QProcess npm;
            npm.setProcessChannelMode(QProcess::MergedChannels);
            npm.setWorkingDirectory(tree.path() + "/tree");
            npm.start("npm", arguments);
            QVERIFY(npm.waitForFinished(120'000));
            QVERIFY2(npm.exitCode() == 0, npm.readAll().constData());
        }
    }

    void anUpdateThatBreaksATestBecomesAReportThatNamesIt()
    {
        Repository repository;
        copyDemo(repository);
        JobRequest request = m_bench->request(repository);
        request.selection.package = "minimatch";
        const Seen seen = run(request);
        QVERIFY(seen.job.outcome == Outcome::Failed);
        QVERIFY(seen.job.failure.has_value());
        QVERIFY(seen.job.failure->phase == PhaseKind::Test);
        QVERIFY(seen.job.failure->error.code == ErrorCode::TestsFailed);
        QVERIFY(!seen.job.failure->tests.isEmpty());
        const TestCase test = seen.job.failure->tests.first();
        QVERIFY(test.name.contains("files") || test.name.contains("patterns"));
        QVERIFY2(test.file.endsWith(".js") && test.line > 0, qPrintable(test.file));
        QVERIFY(seen.job.phase(PhaseKind::PullRequest)->state == PhaseState::Skipped);
        QVERIFY(seen.job.phase(PhaseKind::Destroy)->state == PhaseState::Succeeded);
        QCOMPARE(branches(repository), QStringList{"main"});
    }

    void nothingToUpdateSucceedsAsUpToDate()
    {
        Repository repository;
        repository.writeProject({{"test", "true"}});
        JobRequest request = m_bench->request(repository);
        request.selection.package = "ms";
        request.selection.version = "2.1.2";
        const Seen seen = run(request);
        QVERIFY2(seen.job.outcome == Outcome::Succeeded, words(seen).constData());
        QVERIFY2(seen.job.summary.contains("is at 2.1.2 already"), words(seen).constData());
        QCOMPARE(branches(repository), QStringList{"main"});
    }

    void aScanSaysWhatIsOutdatedAndRunsNothingOfTheRepository()
    {
        Repository repository;
        // Each of these would leave a mark in the log or fail the job.
        repository.write(".npmrc", "script-shell=/bin/false\n");
        repository.writeProject({{"test", "exit 1"}, {"prepare", "exit 1"}, {"install", "exit 1"}});
        const Seen seen = run(m_bench->request(repository, JobKind::Scan));
        QVERIFY2(seen.job.outcome == Outcome::Succeeded, words(seen).constData());
        QVERIFY(seen.job.scan.has_value());
        QCOMPARE(seen.job.scan->dependencies.size(), 1);
        const ScannedDependency ms = seen.job.scan->dependencies.first();
        QCOMPARE(ms.name, QString("ms"));
        QCOMPARE(ms.current, QString("2.1.2"));
        QVERIFY(ms.level.has_value());
        QVERIFY(ms.ageDays > 0);
        QVERIFY(seen.job.gateClosed.has_value());
    }

    void badInputIsSaidInAWayThatHelps_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<QString>("expected");
        QTest::newRow("no such path") << "no-path" << "no folder";
        QTest::newRow("not a repository") << "not-a-repository" << "not a git repository";
        QTest::newRow("empty repository") << "empty" << "no commits yet";
        QTest::newRow("no such branch") << "no-branch" << "no branch nowhere";
        QTest::newRow("no package.json") << "no-manifest" << "no package.json";
        QTest::newRow("broken JSON") << "broken-json" << "package.json";
        QTest::newRow("package.json is a list") << "list" << "package.json";
        QTest::newRow("lockfile out of step") << "out-of-step" << "out of step";
        QTest::newRow("broken lockfile") << "broken-lock" << "package-lock.json";
        QTest::newRow("a package that does not exist") << "no-package" << "is not in the registry";
        QTest::newRow("a package that is not used") << "unused" << "does not name left-pad";
        QTest::newRow("a version that does not exist") << "no-version" << "no version 99.0.0";
        QTest::newRow("no test script") << "no-tests" << "Nothing proves this update";
        QTest::newRow("another package manager") << "bun" << "Bun is not covered";
        QTest::newRow("package.json is a link") << "link" << "package.json";
    }
    void badInputIsSaidInAWayThatHelps()
    {
        QFETCH(QString, what);
        QFETCH(QString, expected);
        Repository repository;
        if (what != "empty" && what != "not-a-repository")
            repository.writeProject(what == "no-tests" ? QHash<QString, QString>{}
                                                       : QHash<QString, QString>{{"test", "true"}});
        JobRequest request = m_bench->request(repository);
        request.acceptBuildOnly = false;
        request.selection.package = "ms";
        if (what == "no-path") {
            request.repositoryId += "-missing";
        } else if (what == "not-a-repository") {
            QDir(repository.path() + "/.git").removeRecursively();
        } else if (what == "no-branch") {
            request.baseBranch = "nowhere";
        } else if (what == "no-manifest") {
            repository.git({"rm", "-q", "package.json"});
            repository.commit();
        } else if (what == "broken-json") {
            repository.write("package.json", "{ \"name\": \"x\", ");
            repository.commit();
        } else if (what == "list") {
            repository.write("package.json", "[1, 2]");
            repository.commit();
        } else if (what == "out-of-step") {
            QByteArray text = read(repository.path() + "/package.json");
            repository.write("package.json", text.replace("2.1.2", "2.0.0"));
            repository.commit();
        } else if (what == "broken-lock") {
            repository.write("package-lock.json", "not json");
            repository.commit();
        } else if (what == "no-package") {
            QByteArray text = read(repository.path() + "/package.json");
            repository.write("package.json", text.replace("\"ms\"", "\"ovvoc-no-such-package-1\""));
            repository.git({"rm", "-q", "package-lock.json"});
            repository.commit();
            request.selection.package = "ovvoc-no-such-package-1";
        } else if (what == "unused") {
            request.selection.package = "left-pad";
        } else if (what == "no-version") {
            request.selection.version = "99.0.0";
        } else if (what == "bun") {
            repository.git({"mv", "package-lock.json", "bun.lock"});
            repository.commit();
        } else if (what == "link") {
            QFile::remove(repository.path() + "/package.json");
            QFile::link("/etc/passwd", repository.path() + "/package.json");
            repository.commit();
        }
        const Seen seen = run(request);
        QVERIFY2(seen.job.outcome == Outcome::Failed, words(seen).constData());
        QVERIFY(seen.job.failure.has_value());
        QVERIFY2(seen.job.failure->error.message.contains(expected),
                 qPrintable(seen.job.failure->error.message));
        // Nothing of the machine's own files came along.
        QVERIFY(!seen.log.contains("root:x:"));
        if (what != "no-path" && what != "not-a-repository" && what != "empty")
            QCOMPARE(branches(repository), QStringList{"main"});
    }

    void aRegistryThatIsDownIsSaidSo()
    {
        Repository repository;
        repository.writeProject({{"test", "true"}});
        JobServices services = m_bench->services;
        services.resolver = std::make_shared<DeadResolver>();
        const JobRequest request = m_bench->request(repository);
        const Seen seen = run(request, localForges(m_bench->workspace)(request), services);
        QVERIFY(seen.job.outcome == Outcome::Failed);
        QVERIFY2(seen.job.failure->error.code == ErrorCode::NetworkDown, words(seen).constData());
        QVERIFY(!seen.job.egress.isEmpty());
    }

    void fullDiskAndLackOfMemoryAreSaidAsSuch_data()
    {
        QTest::addColumn<QString>("script");
        QTest::addColumn<int>("code");
        QTest::newRow("disk") << "node -e \"const fs=require('fs');for(let i=0;i<900;i++)"
                                 "fs.appendFileSync('big',Buffer.alloc(1<<20))\""
                              << int(ErrorCode::DiskFull);
        if (!isGVisor())
            QTest::newRow("memory") << "node -e \"const a=[];for(;;)a.push(Buffer.alloc(1<<24,1))\""
                                    << int(ErrorCode::OutOfMemory);
    }
    void fullDiskAndLackOfMemoryAreSaidAsSuch()
    {
        QFETCH(QString, script);
        QFETCH(int, code);
        Repository repository;
        repository.writeProject({{"test", script}});
        JobRequest request = m_bench->request(repository);
        request.limits.workBytes = Q_INT64_C(128) << 20;
        request.limits.memoryBytes = Q_INT64_C(512) << 20;
        const Seen seen = run(request);
        QVERIFY(seen.job.outcome == Outcome::Failed);
        QVERIFY2(int(seen.job.failure->error.code) == code, words(seen).constData());
        QVERIFY(seen.job.failure->phase == PhaseKind::Test);
    }

    void aPhaseThatTakesTooLongIsEnded()
    {
        Repository repository;
        repository.writeProject({{"test", "sleep 300"}});
        JobRequest request = m_bench->request(repository);
        request.phaseSeconds = isGVisor() ? 30 : 10;
        const Seen seen = run(request);
        QVERIFY(seen.job.outcome == Outcome::Failed);
        QVERIFY2(seen.job.failure->error.code == ErrorCode::Timeout, words(seen).constData());
        QVERIFY(seen.job.failure->phase == PhaseKind::Test);
    }

    void cancelWorksInEveryPhase_data()
    {
        QTest::addColumn<int>("phase");
        for (const PhaseKind kind : {PhaseKind::Create, PhaseKind::Clone, PhaseKind::Transform,
                                     PhaseKind::Build, PhaseKind::Test, PhaseKind::PullRequest})
            QTest::newRow(qPrintable(toString(kind))) << int(kind);
    }
    void cancelWorksInEveryPhase()
    {
        QFETCH(int, phase);
        Repository repository;
        // Longer than any test may take: only the cancel ends it.
        const auto script = [phase](PhaseKind kind) {
            return QString(phase == int(kind) ? "sleep 3600" : "true");
        };
        repository.writeProject(
            {{"build", script(PhaseKind::Build)}, {"test", script(PhaseKind::Test)}});
        const JobRequest request = m_bench->request(repository);
        bool cancelled = false;
        const Seen seen = run(request, [&](JobRunner &runner, const Job &job) {
            if (job.running() && int(job.running()->kind) == phase && !cancelled) {
                cancelled = true;
                QTimer::singleShot(0, &runner, &JobRunner::cancel);
            }
        });
        QVERIFY(cancelled);
        // A proposal that was already made counts; nothing else may be left of a cancelled job.
        if (phase == int(PhaseKind::PullRequest) && seen.job.proposal) {
            QVERIFY(seen.job.outcome == Outcome::Succeeded);
        } else {
            QVERIFY2(seen.job.outcome == Outcome::Cancelled, words(seen).constData());
            QVERIFY(!seen.job.failure.has_value());
            QCOMPARE(branches(repository), QStringList{"main"});
        }
        QVERIFY(seen.job.phase(PhaseKind::Destroy)->state == PhaseState::Succeeded);
    }

    void anEngineThatGoesAwayInTheMiddleEndsTheJobAndTheCell()
    {
        Repository repository;
        repository.writeProject({{"test", "sleep 60"}});
        const QString path = m_bench->folder.path() + "/engine.sock";
        EngineCutter cutter(path, m_bench->engine.client->info().socketPath);
        VERIFY_RESULT(client, await(EngineClient::connect({{path, "test"}})));
        JobServices services = m_bench->services;
        services.engine = client;
        services.images = std::make_shared<ImageStore>(client, m_bench->engine.cellInit);
        const JobRequest request = m_bench->request(repository);
        Job job;
        JobRunner runner(request, localForges(m_bench->workspace)(request), services);
        bool cut = false;
        connect(&runner, &JobRunner::changed, [&](const Job &now) {
            if (!cut && now.running() && now.running()->kind == PhaseKind::Test) {
                cut = true;
                QTimer::singleShot(500, &cutter, &EngineCutter::cut);
            }
        });
        job = await(runner.run());
        QVERIFY(cut);
        QVERIFY(job.outcome == Outcome::Failed);
        QVERIFY2(job.failure->error.code == ErrorCode::EngineLost, qPrintable(job.summary));
        // Nobody told the engine to remove it: the dead man's switch did.
        QVERIFY(millisecondsUntilGone(m_bench->engine, job.containerId, 1000) >= 0);
        QVERIFY(job.phase(PhaseKind::Destroy)->state == PhaseState::Failed);
    }

    // A repository that tries everything to run code while the gate is open. Its trap asks the
    // gate for a host of its own, so that every time it runs leaves an egress row.
    void codeOfTheRepositoryNeverRunsWhileTheGateIsOpen()
    {
        Repository repository;
        const QByteArray trap =
            "#!/usr/bin/python3\n"
            "import socket, sys, os, time\n"
            "def ask():\n"
            "    sys.stderr.write('TRAPPED\\n'); sys.stderr.flush()\n"
            "    try:\n"
            "        s = socket.create_connection(('127.0.0.1', 9080), 2)\n"
            "        s.sendall(b'CONNECT trap.invalid:443 HTTP/1.1\\r\\n\\r\\n'); s.recv(100)\n"
            "    except OSError: pass\n"
            "ask()\n"
            "if os.fork() == 0:\n"
            "    os.setsid()\n"
            "    for fd in (0, 1, 2): os.close(fd)\n"
            "    while True:\n"
            "        time.sleep(0.2); ask()\n"
            "os.execv('/bin/sh', ['sh'] + sys.argv[1:])\n";
        repository.write("trap.py", trap);
        QFile::setPermissions(repository.path() + "/trap.py",
                              QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner
                                  | QFile::ReadOther | QFile::ExeOther);
        repository.write("trap.js",
                         "require('child_process').spawnSync('/work/repo/trap.py', "
                         "['-c', 'true'])\n");
        repository.write(".npmrc",
                         "ignore-scripts=false\nscript-shell=/work/repo/trap.py\n"
                         "shell=/work/repo/trap.py\ngit=/work/repo/trap.py\n"
                         "editor=/work/repo/trap.py\nnode-options=--require /work/repo/trap.js\n"
                         "proxy=http://trap.invalid/\n"
                         "https-proxy=http://trap.invalid/\nnoproxy=*\nstrict-ssl=false\n"
                         "onload-script=/work/repo/trap.js\ninit-module=/work/repo/trap.js\n"
                         "foreground-scripts=true\naudit=true\n");
        repository.write(".gitattributes", "* filter=trap diff=trap merge=trap\n");
        repository.write(".gitconfig", "[filter \"trap\"]\n\tsmudge = /work/repo/trap.py\n");
        repository.write(".git/hooks/post-checkout", trap);
        repository.write(".gitmodules",
                         "[submodule \"x\"]\n\tpath = x\n\turl = "
                         "https://trap.invalid/x\n");
        repository.write(".pnpmfile.cjs", "require('./trap.js')\n");
        const QString run = "/work/repo/trap.py -c true";
        repository.writeProject({{"preinstall", run},
                                 {"install", run},
                                 {"postinstall", run},
                                 {"prepare", run},
                                 {"preprepare", run},
                                 {"postprepare", run},
                                 {"prepublish", run},
                                 {"dependencies", run},
                                 {"preversion", run},
                                 {"pretest", run},
                                 {"test", "sleep 2"}});
        const Seen seen = this->run(m_bench->request(repository));
        // It asks for a host of its own, and says so in the log, each time it runs.
        for (const EgressRow &row : seen.job.egress)
            QVERIFY2(row.host != "trap.invalid", qPrintable(row.reason));
        const qsizetype sealed = seen.log.indexOf("patch sealed");
        QVERIFY2(sealed > 0, words(seen).constData());
        QVERIFY(!seen.log.left(sealed).contains("TRAPPED"));
        QVERIFY2(seen.log.mid(sealed).contains("TRAPPED"), words(seen).constData()); // it works
        QVERIFY2(seen.job.phase(PhaseKind::Transform)->state == PhaseState::Succeeded,
                 words(seen).constData());
    }

    void theSealedPatchStaysWhatItWasWhateverTheBuildDoes()
    {
        Repository repository;
        repository.write("evil.js", R"(
const fs = require('fs'), cp = require('child_process');
fs.writeFileSync('src.js', 'owned');
fs.mkdirSync('.github/workflows', { recursive: true });
fs.writeFileSync('.github/workflows/x.yml', 'owned');
cp.execSync('git -c user.name=x -c user.email=x@x commit -qam owned && git checkout -q -b owned');
)");
        repository.write("src.js", "mine\n");
        repository.writeProject({{"build", "node evil.js"}, {"test", "true"}});
        QByteArray sealed;
        const Seen seen = run(m_bench->request(repository), [&](JobRunner &, const Job &job) {
            if (sealed.isEmpty() && job.running() && job.running()->kind == PhaseKind::Build)
                sealed = job.patch.diff;
        });
        QVERIFY2(seen.job.outcome == Outcome::Succeeded, words(seen).constData());
        QVERIFY(!sealed.isEmpty());
        QCOMPARE(seen.job.patch.diff, sealed);
        const QString branch = seen.job.proposal->branch;
        QCOMPARE(repository.git({"diff", "--name-only", "main", branch}),
                 QByteArray("package-lock.json\npackage.json\n"));
        QVERIFY(!repository.git({"diff", "main", branch}).contains("owned"));
        QCOMPARE(repository.git({"log", "--format=%an", "main.." + branch}).count('\n'), 1);
    }

    void theCredentialOfACloneIsNowhereInTheCellNorInTheLogs()
    {
        Repository repository;
        QByteArray canary = "canary-";
        for (int i = 0; i < 24; ++i)
            canary += "0123456789abcdef"[QRandomGenerator::global()->bounded(16)];
        const QByteArray pair = "x-access-token:" + canary;
        // Reads whatever this user can read and looks for the credential, which it gets told
        // backwards, so that it does not find its own question.
        repository.write("search.js", R"(
const fs = require('fs'), path = require('path');
const wanted = process.argv.slice(2).map((w) => Buffer.from([...w].reverse().join('')));
let files = 0;
function look(name) {
  let text;
  try { text = fs.readFileSync(name); } catch { return; }
  files++;
  for (const w of wanted) if (text.includes(w)) { console.log('FOUND in', name); process.exitCode = 1; }
}
function walk(folder) {
  let entries;
  try { entries = fs.readdirSync(folder, { withFileTypes: true }); } catch { return; }
  for (const e of entries) {
    const name = path.join(folder, e.name);
    if (e.isDirectory()) walk(name); else if (e.isFile()) look(name);
  }
}
for (const folder of ['/work', '/tmp', '/run', '/var', '/etc', '/dev/shm']) walk(folder);
for (const pid of fs.readdirSync('/proc').filter((n) => /^\d+$/.test(n)))
  for (const what of ['environ', 'cmdline', 'status', 'mountinfo']) look(`/proc/${pid}/${what}`);
console.log('looked at', files, 'files');
if (files < 50) process.exitCode = 2;
)");
        const auto backwards = [](QByteArray text) {
            std::reverse(text.begin(), text.end());
            return QString::fromLatin1(text);
        };
        repository.writeProject(
            {{"test", "node search.js " + backwards(canary) + ' ' + backwards(pair.toBase64())}});
        GitHttpServer server(QFileInfo(repository.path()).path(), "x-access-token", canary);
        SmartHttp::Settings settings;
        settings.repository =
            QUrl(QString("http://127.0.0.1:%1/repo/.git").arg(server.serverPort()));
        settings.proxy = QNetworkProxy::NoProxy;
        VERIFY_RESULT(
            upstream,
            SmartHttp::make(settings,
                            SecretBytes(std::span(canary.constData(), size_t(canary.size())))));
        const JobRequest request = m_bench->request(repository);
        const auto forge = std::make_shared<ForgeWithCredential>(
            new LocalForge(request.repositoryId, m_bench->workspace.notesFolder()), upstream);
        const Seen seen = run(request, forge, m_bench->services);
        QVERIFY2(seen.job.outcome == Outcome::Succeeded, words(seen).constData());
        QVERIFY2(seen.log.contains("looked at"), words(seen).constData());
        // The server did want it, and got it from the host at once.
        QVERIFY(server.requests.size() >= 2);
        QCOMPARE(server.refused, 0);
        QVERIFY(!seen.log.contains(canary) && !seen.log.contains(pair.toBase64()));
        const QByteArray record = QJsonDocument(toJson(seen.job)).toJson();
        QVERIFY(!record.contains(canary) && !record.contains(pair.toBase64()));
        QCOMPARE(fileWith(m_bench->workspace.path, {canary, pair.toBase64()}), QString());
    }

    void aWrongCredentialIsSaidAsSuch()
    {
        Repository repository;
        repository.writeProject({{"test", "true"}});
        GitHttpServer server(QFileInfo(repository.path()).path(), "x-access-token", "right");
        SmartHttp::Settings settings;
        settings.repository =
            QUrl(QString("http://127.0.0.1:%1/repo/.git").arg(server.serverPort()));
        settings.proxy = QNetworkProxy::NoProxy;
        VERIFY_RESULT(upstream, SmartHttp::make(settings, SecretBytes(std::span("wrong", 5))));
        const JobRequest request = m_bench->request(repository);
        const auto forge = std::make_shared<ForgeWithCredential>(
            new LocalForge(request.repositoryId, m_bench->workspace.notesFolder()), upstream);
        const Seen seen = run(request, forge, m_bench->services);
        QVERIFY(seen.job.outcome == Outcome::Failed);
        QVERIFY(seen.job.failure->phase == PhaseKind::Clone);
        QVERIFY2(words(seen).contains("refused the credential"), words(seen).constData());
    }

    void aKilledProgramLeavesNoCell_data()
    {
        QTest::addColumn<QString>("phase");
        QTest::addColumn<int>("delay");
        // Create is where the engine works on requests of a program that is no longer there.
        for (int delay = 0; delay <= 280; delay += 20)
            QTest::addRow("Create after %d ms", delay) << "Create" << delay;
        for (const char *phase : {"Clone", "Transform", "Build", "Test"})
            QTest::newRow(phase) << phase << 0;
        QTest::newRow("in the middle of Transform") << "Transform" << 500;
        QTest::newRow("PR") << "PR" << 0;
        QTest::newRow("Destroy") << "Destroy" << 0;
    }
    void aKilledProgramLeavesNoCell()
    {
        QFETCH(QString, phase);
        QFETCH(int, delay);
        Repository repository;
        const QString pause = phase == "Build" || phase == "Test" ? "sleep 30" : "true";
        repository.writeProject({{phase == "Build" ? "build" : "x", pause}, {"test", pause}});
        QProcess program;
        program.start(QCoreApplication::applicationDirPath() + "/ovvoc",
                      {"run", "--json", "--repo", repository.path(), "--memory", "1024",
                       "--accept-build-only", "--runtime", runtime()});
        QByteArray output, job;
        const QByteArray wanted = "\"phase\":\"" + phase.toLatin1() + '"';
        bool there = false;
        const auto look = [&] {
            output += program.readAllStandardOutput();
            for (const QByteArray &line : output.split('\n')) {
                if (line.contains(wanted) && line.contains("\"running\"")) {
                    there = true;
                    job = QJsonDocument::fromJson(line).object()["job"].toString().toLatin1();
                }
            }
            return there || program.state() == QProcess::NotRunning;
        };
        (void)QTest::qWaitFor(look, 120'000);
        QVERIFY2(there, output.constData());
        if (delay > 0)
            QTest::qWait(delay);
        program.kill();
        QVERIFY(program.waitForFinished(5000));
        // Within one second, and for good: also what an engine that was still busy makes later.
        const QString label = "dev.ovvoc.job=" + job;
        QTest::qWait(1000);
        QCOMPARE(containers(m_bench->engine, label), QStringList());
        QTest::qWait(phase == "Create" ? 500 : 0);
        QCOMPARE(containers(m_bench->engine, label), QStringList());
    }

    void interruptingTheCommandLineCancelsAndDestroys()
    {
        Repository repository;
        repository.writeProject({{"test", "sleep 60"}});
        QProcess program;
        program.start(QCoreApplication::applicationDirPath() + "/ovvoc",
                      {"run", "--json", "--repo", repository.path(), "--memory", "1024",
                       "--accept-build-only", "--runtime", runtime()});
        QByteArray output;
        QTRY_VERIFY_WITH_TIMEOUT((output += program.readAllStandardOutput())
                                     .contains("\"phase\":\"Test\",\"state\":\"running\""),
                                 120'000);
        ::kill(pid_t(program.processId()), SIGINT);
        QVERIFY(program.waitForFinished(20'000));
        QCOMPARE(program.exitCode(), 130);
        output += program.readAllStandardOutput();
        QVERIFY(output.contains("\"outcome\":\"cancelled\""));
    }

    void cleanupTestCase()
    {
        if (m_bench)
            QCOMPARE(containers(m_bench->engine, "dev.ovvoc.workspace=" + m_bench->workspace.id),
                     QStringList());
    }
};

QTEST_GUILESS_MAIN(JobTest)
#include "tst_job.moc"
