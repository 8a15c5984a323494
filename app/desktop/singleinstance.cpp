#include "desktop/singleinstance.h"

#include "base/logging.h"

#include <QLocalSocket>
#include <QStandardPaths>
#include <unistd.h>

namespace ovvoc {

namespace {

constexpr int connectMs = 500;
constexpr int answerMs = 2'000;

} // namespace

SingleInstance::SingleInstance(const QString &workspaceId)
{
    // In the user's own folder: nobody else can take the name.
    const QString folder = QStandardPaths::writableLocation(QStandardPaths::RuntimeLocation);
    m_name = QStringLiteral("%1/ovvoc-%2-%3").arg(folder).arg(::getuid()).arg(workspaceId);
    m_server.setSocketOptions(QLocalServer::UserAccessOption);
    connect(&m_server, &QLocalServer::newConnection, this, [this] {
        while (QLocalSocket *socket = m_server.nextPendingConnection()) {
            connect(socket, &QLocalSocket::disconnected, socket, &QObject::deleteLater);
            connect(socket, &QLocalSocket::readyRead, this, [this, socket] {
                if (!socket->canReadLine() && socket->bytesAvailable() <= longestLink)
                    return;
                const QByteArray line = socket->readLine(longestLink + 1).trimmed();
                socket->write("ok\n");
                socket->disconnectFromServer();
                emit asked(QUrl(QString::fromUtf8(line)));
            });
        }
    });
}

bool SingleInstance::passOn(const QUrl &link)
{
    // Before the event loop runs, and only here: a wait with a bound is simpler than a loop.
    QLocalSocket socket;
    socket.connectToServer(m_name);
    if (!socket.waitForConnected(connectMs))
        return false;
    socket.write(link.toEncoded().left(longestLink) + '\n');
    return socket.waitForReadyRead(answerMs);
}

void SingleInstance::listen()
{
    if (m_server.listen(m_name))
        return;
    // Nobody answered before, so what is there is left from a crash.
    QLocalServer::removeServer(m_name);
    if (!m_server.listen(m_name))
        log().warn("single instance: {}", int(m_server.serverError()));
}

} // namespace ovvoc
