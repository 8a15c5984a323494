#pragma once

#include <QByteArray>
#include <QHash>
#include <QSslConfiguration>
#include <QTcpServer>
#include <QUrl>
#include <functional>
#include <memory>
#include <optional>

namespace ovvoc::test {

struct HttpRequest
{
    QByteArray method;
    QByteArray path; ///< as sent, without the query
    QByteArray query;
    QHash<QByteArray, QByteArray> headers; ///< names in lower case
    QByteArray body;
};

struct HttpAnswer
{
    int status = 200;
    QList<std::pair<QByteArray, QByteArray>> headers;
    QByteArray body;
    bool cut = false; ///< the connection ends in the middle of the body
    int delayMs = 0; ///< before the body
};

/// A small HTTP/1.1 server on loopback, for fakes: one handler, keep-alive, bodies with a length or
/// in chunks, over TLS when it is given an identity. What it does wrong it does on purpose.
class HttpServer : public QTcpServer
{
public:
    /// Answers now or later; each request exactly once.
    using Respond = std::function<void(HttpAnswer)>;
    using Handler = std::function<void(const HttpRequest &, Respond)>;
    explicit HttpServer(Handler handler, std::optional<QSslConfiguration> tls = {});

    /// "http://127.0.0.1:PORT" or "https://localhost:PORT"
    QUrl url() const;

protected:
    void incomingConnection(qintptr descriptor) override;

private:
    struct Connection;
    void read(const std::shared_ptr<Connection> &connection);
    void send(const std::shared_ptr<Connection> &connection, const HttpAnswer &answer);
    Handler m_handler;
    std::optional<QSslConfiguration> m_tls;
};

/// A certificate authority made for one test, and a server's certificate for one name from it.
struct TestAuthority
{
    QByteArray caPem;
    QSslConfiguration server;
    static TestAuthority make(const QByteArray &host = "localhost");
};

/// git's own `git http-backend` for a request; needs the path behind \a projectRoot.
void serveGit(QObject *owner, const QString &projectRoot, const HttpRequest &request,
              HttpServer::Respond respond);

} // namespace ovvoc::test
