#include "support/httpserver.h"

#include <QPointer>
#include <QProcess>
#include <QSslCertificate>
#include <QSslKey>
#include <QSslSocket>
#include <QTemporaryDir>
#include <QTimer>

namespace ovvoc::test {

struct HttpServer::Connection
{
    QPointer<QTcpSocket> socket;
    QByteArray bytes;
    bool busy = false;
};

namespace {

/// The body of a request in chunks (RFC 9112, section 7.1); nothing while it is incomplete.
std::optional<QByteArray> dechunked(const QByteArray &bytes, qsizetype *used)
{
    QByteArray body;
    qsizetype at = 0;
    for (;;) {
        const qsizetype end = bytes.indexOf("\r\n", at);
        if (end < 0)
            return std::nullopt;
        const qsizetype size = bytes.mid(at, end - at).trimmed().toLongLong(nullptr, 16);
        if (bytes.size() < end + 2 + size + 2)
            return std::nullopt;
        body += bytes.mid(end + 2, size);
        at = end + 2 + size + 2;
        if (size == 0) {
            *used = at;
            return body;
        }
    }
}

QByteArray openssl(const QString &folder, const QStringList &arguments)
{
    QProcess process;
    process.setWorkingDirectory(folder);
    process.start("openssl", arguments);
    if (!process.waitForFinished(30'000) || process.exitCode() != 0)
        qFatal("openssl %s: %s", qPrintable(arguments.join(' ')),
               process.readAllStandardError().constData());
    return process.readAllStandardOutput();
}

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        qFatal("cannot read %s", qPrintable(path));
    return file.readAll();
}

} // namespace

HttpServer::HttpServer(Handler handler, std::optional<QSslConfiguration> tls)
    : m_handler(std::move(handler))
    , m_tls(std::move(tls))
{
    if (!listen(QHostAddress::LocalHost))
        qFatal("cannot listen: %s", qPrintable(errorString()));
}

QUrl HttpServer::url() const
{
    QUrl url;
    url.setScheme(m_tls ? "https" : "http");
    url.setHost(m_tls ? "localhost" : "127.0.0.1");
    url.setPort(serverPort());
    return url;
}

void HttpServer::incomingConnection(qintptr descriptor)
{
    const auto connection = std::make_shared<Connection>();
    auto *socket = m_tls ? new QSslSocket(this) : new QTcpSocket(this);
    connection->socket = socket;
    socket->setSocketDescriptor(descriptor);
    connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
    connect(socket, &QTcpSocket::readyRead, this, [this, connection] {
        if (!connection->socket)
            return;
        connection->bytes += connection->socket->readAll();
        read(connection);
    });
    if (m_tls) {
        auto *tls = static_cast<QSslSocket *>(socket);
        tls->setSslConfiguration(*m_tls);
        tls->startServerEncryption();
    }
}

void HttpServer::read(const std::shared_ptr<Connection> &connection)
{
    if (connection->busy)
        return;
    QByteArray &bytes = connection->bytes;
    const qsizetype headEnd = bytes.indexOf("\r\n\r\n");
    if (headEnd < 0)
        return;
    HttpRequest request;
    const QList<QByteArray> lines = bytes.left(headEnd).split('\n');
    for (const QByteArray &line : lines.mid(1))
        request.headers[line.left(line.indexOf(':')).trimmed().toLower()] =
            line.mid(line.indexOf(':') + 1).trimmed();
    const qsizetype begin = headEnd + 4;
    qsizetype used = 0;
    if (request.headers.value("transfer-encoding") == "chunked") {
        const auto body = dechunked(bytes.mid(begin), &used);
        if (!body)
            return;
        request.body = *body;
    } else {
        used = request.headers.value("content-length").toLongLong();
        if (bytes.size() < begin + used)
            return;
        request.body = bytes.mid(begin, used);
    }
    bytes.remove(0, begin + used);
    const QList<QByteArray> first = lines.value(0).trimmed().split(' ');
    const QByteArray target = first.value(1);
    const qsizetype question = target.indexOf('?');
    request.method = first.value(0);
    request.path = question < 0 ? target : target.left(question);
    request.query = question < 0 ? QByteArray() : target.mid(question + 1);
    connection->busy = true;
    const QPointer<HttpServer> self(this);
    m_handler(request, [self, connection](const HttpAnswer &answer) {
        if (!self || !connection->socket)
            return;
        QTimer::singleShot(answer.delayMs, self,
                           [self, connection, answer] { self->send(connection, answer); });
    });
}

void HttpServer::send(const std::shared_ptr<Connection> &connection, const HttpAnswer &answer)
{
    if (!connection->socket)
        return;
    QByteArray head = "HTTP/1.1 " + QByteArray::number(answer.status) + " x\r\n";
    for (const auto &[name, value] : answer.headers)
        head += name + ": " + value + "\r\n";
    if (answer.status != 204 && answer.status != 304)
        head += "Content-Length: " + QByteArray::number(answer.body.size()) + "\r\n";
    connection->socket->write(head + "\r\n");
    if (answer.cut) {
        connection->socket->write(answer.body.left(answer.body.size() / 2));
        connection->socket->flush();
        connection->socket->disconnectFromHost();
        return;
    }
    connection->socket->write(answer.body);
    connection->busy = false;
    read(connection);
}

TestAuthority TestAuthority::make(const QByteArray &host)
{
    QTemporaryDir folder;
    const QString path = folder.path();
    openssl(path,
            {"req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem",
             "-days", "2", "-subj", "/CN=Test authority"});
    openssl(path,
            {"req", "-newkey", "rsa:2048", "-nodes", "-keyout", "server.key", "-out", "server.csr",
             "-subj", "/CN=localhost"});
    QFile names(path + "/names");
    if (!names.open(QIODevice::WriteOnly) || names.write("subjectAltName=DNS:" + host) < 0)
        qFatal("cannot write");
    names.close();
    openssl(path,
            {"x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
             "-CAcreateserial", "-out", "server.pem", "-days", "2", "-extfile", "names"});
    TestAuthority authority;
    authority.caPem = contentOf(path + "/ca.pem");
    authority.server = QSslConfiguration::defaultConfiguration();
    authority.server.setLocalCertificate(QSslCertificate(contentOf(path + "/server.pem")));
    authority.server.setPrivateKey(QSslKey(contentOf(path + "/server.key"), QSsl::Rsa));
    authority.server.setPeerVerifyMode(QSslSocket::VerifyNone);
    return authority;
}

void serveGit(QObject *owner, const QString &projectRoot, const HttpRequest &request,
              HttpServer::Respond respond)
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("GIT_PROJECT_ROOT", projectRoot);
    environment.insert("GIT_HTTP_EXPORT_ALL", "1");
    environment.insert("REQUEST_METHOD", request.method);
    environment.insert("PATH_INFO", request.path);
    environment.insert("QUERY_STRING", request.query);
    environment.insert("CONTENT_TYPE", request.headers.value("content-type"));
    environment.insert("CONTENT_LENGTH", QByteArray::number(request.body.size()));
    environment.insert("HTTP_CONTENT_ENCODING", request.headers.value("content-encoding"));
    environment.insert("GIT_PROTOCOL", request.headers.value("git-protocol"));
    // A test's repositories may belong to another user than git expects.
    environment.insert("GIT_CONFIG_COUNT", "1");
    environment.insert("GIT_CONFIG_KEY_0", "safe.directory");
    environment.insert("GIT_CONFIG_VALUE_0", "*");
    auto *process = new QProcess(owner);
    process->setProcessEnvironment(environment);
    QObject::connect(process, &QProcess::finished, owner, [process, respond] {
        const QByteArray output = process->readAllStandardOutput();
        process->deleteLater();
        const qsizetype end = output.indexOf("\r\n\r\n");
        HttpAnswer answer;
        for (const QByteArray &line : output.left(end).split('\n')) {
            const QByteArray name = line.left(line.indexOf(':')).trimmed();
            const QByteArray value = line.mid(line.indexOf(':') + 1).trimmed();
            if (name == "Status")
                answer.status = value.left(3).toInt();
            else
                answer.headers << std::pair(name, value);
        }
        answer.body = output.mid(end + 4);
        respond(answer);
    });
    process->start("git", {"http-backend"});
    process->write(request.body);
    process->closeWriteChannel();
}

} // namespace ovvoc::test
