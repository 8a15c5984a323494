// What a person can do about a job that failed: buttons and commands.

#include "jobs/launch.h"
#include "jobs/nextsteps.h"
#include "jobs/reports.h"
#include "support/testsupport.h"

#include <QJsonArray>
#include <QProcess>

using namespace ovvoc;
using namespace ovvoc::test;

namespace {

PlannedUpdate update(const QString &name, const QString &from, const QString &to, UpdateLevel level)
{
    PlannedUpdate one;
    one.name = name;
    one.from = from;
    one.to = to;
    one.level = level;
    return one;
}

Job failed(PhaseKind phase, ErrorCode code, const QString &message = QStringLiteral("no"))
{
    Job job;
    job.request.clientId = "1";
    job.request.clientName = "Acme & Söhne's";
    job.request.repositoryName = "acme/shop";
    job.outcome = Outcome::Failed;
    job.failure = FailureReport();
    job.failure->phase = phase;
    job.failure->error = {code, message, {}};
    return job;
}

QStringList commandsOf(const Job &job)
{
    QStringList list;
    for (const NextStep &step : nextSteps(job))
        list << step.command;
    return list;
}

} // namespace

class NextStepsTest : public QObject
{
    Q_OBJECT

private slots:
    void whatBrokeCanBeLeftOut()
    {
        Job job = failed(PhaseKind::Test, ErrorCode::TestsFailed);
        job.plan.updates = {update("ms", "2.0.0", "2.1.0", UpdateLevel::Minor),
                            update("@acme/kit", "1.0.0", "2.0.0", UpdateLevel::Major)};
        const QString where = " --client 'Acme & Söhne'\\''s' --repo acme/shop";
        QCOMPARE(commandsOf(job),
                 (QStringList{"ovvoc run --update ms" + where, "ovvoc skip @acme/kit@2.0.0" + where,
                              "ovvoc skip ms@2.1.0" + where}));
        QCOMPARE(nextSteps(job).first().packages, QStringList{"ms"});
        // They stand in the report as well.
        const QStringList said = suggestionsFor(job, *job.failure);
        QVERIFY(said.join('\n').contains("ovvoc skip @acme/kit@2.0.0"));

        // What the failure speaks of comes first, and alone.
        job.failure->excerpt = "duration_ms 12\n@x/ms ms-more\nat node_modules/ms/index.js:3";
        QCOMPARE(
            commandsOf(job),
            (QStringList{"ovvoc run --update @acme/kit" + where, "ovvoc skip ms@2.1.0" + where}));
        job.failure->excerpt = "duration_ms: 12, @x/ms, ms-more"; // names none of them
        QCOMPARE(nextSteps(job).size(), 3);
        job.failure->excerpt.clear();

        job.plan.updates.removeFirst();
        QCOMPARE(commandsOf(job), QStringList{"ovvoc skip @acme/kit@2.0.0" + where});
        job.request.baseline = true; // nothing moved; what fails may be let fail
        QCOMPARE(commandsOf(job),
                 QStringList{"ovvoc settings set accept-known-failures on" + where});
        job.request.acceptKnownFailures = true;
        QCOMPARE(commandsOf(job), QStringList());
        // What is no update's doing is not for an update to give way.
        job = failed(PhaseKind::Test, ErrorCode::EngineLost);
        job.plan.updates = {update("ms", "2.0.0", "2.1.0", UpdateLevel::Minor)};
        QCOMPARE(commandsOf(job), QStringList());
        job.failure.reset();
        job.outcome = Outcome::None;
        QCOMPARE(commandsOf(job), QStringList());
    }

    void aLimitIsRaised_data()
    {
        QTest::addColumn<ErrorCode>("code");
        QTest::addColumn<QString>("setting");
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("option");
        QTest::newRow("memory") << ErrorCode::OutOfMemory << "memory-mib" << "2048"
                                << "--memory 2048";
        QTest::newRow("disk") << ErrorCode::DiskFull << "disk-mib" << "1024"
                              << "--disk 1024 --memory 1536";
        QTest::newRow("time") << ErrorCode::Timeout << "phase-seconds" << "200"
                              << "--phase-seconds 200";
        QTest::newRow("no tests") << ErrorCode::NothingProves << "accept-build-only" << "on"
                                  << "--accept-build-only";
    }
    void aLimitIsRaised()
    {
        QFETCH(const ErrorCode, code);
        QFETCH(const QString, setting);
        QFETCH(const QString, value);
        QFETCH(const QString, option);
        Job job = failed(PhaseKind::Test, code);
        job.request.limits.memoryBytes = qint64(1024) << 20;
        job.request.limits.workBytes = qint64(512) << 20;
        job.request.phaseSeconds = 100;
        const QList<NextStep> steps = nextSteps(job);
        QCOMPARE(steps.size(), 1);
        QCOMPARE(steps[0].setting, setting);
        QCOMPARE(steps[0].value, value);
        QVERIFY(parseSetting(*findSetting(setting), value));
        QVERIFY(steps[0].command.startsWith("ovvoc settings set " + setting + ' ' + value));
        job.request.clientId = "local";
        QCOMPARE(commandsOf(job), QStringList{"ovvoc run " + option});
    }

