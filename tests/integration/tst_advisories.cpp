// Whole jobs against a registry that answers the question about advisories: what is mended by a
// move of the lockfile alone, for each package manager, and what a direct move mends beside.

#include "forge/local/localforge.h"
#include "jobs/jobrunner.h"
#include "support/testregistry.h"

#include <QDir>
#include <QJsonArray>
#include <QProcess>

using namespace ovvoc;
using namespace ovvoc::test;

namespace {

const QString host = QStringLiteral("registry.acme.invalid");

QJsonArray advisory(const QString &range)
{
    return {QJsonObject{{"id", 1},
                        {"url", "https://github.com/advisories/GHSA-0000"},
                        {"title", "Prototype pollution in inner"},
                        {"severity", "critical"},
                        {"vulnerable_versions", range}}};
}

} // namespace

class AdvisoriesTest : public QObject
{
    Q_OBJECT
    std::unique_ptr<JobBench> m_bench;
    std::shared_ptr<TestResolver> m_resolver;
    std::unique_ptr<TestRegistry> m_registry;
    QByteArray m_log; ///< of the job that ran last
    QHash<QString, QByteArray> m_sums; ///< by name@version

    Job run(const Repository &repository, JobKind kind = JobKind::Update)
    {
        JobRequest request = m_bench->request(repository);
        request.kind = kind;
        request.selection = *parseSelection("all");
        JobServices services = m_bench->services;
        services.resolver = m_resolver;
        services.publicRegistry = *parseRegistry(m_registry->url() + " private");
        m_log.clear();
        JobRunner runner(request, localForges(m_bench->workspace)(request), services);
        connect(&runner, &JobRunner::logged,
                [this](const LogChunk &chunk) { m_log += chunk.text; });
        return await(runner.run());
    }
    QString said(const Job &job) const
    {
        return job.summary + '\n' + QString::fromUtf8(m_log.right(6000));
    }
    void publish(const QString &name, const QString &version, const QJsonObject &asks = {})
    {
        m_sums[name + '@' + version] = m_registry->publish(
            name, version, {{"index.js", "module.exports = '" + version.toLatin1() + "';\n"}},
            {{"dependencies", asks}});
    }
    /// Publishes a package manager as the host's npm gets it.
    void publishManager(const QString &spec)
    {
        QTemporaryDir folder;
        QProcess npm;
        npm.setWorkingDirectory(folder.path());
        npm.start("npm", {"pack", spec, "--silent"});
        QVERIFY(npm.waitForFinished(120'000));
        QVERIFY2(npm.exitCode() == 0, npm.readAllStandardError().constData());
        const QString file = QString::fromUtf8(npm.readAllStandardOutput()).trimmed();
        QProcess tar;
        tar.setWorkingDirectory(folder.path());
        tar.start("tar", {"-xzOf", file, "package/package.json"});
        QVERIFY(tar.waitForFinished() && tar.exitCode() == 0);
        const QJsonObject manifest = QJsonDocument::fromJson(tar.readAllStandardOutput()).object();
        QFile packed(folder.filePath(file));
        QVERIFY(packed.open(QIODevice::ReadOnly));
        m_registry->publishPacked(manifest["name"].toString(), manifest["version"].toString(),
                                  packed.readAll(), manifest);
    }
    /// A project that names outer and tests it, without a lockfile.
    void writeProject(Repository &repository, const QByteArray &range,
                      const QByteArray &more = {}) const
    {
        repository.write("package.json", R"({
  "name": "shop",
  "version": "1.0.0",
  "private": true,
  "scripts": {
    "test": "node --test"
  },
  "dependencies": {
    "outer": ")" + range + R"("
  })" + more + "\n}\n");
        repository.write("shop.test.js",
                         "require('node:test').test('works', () => require('outer'));\n");
    }
    QByteArray npmLock(const QString &outerRange, const QString &innerRange) const
    {
        const QJsonObject root{{"name", "shop"},
                               {"version", "1.0.0"},
                               {"dependencies", QJsonObject{{"outer", outerRange}}}};
        const QJsonObject inner{{"version", "1.0.0"},
                                {"integrity", QString::fromLatin1(m_sums["inner@1.0.0"])}};
        const QJsonObject outer{{"version", "1.0.0"},
                                {"integrity", QString::fromLatin1(m_sums["outer@1.0.0"])},
                                {"dependencies", QJsonObject{{"inner", innerRange}}}};
        const QJsonObject lock{{"name", "shop"},
                               {"version", "1.0.0"},
                               {"lockfileVersion", 3},
                               {"requires", true},
                               {"packages",
                                QJsonObject{{"", root},
                                            {"node_modules/inner", inner},
                                            {"node_modules/outer", outer}}}};
        return QJsonDocument(lock).toJson();
    }
    QByteArray oldNpmLock() const
    {
        const QJsonObject inner{{"version", "1.0.0"},
                                {"integrity", QString::fromLatin1(m_sums["inner@1.0.0"])}};
        const QJsonObject outer{{"version", "1.0.0"},
                                {"integrity", QString::fromLatin1(m_sums["outer@1.0.0"])},
                                {"requires", QJsonObject{{"inner", "^1.0.0"}}}};
        const QJsonObject lock{{"name", "shop"},
                               {"version", "1.0.0"},
                               {"lockfileVersion", 1},
                               {"requires", true},
                               {"dependencies", QJsonObject{{"inner", inner}, {"outer", outer}}}};
        return QJsonDocument(lock).toJson();
    }
    QByteArray pnpmLock(const QByteArray &importer) const
    {
        return R"(lockfileVersion: '9.0'

settings:
  autoInstallPeers: true
  excludeLinksFromLockfile: false

importers:

)" + importer
            + R"(    dependencies:
      outer:
        specifier: ^1.0.0
        version: 1.0.0

packages:

  inner@1.0.0:
    resolution: {integrity: )"
            + m_sums["inner@1.0.0"] + R"(}

  outer@1.0.0:
    resolution: {integrity: )"
            + m_sums["outer@1.0.0"] + R"(}

snapshots:

  inner@1.0.0: {}

  outer@1.0.0:
    dependencies:
      inner: 1.0.0
)";
    }
    QByteArray yarnLock() const
    {
        return "# THIS IS AN AUTOGENERATED FILE. DO NOT EDIT THIS FILE DIRECTLY.\n# yarn lockfile "
               "v1\n\n\ninner@^1.0.0:\n  version \"1.0.0\"\n  integrity "
            + m_sums["inner@1.0.0"] + "\n\nouter@^1.0.0:\n  version \"1.0.0\"\n  integrity "
            + m_sums["outer@1.0.0"] + "\n  dependencies:\n    inner \"^1.0.0\"\n";
    }
    static QByteArray berryLock()
    {
        return R"(# This file is generated by running "yarn install" inside your project.
# Manual changes might be lost - proceed with caution!

__metadata:
  version: 8
  cacheKey: 10c0

"inner@npm:^1.0.0":
  version: 1.0.0
  resolution: "inner@npm:1.0.0"
  languageName: node
  linkType: hard

"outer@npm:^1.0.0":
  version: 1.0.0
  resolution: "outer@npm:1.0.0"
  dependencies:
    inner: "npm:^1.0.0"
  languageName: node
  linkType: hard

"shop@workspace:.":
  version: 0.0.0-use.local
  resolution: "shop@workspace:."
  dependencies:
    outer: "npm:^1.0.0"
  languageName: unknown
  linkType: soft
)";
    }

