#include "cli/commands.h"

#include "base/completion.h"
#include "cli/githubcommands.h"
#include "clients/clientjson.h"
#include "clients/schedule.h"
#include "jobs/jobjson.h"
#include "jobs/openproposals.h"
#include "jobs/reports.h"
#include "keychain/systemkeychain.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>

namespace ovvoc {

namespace {

using Call = const CommandCall &;

QString tr(const char *text)
{
    return QCoreApplication::translate("Cli", text);
}

void show(Call call, const QJsonObject &object, const QString &line)
{
    call.console.line(
        call.json ? QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact)) : line);
}

tl::unexpected<Error> usage(const QString &words)
{
    return fail(ErrorCode::InvalidInput, words + ' ' + tr("See `ovvoc --help`."));
}

QString when(const QDateTime &time)
{
    return time.toLocalTime().toString(QStringLiteral("yyyy-MM-dd HH:mm:ss"));
}

Result<QString> required(Call call, const char *option)
{
    if (!call.has(option) || call.option(option).isEmpty())
        return usage(tr("--%1 is missing.").arg(QLatin1String(option)));
    return call.option(option);
}

// ---- clients and repositories

QJsonObject clientJson(const Client &client)
{
    QJsonObject object = toJson(client);
    object["id"] = client.id;
    object["archived"] = client.archived;
    object["created"] = client.created.toString(Qt::ISODate);
    return object;
}

QJsonObject repositoryJson(const ClientRepository &repository)
{
    QJsonObject object = toJson(repository);
    object["id"] = repository.id;
    object["client"] = repository.clientId;
    object["archived"] = repository.archived;
    return object;
}

TaskResult<> showProposals(Call call, std::shared_ptr<Records> records, Client client)
{
    auto asked = co_await askForProposals(records->workspace, records->archive, forgesOf(records),
                                          client.id, {}, {});
    // What is known is shown all the same; the error says why it may be old.
    OVVOC_CO_TRY(repositories, records->workspace->repositories(client.id));
    const QList<ClientRepository> all = repositories;
    for (const ClientRepository &repository : all) {
        OVVOC_CO_TRY(known, records->archive->proposals(client.id, repository.id));
        for (const OpenProposal &one : std::as_const(known.open)) {
            QJsonObject object = toJson(one);
            object["repository"] = repository.title();
            object["asked"] = known.asked.toString(Qt::ISODate);
            show(call, object,
                 QStringLiteral("%1  %2  %3  %4  %5")
                     .arg(when(one.created), repository.title(),
                          one.number > 0 ? '#' + QString::number(one.number) : one.branch,
                          one.title, one.location));
        }
    }
    co_return asked;
}

TaskResult<> clientCommand(Call call, std::shared_ptr<Records> records)
{
    Workspace &workspace = *records->workspace;
    const QString verb = call.words.value(1), name = call.words.value(2);
    if (verb == QLatin1String("list")) {
        OVVOC_CO_TRY(all, workspace.clients());
        for (const Client &client : all) {
            OVVOC_CO_TRY(repositories, workspace.repositories(client.id));
            show(call, clientJson(client),
                 QStringLiteral("%1  %2  %3%4")
                     .arg(client.id, client.name.leftJustified(28),
                          QCoreApplication::translate("Cli", "%n repositories", nullptr,
                                                      int(repositories.size())),
                          client.archived ? tr(", archived") : QString()));
        }
        co_return {};
    }
    if (name.isEmpty())
        co_return usage(tr("Which client?"));
    if (verb == QLatin1String("add")) {
        OVVOC_CO_TRY(client, workspace.addClient(name));
        show(call, clientJson(client), client.id);
        co_return {};
    }
    OVVOC_CO_TRY(client, workspace.client(name));
    if (verb == QLatin1String("show")) {
        show(call, clientJson(client),
             QStringLiteral("%1  %2\n%3")
                 .arg(client.id, client.name,
                      client.github ? tr("App %1, installed for %2, key %3")
                                          .arg(client.github->appName, client.github->account,
                                               client.github->keyFingerprint)
                                    : tr("no GitHub App")));
        co_return {};
    }
    if (verb == QLatin1String("rename")) {
        client.name = call.words.value(3);
        co_return workspace.saveClient(client);
    }
    if (verb == QLatin1String("colour")) {
        bool number = false;
        client.colour = call.words.value(3).toInt(&number);
        if (!number || client.colour < 0 || client.colour > 7)
            co_return usage(tr("A colour is a number from 0 to 7."));
        co_return workspace.saveClient(client);
    }
    if (verb == QLatin1String("archive") || verb == QLatin1String("restore")) {
        client.archived = verb == QLatin1String("archive");
        co_return workspace.saveClient(client);
    }
    if (verb == QLatin1String("rotate-key"))
        co_return workspace.rotateClientKey(client.id);
    if (verb == QLatin1String("proposals"))
        co_return co_await showProposals(call, records, client);
    co_return co_await githubCommand(call, records, client);
}

