#include "base/process.h"

#include "base/completion.h"

#include <QProcess>

namespace ovvoc {

TaskResult<ProcessOutcome> runProcess(ProcessRequest request,
                                      std::function<void(const QString &)> onErrorLine)
{
    QProcess process;
    ProcessOutcome outcome;
    QByteArray line;
    Completion<bool> ended;
    bool late = false;
    QObject::connect(&process, &QProcess::readyReadStandardOutput,
                     [&] { outcome.output += process.readAllStandardOutput(); });
    QObject::connect(&process, &QProcess::readyReadStandardError, [&] {
        const QByteArray bytes = process.readAllStandardError();
        outcome.errors = (outcome.errors + bytes).right(64 * 1024);
        line += bytes;
        for (qsizetype end = line.indexOf('\n'); end >= 0; end = line.indexOf('\n')) {
            if (onErrorLine)
                onErrorLine(QString::fromUtf8(line.left(end)));
            line.remove(0, end + 1);
        }
    });
    QObject::connect(&process, &QProcess::finished, [ended] { ended.set(true); });
    QObject::connect(&process, &QProcess::errorOccurred, [ended](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
            ended.set(false);
    });
    QTimer::singleShot(request.timeoutSeconds * 1000, &process, [&] {
        late = true;
        process.kill();
    });
    const auto registered = Stopper::onStop(request.stopper, [&process, ended] {
        process.kill();
        ended.set(true);
    });
    process.setProcessEnvironment(request.environment);
    if (!request.folder.isEmpty())
        process.setWorkingDirectory(request.folder);
    process.start(request.program, request.arguments, QIODevice::ReadOnly);
    if (!co_await ended)
        co_return fail(
            ErrorCode::NotFound,
            QStringLiteral("%1 is not installed. Install it and try again.").arg(request.program),
            process.errorString());
    if (request.stopper && request.stopper->isStopped())
        co_return fail(ErrorCode::Cancelled,
                       QStringLiteral("%1 was ended before its time.").arg(request.program));
    if (late)
        co_return fail(ErrorCode::Timeout,
                       QStringLiteral("%1 did not end within %2 s.")
                           .arg(request.program)
                           .arg(request.timeoutSeconds));
    if (process.exitStatus() != QProcess::NormalExit)
        co_return fail(ErrorCode::CommandFailed, QStringLiteral("%1 crashed.").arg(request.program),
                       QString::fromUtf8(outcome.errors));
    outcome.exitCode = process.exitCode();
    co_return outcome;
}

} // namespace ovvoc
