#include "gate/gate.h"

#include "base/logging.h"
#include "gate/addresses.h"
#include "gate/gitendpoint.h"
#include "gate/registryendpoint.h"
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

void Gate::openRegistries(const QList<RegistryRoute> &routes,
                          std::shared_ptr<JobAuthority> authority,
                          std::shared_ptr<PackageStore> packages)
{
    if (m_state == State::Closed)
        return;
    m_routes += routes;
    m_authority = std::move(authority);
    m_packages = std::move(packages);
    QList<AllowedHost> hosts;
    for (const RegistryRoute &route : routes)
        hosts << route.host;
    open(hosts);
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
    const auto registries = findChildren<RegistryEndpoint *>();
    for (RegistryEndpoint *registry : registries)
        registry->cutOff();
    m_routes.clear(); // and their credentials with them
    m_authority.reset();
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

QList<RegistryRoute> Gate::routesOf(const AllowedHost &host) const
{
    QList<RegistryRoute> own;
    for (const RegistryRoute &route : m_routes) {
        if (route.host.name == host.name && route.host.port == host.port)
            own << route;
    }
    return own;
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
    if (!routesOf(*host).isEmpty())
        new RegistryEndpoint(this, stream, *host, row);
    else
        connectTunnel(stream, *host, row);
}

Task<> Gate::connectTunnel(QPointer<LinkStream> stream, AllowedHost host, EgressRow row)
{
    const QPointer<Gate> self(this);
    const QPointer<QObject> asker(stream);
    auto socket = co_await dial(host, asker, false);
    if (!self || !stream)
        co_return;
    if (m_state != State::Open)
        co_return refuse(stream, row, tr("the gate is closed"));
    if (!socket)
        co_return refuse(stream, row, socket.error().message,
                         socket.error().code == ErrorCode::GateRefused ? 403 : 502);
    new Tunnel(this, stream, std::move(*socket), row);
}

TaskResult<std::unique_ptr<QTcpSocket>> Gate::dial(AllowedHost host, QPointer<QObject> asker,
                                                   bool encrypted)
{
    const QPointer<Gate> self(this);
    const QNetworkProxy proxy =
        proxyFor(m_proxy, QUrl(QStringLiteral("https://%1:%2").arg(host.name).arg(host.port)));
    const bool viaProxy =
        proxy.type() == QNetworkProxy::HttpProxy || proxy.type() == QNetworkProxy::Socks5Proxy;

    const std::shared_ptr<Resolver> resolver = m_resolver;
    auto addresses = co_await resolver->resolve(host.name);
    if (!self || !asker || m_state != State::Open)
        co_return fail(ErrorCode::GateRefused, tr("the gate is closed"));
    // Behind a proxy that does the resolving, this machine may know no public names at all.
    if (!addresses && !viaProxy)
        co_return fail(ErrorCode::NetworkDown, addresses.error().message);
    if (addresses && !host.privateAddresses) {
        for (const QHostAddress &address : *addresses) {
            const QString why = forbiddenReason(address);
            if (!why.isEmpty())
                co_return fail(ErrorCode::GateRefused,
                               tr("%1 leads to a %2 address").arg(host.name, why));
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
        std::unique_ptr<QTcpSocket> socket(encrypted ? new QSslSocket : new QTcpSocket);
        socket->setProxy(viaProxy ? proxy : QNetworkProxy(QNetworkProxy::NoProxy));
        Completion<bool> connected;
        if (auto *secure = qobject_cast<QSslSocket *>(socket.get())) {
            // By address, so that it is the one that was judged; by name all the same for TLS.
            secure->setPeerVerifyName(host.name);
            QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
            tls.setProtocol(QSsl::TlsV1_2OrLater);
            tls.setPeerVerifyMode(QSslSocket::VerifyPeer);
            secure->setSslConfiguration(tls);
            connect(secure, &QSslSocket::connected, secure, &QSslSocket::startClientEncryption);
            connect(secure, &QSslSocket::encrypted, [connected] { connected.set(true); });
        } else {
            connect(socket.get(), &QTcpSocket::connected, [connected] { connected.set(true); });
        }
        connect(socket.get(), &QTcpSocket::errorOccurred, [connected] { connected.set(false); });
        connect(asker, &QObject::destroyed, socket.get(), [connected] { connected.set(false); });
        QTimer::singleShot(15'000, socket.get(), [connected] { connected.set(false); });
        socket->connectToHost(target, quint16(host.port));
        const bool worked = co_await connected;
        if (!self || !asker || m_state != State::Open)
            co_return fail(ErrorCode::GateRefused, tr("the gate is closed"));
        if (worked) {
            socket->disconnect();
            co_return std::move(socket);
        }
        problem = socket->state() == QAbstractSocket::ConnectingState ? tr("no answer within 15 s")
                                                                      : socket->errorString();
    }
    co_return fail(ErrorCode::NetworkDown, problem);
}

void Gate::startGit(LinkStream *stream)
{
    const bool toProxy = !stream->authority.startsWith("127.0.0.1:");
    const QString host = toProxy ? QString::fromLatin1(stream->authority.left(253))
        : m_git                  ? m_git->name()
                                 : tr("git endpoint");
    EgressRow row = newRow(host, toProxy ? 80 : 0);
    if (m_state == State::Closed)
        return refuse(stream, row, tr("the gate is closed"));
    if (toProxy)
        return refuse(stream, row, tr("not TLS"));
    if (!m_git)
        return refuse(stream, row, tr("the git endpoint is closed"));
    const auto request = parseGitRequest(*stream);
    if (!request)
        return refuse(stream, row, request.error().message);
    if (!request->object.isEmpty())
        row.what = tr("LFS object %1").arg(QString::fromLatin1(request->object.left(12)));
    auto exchange = m_git->open(*request);
    new GitEndpoint(this, stream, std::move(exchange), row);
}

} // namespace ovvoc
