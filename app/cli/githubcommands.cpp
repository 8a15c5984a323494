#include "cli/githubcommands.h"

#include "crypto/appkey.h"
#include "forge/github/connectiontest.h"
#include "forge/github/manifestflow.h"

#include <QFile>
#include <QJsonDocument>
#include <QProcess>
#include <QStandardPaths>

namespace ovvoc {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("Cli", text);
}

void show(const CommandCall &call, const QJsonObject &object, const QString &line)
{
    call.console.line(
        call.json ? QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact)) : line);
}

Result<QByteArray> fileOf(const QString &path)
{
    QFile file(path);
    if (path.isEmpty() || !file.open(QIODevice::ReadOnly))
        return fail(ErrorCode::InvalidInput,
                    path.isEmpty() ? tr("--key FILE.pem is missing.")
                                   : tr("%1 cannot be read: %2").arg(path, file.errorString()));
    return file.read(1024 * 1024);
}

Result<std::shared_ptr<const SecretBytes>> keyFrom(const CommandCall &call)
{
    OVVOC_TRY(pem, fileOf(call.option("key")));
    const SecretBytes secret = SecretBytes::takeFrom(pem);
    OVVOC_TRY(der, appKeyFromPem(secret));
    return std::make_shared<const SecretBytes>(std::move(der));
}

Result<GitHubAccount> accountFrom(const CommandCall &call, const Client &client)
{
    GitHubAccount account = client.github.value_or(GitHubAccount{});
    if (call.has("web")) {
        const QUrl web(call.option("web"), QUrl::StrictMode);
        if (!web.isValid() || web.host().isEmpty())
            return fail(ErrorCode::InvalidInput,
                        tr("\"%1\" is not an address. Example: https://git.example.com")
                            .arg(call.option("web")));
        account.web = web;
        account.api = GitHubAccount::apiOf(web);
    }
    if (call.has("ca")) {
        OVVOC_TRY(pem, fileOf(call.option("ca")));
        OVVOC_TRY(tls, tlsWithAuthority(pem));
        (void)tls;
        account.authority = pem;
    }
    return account;
}

/// The App is told who it is, and where it is installed when that is one place only.
TaskResult<> learn(const CommandCall &call, std::shared_ptr<Records> records, Client client)
{
    OVVOC_CO_TRY(app, co_await records->github->app(client));
    OVVOC_CO_TRY(self, co_await app->self());
    client.github->appName = self["name"].toString();
    client.github->appSlug = self["slug"].toString();
    if (app->clockSkew() != 0)
        call.console.line(tr("This machine's clock is %1 s away from GitHub's; corrected.")
                              .arg(std::abs(app->clockSkew())));
    OVVOC_CO_TRY(places, co_await app->installations());
    const QList<Installation> all = places;
    if (all.size() == 1) {
        client.github->installationId = all.first().id;
        client.github->account = all.first().account;
    }
    OVVOC_CO_CHECK(records->workspace->saveClient(client));
    show(call, {{"app", client.github->appName}, {"installation", client.github->installationId}},
         all.size() == 1 ? tr("%1 is connected, installed for %2.")
                               .arg(client.github->appName, all.first().account)
                         : tr("%1 is connected. Now choose with `ovvoc client installations`.")
                               .arg(client.github->appName));
    co_return {};
}

TaskResult<> manifest(const CommandCall &call, std::shared_ptr<Records> records, Client client)
{
    OVVOC_CO_TRY(account, accountFrom(call, client));
    OVVOC_CO_TRY(settings, records->workspace->settingsOf(client.id));
    OVVOC_CO_TRY(rest, records->github->rest(account, settings));
    ManifestRequest request;
    request.web = account.web;
    request.organization = call.option("organization");
    request.name = QStringLiteral("%1 updates").arg(client.name).left(34).trimmed();
    OVVOC_CO_TRY(flow, ManifestFlow::start(request, rest, records->github->mask()));
    const QString address = flow->address().toString();
    show(call, {{"open", address}}, tr("Open %1 in a browser and confirm there.").arg(address));
    // The address alone is no secret: nothing can be done with it but to begin.
    if (const QString opener = QStandardPaths::findExecutable("xdg-open");
        !opener.isEmpty() && !call.json)
        QProcess::startDetached(opener, {address});
    OVVOC_CO_TRY(made, co_await flow->finished());
    account.issuer = made.clientId;
    account.appName = made.name;
    account.appSlug = made.slug;
    client.github = account;
    OVVOC_CO_TRY(stored, co_await records->workspace->storeAppKey(client, made.keyDer));
    client.github = stored;
    OVVOC_CO_CHECK(records->workspace->saveClient(client));
    show(call, {{"app", made.name}, {"install", made.installPage.toString()}},
         tr("%1 was made; its key is in the keychain. Install it now: %2\nThen: ovvoc client "
            "installations \"%3\"")
             .arg(made.name, made.installPage.toString(), client.name));
    co_return {};
}

} // namespace

