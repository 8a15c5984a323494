#include "support/fill.h"

#include "base/ids.h"
#include "clients/recorddigest.h"
#include "jobs/jobjson.h"

#include <QElapsedTimer>
#include <QJsonDocument>

namespace ovvoc::test {

namespace {

const char *const clientNames[] = {"Bakery Aurora", "City Clinic",   "Harbor Transit",
                                   "Northlight",    "Orchard Books", "Quiet Harbour"};
const char *const repositoryNames[] = {"storefront", "orders-api", "kiosk",  "brand-site",
                                       "timetable",  "intranet",   "mailer", "reports"};
const char *const packages[] = {"express", "lodash", "vite",   "@types/node", "semver",
                                "ms",      "pino",   "jest",   "eslint",      "react",
                                "zod",     "axios",  "dotenv", "fastify",     "typescript"};

} // namespace

ScanReport madeUpScan(int number)
{
    ScanReport scan;
    for (int i = 0; i < 15; ++i) {
        ScannedDependency one;
        one.name = packages[i];
        one.section = i % 4 == 3 ? "devDependencies" : "dependencies";
        const int major = 2 + (number + i) % 5;
        one.current = QStringLiteral("%1.%2.0").arg(major).arg(i);
        one.range = '^' + one.current;
        one.wanted = one.latest = one.current;
        const int kind = (number * 7 + i * 3) % 8;
        if (kind == 0) {
            one.latest = QStringLiteral("%1.0.0").arg(major + 1);
            one.level = UpdateLevel::Major;
        } else if (kind == 1 || kind == 2) {
            one.latest = one.wanted = QStringLiteral("%1.%2.0").arg(major).arg(i + 3);
            one.level = UpdateLevel::Minor;
        } else if (kind == 3) {
            one.latest = one.wanted = QStringLiteral("%1.%2.4").arg(major).arg(i);
            one.level = UpdateLevel::Patch;
        }
        one.ageDays = (number * 5 + i * 11) % 200;
        if (i == 1 && number % 3 == 0 && one.level)
            scan.advisories << Advisory{one.name, "high", "Prototype pollution", {}, "<9.0.0"};
        scan.dependencies << one;
    }
    scan.installedPackages = 412 + number % 300;
    return scan;
}

Job madeUpJob(const ClientRepository &repository, const QString &clientName, int number)
{
    Job job;
    job.request.id = newId();
    job.request.clientId = repository.clientId;
    job.request.clientName = clientName;
    job.request.repositoryId = repository.id;
    job.request.repositoryName = repository.title();
    job.request.trigger = number % 3 == 0 ? "schedule" : "person";
    const bool scan = number % 5 == 4;
    job.request.kind = scan ? JobKind::Scan : JobKind::Update;
    job.created = QDateTime::currentDateTimeUtc().addSecs(-qint64(number / 3) * 110'000 - 900
                                                          - number % 3 * 60);
    const bool fails = number % 9 == 2;
    const qint64 lengths[] = {
        620, 1'900, 12'400 + number % 7 * 900, 21'000, 34'000 + number % 5 * 4'000, 900, 160};
    const PhaseKind kinds[] = {PhaseKind::Create, PhaseKind::Clone, PhaseKind::Transform,
                               PhaseKind::Build,  PhaseKind::Test,  PhaseKind::PullRequest,
                               PhaseKind::Destroy};
    QDateTime at = job.created.addMSecs(80);
    for (int i = 0; i < 7; ++i) {
        if (scan && i > 2 && i < 6)
            continue;
        Phase phase;
        phase.kind = scan && i == 2 ? PhaseKind::Analyze : kinds[i];
        const bool skipped = fails && kinds[i] == PhaseKind::PullRequest;
        phase.state = skipped                      ? PhaseState::Skipped
            : fails && kinds[i] == PhaseKind::Test ? PhaseState::Failed
                                                   : PhaseState::Succeeded;
        if (!skipped) {
            phase.started = at;
            at = at.addMSecs(lengths[i]);
            phase.ended = at;
        }
        if (kinds[i] == PhaseKind::Create)
            phase.message = "60 controls";
        job.phases << phase;
    }
    job.gateOpened = job.phases[1].started;
    job.gateClosed = job.phases[2].ended;
    job.engine = "Docker 28.2.2";
    job.image.id = "sha256:9c1f0f6a3e07a";
    job.base = {"main", "7e5677205eb81f0a7e5677205eb81f0a7e567720"};
    job.evidence = {{"User", "1000:1000", "1000:1000", Verdict::Holds},
                    {"Network", "none", "none", Verdict::Holds},
                    {"Runtime", "runsc", "runsc", Verdict::Holds},
                    {"Capabilities inside", "none", "none", Verdict::Holds},
                    {"Root filesystem", "read-only", "read-only", Verdict::Holds},
                    {"AppArmor", "docker-default", "the kernel has none", Verdict::NotHere}};
    for (int i = 0; i < 4; ++i) {
        EgressRow row;
        row.id = quint64(i + 1);
        row.time = job.created.addMSecs(900 + i * 300);
        row.host = i == 3 ? "telemetry.example.invalid" : "packages.example.invalid";
        row.port = 443;
        row.verdict = i == 3 ? EgressRow::Verdict::Refused : EgressRow::Verdict::Allowed;
        row.reason = i == 3 ? "not on the allowlist" : "";
        row.bytesIn = i == 3 ? 0 : 48'213 * (i + 1);
        row.bytesOut = 912;
        row.milliseconds = 140 + i * 60;
        job.egress << row;
    }
    for (const char *purpose : {"Clone", "PR"}) {
        if ((scan || fails) && QLatin1String(purpose) == QLatin1String("PR"))
            continue;
        const Phase &phase =
            *job.phase(QLatin1String(purpose) == QLatin1String("PR") ? PhaseKind::PullRequest
                                                                     : PhaseKind::Clone);
        TokenLife life;
        life.purpose = purpose;
        life.permissions = QLatin1String(purpose) == QLatin1String("PR")
            ? "contents: write, pull_requests: write"
            : "contents: read, metadata: read";
        life.repository = repository.title();
        life.minted = phase.started;
        life.ended = phase.ended;
        life.state = TokenLife::State::Revoked;
        life.confirmed = true;
        job.tokens << life;
    }
    job.outcome = fails ? Outcome::Failed : Outcome::Succeeded;
    if (scan) {
        job.scan = madeUpScan(number);
        job.summary = QStringLiteral("%1 outdated").arg(job.scan->outdated());
        return job;
    }
    PlannedUpdate update;
    update.name = packages[number % 15];
    update.section = "dependencies";
    update.from = "4.21.0";
    update.to = number % 4 == 0 ? "5.2.1" : "4.21.4";
    update.fromRange = "^4.21.0";
    update.toRange = '^' + update.to;
    update.level = number % 4 == 0 ? UpdateLevel::Major : UpdateLevel::Patch;
    update.ageDays = 12 + number % 80;
    if (number % 6 == 1)
        update.fixes << Advisory{update.name, "high", "Denial of service", {}, "<4.21.4"};
    job.plan.updates << update;
    job.plan.skipped << SkippedUpdate{"pino", "9.4.0 is 1 day old"};
    TestSummary tests;
    tests.runner = "Jest";
    for (int i = 0; i < 24; ++i) {
        TestCase test;
        test.suite = {i < 12 ? "cart" : "checkout"};
        test.name = QStringLiteral("keeps promise %1").arg(i + 1);
        test.file = i < 12 ? "tests/cart.test.js" : "tests/checkout.test.js";
        test.line = 10 + i * 7;
        test.milliseconds = 3 + i;
        if (fails && i == 17) {
            test.state = TestCase::State::Failed;
            test.message = "Expected 3 items, found 2\n    at cart.js:41:12";
        }
        tests.cases << test;
    }
    tests.failed = fails ? 1 : 0;
    tests.passed = 24 - tests.failed;
    job.tests = tests;
    if (fails) {
        FailureReport report;
        report.phase = PhaseKind::Test;
        report.step = "npm test";
        report.error = {ErrorCode::TestsFailed, "1 of 24 tests failed.", {}};
        report.excerpt = "  ● checkout › keeps promise 18\n\n    Expected 3 items, found 2\n";
        report.tests = tests.failures();
        report.suggestions << "Look at what changed in " + update.name + " " + update.to + '.';
        job.failure = report;
        job.summary = "Test failed: 1 of 24 tests failed.";
        return job;
    }
    Proposal proposal;
    proposal.branch = "ovvoc/update-" + update.name + '-' + update.to;
    proposal.commit = "1f0a7e5677205eb81f0a7e5677205eb8";
    proposal.number = 100 + number;
    proposal.location = QStringLiteral("https://git.example.invalid/pull/%1").arg(proposal.number);
    job.proposal = proposal;
    job.proposalTitle =
        QStringLiteral("Update %1 from %2 to %3").arg(update.name, update.from, update.to);
    job.proposalBody = "| package | from | to |\n|---|---|---|\n| `" + update.name + "` | 4.21.0 | "
        + update.to + " |\n\nBuild and 24 tests passed in a sealed cell without network.\n";
    job.summary = QStringLiteral("%1 %2 → %3, PR #%4")
                      .arg(update.name, update.from, update.to)
                      .arg(proposal.number);
    return job;
}

namespace {

Result<> noteJob(Workspace &workspace, const Job &job)
{
    AuditEvent start{"job.start", job.request.clientId, job.request.id, "ok", {}};
    start.detail = {
        {"kind", toString(job.request.kind)},
        {"trigger", job.request.trigger},
        {"repository", job.request.repositoryName},
        {"package", job.plan.updates.isEmpty() ? QString() : job.plan.updates.first().name}};
    OVVOC_CHECK(workspace.audit().add(start));
    return workspace.audit().add({"job.end",
                                  job.request.clientId,
                                  job.request.id,
                                  job.outcome == Outcome::Succeeded ? "ok" : "failed",
                                  {{"summary", job.summary}}});
}

} // namespace

Result<> keepScan(Workspace &workspace, const QString &clientId, const QString &repositoryId,
                  const ScanReport &scan, const QDateTime &time)
{
    Job carrier;
    carrier.scan = scan;
    const QByteArray plain =
        QJsonDocument(toJson(carrier)["scan"].toObject()).toJson(QJsonDocument::Compact);
    const qint64 number = time.toMSecsSinceEpoch();
    return workspace.writeRows(
        clientId, {{"scan", repositoryId, number, false, plain}},
        {{"job.end",
          clientId,
          {},
          "ok",
          {},
          {{scanRecord(clientId, repositoryId), recordDigest(plain, {number})}}}});
}

Result<> fill(const std::shared_ptr<Workspace> &workspace, JobArchive &archive, const Fill &wanted)
{
    for (int c = 0; c < wanted.clients; ++c) {
        QString name = QString::fromLatin1(clientNames[c % 6]);
        if (wanted.longNames)
            name = QStringLiteral("Donaudampfschifffahrtselektrizitätenhauptbetriebswerk %1")
                       .arg(c + 1);
        else if (c >= 6)
            name += QStringLiteral(" %1").arg(c / 6 + 1);
        OVVOC_TRY(client, workspace->addClient(name));
        if (c % 4 != 3) {
            GitHubAccount account;
            account.issuer = "Iv23example";
            account.appName = client.name.section(' ', -1).toLower() + "-updates";
            account.keyEntry = "example";
            account.keyFingerprint = "SHA256:4c9f2e…";
            account.account = client.name.section(' ', 0, 0).toLower();
            account.installationId = 1000 + c;
            client.github = account;
            OVVOC_CHECK(workspace->saveClient(client));
        }
        QList<ClientRepository> repositories;
        for (int r = 0; r < wanted.repositories; ++r) {
            ClientRepository repository;
            repository.clientId = client.id;
            repository.kind = ClientRepository::Kind::GitHub;
            repository.owner = client.name.section(' ', 0, 0).toLower();
            repository.name = QString::fromLatin1(repositoryNames[r % 8]);
            if (r >= 8)
                repository.name += QStringLiteral("-%1").arg(r / 8 + 1);
            if (wanted.longNames)
                repository.name = repository.name.repeated(5);
            repository.forgeId = c * 1000 + r + 1;
            if (r % 3 != 2)
                repository.overrides["schedule"] = r % 2 == 0 ? "daily 06:00" : "weekly mon 06:30";
            OVVOC_TRY(added, workspace->addRepository(repository));
            repositories << added;
            if (r % 4 != 3 || c % 2 == 0)
                OVVOC_CHECK(keepScan(*workspace, client.id, added.id, madeUpScan(c + r),
                                     QDateTime::currentDateTimeUtc()));
        }
        OVVOC_TRY(database, workspace->clientDatabase(client.id));
        const auto writeJobs = [&]() -> Result<> {
            for (int r = 0; r < repositories.size(); ++r) {
                for (int j = wanted.jobs - 1; j >= 0; --j) {
                    const Job job = madeUpJob(repositories[r], client.name, j * 3 + (r + c) % 3);
                    OVVOC_CHECK(archive.finish(job));
                    if (wanted.audit)
                        OVVOC_CHECK(noteJob(*workspace, job));
                }
                // Its people have merged all but the last ones.
                OVVOC_TRY(known, archive.proposals(client.id, repositories[r].id));
                known.asked = QDateTime::currentDateTimeUtc().addSecs(-240);
                known.open = known.open.mid(std::max<qsizetype>(0, known.open.size() - r % 3));
                OVVOC_CHECK(archive.saveProposals(client.id, repositories[r].id, known));
            }
            return {};
        };
        const auto inClientFile = [&] { return database->transaction(writeJobs); };
        OVVOC_CHECK(workspace->database().transaction(inClientFile));
    }
    return {};
}

} // namespace ovvoc::test
