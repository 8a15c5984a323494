// ovvoc: the command line.
//
// Exit codes: 0 succeeded (also "up to date"); 1 the job failed, see its report; 2 wrong use;
// 3 this machine is not ready (see `ovvoc doctor`); 130 cancelled.

#include "base/helpers.h"
#include "base/logging.h"
#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/console.h"
#include "cli/doctor.h"
#include "cli/help.h"
#include "clients/settings.h"
#include "common/services.h"
#include "keychain/systemkeychain.h"
#include "runs/updaterun.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QJsonDocument>
#include <QSocketNotifier>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <sys/signalfd.h>
#include <unistd.h>

using namespace ovvoc;

namespace {

/// SIGINT and SIGTERM, taken in the event loop. Made first in main(): a thread that is started
/// before the signals are blocked would take them instead, and end the program.
class Interrupts
{
public:
    Interrupts()
    {
        sigset_t interrupts;
        sigemptyset(&interrupts);
        sigaddset(&interrupts, SIGINT);
        sigaddset(&interrupts, SIGTERM);
        ::sigprocmask(SIG_BLOCK, &interrupts, nullptr);
        m_fd = ::signalfd(-1, &interrupts, SFD_CLOEXEC | SFD_NONBLOCK);
    }
    /// Needs the application. Until there is a \a handler an interrupt ends the program.
    void listen(QObject *parent)
    {
        auto *notifier = new QSocketNotifier(m_fd, QSocketNotifier::Read, parent);
        QObject::connect(notifier, &QSocketNotifier::activated, parent, [this] {
            signalfd_siginfo info;
            while (::read(m_fd, &info, sizeof info) == ssize_t(sizeof info)) {
                if (!handler)
                    ::_exit(Cancelled);
                handler();
            }
        });
    }
    std::function<void()> handler;

private:
    int m_fd = -1;
};

Interrupts *interrupts = nullptr;

int exitCodeFor(const Job &job)
{
    switch (job.outcome) {
    case Outcome::Succeeded:
        return Succeeded;
    case Outcome::Cancelled:
        return Cancelled;
    case Outcome::Failed:
    case Outcome::None:
        break;
    }
    if (job.failure && job.failure->phase == PhaseKind::Create) {
        switch (job.failure->error.code) {
        case ErrorCode::InvalidInput:
        case ErrorCode::NotFound:
            return WrongUse;
        default:
            return NotReady;
        }
    }
    return Failed;
}

/// Of a run: when not everything passed, whether something was proposed all the same.
int exitCodeFor(const RunReport &report, const Job &first)
{
    if (report.groups.size() == 1 && report.cells == 1)
        return exitCodeFor(first);
    const bool cancelled = std::ranges::any_of(report.groups, [](const GroupResult &group) {
        return group.state == GroupResult::State::Cancelled;
    });
    if (cancelled)
        return Cancelled;
    return !report.anyFailed() ? Succeeded : report.proposals() > 0 ? PartlyFailed : Failed;
}

/// What a job is to be, before the workspace is open.
struct Wanted
{
    JobRequest request; ///< for a repository of this machine
    QString client, repository; ///< with a client: its name, and the repository's
    std::function<void(JobRequest &)> overrides; ///< what the command line says besides
};

Task<int> runJob(Wanted wanted, Console::Options options, WorkspaceFolder folder,
                 std::shared_ptr<SecretMask> mask)
{
    Console console(options);
    auto services = co_await makeServices(folder, mask);
    if (!services) {
        console.error(services.error());
        co_return NotReady;
    }
    auto opened = co_await openRecords(folder, std::make_shared<SystemKeychain>(), mask);
    std::shared_ptr<Records> records;
    if (opened)
        records = *opened;
    JobRequest request = wanted.request;
    if (!opened && (!wanted.client.isEmpty() || !mayGoUnrecorded(opened.error()))) {
        console.error(opened.error());
        co_return exitCodeOf(opened.error());
    }
    if (!opened && !options.json) // a repository of this machine needs no keychain
        console.line(QStringLiteral("Nothing of this job is kept: %1").arg(opened.error().message));
    if (records) {
        (void)co_await tidyUp(records, services->engine);
        Workspace &workspace = *records->workspace;
        if (wanted.client.isEmpty()) {
            const auto adopted = adoptLocal(workspace, request);
            if (!adopted) {
                console.error(adopted.error());
                co_return exitCodeOf(adopted.error());
            }
        } else {
            const auto client = workspace.client(wanted.client);
            const auto repository = client ? workspace.repository(client->id, wanted.repository)
                                           : Result<ClientRepository>(fail(client.error()));
            auto made = repository ? clientRequest(workspace, *client, *repository, request.kind)
                                   : Result<JobRequest>(fail(repository.error()));
            if (!made) {
                console.error(made.error());
                co_return exitCodeOf(made.error());
            }
            made->selection.package = request.selection.package;
            made->selection.packages = request.selection.packages;
            made->selection.version = request.selection.version;
            request = *made;
        }
        if (wanted.overrides)
            wanted.overrides(request);
    } else if (wanted.overrides) {
        wanted.overrides(request);
    }
    if (records) {
        services->witness = records->recorder;
        services->registryCredential = registryCredentialsOf(records, mask);
        services->memory = memoryOfRuns(records);
    }
    const std::shared_ptr<RunRecorder> recorder = records ? records->runs : nullptr;
    JobRunner *running = nullptr;
    UpdateRun *run = nullptr;
    const auto start = [&](JobRequest next) -> Task<Job> {
        JobRunner runner(next, records ? forgesOf(records)(next) : localForges(folder)(next),
                         *services);
        QObject::connect(&runner, &JobRunner::changed,
                         [&](const Job &job) { console.jobChanged(job); });
        QObject::connect(&runner, &JobRunner::logged,
                         [&](const LogChunk &chunk) { console.logged(chunk); });
        running = &runner;
        console.begin(next);
        const Job done = co_await runner.run();
        running = nullptr;
        console.finished(done);
        co_return Job(done);
    };
    interrupts->handler = [&] {
        if (run)
            run->cancel();
        if (running)
            running->cancel();
    };
    int code = Succeeded;
    if (request.kind == JobKind::Update && request.grouping.mode != Grouping::Mode::Off) {
        UpdateRun whole(request, start);
        run = &whole;
        const JobRequest first = whole.first();
        if (recorder) {
            recorder->asked(first);
            QObject::connect(&whole, &UpdateRun::changed,
                             [&](const RunReport &report) { recorder->reported(report); });
        }
        const Job job = co_await start(first);
        const RunReport report = co_await whole.go(job);
        run = nullptr;
        console.finished(report);
        if (recorder)
            recorder->over(first);
        code = exitCodeFor(report, job);
    } else {
        const Job job = co_await start(request);
        code = exitCodeFor(job);
    }
    interrupts->handler = [] { }; // what is left is to write it down
    if (records) {
        auto closed = co_await closeRecords(records);
        if (!closed)
            console.error(closed.error());
    }
    co_return code;
}

Task<int> prepareImage(Console::Options options)
{
    Console console(options);
    auto engine = co_await connectEngine();
    if (!engine) {
        console.error(engine.error());
        co_return NotReady;
    }
    auto init = findHelper("cell-init");
    auto definition = builtinImageDefinition("npm");
    if (!init || !definition) {
        console.error(init ? definition.error() : init.error());
        co_return NotReady;
    }
    ImageStore images(*engine, *init);
    const ImageStore::Progress progress = [&](const QString &text) {
        if (!options.json)
            console.line(text);
    };
    auto image = co_await images.prepare(*definition, progress);
    if (!image) {
        console.error(image.error());
        co_return NotReady;
    }
    if (options.json)
        console.line(QString::fromUtf8(QJsonDocument(QJsonObject{{"id", image->id},
                                                                 {"reference", image->reference},
                                                                 {"base", image->base}})
                                           .toJson(QJsonDocument::Compact)));
    else
        console.line(image->reference + "  " + image->id);
    co_return Succeeded;
}

Task<int> doctor(Console::Options options)
{
    Console console(options);
    const QList<Checkup> list = co_await examine();
    bool bad = false;
    for (const Checkup &checkup : list) {
        static constexpr const char *marks[] = {"good", "note", "BAD "};
        bad = bad || checkup.state == Checkup::State::Bad;
        if (options.json) {
            const QJsonObject line{
                {"check", checkup.what},
                {"state", QString(marks[int(checkup.state)]).trimmed().toLower()},
                {"found", checkup.found},
                {"mend", checkup.mend}};
            console.line(QString::fromUtf8(QJsonDocument(line).toJson(QJsonDocument::Compact)));
            continue;
        }
        console.line(
            QStringLiteral("%1  %2  %3")
                .arg(marks[int(checkup.state)], checkup.what.leftJustified(12), checkup.found));
        if (!checkup.mend.isEmpty())
            console.line(QStringLiteral("      %1").arg(checkup.mend));
    }
    co_return bad ? NotReady : Succeeded;
}

int wrongUse(const QString &message)
{
    std::fprintf(stderr, "ovvoc: %s\n", qPrintable(message));
    return WrongUse;
}

int noCommand(const QString &word)
{
    const QString near = nearest(word, commandNames());
    return wrongUse(
        near.isEmpty() ? QStringLiteral("There is no command \"%1\". See `ovvoc --help`.").arg(word)
                       : QStringLiteral("There is no command \"%1\". Did you mean `ovvoc %2`?")
                             .arg(word, near));
}

/// Runs the event loop until \a task is done. The loop is the program's only one.
int exec(QCoreApplication &app, Task<int> task)
{
    int code = 0;
    task.then([&](int result) {
        code = result;
        app.quit();
    });
    if (!task.isReady())
        app.exec();
    // Everything of ours is closed and written. Threads of the D-Bus, keychain and TLS libraries
    // may still run while their statics are torn down, which once ended in a damaged heap: leave at
    // once.
    std::fflush(nullptr);
    ::_exit(code);
}

} // namespace

