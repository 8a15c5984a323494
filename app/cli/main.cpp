// ovvoc: the command line.
//
// Exit codes: 0 succeeded (also "up to date"); 1 the job failed, see its report; 2 wrong use;
// 3 this machine is not ready (see `ovvoc doctor`); 130 cancelled.

#include "base/helpers.h"
#include "base/logging.h"
#include "cli/console.h"
#include "cli/doctor.h"
#include "common/services.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QJsonDocument>
#include <QSocketNotifier>
#include <csignal>
#include <cstdio>
#include <sys/signalfd.h>
#include <unistd.h>

using namespace ovvoc;

namespace {

enum ExitCode { Succeeded = 0, Failed = 1, Usage = 2, NotReady = 3, Cancelled = 130 };

constexpr char usageText[] = R"(Usage: ovvoc COMMAND [OPTIONS]

  run     update a repository's dependencies in a sealed cell
            --repo PATH              repository on this machine (default: here)
            --update all|PKG[@VER]   what to update (default: all)
            --level patch|minor|major  the largest step allowed (default: major)
            --base BRANCH            branch to start from (default: the current one)
            --accept-build-only      a build proves enough where there are no tests
  scan    say what a repository depends on and what is outdated
            --repo PATH, --base BRANCH
  image   prepare the job image
  doctor  look at what a job needs on this machine

For run and scan:
            --runtime NAME           the engine's runtime, for example runsc
            --memory MIB, --cpus N   limits of the cell (default: 4096, 2)
            --disk MIB               size of its work folder, which counts into the memory (3072)
            --phase-seconds N        limit of each phase from Clone to Test (default: the recipe's)
            --verbose                also what the commands print
For all:    --json                   one JSON object per line

Exit codes: 0 succeeded or up to date, 1 failed, 2 wrong use, 3 this machine is not ready,
130 cancelled. Ctrl-C cancels the job and destroys its cell.
)";

/// Calls \a handler in the event loop for SIGINT and SIGTERM.
void onInterrupt(QObject *parent, std::function<void()> handler)
{
    sigset_t interrupts;
    sigemptyset(&interrupts);
    sigaddset(&interrupts, SIGINT);
    sigaddset(&interrupts, SIGTERM);
    ::sigprocmask(SIG_BLOCK, &interrupts, nullptr);
    const int fd = ::signalfd(-1, &interrupts, SFD_CLOEXEC | SFD_NONBLOCK);
    auto *notifier = new QSocketNotifier(fd, QSocketNotifier::Read, parent);
    QObject::connect(notifier, &QSocketNotifier::activated, parent,
                     [fd, handler = std::move(handler)] {
                         signalfd_siginfo info;
                         while (::read(fd, &info, sizeof info) == ssize_t(sizeof info))
                             handler();
                     });
}

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
            return Usage;
        default:
            return NotReady;
        }
    }
    return Failed;
}

Task<int> runJob(JobRequest request, Console::Options options)
{
    Console console(options);
    auto workspace = openWorkspace();
    if (!workspace) {
        console.error(workspace.error());
        co_return NotReady;
    }
    const auto mask = std::make_shared<SecretMask>();
    LogOptions logging;
    logging.folder = workspace->logFolder();
    if (auto started = initLogging(logging, mask); !started)
        console.error(started.error());
    auto services = co_await makeServices(*workspace, mask);
    if (!services) {
        console.error(services.error());
        co_return NotReady;
    }
    const auto forge = localForges(*workspace)(request);
    JobRunner runner(request, forge, *services);
    QObject::connect(&runner, &JobRunner::changed,
                     [&](const Job &job) { console.jobChanged(job); });
    QObject::connect(&runner, &JobRunner::logged,
                     [&](const LogChunk &chunk) { console.logged(chunk); });
    onInterrupt(&runner, [&runner] { runner.cancel(); });
    const Job job = co_await runner.run();
    console.finished(job);
    auto saved = saveJobRecord(*workspace, job);
    if (!saved)
        console.error(saved.error());
    co_return exitCodeFor(job);
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
    return Usage;
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
    return code;
}

} // namespace

