#include "base/httpparser.h"

#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <limits>

namespace ovvoc {

namespace http = boost::beast::http;

namespace {

QByteArray bytesOf(boost::beast::string_view text)
{
    return QByteArray(text.data(), qsizetype(text.size()));
}

tl::unexpected<Error> notHttp(const boost::system::error_code &error)
{
    return fail(ErrorCode::Protocol, QStringLiteral("This is not valid HTTP."),
                QString::fromStdString(error.message()));
}

/// Gives a parser what there is and takes from the front what it used: the error, and how much.
template <typename Parser>
std::pair<boost::system::error_code, std::size_t> put(Parser &parser, QByteArray &bytes)
{
    boost::system::error_code error;
    const std::size_t used =
        parser.put(boost::asio::buffer(bytes.constData(), std::size_t(bytes.size())), error);
    bytes.remove(0, qsizetype(used));
    return {error, used};
}

} // namespace

struct HttpAnswerParser::State
{
    http::response_parser<http::buffer_body> parser;
};

HttpAnswerParser::HttpAnswerParser(bool headOnly)
    : m_state(std::make_unique<State>())
{
    m_state->parser.header_limit(64 * 1024);
    // Boost 1.74 takes boost::none for a limit of nothing.
    m_state->parser.body_limit(std::numeric_limits<std::uint64_t>::max());
    m_state->parser.skip(headOnly);
}

HttpAnswerParser::~HttpAnswerParser() = default;
HttpAnswerParser::HttpAnswerParser(HttpAnswerParser &&) noexcept = default;
HttpAnswerParser &HttpAnswerParser::operator=(HttpAnswerParser &&) noexcept = default;

Result<> HttpAnswerParser::readHead(QByteArray &bytes)
{
    auto &parser = m_state->parser;
    while (!bytes.isEmpty() && !parser.is_header_done()) {
        const boost::system::error_code error = put(parser, bytes).first;
        if (error == http::error::need_more)
            return {};
        if (error && error != http::error::need_buffer)
            return notHttp(error);
    }
    return {};
}

bool HttpAnswerParser::isHeadDone() const
{
    return m_state->parser.is_header_done();
}

int HttpAnswerParser::status() const
{
    return int(m_state->parser.get().result_int());
}

QByteArray HttpAnswerParser::header(const char *name) const
{
    return bytesOf(m_state->parser.get()[name]);
}

bool HttpAnswerParser::hasNoLength() const
{
    return m_state->parser.chunked() || m_state->parser.need_eof();
}

bool HttpAnswerParser::keepsConnection() const
{
    return m_state->parser.keep_alive();
}

Result<QByteArray> HttpAnswerParser::readBody(QByteArray &bytes)
{
    auto &parser = m_state->parser;
    while (!bytes.isEmpty() && !parser.is_done()) {
        QByteArray piece(bytes.size(), Qt::Uninitialized);
        auto &body = parser.get().body();
        body.data = piece.data();
        body.size = std::size_t(piece.size());
        body.more = true;
        const auto [error, used] = put(parser, bytes);
        piece.chop(qsizetype(body.size));
        if (error && error != http::error::need_buffer && error != http::error::need_more)
            return notHttp(error);
        if (!piece.isEmpty())
            return piece;
        // What is left is an incomplete chunk header: it needs more bytes to make progress.
        if (error == http::error::need_more && used == 0)
            break;
    }
    return QByteArray();
}

bool HttpAnswerParser::isDone() const
{
    return m_state->parser.is_done();
}

bool HttpAnswerParser::end()
{
    if (!m_state->parser.is_header_done())
        return false;
    boost::system::error_code error;
    m_state->parser.put_eof(error);
    return !error;
}

struct HttpRequestParser::State
{
    http::request_parser<http::string_body> parser;
};

HttpRequestParser::HttpRequestParser()
    : m_state(std::make_unique<State>())
{
    m_state->parser.header_limit(headLimit);
    m_state->parser.body_limit(std::uint64_t(bodyLimit));
    m_state->parser.eager(true);
}

HttpRequestParser::~HttpRequestParser() = default;
HttpRequestParser::HttpRequestParser(HttpRequestParser &&) noexcept = default;
HttpRequestParser &HttpRequestParser::operator=(HttpRequestParser &&) noexcept = default;

Result<> HttpRequestParser::read(QByteArray &bytes)
{
    auto &parser = m_state->parser;
    while (!bytes.isEmpty() && !parser.is_done()) {
        const boost::system::error_code error = put(parser, bytes).first;
        if (error == http::error::need_more)
            return {};
        if (error == http::error::header_limit || error == http::error::body_limit)
            return fail(ErrorCode::TooLarge, QStringLiteral("The request is too large."));
        if (error)
            return notHttp(error);
    }
    return {};
}

bool HttpRequestParser::isDone() const
{
    return m_state->parser.is_done();
}

QByteArray HttpRequestParser::method() const
{
    return bytesOf(m_state->parser.get().method_string());
}

QByteArray HttpRequestParser::target() const
{
    return bytesOf(m_state->parser.get().target());
}

QByteArray HttpRequestParser::body() const
{
    return QByteArray::fromStdString(m_state->parser.get().body());
}

QByteArray HttpRequestParser::header(const char *name) const
{
    return bytesOf(m_state->parser.get()[name]);
}

bool HttpRequestParser::keepsConnection() const
{
    return m_state->parser.keep_alive();
}

} // namespace ovvoc
