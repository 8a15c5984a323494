#include "forge/tokenlife.h"

namespace ovvoc {

QString toString(TokenLife::State state)
{
    switch (state) {
    case TokenLife::State::Live:
        return QStringLiteral("live");
    case TokenLife::State::Revoked:
        return QStringLiteral("revoked");
    case TokenLife::State::RevocationFailed:
        return QStringLiteral("revocation-failed");
    }
    return {};
}

AuditEvent tokenEvent(const QString &clientId, const QString &jobId, TokenMoment moment,
                      const TokenLife &token)
{
    AuditEvent event{moment == TokenMoment::Ended ? QStringLiteral("token.revoke")
                                                  : QStringLiteral("token.mint"),
                     clientId,
                     jobId,
                     "ok",
                     {{"purpose", token.purpose},
                      {"permissions", token.permissions},
                      {"repository", token.repository},
                      {"confirmed", token.confirmed}},
                     {}};
    if (moment == TokenMoment::Asked)
        event.result = QStringLiteral("begun");
    else if (moment == TokenMoment::Refused)
        event.result = QStringLiteral("failed");
    else if (moment == TokenMoment::Ended && token.state != TokenLife::State::Revoked)
        event.result = toString(token.state);
    return event;
}

} // namespace ovvoc
