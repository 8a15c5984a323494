#include "gate/registryendpoint.h"

#include "crypto/jobauthority.h"
#include "gate/packagestore.h"
#include "gate/sni.h"

namespace ovvoc {

namespace {

/// What of a request is passed on. Nothing that names a credential is among it.
constexpr const char *passedOn[] = {"Accept", "Accept-Encoding", "User-Agent", "If-None-Match",
                                    "If-Modified-Since"};
/// What of an answer is passed back; how long it is and whether it goes on is said anew.
constexpr const char *passedBack[] = {
    "Content-Type", "Content-Encoding", "ETag", "Last-Modified", "Cache-Control", "Date", "Age",
    "Expires",      "Retry-After",      "Vary", "Location",      "npm-notice"};

constexpr qsizetype readBuffer = 256 * 1024;

/// What of packages is held in memory at this moment, by all jobs: a cell may ask for many large
/// ones at once. What does not fit is passed on without being kept.
class Held
{
public:
    Held() = default;
    Held(const Held &) = delete;
    Held &operator=(const Held &) = delete;
    ~Held() { drop(); }
    bool take(qint64 bytes)
    {
        if (all() + bytes > Q_INT64_C(256) << 20)
            return false;
        all() += bytes;
        m_own += bytes;
        return true;
    }
    void drop() { all() -= std::exchange(m_own, 0); }

private:
    static qint64 &all()
    {
        static qint64 bytes = 0; // on the core thread alone
        return bytes;
    }
    qint64 m_own = 0;
};

Error over()
{
    return {ErrorCode::NetworkDown, QStringLiteral("the connection ended"), {}};
}

} // namespace

RegistryEndpoint::RegistryEndpoint(Gate *gate, LinkStream *stream, AllowedHost host, EgressRow row)
    : QObject(gate)
    , m_gate(gate)
    , m_stream(stream)
    , m_host(std::move(host))
    , m_routes(gate->routesOf(m_host))
    , m_row(std::move(row))
{
    m_clock.start();
    m_row.open = true;
    m_row.verdict = EgressRow::Verdict::Allowed;
    connect(stream, &LinkStream::received, this, &RegistryEndpoint::fromCell);
    connect(stream, &LinkStream::receivedEnd, this, [this] {
        m_inputEnded = true;
        m_more.raise();
    });
    connect(stream, &LinkStream::drained, this, [this] { m_more.raise(); });
    connect(stream, &LinkStream::closed, this, [this] { end(EgressRow::Verdict::Allowed, {}); });
    m_silence.setSingleShot(true);
    m_silence.setInterval(silenceLimit);
    connect(&m_silence, &QTimer::timeout, this, [this] {
        m_silent = true;
        m_more.raise();
    });
    m_reporter.setInterval(100);
    connect(&m_reporter, &QTimer::timeout, this, &RegistryEndpoint::report);
    m_reporter.start();
    report();
    stream->respond(200);
    serve();
}

RegistryEndpoint::~RegistryEndpoint()
{
    m_more.raise(); // whoever waits finds that this is gone
}

Task<> RegistryEndpoint::serve()
{
    const QPointer<RegistryEndpoint> self(this);
    while (self && !m_ended) {
        auto request = co_await nextRequest();
        if (!self)
            co_return;
        Result<> done;
        bool keeps = false;
        if (request) {
            keeps = request->keepsConnection();
            done = co_await answer(std::move(*request));
            if (!self)
                co_return;
        } else {
            done = fail(request.error());
        }
        if (!done) {
            const ErrorCode code = done.error().code;
            if (code == ErrorCode::NetworkDown)
                end(EgressRow::Verdict::Allowed, {});
            else
                end(code == ErrorCode::Damaged ? EgressRow::Verdict::Failed
                                               : EgressRow::Verdict::Refused,
                    done.error().message);
            co_return;
        }
        if (!keeps) {
            m_tls->shutDown();
            flush();
            if (m_stream)
                m_stream->finish();
            end(EgressRow::Verdict::Allowed, {});
        }
    }
}

/// Until something happened on either side, or nothing did for too long.
TaskResult<> RegistryEndpoint::waitForMore()
{
    const QPointer<RegistryEndpoint> self(this);
    m_silent = false;
    m_silence.start();
    const Wakeup more = m_more;
    co_await more;
    if (!self)
        co_return fail(over());
    m_silence.stop();
    if (m_broken)
        co_return fail(*m_broken);
    if (m_ended)
        co_return fail(over());
    co_return {};
}

void RegistryEndpoint::fromCell(const QByteArray &bytes)
{
    if (m_ended)
        return;
    m_row.bytesOut += bytes.size();
    m_unconsumed += bytes.size();
    QByteArray encrypted = bytes;
    if (!m_checked) {
        m_hello += bytes;
        const ClientHello hello = readClientHello(m_hello);
        if (hello.state == ClientHello::State::Incomplete)
            return;
        if (hello.state == ClientHello::State::NotTls)
            return end(EgressRow::Verdict::Refused, tr("not TLS"));
        if (hello.state == ClientHello::State::Damaged)
            return end(EgressRow::Verdict::Refused, tr("a damaged TLS handshake"));
        if (hello.serverName != m_host.name)
            return end(EgressRow::Verdict::Refused,
                       hello.serverName.isEmpty()
                           ? tr("the TLS handshake names no server")
                           : tr("the TLS handshake asks for %1").arg(hello.serverName));
        auto context = m_gate->m_authority->contextFor(m_host.name);
        if (!context)
            return end(EgressRow::Verdict::Failed, context.error().message);
        m_tls = std::make_unique<TlsSession>(*context);
        m_checked = true;
        encrypted = std::exchange(m_hello, {});
    }
    auto plain = m_tls->feed(encrypted);
    flush();
    if (!plain) {
        m_broken = Error{ErrorCode::Protocol,
                         tr("the cell broke the TLS connection (%1)").arg(plain.error().detail),
                         {}};
    } else {
        m_plain += *plain;
        m_inputEnded = m_inputEnded || m_tls->hasEnded();
    }
    m_more.raise();
}

void RegistryEndpoint::flush()
{
    if (!m_stream || !m_tls)
        return;
    const QByteArray bytes = m_tls->takeOutput();
    if (bytes.isEmpty())
        return;
    m_row.bytesIn += bytes.size();
    m_stream->send(bytes);
}

TaskResult<HttpRequestParser> RegistryEndpoint::nextRequest()
{
    const QPointer<RegistryEndpoint> self(this);
    HttpRequestParser request;
    for (;;) {
        const auto read = request.read(m_plain);
        // The cell may send on as far as what it has sent was taken in.
        if (m_stream && m_plain.size() < readBuffer)
            m_stream->consumed(std::exchange(m_unconsumed, 0));
        if (!read)
            co_return fail(ErrorCode::Protocol, tr("not HTTP: %1").arg(read.error().message));
        if (request.isDone())
            co_return request;
        if (m_inputEnded || m_ended)
            co_return fail(over());
        auto more = co_await waitForMore();
        if (!self)
            co_return fail(over());
        if (!more)
            co_return fail(more.error());
        if (m_silent)
            co_return fail(over());
    }
}

TaskResult<> RegistryEndpoint::send(QByteArray plain)
{
    const QPointer<RegistryEndpoint> self(this);
    OVVOC_CO_CHECK(m_tls->write(plain));
    flush();
    while (m_stream && m_stream->queued() >= LinkStream::queueLimit) {
        auto more = co_await waitForMore();
        if (!self)
            co_return fail(over());
        OVVOC_CO_CHECK(more);
        if (m_silent)
            co_return fail(over());
    }
    if (!m_stream)
        co_return fail(over());
    co_return {};
}

/// Says no to one request; the connection goes on. It has a row of its own, so that it is seen.
TaskResult<> RegistryEndpoint::refuse(QByteArray head, QString reason, int status)
{
    if (m_gate->m_nextRow <= quint64(Gate::maximumRows)) {
        EgressRow row = m_gate->newRow(m_host.name, m_host.port);
        row.verdict = status == 403 ? EgressRow::Verdict::Refused : EgressRow::Verdict::Failed;
        row.reason = reason;
        row.what = QString::fromLatin1(head.left(300));
        emit m_gate->rowChanged(row);
    }
    const QByteArray text = "ovvoc gate: " + reason.toUtf8() + '\n';
    const QByteArray answer = "HTTP/1.1 " + QByteArray::number(status)
        + (status == 403 ? " Forbidden" : " Bad Gateway")
        + "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: "
        + QByteArray::number(text.size()) + "\r\n\r\n"
        + (head.startsWith("HEAD ") ? QByteArray() : text);
    co_return co_await send(answer);
}

void RegistryEndpoint::named(const RegistryQuestion &question, const QByteArray &method)
{
    ++m_row.requests;
    const QString name = question.kind == RegistryQuestion::Kind::Advisories ? tr("advisories")
        : question.package.isEmpty()                                         ? tr("other")
                                                                             : question.package;
    const QString what = method == "GET" ? name : QString::fromLatin1(method) + ' ' + name;
    if (m_row.what.size() < 400 && !m_row.what.split(QStringLiteral(", ")).contains(what))
        m_row.what += (m_row.what.isEmpty() ? QString() : QStringLiteral(", ")) + what.left(100);
}

TaskResult<> RegistryEndpoint::answer(HttpRequestParser request)
{
    const QPointer<RegistryEndpoint> self(this);
    const QByteArray method = request.method(), target = request.target();
    const QByteArray line = method + ' ' + target;
    if (++m_gate->m_requests > Gate::maximumRequests)
        co_return fail(ErrorCode::GateRefused,
                       tr("more than %1 requests in one job").arg(Gate::maximumRequests));
    const auto question = readQuestion(method, target, m_routes);
    if (!question) {
        const QString reason = question.error().message;
        co_return co_await refuse(line, reason);
    }
    named(*question, method);
    // Only what is public, and the same for everybody, is kept.
    QString kept;
    if (m_gate->m_packages && question->route && question->route->isPublic && method == "GET"
        && question->kind == RegistryQuestion::Kind::Package && !target.contains('?'))
        kept = QStringLiteral("https://%1:%2%3")
                   .arg(m_host.name)
                   .arg(m_host.port)
                   .arg(QString::fromLatin1(target));
    Held held;
    const qint64 size = kept.isEmpty() ? 0 : m_gate->m_packages->sizeOf(kept);
    if (size > 0 && held.take(size)) {
        const std::shared_ptr<PackageStore> packages = m_gate->m_packages;
        const auto bytes = co_await packages->read(kept);
        if (!self)
            co_return fail(over());
        if (bytes) {
            ++m_row.kept;
            const QByteArray head = "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
                                    "Content-Length: "
                + QByteArray::number(bytes->size()) + "\r\n\r\n";
            OVVOC_CO_CHECK(co_await send(head));
            for (qsizetype at = 0; self && at < bytes->size(); at += readBuffer) {
                const QByteArray piece = bytes->mid(at, readBuffer);
                OVVOC_CO_CHECK(co_await send(piece));
            }
            co_return {};
        }
    }
    const RegistryQuestion what = *question;
    auto done = co_await forward(std::move(request), what, kept);
    if (!self)
        co_return fail(over());
    if (!done && done.error().code == ErrorCode::GateRefused) {
        const QString reason = done.error().message;
        co_return co_await refuse(line, reason);
    }
    // Nothing was answered yet: the cell is told what is wrong.
    if (!done && done.error().code == ErrorCode::Unsupported) {
        const QString reason = done.error().message;
        co_return co_await refuse(line, reason, 502);
    }
    co_return done;
}

TaskResult<> RegistryEndpoint::connectUpstream()
{
    const QPointer<RegistryEndpoint> self(this);
    m_fromUpstream.clear();
    m_upstream.reset();
    const QPointer<QObject> asker(this);
    const AllowedHost host = m_host;
    auto socket = co_await m_gate->dial(host, asker, true);
    if (!self)
        co_return fail(over());
    if (!socket)
        co_return fail(socket.error().code == ErrorCode::GateRefused ? ErrorCode::GateRefused
                                                                     : ErrorCode::Unsupported,
                       socket.error().message);
    m_upstream.reset(static_cast<QSslSocket *>(socket->release()));
    m_upstream->setReadBufferSize(readBuffer);
    const auto more = [this] { m_more.raise(); };
    connect(m_upstream.get(), &QSslSocket::readyRead, this, more);
    connect(m_upstream.get(), &QSslSocket::bytesWritten, this, more);
    connect(m_upstream.get(), &QSslSocket::disconnected, this, more);
    co_return {};
}

/// Sends a request and reads the head of its answer. A connection that was kept may have ended
/// meanwhile: then once more over a new one, which no request that passes here minds.
TaskResult<HttpAnswerParser> RegistryEndpoint::askUpstream(QByteArray bytes, bool headOnly)
{
    const QPointer<RegistryEndpoint> self(this);
    for (int attempt = 1;; ++attempt) {
        // What came without having been asked for is no answer to this: not on that connection.
        const bool fresh = !m_upstream || m_upstream->state() != QAbstractSocket::ConnectedState
            || !m_fromUpstream.isEmpty() || m_upstream->bytesAvailable() > 0;
        if (fresh) {
            auto connected = co_await connectUpstream();
            if (!self)
                co_return fail(over());
            OVVOC_CO_CHECK(connected);
        }
        m_upstream->write(bytes);
        HttpAnswerParser parser(headOnly);
        bool began = false;
        for (;;) {
            m_fromUpstream += m_upstream->read(readBuffer);
            began = began || !m_fromUpstream.isEmpty();
            if (!parser.readHead(m_fromUpstream))
                co_return fail(ErrorCode::Unsupported,
                               tr("%1 answers something that is not HTTP").arg(m_host.name));
            if (parser.isHeadDone() && parser.status() / 100 == 1) {
                parser = HttpAnswerParser(headOnly); // 100 Continue and its like: more follows
                continue;
            }
            if (parser.isHeadDone())
                co_return parser;
            if (m_upstream->state() == QAbstractSocket::UnconnectedState
                && m_upstream->bytesAvailable() == 0)
                break;
            auto more = co_await waitForMore();
            if (!self)
                co_return fail(over());
            OVVOC_CO_CHECK(more);
            if (m_silent)
                co_return fail(ErrorCode::Unsupported, silence());
        }
        if (began || fresh || attempt > 1)
            co_return fail(ErrorCode::Unsupported,
                           tr("%1 ended the connection without an answer").arg(m_host.name));
    }
}

TaskResult<> RegistryEndpoint::forward(HttpRequestParser request, RegistryQuestion question,
                                       QString kept)
{
    const QPointer<RegistryEndpoint> self(this);
    const QByteArray method = request.method();
    const bool post = method == "POST";
    QByteArray bytes = method + ' ' + request.target()
        + " HTTP/1.1\r\nHost: " + m_host.name.toLatin1()
        + (m_host.port == 443 ? QByteArray() : ':' + QByteArray::number(m_host.port)) + "\r\n";
    for (const char *name : passedOn) {
        const QByteArray value = request.header(name);
        if (!value.isEmpty())
            bytes += QByteArray(name) + ": " + value + "\r\n";
    }
    if (post) {
        for (const char *name : {"Content-Type", "Content-Encoding"}) {
            const QByteArray value = request.header(name);
            if (!value.isEmpty())
                bytes += QByteArray(name) + ": " + value + "\r\n";
        }
        bytes += "Content-Length: " + QByteArray::number(request.body().size()) + "\r\n";
    }
    const bool secret = question.route && question.route->authorization && !post;
    bytes.reserve(bytes.size() + 4096); // so that the secret is in one place, which is wiped
    if (secret) {
        const auto value = question.route->authorization->bytes();
        bytes += "Authorization: ";
        bytes.append(value.data(), qsizetype(value.size()));
        bytes += "\r\n";
    }
    bytes += "\r\n";
    if (post)
        bytes += request.body();
    auto parser = co_await askUpstream(bytes, method == "HEAD");
    if (secret)
        std::fill(bytes.begin(), bytes.end(), '\0');
    if (!self)
        co_return fail(over());
    if (!parser)
        co_return fail(parser.error());
    if (parser->status() != 200 || !parser->header("Content-Encoding").isEmpty()
        || parser->header("Cache-Control").contains("no-store")
        || parser->header("Cache-Control").contains("private"))
        kept.clear();

    const int status = parser->status();
    QByteArray head = "HTTP/1.1 " + QByteArray::number(status) + " x\r\n";
    for (const char *name : passedBack) {
        const QByteArray value = parser->header(name);
        if (!value.isEmpty())
            head += QByteArray(name) + ": " + value + "\r\n";
    }
    const bool bodiless = method == "HEAD" || status == 204 || status == 304;
    const bool chunked = !bodiless && parser->hasNoLength();
    const QByteArray length = parser->header("Content-Length");
    if (chunked)
        head += "Transfer-Encoding: chunked\r\n";
    else if (!length.isEmpty() && status != 204)
        head += "Content-Length: " + length + "\r\n";
    else if (!bodiless)
        head += "Content-Length: 0\r\n";
    OVVOC_CO_CHECK(co_await send(head + "\r\n"));
    if (!self)
        co_return fail(over());
    HttpAnswerParser *reader = &*parser;
    OVVOC_CO_CHECK(co_await passBody(reader, kept));
    if (self && m_upstream && (!parser->keepsConnection() || !m_fromUpstream.isEmpty()))
        m_upstream.reset();
    co_return {};
}

TaskResult<> RegistryEndpoint::passBody(HttpAnswerParser *parser, QString kept)
{
    const QPointer<RegistryEndpoint> self(this);
    const bool chunked = !parser->isDone() && parser->hasNoLength();
    QByteArray whole;
    Held held;
    for (;;) {
        m_fromUpstream += m_upstream->read(readBuffer);
        auto piece = parser->readBody(m_fromUpstream);
        if (!piece || m_fromUpstream.size() > 4 * readBuffer)
            co_return fail(ErrorCode::Damaged,
                           tr("%1 answers something that is not HTTP").arg(m_host.name));
        if (!piece->isEmpty()) {
            if (!kept.isEmpty() && whole.size() + piece->size() <= PackageStore::largestPackage
                && held.take(piece->size())) {
                whole += *piece;
            } else {
                kept.clear();
                whole.clear();
                held.drop();
            }
            const QByteArray bytes =
                chunked ? QByteArray::number(piece->size(), 16) + "\r\n" + *piece + "\r\n" : *piece;
            auto sent = co_await send(bytes);
            if (!self)
                co_return fail(over());
            OVVOC_CO_CHECK(sent);
            continue;
        }
        if (parser->isDone())
            break;
        if (m_upstream->bytesAvailable() > 0)
            continue;
        if (m_upstream->state() == QAbstractSocket::UnconnectedState) {
            if (!parser->end())
                co_return fail(
                    ErrorCode::Damaged,
                    tr("%1 ended the connection in the middle of an answer").arg(m_host.name));
            break;
        }
        auto more = co_await waitForMore();
        if (!self)
            co_return fail(over());
        OVVOC_CO_CHECK(more);
        if (m_silent)
            co_return fail(ErrorCode::Damaged, silence());
    }
    if (chunked) {
        const QByteArray last = "0\r\n\r\n";
        OVVOC_CO_CHECK(co_await send(last));
    }
    if (self && !kept.isEmpty() && m_gate->m_packages)
        m_gate->m_packages->write(kept, whole);
    co_return {};
}

QString RegistryEndpoint::silence() const
{
    return tr("%1 said nothing for %2 s").arg(m_host.name).arg(silenceLimit / 1000);
}

void RegistryEndpoint::cutOff()
{
    if (m_ended)
        return;
    if (m_stream)
        m_stream->reset();
    end(EgressRow::Verdict::Allowed, tr("ended with the gate"));
}

void RegistryEndpoint::report()
{
    m_row.milliseconds = m_clock.elapsed();
    emit m_gate->rowChanged(m_row);
}

void RegistryEndpoint::end(EgressRow::Verdict verdict, const QString &reason)
{
    if (std::exchange(m_ended, true))
        return;
    m_reporter.stop();
    m_silence.stop();
    m_row.verdict = verdict;
    m_row.reason = reason;
    m_row.open = false;
    report();
    if (m_stream) {
        m_stream->disconnect(this);
        // Also where the cell ended its side first: else the stream is never over, and a cell that
        // opens a connection for each request has none left after CellLink::maximumStreams.
        m_stream->finish();
    }
    if (m_upstream) {
        m_upstream->disconnect(this);
        m_upstream->abort();
    }
    m_more.raise();
    deleteLater();
}

} // namespace ovvoc
