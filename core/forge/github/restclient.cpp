#include "forge/github/restclient.h"

#include "base/completion.h"
#include "base/logging.h"

#include <QCoreApplication>
#include <QHostAddress>
#include <QJsonArray>
#include <QJsonObject>
#include <QLocale>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QRegularExpression>
#include <qcoro/qcorotimer.h>

namespace ovvoc {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("GitHub", text);
}

/// GitHub's "message", with the details of each of its "errors".
QString wordsOf(const QJsonObject &body)
{
    QString words = body["message"].toString();
    for (const auto &item : body["errors"].toArray()) {
        const QString one =
            item.isString() ? item.toString() : item.toObject()["message"].toString();
        if (!one.isEmpty())
            words += ": " + one;
    }
    return words.left(1000);
}

/// Cuts the string value of \a member out of a JSON text and wipes it there. Null when there is
/// none.
std::shared_ptr<const SecretBytes> cutOut(QByteArray &json, const QByteArray &member)
{
    const QRegularExpression form(
        QStringLiteral("\"%1\"\\s*:\\s*\"").arg(QRegularExpression::escape(member)));
    const auto match = form.match(QString::fromLatin1(json.left(64 * 1024)));
    if (!match.hasMatch())
        return {};
    const qsizetype begin = match.capturedEnd();
    QByteArray value;
    value.reserve(json.size() - begin);
    qsizetype at = begin;
    for (; at < json.size() && json[at] != '"'; ++at) {
        char c = json[at];
        if (c == '\\' && at + 1 < json.size()) {
            c = json[++at];
            if (c == 'n')
                c = '\n';
            else if (c == 'r')
                c = '\r';
            else if (c == 't')
                c = '\t';
            else if (c != '"' && c != '\\' && c != '/')
                c = '\0'; // no other escape stands in a PEM text or a header's value
        }
        value += c;
    }
    // No shared copy may keep it: detached before it is overwritten.
    std::fill(json.begin() + begin, json.begin() + at, '-');
    return std::make_shared<const SecretBytes>(SecretBytes::takeFrom(value));
}

/// The path of rel="next" in a Link header (RFC 8288), when it stays on the API's own address.
QString nextPage(const QByteArray &link, const QUrl &api)
{
    static const QRegularExpression form(QStringLiteral("<([^>]+)>\\s*;[^,]*rel=\"?next\"?"));
    const QUrl url(form.match(QString::fromLatin1(link.left(8192))).captured(1));
    if (url.host() != api.host() || url.port() != api.port() || url.scheme() != api.scheme()
        || !url.path().startsWith(api.path()))
        return {};
    return url.toString(QUrl::RemoveScheme | QUrl::RemoveAuthority | QUrl::FullyEncoded)
        .mid(api.path().size());
}

/// Whether an answer ended before all of it was there. QNetworkReply does not always say so: a
/// connection that ends between two reads can look like the end of the answer.
bool isCut(const QNetworkReply &reply, int status, qsizetype received)
{
    // Below 100 are the network's own troubles, below 200 the proxy's; above are HTTP's statuses,
    // of which a success knows none.
    if (reply.error() != QNetworkReply::NoError && (reply.error() < 200 || status / 100 == 2))
        return true;
    // A 304 may name the length of what it does not send (RFC 9110, section 8.6).
    if (status == 204 || status == 304 || reply.hasRawHeader("Content-Encoding")
        || reply.operation() == QNetworkAccessManager::HeadOperation)
        return false;
    const QByteArray length = reply.rawHeader("Content-Length");
    return !length.isEmpty() && received < length.toLongLong();
}

/// When an answer wants us to come back, if it does: Retry-After, or an exhausted primary limit, or
/// a secondary one without either (a minute then, as GitHub's manual says).
std::optional<QDateTime> comeBackAt(QNetworkReply *reply, int status, const QString &words)
{
    if (status != 403 && status != 429)
        return std::nullopt;
    const QDateTime now = QDateTime::currentDateTimeUtc();
    bool number = false;
    const int seconds = reply->rawHeader("Retry-After").toInt(&number);
    if (number)
        return now.addSecs(std::clamp(seconds, 1, 24 * 3600));
    if (reply->rawHeader("X-RateLimit-Remaining") == "0") {
        const qint64 reset = reply->rawHeader("X-RateLimit-Reset").toLongLong();
        const QDateTime at = QDateTime::fromSecsSinceEpoch(reset, Qt::UTC);
        return std::clamp(at, now.addSecs(1), now.addSecs(24 * 3600));
    }
    if (status == 429 || words.contains(QLatin1String("rate limit"), Qt::CaseInsensitive))
        return now.addSecs(60);
    return std::nullopt;
}

} // namespace

