// What the phases of a JobRunner are made of.

#include "base/logging.h"
#include "jobs/jobrunner.h"
#include "jobs/reports.h"
#include "updates/manifestedit.h"

#include <QRegularExpression>
#include <QSet>
#include <algorithm>

namespace ovvoc {

namespace {

constexpr qsizetype stepOutputLimit = 16 * 1024 * 1024;

/// The first line that speaks of an error, and is not the package manager's own word about it; else
/// the first that says what is missing or counts problems.
QString firstErrorIn(const QByteArray &output)
{
    static const QRegularExpression speaks(
        QStringLiteral("\\berror\\b|Error: |^ERROR\\b|\\bERR_[A-Z_]+"));
    static const QRegularExpression misses(
        QStringLiteral("couldn't find|could not find|cannot find|\\b[1-9]\\d{0,8} problems?\\b|"
                       "Run Prettier|Code style issues"),
        QRegularExpression::CaseInsensitiveOption);
    const QStringList lines = plainText(output.right(256 * 1024)).split('\n');
    // Jest says what it is in the next line.
    for (qsizetype i = 0; i < lines.size(); ++i) {
        if (!lines[i].left(2000).trimmed().endsWith(QLatin1String("Test suite failed to run")))
            continue;
        while (++i < lines.size()) {
            if (const QString line = lines[i].left(2000).trimmed(); !line.isEmpty())
                return oneLine(line.left(300));
        }
    }
    for (const QRegularExpression &form : {speaks, misses}) {
        for (const QString &whole : lines) {
            const QString line = whole.left(2000).trimmed();
            if (!line.startsWith(QLatin1String("npm ")) && form.match(line).hasMatch())
                return oneLine(line.left(300));
        }
    }
    return {};
}

/// Of "name@version" the names, each once.
QStringList namesOf(QStringList list)
{
    for (QString &one : list)
        one.truncate(one.lastIndexOf('@'));
    list.removeDuplicates();
    return list;
}

} // namespace

/// ": …" of the step that ended last, or a full stop.
QString JobRunner::firstLineOfFailure() const
{
    const QString first = firstErrorIn(m_stepOutput);
    return first.isEmpty() ? QStringLiteral(".") : QStringLiteral(": ") + first;
}

QStringList JobRunner::environment(bool gateOpen) const
{
    QHash<QString, QString> all = m_recipe.environment;
    const auto &more = gateOpen ? m_recipe.gateEnvironment : m_recipe.sealedEnvironment;
    for (auto it = more.begin(); it != more.end(); ++it)
        all.insert(it.key(), it.value());
    addRegistries(all, gateOpen);
    if (m_phase == PhaseKind::Build || m_phase == PhaseKind::Test) {
        for (const QString &one : m_job.request.environment)
            all.insert(one.section('=', 0, 0), one.section('=', 1));
    }
    QStringList list;
    for (auto it = all.begin(); it != all.end(); ++it) {
        QString value = it.value();
        value.replace(QLatin1String("${registry}"), registry())
            .replace(QLatin1String("${authority}"), authorityFile)
            .replace(QLatin1String("${tools}"), toolPath())
            .replace(QLatin1String("${secret-name}"), m_secretName);
        list << it.key() + '=' + value;
    }
    list.sort();
    return list;
}

QStringList JobRunner::gitEnvironment()
{
    return {"HOME=/tmp/home", "PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8",
            "GIT_TERMINAL_PROMPT=0", "GIT_CONFIG_NOSYSTEM=1", "GIT_NO_LAZY_FETCH=1",
            // Whatever the clone's own settings have come to say.
            "GIT_CONFIG_COUNT=2", "GIT_CONFIG_KEY_0=core.hooksPath", "GIT_CONFIG_VALUE_0=/dev/null",
            "GIT_CONFIG_KEY_1=core.fsmonitor", "GIT_CONFIG_VALUE_1=false"};
}

/// What a project needs that no cell can have, by name.
QStringList JobRunner::setAside(const SurveyProject &project)
{
    static const QStringList reasons{"git", "tarball", "private-registry", "not-found",
                                     "forbidden"};
    QStringList names;
    for (const SurveyDependency &dependency : project.dependencies) {
        if (reasons.contains(dependency.reasonCode))
            names << (dependency.alias.isEmpty() ? dependency.name : dependency.alias);
    }
    names.removeDuplicates();
    return names;
}

bool JobRunner::applies(const RecipeStep &step) const
{
    using When = RecipeStep::When;
    const bool locked = !m_project.lockfile.isEmpty();
    return std::ranges::all_of(step.when, [&](When when) {
        switch (when) {
        case When::Lockfile:
            return locked;
        case When::NoLockfile:
            return !locked;
        case When::Aside:
            return locked && !setAside(m_project).isEmpty();
        case When::AsideNoLockfile:
            return !locked && !setAside(m_project).isEmpty();
        case When::AsideAny:
            return !setAside(m_project).isEmpty();
        case When::Members:
            return !m_project.members.isEmpty();
        case When::NoMembers:
            return m_project.members.isEmpty();
        case When::Script:
            return !m_project.scripts.value(step.script).trimmed().isEmpty();
        case When::Tests:
            return m_project.hasTests;
        case When::MemberTests:
            return membersTestThemselves(m_project);
        case When::MemberBuilds:
            return membersBuildThemselves(m_project);
        case When::Forget:
            return locked && !forgotten().isEmpty();
        }
        return false;
    });
}

TaskResult<> JobRunner::runSteps(QList<RecipeStep> steps, QStringList environment)
{
    for (const RecipeStep &step : steps) {
        if (!applies(step))
            continue;
        if (step.writes == RecipeStep::Writes::Back) {
            OVVOC_CO_CHECK(co_await writeBack());
            continue;
        }
        if (step.writes != RecipeStep::Writes::Nothing) {
            OVVOC_CO_CHECK(co_await writeManifests(step.writes == RecipeStep::Writes::Exact));
            stepDone(step.name);
            continue;
        }
        if (step.inMembers) {
            const QList<SurveyMember> members = membersToBuild();
            for (const SurveyMember &member : members) {
                const QString folder = repoFolder + '/' + member.path;
                RecipeStep one = step;
                one.name = tr("%1 (%2)").arg(step.name, member.path);
                OVVOC_CO_CHECK(co_await runStep(one, environment, folder));
            }
            continue;
        }
        const Result<> done = co_await runStep(step, environment);
        if (m_phase == PhaseKind::Transform)
            OVVOC_CO_CHECK(co_await checkTools(step.name));
        OVVOC_CO_CHECK(done);
    }
    co_return {};
}

/// What a recipe's commands can name.
QHash<QString, QString> JobRunner::recipeValues() const
{
    return {
        {"clone", repoFolder},
        {"project", projectFolder()},
        {"lockfile", m_project.lockfile},
        {"lockfile-version", m_project.lockfileVersion},
        {"omit-resolved", m_project.hasResolved ? "false" : "true"},
        {"registry", registry()},
        {"secret-name", m_secretName},
        {"manager", m_projectTools.value(m_project.path).manager.folder},
    };
}

/// What the lockfile was pinned by and is to be locked for: name, exact version, range, and so on.
QStringList JobRunner::moves() const
{
    QStringList list;
    for (const PlannedUpdate &update : m_job.plan.updates) {
        if (update.project != m_project.path)
            continue;
        for (const UpdatePlace &place : update.places)
            list << update.name << place.exact << place.after;
    }
    return list;
}

/// What the lockfile is to resolve anew, as name@version.
QStringList JobRunner::forgotten() const
{
    QStringList list;
    for (const PlannedUpdate &update : m_job.plan.updates) {
        if (update.project == m_project.path && update.isIndirect())
            list << update.name + '@' + update.from;
    }
    return list;
}

TaskResult<> JobRunner::runStep(RecipeStep step, QStringList environment, QString folder)
{
    m_stepName = step.name;
    m_stepOutput.clear();
    m_stdoutMask = std::make_unique<StreamMask>(m_services.mask);
    m_stderrMask = std::make_unique<StreamMask>(m_services.mask);
    ExecRequest request;
    request.command =
        filledIn(step.command, recipeValues(),
                 {{"moves", moves()},
                  {"alone", m_project.alone ? QStringList{"--ignore-workspace"} : QStringList()},
                  {"aside", setAside(m_project)},
                  {"forget", forgotten()},
                  {"forget-names", namesOf(forgotten())}});
    request.environment = std::move(environment);
    request.folder = !folder.isEmpty() ? folder
        : m_phase == PhaseKind::Clone  ? QStringLiteral("/work")
                                       : projectFolder();
    request.timeoutSeconds = 24 * 3600; // the phase's own limit ends it
    request.capture = false;
    // What works on the repository while the gate is open starts nothing, whatever it is told.
    request.children = m_phase != PhaseKind::Transform;
    if (m_phase == PhaseKind::Transform)
        limitWrites(request);
    say("$ " + request.command.join(' '));
    phase(m_phase).commands << request.command.join(' ');
    const Cell::OutputSink sink = [this](OutputChannel channel, const QByteArray &bytes) {
        forwardLog(channel, bytes);
    };
    m_watchEnded = false;
    if (m_phase == PhaseKind::Test)
        watchSilence();
    auto outcome = co_await m_cell->exec(std::move(request), sink);
    m_silence.stop();
    flushLog();
    if (!outcome)
        co_return fail(outcome.error());
    if (outcome->exitCode == 0) {
        stepDone(
            tr("%1 (%2 s)").arg(step.name).arg(double(outcome->milliseconds) / 1000, 0, 'f', 1));
        m_stepName.clear();
        co_return {};
    }
    auto memory = co_await m_cell->ranOutOfMemory();
    if (memory && *memory)
        co_return fail(ErrorCode::OutOfMemory,
                       tr("%1 ran out of memory: the cell has %2 MiB. Raise the memory limit of "
                          "this repository.")
                           .arg(step.name)
                           .arg(m_job.request.limits.memoryBytes >> 20));
    // Somebody killed it, or all of the cell: then it says nothing of the updates.
    constexpr int killed = 128 + 9;
    if (outcome->exitCode == killed && !co_await m_cell->processes())
        co_return fail(
            ErrorCode::EngineLost,
            tr("The cell was ended from outside of this program while \"%1\" ran. Run it "
               "again.")
                .arg(step.name));
    // Anybody can print it: the disk itself is asked as well, unless the manager says so of itself.
    const bool spaceSaid =
        m_stepOutput.contains("ENOSPC") || m_stepOutput.contains("No space left on device");
    bool full = spaceSaid && m_phase == PhaseKind::Transform && saysNoSpace(m_stepOutput);
    if (spaceSaid && !full) {
        const auto disk = co_await m_cell->ranOutOfDisk();
        full = disk && *disk;
    }
    if (full)
        co_return fail(ErrorCode::DiskFull,
                       tr("The cell's disk is full: it has %1 MiB. Raise the disk limit of this "
                          "repository.")
                           .arg(m_job.request.limits.workBytes >> 20));
    if (m_watchEnded) {
        // Its tests had run before it began to wait; what they said counts, its end does not.
        stepDone(tr("%1 waited for changes after its last output (a watch mode), so it was ended")
                     .arg(step.name));
        m_stepName.clear();
        co_return {};
    }
    if (auto known = explainStep(step))
        co_return fail(*known);
    const QString first = m_phase == PhaseKind::Build ? firstErrorIn(m_stepOutput) : QString();
    co_return fail(ErrorCode::CommandFailed,
                   first.isEmpty()
                       ? tr("\"%1\" ended with exit code %2.").arg(step.name).arg(outcome->exitCode)
                       : tr("\"%1\" ended with exit code %2: %3")
                             .arg(step.name)
                             .arg(outcome->exitCode)
                             .arg(first));
}

void JobRunner::closeGate()
{
    if (!m_gate || m_gate->state() == Gate::State::Closed)
        return;
    const bool wasOpen = m_gate->state() == Gate::State::Open;
    m_gate->close();
    if (wasOpen) {
        m_job.gateClosed = QDateTime::currentDateTimeUtc();
        stepDone(tr("gate closed for good"));
    }
}

Phase &JobRunner::phase(PhaseKind kind)
{
    for (Phase &one : m_job.phases) {
        if (one.kind == kind)
            return one;
    }
    Q_UNREACHABLE();
}

void JobRunner::say(const QString &line)
{
    LogChunk chunk;
    chunk.time = QDateTime::currentDateTimeUtc();
    chunk.phase = m_phase;
    chunk.text = m_services.mask->masked(line.toUtf8()) + '\n';
    passOn(chunk);
}

void JobRunner::passOn(const LogChunk &chunk)
{
    if (chunk.text.isEmpty())
        return;
    if (m_services.witness)
        m_services.witness->logged(m_job.request.id, chunk);
    emit logged(chunk);
}

void JobRunner::stepDone(const QString &text)
{
    phase(m_phase).steps << text;
    say(text);
    publishSoon();
}

void JobRunner::publish()
{
    m_publisher.stop();
    if (m_services.witness && !m_unrecorded) {
        const auto kept = m_services.witness->changed(m_job);
        if (!kept) {
            m_unrecorded = kept.error();
            stopFor({kept.error().code,
                     tr("The job was ended, because what it does cannot be written down: %1")
                         .arg(kept.error().message),
                     kept.error().detail});
        }
    }
    emit changed(m_job);
}

void JobRunner::publishSoon()
{
    if (!m_publisher.isActive())
        m_publisher.start();
}

/// What is known of a failing step, as a sentence with a way out.
std::optional<Error> JobRunner::explainStep(const RecipeStep &step) const
{
    const bool installs = step.command.value(1) == QLatin1String("install")
        || step.command.value(1) == QLatin1String("ci");
    if (installs && m_phase == PhaseKind::Transform) {
        // What the project needs from elsewhere is the likely cause, and is named.
        QStringList elsewhere;
        for (const SurveyDependency &dependency : m_project.dependencies) {
            if (dependency.reasonCode == QLatin1String("git")
                || dependency.reasonCode == QLatin1String("private-registry")
                || dependency.reasonCode == QLatin1String("tarball"))
                elsewhere << dependency.name + ": " + dependency.reason;
        }
        auto known = explainInstallFailure(m_stepOutput);
        if (known && known->code == ErrorCode::NotFound && !known->detail.isEmpty()) {
            const QString what = known->message.section(' ', 0, 0);
            const qsizetype at = what.lastIndexOf('@');
            const bool named = m_stepOutput.contains((at > 0 ? what.left(at) : what).toUtf8());
            if (named && what != QLatin1String("A")
                && !m_project.find(at > 0 ? what.left(at) : what) && !m_job.request.baseline)
                known->message += ' '
                    + tr("The project does not name it itself: one of the new versions asks for "
                         "it.");
        }
        if (!elsewhere.isEmpty() && !m_stepOutput.contains("ERESOLVE"))
            return Error{known ? known->code : ErrorCode::GateRefused,
                         tr("The project cannot be resolved without what it needs from elsewhere. "
                            "%1 A cell reaches only the registry and the hosts that the client's "
                            "settings name.")
                             .arg(elsewhere.mid(0, 3).join(' ')),
                         QString::fromUtf8(m_stepOutput.right(4000))};
        if (known)
            return known;
    }
    const QString text = plainText(m_stepOutput.right(256 * 1024));
    static const QRegularExpression patched(
        QStringLiteral("Failed to apply patch for package ([^\\s(]{1,200})|Failed to apply patch "
                       "file ([^\\s]{1,200})"));
    if (const auto match = patched.match(text); match.hasMatch()) {
        static const QRegularExpression file(QStringLiteral("([\\w./+@-]{1,200}\\.patch)"));
        const QString which = match.captured(1).isEmpty() ? match.captured(2) : match.captured(1);
        return Error{ErrorCode::CommandFailed,
                     tr("A patch of the repository no longer applies to the new version of %1 "
                        "(%2). Make the patch anew for that version, or leave the package where it "
                        "is.")
                         .arg(which, file.match(text).captured(1)),
                     text.right(4000)};
    }
    static const QRegularExpression refusedStart(
        QStringLiteral("spawn(?:Sync)? (?:[^\\n]{0,200} )?(?:EPERM|ENOSYS)\\b"));
    if (m_phase == PhaseKind::Transform && refusedStart.match(text).hasMatch())
        return Error{
            ErrorCode::PolicyViolation,
            tr("\"%1\" was to start a program that the repository or a package brings, and "
               "none is started while there is a network (an \"exec:\" or git dependency, "
               "or a hook of the package manager). Nothing of it was run.")
                .arg(step.name),
            text.right(4000)};
    if (m_phase == PhaseKind::Build || m_phase == PhaseKind::Test) {
        static const QRegularExpression wanted(QStringLiteral(
            "(?:EAI_AGAIN|ENOTFOUND)(?: ([A-Za-z0-9.-]{1,253}))?|Could not resolve host: "
            "([A-Za-z0-9.-]{1,253})|unable to resolve host address [‘'`]([A-Za-z0-9.-]{1,253})|"
            "\\bENOTCACHED\\b|TypeError: fetch failed"));
        const auto match = wanted.match(text);
        const QString named = match.captured(std::max(1, match.lastCapturedIndex()));
        const QString host = named.isEmpty() ? tr("a host") : named;
        if (match.hasMatch() && host != QLatin1String("localhost"))
            return Error{ErrorCode::CommandFailed,
                         tr("\"%1\" asks for %2 on the network, and there is none in Build and "
                            "Test: code of the repository and of packages runs there. Give it what "
                            "it needs in the repository, or let it do without.")
                             .arg(step.name, host),
                         text.right(4000)};
    }
    if (m_phase == PhaseKind::Build || m_phase == PhaseKind::Test) {
        static const QRegularExpression file(
            QStringLiteral("^node: ([\\w./@-]{1,200}): not found$"),
            QRegularExpression::MultilineOption);
        if (const auto match = file.match(text); match.hasMatch())
            return Error{ErrorCode::CommandFailed,
                         tr("\"%1\" needs the file %2, which is not in the repository. Commit one "
                            "that tests can use, let the script do without, or name other scripts "
                            "(--test-script, or the setting \"test-scripts\").")
                             .arg(step.name, match.captured(1)),
                         text.right(4000)};
        static const QRegularExpression program(
            QStringLiteral("^(?:/bin/)?(?:ba)?sh: (?:line )?(?:\\d+: )?([\\w./@-]{1,100}): "
                           "(?:command )?not found$"),
            QRegularExpression::MultilineOption);
        if (const auto match = program.match(text); match.hasMatch())
            return Error{ErrorCode::CommandFailed,
                         tr("\"%1\" calls the program %2, which no package of the project brings "
                            "and the cell has not. Add it to the project, or name scripts that do "
                            "without (--test-script, or the setting \"test-scripts\").")
                             .arg(step.name, match.captured(1)),
                         text.right(4000)};
        static const QRegularExpression history(
            QStringLiteral("unknown revision or path not in the working tree|fatal: bad revision|"
                           "fatal: ambiguous argument '|fatal: Not a valid object name"));
        if (history.match(text).hasMatch() && !m_job.request.fullHistory)
            return Error{ErrorCode::CommandFailed,
                         tr("\"%1\" asks git for a commit or branch that the clone has not: only "
                            "the newest commit is fetched. Set \"history\" to \"full\" for this "
                            "repository.")
                             .arg(step.name),
                         text.right(4000)};
        static const QRegularExpression coverage(
            QStringLiteral("coverage (?:threshold|for \\w+)[^\\n]{0,100} (?:not met|does not meet)|"
                           "coverage does not meet|does not meet (?:the )?(?:global )?threshold"),
            QRegularExpression::CaseInsensitiveOption);
        if (coverage.match(text).hasMatch())
            return Error{ErrorCode::CommandFailed,
                         tr("\"%1\" failed because too little of the code is covered by tests, as "
                            "its own threshold says; the tests themselves may all have passed.")
                             .arg(step.name),
                         text.right(4000)};
    }
    // Programs that packages download when they are installed, which no cell can.
    static const QRegularExpression browser(QStringLiteral(
        "Executable doesn't exist at [^\\n]{0,300}?ms-playwright/([\\w.-]{1,60})|"
        "Could not find (?:expected browser \\((\\w{1,30})\\)|(Chrom\\w{1,20}|Firefox))|"
        "No binary for (Chrom\\w{1,20}|Firefox\\w{0,20}) browser|"
        "(Cypress) binary is missing|No version of (Cypress) is installed|"
        "(Electron) failed to install correctly"));
    if (const auto match = browser.match(text);
        match.hasMatch() && (m_phase == PhaseKind::Build || m_phase == PhaseKind::Test))
        return Error{ErrorCode::CommandFailed,
                     tr("\"%1\" needs %2, which no cell has: a package downloads it when it is "
                        "installed, and install scripts run without network. Name scripts that "
                        "prove an update and need none of it (--test-script, or the setting "
                        "\"test-scripts\").")
                         .arg(step.name, match.captured(match.lastCapturedIndex())),
                     text.right(4000)};
    if (text.contains(QLatin1String("No names found, cannot describe"))
        || text.contains(QLatin1String("no tag exactly matches")))
        return Error{ErrorCode::CommandFailed,
                     tr("\"%1\" asks git for tags, and the clone has none: only the newest commit "
                        "is fetched. Set \"history\" to \"full\" for this repository.")
                         .arg(step.name),
                     text.right(4000)};
    return std::nullopt;
}

namespace {

constexpr int silenceMs = 4'000; ///< after the last output of a script that watches

/// Whether a script is one that waits for changes. What it prints says nothing: anything can print
/// that it waits. -w is no sign either: npm's and Jest's mean something else.
bool watches(const QMap<QString, QString> &scripts, const QString &first)
{
    static const QRegularExpression flag(
        QStringLiteral("(?:^|\\s)(?:--watch(?:All)?(?!=false|[\\w-])|nodemon|(?:vitest|watch)\\s+"
                       "watch|watch\\s)"));
    static const QRegularExpression other(QStringLiteral("\\brun(?:-s|-p)?\\s+([\\w:.-]{1,100})"));
    QString script = scripts.value(first);
    QSet<QString> seen;
    for (int depth = 0; depth < 5; ++depth) {
        if (flag.match(script).hasMatch())
            return true;
        const QString next = other.match(script).captured(1);
        if (next.isEmpty() || seen.contains(next))
            return false;
        seen << next;
        script = scripts.value(next);
    }
    return false;
}

} // namespace

/// A script that watches never ends: it is ended some seconds after its last output.
void JobRunner::watchSilence()
{
    m_silence.disconnect();
    m_silence.setSingleShot(true);
    m_silence.setInterval(silenceMs);
    connect(&m_silence, &QTimer::timeout, this, [this] {
        QStringList tests = m_job.request.testScripts;
        if (tests.isEmpty())
            tests << QStringLiteral("test");
        if (m_watchEnded || !m_cell || std::ranges::none_of(tests, [this](const QString &one) {
                return watches(m_project.scripts, one);
            }))
            return;
        m_watchEnded = true;
        say(tr("nothing was printed for %1 s, and the script watches for changes")
                .arg(silenceMs / 1000));
        m_cell->endProcesses();
    });
}

void JobRunner::forwardLog(OutputChannel channel, const QByteArray &bytes)
{
    if (m_phase == PhaseKind::Test)
        m_silence.start();
    m_stepOutput += bytes;
    if (m_stepOutput.size() > 2 * stepOutputLimit)
        m_stepOutput = m_stepOutput.right(stepOutputLimit);
    if (m_logged > logLimit)
        return;
    m_logged += bytes.size();
    LogChunk chunk;
    chunk.time = QDateTime::currentDateTimeUtc();
    chunk.phase = m_phase;
    const bool isError = channel == OutputChannel::Stderr;
    chunk.source = isError ? LogChunk::Source::Stderr : LogChunk::Source::Stdout;
    chunk.text = (isError ? m_stderrMask : m_stdoutMask)->next(bytes);
    passOn(chunk);
    if (m_logged > logLimit)
        say(tr("(the log is cut here: it is longer than %1 MiB)").arg(logLimit >> 20));
}

void JobRunner::flushLog()
{
    const auto flush = [this](std::unique_ptr<StreamMask> &mask, LogChunk::Source source) {
        if (!mask)
            return;
        LogChunk chunk;
        chunk.time = QDateTime::currentDateTimeUtc();
        chunk.phase = m_phase;
        chunk.source = source;
        chunk.text = mask->finish();
        mask.reset();
        passOn(chunk);
    };
    flush(m_stdoutMask, LogChunk::Source::Stdout);
    flush(m_stderrMask, LogChunk::Source::Stderr);
}

void JobRunner::egressChanged(const EgressRow &row)
{
    if (const auto known = m_egressAt.constFind(row.id); known != m_egressAt.cend()) {
        m_job.egress[*known] = row;
        publishSoon();
        return;
    }
    m_egressAt.insert(row.id, m_job.egress.size());
    m_job.egress << row;
    if (row.verdict != EgressRow::Verdict::Allowed)
        say(tr("gate: %1 %2: %3").arg(toString(row.verdict), row.host, row.reason));
    publishSoon();
}

FailureReport JobRunner::reportFor(PhaseKind kind, const Error &error) const
{
    FailureReport report;
    report.phase = kind;
    report.step = m_stepName;
    report.error = error;
    if (!m_stepName.isEmpty())
        report.excerpt =
            plainText(m_services.mask->masked(m_stepOutput.right(16 * 1024))).right(8 * 1024);
    if (kind == PhaseKind::Test && m_job.tests)
        report.tests = m_job.tests->failures().mid(0, 50);
    report.suggestions = suggestionsFor(m_job, report);
    return report;
}

} // namespace ovvoc
