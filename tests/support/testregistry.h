#pragma once

#include "support/httpserver.h"
#include "support/testsupport.h"

#include <QHash>
#include <QJsonObject>

namespace ovvoc::test {

/// Answers names of the test's own; the others as the system does.
class TestResolver final : public Resolver
{
public:
    QHash<QString, QList<QHostAddress>> names;
    TaskResult<QList<QHostAddress>> resolve(QString host) override;

private:
    SystemResolver m_system;
};

/// A package registry of the test's own, over TLS on loopback: documents, tarballs with their
/// integrity, and a credential that it asks for. Trusted by this process while it lives.
class TestRegistry
{
public:
    struct Call
    {
        QByteArray method, path, authorization;
        QHash<QByteArray, QByteArray> headers;
        QByteArray body;
    };

    /// \a host: its name, which resolver() leads to loopback.
    explicit TestRegistry(const QString &host);
    ~TestRegistry();

    QString host() const { return m_host; }
    int port() const { return m_server.serverPort(); }
    /// "https://HOST:PORT/PREFIX/"
    QString url() const;
    QString prefix = QStringLiteral("/"); ///< its path, with both slashes
    QByteArray authorization; ///< what it asks for; empty: nothing
    QJsonObject advisories; ///< by package: what it answers to the question about them
    bool answersAdvisories = false; ///< false: it refuses the question (405)
    QList<Call> calls;
    /// Answers before everything else, when it gives something.
    std::function<std::optional<HttpAnswer>(const HttpRequest &)> fault;

    /// Publishes a version with these files; later ones are a day younger,
    /// all of them old enough for every cooldown. The newest is "latest". Returns its integrity.
    QByteArray publish(const QString &name, const QString &version,
                       const QHash<QString, QByteArray> &files, const QJsonObject &manifest = {});
    /// The same for a package that is packed already.
    QByteArray publishPacked(const QString &name, const QString &version, const QByteArray &tarball,
                             QJsonObject manifest);
    /// A package's document with these versions alone.
    QByteArray document(const QString &name, const QStringList &versions) const;

private:
    HttpAnswer answer(const HttpRequest &request);
    QString m_host;
    TestAuthority m_authority;
    QSslConfiguration m_before;
    HttpServer m_server;
    QHash<QString, QJsonObject> m_documents;
    QHash<QByteArray, QByteArray> m_tarballs; ///< by path below the prefix
};

} // namespace ovvoc::test