QString pathPart(const QString &text)
{
    return QString::fromLatin1(text.toUtf8().toPercentEncoding());
}

Error restError(const RestAnswer &answer, const QString &what)
{
    const auto error = [&](ErrorCode code, const QString &why) {
        return Error{code, tr("%1: %2").arg(what, why), answer.message};
    };
    const QString own = answer.message.isEmpty() ? tr("no reason was given") : answer.message;
    switch (answer.status) {
    case 401:
        return error(ErrorCode::Unauthorized,
                     tr("GitHub does not accept the credential (%1). Check the App's key and this "
                        "machine's clock.")
                         .arg(own));
    case 403:
        if (answer.message.contains(QLatin1String("suspended"), Qt::CaseInsensitive))
            return error(ErrorCode::Forbidden,
                         tr("the App's installation is suspended. Its owner can lift that in the "
                            "settings of the organisation."));
        return error(ErrorCode::Forbidden,
                     tr("the App may not do this (%1). Check its permissions and accept new ones "
                        "where GitHub asks for it.")
                         .arg(own));
    case 404:
        return error(ErrorCode::NotFound,
                     tr("GitHub does not know it, or the App may not see it. Check the name, and "
                        "that the App is installed for this repository."));
    case 409:
        return error(ErrorCode::Conflict, tr("something has changed meanwhile (%1).").arg(own));
    case 410:
        return error(ErrorCode::Unsupported, tr("this is switched off or gone (%1).").arg(own));
    case 422:
        return error(ErrorCode::InvalidInput, tr("GitHub refuses it: %1.").arg(own));
    case 429:
        return error(ErrorCode::RateLimited, tr("GitHub asks us to wait. Run this again later."));
    default:
        if (answer.status >= 500)
            return error(ErrorCode::NetworkDown,
                         tr("GitHub has trouble of its own (status %1). Try again later; see "
                            "githubstatus.com.")
                             .arg(answer.status));
        return error(ErrorCode::Protocol,
                     tr("an answer that GitHub never gives (status %1).").arg(answer.status));
    }
}

Result<std::shared_ptr<RestClient>> RestClient::make(Settings settings,
                                                     std::shared_ptr<HostQueue> queue)
{
    const QUrl &url = settings.api;
    const bool safe = url.scheme() == QLatin1String("https")
        || (url.scheme() == QLatin1String("http") && QHostAddress(url.host()).isLoopback());
    if (!url.isValid() || url.host().isEmpty() || !safe || !url.userInfo().isEmpty()
        || url.hasQuery() || url.hasFragment())
        return fail(ErrorCode::InvalidInput,
                    tr("%1 is not the https address of an API.")
                        .arg(url.toDisplayString(QUrl::RemoveUserInfo)));
    settings.tls.setProtocol(QSsl::TlsV1_2OrLater);
    settings.tls.setPeerVerifyMode(QSslSocket::VerifyPeer);
    return std::shared_ptr<RestClient>(new RestClient(std::move(settings), std::move(queue)));
}

RestClient::RestClient(Settings settings, std::shared_ptr<HostQueue> queue)
    : m_settings(std::move(settings))
    , m_queue(std::move(queue))
    , m_network(std::make_shared<QNetworkAccessManager>())
{
    m_network->setProxy(m_settings.proxy);
    m_network->setAutoDeleteReplies(false);
    // The client decides itself: a redirect must not carry a credential to another host.
    m_network->setRedirectPolicy(QNetworkRequest::ManualRedirectPolicy);
}

