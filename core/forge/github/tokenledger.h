#pragma once

#include "keychain/secretstore.h"

#include <QStringList>
#include <QUrl>

namespace ovvoc {

/// A token that lives, as the keychain keeps it.
struct LiveToken
{
    QString entry; ///< name in the keychain
    QUrl api;
    std::shared_ptr<const SecretBytes> token;
};

/// Notes every token before its first use and strikes it out after its revocation, so that the next
/// start can revoke what a crash left. The token itself is in the keychain; a file lists only the
/// names of those entries. Several programs may share one ledger: each leaves alone what belongs to
/// another that still runs. Lives on the core thread.
class TokenLedger
{
public:
    TokenLedger(QString file, std::shared_ptr<SecretStore> store);

    /// Returns the entry's name. When this fails the token must not be used.
    TaskResult<QString> note(QUrl api, std::shared_ptr<const SecretBytes> token);
    TaskResult<> strike(QString entry);
    /// What programs that no longer run have left. Entries whose secret has gone are struck out.
    TaskResult<QList<LiveToken>> leftovers();

private:
    Result<QStringList> names() const;
    /// Reads the file, lets \a change work on its lines, writes it: one program at a time.
    Result<> update(const std::function<void(QStringList &)> &change) const;
    QString m_file;
    std::shared_ptr<SecretStore> m_store;
};

} // namespace ovvoc
