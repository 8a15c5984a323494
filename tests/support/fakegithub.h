#pragma once

#include "support/httpserver.h"

#include <QDateTime>
#include <QJsonDocument>
#include <QJsonObject>
#include <QStringList>
#include <QTemporaryDir>

namespace ovvoc::test {

/// A GitHub of our own: its REST API as far as Ovvoc calls it, its web page for App manifests, and
/// `git http-backend` for clones, over bare repositories on disk. Stateful; a test reads and
/// changes its state directly. It is held to GitHub's published description by running the client's
/// suite through Prism (see tests/contract), and to GitHub's own client by @octokit/auth-app.
class FakeGitHub
{
public:
    struct App
    {
        qint64 id = 0;
        QString clientId;
        QString name;
        QString slug;
        QString owner;
        QByteArray privatePem; ///< PKCS#1, as GitHub hands it out
        QByteArray publicPem;
        QJsonObject permissions;
        bool keyRemoved = false;
    };
    struct Installation
    {
        qint64 id = 0;
        qint64 appId = 0;
        QString account;
        bool suspended = false;
        QList<qint64> repositories; ///< empty: all of the account
        QJsonObject permissions;
    };
    struct Pull
    {
        qint64 number = 0;
        QString head, base, title, body;
        bool draft = false;
        bool open = true;
        bool merged = false; ///< when it is not open
        bool fromFork = false;
        QDateTime created;
        QStringList labels;
    };
    struct Repository
    {
        qint64 id = 0;
        QString owner, name;
        QString path; ///< bare, on disk
        QString defaultBranch = QStringLiteral("main");
        bool archived = false;
        bool disabled = false;
        bool isPrivate = true;
        QStringList protectedBranches; ///< prefixes that a rule forbids to create
        QList<Pull> pulls;
        QHash<QString, QString> releases; ///< tag → notes
        QHash<QString, QByteArray> large; ///< of Git LFS: SHA-256 in hex → content
        QString largeAt; ///< where it says that they are; empty: at itself
        QString fullName() const { return owner + '/' + name; }
    };
    struct Token
    {
        QByteArray secret;
        qint64 appId = 0;
        qint64 installationId = 0;
        QList<qint64> repositories; ///< empty: all of the installation's
        QJsonObject permissions;
        QDateTime expires;
        bool revoked = false;
    };
    /// One request as it came, and who it came from.
    struct Call
    {
        QByteArray method;
        QByteArray path;
        QJsonDocument body;
        QHash<QByteArray, QByteArray> headers;
        int status = 0;
        enum class Credential { None, Jwt, Token, Unknown } credential = Credential::None;
        qint64 appId = 0; ///< of the credential
        int token = -1; ///< index into tokens
    };

    explicit FakeGitHub(std::optional<QSslConfiguration> tls = {});

    QUrl web() const { return m_server.url(); }
    /// As github.com has it; an Enterprise server's is web() + "/api/v3", which is answered as
    /// well.
    QUrl api() const { return m_server.url(); }

    App &addApp(const QString &name, const QString &owner);
    Installation &install(const App &app, const QString &account, QList<qint64> repositories = {});
    /// A bare copy of the branch "main" of the repository at \a source; an empty one without it.
    Repository &addRepository(const QString &owner, const QString &name,
                              const QString &source = {});
    Repository *repository(const QString &owner, const QString &name);
    Installation *installation(qint64 id);
    /// The id of what a branch points to; empty when there is none.
    QString tip(const Repository &repository, const QString &branch) const;
    QStringList branches(const Repository &repository) const;
    QByteArray fileAt(const Repository &repository, const QString &revision,
                      const QString &path) const;
    int liveTokens() const;

    QList<std::shared_ptr<App>> apps;
    QList<std::shared_ptr<Installation>> installations;
    QList<std::shared_ptr<Repository>> repositories;
    QList<Token> tokens;
    QList<Call> calls;

    qint64 clockAhead = 0; ///< seconds that its clock is ahead of this machine's
    QUrl publicApi; ///< what its links begin with: another address when a proxy stands before it
    bool longTokens = false; ///< the format of about 520 characters
    int pageSize = 100; ///< the largest page it gives
    int tokenSeconds = 3600;
    /// Looked at before every answer; a value is given instead.
    std::function<std::optional<HttpAnswer>(const HttpRequest &)> fault;

private:
    struct Context;
    void handle(const HttpRequest &request, const HttpServer::Respond &respond);
    void handleGit(const HttpRequest &request, const HttpServer::Respond &respond, Call call);
    HttpAnswer largeFiles(const HttpRequest &request, const Repository &repository) const;
    HttpAnswer rest(const HttpRequest &request, Call &call);
    HttpAnswer appCalls(Context &context);
    HttpAnswer manifestCalls(Context &context);
    HttpAnswer repositoryCalls(Context &context);
    HttpAnswer gitCalls(Context &context, Repository &repository);
    HttpAnswer pullCalls(Context &context, Repository &repository);
    HttpAnswer mint(Context &context, const Installation &installation);
    App *appOfJwt(const QByteArray &jwt) const;
    int tokenIndex(const QByteArray &secret) const;
    bool covers(const Token &token, const Repository &repository) const;
    QDateTime now() const;
    QJsonObject shape(const char *name) const;
    QJsonObject repositoryJson(const Repository &repository, const char *name) const;
    QString slugOf(const Token *token) const;
    QJsonObject pullJson(const Repository &repository, const Pull &pull, const char *name) const;
    QJsonObject installationJson(const Installation &installation) const;

    QTemporaryDir m_root;
    QJsonObject m_shapes;
    QHash<QString, QJsonObject> m_manifests; ///< by code
    qint64 m_nextId = 1000;
    HttpServer m_server;
};

/// A new RSA key: private as PKCS#1 PEM, public as SubjectPublicKeyInfo PEM.
std::pair<QByteArray, QByteArray> newRsaKey(int bits = 2048);

} // namespace ovvoc::test
