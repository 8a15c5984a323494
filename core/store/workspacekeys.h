#pragma once

#include "base/secretbytes.h"
#include "keychain/secretstore.h"

#include <memory>

namespace ovvoc {

/// The workspace's two secrets, from the keychain: the key that everything else is wrapped under,
/// and the seed that signs audit checkpoints. Nothing else of them is kept anywhere. Values that
/// are used for one purpose each are derived from the first (HKDF).
class WorkspaceKeys
{
public:
    /// Reads them. With \a mayMake (a new workspace) what is missing is made; else a missing entry
    /// is NotFound, because a new key would make everything that is there unreadable.
    static TaskResult<std::shared_ptr<WorkspaceKeys>> load(std::shared_ptr<SecretStore> store,
                                                           QString workspaceId, bool mayMake);

    /// The keys that a new workspace key gives; the audit's seed stays, and so does the search key.
    /// Not in the keychain yet.
    static std::pair<std::shared_ptr<const WorkspaceKeys>, std::shared_ptr<const SecretBytes>>
    renewed(const WorkspaceKeys &before);
    /// The same for a key that is already in the keychain under \a entry. NotFound when it is not.
    static TaskResult<std::shared_ptr<WorkspaceKeys>> loadFrom(std::shared_ptr<SecretStore> store,
                                                               QString workspaceId, QString entry);
    void setSearch(SecretBytes search) { m_search = std::move(search); }

    const SecretBytes &wrapping() const { return m_wrapping; } ///< wraps the clients' data keys
    const SecretBytes &records() const { return m_records; } ///< seals the workspace's own rows
    /// For keyedHash() of names. Kept in the workspace, sealed, so that hashes outlive a rotation.
    const SecretBytes &search() const { return m_search; }
    const SecretBytes &auditSeed() const { return m_auditSeed; }
    /// Tells keys apart without telling anything of them: 8 bytes.
    const QByteArray &fingerprint() const { return m_fingerprint; }

    static QString keyEntry(const QString &workspaceId);
    static QString nextKeyEntry(const QString &workspaceId); ///< while a rotation is under way
    static QString auditEntry(const QString &workspaceId);
    static QString headEntry(const QString &workspaceId);

private:
    WorkspaceKeys(const SecretBytes &key, SecretBytes auditSeed);
    SecretBytes m_wrapping, m_records, m_search, m_auditSeed;
    QByteArray m_fingerprint;
};

} // namespace ovvoc