private slots:
    void initTestCase()
    {
        VERIFY_RESULT(bench, JobBench::make());
        m_bench = std::move(bench);
    }
    void init()
    {
        m_resolver = std::make_shared<TestResolver>();
        m_resolver->names[host] = {QHostAddress::LocalHost};
        m_registry = std::make_unique<TestRegistry>(host);
        m_registry->answersAdvisories = true;
        m_sums.clear();
    }
    void cleanup() { m_registry.reset(); }

    void theLockfileAloneMoves_data()
    {
        QTest::addColumn<QString>("manager");
        QTest::newRow("npm") << "npm";
        QTest::newRow("npm, lockfile 1") << "npm 1";
        QTest::newRow("pnpm") << "pnpm";
        QTest::newRow("pnpm, a member's") << "pnpm member";
        QTest::newRow("Yarn 1") << "yarn";
        QTest::newRow("Yarn 4") << "berry";
    }
    void theLockfileAloneMoves()
    {
        QFETCH(const QString, manager);
        for (const QString version : {"1.0.0", "1.1.0", "1.2.0", "2.0.0"})
            publish("inner", version);
        publish("outer", "1.0.0", {{"inner", "^1.0.0"}});
        m_registry->advisories = {{"inner", advisory("<1.1.0")}};
        Repository repository;
        QString lockfile = "package-lock.json";
        writeProject(repository, "^1.0.0");
        if (manager == QLatin1String("npm")) {
            repository.write(lockfile, npmLock("^1.0.0", "^1.0.0"));
        } else if (manager == QLatin1String("npm 1")) {
            repository.write(lockfile, oldNpmLock());
        } else if (manager == QLatin1String("yarn")) {
            publishManager("yarn@1");
            repository.write(lockfile = "yarn.lock", yarnLock());
        } else if (manager == QLatin1String("berry")) {
            publishManager("@yarnpkg/cli-dist@~4.12.0");
            repository.write(".yarnrc.yml", "nodeLinker: node-modules\n");
            repository.write(lockfile = "yarn.lock", berryLock());
        } else if (manager == QLatin1String("pnpm")) {
            publishManager("pnpm@9");
            repository.write(lockfile = "pnpm-lock.yaml", pnpmLock("  .:\n"));
        } else {
            publishManager("pnpm@9");
            repository.write("package.json", "{\n  \"name\": \"top\",\n  \"private\": true\n}\n");
            repository.write("pnpm-workspace.yaml", "packages:\n  - packages/*\n");
            repository.write("packages/shop/package.json", R"({
  "name": "shop",
  "version": "1.0.0",
  "scripts": {
    "test": "node --test"
  },
  "dependencies": {
    "outer": "^1.0.0"
  }
}
)");
            repository.write("packages/shop/shop.test.js",
                             "require('node:test').test('works', () => require('outer'));\n");
            repository.write(lockfile = "pnpm-lock.yaml",
                             pnpmLock("  .: {}\n\n  packages/shop:\n"));
        }
        repository.commit();

        const Job job = run(repository);
        QVERIFY2(job.proposal, qPrintable(said(job)));
        QCOMPARE(job.plan.updates.size(), 1);
        const PlannedUpdate &update = job.plan.updates.first();
        QCOMPARE(update.name + ' ' + update.from + ' ' + update.to, "inner 1.0.0 1.2.0");
        QVERIFY(update.isIndirect() && job.plan.isSecurity());
        QVERIFY2(job.proposalBody.contains("Prototype pollution"), qPrintable(job.proposalBody));
        const QString changed = QString::fromUtf8(
            repository.git({"diff", "--name-only", "main", job.proposal->branch}));
        QCOMPARE(changed.trimmed(), lockfile);
        const QByteArray after = repository.git({"show", job.proposal->branch + ':' + lockfile});
        QVERIFY2(after.contains("1.2.0"), after.constData());
        if (manager == QLatin1String("npm 1"))
            QVERIFY(after.contains("\"lockfileVersion\": 1"));
    }

    void whatADirectMoveMendsBesideIsSaid()
    {
        publish("inner", "1.0.0");
        publish("inner", "2.0.0");
        publish("outer", "1.0.0", {{"inner", "~1.0.0"}});
        publish("outer", "1.1.0", {{"inner", "^2.0.0"}});
        m_registry->advisories = {{"inner", advisory("<2.0.0")}};
        Repository repository;
        writeProject(repository, "^1.0.0");
        repository.write("package-lock.json", npmLock("^1.0.0", "~1.0.0"));
        repository.commit();
        const Job scan = run(repository, JobKind::Scan);
        QVERIFY2(scan.scan && scan.scan->advisoriesChecked, qPrintable(said(scan)));
        QCOMPARE(scan.scan->advisories.size(), 1);
        const Advisory &found = scan.scan->advisories.first();
        QCOMPARE(found.via, QStringList{"outer"});
        QVERIFY2(found.fix.contains("range ~1.0.0 that outer 1.0.0 asks for"),
                 qPrintable(found.fix));

        const Job job = run(repository);
        QVERIFY2(job.proposal, qPrintable(said(job)));
        QCOMPARE(job.plan.updates.size(), 1);
        QCOMPARE(job.plan.updates.first().name, "outer");
        QCOMPARE(job.mends.size(), 1);
        QCOMPARE(job.mends.first().package, "inner");
        QVERIFY2(job.proposalBody.contains("Nothing it holds for is installed any more"),
                 qPrintable(job.proposalBody));
    }

    /// A registry that publishes the fix and then serves something else mends nothing.
    void whatStaysInstalledIsNotCalledMended()
    {
        publish("inner", "1.0.0");
        publish("inner", "1.2.0");
        publish("outer", "1.0.0", {{"inner", "^1.0.0"}});
        m_registry->advisories = {{"inner", advisory("<1.1.0")}};
        int asked = 0;
        m_registry->fault = [&](const test::HttpRequest &request) -> std::optional<HttpAnswer> {
            if (request.path != "/inner" || ++asked <= 1)
                return std::nullopt;
            HttpAnswer answer; // the fix is gone again
            answer.headers.append({QByteArray("Content-Type"), QByteArray("application/json")});
            answer.body = m_registry->document("inner", {"1.0.0"});
            return answer;
        };
        Repository repository;
        writeProject(repository, "^1.0.0");
        repository.write("package-lock.json", npmLock("^1.0.0", "^1.0.0"));
        repository.commit();
        const Job job = run(repository);
        QVERIFY2(asked > 1, qPrintable(said(job)));
        QVERIFY(!job.proposal);
        QVERIFY2(job.summary.contains("inner 1.2.0"), qPrintable(said(job)));
    }
};

QTEST_GUILESS_MAIN(AdvisoriesTest)
#include "tst_advisories.moc"