TaskResult<InstalledRepository> findOnGitHub(std::shared_ptr<Records> records, Client client,
                                             QString fullName)
{
    if (fullName.count('/') != 1)
        co_return fail(
            ErrorCode::NotFound,
            tr("\"%1\" is neither a folder of this machine nor owner/name.").arg(fullName));
    OVVOC_CO_TRY(app, co_await records->github->app(client));
    if (client.github->installationId == 0)
        co_return fail(ErrorCode::NotFound,
                       tr("It is not chosen where the App is installed. See `ovvoc client "
                          "installations`."));
    OVVOC_CO_TRY(all, co_await app->repositories(client.github->installationId));
    for (const InstalledRepository &one : all) {
        if (one.fullName.compare(fullName, Qt::CaseInsensitive) != 0)
            continue;
        if (one.archived)
            co_return fail(
                ErrorCode::Unsupported,
                tr("%1 is archived, so nothing can be proposed to it.").arg(one.fullName));
        co_return InstalledRepository(one);
    }
    co_return fail(ErrorCode::NotFound,
                   tr("The App may not see %1. Add it in the installation's settings on GitHub; "
                      "`ovvoc client repositories` lists what it may.")
                       .arg(fullName));
}

TaskResult<> githubCommand(const CommandCall &call, std::shared_ptr<Records> records, Client client)
{
    const QString verb = call.words.value(1);
    if (verb == QLatin1String("manifest"))
        co_return co_await manifest(call, records, client);
    if (verb == QLatin1String("app")) {
        OVVOC_CO_TRY(account, accountFrom(call, client));
        account.issuer = call.option("app");
        if (account.issuer.isEmpty())
            co_return fail(ErrorCode::InvalidInput, tr("--app is the App's id or client id."));
        OVVOC_CO_TRY(key, keyFrom(call));
        records->github->mask()->add(*key);
        client.github = account;
        OVVOC_CO_TRY(stored, co_await records->workspace->storeAppKey(client, key));
        client.github = stored;
        OVVOC_CO_CHECK(records->workspace->saveClient(client));
        co_return co_await learn(call, records, client);
    }
    if (verb == QLatin1String("key")) {
        OVVOC_CO_TRY(key, keyFrom(call));
        OVVOC_CO_TRY(stored, co_await records->workspace->storeAppKey(client, key));
        client.github = stored;
        co_return records->workspace->saveClient(client);
    }
    if (verb == QLatin1String("forget-key"))
        co_return co_await records->workspace->removeAppKey(client);
    if (verb == QLatin1String("installations") || verb == QLatin1String("install")) {
        OVVOC_CO_TRY(app, co_await records->github->app(client));
        OVVOC_CO_TRY(all, co_await app->installations());
        for (const Installation &one : all) {
            if (verb == QLatin1String("installations")) {
                show(call, {{"id", one.id}, {"account", one.account}, {"suspended", one.suspended}},
                     QStringLiteral("%1  %2%3")
                         .arg(one.id)
                         .arg(one.account, one.suspended ? tr(", suspended") : QString()));
            } else if (QString::number(one.id) == call.words.value(3)
                       || one.account == call.words.value(3)) {
                client.github->installationId = one.id;
                client.github->account = one.account;
                co_return records->workspace->saveClient(client);
            }
        }
        if (verb == QLatin1String("install"))
            co_return fail(ErrorCode::NotFound,
                           tr("The App is not installed at \"%1\".").arg(call.words.value(3)));
        co_return {};
    }
    if (verb == QLatin1String("repositories")) {
        OVVOC_CO_TRY(app, co_await records->github->app(client));
        OVVOC_CO_TRY(all, co_await app->repositories(client.github->installationId));
        for (const InstalledRepository &one : all)
            show(call, {{"id", one.id}, {"name", one.fullName}, {"archived", one.archived}},
                 one.fullName + (one.archived ? tr("  archived") : QString()));
        co_return {};
    }
    if (verb == QLatin1String("test")) {
        OVVOC_CO_TRY(app, co_await records->github->app(client));
        const auto checks =
            co_await testConnection(app, client.github->installationId,
                                    call.option("repo") == "." ? QString() : call.option("repo"));
        bool bad = false;
        for (const ConnectionCheck &check : checks) {
            static constexpr const char *marks[] = {"good", "note", "BAD", "not reached"};
            bad = bad || check.state == ConnectionCheck::State::Bad;
            show(call,
                 {{"check", toString(check.what)},
                  {"state", QLatin1String(marks[int(check.state)])},
                  {"found", check.found}},
                 QStringLiteral("%1  %2  %3")
                     .arg(QString(marks[int(check.state)]).leftJustified(11),
                          toString(check.what).leftJustified(12), check.found));
        }
        OVVOC_CO_CHECK(records->workspace->audit().add(
            {"client.test", client.id, {}, bad ? "failed" : "ok", {}}));
        if (bad)
            co_return fail(ErrorCode::Forbidden, tr("The connection does not work yet."));
        co_return {};
    }
    co_return fail(ErrorCode::InvalidInput,
                   tr("There is no `ovvoc client %1`. See `ovvoc --help`.").arg(verb));
}

} // namespace ovvoc
