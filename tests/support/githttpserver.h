#pragma once

#include <QByteArray>
#include <QStringList>
#include <QTcpServer>

class QTcpSocket;

namespace ovvoc::test {

/// git's own `git http-backend` behind HTTP on loopback, with Basic authentication. One request per
/// connection. Serves every repository below a folder, for fetching only.
class GitHttpServer : public QTcpServer
{
public:
    GitHttpServer(QString projectRoot, QByteArray user, QByteArray password);
    QStringList requests; ///< "GET /repo.git/info/refs?service=…", in order, refused ones too
    int refused = 0; ///< how many came without the right credential

private:
    void serve(QTcpSocket *socket);
    QString m_root;
    QByteArray m_authorization;
};

} // namespace ovvoc::test
