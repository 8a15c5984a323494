#include "engine/http.h"

#include <QUrl>

namespace ovvoc {

HttpExchange::HttpExchange(std::unique_ptr<ByteStream> stream)
    : m_stream(std::move(stream))
{ }

HttpExchange::~HttpExchange() = default;

QByteArray urlEncoded(const QString &text)
{
    return QUrl::toPercentEncoding(text);
}

namespace {

QByteArray serializedHead(const HttpRequest &request)
{
    QByteArray head = request.method + ' ' + request.target + " HTTP/1.1\r\nHost: engine\r\n";
    if (request.upgrade)
        head += "Connection: Upgrade\r\nUpgrade: tcp\r\n";
    else
        head += "Connection: close\r\n";
    if (!request.contentType.isEmpty())
        head += "Content-Type: " + request.contentType + "\r\n";
    if (request.bodySource)
        head += "Transfer-Encoding: chunked\r\n";
    else if (!request.body.isEmpty() || request.method == "POST")
        head += "Content-Length: " + QByteArray::number(request.body.size()) + "\r\n";
    return head + "\r\n";
}

/// Sends a device's bytes as chunks, at most 256 KiB queued at a time.
TaskResult<> sendChunked(ByteStream *stream, QIODevice *source)
{
    Wakeup more;
    QMetaObject::Connection ready =
        QObject::connect(source, &QIODevice::readyRead, stream, [more] { more.raise(); });
    QMetaObject::Connection finished =
        QObject::connect(source, &QIODevice::readChannelFinished, stream, [more] { more.raise(); });
    bool ended = !source->isSequential();
    QMetaObject::Connection end = QObject::connect(source, &QIODevice::readChannelFinished, stream,
                                                   [&ended] { ended = true; });
    Result<> result;
    for (;;) {
        const QByteArray bytes = source->read(64 * 1024);
        if (!bytes.isEmpty()) {
            result = stream->write(QByteArray::number(bytes.size(), 16) + "\r\n" + bytes + "\r\n");
            if (result)
                result = co_await stream->drained(256 * 1024);
            if (!result)
                break;
            continue;
        }
        if (ended || !source->isOpen())
            break;
        co_await more;
    }
    QObject::disconnect(ready);
    QObject::disconnect(finished);
    QObject::disconnect(end);
    if (result)
        result = stream->write("0\r\n\r\n");
    co_return result;
}

} // namespace

TaskResult<std::unique_ptr<HttpExchange>> HttpExchange::send(std::unique_ptr<ByteStream> stream,
                                                             HttpRequest request)
{
    std::unique_ptr<HttpExchange> exchange(new HttpExchange(std::move(stream)));
    ByteStream *connection = exchange->m_stream.get();
    OVVOC_CO_CHECK(connection->write(serializedHead(request) + request.body));
    if (request.bodySource) {
        auto sent = co_await sendChunked(connection, request.bodySource);
        // An engine that refuses a body answers and closes before it is all sent: its answer,
        // when there is one, says more than the broken pipe.
        if (!sent && !connection->isEnded())
            co_return fail(sent.error());
    }
    while (!exchange->m_parser.isHeadDone()) {
        OVVOC_CO_TRY(bytes, co_await connection->read());
        if (bytes.isEmpty())
            co_return fail(ErrorCode::EngineLost,
                           QStringLiteral("The engine closed the connection before it answered. "
                                          "Check that it is still running."));
        OVVOC_CO_CHECK(exchange->parseHead(bytes));
    }
    co_return std::move(exchange);
}

Result<> HttpExchange::parseHead(const QByteArray &bytes)
{
    m_pending += bytes;
    if (const auto read = m_parser.readHead(m_pending); !read)
        return fail(ErrorCode::Protocol,
                    QStringLiteral("The engine's answer is not valid HTTP. Is this really a "
                                   "Docker or Podman socket?"),
                    read.error().detail);
    return {};
}

int HttpExchange::status() const
{
    return m_parser.status();
}

QByteArray HttpExchange::header(const char *name) const
{
    return m_parser.header(name);
}

TaskResult<QByteArray> HttpExchange::readBody()
{
    for (;;) {
        const auto piece = m_parser.readBody(m_pending);
        if (!piece)
            co_return fail(ErrorCode::Protocol,
                           QStringLiteral("The engine's answer is not valid HTTP."),
                           piece.error().detail);
        if (!piece->isEmpty() || m_parser.isDone())
            co_return *piece;
        OVVOC_CO_TRY(bytes, co_await m_stream->read());
        if (bytes.isEmpty()) {
            if (!m_parser.end())
                co_return fail(ErrorCode::EngineLost,
                               QStringLiteral("The connection to the engine ended in the middle "
                                              "of an answer."));
            co_return QByteArray();
        }
        m_pending += bytes;
    }
}

TaskResult<QByteArray> HttpExchange::readAll(qint64 limit)
{
    QByteArray all;
    for (;;) {
        OVVOC_CO_TRY(piece, co_await readBody());
        if (piece.isEmpty())
            co_return all;
        all += piece;
        if (all.size() > limit)
            co_return fail(
                ErrorCode::TooLarge,
                QStringLiteral("The engine's answer is larger than %1 bytes.").arg(limit));
    }
}

std::unique_ptr<ByteStream> HttpExchange::takeStream()
{
    m_stream->unread(std::exchange(m_pending, {}));
    return std::move(m_stream);
}

} // namespace ovvoc
