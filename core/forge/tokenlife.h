#pragma once

#include "audit/auditlog.h"

#include <QDateTime>
#include <QString>
#include <functional>

namespace ovvoc {

/// What is known of one token of a job, without the token. Shown on the job's line and kept.
struct TokenLife
{
    enum class State { Live, Revoked, RevocationFailed };
    QString purpose; ///< "Clone", "PR"
    QString permissions; ///< "contents: read, metadata: read"
    QString repository; ///< the only one it may touch
    QDateTime minted;
    QDateTime ended; ///< when it was revoked, or when that failed
    State state = State::Live;
    bool confirmed = false; ///< a call with it was answered 401 afterwards
    bool operator==(const TokenLife &) const = default;
};

QString toString(TokenLife::State state);

/// The moments of a token's life of which the audit log knows.
enum class TokenMoment {
    Asked, ///< it is about to be minted: what cannot be noted is not minted
    Refused, ///< the forge gave none
    Minted,
    Ended ///< revoked, or that failed
};
/// Notes a moment; an error of Asked and Minted means that there must be no such token.
using TokenNote =
    std::function<Result<>(TokenMoment moment, const TokenLife &life, const QString &jobId)>;

/// What the audit log says of a moment in a token's life. \a jobId: empty for one of no job.
AuditEvent tokenEvent(const QString &clientId, const QString &jobId, TokenMoment moment,
                      const TokenLife &token);

} // namespace ovvoc
