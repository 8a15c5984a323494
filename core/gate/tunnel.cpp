#include "gate/tunnel.h"

#include "gate/sni.h"

namespace ovvoc {

Tunnel::Tunnel(Gate *gate, LinkStream *stream, std::unique_ptr<QTcpSocket> socket, EgressRow row)
    : QObject(gate)
    , m_gate(gate)
    , m_stream(stream)
    , m_socket(std::move(socket))
    , m_row(std::move(row))
{
    m_clock.start();
    m_row.open = true;
    m_row.verdict = EgressRow::Verdict::Allowed;
    m_socket->setReadBufferSize(LinkStream::queueLimit);
    connect(stream, &LinkStream::received, this, &Tunnel::fromCell);
    connect(stream, &LinkStream::receivedEnd, this, [this] {
        if (m_checked)
            m_socket->disconnectFromHost();
        else
            end(EgressRow::Verdict::Failed, tr("ended before it began"));
    });
    connect(stream, &LinkStream::drained, this, &Tunnel::fromNetwork);
    connect(stream, &LinkStream::closed, this, [this] {
        // While bytes still wait for the network, the socket ends by itself once they have left.
        end(EgressRow::Verdict::Allowed, {});
    });
    connect(m_socket.get(), &QTcpSocket::readyRead, this, &Tunnel::fromNetwork);
    connect(m_socket.get(), &QTcpSocket::bytesWritten, this, [this](qint64 bytes) {
        const qint64 own = std::min(bytes, m_unsent);
        m_unsent -= own;
        if (m_stream)
            m_stream->consumed(own);
    });
    connect(m_socket.get(), &QTcpSocket::disconnected, this, [this] {
        fromNetwork();
        if (m_stream && m_socket->bytesAvailable() == 0)
            m_stream->finish();
        if (m_socket->bytesAvailable() == 0)
            end(EgressRow::Verdict::Allowed, {});
    });
    connect(m_socket.get(), &QTcpSocket::errorOccurred, this,
            [this](QAbstractSocket::SocketError error) {
                if (error != QAbstractSocket::RemoteHostClosedError)
                    end(EgressRow::Verdict::Failed, m_socket->errorString());
            });
    // A tunnel that never starts TLS must not stay.
    QTimer::singleShot(30'000, this, [this] {
        if (!m_checked)
            end(EgressRow::Verdict::Refused, tr("no TLS handshake within 30 s"));
    });
    m_reporter.setInterval(100);
    connect(&m_reporter, &QTimer::timeout, this, &Tunnel::report);
    m_reporter.start();
    report();
    stream->respond(200);
}

void Tunnel::fromCell(const QByteArray &bytes)
{
    if (m_ended)
        return;
    m_row.bytesOut += bytes.size();
    if (!m_checked) {
        m_hello += bytes;
        checkHello();
        return;
    }
    m_unsent += bytes.size();
    m_socket->write(bytes);
}

void Tunnel::checkHello()
{
    const ClientHello hello = readClientHello(m_hello);
    switch (hello.state) {
    case ClientHello::State::Incomplete:
        return;
    case ClientHello::State::NotTls:
        return end(EgressRow::Verdict::Refused, tr("not TLS"));
    case ClientHello::State::Damaged:
        return end(EgressRow::Verdict::Refused, tr("a damaged TLS handshake"));
    case ClientHello::State::Complete:
        break;
    }
    if (hello.serverName != m_row.host)
        return end(EgressRow::Verdict::Refused,
                   hello.serverName.isEmpty()
                       ? tr("the TLS handshake names no server")
                       : tr("the TLS handshake asks for %1").arg(hello.serverName));
    m_checked = true;
    m_unsent += m_hello.size();
    m_socket->write(std::exchange(m_hello, {}));
}

void Tunnel::fromNetwork()
{
    if (m_ended || !m_stream)
        return;
    while (m_stream->queued() < LinkStream::queueLimit && m_socket->bytesAvailable() > 0) {
        const QByteArray bytes = m_socket->read(64 * 1024);
        m_row.bytesIn += bytes.size();
        m_stream->send(bytes);
    }
    if (m_socket->bytesAvailable() == 0 && m_socket->state() == QAbstractSocket::UnconnectedState) {
        m_stream->finish();
        end(EgressRow::Verdict::Allowed, {});
    }
}

void Tunnel::cutOff()
{
    if (m_ended)
        return;
    if (m_stream)
        m_stream->reset();
    end(EgressRow::Verdict::Allowed, tr("ended with the gate"));
}

void Tunnel::report()
{
    m_row.milliseconds = m_clock.elapsed();
    emit m_gate->rowChanged(m_row);
}

void Tunnel::end(EgressRow::Verdict verdict, const QString &reason)
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
        if (verdict != EgressRow::Verdict::Allowed)
            m_stream->reset();
    }
    m_socket->disconnect(this);
    m_socket->abort();
    deleteLater();
}

} // namespace ovvoc
