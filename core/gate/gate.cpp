#include "gate/gate.h"

#include "base/logging.h"
#include "gate/addresses.h"
#include "gate/gitendpoint.h"
#include "gate/tunnel.h"

#include <QNetworkProxyFactory>

namespace ovvoc {

QString toString(EgressRow::Verdict verdict)
{
    switch (verdict) {
    case EgressRow::Verdict::Allowed:
        return QStringLiteral("allowed");
    case EgressRow::Verdict::Refused:
        return QStringLiteral("refused");
    case EgressRow::Verdict::Failed:
        return QStringLiteral("failed");
    }
    return {};
}

Gate::Gate(std::shared_ptr<Resolver> resolver, ProxySetting proxy)
    : m_resolver(std::move(resolver))
    , m_proxy(std::move(proxy))
{ }

Gate::~Gate()
{
    close();
}

void Gate::open(const QList<AllowedHost> &hosts)
{
    if (m_state == State::Closed)
        return;
    for (const AllowedHost &host : hosts) {
        if (!m_hosts.contains(host))
            m_hosts << host;
    }
    if (m_state == State::NotYet) {
        m_state = State::Open;
        emit opened();
    }
}

void Gate::openGit(std::shared_ptr<GitUpstream> upstream)
{
    if (m_state != State::Closed)
        m_git = std::move(upstream);
}

void Gate::closeGit()
{
    m_git.reset();
    const auto running = findChildren<GitEndpoint *>();
    for (GitEndpoint *endpoint : running)
        endpoint->cutOff();
}

void Gate::close()
{
    if (m_state == State::Closed)
        return;
    m_state = State::Closed;
    closeGit();
    const auto tunnels = findChildren<Tunnel *>();
    for (Tunnel *tunnel : tunnels)
        tunnel->cutOff();
    emit closed();
}

EgressRow Gate::newRow(const QString &host, int port)
{
    EgressRow row;
    row.id = m_nextRow++;
    row.time = QDateTime::currentDateTimeUtc();
    row.host = host.left(253);
    row.port = port;
    return row;
}

void Gate::refuse(LinkStream *stream, EgressRow row, const QString &reason, int status)
{
    row.verdict = status == 502 ? EgressRow::Verdict::Failed : EgressRow::Verdict::Refused;
    row.reason = reason;
    emit rowChanged(row);
    const QByteArray text = "ovvoc gate: " + reason.toUtf8() + '\n';
    stream->respond(status, {{"content-type", "text/plain; charset=utf-8"}});
    stream->send(text);
    stream->finish();
}

void Gate::handleRequest(LinkStream *stream)
{
    if (m_nextRow > maximumRows) {
        stream->respond(403, {}, true);
        return;
    }
    if (stream->method == "CONNECT")
        startTunnel(stream);
    else
        startGit(stream);
}

const AllowedHost *Gate::allowed(const AllowedHost &asked) const
{
    for (const AllowedHost &host : m_hosts) {
        if (host.name == asked.name && host.port == asked.port)
            return &host;
    }
    return nullptr;
}

void Gate::startTunnel(LinkStream *stream)
{
    const auto asked = parseAuthority(stream->authority);
    if (!asked) {
        const QByteArray authority = stream->authority.left(300);
        EgressRow row = newRow(QString::fromLatin1(authority), 0);
        return refuse(stream, row,
                      m_state == State::Closed ? tr("the gate is closed") : asked.error().message);
    }
    const EgressRow row = newRow(asked->name, asked->port);
    if (m_state == State::Closed)
        return refuse(stream, row, tr("the gate is closed"));
    const AllowedHost *host = allowed(*asked);
    if (m_state == State::NotYet || !host)
        return refuse(stream, row, tr("not on the allowlist"));
    connectTunnel(stream, *host, row);
}

Task<> Gate::connectTunnel(QPointer<LinkStream> stream, AllowedHost host, EgressRow row)
{
    const QPointer<Gate> self(this);
    const QNetworkProxy proxy =
        proxyFor(m_proxy, QUrl(QStringLiteral("https://%1:%2").arg(host.name).arg(host.port)));
    const bool viaProxy =
        proxy.type() == QNetworkProxy::HttpProxy || proxy.type() == QNetworkProxy::Socks5Proxy;

    const std::shared_ptr<Resolver> resolver = m_resolver;
    auto addresses = co_await resolver->resolve(host.name);
    if (!self || !stream)
        co_return;
    if (m_state != State::Open)
        co_return refuse(stream, row, tr("the gate is closed"));
    // Behind a proxy that does the resolving, this machine may know no public names at all.
    if (!addresses && !viaProxy)
        co_return refuse(stream, row, addresses.error().message, 502);
    if (addresses && !host.privateAddresses) {
        for (const QHostAddress &address : *addresses) {
            const QString why = forbiddenReason(address);
            if (!why.isEmpty())
                co_return refuse(stream, row, tr("%1 leads to a %2 address").arg(host.name, why));
        }
    }
    QList<QString> targets;
    if (viaProxy) {
        targets << host.name;
    } else {
        // IPv4 first: a machine without IPv6 fails at once, one without IPv4 is rare.
        for (const QHostAddress &address : *addresses) {
            if (address.protocol() == QAbstractSocket::IPv4Protocol)
                targets.prepend(address.toString());
            else
                targets.append(address.toString());
        }
    }
    QString problem;
    for (const QString &target : std::as_const(targets)) {
        auto socket = std::make_unique<QTcpSocket>();
        socket->setProxy(viaProxy ? proxy : QNetworkProxy(QNetworkProxy::NoProxy));
        Completion<bool> connected;
        connect(socket.get(), &QTcpSocket::connected, [connected] { connected.set(true); });
        connect(socket.get(), &QTcpSocket::errorOccurred, [connected] { connected.set(false); });
        connect(stream, &LinkStream::closed, socket.get(), [connected] { connected.set(false); });
        QTimer::singleShot(15'000, socket.get(), [connected] { connected.set(false); });
        socket->connectToHost(target, quint16(host.port));
        const bool worked = co_await connected;
        if (!self || !stream)
            co_return;
        if (m_state != State::Open)
            co_return refuse(stream, row, tr("the gate is closed"));
        if (worked) {
            socket->disconnect();
            new Tunnel(this, stream, std::move(socket), row);
            co_return;
        }
        problem = socket->state() == QAbstractSocket::ConnectingState ? tr("no answer within 15 s")
                                                                      : socket->errorString();
    }
    refuse(stream, row, problem, 502);
}

void Gate::startGit(LinkStream *stream)
{
    const bool toProxy = !stream->authority.startsWith("127.0.0.1:");
    const QString host = toProxy ? QString::fromLatin1(stream->authority.left(253))
        : m_git                  ? m_git->name()
                                 : tr("git endpoint");
    const EgressRow row = newRow(host, toProxy ? 80 : 0);
    if (m_state == State::Closed)
        return refuse(stream, row, tr("the gate is closed"));
    if (toProxy)
        return refuse(stream, row, tr("not TLS"));
    if (!m_git)
        return refuse(stream, row, tr("the git endpoint is closed"));
    const auto request = parseGitRequest(*stream);
    if (!request)
        return refuse(stream, row, request.error().message);
    auto exchange = m_git->open(*request);
    new GitEndpoint(this, stream, std::move(exchange), row);
}

} // namespace ovvoc
