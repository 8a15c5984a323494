#include "store/workspacekeys.h"

#include "crypto/sealing.h"
#include "crypto/signing.h"

#include <QCoreApplication>

namespace ovvoc {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("Workspace", text);
}

TaskResult<std::shared_ptr<const SecretBytes>> readOrMake(std::shared_ptr<SecretStore> store,
                                                          QString entry, bool mayMake)
{
    auto found = co_await store->read(entry);
    if (found && (*found)->size() != 32)
        co_return fail(
            ErrorCode::Damaged,
            tr("The keychain's entry \"%1\" is not what Ovvoc Desktop wrote there. Put it "
               "back from a backup of the keychain.")
                .arg(entry));
    if (found || found.error().code != ErrorCode::NotFound)
        co_return found;
    if (!mayMake)
        co_return fail(
            ErrorCode::NotFound,
            tr("The keychain has no entry \"%1\", without which this workspace cannot be "
               "read. Put it back from a backup of the keychain, or choose another "
               "workspace with OVVOC_WORKSPACE. Nothing was changed.")
                .arg(entry));
    const auto made = std::make_shared<const SecretBytes>(newKey());
    OVVOC_CO_CHECK(co_await store->write(entry, made));
    co_return std::shared_ptr<const SecretBytes>(made);
}

} // namespace

QString WorkspaceKeys::keyEntry(const QString &workspaceId)
{
    return QStringLiteral("Workspace key (%1)").arg(workspaceId);
}

QString WorkspaceKeys::auditEntry(const QString &workspaceId)
{
    return QStringLiteral("Audit signing key (%1)").arg(workspaceId);
}

QString WorkspaceKeys::headEntry(const QString &workspaceId)
{
    return QStringLiteral("Audit head (%1)").arg(workspaceId);
}

WorkspaceKeys::WorkspaceKeys(const SecretBytes &key, SecretBytes auditSeed)
    : m_wrapping(derivedKey(key, "ovvoc wrapping 1"))
    , m_records(derivedKey(key, "ovvoc records 1"))
    , m_auditSeed(std::move(auditSeed))
    , m_fingerprint(keyedHash(derivedKey(key, "ovvoc fingerprint 1"), "workspace").left(8))
{ }

QString WorkspaceKeys::nextKeyEntry(const QString &workspaceId)
{
    return QStringLiteral("Next workspace key (%1)").arg(workspaceId);
}

TaskResult<std::shared_ptr<WorkspaceKeys>> WorkspaceKeys::load(std::shared_ptr<SecretStore> store,
                                                               QString workspaceId, bool mayMake)
{
    OVVOC_CO_TRY(key, co_await readOrMake(store, keyEntry(workspaceId), mayMake));
    OVVOC_CO_TRY(seed, co_await readOrMake(store, auditEntry(workspaceId), mayMake));
    co_return std::shared_ptr<WorkspaceKeys>(new WorkspaceKeys(*key, seed->clone()));
}

TaskResult<std::shared_ptr<WorkspaceKeys>>
WorkspaceKeys::loadFrom(std::shared_ptr<SecretStore> store, QString workspaceId, QString entry)
{
    OVVOC_CO_TRY(key, co_await readOrMake(store, entry, false));
    OVVOC_CO_TRY(seed, co_await readOrMake(store, auditEntry(workspaceId), false));
    co_return std::shared_ptr<WorkspaceKeys>(new WorkspaceKeys(*key, seed->clone()));
}

std::pair<std::shared_ptr<const WorkspaceKeys>, std::shared_ptr<const SecretBytes>>
WorkspaceKeys::renewed(const WorkspaceKeys &before)
{
    const auto key = std::make_shared<const SecretBytes>(newKey());
    const std::shared_ptr<WorkspaceKeys> made(new WorkspaceKeys(*key, before.m_auditSeed.clone()));
    made->m_search = before.m_search.clone();
    return {made, key};
}

} // namespace ovvoc
