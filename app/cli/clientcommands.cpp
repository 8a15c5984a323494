// `ovvoc client …`, `ovvoc repo …`: clients and their repositories.

#include "cli/githubcommands.h"
#include "cli/workspacecommands.h"
#include "clients/clientjson.h"
#include "clients/schedule.h"
#include "jobs/jobjson.h"
#include "jobs/openproposals.h"
#include "jobs/overview.h"

#include <QDir>
#include <QFileInfo>

namespace ovvoc::cli {

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

namespace {

/// What is open in a client's repositories, as far as is known here; \a only: of one repository.
/// Where nothing is, it says what that is worth: a forge that was not asked has said nothing.
TaskResult<> showProposals(Call call, std::shared_ptr<Records> records, Client client,
                           QString only = {})
{
    OVVOC_CO_TRY(repositories, records->workspace->repositories(client.id));
    const QList<ClientRepository> all = repositories;
    int open = 0, unasked = 0;
    for (const ClientRepository &repository : all) {
        if (!only.isEmpty() && repository.id != only)
            continue;
        OVVOC_CO_TRY(known, records->archive->proposals(client.id, repository.id));
        open += int(known.open.size());
        unasked += known.asked.isValid() ? 0 : 1;
        for (const OpenProposal &one : std::as_const(known.open)) {
            QJsonObject object = toJson(one);
            object["client"] = client.name;
            object["repository"] = repository.title();
            object["asked"] = known.asked.toString(Qt::ISODate);
            show(call, object,
                 QStringLiteral("%1  %2  %3  %4  %5")
                     .arg(when(one.created), repository.title(), shortName(one), one.title,
                          one.location));
        }
    }
    if (open == 0 && !call.json)
        call.console.line(unasked == 0
                              ? tr("%1: none was open when it was asked last.").arg(client.name)
                              : tr("%1: none is known, and not every repository was asked. "
                                   "`ovvoc proposals ask` asks.")
                                    .arg(client.name));
    co_return {};
}

/// The same when the forges were asked; what is known is shown also where one of them did not
/// answer, and the error says so.
TaskResult<> askAndShow(Call call, std::shared_ptr<Records> records, Client client, QString only)
{
    auto asked = co_await askForProposals(records->workspace, records->archive, forgesOf(records),
                                          client.id, {}, {});
    OVVOC_CO_CHECK(co_await showProposals(call, records, client, only));
    co_return asked;
}

} // namespace

TaskResult<> proposalsCommand(Call call, std::shared_ptr<Records> records)
{
    const QString verb = call.words.value(1);
    if (!verb.isEmpty() && verb != QLatin1String("list") && verb != QLatin1String("ask"))
        co_return usage(tr("There is no `ovvoc proposals %1`.").arg(verb));
    OVVOC_CO_TRY(clients, records->workspace->clients());
    QString only;
    if (call.has("client")) {
        OVVOC_CO_TRY(client, records->workspace->client(call.option("client")));
        clients = {client};
        if (call.has("repo")) {
            OVVOC_CO_TRY(one, records->workspace->repository(client.id, call.option("repo")));
            only = one.id;
        }
    } else if (call.has("repo")) {
        co_return usage(tr("Say whose repository it is, with --client."));
    }
    Result<> all;
    const QList<Client> each = clients;
    for (const Client &client : each) {
        Result<> done;
        if (verb == QLatin1String("ask"))
            done = co_await askAndShow(call, records, client, only);
        else
            done = co_await showProposals(call, records, client, only);
        if (!done && all) // the others are shown all the same
            all = done;
    }
    co_return all;
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
        co_return co_await askAndShow(call, records, client, QString());
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

} // namespace ovvoc::cli
