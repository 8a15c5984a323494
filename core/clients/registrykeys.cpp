// The credentials of a client's package registries: in the keychain, and nowhere else.

#include "clients/workspace.h"
#include "crypto/sealing.h"

#include <QCoreApplication>
#include <QCryptographicHash>

namespace ovvoc {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("Registry", text);
}

/// Says nothing of the address: the keychain's own window shows these names.
QString placeOf(const QString &url)
{
    return QString::fromLatin1(
        QCryptographicHash::hash(url.toUtf8(), QCryptographicHash::Sha256).toHex().left(16));
}

QString entryOf(const QString &clientId, const QString &place)
{
    return tr("Registry credential %1 of client %2").arg(place, clientId);
}

QString noteOf(const QString &clientId)
{
    return QStringLiteral("registry/") + clientId + '/';
}

} // namespace

TaskResult<> Workspace::storeRegistryCredential(QString clientId, QString url,
                                                std::shared_ptr<const SecretBytes> secret)
{
    OVVOC_CO_TRY(client, this->client(clientId));
    OVVOC_CO_TRY(settings, settingsOf(client.id));
    OVVOC_CO_TRY(asked, parseRegistry(url));
    for (const RegistrySetting &registry : settings.registries()) {
        if (registry.url != asked.url)
            continue;
        OVVOC_CO_TRY(checked, authorizationOf(registry.credential, *secret));
        const QString place = placeOf(registry.url), entry = entryOf(client.id, place);
        const auto note = [&](const char *result) {
            return m_audit->add({"registry.credential.store",
                                 client.id,
                                 {},
                                 QLatin1String(result),
                                 {{"registry", registry.url}}});
        };
        // Noted before it is there, so that removing the client finds it whatever happens.
        OVVOC_CO_CHECK(m_database->run(
            QStringLiteral("INSERT OR REPLACE INTO meta VALUES (? || ?, CAST('' AS BLOB))"),
            {noteOf(client.id), place}));
        OVVOC_CO_CHECK(note("begun"));
        OVVOC_CO_CHECK(co_await m_store->write(entry, secret));
        co_return note("ok");
    }
    co_return fail(ErrorCode::NotFound,
                   tr("%1 is none of this client's registries. Add it first.").arg(asked.url));
}

TaskResult<std::shared_ptr<const SecretBytes>> Workspace::registryCredential(QString clientId,
                                                                             QString url)
{
    co_return co_await m_store->read(entryOf(clientId, placeOf(url)));
}

TaskResult<> Workspace::removeRegistryCredential(QString clientId, QString url)
{
    OVVOC_CO_TRY(client, this->client(clientId));
    const QString place = placeOf(url);
    OVVOC_CO_CHECK(co_await m_store->remove(entryOf(client.id, place)));
    OVVOC_CO_CHECK(m_database->run(QStringLiteral("DELETE FROM meta WHERE name = ? || ?"),
                                   {noteOf(client.id), place}));
    co_return m_audit->add(
        {"registry.credential.remove", client.id, {}, "ok", {{"registry", url}}});
}

TaskResult<> Workspace::removeRegistryCredentials(QString clientId)
{
    OVVOC_CO_TRY(rows,
                 m_database->rows(QStringLiteral("SELECT name FROM meta WHERE substr(name, "
                                                 "1, length(?)) = ?"),
                                  {noteOf(clientId), noteOf(clientId)}));
    for (const Database::Row &row : rows) {
        const QString name = row[0].toString();
        OVVOC_CO_CHECK(co_await m_store->remove(entryOf(clientId, name.section('/', -1))));
        OVVOC_CO_CHECK(m_database->run(QStringLiteral("DELETE FROM meta WHERE name = ?"), {name}));
    }
    co_return {};
}

} // namespace ovvoc
