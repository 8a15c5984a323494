#include "clients/workspace.h"

#include "base/ids.h"
#include "base/logging.h"
#include "base/sortkey.h"
#include "clients/clientjson.h"
#include "clients/recorddigest.h"
#include "clients/workspace_p.h"
#include "crypto/appkey.h"
#include "crypto/sealing.h"
#include "store/schema.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QJsonDocument>
#include <QPointer>
#include <QSaveFile>
#include <QStandardPaths>
#include <algorithm>

namespace ovvoc {

namespace {

QMap<QString, QByteArray> coverOf(const Client &client)
{
    return {{clientRecord(client.id),
             recordDigest(compact(toJson(client)),
                          {client.archived ? 1 : 0, client.created.toMSecsSinceEpoch()})}};
}

} // namespace

Workspace::Workspace(WorkspaceFolder folder, std::shared_ptr<SecretStore> store)
    : m_folder(std::move(folder))
    , m_store(std::move(store))
{
    m_watch.setInterval(1000);
    connect(&m_watch, &QTimer::timeout, this, &Workspace::look);
}

Workspace::~Workspace() = default;

TaskResult<std::shared_ptr<Workspace>> Workspace::open(WorkspaceFolder folder,
                                                       std::shared_ptr<SecretStore> store)
{
    const std::shared_ptr<Workspace> workspace(new Workspace(std::move(folder), std::move(store)));
    OVVOC_CO_CHECK(co_await workspace->openFiles());
    co_return std::shared_ptr<Workspace>(workspace);
}

TaskResult<std::shared_ptr<Workspace>> Workspace::inspect(WorkspaceFolder folder,
                                                          std::shared_ptr<SecretStore> store)
{
    const std::shared_ptr<Workspace> workspace(new Workspace(std::move(folder), std::move(store)));
    workspace->m_inspecting = true;
    OVVOC_CO_CHECK(co_await workspace->openFiles());
    co_return std::shared_ptr<Workspace>(workspace);
}

TaskResult<> Workspace::openFiles()
{
    const QString id = m_folder.id;
    const bool existed = QFileInfo(m_folder.databasePath()).size() > 0;
    // The keychain before the file: without one nothing is made, and what it remembers of a log
    // says whether this workspace can be a new one.
    OVVOC_CO_TRY(head, co_await AuditLog::rememberedHead(m_store, id));
    std::shared_ptr<WorkspaceKeys> keys;
    QByteArray fingerprint;
    bool isNew = true;
    if (existed) {
        OVVOC_CO_TRY(
            database,
            Database::open(m_folder.databasePath(), schema::workspaceKind, schema::workspace()));
        m_database = std::move(database);
        OVVOC_CO_TRY(
            kept, m_database->value(QStringLiteral("SELECT value FROM meta WHERE name = 'key'")));
        fingerprint = kept.toByteArray();
        // A program that died between its first steps leaves a file without a key's fingerprint.
        OVVOC_CO_TRY(entries, m_database->value(QStringLiteral("SELECT count(*) FROM audit")));
        isNew = fingerprint.isEmpty() && entries.toLongLong() == 0;
    }
    if ((isNew && head.seq > 0) || (existed && !isNew && fingerprint.isEmpty()))
        co_return fail(
            ErrorCode::Damaged,
            tr("The audit log was tampered with or damaged: the keychain remembers %1 entries of "
               "this workspace's log, but %2 is missing, empty or cut down. Nothing was changed. "
               "Put the file back from a backup, or choose another workspace with OVVOC_WORKSPACE.")
                .arg(std::max<qint64>(0, head.seq))
                .arg(m_folder.databasePath()));
    OVVOC_CO_TRY(loaded, co_await WorkspaceKeys::load(m_store, id, isNew));
    keys = loaded;
    if (!fingerprint.isEmpty() && keys->fingerprint() != fingerprint) {
        // A rotation may have been cut off between the file and the keychain.
        const QString next = WorkspaceKeys::nextKeyEntry(id);
        auto other = co_await WorkspaceKeys::loadFrom(m_store, id, next);
        if (!other || (*other)->fingerprint() != fingerprint)
            co_return fail(
                ErrorCode::Damaged,
                tr("The keychain's key is not the one that this workspace was written "
                   "with. Put the right one back from a backup of the keychain, or choose "
                   "another workspace with OVVOC_WORKSPACE. Nothing was changed."));
        OVVOC_CO_TRY(secret, co_await m_store->read(next));
        OVVOC_CO_CHECK(co_await m_store->write(WorkspaceKeys::keyEntry(id), secret));
        OVVOC_CO_CHECK(co_await m_store->remove(next));
        keys = *other;
    }
    if (!m_database) {
        OVVOC_CO_TRY(
            database,
            Database::open(m_folder.databasePath(), schema::workspaceKind, schema::workspace()));
        m_database = std::move(database);
    }
    OVVOC_CO_CHECK(loadSearchKey(*keys));
    m_keys = keys;
    m_audit = std::make_unique<AuditLog>(m_database.get(), m_keys, m_store, id,
                                         [this](const QString &client) { return dataKey(client); });
    m_database->setGuard([this] { return guard(); });
    OVVOC_CO_CHECK(co_await checkLog(isNew, head));
    OVVOC_CO_TRY(version, m_database->dataVersion());
    m_seenVersion = version;
    m_watch.start();
    co_return {};
}

/// Before anything is written: is the log the one that the keychain remembers?
TaskResult<> Workspace::checkLog(bool isNew, AuditLog::Head head)
{
    Result<> checked;
    if (!isNew) // not in one expression: GCC 12 destroys twice what a co_await in a ?: made
        checked = co_await m_audit->checkHead();
    if (!checked && (!m_inspecting || checked.error().code != ErrorCode::Damaged))
        co_return checked;
    if (!checked) {
        m_damage = checked.error();
        m_audit->freeze(m_damage);
        co_return {};
    }
    m_inspecting = false;
    // Once, for what was kept before the log covered it: a head that was written since says so, and
    // no change of the file can bring it about again.
    OVVOC_CO_TRY(covered, m_audit->knows(QStringLiteral("audit.cover")));
    if (!covered && !head.covers) {
        OVVOC_CO_CHECK(m_database->transaction([this] {
            WorkspaceRecords records(this);
            return m_audit->cover(&records);
        }));
    }
    if (head.seq < 0) // from now on a missing head is a missing head
        OVVOC_CO_CHECK(co_await m_audit->settle());
    co_return {};
}

/// Begins every transaction, when no other program can write any more.
Result<> Workspace::guard()
{
    if (m_damage && m_inspecting)
        return fail(*m_damage);
    OVVOC_TRY(version, m_database->dataVersion());
    if (version == m_guardVersion)
        return {};
    // Another program may have changed a client's key, or the workspace's.
    m_dataKeys.clear();
    OVVOC_TRY(kept, m_database->value(QStringLiteral("SELECT value FROM meta WHERE name = 'key'")));
    if (kept.toByteArray() != m_keys->fingerprint())
        return fail(ErrorCode::Conflict,
                    tr("Another program is changing the workspace's key. Try again in a moment."));
    m_guardVersion = version;
    return {};
}

TaskResult<AuditVerdict> Workspace::verify(std::function<void(qint64, qint64)> progress)
{
    WorkspaceRecords records(this);
    auto verdict = co_await m_audit->verify(&records, progress);
    co_return verdict;
}

TaskResult<AuditVerdict> Workspace::acceptLog()
{
    OVVOC_CO_TRY(verdict, co_await verify());
    m_inspecting = false;
    m_audit->freeze({});
    WorkspaceRecords records(this);
    OVVOC_CO_CHECK(co_await m_audit->accept(verdict, &records));
    m_damage.reset();
    co_return AuditVerdict(verdict);
}

Result<> Workspace::loadSearchKey(WorkspaceKeys &keys)
{
    return m_database->transaction([&]() -> Result<> {
        OVVOC_TRY(
            kept,
            m_database->value(QStringLiteral("SELECT value FROM meta WHERE name = 'search'")));
        if (kept.isValid()) {
            OVVOC_TRY(plain, unseal(keys.records(), kept.toByteArray(), "meta/search"));
            keys.setSearch(SecretBytes::takeFrom(plain));
            return {};
        }
        SecretBytes made = newKey();
        const auto bytes = made.bytes();
        OVVOC_TRY(sealed,
                  seal(keys.records(), QByteArrayView(bytes.data(), qsizetype(bytes.size())),
                       "meta/search"));
        OVVOC_CHECK(
            m_database->run(QStringLiteral("INSERT INTO meta VALUES ('search', ?)"), {sealed}));
        OVVOC_CHECK(m_database->run(QStringLiteral("INSERT INTO meta VALUES ('key', ?)"),
                                    {keys.fingerprint()}));
        keys.setSearch(std::move(made));
        return {};
    });
}

void Workspace::look()
{
    const auto version = m_database->dataVersion();
    if (!version || *version == m_seenVersion)
        return;
    m_seenVersion = *version;
    // Another program may have removed a client, or changed its key: neither may live on here.
    m_dataKeys.clear();
    const auto kept =
        m_database->value(QStringLiteral("SELECT value FROM meta WHERE name = 'key'"));
    if (kept && kept->toByteArray() != m_keys->fingerprint()) {
        const QPointer<Workspace> self(this);
        reloadKeys().then([self](const Result<> &done) {
            if (!done)
                log().warn("workspace: its new key: {}", toString(done.error().code).toStdString());
            else if (self)
                emit self->changed(QString());
        });
        return;
    }
    std::erase_if(m_clients, [this](const auto &one) { return !dataKey(one.first); });
    emit changed(QString());
}

/// Another program has changed the workspace's key: the keychain has the new one.
TaskResult<> Workspace::reloadKeys()
{
    const QPointer<Workspace> self(this);
    const QString id = m_folder.id;
    for (const QString &entry : {WorkspaceKeys::keyEntry(id), WorkspaceKeys::nextKeyEntry(id)}) {
        auto keys = co_await WorkspaceKeys::loadFrom(m_store, id, entry);
        if (!self)
            co_return {};
        if (!keys && keys.error().code == ErrorCode::NotFound)
            continue;
        if (!keys)
            co_return fail(keys.error());
        OVVOC_CO_TRY(
            kept, m_database->value(QStringLiteral("SELECT value FROM meta WHERE name = 'key'")));
        if (kept.toByteArray() != (*keys)->fingerprint())
            continue;
        (*keys)->setSearch(m_keys->search().clone());
        m_keys = *keys;
        m_audit->useKeys(m_keys);
        m_dataKeys.clear();
        co_return {};
    }
    m_seenVersion = -1; // the keychain follows in a moment: look again
    co_return {};
}

const SecretBytes *Workspace::dataKey(const QString &clientId)
{
    if (const auto it = m_dataKeys.find(clientId); it != m_dataKeys.end())
        return &it->second;
    auto wrapped = m_database->value(QStringLiteral("SELECT wrapped_key FROM client WHERE id = ?"),
                                     {clientId});
    if (!wrapped || wrapped->isNull())
        return nullptr;
    auto plain = unseal(m_keys->wrapping(), wrapped->toByteArray(),
                        placeOf(clientId, QStringLiteral("client"), QStringLiteral("key")));
    if (!plain)
        return nullptr;
    return &m_dataKeys.emplace(clientId, SecretBytes::takeFrom(*plain)).first->second;
}

Result<QByteArray> Workspace::sealFor(const QString &clientId, const QString &table,
                                      const QString &row, const QByteArray &plain)
{
    const SecretBytes *key = dataKey(clientId);
    if (!key)
        return fail(ErrorCode::NotFound, tr("There is no such client any more."));
    return seal(*key, plain, placeOf(clientId, table, row));
}

Result<QByteArray> Workspace::unsealFor(const QString &clientId, const char *table,
                                        const QString &row, const QByteArray &sealed)
{
    const SecretBytes *key = dataKey(clientId);
    if (!key)
        return fail(ErrorCode::NotFound, tr("There is no such client any more."));
    auto plain = unseal(*key, sealed, placeOf(clientId, QLatin1String(table), row));
    if (plain)
        return plain;
    // While a program changes the client's key, its file may still be under the one before.
    OVVOC_TRY(rotating,
              m_database->value(QStringLiteral("SELECT value FROM meta WHERE name = ?"),
                                {"rotating/" + clientId}));
    if (!rotating.isValid())
        return plain;
    OVVOC_TRY(before,
              unseal(m_keys->wrapping(), rotating.toByteArray(),
                     placeOf(clientId, QStringLiteral("client"), QStringLiteral("key"))));
    return unseal(SecretBytes::takeFrom(before), sealed,
                  placeOf(clientId, QLatin1String(table), row));
}

Result<Database *> Workspace::clientDatabase(const QString &clientId)
{
    if (const auto it = m_clients.find(clientId); it != m_clients.end()) {
        it->second.used = ++m_uses;
        return it->second.database.get();
    }
    if (!dataKey(clientId))
        return fail(ErrorCode::NotFound, tr("There is no such client any more."));
    OVVOC_TRY(database,
              Database::open(m_folder.clientPath(clientId), schema::clientKind, schema::client()));
    if (!m_inspecting) {
        OVVOC_CHECK(adoptRotatedFile(clientId, *database));
        OVVOC_CHECK(applyPending(clientId, *database));
    }
    closeOldestFile();
    return m_clients.emplace(clientId, OpenFile{std::move(database), ++m_uses})
        .first->second.database.get();
}

/// Each open file holds three descriptors, of which a process has some thousand.
void Workspace::closeOldestFile()
{
    if (m_clients.size() < openFilesLimit)
        return;
    const auto oldest =
        std::min_element(m_clients.begin(), m_clients.end(), [](const auto &a, const auto &b) {
            return a.second.used < b.second.used;
        });
    m_clients.erase(oldest);
}

Result<Client> Workspace::clientFromRow(const Database::Row &row)
{
    Client client;
    client.id = row[0].toString();
    client.created = QDateTime::fromMSecsSinceEpoch(row[1].toLongLong(), Qt::UTC);
    client.archived = row[2].toBool();
    OVVOC_TRY(plain, unsealFor(client.id, "client", QStringLiteral("row"), row[3].toByteArray()));
    fromJson(QJsonDocument::fromJson(plain).object(), client);
    return client;
}

Result<QList<Client>> Workspace::clients()
{
    OVVOC_TRY(rows,
              m_database->rows(QStringLiteral("SELECT id, created, archived, sealed FROM client "
                                              "WHERE wrapped_key IS NOT NULL")));
    QList<Client> list;
    for (const Database::Row &row : rows) {
        // One that cannot be read stops none of the others; Verify names it.
        if (const auto client = clientFromRow(row))
            list << *client;
        else
            log().error("workspace: client {} cannot be read: {}", row[0].toString().toStdString(),
                        toString(client.error().code).toStdString());
    }
    std::sort(list.begin(), list.end(), [](const Client &a, const Client &b) {
        return std::pair(sortKey(a.name), a.id) < std::pair(sortKey(b.name), b.id);
    });
    return list;
}

Result<Client> Workspace::client(const QString &idOrName)
{
    OVVOC_TRY(byId,
              m_database->rows(QStringLiteral("SELECT id, created, archived, sealed FROM client "
                                              "WHERE id = ? AND wrapped_key IS NOT NULL"),
                               {idOrName}));
    if (!byId.isEmpty())
        return clientFromRow(byId.first());
    OVVOC_TRY(all, clients());
    QList<Client> found;
    for (const Client &one : all) {
        if (one.name.compare(idOrName, Qt::CaseInsensitive) == 0)
            found << one;
    }
    if (found.size() == 1)
        return found.first();
    if (found.isEmpty())
        return fail(ErrorCode::NotFound,
                    tr("There is no client \"%1\". See `ovvoc client list`.").arg(idOrName));
    return fail(ErrorCode::Conflict,
                tr("Several clients are called \"%1\". Give the id instead.").arg(idOrName));
}

Result<> Workspace::writeClient(const Client &client)
{
    OVVOC_TRY(sealed,
              sealFor(client.id, QStringLiteral("client"), QStringLiteral("row"),
                      compact(toJson(client))));
    OVVOC_TRY(
        changes,
        m_database->run(QStringLiteral("UPDATE client SET archived = ?, sealed = ? WHERE id = ?"),
                        {client.archived, sealed, client.id}));
    if (changes != 1)
        return fail(ErrorCode::NotFound, tr("There is no such client any more."));
    return {};
}

Result<Client> Workspace::addClient(const QString &wanted)
{
    OVVOC_TRY(name, checkedName(wanted));
    Client client;
    client.id = newId();
    client.name = name;
    client.created = QDateTime::currentDateTimeUtc();
    auto done = m_database->transaction([&]() -> Result<> {
        OVVOC_TRY(all, clients());
        for (const Client &one : all) {
            if (one.name.compare(name, Qt::CaseInsensitive) == 0)
                return fail(ErrorCode::Conflict, tr("There is a client \"%1\" already.").arg(name));
        }
        client.colour = int(all.size() % 8);
        SecretBytes key = newKey();
        const auto bytes = key.bytes();
        OVVOC_TRY(wrapped,
                  seal(m_keys->wrapping(), QByteArrayView(bytes.data(), qsizetype(bytes.size())),
                       placeOf(client.id, QStringLiteral("client"), QStringLiteral("key"))));
        OVVOC_CHECK(m_database->run(
            QStringLiteral(
                "INSERT INTO client (id, created, wrapped_key, sealed) VALUES (?, ?, ?, ?)"),
            {client.id, client.created.toMSecsSinceEpoch(), wrapped, QByteArray("")}));
        m_dataKeys.insert_or_assign(client.id, std::move(key));
        OVVOC_CHECK(writeClient(client));
        return m_audit->add({"client.add", client.id, {}, "ok", {{"name", name}}, coverOf(client)});
    });
    if (!done) {
        m_dataKeys.erase(client.id);
        return fail(done.error());
    }
    emit changed(client.id);
    return client;
}

QList<AuditEvent> overrideEvents(const SettingOverrides &before, const SettingOverrides &after,
                                 const QString &clientId, const QString &repository)
{
    QStringList names = before.keys() + after.keys();
    names.removeDuplicates();
    QList<AuditEvent> events;
    for (const QString &name : std::as_const(names)) {
        if (before[name] == after[name])
            continue;
        QJsonObject detail{{"setting", name},
                           {"before", before.contains(name) ? before[name] : QJsonValue()},
                           {"after", after.contains(name) ? after[name] : QJsonValue()}};
        if (!repository.isEmpty())
            detail["repository"] = repository;
        events << AuditEvent{"settings.change", clientId, {}, "ok", detail, {}};
    }
    return events;
}

Result<> Workspace::saveClient(const Client &wanted)
{
    Client client = wanted;
    OVVOC_TRY(name, checkedName(wanted.name));
    client.name = name;
    OVVOC_CHECK(m_database->transaction([&]() -> Result<> {
        OVVOC_TRY(before, this->client(client.id));
        client.created = before.created;
        OVVOC_CHECK(writeClient(client));
        QList<AuditEvent> events;
        const auto note = [&](const QString &action, const QJsonObject &detail) {
            events << AuditEvent{action, client.id, {}, "ok", detail, {}};
        };
        if (before.name != client.name)
            note("client.rename", {{"before", before.name}, {"after", client.name}});
        if (before.archived != client.archived)
            note(client.archived ? "client.archive" : "client.restore", {{"name", client.name}});
        if (before.colour != client.colour)
            note("client.colour", {{"before", before.colour}, {"after", client.colour}});
        if (before.github != client.github)
            note("client.github",
                 {{"app", client.github ? client.github->appName : QString()},
                  {"account", client.github ? client.github->account : QString()},
                  {"installation", client.github ? client.github->installationId : 0}});
        events += overrideEvents(before.overrides, client.overrides, client.id, {});
        for (AuditEvent &event : events) {
            event.covers = coverOf(client);
            OVVOC_CHECK(m_audit->add(event));
        }
        return {};
    }));
    emit changed(client.id);
    return {};
}

Result<> Workspace::refuseWhileJobsRun(const QString &clientId)
{
    OVVOC_TRY(rows,
              m_database->rows(QStringLiteral("SELECT DISTINCT process FROM job WHERE process <> "
                                              "'' AND (? = '' OR client = ?)"),
                               {clientId.isNull() ? QString("") : clientId, clientId}));
    for (const Database::Row &row : rows) {
        if (processLives(row[0].toString()))
            return fail(
                ErrorCode::Conflict,
                clientId.isEmpty()
                    ? tr("Jobs are running. Wait for their end, then do this again.")
                    : tr("Jobs of this client are running. Wait for their end, then do this "
                         "again."));
    }
    return {};
}

TaskResult<> Workspace::removeClient(QString clientId)
{
    OVVOC_CO_TRY(client, this->client(clientId));
    // Before anything is gone: what cannot be noted does not happen. Without a name: with the key
    // gone nobody could read it.
    OVVOC_CO_CHECK(m_database->transaction([&]() -> Result<> {
        OVVOC_CHECK(refuseWhileJobsRun(client.id));
        return m_audit->add({"client.erase", client.id, {}, "begun", {}});
    }));
    if (client.github && !client.github->keyEntry.isEmpty())
        OVVOC_CO_CHECK(co_await m_store->remove(client.github->keyEntry));
    OVVOC_CO_CHECK(co_await removeRegistryCredentials(client.id));
    OVVOC_CO_CHECK(m_database->transaction([&]() -> Result<> {
        OVVOC_CHECK(refuseWhileJobsRun(client.id));
        OVVOC_CHECK(m_audit->add({"client.erase", client.id, {}, "ok", {}}));
        for (const char *sql :
             {"DELETE FROM client WHERE id = ?", "DELETE FROM pending WHERE client = ?",
              "DELETE FROM job_word WHERE job IN (SELECT id FROM job WHERE client = ?)",
              "DELETE FROM job WHERE client = ?", "DELETE FROM meta WHERE name = 'rotating/' || ?",
              "DELETE FROM meta WHERE name = 'purged/' || ?",
              "DELETE FROM meta WHERE name LIKE 'git/%' AND value = CAST(? AS BLOB)"})
            OVVOC_CHECK(m_database->run(QLatin1String(sql), {client.id}));
        return {};
    }));
    m_dataKeys.erase(client.id);
    m_clients.erase(client.id);
    const QString path = m_folder.clientPath(client.id);
    for (const char *end : {"", "-wal", "-shm"})
        QFile::remove(path + QLatin1String(end));
    // The wrapped key must not stand in the journal either.
    OVVOC_CO_CHECK(m_database->shrink());
    emit changed(client.id);
    // Copies of the files still hold the wrapped key: what it is wrapped with goes as well.
    if (const auto renewed = co_await rotateKey(); !renewed)
        co_return fail(renewed.error().code,
                       tr("The client was erased. Copies of the files that were made before can "
                          "still be opened until the workspace's key is renewed, which could not "
                          "be done now: %1 Then run `ovvoc rotate-key`.")
                           .arg(renewed.error().message));
    co_return {};
}

Result<SettingOverrides> Workspace::agencyOverrides()
{
    OVVOC_TRY(
        kept,
        m_database->value(QStringLiteral("SELECT sealed FROM setting WHERE name = 'agency'")));
    if (!kept.isValid())
        return SettingOverrides{};
    OVVOC_TRY(plain, unseal(m_keys->records(), kept.toByteArray(), "setting/agency"));
    return QJsonDocument::fromJson(plain).object();
}

Result<> Workspace::saveAgencyOverrides(const SettingOverrides &overrides)
{
    OVVOC_CHECK(m_database->transaction([&]() -> Result<> {
        OVVOC_TRY(before, agencyOverrides());
        OVVOC_TRY(sealed, seal(m_keys->records(), compact(overrides), "setting/agency"));
        OVVOC_CHECK(m_database->run(
            QStringLiteral("INSERT INTO setting (name, sealed) VALUES ('agency', ?) "
                           "ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed"),
            {sealed}));
        for (AuditEvent &event : overrideEvents(before, overrides, {}, {})) {
            event.covers = {{settingsRecord(), recordDigest(compact(overrides))}};
            OVVOC_CHECK(m_audit->add(event));
        }
        return {};
    }));
    emit changed(QString());
    return {};
}

Result<Settings> Workspace::settingsOf(const QString &clientId, const QString &repositoryId)
{
    OVVOC_TRY(agency, agencyOverrides());
    if (clientId.isEmpty())
        return Settings(agency, {}, {});
    OVVOC_TRY(client, this->client(clientId));
    if (repositoryId.isEmpty())
        return Settings(agency, client.overrides, {});
    OVVOC_TRY(repository, this->repository(clientId, repositoryId));
    return Settings(agency, client.overrides, repository.overrides);
}

TaskResult<GitHubAccount> Workspace::storeAppKey(Client client,
                                                 std::shared_ptr<const SecretBytes> der)
{
    OVVOC_CO_TRY(fingerprint, appKeyFingerprint(*der));
    GitHubAccount account = client.github.value_or(GitHubAccount{});
    const bool first = account.keyEntry.isEmpty();
    if (first)
        account.keyEntry = appKeyEntry(client.id, client.name);
    const auto note = [&](const char *result) {
        return m_audit->add({first ? "key.store" : "key.rotate",
                             client.id,
                             {},
                             QLatin1String(result),
                             {{"fingerprint", fingerprint}}});
    };
    OVVOC_CO_CHECK(note("begun"));
    OVVOC_CO_CHECK(co_await m_store->write(account.keyEntry, der));
    account.keyFingerprint = fingerprint;
    OVVOC_CO_CHECK(note("ok"));
    co_return GitHubAccount(account);
}

TaskResult<> Workspace::removeAppKey(Client client)
{
    if (!client.github || client.github->keyEntry.isEmpty())
        co_return {};
    const auto note = [&](const char *result) {
        return m_audit->add({"key.remove",
                             client.id,
                             {},
                             QLatin1String(result),
                             {{"fingerprint", client.github->keyFingerprint}}});
    };
    OVVOC_CO_CHECK(note("begun"));
    OVVOC_CO_CHECK(co_await m_store->remove(client.github->keyEntry));
    OVVOC_CO_CHECK(note("ok"));
    client.github->keyEntry.clear();
    client.github->keyFingerprint.clear();
    co_return saveClient(client);
}

} // namespace ovvoc