int main(int argc, char **argv)
{
    hardenProcess();
    Interrupts signalsOfThisProgram;
    interrupts = &signalsOfThisProgram;
    QCoreApplication app(argc, argv);
    signalsOfThisProgram.listen(&app);
    QCoreApplication::setApplicationName("ovvoc");
    QCoreApplication::setApplicationVersion(OVVOC_VERSION);
    installTranslations();
    qRegisterMetaType<Job>();

    QCommandLineParser parser;
    const QCommandLineOption repo("repo", {}, "path", "."), update("update", {}, "what", "all"),
        level("level", {}, "level", "major"), base("base", {}, "branch"),
        runtime("runtime", {}, "name"), memory("memory", {}, "mib"), cpus("cpus", {}, "n"),
        disk("disk", {}, "mib"), phaseSeconds("phase-seconds", {}, "n"),
        buildOnly("accept-build-only"), knownFailures("accept-known-failures"),
        node("node", {}, "version"), project("project", {}, "folder"),
        testScript("test-script", {}, "name"), again("again"), group("group", {}, "how"),
        json("json"), verbose("verbose"), help(QStringList{"h", "help"}), version("version");
    parser.addOptions({repo,  update,       level,     base,          runtime, memory,  cpus,
                       disk,  phaseSeconds, buildOnly, knownFailures, node,    project, testScript,
                       again, group,        json,      verbose,       help,    version});
    parser.addOptions(workspaceOptions());
    if (!parser.parse(app.arguments())) {
        QStringList meant, known = optionNames();
        known.replaceInStrings("--", QString());
        for (const QString &one : parser.unknownOptionNames()) {
            if (const QString near = nearest(one, known); !near.isEmpty())
                meant << QStringLiteral("--") + near;
        }
        return wrongUse(parser.errorText()
                        + (meant.isEmpty()
                               ? QStringLiteral(" See `ovvoc --help`.")
                               : QStringLiteral(" Did you mean %1?").arg(meant.join(", "))));
    }
    const QStringList positional = parser.positionalArguments();
    if (parser.isSet(version)) {
        std::printf("ovvoc %s\n", OVVOC_VERSION);
        return Succeeded;
    }
    const QString command = positional.value(0);
    if (parser.isSet(help) || command.isEmpty() || command == "help") {
        const QString about = command == "help" ? positional.value(1) : command;
        const bool asked = parser.isSet(help) || command == "help";
        if (about.isEmpty()) {
            std::fputs(qPrintable(usageOf()), asked ? stdout : stderr);
            return asked ? Succeeded : WrongUse;
        }
        if (!commandNames().contains(about))
            return noCommand(about);
        std::fputs(qPrintable(usageOf(about)), stdout);
        return Succeeded;
    }
    if (command == "man") {
        std::fputs(qPrintable(manPage()), stdout);
        return Succeeded;
    }
    if (command == "completion") {
        const QString script = completionFor(positional.value(1));
        std::fputs(qPrintable(script), stdout);
        return script.isEmpty() ? wrongUse("Completions are there for bash, zsh and fish.")
                                : int(Succeeded);
    }
    if (!commandNames().contains(command))
        return noCommand(command);
    if (positional.size() > 1 && !isWorkspaceCommand(command))
        return wrongUse(
            QStringLiteral("\"%1\" is one word too many. See `ovvoc --help`.").arg(positional[1]));
    const Console::Options options{parser.isSet(verbose), parser.isSet(json)};
    if (command == "doctor")
        return exec(app, doctor(options));
    if (command == "image")
        return exec(app, prepareImage(options));
    auto folder = WorkspaceFolder::open();
    if (!folder) {
        Console(options).error(folder.error());
        return NotReady;
    }
    const auto mask = std::make_shared<SecretMask>();
    LogOptions logging;
    logging.folder = folder->logFolder();
    if (const auto started = initLogging(logging, mask); !started)
        Console(options).error(started.error());
    if (isWorkspaceCommand(command)) {
        Console console(options);
        return exec(
            app, runWorkspaceCommand({positional, parser, console, options.json}, *folder, mask));
    }

    Wanted wanted;
    wanted.client = parser.value("client");
    wanted.repository = parser.value(repo);
    const JobKind kind = command == "scan" ? JobKind::Scan : JobKind::Update;
    wanted.request = localRequest(parser.value(repo), kind);
    JobRequest &request = wanted.request;
    const QStringList asked = parser.values(update);
    std::optional<UpdateSelection> selection;
    QStringList packages;
    for (const QString &one : asked) {
        selection = parseSelection(one);
        if (!selection)
            return wrongUse(QStringLiteral("\"%1\" is neither \"all\" nor a package, nor "
                                           "package@version.")
                                .arg(one));
        if (asked.size() > 1 && (selection->package.isEmpty() || !selection->version.isEmpty()))
            return wrongUse(QStringLiteral("\"%1\": of several packages only the names are taken; "
                                           "choose a version for one at a time.")
                                .arg(one));
        packages << selection->package;
    }
    if (packages.size() > 1) {
        selection->package.clear();
        selection->packages = packages;
    }
    const auto largest = updateLevelFromString(parser.value(level));
    if (!largest)
        return wrongUse("--level is patch, minor or major.");
    request.selection = *selection;
    const QStringList groupings{"groups", "each", "together", "off"};
    if (parser.isSet(group) && !groupings.contains(parser.value(group)))
        return wrongUse("--group is groups, each, together or off.");
    request.grouping.mode = Grouping::Mode::Groups;
    bool number = true;
    CellLimits limits;
    if (parser.isSet(memory)) {
        limits.memoryBytes = parser.value(memory).toLongLong(&number) << 20;
        if (!number || limits.memoryBytes < Q_INT64_C(128) << 20)
            return wrongUse("--memory is a number of MiB, at least 128.");
    }
    if (parser.isSet(cpus)) {
        limits.cpus = parser.value(cpus).toDouble(&number);
        if (!number || limits.cpus < 0.1)
            return wrongUse("--cpus is a number, at least 0.1.");
    }
    if (parser.isSet(disk)) {
        limits.workBytes = parser.value(disk).toLongLong(&number) << 20;
        if (!number || limits.workBytes < Q_INT64_C(16) << 20)
            return wrongUse("--disk is a number of MiB, at least 16.");
    }
    for (const auto &[option, setting] : {std::pair(node, "node"), std::pair(project, "projects"),
                                          std::pair(testScript, "test-scripts")}) {
        const auto checked =
            parseSetting(*findSetting(QLatin1String(setting)), parser.values(option).join(','));
        if (parser.isSet(option) && !checked)
            return wrongUse(checked.error().message.toUtf8().constData());
    }
    int seconds = 0;
    if (parser.isSet(phaseSeconds)) {
        seconds = parser.value(phaseSeconds).toInt(&number);
        if (!number || seconds < 1)
            return wrongUse("--phase-seconds is a number of seconds, at least 1.");
    }
    // What is said here wins over the settings of agency, client and repository.
    wanted.overrides = [&](JobRequest &job) {
        job.again = parser.isSet(again);
        if (parser.isSet(level))
            job.selection.level = *largest;
        if (parser.isSet(base))
            job.baseBranch = parser.value(base);
        if (parser.isSet(runtime))
            job.runtime = parser.value(runtime);
        if (parser.isSet(buildOnly))
            job.acceptBuildOnly = true;
        if (parser.isSet(knownFailures))
            job.acceptKnownFailures = true;
        if (parser.isSet(node))
            job.node = parser.value(node);
        if (parser.isSet(project))
            job.projects = parser.values(project);
        if (parser.isSet(testScript))
            job.testScripts = parser.values(testScript);
        const QString how = parser.value(group);
        if (!how.isEmpty())
            job.grouping.mode = how == "each" ? Grouping::Mode::Each
                : how == "together"           ? Grouping::Mode::Together
                : how == "off"                ? Grouping::Mode::Off
                                              : Grouping::Mode::Groups;
        if (parser.isSet(memory))
            job.limits.memoryBytes = limits.memoryBytes;
        if (parser.isSet(cpus))
            job.limits.cpus = limits.cpus;
        if (parser.isSet(disk))
            job.limits.workBytes = limits.workBytes;
        if (seconds > 0)
            job.phaseSeconds = seconds;
    };
    return exec(app, runJob(wanted, options, *folder, mask));
}
