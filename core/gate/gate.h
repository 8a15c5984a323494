#pragma once

#include "base/network.h"
#include "cell/link.h"
#include "gate/allowlist.h"
#include "gate/egressrow.h"
#include "gate/gitupstream.h"
#include "gate/registryroute.h"
#include "gate/resolver.h"

#include <QTcpSocket>
#include <memory>
#include <optional>

namespace ovvoc {

class JobAuthority;
class PackageStore;

/// The only way out of a cell. Answers what comes over the cell's link: CONNECT to hosts on the
/// allowlist (resolved here, never to a private address, TLS with the same server name only), to
/// package registries, where it is the other end of TLS, and the git endpoint. Opened once, closed
/// for good once. One gate per job, on the core thread.
///
/// Memory is bounded: per tunnel one read buffer, one link queue and one window (256 KiB each); see
/// also RegistryEndpoint.
class Gate : public QObject, public LinkHandler
{
    Q_OBJECT
public:
    explicit Gate(std::shared_ptr<Resolver> resolver, ProxySetting proxy = {});
    ~Gate() override;

    /// Lets connections to \a hosts pass. May be called again to add hosts while still open.
    /// Does nothing after close().
    void open(const QList<AllowedHost> &hosts);
    /// Lets requests to these registries pass, judged one by one: see RegistryEndpoint. Inside, the
    /// gate answers with certificates of \a authority. \a packages may be null: then none is kept.
    /// Does nothing after close().
    void openRegistries(const QList<RegistryRoute> &routes, std::shared_ptr<JobAuthority> authority,
                        std::shared_ptr<PackageStore> packages);
    /// Serves this one repository at /git, until closeGit() or close().
    void openGit(std::shared_ptr<GitUpstream> upstream);
    void closeGit();
    /// Resets every stream and refuses everything from now on. Cannot be undone.
    void close();

    enum class State { NotYet, Open, Closed };
    State state() const { return m_state; }
    const QList<AllowedHost> &hosts() const { return m_hosts; }

    void handleRequest(LinkStream *stream) override;

    static constexpr int maximumRows = 10'000; ///< of one job; what is refused after them has none
    static constexpr int maximumRequests = 100'000; ///< to registries, in one job

signals:
    /// A connection was judged, or its numbers changed. At most 10 times a second per row.
    void rowChanged(const ovvoc::EgressRow &row);
    void opened();
    void closed();

private:
    friend class Tunnel;
    friend class GitEndpoint;
    friend class RegistryEndpoint;
    EgressRow newRow(const QString &host, int port);
    void refuse(LinkStream *stream, EgressRow row, const QString &reason, int status = 403);
    void startTunnel(LinkStream *stream);
    void startGit(LinkStream *stream);
    const AllowedHost *allowed(const AllowedHost &asked) const;
    QList<RegistryRoute> routesOf(const AllowedHost &host) const;
    /// A connection to \a host, by the addresses that its name leads to here; with \a encrypted
    /// over TLS that was verified. GateRefused when it leads where it may not, NetworkDown
    /// otherwise. Gives up when \a asker is gone.
    TaskResult<std::unique_ptr<QTcpSocket>> dial(AllowedHost host, QPointer<QObject> asker,
                                                 bool encrypted);
    Task<> connectTunnel(QPointer<LinkStream> stream, AllowedHost host, EgressRow row);

    std::shared_ptr<Resolver> m_resolver;
    ProxySetting m_proxy;
    State m_state = State::NotYet;
    QList<AllowedHost> m_hosts;
    QList<RegistryRoute> m_routes;
    std::shared_ptr<JobAuthority> m_authority;
    std::shared_ptr<PackageStore> m_packages;
    std::shared_ptr<GitUpstream> m_git;
    int m_requests = 0;
    quint64 m_nextRow = 1;
};

} // namespace ovvoc
