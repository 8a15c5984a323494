#pragma once

#include "base/secretbytes.h"
#include "forge/github/hostqueue.h"

#include <QHash>
#include <QJsonDocument>
#include <QNetworkProxy>
#include <QSslConfiguration>
#include <QUrl>
#include <memory>

class QNetworkAccessManager;
class QNetworkReply;

namespace ovvoc {

/// One call of GitHub's REST API.
struct RestRequest
{
    QByteArray method = "GET";
    QString path; ///< behind the API's address, percent-encoded where needed: "/repos/o/r"
    QJsonDocument body; ///< null: none
    std::shared_ptr<const SecretBytes> credential; ///< sent as "Bearer"; null: none
    /// A member of the answer that is a secret ("token", "pem"): it is cut out of the answer's
    /// bytes before they are parsed, and is not in RestAnswer::json.
    QByteArray secretMember;
    int attempts = 3; ///< for what can be repeated without harm
};

struct RestAnswer
{
    int status = 0;
    QJsonDocument json;
    std::shared_ptr<const SecretBytes> secret; ///< RestRequest::secretMember's value; may be null
    QString next; ///< path of the next page, from Link; empty on the last one
    QDateTime date; ///< the server's clock
    QString message; ///< GitHub's own word about what is wrong, for errors
};

/// GitHub's REST API (api.github.com, or https://HOST/api/v3 of an Enterprise server). Sends the
/// headers GitHub asks for, waits as the host queue says, tries a GET again after a failure that
/// passes, follows redirects of a GET on the same host only, bounds every answer, and asks with
/// If-None-Match for what it has seen before (an answer of 304 costs nothing of the rate limit).
/// TLS 1.2 at least. Never logs a credential or a body. Lives on the core thread.
/// https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api
///
/// Errors: InvalidInput (422), Unauthorized (401), Forbidden (403), NotFound (404), Conflict (409),
/// Unsupported (410), RateLimited, NetworkDown, Timeout, Protocol, TooLarge. Error::detail holds
/// GitHub's own message.
class RestClient
{
public:
    struct Settings
    {
        QUrl api = QUrl(QStringLiteral("https://api.github.com"));
        QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
        QNetworkProxy proxy = QNetworkProxy::DefaultProxy;
        int timeoutMs = 30'000;
        int retryDelayMs = 1'000;
        qint64 answerLimit = 32 * 1024 * 1024;
    };
    /// InvalidInput unless the address is https, or http on loopback.
    static Result<std::shared_ptr<RestClient>> make(Settings settings,
                                                    std::shared_ptr<HostQueue> queue);

    /// An answer with a status of 2xx, else the error for it.
    TaskResult<RestAnswer> call(RestRequest request);
    /// The answer whatever its status is; only failures to get one are errors.
    TaskResult<RestAnswer> ask(RestRequest request);
    /// All pages of a list; \a key: the member that holds it, empty when the answer is the list.
    TaskResult<QJsonArray> list(RestRequest request, QString key, int limit = 2'000);

    const QUrl &api() const { return m_settings.api; }
    const Settings &settings() const { return m_settings; }

private:
    RestClient(Settings settings, std::shared_ptr<HostQueue> queue);
    TaskResult<RestAnswer> once(RestRequest request);
    struct Seen
    {
        QByteArray etag;
        QJsonDocument json;
        QString next;
    };
    static constexpr qsizetype seenLimit = 128;
    static constexpr qsizetype seenBodyLimit = 256 * 1024;
    QHash<QString, Seen> m_seen; ///< by path; the server judges whether it holds for the credential
    Settings m_settings;
    std::shared_ptr<HostQueue> m_queue;
    std::shared_ptr<QNetworkAccessManager> m_network;
};

/// \a text as one segment of a path or a query's value, everything else percent-encoded (a slash
/// too: that is how GitHub's own client sends "heads/main").
QString pathPart(const QString &text);

/// The error that an answer's status means, with a message for people. \a what: the call in words.
Error restError(const RestAnswer &answer, const QString &what);

} // namespace ovvoc
