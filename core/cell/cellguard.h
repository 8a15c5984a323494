#pragma once

#include "base/result.h"

#include <QProcess>
#include <memory>

namespace ovvoc {

/// Watches over a container from before it is made until cell-init's dead man's switch is armed.
///
/// Between ContainerCreate and ContainerStart nothing in the container could notice that this
/// program died, and an AutoRemove container that never ran is never removed. The guard is a small
/// child process (core/cell/guard) that does: when its standard input ends without a word, it
/// removes the container by name. Deleting an object that was not released makes it do just that.
/// Lives on the core thread.
class CellGuard
{
public:
    /// Starts the guard and waits until it watches. \a apiVersion: what the engine and this program
    /// agreed on ("1.41"). Errors: NotFound, CommandFailed.
    static TaskResult<std::unique_ptr<CellGuard>> post(QString socketPath, QString apiVersion,
                                                       QString containerName);
    ~CellGuard();

    /// The cell watches over itself now, or it is gone: the guard leaves without doing anything.
    void release();

private:
    CellGuard() = default;
    std::unique_ptr<QProcess> m_process;
};

} // namespace ovvoc
