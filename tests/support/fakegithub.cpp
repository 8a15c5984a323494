#include "support/fakegithub.h"

#include "patch/libgit.h"

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

namespace {

using Blob = GitPointer<git_blob, git_blob_free>;

QByteArray random(int length, bool dots = false)
{
    const QByteArray alphabet =
        QByteArray("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        + (dots ? "-_" : "");
    QByteArray text(length, 'a');
    for (char &c : text)
        c = alphabet[QRandomGenerator::global()->bounded(int(alphabet.size()))];
    return text;
}

HttpAnswer json(int status, const QJsonDocument &document)
{
    return {status,
            {{"Content-Type", "application/json; charset=utf-8"}},
            document.toJson(QJsonDocument::Compact)};
}
HttpAnswer json(int status, const QJsonObject &object)
{
    return json(status, QJsonDocument(object));
}

HttpAnswer problem(int status, const QString &message)
{
    return json(status,
                QJsonObject{{"message", message},
                            {"documentation_url", "https://docs.github.com/rest"},
                            {"status", QString::number(status)}});
}

HttpAnswer invalid(const QString &resource, const QString &field, const QString &message)
{
    const QJsonObject one{{"resource", resource},
                          {"field", field},
                          {"code", message.isEmpty() ? "invalid" : "custom"},
                          {"message", message}};
    return json(422,
                QJsonObject{{"message", "Validation Failed"},
                            {"errors", QJsonArray{one}},
                            {"documentation_url", "https://docs.github.com/rest"}});
}

HttpAnswer notFound()
{
    return problem(404, "Not Found");
}

QString hex(const git_oid *id)
{
    char text[GIT_OID_HEXSZ + 1];
    return QString::fromLatin1(git_oid_tostr(text, sizeof text, id));
}

GitRepository opened(const QString &path)
{
    ensureLibgit();
    GitRepository repository;
    if (gitCall(repository, git_repository_open, path.toUtf8().constData()) != 0)
        qFatal("cannot open %s: %s", qPrintable(path), qPrintable(lastGitError()));
    return repository;
}

bool oid(git_oid &id, const QString &text)
{
    return text.size() == GIT_OID_HEXSZ && git_oid_fromstr(&id, text.toLatin1().constData()) == 0;
}

/// "read" < "write" < "admin"
int rank(const QString &level)
{
    return int(QStringList{"", "read", "write", "admin"}.indexOf(level));
}

} // namespace

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
struct FakeGitHub::Context
{
    const HttpRequest &request;
    Call &call;
    QStringList way; ///< the path's segments, decoded
    QUrlQuery query;
    App *app = nullptr; ///< with a JWT
    const Token *token = nullptr;
    QString rest(qsizetype from) const { return way.mid(from).join('/'); }
};

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

FakeGitHub::App *FakeGitHub::appOfJwt(const QByteArray &jwt) const
{
    const QList<QByteArray> parts = jwt.split('.');
    if (parts.size() != 3)
        return nullptr;
    constexpr auto url = QByteArray::Base64UrlEncoding;
    const QJsonObject header =
        QJsonDocument::fromJson(QByteArray::fromBase64(parts[0], url)).object();
    const QJsonObject claims =
        QJsonDocument::fromJson(QByteArray::fromBase64(parts[1], url)).object();
    const QByteArray signature = QByteArray::fromBase64(parts[2], url);
    if (header["alg"].toString() != QLatin1String("RS256"))
        return nullptr;
    const QString issuer = claims["iss"].isString() ? claims["iss"].toString()
                                                    : QString::number(claims["iss"].toInteger());
    const qint64 clock = now().toSecsSinceEpoch();
    const qint64 issued = claims["iat"].toInteger(), expires = claims["exp"].toInteger();
    if (issued > clock || expires <= clock || expires - clock > 600)
        return nullptr;
    for (const auto &app : apps) {
        if (app->keyRemoved || (issuer != app->clientId && issuer != QString::number(app->id)))
            continue;
        BIO *memory = BIO_new_mem_buf(app->publicPem.constData(), int(app->publicPem.size()));
        EVP_PKEY *key = PEM_read_bio_PUBKEY(memory, nullptr, nullptr, nullptr);
        BIO_free(memory);
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        const QByteArray text = parts[0] + '.' + parts[1];
        const bool good = EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, key) == 1
            && EVP_DigestVerify(context,
                                reinterpret_cast<const unsigned char *>(signature.constData()),
                                std::size_t(signature.size()),
                                reinterpret_cast<const unsigned char *>(text.constData()),
                                std::size_t(text.size()))
                == 1;
        EVP_MD_CTX_free(context);
        EVP_PKEY_free(key);
        return good ? app.get() : nullptr;
    }
    return nullptr;
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
        if (request.headers.value("if-none-match") == etag) {
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
    if (call.token < 0 || tokens[call.token].revoked || tokens[call.token].expires < now())
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
    serveGit(&m_server, m_root.path(), request, respond);
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

QJsonObject FakeGitHub::installationJson(const Installation &installation) const
{
    QJsonObject object = shape("installation");
    QJsonObject account = shape("repository")["owner"].toObject();
    account["login"] = installation.account;
    // GitHub's description wants a user's and an enterprise's members at once.
    account["name"] = installation.account;
    account["slug"] = installation.account;
    account["created_at"] = object["created_at"];
    account["updated_at"] = object["updated_at"];
    object["id"] = installation.id;
    object["app_id"] = installation.appId;
    object["account"] = account;
    object["repository_selection"] = installation.repositories.isEmpty() ? "all" : "selected";
    object["permissions"] = installation.permissions;
    object["suspended_at"] =
        installation.suspended ? QJsonValue("2026-01-01T00:00:00Z") : QJsonValue();
    return object;
}

HttpAnswer FakeGitHub::appCalls(Context &context)
{
    const QStringList &way = context.way;
    const QByteArray &method = context.request.method;
    if (way.value(0) == QLatin1String("installation")) {
        if (!context.token)
            return problem(401, "Requires authentication");
        if (method == "DELETE" && way.value(1) == QLatin1String("token")) {
            tokens[context.call.token].revoked = true;
            return {204, {}, {}};
        }
        if (method == "GET" && way.value(1) == QLatin1String("repositories")) {
            QJsonArray all;
            for (const auto &one : std::as_const(repositories)) {
                if (covers(*context.token, *one))
                    all << repositoryJson(*one, "listed-repository");
            }
            const int size = std::min(pageSize, context.query.queryItemValue("per_page").toInt());
            const int page = std::max(1, context.query.queryItemValue("page").toInt());
            QJsonArray part;
            for (qsizetype i = qsizetype(page - 1) * size;
                 i < std::min<qsizetype>(all.size(), qsizetype(page) * size); ++i)
                part << all[i];
            HttpAnswer answer =
                json(200, QJsonObject{{"total_count", all.size()}, {"repositories", part}});
            if (qsizetype(page) * size < all.size())
                answer.headers << std::pair(
                    QByteArray("Link"),
                    "<" + publicApi.toEncoded()
                        + "/installation/repositories?per_page=" + QByteArray::number(size)
                        + "&page=" + QByteArray::number(page + 1) + ">; rel=\"next\"");
            return answer;
        }
        return notFound();
    }
    if (!context.app)
        return problem(401, "A JSON web token could not be decoded");
    if (way.size() == 1 && method == "GET") {
        QJsonObject object = shape("app");
        object["id"] = context.app->id;
        object["slug"] = context.app->slug;
        object["name"] = context.app->name;
        object["client_id"] = context.app->clientId;
        object["permissions"] = context.app->permissions;
        QJsonObject owner = object["owner"].toObject();
        owner["login"] = context.app->owner;
        object["owner"] = owner;
        return json(200, object);
    }
    if (way.value(1) != QLatin1String("installations"))
        return notFound();
    if (way.size() == 2 && method == "GET") {
        QJsonArray list;
        for (const auto &one : std::as_const(installations)) {
            if (one->appId == context.app->id)
                list << installationJson(*one);
        }
        return json(200, QJsonDocument(list));
    }
    const Installation *wanted = installation(way.value(2).toLongLong());
    if (!wanted || wanted->appId != context.app->id)
        return notFound();
    if (method == "POST" && way.value(3) == QLatin1String("access_tokens"))
        return mint(context, *wanted);
    return notFound();
}

HttpAnswer FakeGitHub::mint(Context &context, const Installation &from)
{
    if (from.suspended)
        return problem(403, "This installation has been suspended");
    const QJsonObject asked = context.call.body.object();
    Token token;
    token.appId = from.appId;
    token.installationId = from.id;
    token.permissions =
        asked.contains("permissions") ? asked["permissions"].toObject() : from.permissions;
    for (auto it = token.permissions.begin(); it != token.permissions.end(); ++it) {
        if (rank(it.value().toString()) > rank(from.permissions[it.key()].toString()))
            return problem(422, "The permissions requested are not granted to this installation.");
    }
    for (const auto &id : asked["repository_ids"].toArray()) {
        token.repositories << id.toInteger();
        Token one = token;
        one.repositories = {id.toInteger()};
        const bool known = std::ranges::any_of(repositories, [&](const auto &repository) {
            return repository->id == id.toInteger() && covers(one, *repository);
        });
        if (!known)
            return problem(422,
                           "There is at least one repository that does not exist or is not "
                           "accessible to the parent installation.");
    }
    token.expires = now().addSecs(tokenSeconds);
    token.secret = longTokens ? "ghs_" + QByteArray::number(from.appId) + '_' + random(36, true)
            + '.' + random(120, true) + '.' + random(342, true)
                              : "ghs_" + random(36);
    tokens << token;
    QJsonObject object = shape("token");
    object["token"] = QString::fromLatin1(token.secret);
    object["expires_at"] = token.expires.toString(Qt::ISODate);
    object["permissions"] = token.permissions;
    object["repository_selection"] = token.repositories.isEmpty() ? "all" : "selected";
    QJsonArray named;
    for (const auto &one : std::as_const(repositories)) {
        if (token.repositories.contains(one->id))
            named << repositoryJson(*one, "listed-repository");
    }
    if (!named.isEmpty())
        object["repositories"] = named;
    return json(201, object);
}

HttpAnswer FakeGitHub::manifestCalls(Context &context)
{
    const QStringList &way = context.way;
    if (way.value(0) == QLatin1String("app-manifests")) {
        if (context.request.method != "POST" || way.value(2) != QLatin1String("conversions"))
            return notFound();
        const QJsonObject manifest = m_manifests.take(way.value(1));
        if (manifest.isEmpty())
            return notFound();
        App &app = addApp(manifest["name"].toString(), manifest["owner"].toString());
        app.permissions = manifest["default_permissions"].toObject();
        QJsonObject object = shape("app");
        object["id"] = app.id;
        object["slug"] = app.slug;
        object["name"] = app.name;
        object["permissions"] = app.permissions;
        object["client_id"] = app.clientId;
        object["client_secret"] = QString::fromLatin1(random(40));
        object["webhook_secret"] = QString::fromLatin1(random(40));
        object["pem"] = QString::fromLatin1(app.privatePem);
        object["html_url"] = web().toString() + "/apps/" + app.slug;
        QJsonObject owner = object["owner"].toObject();
        owner["login"] = app.owner;
        object["owner"] = owner;
        return json(201, object);
    }
    // The page that a browser sees: POST of the form with the manifest, then back to redirect_url.
    const bool organisation = way.value(0) == QLatin1String("organizations");
    const QStringList tail = organisation ? way.mid(2) : way;
    if (context.request.method != "POST" || tail != QStringList{"settings", "apps", "new"})
        return notFound();
    const QUrlQuery form(QString::fromLatin1(context.request.body).replace('+', ' '));
    QJsonObject manifest =
        QJsonDocument::fromJson(form.queryItemValue("manifest", QUrl::FullyDecoded).toUtf8())
            .object();
    const QUrl back(manifest["redirect_url"].toString());
    if (manifest["name"].toString().isEmpty() || manifest["url"].toString().isEmpty()
        || !back.isValid())
        return problem(422, "The manifest is invalid");
    manifest["owner"] = organisation ? way.value(1) : QStringLiteral("octocat");
    const QString code = QString::fromLatin1(random(40));
    m_manifests.insert(code, manifest);
    QUrl target = back;
    QUrlQuery query;
    query.addQueryItem("code", code);
    query.addQueryItem("state", context.query.queryItemValue("state", QUrl::FullyDecoded));
    target.setQuery(query);
    return {302, {{"Location", target.toEncoded()}}, {}};
}

QJsonObject FakeGitHub::repositoryJson(const Repository &repository, const char *name) const
{
    QJsonObject object = shape(name);
    QJsonObject owner = object["owner"].toObject();
    owner["login"] = repository.owner;
    object["owner"] = owner;
    object["id"] = repository.id;
    object["name"] = repository.name;
    object["full_name"] = repository.fullName();
    object["private"] = repository.isPrivate;
    object["default_branch"] = repository.defaultBranch;
    object["archived"] = repository.archived;
    object["disabled"] = repository.disabled;
    return object;
}

HttpAnswer FakeGitHub::repositoryCalls(Context &context)
{
    const QStringList &way = context.way;
    Repository *wanted = repository(way.value(1), way.value(2));
    if (!wanted)
        return notFound();
    if (way.value(3) == QLatin1String("installation")) {
        for (const auto &one : std::as_const(installations)) {
            if (context.app && one->appId == context.app->id && one->account == wanted->owner
                && (one->repositories.isEmpty() || one->repositories.contains(wanted->id)))
                return json(200, installationJson(*one));
        }
        return notFound();
    }
    if (way.value(3) == QLatin1String("releases") && way.value(4) == QLatin1String("tags")) {
        if (wanted->isPrivate || !wanted->releases.contains(context.rest(5)))
            return notFound();
        QJsonObject object = shape("release");
        object["tag_name"] = context.rest(5);
        object["body"] = wanted->releases[context.rest(5)];
        object["html_url"] =
            "https://forge.invalid/" + wanted->fullName() + "/releases/tag/" + context.rest(5);
        return json(200, object);
    }
    if (!context.token || !covers(*context.token, *wanted))
        return notFound();
    const auto allowed = [&](const char *permission, const char *level) {
        return rank(context.token->permissions[QLatin1String(permission)].toString())
            >= rank(level);
    };
    const bool writes = context.request.method != "GET";
    if (way.size() == 3 && !writes)
        return json(200, repositoryJson(*wanted, "repository"));
    if (way.value(3) == QLatin1String("git")) {
        if (!allowed("contents", writes ? "write" : "read") || (writes && wanted->archived))
            return problem(403, "Resource not accessible by integration");
        return gitCalls(context, *wanted);
    }
    if (way.value(3) == QLatin1String("pulls") || way.value(3) == QLatin1String("issues")) {
        if (!allowed("pull_requests", writes ? "write" : "read"))
            return problem(403, "Resource not accessible by integration");
        return pullCalls(context, *wanted);
    }
    return notFound();
}

HttpAnswer FakeGitHub::gitCalls(Context &context, Repository &repository)
{
    const GitRepository git = opened(repository.path);
    const QString kind = context.way.value(4);
    const QByteArray &method = context.request.method;
    const QJsonObject body = context.call.body.object();
    if (git_repository_head_unborn(git.get()) == 1)
        return problem(409, "Git Repository is empty.");
    const auto refJson = [&](const QString &name, const git_oid *id) {
        QJsonObject object = shape("ref");
        QJsonObject target = object["object"].toObject();
        target["sha"] = hex(id);
        target["type"] = "commit";
        object["ref"] = name;
        object["object"] = target;
        return object;
    };
    if (kind == QLatin1String("ref") && method == "GET") {
        const QString name = "refs/" + context.rest(5);
        git_oid id;
        if (git_reference_name_to_id(&id, git.get(), name.toUtf8().constData()) != 0)
            return notFound();
        return json(200, refJson(name, &id));
    }
    if (kind == QLatin1String("refs")) {
        const QString name = method == "POST" ? body["ref"].toString() : "refs/" + context.rest(5);
        git_oid id;
        GitReference old, made;
        const bool exists =
            gitCall(old, git_reference_lookup, git.get(), name.toUtf8().constData()) == 0;
        if (method == "DELETE")
            return exists && git_reference_delete(old.get()) == 0
                ? HttpAnswer{204, {}, {}}
                : problem(422, "Reference does not exist");
        GitCommit commit;
        if (!oid(id, body["sha"].toString())
            || gitCall(commit, git_commit_lookup, git.get(), &id) != 0)
            return problem(422, "Object does not exist");
        if (method == "POST" && exists)
            return problem(422, "Reference already exists");
        if (method == "PATCH" && !exists)
            return problem(422, "Reference does not exist");
        for (const QString &prefix : std::as_const(repository.protectedBranches)) {
            if (name.startsWith("refs/heads/" + prefix))
                return problem(422,
                               "Repository rule violations found\n\nCannot create ref due to "
                               "creations being restricted.");
        }
        if (gitCall(made, git_reference_create, git.get(), name.toUtf8().constData(),
                    static_cast<const git_oid *>(&id), 1, static_cast<const char *>(nullptr))
            != 0)
            return problem(422, lastGitError());
        return json(method == "POST" ? 201 : 200, refJson(name, &id));
    }
    if (kind == QLatin1String("commits")) {
        git_oid id;
        GitCommit commit;
        if (method == "POST") {
            git_oid tree;
            GitTree treeObject;
            if (!oid(tree, body["tree"].toString())
                || gitCall(treeObject, git_tree_lookup, git.get(), &tree) != 0)
                return problem(422, "Tree SHA does not exist");
            GitSignature author;
            const QString login = "ovvoc-bot[bot]";
            gitCall(author, git_signature_now, login.toUtf8().constData(), "bot@forge.invalid");
            std::vector<GitCommit> parents;
            std::vector<const git_commit *> raw;
            for (const auto &parent : body["parents"].toArray()) {
                git_oid parentId;
                GitCommit one;
                if (!oid(parentId, parent.toString())
                    || gitCall(one, git_commit_lookup, git.get(), &parentId) != 0)
                    return problem(422, "Parent SHA does not exist");
                raw.push_back(one.get());
                parents.push_back(std::move(one));
            }
            if (git_commit_create(&id, git.get(), nullptr, author.get(), author.get(), nullptr,
                                  body["message"].toString().toUtf8().constData(), treeObject.get(),
                                  raw.size(), raw.data())
                != 0)
                return problem(422, lastGitError());
        } else if (!oid(id, context.way.value(5))) {
            return notFound();
        }
        if (gitCall(commit, git_commit_lookup, git.get(), &id) != 0)
            return notFound();
        QJsonObject object = shape("commit");
        QJsonObject tree = object["tree"].toObject();
        tree["sha"] = hex(git_commit_tree_id(commit.get()));
        object["sha"] = hex(&id);
        object["tree"] = tree;
        object["message"] = QString::fromUtf8(git_commit_message(commit.get()));
        return json(method == "POST" ? 201 : 200, object);
    }
    if (kind == QLatin1String("blobs")) {
        git_oid id;
        Blob blob;
        if (method == "POST") {
            const QByteArray text = body["content"].toString().toUtf8();
            const QByteArray content = body["encoding"].toString() == QLatin1String("base64")
                ? QByteArray::fromBase64(text)
                : text;
            git_blob_create_from_buffer(&id, git.get(), content.constData(),
                                        std::size_t(content.size()));
            return json(201, QJsonObject{{"sha", hex(&id)}, {"url", "https://forge.invalid/blob"}});
        }
        if (!oid(id, context.way.value(5)) || gitCall(blob, git_blob_lookup, git.get(), &id) != 0)
            return notFound();
        const QByteArray content(static_cast<const char *>(git_blob_rawcontent(blob.get())),
                                 qsizetype(git_blob_rawsize(blob.get())));
        // GitHub breaks the text into lines of 60.
        QByteArray text;
        const QByteArray base = content.toBase64();
        for (qsizetype at = 0; at < base.size(); at += 60)
            text += base.mid(at, 60) + '\n';
        QJsonObject object = shape("blob");
        object["sha"] = hex(&id);
        object["size"] = content.size();
        object["encoding"] = "base64";
        object["content"] = QString::fromLatin1(text);
        return json(200, object);
    }
    if (kind != QLatin1String("trees"))
        return notFound();
    git_oid id;
    GitTree tree;
    if (method == "POST") {
        GitIndex index;
        gitCall(index, git_index_new);
        GitTree base;
        if (body.contains("base_tree")) {
            git_oid baseId;
            if (!oid(baseId, body["base_tree"].toString())
                || gitCall(base, git_tree_lookup, git.get(), &baseId) != 0)
                return problem(422, "base_tree is not a valid tree oid");
            git_index_read_tree(index.get(), base.get());
        }
        for (const auto &item : body["tree"].toArray()) {
            const QJsonObject entry = item.toObject();
            const QByteArray path = entry["path"].toString().toUtf8();
            if (entry["sha"].isNull() && entry.contains("sha")) {
                git_index_remove_bypath(index.get(), path.constData());
                continue;
            }
            git_index_entry made = {};
            made.path = path.constData();
            made.mode = entry["mode"].toString().toUInt(nullptr, 8);
            const QByteArray content = entry["content"].toString().toUtf8();
            if (entry.contains("content"))
                git_blob_create_from_buffer(&made.id, git.get(), content.constData(),
                                            std::size_t(content.size()));
            else if (!oid(made.id, entry["sha"].toString()))
                return problem(422, "tree.sha is not a valid oid");
            if (git_index_add(index.get(), &made) != 0)
                return problem(422, "tree.path contains a malformed path component");
        }
        git_index_write_tree_to(&id, index.get(), git.get());
    } else if (!oid(id, context.way.value(5))) {
        return notFound();
    }
    if (gitCall(tree, git_tree_lookup, git.get(), &id) != 0)
        return notFound();
    QJsonArray entries;
    for (std::size_t i = 0; i < git_tree_entrycount(tree.get()); ++i) {
        const git_tree_entry *entry = git_tree_entry_byindex(tree.get(), i);
        entries << QJsonObject{
            {"path", QString::fromUtf8(git_tree_entry_name(entry))},
            {"mode", QString::number(git_tree_entry_filemode(entry), 8).rightJustified(6, '0')},
            {"type", git_tree_entry_type(entry) == GIT_OBJECT_TREE ? "tree" : "blob"},
            {"sha", hex(git_tree_entry_id(entry))},
            {"size", 1},
            {"url", "https://forge.invalid/object"}};
    }
    QJsonObject object = shape("tree");
    object["sha"] = hex(&id);
    object["truncated"] = false;
    object["tree"] = entries;
    return json(method == "POST" ? 201 : 200, object);
}

QJsonObject FakeGitHub::pullJson(const Repository &repository, const Pull &pull,
                                 const char *name) const
{
    QJsonObject object = shape(name);
    const auto side = [&](const QString &key, const QString &branch) {
        QJsonObject one = object[key].toObject();
        one["ref"] = branch;
        one["label"] = repository.owner + ':' + branch;
        one["sha"] = tip(repository, branch);
        QJsonObject home = repositoryJson(repository, "listed-repository");
        if (key == "head" && pull.fromFork)
            home["id"] = repository.id + 1'000'000;
        one["repo"] = home;
        return one;
    };
    object["head"] = side("head", pull.head);
    object["base"] = side("base", pull.base);
    object["number"] = pull.number;
    object["title"] = pull.title;
    object["body"] = pull.body;
    object["state"] = pull.open ? "open" : "closed";
    object["draft"] = pull.draft;
    object["created_at"] = pull.created.toUTC().toString(Qt::ISODate);
    object["html_url"] =
        "https://forge.invalid/" + repository.fullName() + "/pull/" + QString::number(pull.number);
    return object;
}

HttpAnswer FakeGitHub::pullCalls(Context &context, Repository &repository)
{
    const QByteArray &method = context.request.method;
    const QJsonObject body = context.call.body.object();
    const qint64 number = context.way.value(4).toLongLong();
    const auto find = [&repository](qint64 wanted) {
        return std::ranges::find_if(repository.pulls,
                                    [&](const Pull &pull) { return pull.number == wanted; });
    };
    if (context.way.value(3) == QLatin1String("issues")) {
        const auto pull = find(number);
        if (pull == repository.pulls.end() || context.way.value(5) != QLatin1String("labels"))
            return notFound();
        QJsonArray labels;
        for (const auto &label : body["labels"].toArray())
            pull->labels << label.toString();
        for (const QString &label : std::as_const(pull->labels)) {
            QJsonObject one = shape("label");
            one["name"] = label;
            labels << one;
        }
        return json(200, QJsonDocument(labels));
    }
    if (method == "GET" && context.way.size() == 4) {
        const QString head = context.query.queryItemValue("head", QUrl::FullyDecoded);
        const QString base = context.query.queryItemValue("base", QUrl::FullyDecoded);
        QJsonArray list;
        for (const Pull &pull : std::as_const(repository.pulls)) {
            if (pull.open && (head.isEmpty() || head == repository.owner + ':' + pull.head)
                && (base.isEmpty() || base == pull.base))
                list << pullJson(repository, pull, "listed-pull");
        }
        return json(200, QJsonDocument(list));
    }
    if (method == "POST" && context.way.size() == 4) {
        Pull pull;
        pull.head = body["head"].toString();
        pull.base = body["base"].toString();
        pull.title = body["title"].toString();
        pull.body = body["body"].toString();
        pull.draft = body["draft"].toBool();
        if (pull.title.isEmpty())
            return invalid("PullRequest", "title", "title can't be blank");
        if (pull.body.size() > 65536)
            return invalid("PullRequest", "body", "body is too long (maximum is 65536 characters)");
        if (tip(repository, pull.head).isEmpty())
            return invalid("PullRequest", "head", {});
        if (tip(repository, pull.base).isEmpty())
            return invalid("PullRequest", "base", {});
        if (tip(repository, pull.head) == tip(repository, pull.base))
            return invalid("PullRequest", "head",
                           "No commits between " + pull.base + " and " + pull.head);
        for (const Pull &other : std::as_const(repository.pulls)) {
            if (other.open && other.head == pull.head && other.base == pull.base)
                return invalid("PullRequest", "head",
                               "A pull request already exists for " + repository.owner + ':'
                                   + pull.head + '.');
        }
        pull.created = now();
        pull.number = repository.pulls.size() + 1;
        repository.pulls << pull;
        return json(201, pullJson(repository, pull, "pull"));
    }
    if (method == "PATCH") {
        const auto pull = find(number);
        if (pull == repository.pulls.end())
            return notFound();
        if (body.contains("title"))
            pull->title = body["title"].toString();
        if (body.contains("body"))
            pull->body = body["body"].toString();
        return json(200, pullJson(repository, *pull, "pull"));
    }
    return notFound();
}

} // namespace ovvoc::test
