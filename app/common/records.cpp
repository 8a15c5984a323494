#include "common/records.h"

#include "base/ids.h"
#include "base/logging.h"
#include "forge/local/localforge.h"
#include "jobs/launch.h"
#include "runs/runmemory.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QSysInfo>
#include <qcoro/qcorotimer.h>

namespace ovvoc {

TaskResult<std::shared_ptr<Records>> openRecords(WorkspaceFolder folder,
                                                 std::shared_ptr<SecretStore> store,
                                                 std::shared_ptr<SecretMask> mask, bool evenDamaged)
{
    std::shared_ptr<Workspace> workspace;
    if (evenDamaged) {
        OVVOC_CO_TRY(inspected, co_await Workspace::inspect(folder, store));
        workspace = inspected;
    } else {
        OVVOC_CO_TRY(opened, co_await Workspace::open(folder, store));
        workspace = opened;
    }
    const auto records = std::make_shared<Records>();
    records->workspace = workspace;
    records->archive = std::make_shared<JobArchive>(workspace);
    records->recorder = std::make_shared<JobRecorder>(workspace, records->archive);
    records->runs =
        std::make_shared<RunRecorder>(records->archive, QCoreApplication::applicationName());
    records->github = std::make_shared<GitHubConnections>(workspace, mask);
    if (workspace->damage())
        co_return std::shared_ptr<Records>(records);
    OVVOC_CO_CHECK(workspace->audit().add(
        {"program.start",
         {},
         {},
         "ok",
         {{"program", QCoreApplication::applicationName()}, {"version", OVVOC_VERSION}}}));
    co_return std::shared_ptr<Records>(records);
}

TaskResult<> closeRecords(std::shared_ptr<Records> records)
{
    OVVOC_CO_CHECK(records->workspace->audit().add(
        {"program.stop", {}, {}, "ok", {{"program", QCoreApplication::applicationName()}}}));
    co_return co_await records->workspace->audit().settle();
}

Task<Tidied> tidyUp(std::shared_ptr<Records> records, std::shared_ptr<EngineClient> engine)
{
    Tidied tidied;
    AuditLog &audit = records->workspace->audit();
    const auto keep = [&tidied](const Error &error) {
        log().warn("start: {}", toString(error.code).toStdString());
        tidied.problems << error;
    };
    const auto note = [&](const AuditEvent &event) {
        if (const auto added = audit.add(event); !added)
            keep(added.error());
    };
    auto revoked = co_await records->github->revokeLeftovers();
    if (!revoked)
        keep(revoked.error());
    else if (*revoked > 0) {
        tidied.tokensRevoked = *revoked;
        note({"token.revoke-leftover", {}, {}, "ok", {{"tokens", *revoked}}});
    }
    const auto left = records->archive->interrupted();
    if (!left)
        keep(left.error());
    const QStringList ids = left ? *left : QStringList();
    QHash<QString, CellFate> fates;
    if (engine) {
        auto swept = co_await sweepCells(engine, records->workspace->folder().id);
        if (!swept)
            keep(swept.error());
        else
            for (const QString &id : ids)
                fates[id] = swept->value(id, CellFate::Gone);
    }
    // Without an engine nothing can go on; it stays kept.
    const auto goOn = engine ? takeUp(*records->archive, QCoreApplication::applicationName(),
                                      QDateTime::currentDateTimeUtc())
                             : Result<QList<AskedRun>>(QList<AskedRun>());
    if (!goOn)
        keep(goOn.error());
    else
        tidied.goOn = *goOn;
    auto closed = records->archive->closeInterrupted(fates);
    if (!closed)
        keep(closed.error());
    else
        tidied.interrupted = *closed;
    const auto clients = records->workspace->clients();
    if (!clients)
        keep(clients.error());
    for (const Client &client : clients ? *clients : QList<Client>()) {
        const auto purged = records->archive->purge(client.id, QDateTime::currentDateTimeUtc());
        if (!purged)
            keep(purged.error());
        else if (purged->held)
            keep({ErrorCode::Internal,
                  QCoreApplication::translate(
                      "Workspace",
                      "This machine's clock is far ahead of what it was when %1's history was "
                      "looked at last, so only a part of what is past its time was removed. Check "
                      "the clock.")
                      .arg(client.name),
                  {}});
        co_await QCoro::sleepFor(std::chrono::milliseconds(0)); // jobs may start meanwhile
    }
    const Tidied result = tidied;
    co_return result;
}

TaskResult<QHash<QString, CellFate>> sweepCells(std::shared_ptr<EngineClient> engine,
                                                QString workspaceId)
{
    QHash<QString, CellFate> fates;
    OVVOC_CO_TRY(found, co_await engine->containersWithLabel("dev.ovvoc.workspace=" + workspaceId));
    const QJsonArray list = found;
    std::optional<Error> problem;
    for (const auto &item : list) {
        const QJsonObject container = item.toObject();
        const QJsonObject labels = container["Labels"].toObject();
        // Another machine's program may use the same engine; whether it lives cannot be told here.
        if (labels["dev.ovvoc.host"].toString() != QSysInfo::machineHostName()
            || processLives(labels["dev.ovvoc.process"].toString()))
            continue;
        const QString job = labels["dev.ovvoc.job"].toString();
        auto gone = co_await engine->destroyContainer(container["Id"].toString());
        if (!gone && !problem)
            problem = gone.error();
        if (gone || fates.value(job) != CellFate::Destroyed)
            fates[job] = gone ? CellFate::Destroyed : CellFate::Unknown;
    }
    if (problem)
        log().warn("start: a cell was left: {}", toString(problem->code).toStdString());
    co_return QHash<QString, CellFate>(fates);
}

bool mayGoUnrecorded(const Error &error)
{
    return error.code == ErrorCode::KeychainMissing || error.code == ErrorCode::KeychainLocked
        || error.code == ErrorCode::KeychainDenied;
}

/// The repository of the client that stands for this machine which lies at \a path; added when it
/// is not known yet.
static Result<ClientRepository> ownRepository(Workspace &workspace, const Client &client,
                                              const QString &path, const QString &name)
{
    OVVOC_TRY(all, workspace.repositories(client.id));
    for (const ClientRepository &one : all) {
        if (one.path == path)
            return one;
    }
    ClientRepository repository;
    repository.clientId = client.id;
    repository.path = path;
    repository.name = name;
    return workspace.addRepository(repository);
}

Result<> adoptLocal(Workspace &workspace, JobRequest &request)
{
    const QString name = Workspace::machineClientName();
    auto client = workspace.client(name);
    if (!client && client.error().code == ErrorCode::NotFound)
        client = workspace.addClient(name);
    if (!client)
        return fail(client.error());
    ClientRepository repository;
    repository.id = repository.path = request.repositoryId;
    repository.name = request.repositoryName;
    const bool isFolder = QFileInfo(repository.path).isDir();
    if (isFolder) {
        OVVOC_TRY(own,
                  ownRepository(workspace, *client, request.repositoryId, request.repositoryName));
        repository = own;
    }
    OVVOC_TRY(settings, workspace.settingsOf(client->id, isFolder ? repository.id : QString()));
    // The settings hold here as everywhere; who asks for this job may say more on top.
    JobRequest full = requestFor(*client, repository, settings, request.kind);
    full.id = request.id;
    full.trigger = request.trigger;
    full.again = request.again;
    full.repositoryName = request.repositoryName;
    full.baseBranch = request.baseBranch;
    full.selection.package = request.selection.package;
    full.selection.packages = request.selection.packages;
    full.selection.version = request.selection.version;
    // Of one repository that a person points at, everything is meant unless somebody said less.
    if (settings.at(QStringLiteral("level")).from == SettingLevel::Default)
        full.selection.level = request.selection.level;
    if (request.grouping.mode == Grouping::Mode::Off)
        full.grouping.mode = Grouping::Mode::Off;
    request = full;
    return {};
}

Result<JobRequest> clientRequest(Workspace &workspace, const Client &client,
                                 const ClientRepository &repository, JobKind kind)
{
    OVVOC_TRY(settings, workspace.settingsOf(client.id, repository.id));
    return requestFor(client, repository, settings, kind);
}

Result<JobRequest> goOnWith(Workspace &workspace, const AskedRun &run)
{
    OVVOC_TRY(client, workspace.client(run.request.clientId));
    OVVOC_TRY(repository, workspace.repository(client.id, run.request.repositoryId));
    if (client.archived || repository.archived)
        return fail(
            ErrorCode::NotFound,
            QCoreApplication::translate("Workspace", "%1 is archived.").arg(repository.title()));
    OVVOC_TRY(fresh, clientRequest(workspace, client, repository, run.request.kind));
    JobRequest request = requestAgain(run.request, fresh);
    request.id = newId();
    request.trigger = run.request.trigger;
    if (run.request.grouping.mode == Grouping::Mode::Off)
        request.grouping.mode = Grouping::Mode::Off;
    return request;
}

JobServices::Memory memoryOfRuns(std::shared_ptr<Records> records)
{
    return [records](const JobRequest &request, const QString &conditions) {
        constexpr int newest = 200;
        QList<RunReport> runs;
        const auto kept = records->archive->runs(request.clientId, newest);
        if (!kept) // then all is found out anew
            log().warn("runs: what is remembered cannot be read: {}",
                       toString(kept.error().code).toStdString());
        for (const QJsonObject &object : kept.value_or(QList<QJsonObject>()))
            runs << runReportFromJson(object);
        return memoryOf(runs, request.repositoryId, conditions, QDateTime::currentDateTimeUtc());
    };
}

JobServices::RegistryCredential registryCredentialsOf(std::shared_ptr<Records> records,
                                                      std::shared_ptr<SecretMask> mask)
{
    return [records, mask](QString clientId,
                           QString url) -> TaskResult<std::shared_ptr<const SecretBytes>> {
        // The closure may be gone while this waits: what is needed is kept here.
        const std::shared_ptr<Records> kept = records;
        const std::shared_ptr<SecretMask> masking = mask;
        OVVOC_CO_TRY(secret, co_await kept->workspace->registryCredential(clientId, url));
        masking->add(*secret);
        co_return secret;
    };
}

JobQueue::ForgeMaker forgesOf(std::shared_ptr<Records> records)
{
    return [records](const JobRequest &request) -> std::shared_ptr<Forge> {
        const QString notes = records->workspace->folder().notesFolder();
        const auto client = records->workspace->client(request.clientId);
        const auto repository = client
            ? records->workspace->repository(client->id, request.repositoryId)
            : Result<ClientRepository>(fail(client.error()));
        const QString path = repository ? repository->path : request.repositoryId;
        const auto check = [records, id = request.clientId, path](const QString &gitFolder) {
            return records->workspace->claimGitFolder(id, gitFolder, path);
        };
        if (!repository)
            return std::make_shared<LocalForge>(request.repositoryId, notes, check);
        if (repository->kind == ClientRepository::Kind::Local)
            return std::make_shared<LocalForge>(repository->path, notes, check);
        return records->github->forge(*client, *repository);
    };
}

} // namespace ovvoc