TaskResult<RestAnswer> RestClient::once(RestRequest request)
{
    const bool creates = request.method != "GET" && request.method != "HEAD";
    // A token that is to die never waits: it is worth more than a limit.
    const bool revokes =
        request.method == "DELETE" && request.path == QLatin1String("/installation/token");
    if (!revokes)
        OVVOC_CO_CHECK(co_await m_queue->turn(creates));
    QUrl url = m_settings.api;
    const QString base = url.path() == QLatin1String("/") ? QString() : url.path();
    url.setUrl(url.toString(QUrl::RemovePath) + base + request.path, QUrl::StrictMode);
    if (!url.isValid() || url.host() != m_settings.api.host())
        co_return fail(ErrorCode::InvalidInput, tr("The call's path is not valid."), request.path);
    QNetworkRequest network(url);
    network.setSslConfiguration(m_settings.tls);
    network.setRawHeader("Accept", "application/vnd.github+json");
    network.setRawHeader("X-GitHub-Api-Version", "2022-11-28");
    network.setHeader(QNetworkRequest::UserAgentHeader, "Ovvoc-Desktop/" OVVOC_VERSION);
    network.setAttribute(QNetworkRequest::CookieSaveControlAttribute, QNetworkRequest::Manual);
    network.setAttribute(QNetworkRequest::CookieLoadControlAttribute, QNetworkRequest::Manual);
    network.setAttribute(QNetworkRequest::AuthenticationReuseAttribute, QNetworkRequest::Manual);
    network.setAttribute(QNetworkRequest::CacheLoadControlAttribute,
                         QNetworkRequest::AlwaysNetwork);
    if (request.credential) {
        const auto bytes = request.credential->bytes();
        network.setRawHeader("Authorization",
                             "Bearer " + QByteArray(bytes.data(), qsizetype(bytes.size())));
    }
    const bool get = request.method == "GET";
    const Seen seen = get ? m_seen.value(request.path) : Seen{};
    if (!seen.etag.isEmpty())
        network.setRawHeader("If-None-Match", seen.etag);
    QByteArray body;
    if (!request.body.isNull()) {
        network.setHeader(QNetworkRequest::ContentTypeHeader, "application/json");
        body = request.body.toJson(QJsonDocument::Compact);
    }
    struct Later
    {
        void operator()(QNetworkReply *reply) const
        {
            reply->abort();
            reply->deleteLater();
        }
    };
    std::unique_ptr<QNetworkReply, Later> reply(
        m_network->sendCustomRequest(network, request.method, body));
    const Completion<QByteArray> done; // why it ended early; empty when it did not
    QNetworkReply *raw = reply.get();
    QByteArray received;
    const qint64 limit = m_settings.answerLimit;
    QObject::connect(raw, &QNetworkReply::readyRead, raw, [raw, &received, done, limit] {
        received += raw->readAll();
        if (received.size() > limit)
            done.set("large");
    });
    QObject::connect(raw, &QNetworkReply::finished, raw, [done] { done.set({}); });
    QTimer::singleShot(m_settings.timeoutMs, raw, [done] { done.set("time"); });
    const QByteArray ended = co_await done;
    raw->disconnect();
    if (ended == "large")
        co_return fail(ErrorCode::TooLarge,
                       tr("GitHub's answer is larger than %1 MiB.").arg(limit >> 20));
    if (ended == "time")
        co_return fail(ErrorCode::Timeout,
                       tr("%1 did not answer within %2 s. Check the network and try again.")
                           .arg(url.host())
                           .arg(m_settings.timeoutMs / 1000));
    received += raw->readAll();
    RestAnswer answer;
    answer.status = raw->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    const bool cut = isCut(*raw, answer.status, received.size());
    if (answer.status == 0 || cut) {
        const bool tls = raw->error() == QNetworkReply::SslHandshakeFailedError;
        co_return fail(
            ErrorCode::NetworkDown,
            tls ? tr("%1 cannot be trusted: %2. Add your own CA in the client's settings "
                     "if this is an Enterprise server of yours.")
                      .arg(url.host(), raw->errorString())
                : tr("%1 cannot be reached: %2. Check the network and the proxy settings.")
                      .arg(url.host(), raw->errorString()));
    }
    answer.date = QLocale::c().toDateTime(QString::fromLatin1(raw->rawHeader("Date")),
                                          QStringLiteral("ddd, dd MMM yyyy HH:mm:ss 'GMT'"));
    answer.date.setTimeSpec(Qt::UTC);
    answer.next = nextPage(raw->rawHeader("Link"), m_settings.api);
    if (answer.status == 304 && !seen.etag.isEmpty()) {
        answer.status = 200;
        answer.json = seen.json;
        answer.next = seen.next;
        co_return answer;
    }
    if (!request.secretMember.isEmpty())
        answer.secret = cutOut(received, request.secretMember);
    if (!received.isEmpty() && answer.status != 204) {
        QJsonParseError problem;
        answer.json = QJsonDocument::fromJson(received, &problem);
        if (problem.error != QJsonParseError::NoError && answer.status / 100 == 2)
            co_return fail(
                ErrorCode::Protocol,
                tr("%1 answered something that is not JSON. Is this a GitHub address, or "
                   "is a login page in between?")
                    .arg(url.host()),
                problem.errorString());
    }
    answer.message = wordsOf(answer.json.object());
    const QByteArray etag = raw->rawHeader("ETag");
    if (get && answer.status == 200 && !etag.isEmpty() && etag.size() < 256
        && received.size() < seenBodyLimit) {
        if (m_seen.size() >= seenLimit)
            m_seen.clear();
        m_seen.insert(request.path, {etag, answer.json, answer.next});
    }
    if (const auto wait = comeBackAt(raw, answer.status, answer.message)) {
        m_queue->pauseUntil(*wait);
        answer.status = 429;
    }
    if (answer.status / 100 == 3) {
        const QUrl target = url.resolved(QUrl(QString::fromLatin1(raw->rawHeader("Location"))));
        if (request.method != "GET" || target.host() != url.host() || target.port() != url.port()
            || target.scheme() != url.scheme() || !target.path().startsWith(base))
            co_return fail(ErrorCode::Protocol,
                           tr("%1 wants to send us to %2, which is refused. Has the repository "
                              "moved? Then enter its new name.")
                               .arg(url.host(), target.host()));
        answer.next =
            target.toString(QUrl::RemoveScheme | QUrl::RemoveAuthority | QUrl::FullyEncoded)
                .mid(base.size());
    }
    co_return answer;
}

