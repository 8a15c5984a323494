// The life of a job, in order. What a phase does step by step is in jobsteps.cpp.

#include "jobs/jobrunner.h"

#include "base/ids.h"
#include "base/logging.h"
#include "jobs/reports.h"
#include "updates/choose.h"
#include "updates/proved.h"

#include <QPointer>
#include <QtConcurrent/QtConcurrentRun>
#include <algorithm>
#include <qcoro/qcorofuture.h>
#include <qcoro/qcorotimer.h>

namespace ovvoc {

JobRunner::JobRunner(JobRequest request, std::shared_ptr<Forge> forge, JobServices services)
    : m_forge(std::move(forge))
    , m_services(std::move(services))
{
    if (request.id.isEmpty())
        request.id = newId();
    m_secretName = QStringLiteral(".ovvoc-") + newId() + QStringLiteral(".yml");
    m_job.created = QDateTime::currentDateTimeUtc();
    m_job.request = std::move(request);
    const QList<PhaseKind> kinds = m_job.request.kind == JobKind::Scan
        ? QList<PhaseKind>{PhaseKind::Create, PhaseKind::Clone, PhaseKind::Analyze,
                           PhaseKind::Destroy}
        : QList<PhaseKind>{PhaseKind::Create, PhaseKind::Clone, PhaseKind::Transform,
                           PhaseKind::Build,  PhaseKind::Test,  PhaseKind::PullRequest,
                           PhaseKind::Destroy};
    for (const PhaseKind kind : kinds) {
        if (kind == PhaseKind::PullRequest && m_job.request.kind == JobKind::Check)
            continue;
        Phase one;
        one.kind = kind;
        m_job.phases << one;
    }
    m_publisher.setSingleShot(true);
    m_publisher.setInterval(50);
    connect(&m_publisher, &QTimer::timeout, this, &JobRunner::publish);
    if (!m_services.mask)
        m_services.mask = std::make_shared<SecretMask>();
    m_forge->setJob(m_job.request.id);
}

JobRunner::~JobRunner() = default;

Task<Job> JobRunner::run()
{
    log().info("job {}: {} begins", m_job.request.id.toStdString(),
               toString(m_job.request.kind).toStdString());
    const bool scan = m_job.request.kind == JobKind::Scan;
    auto done = co_await inPhase(PhaseKind::Create, 900, &JobRunner::create);
    if (done)
        done = co_await inPhase(PhaseKind::Clone, m_recipe.cloneSeconds, &JobRunner::clone);
    if (done && scan)
        done = co_await inPhase(PhaseKind::Analyze, m_recipe.transformSeconds, &JobRunner::analyze);
    if (done && !scan)
        done = co_await inPhase(PhaseKind::Transform, m_recipe.transformSeconds,
                                &JobRunner::transform);
    if (done && !scan && !m_upToDate)
        done = co_await inPhase(PhaseKind::Build, m_recipe.buildSeconds, &JobRunner::build);
    if (done && !scan && !m_upToDate)
        done = co_await inPhase(PhaseKind::Test, m_recipe.testSeconds, &JobRunner::test);
    if (done && m_job.request.kind == JobKind::Update && !m_upToDate)
        done = co_await inPhase(PhaseKind::PullRequest, 120, &JobRunner::propose);
    co_await destroy();

    if (m_job.outcome == Outcome::None) {
        m_job.outcome = Outcome::Succeeded;
        if (m_upToDate)
            m_job.summary = whyNothing();
        else if (m_job.proposal)
            m_job.summary = tr("%1 on %2").arg(m_job.plan.title(), m_job.proposal->branch);
        else if (m_job.request.kind == JobKind::Check)
            m_job.summary = m_job.request.baseline ? tr("passes without any update")
                                                   : tr("%1 passes").arg(m_job.plan.title());
        else if (m_job.scan && m_survey.projects.isEmpty())
            m_job.summary = tr("nothing was asked: there is no package.json in the repository");
        else if (m_job.scan)
            m_job.summary = tr("%n of %1 outdated", nullptr, m_job.scan->outdated())
                                .arg(m_job.scan->dependencies.size());
    }
    for (Phase &one : m_job.phases) {
        if (one.state == PhaseState::Waiting)
            one.state = PhaseState::Skipped;
    }
    log().info("job {}: {}", m_job.request.id.toStdString(), toString(m_job.outcome).toStdString());
    keepOutcome();
    emit changed(m_job);
    // A copy: QCoro 0.8 moves out of whatever lvalue is returned.
    const Job result = m_job;
    co_return result;
}

TaskResult<> JobRunner::inPhase(PhaseKind kind, int timeoutSeconds,
                                TaskResult<> (JobRunner::*body)())
{
    m_phase = kind;
    m_stepName.clear();
    m_stepOutput.clear();
    phase(kind).state = PhaseState::Running;
    phase(kind).started = QDateTime::currentDateTimeUtc();
    publish(); // begins the record, so before the first line of the log
    say(QStringLiteral("── %1").arg(toString(kind)));

    const int chosen = m_job.request.phaseSeconds;
    if (chosen > 0 && kind != PhaseKind::Create && kind != PhaseKind::PullRequest)
        timeoutSeconds = chosen;
    QTimer limit;
    limit.setSingleShot(true);
    connect(&limit, &QTimer::timeout, this, [this, kind, timeoutSeconds] {
        m_stop = Error{ErrorCode::Timeout,
                       tr("%1 took longer than its limit of %2 s, so the cell was destroyed. Raise "
                          "the limit if it needs more time.")
                           .arg(toString(kind))
                           .arg(timeoutSeconds),
                       {}};
        m_stopper->stop();
        if (m_cell)
            m_cell->destroy();
    });
    limit.start(timeoutSeconds * 1000);

    Result<> result;
    if (m_stop)
        result = fail(*m_stop);
    else
        result = co_await (this->*body)();
    limit.stop();
    flushLog();
    m_job.tokens = m_forge->tokens();
    // What was cut off by a cancel or a time-out failed for that reason, whatever it says itself.
    if (m_stop && !(kind == PhaseKind::PullRequest && m_proposed))
        result = fail(*m_stop);

    Phase &current = phase(kind);
    current.ended = QDateTime::currentDateTimeUtc();
    if (result) {
        current.state = PhaseState::Succeeded;
    } else {
        const Error error = result.error();
        const bool cancelled = error.code == ErrorCode::Cancelled;
        current.state = cancelled ? PhaseState::Cancelled : PhaseState::Failed;
        current.message = error.message;
        m_job.outcome = cancelled ? Outcome::Cancelled : Outcome::Failed;
        if (cancelled)
            m_job.summary = tr("cancelled in %1").arg(toString(kind));
        else
            m_job.summary = tr("%1 failed: %2").arg(toString(kind), error.message);
        if (!cancelled)
            m_job.failure = reportFor(kind, error);
        say(m_job.summary);
        // The message may name what is the client's: it is in the job's sealed record.
        log().warn("job {}: {} in {}", m_job.request.id.toStdString(),
                   toString(error.code).toStdString(), toString(kind).toStdString());
    }
    publish();
    co_return result;
}

TaskResult<> JobRunner::create()
{
    OVVOC_CO_TRY(recipe, builtinRecipe(m_job.request.recipe));
    m_recipe = recipe;
    const std::shared_ptr<Forge> forge = m_forge;
    OVVOC_CO_CHECK(co_await forge->preflight(m_job.request.baseBranch));

    OVVOC_CO_TRY(definition, builtinImageDefinition(m_recipe.image));
    const std::shared_ptr<EngineClient> engine = m_services.engine;
    m_job.engine = engine->info().name + ' ' + engine->info().version;
    const ImageStore::Progress progress = [this](const QString &line) { say(line); };
    OVVOC_CO_TRY(image, co_await m_services.images->prepare(definition, progress, m_stopper));
    m_job.image = image;
    stepDone(tr("image %1").arg(image.id.left(19)));

    m_gate = std::make_unique<Gate>(m_services.resolver, m_job.request.proxy);
    connect(m_gate.get(), &Gate::rowChanged, this, &JobRunner::egressChanged);
    CellSpec spec;
    spec.image = image.id;
    spec.runtime = m_job.request.runtime;
    spec.limits = m_job.request.limits;
    // The cell lives as long as its phases may take, and some minutes more.
    const int chosen = m_job.request.phaseSeconds;
    const int phases = chosen > 0 ? 4 * chosen
                                  : m_recipe.cloneSeconds + m_recipe.transformSeconds
            + m_recipe.buildSeconds + m_recipe.testSeconds;
    spec.limits.lifetimeSeconds = std::max(spec.limits.lifetimeSeconds, phases + 600);
    spec.labels = cellLabels(m_services.workspaceId, m_job.request.clientId, m_job.request.id,
                             spec.limits.lifetimeSeconds);
    if (m_stop)
        co_return fail(*m_stop);
    OVVOC_CO_TRY(cell, co_await Cell::create(engine, spec, m_gate.get()));
    m_cell = std::move(cell);
    m_job.containerId = m_cell->id();
    watchCell(m_job.containerId);
    stepDone(tr("cell %1, attached before it started").arg(m_cell->id().left(12)));
    publish();
    if (m_stop)
        co_return fail(*m_stop);

    OVVOC_CO_TRY(evidence, co_await m_cell->collectEvidence());
    m_job.evidence = evidence;
    QStringList broken;
    for (const Evidence &one : evidence) {
        if (one.verdict == Verdict::Differs)
            broken << tr("%1 (asked %2, found %3)").arg(one.control, one.asked, one.found);
    }
    if (!broken.isEmpty())
        co_return fail(ErrorCode::IsolationFailed,
                       tr("The cell is not as sealed as it was asked to be, so nothing was run in "
                          "it: %1.")
                           .arg(broken.join(QStringLiteral("; "))));
    stepDone(tr("%n control(s) checked", nullptr, int(evidence.size())));

    ExecRequest ask;
    ask.command = m_recipe.registryCommand;
    ask.environment = environment(false);
    ask.folder = "/tmp";
    ask.timeoutSeconds = 60;
    OVVOC_CO_TRY(answer, co_await m_cell->exec(std::move(ask)));
    m_registry = m_services.publicRegistry ? m_services.publicRegistry->url
                                           : QString::fromUtf8(answer.output).trimmed();
    phase(PhaseKind::Create).message = tr("%n control(s)", nullptr, int(evidence.size()));
    co_return {};
}

/// Asks the engine what the cell uses, until it is gone. Nothing of the job waits for this.
Task<> JobRunner::watchCell(QString containerId)
{
    const QPointer<JobRunner> self(this);
    const std::shared_ptr<EngineClient> engine = m_services.engine;
    CellUse before;
    while (self && !m_job.isOver()) {
        const auto stats = co_await engine->containerStats(containerId);
        if (!self || !stats)
            co_return;
        const CellUse now = cellUse(*stats);
        // Of a cell that has just ended the engine answers with nothing but zeros.
        if (now.memoryLimit <= 0 && now.cpuNanoseconds <= 0) {
            co_await QCoro::sleepFor(std::chrono::seconds(1));
            continue;
        }
        CellSample sample;
        sample.time = now.time;
        sample.memoryBytes = now.memoryBytes;
        sample.memoryLimit = now.memoryLimit;
        const qint64 wall = before.time.isValid() ? before.time.msecsTo(now.time) : 0;
        if (wall > 0)
            sample.cpus = double(now.cpuNanoseconds - before.cpuNanoseconds) / 1e6 / double(wall);
        before = now;
        emit sampled(sample);
        co_await QCoro::sleepFor(std::chrono::seconds(1));
    }
}

TaskResult<> JobRunner::clone()
{
    // Only now, so that the token which this needs lives for no longer than this phase.
    const std::shared_ptr<Forge> forge = m_forge;
    OVVOC_CO_TRY(base, co_await forge->resolveBase(m_job.request.baseBranch));
    m_job.base = base;
    m_job.tokens = forge->tokens();
    stepDone(tr("base %1 at %2").arg(base.branch, base.commit.left(12)));
    if (m_stop)
        co_return fail(*m_stop);
    OVVOC_CO_CHECK(co_await openGate());
    OVVOC_CO_TRY(upstream, co_await forge->openClone());
    m_gate->openGit(upstream);
    RecipeStep step;
    step.name = tr("Clone");
    step.command = QStringList{"git",
                               "-c",
                               "protocol.version=2",
                               "-c",
                               "core.hooksPath=/dev/null",
                               "-c",
                               "advice.detachedHead=false",
                               "-c",
                               "http.followRedirects=false",
                               "clone",
                               "--single-branch",
                               "--no-recurse-submodules",
                               "--branch",
                               m_job.base.branch};
    if (!m_job.request.fullHistory)
        step.command << QStringList{"--depth=1", "--no-tags"};
    step.command << QStringList{"--", "http://127.0.0.1:9080/git", repoFolder};
    const QStringList environment = gitEnvironment();
    auto cloned = co_await runStep(step, environment);
    if (cloned)
        cloned = co_await fetchLargeFiles(repoFolder);
    m_gate->closeGit();
    auto closed = co_await forge->closeClone();
    // Only a run's first job chooses; the others are told what to move.
    const JobRequest &asked = m_job.request;
    if (cloned && closed && asked.kind == JobKind::Update && asked.selection.only.isEmpty()
        && !asked.asksAgain()) {
        const QString branch = asked.baseBranch;
        OVVOC_CO_TRY(known, co_await forge->proposals(branch, true));
        m_known = known;
        m_job.tokens = forge->tokens();
    }
    if (!cloned && cloned.error().code == ErrorCode::CommandFailed) {
        // git only knows that the endpoint failed; the endpoint knows why.
        if (const QString why = gitFailure(); !why.isEmpty())
            co_return fail(ErrorCode::CommandFailed, tr("The clone failed: %1").arg(why),
                           cloned.error().detail);
    }
    OVVOC_CO_CHECK(cloned);
    OVVOC_CO_CHECK(closed);

    ExecRequest head;
    head.command = QStringList{"git", "rev-parse", "HEAD"};
    head.environment = environment;
    head.folder = repoFolder;
    OVVOC_CO_TRY(answer, co_await m_cell->exec(std::move(head)));
    if (QString::fromLatin1(answer.output.trimmed()) != m_job.base.commit)
        co_return fail(
            ErrorCode::Conflict,
            tr("%1 moved while it was being cloned. Run the job again.").arg(m_job.base.branch));
    OVVOC_CO_CHECK(co_await fetchSubmodules());
    OVVOC_CO_TRY(tree, co_await m_cell->fileTree(repoFolder));
    m_cloned = tree;
    phase(PhaseKind::Clone).message = m_job.base.commit.left(12);
    co_return {};
}

TaskResult<> JobRunner::analyze()
{
    OVVOC_CO_CHECK(co_await survey());
    const Survey found = m_survey;
    const auto work = [found] { return scanReport(found); };
    QFuture<ScanReport> future = QtConcurrent::run(work);
    m_job.scan = co_await future;
    closeGate();
    OVVOC_CO_CHECK(co_await forecastCode());
    phase(PhaseKind::Analyze).message =
        tr("%n dependencies", nullptr, int(m_job.scan->dependencies.size()));
    co_return {};
}

TaskResult<> JobRunner::build()
{
    OVVOC_CO_CHECK(co_await unlockWork());
    ExecRequest temporary; // TMPDIR of the recipes
    temporary.command = QStringList{"mkdir", "-p", "-m", "700", "/work/tmp"};
    temporary.environment = gitEnvironment();
    OVVOC_CO_TRY(made, co_await m_cell->exec(std::move(temporary)));
    Q_UNUSED(made)
    OVVOC_CO_CHECK(co_await rebuildOthers());
    const QList<SurveyProject> projects = m_projects;
    for (const SurveyProject &project : projects) {
        OVVOC_CO_CHECK(useProject(project));
        OVVOC_CO_CHECK(co_await runSteps(m_recipe.build, environment(false)));
    }
    m_stepName.clear();
    OVVOC_CO_CHECK(co_await checkBeforeTest());
    phase(PhaseKind::Build).message = tr("exit 0");
    co_return {};
}

/// Reads what a test script printed, off this thread: it may be long, and made to take long.
Task<> JobRunner::readTests()
{
    const QByteArray output = m_stepOutput;
    const QString folder = projectFolder();
    const auto work = [output, folder] { return readTestOutput(output, folder); };
    QFuture<std::optional<TestSummary>> future = QtConcurrent::run(work);
    const std::optional<TestSummary> found = co_await future;
    m_stepTests = found;
    if (found)
        m_job.tests = m_job.tests ? together(*m_job.tests, *found) : *found;
}

/// A step of a recipe, and where it runs: empty is the project's own folder.
struct JobRunner::TestRun
{
    RecipeStep step;
    QString folder;
};

/// Of the project that is worked on: what the recipe says, or the scripts that the settings name.
QList<JobRunner::TestRun> JobRunner::testRuns() const
{
    QList<TestRun> runs;
    const QStringList scripts = m_job.request.testScripts;
    for (const RecipeStep &step : m_recipe.test) {
        if (!applies(step)
            || (!scripts.isEmpty() && step.when.contains(RecipeStep::When::MemberTests)))
            continue;
        if (!step.inMembers && scripts.isEmpty())
            runs << TestRun{step, {}};
        for (const QString &script : step.inMembers ? QStringList() : scripts) {
            // Every manager knows "run NAME". What the root has not, its members may have.
            RecipeStep own = step;
            own.name = step.name + QStringLiteral(" (%1)").arg(script);
            own.command = QStringList{step.command.first(), "run", script};
            if (m_project.hasScript(script)) {
                runs << TestRun{own, {}};
                continue;
            }
            for (const SurveyMember &member : m_project.members) {
                if (!member.scripts.value(script).trimmed().isEmpty())
                    runs << TestRun{own, repoFolder + '/' + member.path};
            }
        }
        for (const SurveyMember &member :
             step.inMembers ? m_project.members : QList<SurveyMember>()) {
            if (testsItself(member))
                runs << TestRun{step, repoFolder + '/' + member.path};
        }
    }
    return runs;
}

/// Whether what fails in the step that ended fails without any update too, each by its name.
bool JobRunner::onlyFailsAsBefore() const
{
    const KnownFailures &known = m_job.request.knownFailures;
    if (known.tests.isEmpty() || !m_stepTests || !m_stepTests->complete)
        return false;
    const QList<TestCase> failures = m_stepTests->failures();
    QStringList left = known.tests; // each of them accounts for one
    return !failures.isEmpty() && failures.size() == m_stepTests->failed
        && std::ranges::all_of(
            failures, [&](const TestCase &test) { return left.removeOne(test.identity()); });
}

TaskResult<> JobRunner::test()
{
    const QList<SurveyProject> projects = m_projects;
    bool ran = false;
    std::optional<Error> red; // of a baseline
    for (const SurveyProject &project : projects) {
        OVVOC_CO_CHECK(useProject(project));
        int passed = 0;
        const QList<TestRun> runs = testRuns();
        for (const auto &[step, folder] : runs) {
            ran = true;
            const RecipeStep one = step;
            const QString where = folder;
            auto done = co_await runStep(one, environment(false), where);
            co_await readTests();
            const int failed = m_stepTests ? m_stepTests->failed : 0;
            passed += m_stepTests ? m_stepTests->passed : 0;
            if (done && m_watchEnded && (!m_stepTests || !m_stepTests->complete))
                done = fail(ErrorCode::CommandFailed,
                            tr("The test script watches for changes and never ends by itself, and "
                               "what it printed is no whole run. Let it run once, for instance "
                               "with --watch=false."));
            // What was printed never outweighs the exit code.
            if (done && failed > 0)
                done = fail(
                    ErrorCode::TestsFailed,
                    tr("The test script ended well although %n test(s) failed.", nullptr, failed));
            else if (!done && done.error().code == ErrorCode::CommandFailed && failed > 0) {
                // What is known of the output is the likely cause, whatever was counted.
                const auto why = explainStep(one);
                const QString counted =
                    tr("%1 of %n test(s) failed.", nullptr, m_stepTests->total()).arg(failed);
                done = fail(ErrorCode::TestsFailed, why ? counted + ' ' + why->message : counted);
            } else if (!done && done.error().code == ErrorCode::CommandFailed && !explainStep(one)
                       && (!m_stepTests || m_stepTests->total() == 0)) {
                // The runner itself did not come to a test: its first word about that is the cause.
                QString message = done.error().message;
                if (message.endsWith('.'))
                    message.chop(1);
                done = fail(ErrorCode::CommandFailed, message + firstLineOfFailure(),
                            done.error().detail);
            }
            if (!done && done.error().code == ErrorCode::TestsFailed && onlyFailsAsBefore()) {
                for (const TestCase &failing : m_stepTests->failures())
                    m_job.failedBefore << failing.fullName();
                stepDone(tr("%n test(s) fail, and failed without the update too", nullptr,
                            m_stepTests->failed));
                continue;
            }
            if (!done && done.error().code == ErrorCode::TestsFailed && m_job.request.baseline
                && m_job.request.acceptKnownFailures) {
                red = red.value_or(done.error()); // it is to tell all that fails, so it goes on
                continue;
            }
            OVVOC_CO_CHECK(done);
        }
        // What is only tried is judged by its end: what proves an update is asked where one is
        // proposed.
        if (passed == 0 && !m_job.request.acceptBuildOnly && m_job.request.kind != JobKind::Check)
            co_return fail(ErrorCode::NothingProves,
                           tr("Nothing proves this update: the test script of %1 ended well, but "
                              "no test that passed could be counted in what it printed. Let it "
                              "run tests with a runner that counts them, or accept a build alone "
                              "(--accept-build-only, or the setting of that name).")
                               .arg(project.inProject(QStringLiteral("package.json"))));
    }
    if (red)
        co_return fail(*red);
    const int before = m_job.request.knownFailures.passed;
    if (!m_job.failedBefore.isEmpty() && m_job.tests && m_job.tests->passed < before)
        co_return fail(ErrorCode::TestsFailed,
                       tr("What fails failed without the update too, but only %1 of the %2 tests "
                          "that passed then were seen to pass.")
                           .arg(m_job.tests->passed)
                           .arg(before));
    co_await tellWhatTestsChanged();
    for (const SurveyProject &project : projects) {
        QStringList scripts =
            scriptsThatRan(project.scripts,
                           QStringList{"install", "prepublish", "prepare", "build", "test"}
                               + m_job.request.testScripts);
        OVVOC_CO_TRY(checked, co_await runChecks(project, scripts));
        scripts += checked;
        // Any word of what ran may be a script of the members: turbo, nx and lerna go through them.
        const QStringList checks = checksThatDidNotRun(project.scripts, scripts);
        if (!checks.isEmpty())
            m_job.notes << tr("Not run: %1 (%2). Name them in \"test-scripts\" where they are to "
                              "prove an update.")
                               .arg(checks.join(QStringLiteral(", ")),
                                    project.inProject("package.json"));
        QStringList words = wordsOf(scripts);
        if (membersBuildThemselves(project))
            words << QStringLiteral("build");
        for (const SurveyMember &member : project.members)
            scripts +=
                scriptsThatRan(member.scripts, QStringList{"install", "prepare", "test"} + words);
        QList<PlannedUpdate> own = m_job.plan.updates;
        own.removeIf([&](const PlannedUpdate &one) { return one.project != project.path; });
        m_job.unproved += toolsThatDidNotRun(own, scripts);
    }
    const bool counted = m_job.tests && m_job.tests->passed > 0;
    phase(PhaseKind::Test).message = counted && !m_job.failedBefore.isEmpty()
        ? tr("%1 passed, %2 failed as before")
              .arg(m_job.tests->passed)
              .arg(m_job.failedBefore.size())
        : counted ? tr("%n passed", nullptr, m_job.tests->passed)
        : ran     ? tr("exit 0; no test was counted")
                  : tr("no tests; a build alone is accepted");
    co_return {};
}

TaskResult<> JobRunner::propose()
{
    PatchPolicy policy;
    policy.mayTouch = m_base.keys();
    OVVOC_CO_CHECK(checkPolicy(m_job.patch, policy));
    const std::shared_ptr<Forge> forge = m_forge;
    QList<ReleaseNotesRequest> notes;
    for (const PlannedUpdate &update : std::as_const(m_job.plan.updates)) {
        if (!update.source.isEmpty())
            notes << ReleaseNotesRequest{update.name, update.to, update.source};
    }
    m_job.releaseNotes = co_await forge->releaseNotes(notes);
    if (m_stop)
        co_return fail(*m_stop);
    m_job.proposalTitle = proposalTitle(m_job);
    if (m_services.memory)
        m_job.history =
            historyOf(m_job.plan.updates, m_services.memory(m_job.request, conditionsOf(m_job)));
    m_job.proposalBody = proposalBody(m_job);
    ProposalRequest request;
    request.base = m_job.base;
    request.patch = m_job.patch;
    request.branch = branchNameOf(m_job.request.topic);
    request.mark = markOf(m_job.plan, m_job.request.topic);
    request.title = m_job.proposalTitle;
    request.body = m_job.proposalBody;
    request.stopped = [this] { return m_stop.has_value(); };
    // Before the act, so that nothing is proposed of which the log knows nothing.
    const QJsonObject about{{"branch", request.branch},
                            {"base", request.base.commit},
                            {"patch", QString::fromLatin1(m_job.patch.sha256)}};
    OVVOC_CO_CHECK(note(QStringLiteral("pull-request.open"), QStringLiteral("begun"), about));
    auto proposed = co_await forge->propose(request);
    if (!proposed) {
        if (const auto noted =
                note(QStringLiteral("pull-request.open"), toString(proposed.error().code), about);
            !noted)
            say(noted.error().message);
        co_return fail(proposed.error());
    }
    const Proposal proposal = *proposed;
    m_proposed = true;
    m_job.proposal = proposal;
    if (!proposal.note.isEmpty())
        stepDone(proposal.note);
    stepDone(tr("branch %1, commit %2").arg(proposal.branch, proposal.commit.left(12)));
    phase(PhaseKind::PullRequest).message = proposal.branch;
    co_return {};
}

Task<> JobRunner::destroy()
{
    m_phase = PhaseKind::Destroy;
    Phase &current = phase(PhaseKind::Destroy);
    current.state = PhaseState::Running;
    current.started = QDateTime::currentDateTimeUtc();
    say(QStringLiteral("── %1").arg(toString(PhaseKind::Destroy)));
    publish();
    closeGate();
    Result<> result;
    if (m_cell)
        result = co_await m_cell->destroy();
    // A phase that failed may have left its token; nothing but its revocation is done with it.
    const std::shared_ptr<Forge> forge = m_forge;
    auto revoked = co_await forge->closeClone();
    if (!revoked) {
        say(revoked.error().message);
        log().error("job {}: a token was not revoked: {}", m_job.request.id.toStdString(),
                    toString(revoked.error().code).toStdString());
    }
    m_job.tokens = forge->tokens();
    Phase &ended = phase(PhaseKind::Destroy);
    ended.ended = QDateTime::currentDateTimeUtc();
    ended.state = result ? PhaseState::Succeeded : PhaseState::Failed;
    ended.message = !result ? result.error().message
        : m_cell            ? tr("confirmed by the engine")
                            : tr("there was no cell");
    say(ended.message);
    // A cell that may still be there is a failure of the job, whatever else it achieved.
    if (!result && m_job.outcome != Outcome::Cancelled) {
        m_job.outcome = Outcome::Failed;
        if (!m_job.failure) {
            m_job.summary = tr("%1 failed: %2").arg(toString(PhaseKind::Destroy), ended.message);
            m_job.failure = reportFor(PhaseKind::Destroy, result.error());
        }
    }
    publish();
}

/// The job's end as the log and its record have it: what cannot be written down is no success.
void JobRunner::keepOutcome()
{
    if (!m_services.witness)
        return;
    const auto kept = m_services.witness->finished(m_job);
    if (kept && !m_unrecorded)
        return;
    const Error cause = kept ? *m_unrecorded : kept.error();
    const QString why = cause.message;
    m_job.outcome = Outcome::Failed;
    m_job.summary = m_job.proposal ? tr("%1 was proposed, but that could not be written down: %2")
                                         .arg(m_job.proposal->branch, why)
                                   : tr("what happened could not be written down: %1").arg(why);
    FailureReport failure;
    failure.phase = PhaseKind::Destroy;
    failure.error = {cause.code, m_job.summary, cause.detail};
    if (!m_job.failure)
        m_job.failure = failure;
    say(m_job.summary);
}

Result<> JobRunner::note(const QString &action, const QString &result, const QJsonObject &detail)
{
    if (!m_services.witness)
        return {};
    return m_services.witness->note(
        {action, m_job.request.clientId, m_job.request.id, result, detail, {}});
}

/// Ends the job for a reason that is neither a person's nor a limit's.
void JobRunner::stopFor(const Error &error)
{
    if (m_stop || m_phase == PhaseKind::Destroy)
        return;
    m_stop = error;
    m_stopper->stop();
    if (m_gate)
        m_gate->close();
    if (m_cell)
        m_cell->destroy();
}

void JobRunner::cancel()
{
    // What is being destroyed is gone in a moment, and its outcome is known.
    if (m_stop || m_job.isOver() || m_phase == PhaseKind::Destroy)
        return;
    m_stop = Error{ErrorCode::Cancelled, tr("The job was cancelled."), {}};
    say(tr("cancelled"));
    m_stopper->stop();
    if (m_gate)
        m_gate->close();
    if (m_cell)
        m_cell->destroy();
}

} // namespace ovvoc
