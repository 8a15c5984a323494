#include "support/fakegithub.h"

#include "support/fakegithub_p.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QLocale>
#include <QProcess>
#include <QRandomGenerator>
#include <QUrlQuery>
#include <algorithm>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

namespace ovvoc::test {

std::pair<QByteArray, QByteArray> newRsaKey(int bits)
{
    EVP_PKEY *key = EVP_RSA_gen(unsigned(bits));
    const auto text = [](auto write) {
        BIO *memory = BIO_new(BIO_s_mem());
        write(memory);
        char *data = nullptr;
        const long size = BIO_get_mem_data(memory, &data);
        const QByteArray bytes(data, size);
        BIO_free(memory);
        return bytes;
    };
    const std::pair pems{text([&](BIO *out) {
                             PEM_write_bio_PrivateKey_traditional(out, key, nullptr, nullptr, 0,
                                                                  nullptr, nullptr);
                         }),
                         text([&](BIO *out) { PEM_write_bio_PUBKEY(out, key); })};
    EVP_PKEY_free(key);
    return pems;
}

/// What one REST call is about.
FakeGitHub::FakeGitHub(std::optional<QSslConfiguration> tls)
    : m_server([this](const HttpRequest &request,
                      const HttpServer::Respond &respond) { handle(request, respond); },
               std::move(tls))
{
    publicApi = api();
    QFile file(QStringLiteral(CONTRACT "/shapes.json"));
    if (!file.open(QIODevice::ReadOnly))
        qFatal("no shapes.json");
    m_shapes = QJsonDocument::fromJson(file.readAll()).object();
}

QDateTime FakeGitHub::now() const
{
    return QDateTime::currentDateTimeUtc().addSecs(clockAhead);
}

QJsonObject FakeGitHub::shape(const char *name) const
{
    return m_shapes[QLatin1String(name)].toObject();
}

FakeGitHub::App &FakeGitHub::addApp(const QString &name, const QString &owner)
{
    const auto app = std::make_shared<App>();
    app->id = ++m_nextId;
    app->clientId = "Iv23li" + QString::fromLatin1(random(14));
    app->name = name;
    app->slug = QString(name).toLower().replace(' ', '-');
    app->owner = owner;
    std::tie(app->privatePem, app->publicPem) = newRsaKey();
    app->permissions = {{"contents", "write"}, {"metadata", "read"}, {"pull_requests", "write"}};
    apps << app;
    return *app;
}

FakeGitHub::Installation &FakeGitHub::install(const App &app, const QString &account,
                                              QList<qint64> ids)
{
    const auto made = std::make_shared<Installation>();
    made->id = ++m_nextId;
    made->appId = app.id;
    made->account = account;
    made->repositories = std::move(ids);
    made->permissions = app.permissions;
    installations << made;
    return *made;
}

FakeGitHub::Repository &FakeGitHub::addRepository(const QString &owner, const QString &name,
                                                  const QString &source)
{
    const auto made = std::make_shared<Repository>();
    made->id = ++m_nextId;
    made->owner = owner;
    made->name = name;
    made->path = m_root.path() + '/' + owner + '/' + name + ".git";
    QDir().mkpath(QFileInfo(made->path).path());
    QStringList command{"clone",    "-q",   "--bare", "--single-branch",
                        "--branch", "main", source,   made->path};
    if (source.isEmpty())
        command = QStringList{"init", "-q", "--bare", "-b", "main", made->path};
    QProcess git;
    git.start("git", command);
    if (!git.waitForFinished(60'000) || git.exitCode() != 0)
        qFatal("git: %s", git.readAllStandardError().constData());
    repositories << made;
    return *made;
}

FakeGitHub::Repository *FakeGitHub::repository(const QString &owner, const QString &name)
{
    for (const auto &one : std::as_const(repositories)) {
        if (one->owner.compare(owner, Qt::CaseInsensitive) == 0
            && one->name.compare(name, Qt::CaseInsensitive) == 0)
            return one.get();
    }
    return nullptr;
}

FakeGitHub::Installation *FakeGitHub::installation(qint64 id)
{
    for (const auto &one : std::as_const(installations)) {
        if (one->id == id)
            return one.get();
    }
    return nullptr;
}

QString FakeGitHub::tip(const Repository &repository, const QString &branch) const
{
    const GitRepository git = opened(repository.path);
    git_oid id;
    if (git_reference_name_to_id(&id, git.get(), ("refs/heads/" + branch).toUtf8().constData())
        != 0)
        return {};
    return hex(&id);
}

QStringList FakeGitHub::branches(const Repository &repository) const
{
    const GitRepository git = opened(repository.path);
    GitPointer<git_branch_iterator, git_branch_iterator_free> all;
    gitCall(all, git_branch_iterator_new, git.get(), GIT_BRANCH_LOCAL);
    QStringList names;
    git_reference *raw = nullptr;
    git_branch_t kind = GIT_BRANCH_LOCAL;
    while (git_branch_next(&raw, &kind, all.get()) == 0) {
        const GitReference reference(raw);
        names << QString::fromUtf8(git_reference_shorthand(reference.get()));
    }
    names.sort();
    return names;
}

QByteArray FakeGitHub::fileAt(const Repository &repository, const QString &revision,
                              const QString &path) const
{
    QProcess git;
    git.start("git", {"-C", repository.path, "show", revision + ':' + path});
    git.waitForFinished(30'000);
    return git.readAllStandardOutput();
}

int FakeGitHub::liveTokens() const
{
    return int(std::count_if(tokens.begin(), tokens.end(),
                             [](const Token &token) { return !token.revoked; }));
}

int FakeGitHub::tokenIndex(const QByteArray &secret) const
{
    for (qsizetype i = 0; i < tokens.size(); ++i) {
        if (tokens[i].secret == secret)
            return int(i);
    }
    return -1;
}

bool FakeGitHub::covers(const Token &token, const Repository &repository) const
{
    for (const auto &one : installations) {
        if (one->id != token.installationId)
            continue;
        const bool installed = one->account == repository.owner
            && (one->repositories.isEmpty() || one->repositories.contains(repository.id));
        return installed
            && (token.repositories.isEmpty() || token.repositories.contains(repository.id));
    }
    return false;
}

void FakeGitHub::handle(const HttpRequest &request, const HttpServer::Respond &respond)
{
    Call call;
    call.method = request.method;
    call.path = request.path + (request.query.isEmpty() ? QByteArray() : '?' + request.query);
    call.body = QJsonDocument::fromJson(request.body);
    call.headers = request.headers;
    if (fault) {
        if (auto answer = fault(request)) {
            call.status = answer->status;
            calls << call;
            answer->headers << std::pair(
                QByteArray("Date"),
                QLocale::c().toString(now(), "ddd, dd MMM yyyy HH:mm:ss 'GMT'").toLatin1());
            respond(*answer);
            return;
        }
    }
    if (request.path.contains(".git/"))
        return handleGit(request, respond, call);
    HttpAnswer answer = rest(request, call);
    answer.headers << std::pair(
        QByteArray("Date"),
        QLocale::c().toString(now(), "ddd, dd MMM yyyy HH:mm:ss 'GMT'").toLatin1());
    if (request.method == "GET" && answer.status == 200) {
        const QByteArray etag = "W/\""
            + QCryptographicHash::hash(answer.body + request.headers.value("authorization"),
                                       QCryptographicHash::Sha256)
                  .toHex()
            + '"';
        answer.headers << std::pair(QByteArray("ETag"), etag);
        // Prism makes an error of an answer without a body; what 304 does is tried without it.
        static const bool behindPrism = qEnvironmentVariableIsSet("OVVOC_TEST_PRISM");
        if (!behindPrism && request.headers.value("if-none-match") == etag) {
            answer.status = 304;
            answer.body.clear();
        }
    }
    call.status = answer.status;
    calls << call;
    respond(answer);
}

void FakeGitHub::handleGit(const HttpRequest &request, const HttpServer::Respond &respond,
                           Call call)
{
    const QByteArray given = request.headers.value("authorization");
    const QByteArray pair = QByteArray::fromBase64(given.mid(6));
    call.token = given.startsWith("Basic ") && pair.startsWith("x-access-token:")
        ? tokenIndex(pair.mid(15))
        : -1;
    const QStringList way = QString::fromLatin1(request.path).split('/', Qt::SkipEmptyParts);
    Repository *wanted = repository(way.value(0), way.value(1).chopped(4));
    int status = 0;
    const bool forAll = wanted && !wanted->isPrivate && given.isEmpty();
    const bool signedPlace = request.headers.value("x-signed") == "yes";
    if (forAll || (wanted && signedPlace && request.path.contains("/lfs-objects/")))
        status = 0;
    else if (call.token < 0 || tokens[call.token].revoked || tokens[call.token].expires < now())
        status = 401;
    else if (!wanted || !covers(tokens[call.token], *wanted))
        status = 404;
    else if (rank(tokens[call.token].permissions["contents"].toString()) < 1)
        status = 403;
    call.credential = call.token >= 0 ? Call::Credential::Token
        : given.isEmpty()             ? Call::Credential::None
                                      : Call::Credential::Unknown;
    if (call.token >= 0)
        call.appId = tokens[call.token].appId;
    call.status = status ? status : 200;
    calls << call;
    if (status) {
        respond({status, {{"WWW-Authenticate", "Basic realm=\"GitHub\""}}, "no"});
        return;
    }
    if (request.path.contains("/lfs"))
        respond(largeFiles(request, *wanted));
    else
        serveGit(&m_server, m_root.path(), request, respond);
}

/// https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md, "basic" transfers.
HttpAnswer FakeGitHub::largeFiles(const HttpRequest &request, const Repository &repository) const
{
    const QString base = "/" + repository.fullName() + ".git";
    if (request.path.contains("/lfs-objects/")) {
        // As a store with signed addresses: the repository's credential has no business here.
        if (request.headers.contains("authorization"))
            return {400, {}, "two credentials"};
        return {200,
                {{"Content-Type", "application/octet-stream"}},
                repository.large.value(QString::fromLatin1(request.path).section('/', -1))};
    }
    const QJsonObject asked = QJsonDocument::fromJson(request.body).object();
    const QJsonObject object = asked["objects"].toArray().at(0).toObject();
    const QString id = object["oid"].toString();
    QJsonObject said{{"oid", id}, {"size", object["size"]}};
    if (!repository.large.contains(id)) {
        said["error"] = QJsonObject{{"code", 404}, {"message", "Object does not exist"}};
    } else {
        const QString place = repository.largeAt.isEmpty()
            ? web().toString(QUrl::StripTrailingSlash) + base + "/lfs-objects/" + id
            : repository.largeAt;
        const QJsonObject download{{"href", place}, {"header", QJsonObject{{"X-Signed", "yes"}}}};
        said["actions"] = QJsonObject{{"download", download}};
    }
    return {
        200,
        {{"Content-Type", "application/vnd.git-lfs+json"}},
        QJsonDocument(QJsonObject{{"transfer", "basic"}, {"objects", QJsonArray{said}}}).toJson()};
}

HttpAnswer FakeGitHub::rest(const HttpRequest &request, Call &call)
{
    QByteArray path = request.path;
    if (path.startsWith("/api/v3/"))
        path.remove(0, 7);
    Context context{request, call,   {}, QUrlQuery(QString::fromLatin1(request.query)),
                    nullptr, nullptr};
    for (const QByteArray &part : path.split('/')) {
        if (!part.isEmpty())
            context.way << QString::fromUtf8(QByteArray::fromPercentEncoding(part));
    }
    const QByteArray given = request.headers.value("authorization");
    const QByteArray scheme = given.left(given.indexOf(' ')).toLower();
    const QByteArray bearer =
        scheme == "bearer" || scheme == "token" ? given.mid(scheme.size() + 1) : QByteArray();
    if (!given.isEmpty()) {
        call.credential = Call::Credential::Unknown;
        call.token = tokenIndex(bearer);
        if (call.token >= 0) {
            call.credential = Call::Credential::Token;
            call.appId = tokens[call.token].appId;
            if (tokens[call.token].revoked || tokens[call.token].expires < now())
                return problem(401, "Bad credentials");
            context.token = &tokens[call.token];
        } else if (App *app = appOfJwt(bearer)) {
            call.credential = Call::Credential::Jwt;
            call.appId = app->id;
            context.app = app;
        } else {
            return problem(401, "A JSON web token could not be decoded");
        }
    }
    const QString first = context.way.value(0);
    if (first == QLatin1String("app") || first == QLatin1String("installation"))
        return appCalls(context);
    if (first == QLatin1String("app-manifests") || first == QLatin1String("settings")
        || first == QLatin1String("organizations"))
        return manifestCalls(context);
    if (first == QLatin1String("repos"))
        return repositoryCalls(context);
    return notFound();
}

} // namespace ovvoc::test
