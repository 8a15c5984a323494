#pragma once

#include <QByteArray>
#include <QString>

namespace ovvoc {

/// What the first bytes of a tunnel are.
struct ClientHello
{
    enum class State {
        Incomplete, ///< more bytes are needed
        NotTls, ///< this is no TLS handshake
        Damaged, ///< a TLS handshake that breaks its own format, or is larger than 16 KiB
        Complete,
    };
    State state = State::Incomplete;
    QString serverName; ///< lower case; empty when the client sent none
};

/// Reads the server name out of a TLS ClientHello (RFC 8446 section 4.1.2, RFC 6066 section 3),
/// which may be cut over several records. Reads nothing beyond it. \a bytes is hostile.
ClientHello readClientHello(QByteArrayView bytes);

} // namespace ovvoc
