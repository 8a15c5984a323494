#pragma once

#include "support/httpserver.h"

#include <QStringList>

namespace ovvoc::test {

/// git's own `git http-backend` behind HTTP on loopback, with Basic authentication. Serves every
/// repository below a folder, for fetching only.
class GitHttpServer
{
public:
    GitHttpServer(QString projectRoot, QByteArray user, QByteArray password);
    QStringList requests; ///< "GET /repo.git/info/refs?service=…", in order, refused ones too
    int refused = 0; ///< how many came without the right credential
    quint16 serverPort() const { return m_server.serverPort(); }

private:
    QString m_root;
    QByteArray m_authorization;
    HttpServer m_server;
};

} // namespace ovvoc::test
