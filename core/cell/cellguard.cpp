#include "cell/cellguard.h"

#include "base/completion.h"
#include "base/helpers.h"

#include <QCoreApplication>

namespace ovvoc {

TaskResult<std::unique_ptr<CellGuard>> CellGuard::post(QString socketPath, QString apiVersion,
                                                       QString containerName)
{
    OVVOC_CO_TRY(program, findHelper("cell-guard"));
    std::unique_ptr<CellGuard> guard(new CellGuard);
    guard->m_process = std::make_unique<QProcess>();
    QProcess *process = guard->m_process.get();
    const Completion<bool> ready;
    QObject::connect(process, &QProcess::readyReadStandardOutput, process,
                     [ready] { ready.set(true); });
    QObject::connect(process, &QProcess::finished, process, [ready] { ready.set(false); });
    QObject::connect(process, &QProcess::errorOccurred, process, [ready] { ready.set(false); });
    QProcessEnvironment nothing;
    nothing.insert("PATH", "/usr/bin:/bin");
    process->setProcessEnvironment(nothing);
    process->start(program, {socketPath, apiVersion, containerName});
    const bool watching = co_await ready;
    if (!watching)
        co_return fail(
            ErrorCode::CommandFailed,
            QCoreApplication::translate("CellGuard", "The guard of the cell cannot be started: %1")
                .arg(process->errorString()));
    co_return std::move(guard);
}

void CellGuard::release()
{
    if (!m_process)
        return;
    QProcess *process = m_process.release();
    process->disconnect();
    QObject::connect(process, &QProcess::finished, process, &QObject::deleteLater);
    if (process->state() == QProcess::NotRunning)
        return process->deleteLater();
    process->write("released\n");
    process->closeWriteChannel();
}

CellGuard::~CellGuard()
{
    if (!m_process)
        return;
    // End of input without a word: it removes the container, and may outlive us doing so.
    QProcess *process = m_process.release();
    process->disconnect();
    QObject::connect(process, &QProcess::finished, process, &QObject::deleteLater);
    process->closeWriteChannel();
}

} // namespace ovvoc
