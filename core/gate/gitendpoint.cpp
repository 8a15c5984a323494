#include "gate/gitendpoint.h"

#include <algorithm>

namespace ovvoc {

namespace {

/// "<64 hex digits>/<decimal size>" of an LFS object, as its pointer file has them.
bool readObject(QByteArrayView name, GitRequest &request)
{
    constexpr qsizetype idLength = 64;
    const QByteArrayView id = name.first(std::min(idLength, name.size()));
    const auto isHex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    if (name.size() < idLength + 2 || name.size() > idLength + 16 || name[idLength] != '/'
        || !std::all_of(id.begin(), id.end(), isHex))
        return false;
    const QByteArrayView digits = name.sliced(idLength + 1);
    if (!std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; }))
        return false;
    request.object = id.toByteArray();
    request.objectSize = digits.toLongLong();
    return true;
}

} // namespace

Result<GitRequest> parseGitRequest(const LinkStream &stream)
{
    GitRequest request;
    constexpr QByteArrayView objects("/git/lfs/");
    if (stream.method == "GET" && stream.path.startsWith(objects)
        && readObject(QByteArrayView(stream.path).sliced(objects.size()), request))
        return request;
    if (stream.method == "GET" && stream.path == "/git/info/refs?service=git-upload-pack")
        request.advertise = true;
    else if (stream.method == "POST" && stream.path == "/git/git-upload-pack")
        request.advertise = false;
    else if (stream.path.contains("receive-pack"))
        return fail(ErrorCode::GateRefused, QStringLiteral("pushing is not possible"));
    else if (stream.path.startsWith("/git/"))
        return fail(ErrorCode::GateRefused, QStringLiteral("not a request of git clone"));
    else
        return fail(ErrorCode::GateRefused, QStringLiteral("another repository"));
    const QByteArray protocol = stream.header("git-protocol");
    if (protocol == "version=2" || protocol == "version=1")
        request.protocol = protocol;
    const QByteArray encoding = stream.header("content-encoding");
    if (!encoding.isEmpty() && encoding != "gzip")
        return fail(ErrorCode::GateRefused, QStringLiteral("an unknown content encoding"));
    request.contentEncoding = encoding;
    return request;
}

GitEndpoint::GitEndpoint(Gate *gate, LinkStream *stream, std::unique_ptr<GitExchange> exchange,
                         EgressRow row)
    : QObject(gate)
    , m_gate(gate)
    , m_stream(stream)
    , m_exchange(std::move(exchange))
    , m_row(std::move(row))
{
    m_clock.start();
    m_row.open = true;
    m_row.verdict = EgressRow::Verdict::Allowed;
    GitExchange *git = m_exchange.get();
    connect(stream, &LinkStream::received, this, [this](const QByteArray &bytes) {
        m_row.bytesOut += bytes.size();
        m_exchange->write(bytes);
    });
    connect(stream, &LinkStream::receivedEnd, git, &GitExchange::endInput);
    connect(stream, &LinkStream::drained, this, [this] { m_exchange->setPaused(false); });
    connect(stream, &LinkStream::closed, this, [this] { end(EgressRow::Verdict::Allowed, {}); });
    connect(git, &GitExchange::taken, stream, &LinkStream::consumed);
    connect(git, &GitExchange::head, this, [this](int status, const QByteArray &type) {
        if (m_stream)
            m_stream->respond(status, {{"content-type", type}, {"cache-control", "no-cache"}});
    });
    connect(git, &GitExchange::data, this, [this](const QByteArray &bytes) {
        if (!m_stream)
            return;
        m_row.bytesIn += bytes.size();
        m_stream->send(bytes);
        if (m_stream->queued() >= LinkStream::queueLimit)
            m_exchange->setPaused(true);
    });
    connect(git, &GitExchange::end, this, [this] {
        if (m_stream)
            m_stream->finish();
        end(EgressRow::Verdict::Allowed, {});
    });
    connect(git, &GitExchange::failed, this, [this](const Error &error) {
        if (m_stream)
            m_stream->respond(502, {}, true);
        end(EgressRow::Verdict::Failed, error.message);
    });
    m_reporter.setInterval(100);
    connect(&m_reporter, &QTimer::timeout, this, &GitEndpoint::report);
    m_reporter.start();
    report();
    if (stream->inputEnded())
        git->endInput();
}

void GitEndpoint::cutOff()
{
    if (m_ended)
        return;
    if (m_stream)
        m_stream->reset();
    end(EgressRow::Verdict::Allowed, tr("ended with the gate"));
}

void GitEndpoint::report()
{
    m_row.milliseconds = m_clock.elapsed();
    emit m_gate->rowChanged(m_row);
}

void GitEndpoint::end(EgressRow::Verdict verdict, const QString &reason)
{
    if (std::exchange(m_ended, true))
        return;
    m_reporter.stop();
    m_row.verdict = verdict;
    m_row.reason = reason;
    m_row.open = false;
    report();
    if (m_stream) {
        m_stream->disconnect(this);
        if (verdict == EgressRow::Verdict::Failed)
            m_stream->finish();
    }
    m_exchange->disconnect(this);
    m_exchange.release()->deleteLater();
    deleteLater();
}

} // namespace ovvoc
