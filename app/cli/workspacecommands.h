#pragma once

// The commands on the workspace, one function for each first word, and what they have in common.
// For runWorkspaceCommand() only.

#include "cli/commands.h"

#include <QCoreApplication>
#include <QJsonDocument>
#include <QJsonObject>

namespace ovvoc::cli {

using Call = const CommandCall &;

inline QString tr(const char *text)
{
    return QCoreApplication::translate("Cli", text);
}

inline void show(Call call, const QJsonObject &object, const QString &line)
{
    call.console.line(
        call.json ? QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact)) : line);
}

inline tl::unexpected<Error> usage(const QString &words)
{
    return fail(ErrorCode::InvalidInput, words + ' ' + tr("See `ovvoc --help`."));
}

inline QString when(const QDateTime &time)
{
    return time.toLocalTime().toString(QStringLiteral("yyyy-MM-dd HH:mm:ss"));
}

inline Result<QString> required(Call call, const char *option)
{
    if (!call.has(option) || call.option(option).isEmpty())
        return usage(tr("--%1 is missing.").arg(QLatin1String(option)));
    return call.option(option);
}

QJsonObject clientJson(const Client &client);
QJsonObject repositoryJson(const ClientRepository &repository);

TaskResult<> clientCommand(Call call, std::shared_ptr<Records> records);
TaskResult<> repoCommand(Call call, std::shared_ptr<Records> records);
TaskResult<> settingsCommand(Call call, std::shared_ptr<Records> records);
TaskResult<> skipCommand(Call call, std::shared_ptr<Records> records);
TaskResult<> registryCommand(Call call, std::shared_ptr<Records> records);
/// \a own: the folder of the agency's rules; empty: it has none.
TaskResult<> rulesCommand(Call call, WorkspaceFolder folder, std::shared_ptr<SecretMask> mask,
                          QString own);
TaskResult<> proposalsCommand(Call call, std::shared_ptr<Records> records);
TaskResult<> updatesCommand(Call call, std::shared_ptr<Records> records);
TaskResult<> runsCommand(Call call, std::shared_ptr<Records> records);
TaskResult<> reportCommand(Call call, std::shared_ptr<Records> records);
TaskResult<> jobsCommand(Call call, std::shared_ptr<Records> records);
TaskResult<> auditCommand(Call call, std::shared_ptr<Records> records);

} // namespace ovvoc::cli
