#include "clients/clientjson.h"

#include <QJsonObject>

namespace ovvoc {

QUrl GitHubAccount::apiOf(const QUrl &web)
{
    QUrl api = web;
    if (web.host() == QLatin1String("github.com")) {
        api.setHost(QStringLiteral("api.github.com"));
        api.setPath({});
    } else {
        api.setPath(QStringLiteral("/api/v3"));
    }
    return api;
}

QJsonObject toJson(const Client &client)
{
    QJsonObject object{
        {"name", client.name}, {"colour", client.colour}, {"overrides", client.overrides}};
    if (client.github)
        object["github"] = QJsonObject{
            {"web", client.github->web.toString()},
            {"api", client.github->api.toString()},
            {"issuer", client.github->issuer},
            {"appName", client.github->appName},
            {"appSlug", client.github->appSlug},
            {"keyEntry", client.github->keyEntry},
            {"keyFingerprint", client.github->keyFingerprint},
            {"installationId", client.github->installationId},
            {"account", client.github->account},
            {"authority", QString::fromLatin1(client.github->authority)},
        };
    return object;
}

void fromJson(const QJsonObject &object, Client &client)
{
    client.name = object["name"].toString();
    client.colour = object["colour"].toInt();
    client.overrides = object["overrides"].toObject();
    client.github.reset();
    if (!object.contains("github"))
        return;
    const QJsonObject g = object["github"].toObject();
    client.github =
        GitHubAccount{QUrl(g["web"].toString()),      QUrl(g["api"].toString()),
                      g["issuer"].toString(),         g["appName"].toString(),
                      g["appSlug"].toString(),        g["keyEntry"].toString(),
                      g["keyFingerprint"].toString(), g["installationId"].toInteger(),
                      g["account"].toString(),        g["authority"].toString().toLatin1()};
}

QJsonObject toJson(const ClientRepository &repository)
{
    return {{"kind", repository.kind == ClientRepository::Kind::GitHub ? "github" : "local"},
            {"path", repository.path},
            {"owner", repository.owner},
            {"name", repository.name},
            {"forgeId", repository.forgeId},
            {"baseBranch", repository.baseBranch},
            {"recipe", repository.recipe},
            {"overrides", repository.overrides}};
}

void fromJson(const QJsonObject &object, ClientRepository &repository)
{
    repository.kind = object["kind"].toString() == QLatin1String("github")
        ? ClientRepository::Kind::GitHub
        : ClientRepository::Kind::Local;
    repository.path = object["path"].toString();
    repository.owner = object["owner"].toString();
    repository.name = object["name"].toString();
    repository.forgeId = object["forgeId"].toInteger();
    repository.baseBranch = object["baseBranch"].toString();
    repository.recipe = object["recipe"].toString();
    repository.overrides = object["overrides"].toObject();
}

} // namespace ovvoc
