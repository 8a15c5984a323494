// What Workspace does with the repositories of a client.

#include "base/ids.h"
#include "base/sortkey.h"
#include "clients/clientjson.h"
#include "clients/recorddigest.h"
#include "clients/workspace.h"
#include "clients/workspace_p.h"
#include "crypto/sealing.h"
#include "patch/libgit.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <algorithm>

namespace ovvoc {

namespace {

ClientRow rowOf(const ClientRepository &repository)
{
    return {QStringLiteral("repository"), repository.id, repository.created.toMSecsSinceEpoch(),
            repository.archived, compact(toJson(repository))};
}

QMap<QString, QByteArray> coverOf(const ClientRepository &repository)
{
    return {{repositoryRecord(repository.clientId, repository.id),
             recordDigest(compact(toJson(repository)),
                          {repository.archived ? 1 : 0, repository.created.toMSecsSinceEpoch()})}};
}

} // namespace

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

Result<ClientRepository> Workspace::addRepository(ClientRepository repository)
{
    OVVOC_TRY(name, checkedName(repository.name));
    repository.name = name;
    repository.id = newId();
    repository.created = QDateTime::currentDateTimeUtc();
    if (repository.kind == ClientRepository::Kind::Local) {
        // One that is no repository (yet) is said by its first job.
        const auto folders = gitFoldersOf(repository.path);
        for (const QString &folder : folders ? *folders : QStringList())
            OVVOC_CHECK(claimGitFolder(repository.clientId, folder, repository.path));
    }
    OVVOC_TRY(all, repositories(repository.clientId));
    for (const ClientRepository &one : all) {
        const bool same = one.kind == repository.kind
            && (one.kind == ClientRepository::Kind::GitHub ? one.forgeId == repository.forgeId
                                                           : one.path == repository.path);
        if (same)
            return fail(ErrorCode::Conflict,
                        tr("\"%1\" is among this client's repositories already.").arg(one.title()));
    }
    OVVOC_CHECK(writeRows(repository.clientId, {rowOf(repository)},
                          {{"repository.add",
                            repository.clientId,
                            {},
                            "ok",
                            {{"repository", repository.title()}},
                            coverOf(repository)}}));
    emit changed(repository.clientId);
    return repository;
}

Result<> Workspace::saveRepository(const ClientRepository &wanted)
{
    ClientRepository repository = wanted;
    OVVOC_TRY(before, this->repository(repository.clientId, repository.id));
    repository.created = before.created;
    QList<AuditEvent> events;
    ClientRepository same = repository;
    same.overrides = before.overrides;
    if (same != before)
        events << AuditEvent{"repository.change",
                             repository.clientId,
                             {},
                             "ok",
                             {{"repository", repository.title()},
                              {"archived", repository.archived},
                              {"baseBranch", repository.baseBranch}},
                             {}};
    events += overrideEvents(before.overrides, repository.overrides, repository.clientId,
                             repository.title());
    if (events.isEmpty())
        return {};
    for (AuditEvent &event : events)
        event.covers = coverOf(repository);
    OVVOC_CHECK(writeRows(repository.clientId, {rowOf(repository)}, events));
    emit changed(repository.clientId);
    return {};
}

Result<> Workspace::removeRepository(const QString &clientId, const QString &id)
{
    OVVOC_TRY(before, repository(clientId, id));
    QList<ClientRow> gone;
    for (const char *table : {"repository", "scan", "open_proposal"})
        gone << ClientRow{QLatin1String(table), before.id, 0, false, std::nullopt};
    if (before.kind == ClientRepository::Kind::Local) {
        const auto folders = gitFoldersOf(before.path);
        for (const QString &folder : folders ? *folders : QStringList()) {
            const QByteArray hash = keyedHash(m_keys->search(), folder.toUtf8()).toHex();
            OVVOC_CHECK(
                m_database->run(QStringLiteral("DELETE FROM meta WHERE name = ? AND value = ?"),
                                {"git/" + QString::fromLatin1(hash), clientId.toUtf8()}));
        }
    }
    OVVOC_CHECK(writeRows(clientId, gone,
                          {{"repository.remove",
                            clientId,
                            {},
                            "ok",
                            {{"repository", before.title()}},
                            {{repositoryRecord(clientId, before.id), QByteArray()},
                             {scanRecord(clientId, before.id), QByteArray()}}}}));
    emit changed(clientId);
    return {};
}

QString Workspace::machineClientName()
{
    return QCoreApplication::translate("Workspace", "This machine");
}

Result<> Workspace::claimGitFolder(const QString &clientId, const QString &gitFolder,
                                   const QString &path)
{
    const QString name =
        "git/" + QString::fromLatin1(keyedHash(m_keys->search(), gitFolder.toUtf8()).toHex());
    return m_database->transaction([&]() -> Result<> {
        OVVOC_TRY(
            holder,
            m_database->value(QStringLiteral("SELECT value FROM meta WHERE name = ?"), {name}));
        const QString other = QString::fromUtf8(holder.toByteArray());
        if (other == clientId)
            return {};
        if (!other.isEmpty() && dataKey(other)) {
            OVVOC_TRY(client, this->client(other));
            OVVOC_TRY(claimer, this->client(clientId));
            OVVOC_TRY(theirs, repositories(other));
            const QString real = QFileInfo(path).canonicalFilePath();
            const bool sameFolder = std::ranges::any_of(theirs, [&](const auto &one) {
                return one.kind == ClientRepository::Kind::Local
                    && QFileInfo(one.path).canonicalFilePath() == real;
            });
            if (sameFolder && claimer.name == machineClientName())
                return {}; // the client keeps it
            if (!sameFolder || client.name != machineClientName())
                return fail(ErrorCode::Conflict,
                            tr("The git directory %1 is that of a repository of %2. A repository "
                               "belongs to one client, and nothing of another is read.")
                                .arg(gitFolder, client.name));
        }
        OVVOC_CHECK(m_database->run(QStringLiteral("INSERT OR REPLACE INTO meta VALUES (?, ?)"),
                                    {name, clientId.toUtf8()}));
        return {};
    });
}

} // namespace ovvoc