TaskResult<RestAnswer> RestClient::ask(RestRequest request)
{
    int redirects = 0;
    for (int attempt = 0;; ++attempt) {
        auto answer = co_await once(request);
        if (answer && answer->status / 100 == 3) {
            if (++redirects > 3)
                co_return fail(ErrorCode::Protocol, tr("GitHub sends us around in circles."));
            request.path = answer->next;
            continue;
        }
        // Only what can be repeated without harm, and only for troubles that pass.
        const bool passes = answer ? answer->status >= 500 || answer->status == 429
                                   : answer.error().code == ErrorCode::NetworkDown;
        const bool repeatable = request.method == "GET" || request.method == "DELETE"
            || (answer && answer->status == 429);
        if (!passes || !repeatable || attempt + 1 >= request.attempts)
            co_return answer;
        log().info("github: {} again after {}", request.method.toStdString(),
                   answer ? std::to_string(answer->status) : std::string("a network failure"));
        co_await QCoro::sleepFor(std::chrono::milliseconds(m_settings.retryDelayMs << attempt));
    }
}

TaskResult<RestAnswer> RestClient::call(RestRequest request)
{
    OVVOC_CO_TRY(answer, co_await ask(request));
    if (answer.status / 100 == 2)
        co_return answer;
    co_return fail(restError(
        answer, QString::fromLatin1(request.method) + ' ' + request.path.section('?', 0, 0)));
}

TaskResult<QJsonArray> RestClient::list(RestRequest request, QString key, int limit)
{
    constexpr int mostPages = 40;
    constexpr qsizetype mostBytes = 64 * 1024 * 1024;
    QJsonArray all;
    qsizetype bytes = 0;
    // A page may be empty; that there is always one more is not believed.
    for (int pages = 0; !request.path.isEmpty() && all.size() < limit && pages < mostPages;
         ++pages) {
        OVVOC_CO_TRY(answer, co_await call(request));
        bytes += answer.json.toJson(QJsonDocument::Compact).size();
        if (bytes > mostBytes)
            co_return fail(ErrorCode::TooLarge, tr("GitHub's list is longer than can be read."));
        const QJsonArray page =
            key.isEmpty() ? answer.json.array() : answer.json.object()[key].toArray();
        for (const auto &item : page)
            all << item;
        request.path = answer.next;
    }
    co_return all;
}

} // namespace ovvoc
