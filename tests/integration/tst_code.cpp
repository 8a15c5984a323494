// Code rules in a real cell: when they run, what they may change, whose they are, and what hostile
// sources do to a job. What they change is tried in tests/corpus (code-*) and tests/rules.

#include "forge/local/localforge.h"
#include "jobs/codecell.h"
#include "jobs/jobrunner.h"
#include "jobs/reports.h"
#include "support/testsupport.h"

#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QProcess>

using namespace ovvoc;
using namespace ovvoc::test;

namespace {

const QByteArray ownRules = R"yml(package: express
from_version: "4"
to_version: "5"
source: https://guide.invalid/own
values:
  app: ["$()"]
rules:
  - id: own-del
    title: our own word for del
    type: function_rename
    target: "@app.del"
    to: delete
    confidence: 0.8
)yml";

} // namespace

class CodeTest : public QObject
{
    Q_OBJECT
    std::unique_ptr<JobBench> m_bench;

    /// An application of Express 4 whose test passes with both majors.
    static void writeApp(Repository &repository, const QByteArray &code)
    {
        QCOMPARE(QProcess::execute("cp",
                                   {"-r", QStringLiteral(CORPUS) + "/code-express/repository/.",
                                    repository.path()}),
                 0);
        repository.write("more.js", code);
        repository.write("test/app.test.js",
                         "require('node:test').test('loads', () => { require('express')(); });\n");
        repository.git({"add", "-A", "-f"});
        repository.git({"commit", "-q", "-m", "Begin"});
    }
    JobRequest request(const Repository &repository)
    {
        JobRequest request = m_bench->request(repository);
        request.acceptBuildOnly = false;
        request.selection = *parseSelection("all");
        return request;
    }
    std::unique_ptr<JobRunner> runner(const JobRequest &request)
    {
        return std::make_unique<JobRunner>(request, localForges(m_bench->workspace)(request),
                                           m_bench->services);
    }

private slots:
    void initTestCase()
    {
        VERIFY_RESULT(bench, JobBench::make());
        m_bench = std::move(bench);
    }

    void noCodeIsReadOrChangedBeforeTheGateClosed()
    {
        Repository repository;
        writeApp(repository, "const app = require('express')();\napp.del('/', () => {});\n");
        const auto job = runner(request(repository));
        bool seen = false, early = false;
        qsizetype egressThen = -1;
        connect(job.get(), &JobRunner::changed, [&](const Job &now) {
            if (!now.code.isRead() || seen)
                return;
            seen = true;
            early = !now.gateClosed.has_value();
            egressThen = now.egress.size();
        });
        QByteArray log;
        connect(job.get(), &JobRunner::logged, [&](const LogChunk &chunk) { log += chunk.text; });
        const Job done = await(job->run());
        QVERIFY2(done.proposal, qPrintable(done.summary));
        QVERIFY(seen && !early);
        QCOMPARE(done.egress.size(), egressThen); // nothing went out afterwards
        const qsizetype closed = log.indexOf("gate closed for good");
        QVERIFY(closed > 0);
        QVERIFY(log.indexOf("app.del() is app.delete()") > closed);
        // What a person reads: the kind of update, the rules, the places, the guide.
        const QString body = done.proposalBody;
        QVERIFY2(body.contains("express/del") && body.contains("more.js:2")
                     && body.contains("migrating-5"),
                 qPrintable(body));
        const QString branch = done.proposal->branch;
        const QByteArray changed = repository.git({"diff", "--name-only", "HEAD", branch});
        QCOMPARE(changed,
                 QByteArray("app.js\nmore.js\npackage-lock.json\npackage.json\npages.js\n"));
        // Only metadata of it is kept.
        QVERIFY(!done.code.changes.isEmpty());
    }