TaskResult<> repoCommand(Call call, std::shared_ptr<Records> records)
{
    Workspace &workspace = *records->workspace;
    const QString verb = call.words.value(1), what = call.words.value(2);
    OVVOC_CO_TRY(clientName, required(call, "client"));
    OVVOC_CO_TRY(client, workspace.client(clientName));
    if (verb == QLatin1String("list")) {
        OVVOC_CO_TRY(all, workspace.repositories(client.id));
        for (const ClientRepository &one : all) {
            OVVOC_CO_TRY(settings, workspace.settingsOf(client.id, one.id));
            OVVOC_CO_TRY(schedule, Schedule::parse(settings.schedule()));
            const QDateTime next = schedule.next(QDateTime::currentDateTime());
            show(call, repositoryJson(one),
                 QStringLiteral("%1  %2  %3%4")
                     .arg(one.id, one.title().leftJustified(32),
                          next.isValid() ? tr("next %1").arg(when(next)) : tr("no schedule"),
                          one.archived ? tr(", archived") : QString()));
        }
        co_return {};
    }
    if (what.isEmpty())
        co_return usage(tr("Which repository?"));
    if (verb == QLatin1String("add")) {
        ClientRepository repository;
        repository.clientId = client.id;
        repository.baseBranch = call.option("base");
        const QString path = QDir::cleanPath(QDir::current().absoluteFilePath(what));
        if (QFileInfo(path).isDir()) {
            repository.kind = ClientRepository::Kind::Local;
            repository.path = QFileInfo(path).canonicalFilePath();
            repository.name = QFileInfo(path).fileName();
        } else {
            OVVOC_CO_TRY(found, co_await findOnGitHub(records, client, what));
            repository.kind = ClientRepository::Kind::GitHub;
            repository.owner = found.fullName.section('/', 0, 0);
            repository.name = found.fullName.section('/', 1);
            repository.forgeId = found.id;
        }
        OVVOC_CO_TRY(added, workspace.addRepository(repository));
        show(call, repositoryJson(added), added.id);
        co_return {};
    }
    OVVOC_CO_TRY(repository, workspace.repository(client.id, what));
    if (verb == QLatin1String("remove"))
        co_return workspace.removeRepository(client.id, repository.id);
    if (verb == QLatin1String("archive") || verb == QLatin1String("restore")) {
        repository.archived = verb == QLatin1String("archive");
        co_return workspace.saveRepository(repository);
    }
    co_return usage(tr("There is no `ovvoc repo %1`.").arg(verb));
}

// ---- settings

TaskResult<> settingsCommand(Call call, std::shared_ptr<Records> records)
{
    Workspace &workspace = *records->workspace;
    const QString verb = call.words.value(1), name = call.words.value(2);
    std::optional<Client> client;
    std::optional<ClientRepository> repository;
    if (call.has("client")) {
        OVVOC_CO_TRY(found, workspace.client(call.option("client")));
        client = found;
    }
    if (call.has("repo") && client) {
        OVVOC_CO_TRY(found, workspace.repository(client->id, call.option("repo")));
        repository = found;
    }
    if (verb == QLatin1String("show") || verb.isEmpty()) {
        OVVOC_CO_TRY(settings,
                     workspace.settingsOf(client ? client->id : QString(),
                                          repository ? repository->id : QString()));
        for (const SettingInfo &info : allSettings()) {
            const ResolvedSetting one = settings.at(info.name);
            show(call,
                 {{"setting", info.name},
                  {"value", one.value},
                  {"from", toString(one.from)},
                  {"title", info.title}},
                 QStringLiteral("%1 %2  %3")
                     .arg(info.name.leftJustified(20), settingText(one.value).leftJustified(24),
                          toString(one.from)));
        }
        co_return {};
    }
    const SettingInfo *info = findSetting(name);
    if (!info)
        co_return usage(tr("There is no setting \"%1\".").arg(name));
    const SettingLevel level = repository ? SettingLevel::Repository
        : client                          ? SettingLevel::Client
                                          : SettingLevel::Agency;
    if (level > info->deepest)
        co_return usage(
            tr("%1 can be set for a client at most, not for one repository.").arg(name));
    OVVOC_CO_TRY(agency, workspace.agencyOverrides());
    SettingOverrides overrides = repository ? repository->overrides
        : client                            ? client->overrides
                                            : agency;
    if (verb == QLatin1String("set")) {
        OVVOC_CO_TRY(value, parseSetting(*info, call.words.mid(3).join(' ')));
        overrides[name] = value;
    } else if (verb == QLatin1String("reset")) {
        overrides.remove(name);
    } else {
        co_return usage(tr("There is no `ovvoc settings %1`.").arg(verb));
    }
    if (repository) {
        repository->overrides = overrides;
        co_return workspace.saveRepository(*repository);
    }
    if (client) {
        client->overrides = overrides;
        co_return workspace.saveClient(*client);
    }
    co_return workspace.saveAgencyOverrides(overrides);
}

