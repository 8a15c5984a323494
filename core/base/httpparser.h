#pragma once

#include "base/result.h"

#include <QByteArray>
#include <memory>

namespace ovvoc {

/// Reads one HTTP/1.1 answer (RFC 9112) from bytes as they come, by Boost.Beast. Takes what it
/// needs from the front of a buffer of the caller's and leaves the rest. The bytes may be hostile:
/// a head is at most 64 KiB, a body is handed on in pieces and never kept.
class HttpAnswerParser
{
public:
    /// \a headOnly: the answer to a HEAD request, which has no body whatever its head says.
    explicit HttpAnswerParser(bool headOnly = false);
    ~HttpAnswerParser();
    HttpAnswerParser(HttpAnswerParser &&) noexcept;
    HttpAnswerParser &operator=(HttpAnswerParser &&) noexcept;

    /// Reads on in the head. Protocol when it is not valid HTTP.
    Result<> readHead(QByteArray &bytes);
    bool isHeadDone() const;
    int status() const;
    QByteArray header(const char *name) const; ///< empty when there is none
    /// Whether its length is told by chunks or by the connection's end, and not by the head.
    bool hasNoLength() const;
    bool keepsConnection() const;

    /// The next piece of the body, decoded from its transfer encoding. Empty: more bytes are
    /// needed, or it isDone(). Protocol when it is not valid HTTP.
    Result<QByteArray> readBody(QByteArray &bytes);
    bool isDone() const;
    /// The connection has ended. False when the answer had not.
    bool end();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// Reads one request of an HTTP/1.1 connection in the same way; the next request is for another
/// one. Bounded: a head of 16 KiB, a body of 4 MiB.
class HttpRequestParser
{
public:
    static constexpr qsizetype headLimit = 16 * 1024;
    static constexpr qsizetype bodyLimit = 4 * 1024 * 1024;

    HttpRequestParser();
    ~HttpRequestParser();
    HttpRequestParser(HttpRequestParser &&) noexcept;
    HttpRequestParser &operator=(HttpRequestParser &&) noexcept;

    /// Reads on; TooLarge or Protocol.
    Result<> read(QByteArray &bytes);
    bool isDone() const;
    QByteArray method() const;
    QByteArray target() const;
    QByteArray body() const;
    QByteArray header(const char *name) const;
    bool keepsConnection() const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace ovvoc