int main(int argc, char **argv)
{
    hardenProcess();
    QCoreApplication app(argc, argv);
    QCoreApplication::setApplicationName("ovvoc");
    QCoreApplication::setApplicationVersion(OVVOC_VERSION);
    installTranslations();
    qRegisterMetaType<Job>();

    QCommandLineParser parser;
    const QCommandLineOption repo("repo", {}, "path", "."), update("update", {}, "what", "all"),
        level("level", {}, "level", "major"), base("base", {}, "branch"),
        runtime("runtime", {}, "name"), memory("memory", {}, "mib"), cpus("cpus", {}, "n"),
        disk("disk", {}, "mib"), phaseSeconds("phase-seconds", {}, "n"),
        buildOnly("accept-build-only"), json("json"), verbose("verbose"), help("help"),
        version("version");
    parser.addOptions({repo, update, level, base, runtime, memory, cpus, disk, phaseSeconds,
                       buildOnly, json, verbose, help, version});
    if (!parser.parse(app.arguments()))
        return wrongUse(parser.errorText() + " See `ovvoc --help`.");
    const QStringList positional = parser.positionalArguments();
    if (parser.isSet(version)) {
        std::printf("ovvoc %s\n", OVVOC_VERSION);
        return Succeeded;
    }
    const QString command = positional.value(0);
    if (parser.isSet(help) || command.isEmpty() || command == "help") {
        std::fputs(usageText, parser.isSet(help) || command == "help" ? stdout : stderr);
        return parser.isSet(help) || command == "help" ? Succeeded : Usage;
    }
    if (positional.size() > 1)
        return wrongUse(
            QStringLiteral("\"%1\" is one word too many. See `ovvoc --help`.").arg(positional[1]));
    const Console::Options options{parser.isSet(verbose), parser.isSet(json)};
    if (command == "doctor")
        return exec(app, doctor(options));
    if (command == "image")
        return exec(app, prepareImage(options));
    if (command != "run" && command != "scan")
        return wrongUse(
            QStringLiteral("There is no command \"%1\". See `ovvoc --help`.").arg(command));

    JobRequest request =
        localRequest(parser.value(repo), command == "scan" ? JobKind::Scan : JobKind::Update);
    const auto selection = parseSelection(parser.value(update));
    if (!selection)
        return wrongUse(QStringLiteral("\"%1\" is neither \"all\" nor a package, nor "
                                       "package@version.")
                            .arg(parser.value(update)));
    const auto largest = updateLevelFromString(parser.value(level));
    if (!largest)
        return wrongUse("--level is patch, minor or major.");
    request.selection = *selection;
    request.selection.level = *largest;
    request.baseBranch = parser.value(base);
    request.runtime = parser.value(runtime);
    request.acceptBuildOnly = parser.isSet(buildOnly);
    bool number = true;
    if (parser.isSet(memory)) {
        request.limits.memoryBytes = parser.value(memory).toLongLong(&number) << 20;
        if (!number || request.limits.memoryBytes < Q_INT64_C(128) << 20)
            return wrongUse("--memory is a number of MiB, at least 128.");
    }
    if (parser.isSet(cpus)) {
        request.limits.cpus = parser.value(cpus).toDouble(&number);
        if (!number || request.limits.cpus < 0.1)
            return wrongUse("--cpus is a number, at least 0.1.");
    }
    if (parser.isSet(disk)) {
        request.limits.workBytes = parser.value(disk).toLongLong(&number) << 20;
        if (!number || request.limits.workBytes < Q_INT64_C(16) << 20)
            return wrongUse("--disk is a number of MiB, at least 16.");
    }
    if (parser.isSet(phaseSeconds)) {
        request.phaseSeconds = parser.value(phaseSeconds).toInt(&number);
        if (!number || request.phaseSeconds < 1)
            return wrongUse("--phase-seconds is a number of seconds, at least 1.");
    }
    return exec(app, runJob(request, options));
}
