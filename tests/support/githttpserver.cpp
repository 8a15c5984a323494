#include "support/githttpserver.h"

namespace ovvoc::test {

GitHttpServer::GitHttpServer(QString projectRoot, QByteArray user, QByteArray password)
    : m_root(std::move(projectRoot))
    , m_authorization("Basic " + (user + ':' + password).toBase64())
    , m_server([this](const HttpRequest &request, const HttpServer::Respond &respond) {
        QByteArray line = request.method + ' ' + request.path;
        if (!request.query.isEmpty())
            line += '?' + request.query;
        requests << QString::fromLatin1(line);
        if (request.headers.value("authorization") != m_authorization) {
            ++refused;
            respond({401, {{"WWW-Authenticate", "Basic realm=\"x\""}}, {}});
            return;
        }
        serveGit(&m_server, m_root, request, respond);
    })
{ }

} // namespace ovvoc::test
