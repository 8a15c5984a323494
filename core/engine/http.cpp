#include "engine/http.h"

#include <QUrl>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <limits>

namespace ovvoc {

namespace http = boost::beast::http;

struct HttpExchange::Parser
{
    http::response_parser<http::buffer_body> parser;
    Parser()
    {
        parser.header_limit(64 * 1024);
        // Boost 1.74 takes boost::none for a limit of nothing.
        parser.body_limit(std::numeric_limits<std::uint64_t>::max());
    }
};

HttpExchange::HttpExchange(std::unique_ptr<ByteStream> stream)
    : m_stream(std::move(stream))
    , m_parser(std::make_unique<Parser>())
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
    while (!exchange->m_parser->parser.is_header_done()) {
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
    auto &parser = m_parser->parser;
    while (!m_pending.isEmpty() && !parser.is_header_done()) {
        boost::system::error_code error;
        const std::size_t used = parser.put(
            boost::asio::buffer(m_pending.constData(), std::size_t(m_pending.size())), error);
        m_pending.remove(0, qsizetype(used));
        if (error == http::error::need_more)
            return {};
        if (error && error != http::error::need_buffer)
            return fail(ErrorCode::Protocol,
                        QStringLiteral("The engine's answer is not valid HTTP. Is this really a "
                                       "Docker or Podman socket?"),
                        QString::fromStdString(error.message()));
    }
    return {};
}

int HttpExchange::status() const
{
    return int(m_parser->parser.get().result_int());
}

QByteArray HttpExchange::header(const char *name) const
{
    const auto value = m_parser->parser.get()[name];
    return QByteArray(value.data(), qsizetype(value.size()));
}

TaskResult<QByteArray> HttpExchange::readBody()
{
    auto &parser = m_parser->parser;
    for (;;) {
        if (parser.is_done())
            co_return QByteArray();
        if (m_pending.isEmpty()) {
            OVVOC_CO_TRY(bytes, co_await m_stream->read());
            if (bytes.isEmpty()) {
                boost::system::error_code error;
                parser.put_eof(error);
                if (error)
                    co_return fail(ErrorCode::EngineLost,
                                   QStringLiteral("The connection to the engine ended in the "
                                                  "middle of an answer."));
                co_return QByteArray();
            }
            m_pending = bytes;
        }
        QByteArray piece(m_pending.size(), Qt::Uninitialized);
        auto &body = parser.get().body();
        body.data = piece.data();
        body.size = std::size_t(piece.size());
        body.more = true;
        boost::system::error_code error;
        const std::size_t used = parser.put(
            boost::asio::buffer(m_pending.constData(), std::size_t(m_pending.size())), error);
        m_pending.remove(0, qsizetype(used));
        piece.chop(qsizetype(body.size));
        if (error && error != http::error::need_buffer && error != http::error::need_more)
            co_return fail(ErrorCode::Protocol,
                           QStringLiteral("The engine's answer is not valid HTTP."),
                           QString::fromStdString(error.message()));
        if (!piece.isEmpty())
            co_return piece;
        // What is left is an incomplete chunk header: it needs more bytes to make progress.
        if (error == http::error::need_more && used == 0 && !parser.is_done()) {
            OVVOC_CO_TRY(bytes, co_await m_stream->read());
            if (bytes.isEmpty())
                co_return fail(ErrorCode::EngineLost,
                               QStringLiteral("The connection to the engine ended in the middle "
                                              "of an answer."));
            m_pending += bytes;
        }
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
