#include "forge/github/githubapp.h"

#include "base/logging.h"
#include "base/text.h"
#include "crypto/appjwt.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <algorithm>
#include <chrono>

namespace ovvoc {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("GitHub", text);
}

/// A clock that is further away than this makes a JWT invalid.
constexpr qint64 tolerableSkew = 30;
/// In bytes. The longest that is known has 520; SecretStore::maximumSize bounds what can be noted.
constexpr std::size_t longestToken = 2200;
/// Seconds during which a JWT is used again; it is valid for 540.
constexpr qint64 jwtFresh = 240;

QString inWords(const QJsonObject &permissions)
{
    QStringList words;
    for (auto it = permissions.begin(); it != permissions.end(); ++it)
        words << it.key() + ": " + it.value().toString();
    return words.join(QStringLiteral(", "));
}

/// Why no token was given, in the terms of whoever asked for it.
Error explainMint(Error error, const TokenRequest &request)
{
    if (error.code == ErrorCode::NotFound)
        error.message = tr("The App is not installed there any more. Install it again on the App's "
                           "page on GitHub, or choose another installation.");
    else if (error.code == ErrorCode::InvalidInput
             && error.detail.contains(QLatin1String("permission"), Qt::CaseInsensitive))
        error = {
            ErrorCode::Forbidden,
            tr("The App's installation does not have the permissions that are needed (%1). Add "
               "them on the App's page, and let the owner accept them.")
                .arg(inWords(request.permissions)),
            error.detail};
    else if (error.code == ErrorCode::InvalidInput)
        error = {
            ErrorCode::Forbidden,
            tr("The App is installed, but not for %1. Add the repository in the installation's "
               "settings on GitHub.")
                .arg(request.repositoryName),
            error.detail};
    return error;
}

} // namespace

GitHubApp::GitHubApp(QString issuer, std::shared_ptr<const SecretBytes> keyDer,
                     std::shared_ptr<RestClient> rest, std::shared_ptr<TokenLedger> ledger,
                     std::shared_ptr<SecretMask> mask)
    : m_issuer(std::move(issuer))
    , m_key(std::move(keyDer))
    , m_rest(std::move(rest))
    , m_ledger(std::move(ledger))
    , m_mask(std::move(mask))
{ }

Installation installationFromJson(const QJsonObject &object)
{
    Installation installation;
    installation.id = object["id"].toInteger();
    installation.account = object["account"].toObject()["login"].toString();
    installation.suspended = object["suspended_at"].isString();
    installation.allRepositories =
        object["repository_selection"].toString() == QLatin1String("all");
    installation.permissions = object["permissions"].toObject();
    return installation;
}

Result<std::shared_ptr<const SecretBytes>> GitHubApp::jwt()
{
    const QDateTime now = QDateTime::currentDateTimeUtc();
    if (m_jwt && m_jwtMade <= now && m_jwtMade.secsTo(now) < jwtFresh)
        return m_jwt;
    OVVOC_TRY(made, appJwt(*m_key, m_issuer, now.addSecs(m_skew)));
    m_mask->add(made, std::chrono::minutes(10));
    m_jwt = std::make_shared<const SecretBytes>(std::move(made));
    m_jwtMade = now;
    return m_jwt;
}

TaskResult<RestAnswer> GitHubApp::asApp(RestRequest request)
{
    for (int attempt = 0;; ++attempt) {
        OVVOC_CO_TRY(credential, jwt());
        request.credential = credential;
        OVVOC_CO_TRY(answer, co_await m_rest->ask(request));
        const QDateTime now = QDateTime::currentDateTimeUtc();
        const qint64 skew = answer.date.isValid() ? now.secsTo(answer.date) : m_skew;
        if (answer.status == 401 && attempt == 0 && std::abs(skew - m_skew) > tolerableSkew) {
            m_skew = skew;
            m_jwt.reset();
            log().warn("github: this machine's clock is {} s away from GitHub's; corrected", skew);
            continue;
        }
        if (answer.status / 100 == 2)
            co_return answer;
        Error error = restError(answer, QString::fromLatin1(request.method) + ' ' + request.path);
        if (answer.status == 401 && std::abs(skew) > tolerableSkew)
            error.message =
                tr("GitHub does not accept the App's key, and this machine's clock is %1 s "
                   "away from GitHub's. Set the clock and try again.")
                    .arg(std::abs(skew));
        else if (answer.status == 401)
            error.message = tr("GitHub does not accept the App's key. Was it removed on the App's "
                               "page, or does it belong to another App? Its owner can make a new "
                               "one there.");
        co_return fail(error);
    }
}

