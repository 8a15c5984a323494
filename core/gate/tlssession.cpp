#include "gate/tlssession.h"

#include "crypto/openssl.h"

#include <openssl/bio.h>
#include <openssl/ssl.h>

namespace ovvoc {

TlsSession::TlsSession(SSL_CTX *context)
    : m_ssl(SSL_new(context))
    , m_in(BIO_new(BIO_s_mem()))
    , m_out(BIO_new(BIO_s_mem()))
{
    if (!m_ssl || !m_in || !m_out)
        qFatal("no memory for a TLS session");
    BIO_set_mem_eof_return(m_in, -1);
    SSL_set_bio(m_ssl, m_in, m_out); // which owns them from here
    SSL_set_accept_state(m_ssl);
}

TlsSession::~TlsSession()
{
    SSL_free(m_ssl);
}

tl::unexpected<Error> TlsSession::broken()
{
    char words[256] = "";
    ERR_error_string_n(ERR_peek_last_error(), words, sizeof words);
    clearOpenSslErrors();
    return fail(ErrorCode::Protocol, QStringLiteral("the TLS connection broke"),
                QString::fromLatin1(words));
}

Result<QByteArray> TlsSession::feed(QByteArrayView encrypted)
{
    clearOpenSslErrors();
    if (BIO_write(m_in, encrypted.data(), int(encrypted.size())) != int(encrypted.size()))
        return broken();
    QByteArray plain;
    char piece[16 * 1024];
    for (;;) {
        const int size = SSL_read(m_ssl, piece, sizeof piece);
        if (size > 0) {
            plain.append(piece, size);
            continue;
        }
        const int why = SSL_get_error(m_ssl, size);
        if (why == SSL_ERROR_ZERO_RETURN)
            m_ended = true;
        else if (why != SSL_ERROR_WANT_READ)
            return broken();
        return plain;
    }
}

Result<> TlsSession::write(QByteArrayView plain)
{
    clearOpenSslErrors();
    if (!plain.isEmpty() && SSL_write(m_ssl, plain.data(), int(plain.size())) != int(plain.size()))
        return broken();
    return {};
}

void TlsSession::shutDown()
{
    SSL_shutdown(m_ssl);
    clearOpenSslErrors();
}

QByteArray TlsSession::takeOutput()
{
    const auto pending = qsizetype(BIO_ctrl_pending(m_out));
    if (pending <= 0)
        return {};
    QByteArray bytes(pending, Qt::Uninitialized);
    BIO_read(m_out, bytes.data(), int(pending));
    return bytes;
}

} // namespace ovvoc
