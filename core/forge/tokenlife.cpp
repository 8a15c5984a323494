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

} // namespace ovvoc