    void whatCannotBeRaisedIsNotOffered()
    {
        // The time of Create is the engine's.
        QCOMPARE(commandsOf(failed(PhaseKind::Create, ErrorCode::Timeout)), QStringList());
    }

    void aRegistryIsNamed()
    {
        Job job = failed(PhaseKind::Transform, ErrorCode::NotFound, "nothing moved");
        job.failure.reset();
        job.outcome = Outcome::Succeeded; // the public packages moved
        job.unnamedRegistries = {"https://npm.acme.invalid/team/ @acme @more", "no address"};
        QCOMPARE(commandsOf(job),
                 QStringList{"ovvoc registry add https://npm.acme.invalid/team/ @acme @more "
                             "--client 'Acme & Söhne'\\''s'"});

        job = failed(PhaseKind::Clone, ErrorCode::NotFound,
                     "The keychain has no credential for https://npm.acme.invalid/.");
        job.request.registries = {*parseRegistry("https://npm.acme.invalid/ token"),
                                  *parseRegistry("https://other.invalid/ token")};
        QCOMPARE(nextSteps(job).size(), 1);
        QVERIFY(nextSteps(job)[0].kind == NextStep::Kind::Credential);
        QCOMPARE(nextSteps(job)[0].value, "https://npm.acme.invalid/");
    }

    void historyIsFetched()
    {
        const QString said = "Set \"history\" to \"full\" for this repository.";
        QCOMPARE(
            nextSteps(failed(PhaseKind::Build, ErrorCode::CommandFailed, said)).first().setting,
            "history");
    }

    /// Whatever a repository or a package is called, a pasted command has it as one word.
    void wordsAreSafeInAShell_data()
    {
        QTest::addColumn<QString>("word");
        for (const char *word : {"plain", "two words", "it's", "$(reboot)", "`x`", "a\nb", "; rm",
                                 "", "-n", "ü", "\\", "!x", "~", "*", "a&b", "end\n"})
            QTest::newRow(*word ? word : "nothing") << QString::fromUtf8(word);
    }
    void wordsAreSafeInAShell()
    {
        QFETCH(const QString, word);
        QProcess shell;
        shell.start("/bin/sh", {"-c", "printf '%s|' " + shellWord(word)});
        QVERIFY(shell.waitForFinished());
        QCOMPARE(QString::fromUtf8(shell.readAllStandardOutput()), word + '|');
    }

    void aSkipTakesThePlaceOfItsLike()
    {
        const QList<Skip> held{{"ms", "2.1.0", {}}, {"ms", "2.2.0", {}}, {"kit", {}, {}}};
        QCOMPARE(withSkip(held, {"ms", "2.1.0", {}}), (QJsonArray{"ms@2.2.0", "kit", "ms@2.1.0"}));
        QCOMPARE(withSkip(held, {"ms", {}, {}}), (QJsonArray{"kit", "ms"}));
    }

    void againTakesTheSettingsThatHoldNow()
    {
        JobRequest old;
        old.id = "x";
        old.kind = JobKind::Check;
        old.runId = "r";
        old.topic = "package ms";
        old.part = "baseline";
        old.baseline = true;
        old.selection.package = "ms";
        old.selection.level = UpdateLevel::Minor;
        old.selection.only = {{"", "ms", "2.1.0"}};
        old.limits.memoryBytes = 1;
        JobRequest fresh;
        fresh.limits.memoryBytes = 2;
        const JobRequest again = requestAgain(old, fresh);
        QVERIFY(again.id.isEmpty() && again.runId.isEmpty() && again.topic.isEmpty());
        QVERIFY(again.kind == JobKind::Update && !again.baseline && again.selection.only.isEmpty());
        QCOMPARE(again.selection.package, "ms");
        QVERIFY(again.selection.level == UpdateLevel::Minor);
        QCOMPARE(again.limits.memoryBytes, 2);
        QCOMPARE(requestAgain(old, {}).limits.memoryBytes, 1);
    }
};

QTEST_GUILESS_MAIN(NextStepsTest)
#include "tst_nextsteps.moc"
