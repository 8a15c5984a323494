#pragma once

#include "gate/gate.h"

#include <QElapsedTimer>
#include <QTcpSocket>
#include <QTimer>

namespace ovvoc {

/// One CONNECT that passed the allowlist: carries bytes between the cell's stream and a socket,
/// after it has seen that they are TLS for the host that was asked for. Deletes itself.
class Tunnel : public QObject
{
    Q_OBJECT
public:
    Tunnel(Gate *gate, LinkStream *stream, std::unique_ptr<QTcpSocket> socket, EgressRow row);

    /// Ends both sides at once, because the gate closes.
    void cutOff();

private:
    void fromCell(const QByteArray &bytes);
    void checkHello();
    void fromNetwork();
    void end(EgressRow::Verdict verdict, const QString &reason);
    void report();

    Gate *m_gate;
    QPointer<LinkStream> m_stream;
    std::unique_ptr<QTcpSocket> m_socket;
    EgressRow m_row;
    QElapsedTimer m_clock;
    QTimer m_reporter;
    QByteArray m_hello; ///< what came before the server name was known to be right
    bool m_checked = false;
    bool m_ended = false;
    qint64 m_unsent = 0; ///< bytes given to the socket and not yet consumed on the link
};

} // namespace ovvoc