    /// What rules the code needs, and where, is known before anything runs.
    void aScanNamesRulesAndPlaces()
    {
        Repository repository;
        writeApp(repository,
                 "const app = require('express')();\napp.del('/', () => {});\n"
                 "app.get('/a(b)c', () => {});\n");
        JobRequest look = request(repository);
        look.kind = JobKind::Scan;
        const auto job = runner(look);
        bool early = false;
        connect(job.get(), &JobRunner::changed, [&](const Job &now) {
            for (const ScannedDependency &one : now.scan.value_or(ScanReport()).dependencies)
                early = early || (one.code.read && !now.gateClosed.has_value());
        });
        const Job seen = await(job->run());
        QVERIFY2(seen.scan && seen.scan->dependencies.size() == 1, qPrintable(seen.summary));
        QVERIFY(!early);
        const CodeForecast code = seen.scan->dependencies.first().code;
        QVERIFY(code.read);
        QVERIFY2(code.files >= 2 && code.places >= 4, qPrintable(QString::number(code.places)));
        QCOMPARE(code.strategy, QStringLiteral("by hand")); // one place is left to a person
        QVERIFY2(code.rules.join('\n').contains("app.del() is app.delete() ("),
                 qPrintable(code.rules.join('\n')));
        QVERIFY2(code.rules.join('\n').contains("more.js:2"), qPrintable(code.rules.join('\n')));
        QVERIFY2(code.byHand.join('\n').contains("more.js:3"), qPrintable(code.byHand.join('\n')));
        QVERIFY(!code.category.isEmpty());
        QCOMPARE(repository.git({"status", "--porcelain"}), QByteArray());

        JobRequest off = look;
        off.id += QStringLiteral("-off");
        off.changeCode = false;
        const Job plain = await(runner(off)->run());
        QVERIFY2(plain.scan, qPrintable(plain.summary));
        const CodeForecast without = plain.scan->dependencies.first().code;
        QVERIFY(without.read && without.rules.isEmpty() && without.byHand.isEmpty());
        QCOMPARE(without.places, code.places);
        QCOMPARE(without.strategy, QStringLiteral("no known rule applies"));
    }

    void rulesCanBeSwitchedOffAndOnesOwnComeFirst()
    {
        Repository repository;
        writeApp(repository, "const app = require('express')();\napp.del('/', () => {});\n");
        JobRequest off = request(repository);
        off.changeCode = false;
        const Job plain = await(runner(off)->run());
        QVERIFY2(plain.proposal, qPrintable(plain.summary));
        QVERIFY(plain.code.changes.isEmpty() && plain.code.isRead());
        QCOMPARE(repository.git({"diff", "--name-only", "HEAD", plain.proposal->branch}),
                 QByteArray("package-lock.json\npackage.json\n"));

        QTemporaryDir folder;
        const auto write = [&](const QString &name, const QByteArray &bytes) {
            QFile file(folder.filePath(name));
            QVERIFY(file.open(QIODevice::WriteOnly));
            QCOMPARE(file.write(bytes), bytes.size());
        };
        write("own.yml", ownRules);
        write("wrong.yml", "package: x\nmagic: 1\n");
        JobRequest own = request(repository);
        own.id += QStringLiteral("-own");
        own.again = true;
        own.rulesFolder = folder.path();
        const Job mine = await(runner(own)->run());
        QVERIFY2(mine.proposal, qPrintable(mine.summary));
        QStringList rules;
        for (const CodeChange &change : mine.code.changes) {
            if (!change.changed.isEmpty())
                rules << change.rule + ' ' + QFileInfo(change.origin).fileName();
        }
        QCOMPARE(rules, QStringList{"own-del own.yml"});
        QVERIFY2(mine.notes.join('\n').contains("wrong.yml: line 2: unknown key \"magic\""),
                 qPrintable(mine.notes.join('\n')));
    }