// ---- jobs

TaskResult<> jobsCommand(Call call, std::shared_ptr<Records> records)
{
    const QString verb = call.words.value(1);
    if (verb == QLatin1String("show")) {
        OVVOC_CO_TRY(job, records->archive->load(call.words.value(2)));
        show(call, toJson(job), {});
        if (!call.json)
            call.console.finished(job);
        co_return {};
    }
    if (!verb.isEmpty() && verb != QLatin1String("list"))
        co_return usage(tr("There is no `ovvoc jobs %1`.").arg(verb));
    JobFilter filter;
    if (call.has("client")) {
        OVVOC_CO_TRY(client, records->workspace->client(call.option("client")));
        filter.clientId = client.id;
        if (call.has("repo")) {
            OVVOC_CO_TRY(one, records->workspace->repository(client.id, call.option("repo")));
            filter.repositoryId = one.id;
        }
    }
    filter.outcome = call.option("outcome");
    filter.word = call.option("word");
    filter.limit = call.has("limit") ? std::clamp(call.option("limit").toInt(), 1, 10'000) : 50;
    OVVOC_CO_TRY(rows, records->archive->page(filter));
    for (const JobRow &row : rows) {
        // The row knows no names; its record does.
        const auto job = records->archive->load(row.id);
        show(call,
             {{"id", row.id},
              {"client", row.clientId},
              {"kind", row.kind},
              {"outcome", row.outcome},
              {"phase", row.phase},
              {"level", row.level},
              {"security", row.security},
              {"created", row.created.toString(Qt::ISODateWithMs)},
              {"repository", job ? job->request.repositoryName : QString()},
              {"summary", job ? job->summary : QString()}},
             QStringLiteral("%1  %2  %3  %4  %5")
                 .arg(row.id, when(row.created), row.outcome.leftJustified(9),
                      job ? job->request.repositoryName.leftJustified(24) : QString(),
                      job ? job->summary : QString()));
    }
    co_return {};
}

// ---- audit

QString auditLine(const AuditEntry &entry)
{
    QString detail;
    for (auto it = entry.detail.begin(); it != entry.detail.end(); ++it)
        detail += QStringLiteral(" %1=%2").arg(it.key(), settingText(it.value()));
    if (!entry.readable)
        detail = tr(" (details erased with the client)");
    return QStringLiteral("%1  %2  %3  %4  %5%6")
        .arg(QString::number(entry.seq).rightJustified(6), when(entry.time), entry.actor,
             entry.action, entry.result, detail);
}

TaskResult<> auditCommand(Call call, std::shared_ptr<Records> records)
{
    AuditLog &audit = records->workspace->audit();
    const QString verb = call.words.value(1);
    AuditFilter filter;
    if (call.has("client")) {
        OVVOC_CO_TRY(client, records->workspace->client(call.option("client")));
        filter.clientId = client.id;
    }
    filter.job = call.option("job");
    filter.action = call.option("action");
    filter.actor = call.option("actor");
    if (call.has("limit"))
        filter.limit = std::clamp(call.option("limit").toInt(), 1, 100'000);
    if (verb == QLatin1String("verify")) {
        OVVOC_CO_TRY(verdict, co_await audit.verify());
        QJsonArray problems;
        for (const AuditVerdict::Problem &problem : verdict.problems) {
            problems << problem.text;
            if (!call.json)
                call.console.line(problem.text);
        }
        show(call,
             {{"holds", verdict.holds()},
              {"entries", verdict.entries},
              {"checkpoints", verdict.checkpoints},
              {"unreadable", verdict.unreadable},
              {"problems", problems}},
             verdict.holds() ? tr("The log holds: %1 entries, %2 signatures.")
                                   .arg(verdict.entries)
                                   .arg(verdict.checkpoints)
                             : tr("The log does not hold."));
        if (!verdict.holds())
            co_return fail(ErrorCode::Damaged, tr("The audit log was tampered with or damaged."));
        co_return {};
    }
    if (verb == QLatin1String("export")) {
        OVVOC_CO_TRY(path, required(call, "to"));
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly | QIODevice::NewOnly))
            co_return fail(ErrorCode::ReadOnly,
                           tr("%1 cannot be written: %2").arg(path, file.errorString()));
        file.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
        OVVOC_CO_CHECK(audit.add({"audit.export", filter.clientId, {}, "ok", {}}));
        co_return co_await audit.exportTo(&file, filter);
    }
    if (!verb.isEmpty() && verb != QLatin1String("list"))
        co_return usage(tr("There is no `ovvoc audit %1`.").arg(verb));
    OVVOC_CO_TRY(entries, audit.entries(filter));
    for (const AuditEntry &entry : entries)
        show(call,
             {{"seq", entry.seq},
              {"time", entry.time.toString(Qt::ISODateWithMs)},
              {"actor", entry.actor},
              {"action", entry.action},
              {"client", entry.clientId},
              {"job", entry.job},
              {"result", entry.result},
              {"detail", entry.detail}},
             auditLine(entry));
    co_return {};
}

