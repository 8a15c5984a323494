#include "cli/commands.h"

#include "cli/workspacecommands.h"
#include "jobs/jobjson.h"
#include "keychain/systemkeychain.h"

#include <QFile>
#include <QJsonDocument>

namespace ovvoc {

using namespace cli;

namespace {

TaskResult<> exportCommand(Call call, std::shared_ptr<Records> records)
{
    OVVOC_CO_TRY(name, required(call, "client"));
    OVVOC_CO_TRY(path, required(call, "to"));
    OVVOC_CO_TRY(client, records->workspace->client(name));
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly | QIODevice::NewOnly))
        co_return fail(ErrorCode::ReadOnly,
                       tr("%1 cannot be written: %2").arg(path, file.errorString()));
    file.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
    bool good = true;
    const auto write = [&](const char *kind, QJsonObject object) {
        object["record"] = QLatin1String(kind);
        const QByteArray text = QJsonDocument(object).toJson(QJsonDocument::Compact) + '\n';
        good = good && file.write(text) == text.size();
    };
    write("client", clientJson(client));
    OVVOC_CO_TRY(repositories, records->workspace->repositories(client.id));
    for (const ClientRepository &one : repositories) {
        write("repository", repositoryJson(one));
        OVVOC_CO_TRY(scan, records->archive->scan(client.id, one.id));
        if (scan) {
            Job carrier;
            carrier.scan = scan->second;
            write("scan",
                  {{"repository", one.id},
                   {"time", scan->first.toString(Qt::ISODate)},
                   {"scan", toJson(carrier)["scan"]}});
        }
    }
    JobFilter filter;
    filter.clientId = client.id;
    for (;;) {
        OVVOC_CO_TRY(rows, records->archive->page(filter));
        for (const JobRow &row : rows) {
            OVVOC_CO_TRY(job, records->archive->load(row.id));
            write("job", toJson(job));
            filter.after = row;
        }
        if (rows.size() < filter.limit)
            break;
    }
    AuditFilter audit;
    audit.clientId = client.id;
    for (;;) {
        OVVOC_CO_TRY(entries, records->workspace->audit().entries(audit));
        for (const AuditEntry &entry : entries) {
            write("audit",
                  {{"seq", entry.seq},
                   {"time", entry.time.toString(Qt::ISODateWithMs)},
                   {"actor", entry.actor},
                   {"action", entry.action},
                   {"job", entry.job},
                   {"result", entry.result},
                   {"detail", entry.detail}});
            audit.before = entry.seq;
        }
        if (entries.size() < audit.limit)
            break;
    }
    if (!good || !file.flush())
        co_return fail(ErrorCode::DiskFull,
                       tr("%1 cannot be written: %2").arg(path, file.errorString()));
    co_return records->workspace->audit().add({"client.export", client.id, {}, "ok", {}});
}

TaskResult<> eraseCommand(Call call, std::shared_ptr<Records> records)
{
    OVVOC_CO_TRY(name, required(call, "client"));
    OVVOC_CO_TRY(client, records->workspace->client(name));
    if (!call.has("yes"))
        co_return usage(tr("This destroys everything of \"%1\" for good. Say --yes to do it.")
                            .arg(client.name));
    co_return co_await records->workspace->removeClient(client.id);
}

TaskResult<> dispatch(Call call, std::shared_ptr<Records> records)
{
    const QString command = call.words.value(0);
    if (command == QLatin1String("client"))
        co_return co_await clientCommand(call, records);
    if (command == QLatin1String("repo"))
        co_return co_await repoCommand(call, records);
    if (command == QLatin1String("settings"))
        co_return co_await settingsCommand(call, records);
    if (command == QLatin1String("registry"))
        co_return co_await registryCommand(call, records);
    if (command == QLatin1String("skip"))
        co_return co_await skipCommand(call, records);
    if (command == QLatin1String("proposals"))
        co_return co_await proposalsCommand(call, records);
    if (command == QLatin1String("updates"))
        co_return co_await updatesCommand(call, records);
    if (command == QLatin1String("runs"))
        co_return co_await runsCommand(call, records);
    if (command == QLatin1String("jobs"))
        co_return co_await jobsCommand(call, records);
    if (command == QLatin1String("audit"))
        co_return co_await auditCommand(call, records);
    if (command == QLatin1String("report"))
        co_return co_await reportCommand(call, records);
    if (command == QLatin1String("export"))
        co_return co_await exportCommand(call, records);
    if (command == QLatin1String("erase"))
        co_return co_await eraseCommand(call, records);
    co_return co_await records->workspace->rotateKey();
}

} // namespace

bool isWorkspaceCommand(const QString &name)
{
    return QStringList{"client", "repo",      "settings", "skip",  "registry",
                       "rules",  "proposals", "updates",  "runs",  "jobs",
                       "audit",  "report",    "export",   "erase", "rotate-key"}
        .contains(name);
}

QList<QCommandLineOption> workspaceOptions()
{
    QList<QCommandLineOption> options{QCommandLineOption("yes"), QCommandLineOption("undo")};
    for (const char *name :
         {"client", "organization", "web", "app", "key", "ca", "outcome", "word", "limit", "job",
          "action", "actor", "to", "until", "secret", "month", "from", "file"})
        options << QCommandLineOption(name, {}, "value");
    return options;
}

int exitCodeOf(const Error &error)
{
    switch (error.code) {
    case ErrorCode::InvalidInput:
    case ErrorCode::NotFound:
        return WrongUse;
    case ErrorCode::KeychainMissing:
    case ErrorCode::KeychainLocked:
    case ErrorCode::KeychainDenied:
    case ErrorCode::ReadOnly:
    case ErrorCode::NewerSchema:
        return NotReady;
    case ErrorCode::Cancelled:
        return Cancelled;
    default:
        return Failed;
    }
}

Task<int> runWorkspaceCommand(CommandCall call, WorkspaceFolder folder,
                              std::shared_ptr<SecretMask> mask)
{
    // A log that does not hold can be looked at, exported and, knowingly, accepted; nothing else.
    const bool looks = call.words.value(0) == QLatin1String("audit");
    auto records = co_await openRecords(folder, std::make_shared<SystemKeychain>(), mask, looks);
    const bool rules = call.words.value(0) == QLatin1String("rules");
    if (rules && !records) { // the program's own need no workspace
        const Result<> done = co_await rulesCommand(call, folder, mask, {});
        if (!done)
            call.console.error(done.error());
        co_return done ? Succeeded : exitCodeOf(done.error());
    }
    if (!records) {
        call.console.error(records.error());
        co_return exitCodeOf(records.error());
    }
    const std::shared_ptr<Records> open = *records;
    QString ownRules;
    if (const auto agency = open->workspace->agencyOverrides())
        ownRules = Settings(*agency, {}, {}).rulesFolder();
    auto doing = rules ? rulesCommand(call, folder, mask, ownRules) : dispatch(call, open);
    auto done = co_await std::move(doing);
    if (!done)
        call.console.error(done.error());
    Result<> closed;
    if (!open->workspace->damage())
        closed = co_await closeRecords(open);
    if (!closed)
        call.console.error(closed.error());
    co_return done ? Succeeded : exitCodeOf(done.error());
}

} // namespace ovvoc
