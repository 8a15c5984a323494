// How Workspace turns its keys: safe against a crash at any moment.

#include "base/logging.h"
#include "clients/clientjson.h"
#include "clients/workspace.h"
#include "clients/workspace_p.h"
#include "crypto/sealing.h"

namespace ovvoc {

TaskResult<> Workspace::rotateKey()
{
    const QString id = m_folder.id;
    // The place for the next key may hold the only copy of this one, when a rotation before was cut
    // off: it goes to its own place first.
    OVVOC_CO_CHECK(co_await reloadKeys());
    auto current = co_await WorkspaceKeys::loadFrom(m_store, id, WorkspaceKeys::keyEntry(id));
    if (!current || (*current)->fingerprint() != m_keys->fingerprint()) {
        OVVOC_CO_TRY(kept, co_await m_store->read(WorkspaceKeys::nextKeyEntry(id)));
        OVVOC_CO_CHECK(co_await m_store->write(WorkspaceKeys::keyEntry(id), kept));
    }
    OVVOC_CO_CHECK(refuseWhileJobsRun({}));
    const auto [renewed, secret] = WorkspaceKeys::renewed(*m_keys);
    const std::shared_ptr<const WorkspaceKeys> keys = renewed;
    const std::shared_ptr<const SecretBytes> bytes = secret;
    OVVOC_CO_CHECK(co_await m_store->write(WorkspaceKeys::nextKeyEntry(id), bytes));
    const std::shared_ptr<const WorkspaceKeys> before = m_keys;
    auto done = m_database->transaction([&]() -> Result<> {
        OVVOC_CHECK(refuseWhileJobsRun({}));
        // Before the seals change: this entry is the last one under the old key.
        OVVOC_CHECK(m_audit->add({"workspace.rotate-key", {}, {}, "ok", {}}));
        OVVOC_TRY(rows,
                  m_database->rows(QStringLiteral(
                      "SELECT id, wrapped_key FROM client WHERE wrapped_key IS NOT NULL")));
        for (const Database::Row &row : rows) {
            const QByteArray place =
                placeOf(row[0].toString(), QStringLiteral("client"), QStringLiteral("key"));
            OVVOC_TRY(plain, unseal(before->wrapping(), row[1].toByteArray(), place));
            const SecretBytes key = SecretBytes::takeFrom(plain);
            const auto raw = key.bytes();
            OVVOC_TRY(
                wrapped,
                seal(keys->wrapping(), QByteArrayView(raw.data(), qsizetype(raw.size())), place));
            OVVOC_CHECK(
                m_database->run(QStringLiteral("UPDATE client SET wrapped_key = ? WHERE id = ?"),
                                {wrapped, row[0]}));
        }
        OVVOC_TRY(pending,
                  m_database->value(
                      QStringLiteral("SELECT count(*) FROM meta WHERE name LIKE 'rotating/%'")));
        if (pending.toInt() > 0)
            return fail(
                ErrorCode::Conflict,
                tr("A client's key is being changed. Open that client once, then try again."));
        const auto again = [&](const QString &select, const QString &update,
                               const char *place) -> Result<> {
            OVVOC_TRY(kept, m_database->value(select));
            if (!kept.isValid())
                return {};
            OVVOC_TRY(plain, unseal(before->records(), kept.toByteArray(), place));
            OVVOC_TRY(sealed, seal(keys->records(), plain, place));
            OVVOC_CHECK(m_database->run(update, {sealed}));
            return {};
        };
        OVVOC_CHECK(again(QStringLiteral("SELECT value FROM meta WHERE name = 'search'"),
                          QStringLiteral("UPDATE meta SET value = ? WHERE name = 'search'"),
                          "meta/search"));
        OVVOC_CHECK(again(QStringLiteral("SELECT sealed FROM setting WHERE name = 'agency'"),
                          QStringLiteral("UPDATE setting SET sealed = ? WHERE name = 'agency'"),
                          "setting/agency"));
        OVVOC_CHECK(m_database->run(QStringLiteral("UPDATE meta SET value = ? WHERE name = 'key'"),
                                    {keys->fingerprint()}));
        return m_audit->resealAll(*before, *keys);
    });
    if (!done) {
        // Whether a COMMIT that failed has happened all the same, only the file knows.
        const auto kept =
            m_database->value(QStringLiteral("SELECT value FROM meta WHERE name = 'key'"));
        if (!kept || kept->toByteArray() != keys->fingerprint())
            co_return done;
    }
    m_keys = keys;
    m_audit->useKeys(keys);
    OVVOC_CO_CHECK(co_await m_store->write(WorkspaceKeys::keyEntry(id), bytes));
    OVVOC_CO_CHECK(co_await m_store->remove(WorkspaceKeys::nextKeyEntry(id)));
    co_return {};
}

Result<> Workspace::resealClientFile(const QString &clientId, Database &database,
                                     const SecretBytes &before, const SecretBytes &after)
{
    // Within the workspace's own transaction, so that no other program writes to the file
    // meanwhile.
    return m_database->transaction([&]() -> Result<> {
        OVVOC_CHECK(database.transaction([&]() -> Result<> {
            for (const char *table : {"repository", "job", "job_part", "scan", "open_proposal"}) {
                const QString name = QLatin1String(table);
                const bool ofRepository =
                    name == QLatin1String("scan") || name == QLatin1String("open_proposal");
                const QString key = ofRepository        ? QStringLiteral("repository")
                    : name == QLatin1String("job_part") ? QStringLiteral("job || '/' || part")
                                                        : QStringLiteral("id");
                OVVOC_TRY(
                    rows,
                    database.rows(QStringLiteral("SELECT %1, sealed FROM %2").arg(key, name)));
                for (const Database::Row &row : rows) {
                    const QByteArray place = placeOf(clientId, name, row[0].toString());
                    auto plain = unseal(before, row[1].toByteArray(), place);
                    if (!plain) {
                        // Written after the rotation began, or broken: either way not ours to
                        // change.
                        continue;
                    }
                    OVVOC_TRY(sealed, seal(after, *plain, place));
                    OVVOC_CHECK(database.run(
                        QStringLiteral("UPDATE %2 SET sealed = ? WHERE %1 = ?").arg(key, name),
                        {sealed, row[0]}));
                }
            }
            return {};
        }));
        OVVOC_CHECK(m_database->run(QStringLiteral("DELETE FROM meta WHERE name = ?"),
                                    {"rotating/" + clientId}));
        return {};
    });
}

Result<> Workspace::adoptRotatedFile(const QString &clientId, Database &file)
{
    OVVOC_TRY(rotating,
              m_database->value(QStringLiteral("SELECT value FROM meta WHERE name = ?"),
                                {"rotating/" + clientId}));
    if (!rotating.isValid())
        return {};
    OVVOC_TRY(plain,
              unseal(m_keys->wrapping(), rotating.toByteArray(),
                     placeOf(clientId, QStringLiteral("client"), QStringLiteral("key"))));
    const SecretBytes before = SecretBytes::takeFrom(plain);
    const SecretBytes after = dataKey(clientId)->clone();
    return resealClientFile(clientId, file, before, after);
}

Result<> Workspace::rotateClientKey(const QString &idOrName)
{
    OVVOC_TRY(client, this->client(idOrName));
    OVVOC_TRY(database, clientDatabase(client.id));
    OVVOC_CHECK(refuseWhileJobsRun(client.id));
    OVVOC_CHECK(applyPending(client.id, *database));
    const SecretBytes before = dataKey(client.id)->clone();
    const SecretBytes after = newKey();
    const QByteArray keyPlace = placeOf(client.id, QStringLiteral("client"), QStringLiteral("key"));
    const auto wrap = [&](const SecretBytes &key) {
        const auto raw = key.bytes();
        return seal(m_keys->wrapping(), QByteArrayView(raw.data(), qsizetype(raw.size())),
                    keyPlace);
    };
    auto done = m_database->transaction([&]() -> Result<> {
        OVVOC_CHECK(refuseWhileJobsRun(client.id));
        OVVOC_CHECK(applyPending(client.id, *database)); // another program's
        OVVOC_TRY(now, this->client(client.id));
        if (now != client || keyedHash(*dataKey(client.id), "same") != keyedHash(before, "same"))
            return fail(ErrorCode::Conflict,
                        tr("Another program has changed this client. Try again."));
        // The old key is kept until the client's own file has followed, which a crash may delay.
        OVVOC_TRY(old, wrap(before));
        OVVOC_CHECK(m_database->run(QStringLiteral("INSERT INTO meta VALUES (?, ?)"),
                                    {"rotating/" + client.id, old}));
        OVVOC_TRY(rows,
                  m_database->rows(
                      QStringLiteral("SELECT seq, detail_sealed FROM audit WHERE client = ?"),
                      {client.id}));
        for (const Database::Row &row : rows) {
            const QByteArray place = "audit/detail/" + QByteArray::number(row[0].toLongLong());
            auto plain = unseal(before, row[1].toByteArray(), place);
            if (!plain)
                continue; // broken already: Verify says so
            OVVOC_TRY(sealed, seal(after, *plain, place));
            OVVOC_CHECK(
                m_database->run(QStringLiteral("UPDATE audit SET detail_sealed = ? WHERE seq = ?"),
                                {sealed, row[0]}));
        }
        OVVOC_TRY(wrapped, wrap(after));
        OVVOC_TRY(sealed,
                  seal(after, compact(toJson(client)),
                       placeOf(client.id, QStringLiteral("client"), QStringLiteral("row"))));
        OVVOC_CHECK(m_database->run(
            QStringLiteral("UPDATE client SET wrapped_key = ?, sealed = ? WHERE id = ?"),
            {wrapped, sealed, client.id}));
        m_dataKeys.insert_or_assign(client.id, after.clone());
        return m_audit->add({"client.rotate-key", client.id, {}, "ok", {}});
    });
    if (!done) {
        m_dataKeys.insert_or_assign(client.id, before.clone());
        return done;
    }
    OVVOC_CHECK(resealClientFile(client.id, *database, before, after));
    emit changed(client.id);
    return {};
}

} // namespace ovvoc