    void whatANewVersionNeedsBesidesIsAdded()
    {
        QTemporaryDir folder;
        QFile file(folder.filePath("own.yml"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("package: ms\nfrom_version: 2.1.2\nto_version: 2.1.3\n"
                   "source: https://guide.invalid/own\nrules:\n"
                   "  - id: besides\n    title: inherits is a package of its own\n"
                   "    type: dependency_change\n    add: inherits\n    range: ^2.0.0\n"
                   "    file_pattern: [\"*.js\"]\n    mentions: [\"needs: inherits\"]\n"
                   "    confidence: 0.9\n");
        file.close();
        Repository repository;
        repository.write("plug.js", "// needs: inherits\n");
        repository.write("test/a.test.js",
                         "require('node:test').test('loads', () => {\n"
                         "  if (require('ms/package.json').version === '2.1.3') "
                         "require('inherits');\n});\n");
        repository.writeProject({{"test", "node --test"}});
        JobRequest with = request(repository);
        with.rulesFolder = folder.path();
        const Job job = await(runner(with)->run());
        QVERIFY2(job.proposal, qPrintable(job.summary));
        const QByteArray manifest =
            repository.git({"show", job.proposal->branch + ":package.json"});
        QVERIFY2(manifest.contains("\"inherits\": \"^2.0.0\""), manifest.constData());
        QVERIFY(repository.git({"show", job.proposal->branch + ":package-lock.json"})
                    .contains("node_modules/inherits"));
        QCOMPARE(repository.git({"diff", "--name-only", "HEAD", job.proposal->branch}),
                 QByteArray("package-lock.json\npackage.json\n"));
        QCOMPARE(job.code.changes.size(), 1);
        QVERIFY(job.code.changes[0].title.contains("inherits ^2.0.0"));
        QVERIFY2(proposalBody(job).contains("inherits ^2.0.0"), qPrintable(proposalBody(job)));

        // Where nothing is about it, and without rules, nothing is added.
        repository.write("plug.js", "// needs nothing\n");
        repository.commit();
        with.id += QStringLiteral("-without");
        with.again = true;
        const Job without = await(runner(with)->run());
        QVERIFY2(without.code.changes.isEmpty(), qPrintable(without.summary));
        QVERIFY2(!without.patch.diff.contains("inherits"), without.patch.diff.constData());
    }

    void aSourceThatBreaksTheReaderEndsNoJob()
    {
        // Hidden from the check of how deep a text nests: the parser runs out of stack on it.
        Repository repository;
        writeApp(repository,
                 "// `\nconst e = require('express');\nconst x = " + QByteArray(300'000, '!')
                     + "1;\n");
        const auto job = runner(request(repository));
        const Job done = await(job->run());
        QVERIFY2(done.proposal, qPrintable(done.summary));
        QVERIFY(!done.code.isRead() && done.code.changes.isEmpty());
        QVERIFY2(done.notes.join('\n').contains("was not read, so no rule changed it"),
                 qPrintable(done.notes.join('\n')));
    }

    void aFileThatCannotBeChangedSafelyIsLeftAlone()
    {
        // What git stores is not what it checks out, and no line end explains it.
        Repository repository;
        writeApp(repository, "const app = require('express')();\napp.del('/', () => {});\n");
        repository.write(".gitattributes", "more.js ident\n");
        repository.write("more.js",
                         "// $Id: 0123456789012345678901234567890123456789 $\n"
                         "const app = require('express')();\napp.del('/', () => {});\n");
        repository.git({"add", "-A", "-f"});
        repository.git({"commit", "-q", "-m", "Idents"});
        const Job done = await(runner(request(repository))->run());
        QVERIFY2(done.proposal, qPrintable(done.summary));
        QVERIFY(done.code.changes.isEmpty());
        QVERIFY2(done.notes.join('\n').contains("more.js is stored differently"),
                 qPrintable(done.notes.join('\n')));
        QCOMPARE(repository.git({"diff", "--name-only", "HEAD", done.proposal->branch}),
                 QByteArray("package-lock.json\npackage.json\n"));
    }

    void whatReadsCodeReachesNothingAndStartsNothing()
    {
        // The program as runCodeProgram() starts it, with a request that it cannot read: it ends
        // with its own words, and the cell is gone.
        const QJsonObject wrong{{"folder", "/nowhere"}};
        const QByteArray none;
        const auto failed = await(runCodeProgram(m_bench->services, wrong, none));
        QVERIFY(!failed);
        QVERIFY(failed.error().code == ErrorCode::CommandFailed);
        VERIFY_RESULT(set, parseRuleSet(ownRules));
        const QJsonArray example{
            QJsonObject{{"before", "const a = require('express')();\na.del();\n"},
                        {"after", "const a = require('express')();\na.delete();\n"}}};
        const QJsonObject check{
            {"examples",
             QJsonArray{QJsonObject{{"step", set.program},
                                    {"examples", QJsonObject{{"own-del", example}}}}}}};
        VERIFY_RESULT(answer, await(runCodeProgram(m_bench->services, check, none)));
        const QJsonObject result = QJsonDocument::fromJson(answer).object();
        QCOMPARE(result["tried"].toInt(), 1);
        QVERIFY2(result["failed"].toArray().isEmpty(), answer.constData());
        QCOMPARE(
            containers(m_bench->engine, "dev.ovvoc.workspace=" + m_bench->services.workspaceId),
            QStringList());
    }
};

QTEST_GUILESS_MAIN(CodeTest)
#include "tst_code.moc"
