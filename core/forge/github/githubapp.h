#pragma once

#include "base/mask.h"
#include "forge/github/restclient.h"
#include "forge/github/tokenledger.h"
#include "forge/tokenlife.h"

#include <QJsonObject>
#include <functional>

namespace ovvoc {

/// A place where an App is installed.
struct Installation
{
    qint64 id = 0;
    QString account; ///< the organisation's or person's login
    bool suspended = false;
    bool allRepositories = false;
    QJsonObject permissions;
    bool operator==(const Installation &) const = default;
};

/// Where an App is installed, as the API tells it.
Installation installationFromJson(const QJsonObject &object);

/// A repository that an installation may touch.
struct InstalledRepository
{
    qint64 id = 0;
    QString fullName; ///< "owner/name"
    QString defaultBranch;
    bool archived = false;
    bool isPrivate = true;
    bool operator==(const InstalledRepository &) const = default;
};

/// A token that lives. Give it back to GitHubApp::revoke().
struct InstallationToken
{
    std::shared_ptr<const SecretBytes> secret;
    QString ledgerEntry;
    TokenLife life;
};

/// What a token may do. Nothing is granted that is not named here.
struct TokenRequest
{
    QString purpose;
    qint64 repositoryId = 0;
    QString repositoryName; ///< "owner/name"
    QJsonObject permissions; ///< {"contents": "read"}
    /// Its id is not known: it is asked for by its name, of the installation's owner.
    bool byName = false;
};

/// One client's GitHub App: speaks for itself with a JWT, and mints and revokes installation
/// tokens, each for one repository and one purpose. Lives on the core thread.
/// https://docs.github.com/rest/apps/apps
class GitHubApp
{
public:
    /// \a issuer: the App's client id or numeric id. \a mask learns every token at once, so that it
    /// is in no log.
    GitHubApp(QString issuer, std::shared_ptr<const SecretBytes> keyDer,
              std::shared_ptr<RestClient> rest, std::shared_ptr<TokenLedger> ledger,
              std::shared_ptr<SecretMask> mask);

    /// The App's own record (GET /app): name, slug, permissions. Sets the clock right on the way:
    /// an answer of 401 whose Date is away from this machine's clock is tried once more with
    /// GitHub's time.
    TaskResult<QJsonObject> self();
    TaskResult<QList<Installation>> installations();
    /// The installation that covers a repository. NotFound when the App is not installed there, or
    /// there is no such repository: GitHub does not tell the two apart.
    TaskResult<Installation> installationOf(QString owner, QString name);
    /// Needs a short-lived token of its own (metadata: read), which is revoked before it returns.
    TaskResult<QList<InstalledRepository>> repositories(qint64 installationId);

    /// Where each moment of each token's life is noted; null: nowhere. \a jobId: see setJob().
    void setNote(TokenNote note) { m_note = std::move(note); }
    /// The job for which tokens are minted from now on; empty: for none.
    void setJob(const QString &jobId) { m_job = jobId; }

    /// Mints a token and notes it in the ledger before anybody can use it. What cannot be noted is
    /// not minted.
    TaskResult<InstallationToken> mint(qint64 installationId, TokenRequest request);
    /// Revokes it, checks that it is dead, strikes it from the ledger. The result is what is now
    /// known of it; an error is in its state and in the log, because nothing else can be done.
    Task<TokenLife> revoke(InstallationToken token);

    /// Seconds that GitHub's clock is ahead of this machine's (negative: behind), as last seen.
    qint64 clockSkew() const { return m_skew; }
    const std::shared_ptr<RestClient> &rest() const { return m_rest; }

private:
    TaskResult<RestAnswer> asApp(RestRequest request);
    Result<std::shared_ptr<const SecretBytes>> jwt();
    QString m_issuer;
    std::shared_ptr<const SecretBytes> m_key;
    std::shared_ptr<RestClient> m_rest;
    std::shared_ptr<TokenLedger> m_ledger;
    std::shared_ptr<SecretMask> m_mask;
    Result<> note(TokenMoment moment, const TokenLife &life) const;
    TaskResult<InstallationToken> mintNoted(qint64 installationId, TokenRequest request,
                                            TokenLife life);
    TokenNote m_note;
    QString m_job;
    qint64 m_skew = 0;
    std::shared_ptr<const SecretBytes> m_jwt; ///< used again while it is fresh
    QDateTime m_jwtMade;
};

/// Revokes a token by its own power (DELETE /installation/token) and checks that it is dead. True
/// when the check was answered; false when the revocation was confirmed (204) and the check could
/// not be made: a limit, or the network. Protocol when the token still lives.
TaskResult<bool> revokeToken(std::shared_ptr<RestClient> rest,
                             std::shared_ptr<const SecretBytes> token);

/// Revokes what a crash left in the ledger. Returns how many were revoked. \a clientFor gives the
/// REST client of an API address.
TaskResult<int>
revokeLeftovers(std::shared_ptr<TokenLedger> ledger,
                std::function<Result<std::shared_ptr<RestClient>>(const QUrl &)> clientFor);

} // namespace ovvoc
