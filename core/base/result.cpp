#include "base/result.h"

namespace ovvoc {

QString toString(ErrorCode code)
{
    switch (code) {
    case ErrorCode::InvalidInput:
        return QStringLiteral("invalid-input");
    case ErrorCode::NotFound:
        return QStringLiteral("not-found");
    case ErrorCode::Unsupported:
        return QStringLiteral("unsupported");
    case ErrorCode::NoEngine:
        return QStringLiteral("no-engine");
    case ErrorCode::EnginePermission:
        return QStringLiteral("engine-permission");
    case ErrorCode::EngineTooOld:
        return QStringLiteral("engine-too-old");
    case ErrorCode::EngineLost:
        return QStringLiteral("engine-lost");
    case ErrorCode::EngineRefused:
        return QStringLiteral("engine-refused");
    case ErrorCode::ImageMissing:
        return QStringLiteral("image-missing");
    case ErrorCode::DiskFull:
        return QStringLiteral("disk-full");
    case ErrorCode::OutOfMemory:
        return QStringLiteral("out-of-memory");
    case ErrorCode::Timeout:
        return QStringLiteral("timeout");
    case ErrorCode::Cancelled:
        return QStringLiteral("cancelled");
    case ErrorCode::Protocol:
        return QStringLiteral("protocol");
    case ErrorCode::TooLarge:
        return QStringLiteral("too-large");
    case ErrorCode::IsolationFailed:
        return QStringLiteral("isolation-failed");
    case ErrorCode::GateRefused:
        return QStringLiteral("gate-refused");
    case ErrorCode::NetworkDown:
        return QStringLiteral("network-down");
    case ErrorCode::CommandFailed:
        return QStringLiteral("command-failed");
    case ErrorCode::TestsFailed:
        return QStringLiteral("tests-failed");
    case ErrorCode::NothingProves:
        return QStringLiteral("nothing-proves");
    case ErrorCode::PolicyViolation:
        return QStringLiteral("policy-violation");
    case ErrorCode::Tampered:
        return QStringLiteral("tampered");
    case ErrorCode::Conflict:
        return QStringLiteral("conflict");
    case ErrorCode::KeychainMissing:
        return QStringLiteral("keychain-missing");
    case ErrorCode::KeychainLocked:
        return QStringLiteral("keychain-locked");
    case ErrorCode::KeychainDenied:
        return QStringLiteral("keychain-denied");
    case ErrorCode::Unauthorized:
        return QStringLiteral("unauthorized");
    case ErrorCode::Forbidden:
        return QStringLiteral("forbidden");
    case ErrorCode::RateLimited:
        return QStringLiteral("rate-limited");
    case ErrorCode::ReadOnly:
        return QStringLiteral("read-only");
    case ErrorCode::Damaged:
        return QStringLiteral("damaged");
    case ErrorCode::NewerSchema:
        return QStringLiteral("newer-schema");
    case ErrorCode::Interrupted:
        return QStringLiteral("interrupted");
    case ErrorCode::Internal:
        return QStringLiteral("internal");
    }
    return QStringLiteral("internal");
}

} // namespace ovvoc
