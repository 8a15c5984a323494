// Repositories of every shape, each with what must come out of it: see tests/corpus/README.md.

#include "base/text.h"
#include "forge/local/localforge.h"
#include "runs/updaterun.h"
#include "support/testsupport.h"

#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>

using namespace ovvoc;
using namespace ovvoc::test;

namespace {

QStringList texts(const QJsonValue &value)
{
    QStringList list;
    for (const QJsonValue one : value.toArray())
        list << one.toString();
    list.sort();
    return list;
}

QStringList names(const QList<PlannedUpdate> &updates)
{
    QStringList list;
    for (const PlannedUpdate &update : updates)
        list << update.name;
    list.sort();
    return list;
}

/// Everything that a job says to people, apart from its log.
QString said(const Job &job)
{
    QStringList all{job.summary, job.proposalBody};
    all += job.notes;
    if (job.failure)
        all << job.failure->error.message << job.failure->suggestions;
    for (const SkippedUpdate &skipped : job.plan.skipped)
        all << skipped.name + ' ' + skipped.reason;
    return all.join('\n');
}

} // namespace

class CorpusTest : public QObject
{
    Q_OBJECT
    std::unique_ptr<JobBench> m_bench;

    /// The manager's own frozen install and the tests, on the host.
    static void passesOnTheHost(const Repository &repository, const QString &branch,
                                const QStringList &frozen)
    {
        QTemporaryDir folder;
        const QString tree = folder.path() + "/tree";
        repository.git({"worktree", "add", "-q", tree, branch});
        QProcess process;
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.setWorkingDirectory(tree);
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert("YARN_IGNORE_PATH", "1");
        environment.insert("npm_config_manage_package_manager_versions", "false");
        process.setProcessEnvironment(environment);
        process.start("npm",
                      QStringList{"exec", "--yes", "--package=" + frozen[0], "--",
                                  frozen[0].section('@', 0, -2)}
                          + frozen.mid(1));
        QVERIFY(process.waitForFinished(300'000));
        QVERIFY2(process.exitCode() == 0, process.readAll().constData());
        process.start("npm", {"test"});
        QVERIFY(process.waitForFinished(120'000));
        QVERIFY2(process.exitCode() == 0, process.readAll().constData());
    }

    void asARun(JobRequest request, const QJsonObject &expected)
    {
        request.grouping.mode = Grouping::Mode::Groups;
        QString words;
        QStringList toolchains;
        const UpdateRun::Start start = [&](JobRequest next) -> Task<Job> {
            QByteArray log;
            JobRunner runner(next, localForges(m_bench->workspace)(next), m_bench->services);
            connect(&runner, &JobRunner::logged, [&](const LogChunk &chunk) { log += chunk.text; });
            const Job job = co_await runner.run();
            words += said(job) + '\n';
            toolchains << job.toolchain;
            if (log.left(log.indexOf("gate closed for good")).contains("CANARY"))
                words += QStringLiteral("CANARY\n");
            co_return Job(job);
        };
        UpdateRun run(request, start);
        const Job first = await(start(run.first()));
        const RunReport report = await(run.go(first));
        words = markdownOf(report) + words;
        QStringList proposals;
        for (const GroupResult &group : report.groups) {
            if (group.state == GroupResult::State::Proposed)
                proposals << names(group.proposed).join(' ');
        }
        QStringList wanted;
        for (const QJsonValue one : expected["proposals"].toArray())
            wanted << texts(one).join(' ');
        QVERIFY2(proposals == wanted, qPrintable(proposals.join(" | ") + '\n' + words));
        QVERIFY2(!words.contains("CANARY"), qPrintable(words));
        QVERIFY2((expected["outcome"].toString() == "failed")
                     == (report.anyFailed() && proposals.isEmpty()),
                 qPrintable(words));
        if (expected.contains("says")) {
            const QString says = expected["says"].toString();
            QVERIFY2(words.contains(says) || words.contains(markdownText(says)), qPrintable(words));
        }
        if (expected.contains("toolchain"))
            QVERIFY2(toolchains.join(' ').contains(expected["toolchain"].toString()),
                     qPrintable(toolchains.join('\n')));
    }

private slots:
    void initTestCase()
    {
        VERIFY_RESULT(bench, JobBench::make());
        m_bench = std::move(bench);
    }

    void aRepositoryComesOutAsItsKindMust_data()
    {
        QTest::addColumn<QString>("folder");
        QTest::addColumn<QJsonObject>("expected");
        // "whole", or how the names of some begin.
        const QString asked = qEnvironmentVariable("OVVOC_TEST_CORPUS");
        const QDir corpus(QStringLiteral(CORPUS));
        for (const QString &name : corpus.entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
            QFile file(corpus.filePath(name + "/expected.json"));
            QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(file.fileName()));
            const QJsonObject expected = QJsonDocument::fromJson(file.readAll()).object();
            QVERIFY2(!expected.isEmpty(), qPrintable(file.fileName()));
            if (asked.isEmpty() ? expected["fast"].toBool()
                                : asked == QLatin1String("whole") || name.startsWith(asked))
                QTest::newRow(qPrintable(name))
                    << corpus.filePath(name + "/repository") << expected;
        }
    }
    void aRepositoryComesOutAsItsKindMust()
    {
        QFETCH(QString, folder);
        QFETCH(QJsonObject, expected);
        Repository repository;
        QCOMPARE(QProcess::execute("cp", {"-r", folder + "/.", repository.path()}), 0);
        repository.git({"add", "-A", "-f"});
        repository.git({"commit", "-q", "-m", "Begin"});

        JobRequest request = m_bench->request(repository);
        request.acceptBuildOnly = false;
        const auto selection = parseSelection(expected["select"].toString("all"));
        QVERIFY(selection);
        request.selection = *selection;
        const QJsonObject settings = expected["settings"].toObject();
        request.testScripts = texts(settings["test-scripts"]);
        request.projects = texts(settings["projects"]);
        request.node = settings["node"].toString();
        request.acceptKnownFailures = settings["accept-known-failures"].toBool();
        QByteArray log;
        if (expected.contains("proposals"))
            return asARun(request, expected);
        JobRunner runner(request, localForges(m_bench->workspace)(request), m_bench->services);
        connect(&runner, &JobRunner::logged, [&](const LogChunk &chunk) { log += chunk.text; });
        const Job job = await(runner.run());
        const QByteArray words = (said(job) + '\n').toUtf8() + log.right(3000);

        const QString outcome = expected["outcome"].toString("succeeded");
        QVERIFY2((job.outcome == Outcome::Failed) == (outcome == "failed"), words.constData());
        QVERIFY2(job.proposal.has_value() == (outcome == "succeeded"), words.constData());
        if (expected.contains("says"))
            QVERIFY2(said(job).contains(expected["says"].toString()), words.constData());
        if (expected.contains("toolchain"))
            QVERIFY2(job.toolchain.contains(expected["toolchain"].toString()),
                     qPrintable(job.toolchain));
        const qsizetype closed = log.indexOf("gate closed for good");
        QVERIFY2(!log.left(closed).contains("CANARY"), log.left(closed).constData());
        QVERIFY2(!log.left(closed).contains("$ jscodeshift"), log.left(closed).constData());
        if (!job.proposal)
            return;

        if (expected.contains("without_rules")) {
            // What the rules are for: the new version alone does not pass.
            request.id += QStringLiteral("-bare");
            request.changeCode = false;
            request.again = true;
            JobRunner bare(request, localForges(m_bench->workspace)(request), m_bench->services);
            const Job alone = await(bare.run());
            QVERIFY2(alone.outcome == Outcome::Failed, qPrintable(said(alone)));
            QVERIFY2(alone.failure->phase == PhaseKind::Build
                         || alone.failure->phase == PhaseKind::Test,
                     qPrintable(said(alone)));
        }
        QCOMPARE(names(job.plan.updates), texts(expected["moved"]));
        const QString branch = job.proposal->branch;
        const QStringList touched =
            QString::fromUtf8(repository.git({"diff", "--name-only", "HEAD", branch}))
                .split('\n', Qt::SkipEmptyParts);
        QCOMPARE(touched, texts(expected["touches"]));
        const auto onBranch = [&](const QString &file) {
            return QString::fromUtf8(repository.git({"show", branch + ':' + file}));
        };
        const QJsonObject keeps = expected["keeps"].toObject();
        for (auto it = keeps.begin(); it != keeps.end(); ++it) {
            for (const QString &text : texts(it.value()))
                QVERIFY2(onBranch(it.key()).contains(text), qPrintable(onBranch(it.key())));
        }
        const QJsonObject lacks = expected["lacks"].toObject();
        for (auto it = lacks.begin(); it != lacks.end(); ++it) {
            for (const QString &text : texts(it.value()))
                QVERIFY2(!onBranch(it.key()).contains(text), qPrintable(onBranch(it.key())));
        }
        QStringList frozen;
        for (const QJsonValue one : expected["frozen"].toArray())
            frozen << one.toString();
        if (!frozen.isEmpty())
            passesOnTheHost(repository, branch, frozen);
    }
};

QTEST_GUILESS_MAIN(CorpusTest)
#include "tst_corpus.moc"
