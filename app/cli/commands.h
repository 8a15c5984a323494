#pragma once

#include "cli/console.h"
#include "common/records.h"

#include <QCommandLineParser>

namespace ovvoc {

/// The exit codes of the command line, as the README documents them.
enum ExitCode {
    Succeeded = 0,
    Failed = 1,
    WrongUse = 2,
    NotReady = 3,
    PartlyFailed = 4, ///< something was proposed, something else did not pass
    Cancelled = 130
};

/// One call of a command that works on the workspace: `ovvoc client add NAME`.
struct CommandCall
{
    QStringList words; ///< "client", "add", "Bakery Aurora"
    const QCommandLineParser &options;
    Console &console;
    bool json = false;

    QString option(const char *name) const { return options.value(QLatin1String(name)); }
    bool has(const char *name) const { return options.isSet(QLatin1String(name)); }
};

/// Whether \a name is a command on the workspace.
bool isWorkspaceCommand(const QString &name);
/// The options of all of them.
QList<QCommandLineOption> workspaceOptions();
/// Runs it. Errors are shown; the result is the exit code.
Task<int> runWorkspaceCommand(CommandCall call, WorkspaceFolder folder,
                              std::shared_ptr<SecretMask> mask);

/// The exit code that an error means.
int exitCodeOf(const Error &error);

} // namespace ovvoc
