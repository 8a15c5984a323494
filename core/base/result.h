#pragma once

#include <QString>
#include <qcoro/qcorotask.h>
#include <tl/expected.hpp>

namespace ovvoc {

/// What kind of thing went wrong. For branching; people read Error::message.
enum class ErrorCode {
    InvalidInput, ///< something the caller or the user gave is wrong
    NotFound,
    Unsupported,
    NoEngine, ///< no engine answers on any known socket
    EnginePermission, ///< the socket is there, this user may not use it
    EngineTooOld,
    EngineLost, ///< the connection ended in the middle
    EngineRefused, ///< the engine said no, its words are in detail
    ImageMissing,
    DiskFull,
    OutOfMemory,
    Timeout,
    Cancelled,
    Protocol, ///< the other side broke a protocol; it is hostile or damaged
    TooLarge, ///< a bound was reached
    IsolationFailed, ///< a hardening control is not what was asked for
    GateRefused,
    NetworkDown,
    CommandFailed, ///< a step of the recipe ended with a non-zero exit code
    TestsFailed,
    NothingProves, ///< the repository has nothing that could prove an update
    PolicyViolation, ///< the sealed patch touches what it may not
    Tampered, ///< what the tests are judged by was changed while the build ran
    Conflict, ///< the base moved, or a name is taken
    KeychainMissing, ///< no keychain service runs
    KeychainLocked, ///< it is locked, or waits for a person
    KeychainDenied,
    Unauthorized, ///< the forge does not accept the credential
    Forbidden, ///< the forge knows the credential, and it may not
    RateLimited, ///< the forge wants us to wait
    ReadOnly, ///< a file may not be written
    Damaged, ///< a file of ours is broken; it was left as it is
    NewerSchema, ///< a file of ours is from a newer program
    Interrupted, ///< the program ended while the job ran
    Internal,
};

/// The code's name as written in JSON output, e.g. "engine-permission".
QString toString(ErrorCode code);

/// A failure. \a message is one or two sentences for a person and says what to do next; \a detail
/// is for the log and may hold the other side's own words (never a secret, never file content).
struct Error
{
    ErrorCode code = ErrorCode::Internal;
    QString message;
    QString detail;
    bool operator==(const Error &) const = default;
};

template <typename T = void> using Result = tl::expected<T, Error>;

template <typename T = void> using Task = QCoro::Task<T>;

/// A coroutine's usual return type.
template <typename T = void> using TaskResult = QCoro::Task<Result<T>>;

[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, QString message,
                                                QString detail = {})
{
    return tl::unexpected<Error>(Error{code, std::move(message), std::move(detail)});
}
[[nodiscard]] inline tl::unexpected<Error> fail(Error error)
{
    return tl::unexpected<Error>(std::move(error));
}

/// Declares \a name from the value of \a expr (a Result), or leaves the function with its error.
#define OVVOC_TRY(name, expr)                                                                      \
    auto name##Result = (expr);                                                                    \
    if (!name##Result)                                                                             \
        return ::ovvoc::fail(std::move(name##Result).error());                                     \
    auto name = std::move(*name##Result)

/// The same inside a coroutine.
#define OVVOC_CO_TRY(name, expr)                                                                   \
    auto name##Result = (expr);                                                                    \
    if (!name##Result)                                                                             \
        co_return ::ovvoc::fail(std::move(name##Result).error());                                  \
    auto name = std::move(*name##Result)

/// Leaves the coroutine with the error of \a expr (a Result<void>), if it has one.
#define OVVOC_CO_CHECK(expr)                                                                       \
    if (auto checked = (expr); !checked)                                                           \
    co_return ::ovvoc::fail(std::move(checked).error())

/// Leaves the function with the error of \a expr (a Result<void>), if it has one.
#define OVVOC_CHECK(expr)                                                                          \
    if (auto checked = (expr); !checked)                                                           \
    return ::ovvoc::fail(std::move(checked).error())

} // namespace ovvoc