TaskResult<QJsonObject> GitHubApp::self()
{
    RestRequest request;
    request.path = "/app";
    OVVOC_CO_TRY(answer, co_await asApp(request));
    co_return answer.json.object();
}

TaskResult<QList<Installation>> GitHubApp::installations()
{
    QList<Installation> list;
    RestRequest request;
    request.path = "/app/installations?per_page=100";
    for (int pages = 0; !request.path.isEmpty() && pages < 10; ++pages) {
        OVVOC_CO_TRY(answer, co_await asApp(request));
        for (const auto &item : answer.json.array())
            list << installationFromJson(item.toObject());
        request.path = answer.next;
    }
    const QList<Installation> result = list;
    co_return result;
}

TaskResult<Installation> GitHubApp::installationOf(QString owner, QString name)
{
    RestRequest request;
    request.path = QStringLiteral("/repos/%1/%2/installation").arg(pathPart(owner), pathPart(name));
    OVVOC_CO_TRY(answer, co_await asApp(request));
    co_return installationFromJson(answer.json.object());
}

TaskResult<QList<InstalledRepository>> GitHubApp::repositories(qint64 installationId)
{
    TokenRequest wanted;
    wanted.purpose = tr("List of repositories");
    wanted.permissions = QJsonObject{{"metadata", "read"}};
    OVVOC_CO_TRY(token, co_await mint(installationId, wanted));
    RestRequest request;
    request.path = "/installation/repositories?per_page=100";
    request.credential = token.secret;
    auto found = co_await m_rest->list(request, QStringLiteral("repositories"));
    (void)co_await revoke(token);
    if (!found)
        co_return fail(found.error());
    QList<InstalledRepository> list;
    for (const auto &item : *found) {
        const QJsonObject object = item.toObject();
        list << InstalledRepository{object["id"].toInteger(), object["full_name"].toString(),
                                    object["default_branch"].toString(),
                                    object["archived"].toBool(), object["private"].toBool(true)};
    }
    const QList<InstalledRepository> result = list;
    co_return result;
}

Result<> GitHubApp::note(TokenMoment moment, const TokenLife &life) const
{
    return m_note ? m_note(moment, life, m_job) : Result<>();
}

TaskResult<InstallationToken> GitHubApp::mint(qint64 installationId, TokenRequest request)
{
    TokenLife life;
    life.purpose = request.purpose;
    life.permissions = inWords(request.permissions);
    life.repository = request.repositoryName;
    OVVOC_CO_CHECK(note(TokenMoment::Asked, life));
    auto token = co_await mintNoted(installationId, request, life);
    if (!token) {
        if (const auto noted = note(TokenMoment::Refused, life); !noted)
            log().error("github: audit: {}", toString(noted.error().code).toStdString());
        co_return fail(token.error());
    }
    const InstallationToken made = *token;
    if (const auto noted = note(TokenMoment::Minted, made.life); !noted) {
        const Error why = noted.error();
        (void)co_await revoke(made);
        co_return fail(why);
    }
    co_return InstallationToken(made);
}

