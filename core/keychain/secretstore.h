#pragma once

#include "base/result.h"
#include "base/secretbytes.h"

namespace ovvoc {

/// Where secrets are kept: the keychain of the operating system. Asynchronous and never hanging: a
/// keychain that prompts or is locked ends in an error after a time-out of its own.
/// Lives on the core thread.
///
/// Errors of every call: KeychainMissing (no keychain service runs), KeychainLocked (also when it
/// does not answer: it is waiting for a person), KeychainDenied, TooLarge, Internal.
class SecretStore
{
public:
    /// The smallest limit of any platform (Windows: CRED_MAX_CREDENTIAL_BLOB_SIZE), in bytes.
    static constexpr std::size_t maximumSize = 2560;

    virtual ~SecretStore() = default;
    /// NotFound when there is no such entry.
    virtual TaskResult<std::shared_ptr<const SecretBytes>> read(QString name) = 0;
    virtual TaskResult<> write(QString name, std::shared_ptr<const SecretBytes> secret) = 0;
    /// Removing what is not there is a success.
    virtual TaskResult<> remove(QString name) = 0;
};

/// How the entry of a client's App key is named, so that a person finds it in the keychain's own
/// window. The client may be renamed later: keep the name with it.
QString appKeyEntry(const QString &clientId, const QString &clientName);

} // namespace ovvoc
