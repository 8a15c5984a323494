// What Workspace does with the repositories of a client.

#include "base/ids.h"
#include "base/sortkey.h"
#include "clients/clientjson.h"
#include "clients/workspace.h"
#include "clients/workspace_p.h"

#include <algorithm>

namespace ovvoc {

Result<QList<ClientRepository>> Workspace::repositories(const QString &clientId)
{
    OVVOC_TRY(database, clientDatabase(clientId));
    OVVOC_TRY(
        rows,
        database->rows(QStringLiteral("SELECT id, created, archived, sealed FROM repository")));
    QList<ClientRepository> list;
    for (const Database::Row &row : rows) {
        ClientRepository repository;
        repository.id = row[0].toString();
        repository.clientId = clientId;
        repository.created = QDateTime::fromMSecsSinceEpoch(row[1].toLongLong(), Qt::UTC);
        repository.archived = row[2].toBool();
        OVVOC_TRY(plain, unsealFor(clientId, "repository", repository.id, row[3].toByteArray()));
        fromJson(QJsonDocument::fromJson(plain).object(), repository);
        list << repository;
    }
    std::sort(list.begin(), list.end(), [](const ClientRepository &a, const ClientRepository &b) {
        return std::pair(sortKey(a.title()), a.id) < std::pair(sortKey(b.title()), b.id);
    });
    return list;
}

Result<ClientRepository> Workspace::repository(const QString &clientId, const QString &idOrTitle)
{
    OVVOC_TRY(all, repositories(clientId));
    QList<ClientRepository> found;
    for (const ClientRepository &one : all) {
        if (one.id == idOrTitle)
            return one;
        if (one.title().compare(idOrTitle, Qt::CaseInsensitive) == 0
            || one.name.compare(idOrTitle, Qt::CaseInsensitive) == 0)
            found << one;
    }
    if (found.size() == 1)
        return found.first();
    if (found.isEmpty())
        return fail(
            ErrorCode::NotFound,
            tr("This client has no repository \"%1\". See `ovvoc repo list`.").arg(idOrTitle));
    return fail(ErrorCode::Conflict,
                tr("Several repositories are called \"%1\". Give the id instead.").arg(idOrTitle));
}

Result<> Workspace::writeRepository(const ClientRepository &repository)
{
    OVVOC_TRY(database, clientDatabase(repository.clientId));
    OVVOC_TRY(
        sealed,
        sealFor(repository.clientId, "repository", repository.id, compact(toJson(repository))));
    OVVOC_CHECK(database->run(
        QStringLiteral("INSERT INTO repository (id, created, archived, sealed) VALUES (?, ?, ?, ?) "
                       "ON CONFLICT (id) DO UPDATE SET archived = excluded.archived, sealed = "
                       "excluded.sealed"),
        {repository.id, repository.created.toMSecsSinceEpoch(), repository.archived, sealed}));
    return {};
}

Result<ClientRepository> Workspace::addRepository(ClientRepository repository)
{
    OVVOC_TRY(name, checkedName(repository.name));
    repository.name = name;
    repository.id = newId();
    repository.created = QDateTime::currentDateTimeUtc();
    OVVOC_TRY(database, clientDatabase(repository.clientId));
    OVVOC_CHECK(database->transaction([&]() -> Result<> {
        OVVOC_TRY(all, repositories(repository.clientId));
        for (const ClientRepository &one : all) {
            const bool same = one.kind == repository.kind
                && (one.kind == ClientRepository::Kind::GitHub ? one.forgeId == repository.forgeId
                                                               : one.path == repository.path);
            if (same)
                return fail(
                    ErrorCode::Conflict,
                    tr("\"%1\" is among this client's repositories already.").arg(one.title()));
        }
        OVVOC_CHECK(writeRepository(repository));
        return m_audit->add({"repository.add",
                             repository.clientId,
                             {},
                             "ok",
                             {{"repository", repository.title()}}});
    }));
    emit changed(repository.clientId);
    return repository;
}

Result<> Workspace::saveRepository(const ClientRepository &repository)
{
    OVVOC_TRY(database, clientDatabase(repository.clientId));
    OVVOC_CHECK(database->transaction([&]() -> Result<> {
        OVVOC_TRY(before, this->repository(repository.clientId, repository.id));
        OVVOC_CHECK(writeRepository(repository));
        if (before.archived != repository.archived || before.baseBranch != repository.baseBranch
            || before.name != repository.name)
            OVVOC_CHECK(m_audit->add({"repository.change",
                                      repository.clientId,
                                      {},
                                      "ok",
                                      {{"repository", repository.title()},
                                       {"archived", repository.archived},
                                       {"baseBranch", repository.baseBranch}}}));
        return auditOverrides(before.overrides, repository.overrides, repository.clientId,
                              repository.title());
    }));
    emit changed(repository.clientId);
    return {};
}

Result<> Workspace::removeRepository(const QString &clientId, const QString &id)
{
    OVVOC_TRY(database, clientDatabase(clientId));
    OVVOC_CHECK(database->transaction([&]() -> Result<> {
        OVVOC_TRY(before, repository(clientId, id));
        OVVOC_CHECK(
            database->run(QStringLiteral("DELETE FROM repository WHERE id = ?"), {before.id}));
        for (const char *table : {"scan", "open_proposal"})
            OVVOC_CHECK(database->run(
                QStringLiteral("DELETE FROM %1 WHERE repository = ?").arg(QLatin1String(table)),
                {before.id}));
        return m_audit->add(
            {"repository.remove", clientId, {}, "ok", {{"repository", before.title()}}});
    }));
    emit changed(clientId);
    return {};
}

} // namespace ovvoc