// ---- a client's data as a whole

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
    if (command == QLatin1String("jobs"))
        co_return co_await jobsCommand(call, records);
    if (command == QLatin1String("audit"))
        co_return co_await auditCommand(call, records);
    if (command == QLatin1String("export"))
        co_return co_await exportCommand(call, records);
    if (command == QLatin1String("erase"))
        co_return co_await eraseCommand(call, records);
    co_return co_await records->workspace->rotateKey();
}

} // namespace

const char workspaceUsage[] = R"(
On the workspace (add --client CLIENT, and --repo REPO where it says so):
  client  list | add NAME | show C | rename C NAME | colour C 0-7 | archive C | restore C
          manifest C [--organization LOGIN] [--web URL]   make the client's GitHub App
          app C --app ID --key FILE.pem [--web URL] [--ca FILE.pem]   connect an App that is there
          key C --key FILE.pem | forget-key C | rotate-key C
          installations C | install C ID | repositories C | test C [--repo OWNER/NAME]
          proposals C     asks which pull requests of ours are open
  repo    list | add PATH|OWNER/NAME [--base BRANCH] | archive R | restore R | remove R
  settings  show | set NAME VALUE | reset NAME     agency, client or repository
  jobs    list [--outcome O] [--word PACKAGE] [--limit N] | show ID
  audit   list [--job ID] [--action A] [--actor A] [--limit N] | verify | export --to FILE
  export  --client C --to FILE     everything of a client, as one file
  erase   --client C --yes         destroys the client's key, and everything of it
  rotate-key                       a new key for the whole workspace
)";

bool isWorkspaceCommand(const QString &name)
{
    return QStringList{"client", "repo",   "settings", "jobs",
                       "audit",  "export", "erase",    "rotate-key"}
        .contains(name);
}

QList<QCommandLineOption> workspaceOptions()
{
    QList<QCommandLineOption> options{QCommandLineOption("yes")};
    for (const char *name : {"client", "organization", "web", "app", "key", "ca", "outcome", "word",
                             "limit", "job", "action", "actor", "to"})
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
    auto records = co_await openRecords(folder, std::make_shared<SystemKeychain>(), mask);
    if (!records) {
        call.console.error(records.error());
        co_return exitCodeOf(records.error());
    }
    const std::shared_ptr<Records> open = *records;
    auto done = co_await dispatch(call, open);
    if (!done)
        call.console.error(done.error());
    auto closed = co_await closeRecords(open);
    if (!closed)
        call.console.error(closed.error());
    co_return done ? Succeeded : exitCodeOf(done.error());
}

} // namespace ovvoc
