#include "support/githttpserver.h"

#include <QHash>
#include <QProcess>
#include <QTcpSocket>
#include <memory>

namespace ovvoc::test {

GitHttpServer::GitHttpServer(QString projectRoot, QByteArray user, QByteArray password)
    : m_root(std::move(projectRoot))
    , m_authorization("Basic " + (user + ':' + password).toBase64())
{
    listen(QHostAddress::LocalHost);
    connect(this, &QTcpServer::newConnection, this, [this] {
        while (QTcpSocket *socket = nextPendingConnection()) {
            connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
            serve(socket);
        }
    });
}

void GitHttpServer::serve(QTcpSocket *socket)
{
    const auto bytes = std::make_shared<QByteArray>();
    connect(socket, &QTcpSocket::readyRead, this, [this, socket, bytes] {
        *bytes += socket->readAll();
        const qsizetype headEnd = bytes->indexOf("\r\n\r\n");
        if (headEnd < 0)
            return;
        const QList<QByteArray> lines = bytes->left(headEnd).split('\n');
        QHash<QByteArray, QByteArray> headers;
        for (const QByteArray &line : lines.mid(1))
            headers[line.left(line.indexOf(':')).trimmed().toLower()] =
                line.mid(line.indexOf(':') + 1).trimmed();
        const QByteArray body = bytes->mid(headEnd + 4);
        if (body.size() < headers.value("content-length").toLongLong())
            return;
        socket->disconnect(this);
        const QList<QByteArray> first = lines.value(0).trimmed().split(' ');
        requests << QString::fromLatin1(first.value(0) + ' ' + first.value(1));
        if (headers.value("authorization") != m_authorization) {
            ++refused;
            socket->write("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\n"
                          "Content-Length: 0\r\nConnection: close\r\n\r\n");
            socket->disconnectFromHost();
            return;
        }
        const QByteArray path = first.value(1);
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        const qsizetype question = path.indexOf('?');
        environment.insert("GIT_PROJECT_ROOT", m_root);
        environment.insert("GIT_HTTP_EXPORT_ALL", "1");
        environment.insert("REQUEST_METHOD", first.value(0));
        environment.insert("PATH_INFO", question < 0 ? path : path.left(question));
        environment.insert("QUERY_STRING", question < 0 ? QByteArray() : path.mid(question + 1));
        environment.insert("CONTENT_TYPE", headers.value("content-type"));
        environment.insert("CONTENT_LENGTH", headers.value("content-length"));
        environment.insert("HTTP_CONTENT_ENCODING", headers.value("content-encoding"));
        environment.insert("GIT_PROTOCOL", headers.value("git-protocol"));
        auto *process = new QProcess(socket);
        process->setProcessEnvironment(environment);
        connect(process, &QProcess::finished, socket, [socket, process] {
            QByteArray answer = process->readAllStandardOutput();
            const QByteArray status = answer.startsWith("Status: ")
                ? answer.mid(8, answer.indexOf('\r') - 8)
                : QByteArray("200 OK");
            socket->write("HTTP/1.1 " + status + "\r\nConnection: close\r\n" + answer);
            socket->disconnectFromHost();
        });
        process->start("git", {"http-backend"});
        process->write(body);
        process->closeWriteChannel();
    });
}

} // namespace ovvoc::test
