#pragma once

#include "keychain/secretstore.h"

namespace ovvoc {

/// The keychain of the operating system over QtKeychain: Secret Service or KWallet, the macOS
/// keychain, the Windows credential store. There is no plaintext fallback.
class SystemKeychain final : public SecretStore
{
public:
    /// \a timeoutMs: how long a person may take to answer the keychain's own prompt.
    explicit SystemKeychain(int timeoutMs = 60'000);
    TaskResult<std::shared_ptr<const SecretBytes>> read(QString name) override;
    TaskResult<> write(QString name, std::shared_ptr<const SecretBytes> secret) override;
    TaskResult<> remove(QString name) override;

private:
    int m_timeoutMs;
};

/// What one of QKeychain::Error's values means, with its own way out. \a words: the backend's own.
Error explainKeychainError(int error, const QString &words);

} // namespace ovvoc
