#include "cell/cell.h"

#include "base/ids.h"
#include "base/logging.h"
#include "cell/cellguard.h"

#include <QJsonArray>
#include <QLocalSocket>
#include <QtConcurrent/QtConcurrentRun>
#include <algorithm>
#include <chrono>
#include <qcoro/qcorofuture.h>
#include <qcoro/qcorotimer.h>

namespace ovvoc {

Cell::Cell(std::shared_ptr<EngineClient> engine, CellSpec spec)
    : m_engine(std::move(engine))
    , m_spec(std::move(spec))
{ }

Cell::~Cell() = default;

TaskResult<std::unique_ptr<Cell>> Cell::create(std::shared_ptr<EngineClient> engine, CellSpec spec,
                                               LinkHandler *handler)
{
    // Ids are mapped into a range where the engine has no root on the host.
    const QStringList options = engine->info().securityOptions;
    spec.user = cellUser(options.contains(QLatin1String("rootless"))
                         || options.contains(QLatin1String("userns")));
    std::unique_ptr<Cell> cell(new Cell(engine, spec));
    const QString name = QStringLiteral("ovvoc-") + newId();
    const QJsonObject body = containerBody(spec);
    OVVOC_CO_TRY(
        guard,
        co_await CellGuard::post(engine->info().socketPath, engine->info().apiVersion, name));
    OVVOC_CO_TRY(id, co_await engine->createContainer(name, body));
    cell->m_id = id;
    // From here the container exists: whatever fails below, it goes.
    auto attached = co_await engine->attachContainer(id);
    Result<> ready;
    if (attached) {
        cell->m_link = std::make_unique<CellLink>(std::move(*attached), handler);
        connect(cell->m_link.get(), &CellLink::lost, cell.get(), [c = cell.get()](const Error &e) {
            c->m_lostReason = e;
            for (const auto &stream : std::as_const(c->m_execs)) {
                if (stream)
                    stream->abort(e);
            }
            emit c->lost(e);
        });
        ready = co_await engine->startContainer(id);
        if (ready)
            ready = co_await cell->m_link->waitReady(30'000);
    } else {
        ready = fail(attached.error());
    }
    if (!ready) {
        const Error reason = ready.error();
        auto destroyed = co_await cell->destroy();
        if (destroyed)
            guard->release();
        else
            log().error("cell: {}", destroyed.error().message.toStdString());
        co_return fail(reason);
    }
    guard->release();
    co_return std::move(cell);
}

TaskResult<QList<Evidence>> Cell::collectEvidence()
{
    OVVOC_CO_TRY(inspected, co_await m_engine->inspectContainer(m_id));
    const EngineTraits engine{m_engine->info().securityOptions.contains(QLatin1String("seccomp")),
                              m_engine->info().isPodman()};
    QList<Evidence> evidence = evidenceFromInspect(m_spec, inspected, engine);
    ExecRequest probe;
    probe.command = QStringList{"/usr/local/bin/cell-init", "probe"};
    probe.timeoutSeconds = 30;
    probe.outputLimit = 256 * 1024;
    OVVOC_CO_TRY(outcome, co_await exec(std::move(probe)));
    evidence += evidenceFromProbe(m_spec, outcome.output);
    co_return evidence;
}

TaskResult<ExecOutcome> Cell::exec(ExecRequest request, OutputSink sink)
{
    if (m_lostReason)
        co_return fail(*m_lostReason);
    if (m_destroying)
        co_return fail(ErrorCode::Cancelled, QStringLiteral("The cell was destroyed."));
    QElapsedTimer clock;
    clock.start();
    QStringList confined{"/usr/local/bin/cell-init", "confine"};
    if (!request.children)
        confined << QStringLiteral("--no-children");
    if (request.writes)
        confined +=
            QStringList{"--writes", QString::number(request.writes->size())} + *request.writes;
    confined << QStringLiteral("--");
    const QJsonObject spec{
        {"AttachStdin", !request.input.isEmpty()},
        {"AttachStdout", true},
        {"AttachStderr", true},
        {"Tty", false},
        {"Privileged", false},
        {"User", QStringLiteral("%1:%1").arg(m_spec.user)},
        {"WorkingDir", request.folder},
        {"Env", QJsonArray::fromStringList(request.environment)},
        // Our own filter first: the engine's is under it.
        {"Cmd", QJsonArray::fromStringList(confined + request.command)},
    };
    OVVOC_CO_TRY(execId, co_await m_engine->createExec(m_id, spec));
    OVVOC_CO_TRY(stream, co_await m_engine->startExec(execId));
    m_execs.removeAll(nullptr);
    m_execs << stream.get();
    QTimer::singleShot(
        request.timeoutSeconds * 1000, stream.get(),
        [s = stream.get(), seconds = request.timeoutSeconds] {
            s->abort({ErrorCode::Timeout,
                      QStringLiteral("The step took longer than its limit of %1 s.").arg(seconds),
                      {}});
        });
    if (!request.input.isEmpty())
        OVVOC_CO_CHECK(stream->write(request.input));

    ExecOutcome outcome;
    StreamDemultiplexer demultiplexer;
    std::optional<Error> problem;
    for (;;) {
        auto bytes = co_await stream->read();
        if (!bytes)
            co_return fail(m_lostReason ? *m_lostReason : bytes.error());
        if (bytes->isEmpty())
            break;
        auto fed = demultiplexer.feed(*bytes, [&](OutputChannel channel, QByteArrayView payload) {
            const QByteArray piece = payload.toByteArray();
            if (channel == OutputChannel::Stdout && request.capture) {
                outcome.output += piece;
                if (outcome.output.size() > request.outputLimit && !problem)
                    problem = Error{ErrorCode::TooLarge,
                                    QStringLiteral("A step wrote more than %1 MiB.")
                                        .arg(request.outputLimit >> 20),
                                    {}};
            } else if (channel == OutputChannel::Stderr) {
                outcome.errors = (outcome.errors + piece).right(64 * 1024);
            }
            if (sink)
                sink(channel, piece);
        });
        if (!fed)
            co_return fail(fed.error());
        if (problem)
            co_return fail(*problem);
    }
    // What destroy() killed ended in order as far as the engine is concerned.
    if (m_destroying)
        co_return fail(ErrorCode::Cancelled, QStringLiteral("The cell was destroyed."));
    // The stream's end and the exit code are two things: engines note the code a moment later.
    for (int attempt = 0;; ++attempt) {
        OVVOC_CO_TRY(state, co_await m_engine->inspectExec(execId));
        if (!state.running) {
            outcome.exitCode = state.exitCode;
            break;
        }
        if (attempt > 200)
            co_return fail(ErrorCode::Protocol,
                           QStringLiteral("The engine never told how a step ended."));
        co_await QCoro::sleepFor(
            std::chrono::milliseconds(std::min(5 << std::min(attempt, 5), 100)));
        if (m_lostReason)
            co_return fail(*m_lostReason);
    }
    outcome.milliseconds = clock.elapsed();
    co_return outcome;
}

TaskResult<bool> Cell::ranOutOfMemory()
{
    auto inspected = co_await m_engine->inspectContainer(m_id);
    if (inspected && (*inspected)["State"].toObject()["OOMKilled"].toBool())
        co_return true;
    if (m_lostReason || m_destroying)
        co_return false;
    // Engines set OOMKilled only for process 1 on some versions: the kernel's counters know.
    ExecRequest request;
    request.command = QStringList{"/bin/sh", "-c",
                                  "cat /sys/fs/cgroup/memory.events "
                                  "/sys/fs/cgroup/memory/memory.oom_control 2>/dev/null; true"};
    request.timeoutSeconds = 10;
    auto outcome = co_await exec(std::move(request));
    if (!outcome)
        co_return false;
    for (const QByteArray &line : outcome->output.split('\n')) {
        if (line.startsWith("oom_kill ") && line.mid(9).trimmed().toInt() > 0)
            co_return true;
    }
    co_return false;
}

TaskResult<bool> Cell::ranOutOfDisk()
{
    if (m_lostReason || m_destroying)
        co_return false;
    ExecRequest request;
    request.command = QStringList{"/bin/df", "--output=pcent,ipcent", "/work", "/tmp"};
    request.environment = QStringList{"LANG=C"};
    request.timeoutSeconds = 10;
    auto outcome = co_await exec(std::move(request));
    if (!outcome)
        co_return false;
    for (const QByteArray &line : outcome->output.split('\n')) {
        for (const QByteArray &word : line.simplified().split(' ')) {
            if (word.endsWith('%') && word.chopped(1).toInt() >= 99)
                co_return true;
        }
    }
    co_return false;
}

TaskResult<QStringList> Cell::processes()
{
    ExecRequest request;
    request.command = QStringList{"/usr/local/bin/cell-init", "processes"};
    request.timeoutSeconds = 10;
    OVVOC_CO_TRY(outcome, co_await exec(std::move(request)));
    QStringList others;
    for (const QByteArray &line : outcome.output.split('\n')) {
        if (!line.isEmpty() && !line.startsWith("1 "))
            others << QString::fromUtf8(line);
    }
    co_return others;
}

TaskResult<> Cell::endProcesses()
{
    ExecRequest request;
    request.command = QStringList{"/usr/local/bin/cell-init", "end-others"};
    request.timeoutSeconds = 30;
    OVVOC_CO_TRY(outcome, co_await exec(std::move(request)));
    OVVOC_CO_TRY(left, co_await processes());
    if (outcome.exitCode != 0 || !left.isEmpty())
        co_return fail(ErrorCode::IsolationFailed,
                       QStringLiteral("Something in the cell could not be ended: %1. The job was "
                                      "ended to be safe.")
                           .arg(left.join(QStringLiteral(", ")).left(300)));
    co_return {};
}

TaskResult<FileTree> Cell::fileTree(QString folder, QString skip)
{
    ExecRequest request;
    request.command = QStringList{"/usr/local/bin/cell-init", "tree", folder};
    if (!skip.isEmpty())
        request.command << skip;
    request.outputLimit = FileTree::textLimit;
    OVVOC_CO_TRY(outcome, co_await exec(std::move(request)));
    if (outcome.exitCode != 0)
        co_return fail(ErrorCode::TooLarge,
                       QStringLiteral("The files of the repository cannot be read: there are too "
                                      "many, or too deep."),
                       QString::fromUtf8(outcome.errors.left(500)));
    const QByteArray text = outcome.output;
    const auto work = [text] { return FileTree::parse(text); };
    QFuture<Result<FileTree>> future = QtConcurrent::run(work);
    co_return co_await future;
}

TaskResult<QList<std::optional<QByteArray>>> Cell::readFiles(QString folder, QStringList paths,
                                                             qint64 limit)
{
    QList<std::optional<QByteArray>> found;
    constexpr qsizetype atOnce = 200;
    for (qsizetype first = 0; first < paths.size(); first += atOnce) {
        const QStringList some = paths.mid(first, atOnce);
        ExecRequest request;
        request.command =
            QStringList{"/usr/local/bin/cell-init", "files", folder, QString::number(limit)} + some;
        request.outputLimit = limit * 2 + Q_INT64_C(64) * 1024 * 1024;
        OVVOC_CO_TRY(outcome, co_await exec(std::move(request)));
        QByteArrayView rest = outcome.output;
        for (qsizetype i = 0; i < some.size(); ++i) {
            const qsizetype end = rest.indexOf('\n');
            bool number = false;
            const qlonglong size = end < 0 ? 0 : rest.first(end).toLongLong(&number);
            if (!number || size > rest.size() - end - 1)
                co_return fail(ErrorCode::Protocol,
                               QStringLiteral("The cell did not give the files it was asked for."));
            rest = rest.sliced(end + 1);
            if (size < 0) {
                found << std::nullopt;
                continue;
            }
            found << rest.first(size).toByteArray();
            rest = rest.sliced(size);
        }
    }
    co_return QList<std::optional<QByteArray>>(found);
}

TaskResult<> Cell::destroy()
{
    m_destroying = true;
    const Error closed{ErrorCode::Cancelled, QStringLiteral("The cell was destroyed."), {}};
    if (m_link)
        m_link->close();
    for (const auto &stream : std::as_const(m_execs)) {
        if (stream)
            stream->abort(closed);
    }
    const std::shared_ptr<EngineClient> engine = m_engine;
    const QPointer<Cell> self(this);
    auto destroyed = co_await engine->destroyContainer(m_id);
    if (destroyed && self)
        self->m_destroyed = true;
    co_return destroyed;
}

} // namespace ovvoc
