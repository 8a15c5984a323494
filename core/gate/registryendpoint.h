#pragma once

#include "base/completion.h"
#include "base/httpparser.h"
#include "gate/gate.h"
#include "gate/registryroute.h"
#include "gate/tlssession.h"

#include <QElapsedTimer>
#include <QSslSocket>
#include <QTimer>

namespace ovvoc {

/// One connection of a cell to a package registry. The gate is the other end of its TLS, with a
/// certificate of the job's own authority, and asks the registry itself over TLS that it verifies:
/// so each request is seen and judged, a credential is added where it belongs and a public package
/// may come from the store. One request at a time, as HTTP/1.1 has it. Deletes itself.
///
/// Memory is bounded: one request, one read buffer and one link queue (256 KiB each); packages that
/// are to be kept, or come from what is kept, are held whole, 256 MiB by all jobs together.
class RegistryEndpoint : public QObject
{
    Q_OBJECT
public:
    RegistryEndpoint(Gate *gate, LinkStream *stream, AllowedHost host, EgressRow row);
    ~RegistryEndpoint() override;

    /// Ends both sides at once, because the gate closes.
    void cutOff();

    static constexpr int silenceLimit = 60'000; ///< ms in which one side has to say something

private:
    Task<> serve();
    TaskResult<HttpRequestParser> nextRequest();
    TaskResult<> answer(HttpRequestParser request);
    TaskResult<> forward(HttpRequestParser request, RegistryQuestion question, QString kept);
    TaskResult<> connectUpstream();
    TaskResult<HttpAnswerParser> askUpstream(QByteArray bytes, bool headOnly);
    TaskResult<> passBody(HttpAnswerParser *parser, QString kept);
    TaskResult<> send(QByteArray plain);
    TaskResult<> refuse(QByteArray head, QString reason, int status = 403);
    TaskResult<> waitForMore();

    void fromCell(const QByteArray &bytes);
    void flush();
    void named(const RegistryQuestion &question, const QByteArray &method);
    QString silence() const;
    void end(EgressRow::Verdict verdict, const QString &reason);
    void report();

    Gate *m_gate;
    QPointer<LinkStream> m_stream;
    AllowedHost m_host;
    QList<RegistryRoute> m_routes; ///< those of this host
    EgressRow m_row;
    std::unique_ptr<TlsSession> m_tls;
    std::unique_ptr<QSslSocket> m_upstream;
    Wakeup m_more; ///< something happened on either side
    QElapsedTimer m_clock;
    QTimer m_reporter;
    QTimer m_silence;
    QByteArray m_hello; ///< what came before the server name was known to be right
    QByteArray m_plain; ///< from the cell, not yet read as a request
    QByteArray m_fromUpstream;
    qint64 m_unconsumed = 0;
    bool m_checked = false;
    bool m_inputEnded = false;
    bool m_silent = false;
    bool m_ended = false;
    std::optional<Error> m_broken;
};

} // namespace ovvoc
