#pragma once

#include "base/result.h"
#include "base/stopper.h"

#include <QProcessEnvironment>
#include <QStringList>
#include <functional>

namespace ovvoc {

/// A child process of this program, run to its end without blocking the event loop.
struct ProcessRequest
{
    QString program;
    QStringList arguments;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    QString folder;
    int timeoutSeconds = 600;
    std::shared_ptr<Stopper> stopper = {}; ///< ends it early, with Cancelled; may be null
};

struct ProcessOutcome
{
    int exitCode = -1;
    QByteArray output;
    QByteArray errors; ///< the last 64 KiB
};

/// Runs it. \a onErrorLine gets standard error line by line, for progress. Errors: NotFound when
/// the program is not installed, Timeout, CommandFailed when it crashed. A non-zero exit code is
/// not an error.
TaskResult<ProcessOutcome> runProcess(ProcessRequest request,
                                      std::function<void(const QString &)> onErrorLine = {});

} // namespace ovvoc
