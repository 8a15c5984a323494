#pragma once

#include "base/network.h"
#include "cell/link.h"
#include "gate/allowlist.h"
#include "gate/egressrow.h"
#include "gate/gitupstream.h"
#include "gate/resolver.h"

#include <QSet>
#include <optional>

namespace ovvoc {

/// The only way out of a cell. Answers what comes over the cell's link: CONNECT to hosts on the
/// allowlist (resolved here, never to a private address, TLS with the same server name only), and
/// the git endpoint. Opened once, closed for good once. One gate per job, on the core thread.
///
/// Memory is bounded: per tunnel one read buffer, one link queue and one window (256 KiB each).
class Gate : public QObject, public LinkHandler
{
    Q_OBJECT
public:
    explicit Gate(std::shared_ptr<Resolver> resolver, ProxySetting proxy = {});
    ~Gate() override;

    /// Lets connections to \a hosts pass. May be called again to add hosts while still open.
    /// Does nothing after close().
    void open(const QList<AllowedHost> &hosts);
    /// Serves this one repository at /git, until closeGit() or close().
    void openGit(std::shared_ptr<GitUpstream> upstream);
    void closeGit();
    /// Resets every stream and refuses everything from now on. Cannot be undone.
    void close();

    enum class State { NotYet, Open, Closed };
    State state() const { return m_state; }
    const QList<AllowedHost> &hosts() const { return m_hosts; }

    void handleRequest(LinkStream *stream) override;

    static constexpr int maximumRows = 10'000;

signals:
    /// A connection was judged, or its numbers changed. At most 10 times a second per row.
    void rowChanged(const ovvoc::EgressRow &row);
    void opened();
    void closed();

private:
    friend class Tunnel;
    friend class GitEndpoint;
    EgressRow newRow(const QString &host, int port);
    void refuse(LinkStream *stream, EgressRow row, const QString &reason, int status = 403);
    void startTunnel(LinkStream *stream);
    void startGit(LinkStream *stream);
    const AllowedHost *allowed(const AllowedHost &asked) const;
    Task<> connectTunnel(QPointer<LinkStream> stream, AllowedHost host, EgressRow row);

    std::shared_ptr<Resolver> m_resolver;
    ProxySetting m_proxy;
    State m_state = State::NotYet;
    QList<AllowedHost> m_hosts;
    std::shared_ptr<GitUpstream> m_git;
    quint64 m_nextRow = 1;
};

} // namespace ovvoc
