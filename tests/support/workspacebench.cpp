#include "support/workspacebench.h"

#include "crypto/sealing.h"
#include "jobs/jobjson.h"

namespace ovvoc::test {

QByteArray content(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

Job sampleJob(const Client &client, const ClientRepository &repository, const QString &mark)
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

} // namespace ovvoc::test
