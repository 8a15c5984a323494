#pragma once

#include <QDateTime>
#include <QString>

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

} // namespace ovvoc
