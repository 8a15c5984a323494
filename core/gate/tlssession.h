#pragma once

#include "base/result.h"

#include <QByteArray>
#include <openssl/types.h>

namespace ovvoc {

/// The server's end of one TLS connection over bytes in memory (OpenSSL). What comes in is hostile.
class TlsSession
{
public:
    explicit TlsSession(SSL_CTX *context); ///< \a context must outlive it
    ~TlsSession();
    TlsSession(const TlsSession &) = delete;
    TlsSession &operator=(const TlsSession &) = delete;

    /// Takes what came over the wire and gives what it says. Protocol when the other side broke
    /// TLS, or does not trust us.
    Result<QByteArray> feed(QByteArrayView encrypted);
    Result<> write(QByteArrayView plain);
    void shutDown(); ///< says that nothing follows
    /// What has to go over the wire now.
    QByteArray takeOutput();
    bool hasEnded() const { return m_ended; } ///< the other side said that nothing follows

private:
    tl::unexpected<Error> broken();
    SSL *m_ssl;
    BIO *m_in;
    BIO *m_out;
    bool m_ended = false;
};

} // namespace ovvoc
