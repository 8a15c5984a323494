#include "common/records.h"

#include "base/logging.h"
#include "forge/local/localforge.h"
#include "jobs/launch.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <qcoro/qcorotimer.h>

namespace ovvoc {

TaskResult<std::shared_ptr<Records>> openRecords(WorkspaceFolder folder,
                                                 std::shared_ptr<SecretStore> store,
                                                 std::shared_ptr<SecretMask> mask)
{
    OVVOC_CO_TRY(workspace, co_await Workspace::open(folder, store));
    const auto records = std::make_shared<Records>();
    records->workspace = workspace;
    records->archive = std::make_shared<JobArchive>(workspace);
    records->recorder = std::make_shared<JobRecorder>(workspace, records->archive);
    records->github = std::make_shared<GitHubConnections>(workspace, mask);
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
    QHash<QString, bool> destroyed;
    const QStringList ids = left ? *left : QStringList();
    for (const QString &id : ids) {
        if (!engine)
            break;
        auto containers = co_await engine->containersWithLabel("dev.ovvoc.job=" + id);
        if (!containers) {
            keep(containers.error());
            break;
        }
        const QJsonArray list = *containers;
        for (const auto &container : list) {
            auto gone = co_await engine->destroyContainer(container.toObject()["Id"].toString());
            if (!gone)
                keep(gone.error());
            destroyed[id] = true;
        }
    }
    auto closed = records->archive->closeInterrupted(destroyed);
    if (!closed)
        keep(closed.error());
    else
        tidied.interrupted = *closed;
    for (const Job &job : std::as_const(tidied.interrupted))
        note({"job.interrupted",
              job.request.clientId,
              job.request.id,
              "failed",
              {{"phase", toString(job.failure ? job.failure->phase : PhaseKind::Destroy)},
               {"cellWasThere", destroyed.value(job.request.id)}}});
    const auto clients = records->workspace->clients();
    if (!clients)
        keep(clients.error());
    for (const Client &client : clients ? *clients : QList<Client>()) {
        const auto purged = records->archive->purge(client.id, QDateTime::currentDateTimeUtc());
        if (!purged)
            keep(purged.error());
        co_await QCoro::sleepFor(std::chrono::milliseconds(0)); // jobs may start meanwhile
    }
    const Tidied result = tidied;
    co_return result;
}

Result<> adoptLocal(Workspace &workspace, JobRequest &request)
{
    const QString name = QCoreApplication::translate("Workspace", "This machine");
    auto client = workspace.client(name);
    if (!client && client.error().code == ErrorCode::NotFound)
        client = workspace.addClient(name);
    if (!client)
        return fail(client.error());
    request.clientId = client->id;
    request.clientName = client->name;
    const QString path = request.repositoryId;
    if (!QFileInfo(path).isDir())
        return {};
    OVVOC_TRY(all, workspace.repositories(client->id));
    for (const ClientRepository &one : all) {
        if (one.path == path) {
            request.repositoryId = one.id;
            return {};
        }
    }
    ClientRepository repository;
    repository.clientId = client->id;
    repository.path = path;
    repository.name = request.repositoryName;
    OVVOC_TRY(added, workspace.addRepository(repository));
    request.repositoryId = added.id;
    return {};
}

Result<JobRequest> clientRequest(Workspace &workspace, const Client &client,
                                 const ClientRepository &repository, JobKind kind)
{
    OVVOC_TRY(settings, workspace.settingsOf(client.id, repository.id));
    return requestFor(client, repository, settings, kind);
}

JobQueue::ForgeMaker forgesOf(std::shared_ptr<Records> records)
{
    return [records](const JobRequest &request) -> std::shared_ptr<Forge> {
        const QString notes = records->workspace->folder().notesFolder();
        const auto client = records->workspace->client(request.clientId);
        const auto repository = client
            ? records->workspace->repository(client->id, request.repositoryId)
            : Result<ClientRepository>(fail(client.error()));
        if (!repository)
            return std::make_shared<LocalForge>(request.repositoryId, notes);
        if (repository->kind == ClientRepository::Kind::Local)
            return std::make_shared<LocalForge>(repository->path, notes);
        return records->github->forge(*client, *repository);
    };
}

} // namespace ovvoc