TaskResult<InstallationToken> GitHubApp::mintNoted(qint64 installationId, TokenRequest request,
                                                   TokenLife life)
{
    QJsonObject body{{"permissions", request.permissions}};
    if (request.repositoryId > 0)
        body["repository_ids"] = QJsonArray{request.repositoryId};
    else if (request.byName)
        body["repositories"] = QJsonArray{request.repositoryName.section('/', -1)};
    RestRequest rest;
    rest.method = "POST";
    rest.path = QStringLiteral("/app/installations/%1/access_tokens").arg(installationId);
    rest.body = QJsonDocument(body);
    rest.secretMember = "token";
    auto minted = co_await asApp(rest);
    if (!minted)
        co_return fail(explainMint(minted.error(), request));
    const RestAnswer answer = *minted;
    const QJsonObject object = answer.json.object();
    // No assumption on length or alphabet but that it fits into a header and a keychain.
    const auto printable = [](char c) { return c > 0x20 && c < 0x7f; };
    if (!answer.secret || answer.secret->isEmpty() || answer.secret->size() > longestToken
        || !std::ranges::all_of(answer.secret->bytes(), printable)) {
        // Whatever it is, it may work: it is given back as far as it can be sent at all.
        if (answer.secret && !answer.secret->isEmpty()
            && std::ranges::all_of(answer.secret->bytes(), printable))
            (void)co_await revokeToken(m_rest, answer.secret);
        co_return fail(ErrorCode::Protocol, tr("GitHub gave no token."));
    }
    InstallationToken token;
    token.secret = answer.secret;
    m_mask->add(*token.secret, std::chrono::hours(1));
    token.life = life;
    token.life.minted = QDateTime::currentDateTimeUtc();
    // Before anything else can go wrong: whatever happens, it is known to be revoked.
    auto entry = co_await m_ledger->note(m_rest->api(), token.secret);
    if (!entry) {
        (void)co_await revokeToken(m_rest, token.secret);
        co_return fail(entry.error());
    }
    token.ledgerEntry = *entry;
    // A token with more rights than were asked for is not the one we wanted.
    const QJsonObject granted = object["permissions"].toObject();
    for (auto it = granted.begin(); it != granted.end(); ++it) {
        const bool asked = request.permissions[it.key()] == it.value()
            || (it.key() == QLatin1String("metadata") && it.value() == QLatin1String("read"));
        if (!asked) {
            const QString entryName = token.ledgerEntry;
            auto gone = co_await revokeToken(m_rest, token.secret);
            if (gone)
                (void)co_await m_ledger->strike(entryName);
            const QString what = it.key() + ": " + it.value().toString();
            co_return fail(ErrorCode::Protocol,
                           gone ? tr("GitHub gave a token with the permission %1, which was not "
                                     "asked for. It was revoked at once.")
                                      .arg(oneLine(what))
                                : tr("GitHub gave a token with the permission %1, which was not "
                                     "asked for. It could not be revoked yet; the next start tries "
                                     "again.")
                                      .arg(oneLine(what)));
        }
    }
    const InstallationToken result = token;
    co_return result;
}

TaskResult<bool> revokeToken(std::shared_ptr<RestClient> rest,
                             std::shared_ptr<const SecretBytes> token)
{
    RestRequest request;
    request.method = "DELETE";
    request.path = "/installation/token";
    request.credential = token;
    OVVOC_CO_TRY(answer, co_await rest->ask(request));
    // 401: it has expired or was revoked already, which is as good.
    if (answer.status != 204 && answer.status != 401)
        co_return fail(restError(answer, tr("revoking a token")));
    request.method = "GET";
    request.path = "/installation/repositories?per_page=1";
    request.attempts = 1;
    auto check = co_await rest->ask(request);
    // GitHub has confirmed it. That the check cannot be made (a limit, the network) takes nothing
    // from that; only an answer to the token would.
    if (!check || check->status == 403 || check->status == 429 || check->status >= 500)
        co_return false;
    if (check->status != 401)
        co_return fail(
            ErrorCode::Protocol,
            tr("GitHub still answers a token that was revoked (status %1).").arg(check->status));
    co_return true;
}

Task<TokenLife> GitHubApp::revoke(InstallationToken token)
{
    const std::shared_ptr<TokenLedger> ledger = m_ledger;
    TokenLife life = token.life;
    auto revoked = co_await revokeToken(m_rest, token.secret);
    life.ended = QDateTime::currentDateTimeUtc();
    life.state = revoked ? TokenLife::State::Revoked : TokenLife::State::RevocationFailed;
    life.confirmed = revoked && *revoked;
    if (!revoked) {
        // It stays in the ledger, so the next start tries again; it dies by itself within the hour.
        log().error("github: a token could not be revoked: {}",
                    toString(revoked.error().code).toStdString());
    } else if (auto struck = co_await ledger->strike(token.ledgerEntry); !struck) {
        log().warn("github: ledger: {}", struck.error().message.toStdString());
    }
    if (const auto noted = note(TokenMoment::Ended, life); !noted)
        log().error("github: audit: {}", toString(noted.error().code).toStdString());
    const TokenLife result = life;
    co_return result;
}

TaskResult<int>
revokeLeftovers(std::shared_ptr<TokenLedger> ledger,
                std::function<Result<std::shared_ptr<RestClient>>(const QUrl &)> clientFor)
{
    OVVOC_CO_TRY(tokens, co_await ledger->leftovers());
    const QList<LiveToken> list = tokens;
    int revoked = 0;
    std::optional<Error> problem;
    for (const LiveToken &token : list) {
        auto rest = clientFor(token.api);
        if (!rest) {
            problem = rest.error();
            continue;
        }
        auto done = co_await revokeToken(*rest, token.token);
        if (!done) {
            problem = done.error();
            continue;
        }
        OVVOC_CO_CHECK(co_await ledger->strike(token.entry));
        ++revoked;
    }
    if (problem)
        co_return fail(*problem);
    co_return revoked;
}

} // namespace ovvoc
