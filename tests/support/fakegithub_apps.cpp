// FakeGitHub: Apps, their installations and tokens, the manifest flow.

#include "support/fakegithub_p.h"

#include <algorithm>
#include <openssl/evp.h>
#include <openssl/pem.h>

namespace ovvoc::test {

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
    for (const auto &name : asked["repositories"].toArray()) {
        const Repository *named = repository(from.account, name.toString());
        Token one = token;
        one.repositories = {named ? named->id : 0};
        if (!named || !covers(one, *named))
            return problem(422,
                           "There is at least one repository that does not exist or is not "
                           "accessible to the parent installation.");
        token.repositories << named->id;
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

} // namespace ovvoc::test
