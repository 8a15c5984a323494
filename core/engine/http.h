#pragma once

#include "base/httpparser.h"
#include "engine/bytestream.h"

#include <memory>
#include <vector>

namespace ovvoc {

/// One HTTP/1.1 request as the Engine API needs it.
struct HttpRequest
{
    QByteArray method = "GET";
    QByteArray target; ///< path and query, already encoded
    QByteArray contentType;
    QByteArray body;
    QIODevice *bodySource = nullptr; ///< sent chunked instead of body; must outlive the request
    bool upgrade = false; ///< ask for a raw stream (Connection: Upgrade, Upgrade: tcp)
};

/// One request and its response over one connection. Parsed by Boost.Beast; bounded headers
/// (64 KiB). Not reused: the connection closes with the exchange.
class HttpExchange
{
public:
    /// Sends \a request and waits for the response's head.
    static TaskResult<std::unique_ptr<HttpExchange>> send(std::unique_ptr<ByteStream> stream,
                                                          HttpRequest request);
    ~HttpExchange();

    int status() const;
    QByteArray header(const char *name) const;

    /// The next piece of the body, decoded from its transfer encoding; empty at its end.
    /// A body that ends early is EngineLost.
    TaskResult<QByteArray> readBody();
    /// The whole body, at most \a limit bytes.
    TaskResult<QByteArray> readAll(qint64 limit);

    /// After an upgrade (or a 200 answer that turns into a raw stream): the connection, with what
    /// was read too far put back. The exchange is done after this.
    std::unique_ptr<ByteStream> takeStream();
    ByteStream *stream() const { return m_stream.get(); }

private:
    explicit HttpExchange(std::unique_ptr<ByteStream> stream);
    Result<> parseHead(const QByteArray &bytes);
    std::unique_ptr<ByteStream> m_stream;
    HttpAnswerParser m_parser;
    QByteArray m_pending;
};

/// \a text percent-encoded for use as one path segment or query value.
QByteArray urlEncoded(const QString &text);

} // namespace ovvoc
