#include "forge/smarthttp.h"

#include "forge/lfsdownload.h"

#include <QCoreApplication>
#include <QHostAddress>
#include <QNetworkAccessManager>
#include <QNetworkReply>

namespace ovvoc {

namespace {

/// A fetch request is a list of object ids; this is far above any real one.
constexpr qint64 maximumRequest = 16 * 1024 * 1024;
constexpr qint64 readBuffer = 256 * 1024;

QString tr(const char *text)
{
    return QCoreApplication::translate("SmartHttp", text);
}

class SmartHttpExchange final : public GitExchange
{
public:
    SmartHttpExchange(std::shared_ptr<QNetworkAccessManager> network,
                      const QNetworkRequest &request, bool advertise)
        : m_network(std::move(network))
        , m_request(request)
        , m_advertise(advertise)
    {
        // The gate connects to our signals after we were made.
        if (m_advertise)
            QMetaObject::invokeMethod(this, &SmartHttpExchange::send, Qt::QueuedConnection);
    }
    ~SmartHttpExchange() override
    {
        if (m_reply) {
            m_reply->disconnect(this);
            m_reply->abort();
        }
    }

    void write(const QByteArray &bytes) override
    {
        if (m_done)
            return;
        m_body += bytes;
        emit taken(bytes.size());
        if (m_body.size() > maximumRequest)
            end(Error{ErrorCode::TooLarge, tr("The clone's request is too large."), {}});
    }

    void endInput() override
    {
        if (!m_advertise && !m_reply && !m_done)
            send();
    }

    void setPaused(bool paused) override
    {
        m_paused = paused;
        if (!paused)
            forward();
    }

private:
    void send()
    {
        m_reply.reset(m_advertise ? m_network->get(m_request) : m_network->post(m_request, m_body));
        m_body.clear();
        m_reply->setReadBufferSize(readBuffer);
        connect(m_reply.get(), &QNetworkReply::readyRead, this, &SmartHttpExchange::forward);
        connect(m_reply.get(), &QNetworkReply::finished, this, [this] {
            m_finished = true;
            forward();
        });
    }

    void forward()
    {
        if (m_done || !m_reply)
            return;
        const int status = m_reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
        const QByteArray type =
            m_reply->header(QNetworkRequest::ContentTypeHeader).toString().toLatin1();
        const QByteArray expected = QByteArray("application/x-git-upload-pack-")
            + (m_advertise ? "advertisement" : "result");
        if (m_finished && m_reply->error() != QNetworkReply::NoError)
            return end(problem(status));
        if (status != 200 || type != expected) {
            if (m_finished || status != 0)
                end(problem(status));
            return;
        }
        if (!m_headSent) {
            m_headSent = true;
            emit head(200, type);
        }
        while (!m_paused && !m_done && m_reply->bytesAvailable() > 0)
            emit data(m_reply->read(64 * 1024));
        if (m_finished && !m_done && m_reply->bytesAvailable() == 0) {
            m_done = true;
            emit GitExchange::end();
        }
    }

    /// What went wrong, without a word of what was sent.
    Error problem(int status) const
    {
        const QString host = m_request.url().host();
        if ((status == 401 || status == 404) && !m_request.hasRawHeader("Authorization"))
            return {ErrorCode::NotFound,
                    tr("%1 gives it to nobody without a credential, and the App is not installed "
                       "for it")
                        .arg(host),
                    {}};
        switch (status) {
        case 401:
        case 403:
            return {ErrorCode::GateRefused,
                    tr("%1 refused the credential. Check the App's permissions and that it is "
                       "installed for this repository.")
                        .arg(host),
                    {}};
        case 404:
            return {ErrorCode::NotFound,
                    tr("%1 has no such repository, or the App may not see it.").arg(host),
                    {}};
        case 0:
            return {ErrorCode::NetworkDown,
                    tr("%1 cannot be reached: %2").arg(host, m_reply->errorString()),
                    {}};
        default:
            return {ErrorCode::Protocol,
                    tr("%1 answered the clone with status %2 and not as a git server does.")
                        .arg(host)
                        .arg(status),
                    {}};
        }
    }

    void end(const Error &error)
    {
        if (std::exchange(m_done, true))
            return;
        emit failed(error);
    }

    struct LaterDeleter
    {
        void operator()(QNetworkReply *reply) const { reply->deleteLater(); }
    };
    std::shared_ptr<QNetworkAccessManager> m_network;
    QNetworkRequest m_request;
    std::unique_ptr<QNetworkReply, LaterDeleter> m_reply;
    QByteArray m_body;
    bool m_advertise;
    bool m_headSent = false;
    bool m_paused = false;
    bool m_finished = false;
    bool m_done = false;
};

} // namespace

Result<std::shared_ptr<SmartHttp>> SmartHttp::make(Settings settings, SecretBytes password)
{
    const QUrl &url = settings.repository;
    const bool loopback = QHostAddress(url.host()).isLoopback();
    const bool safe = url.scheme() == QLatin1String("https")
        || (url.scheme() == QLatin1String("http") && loopback);
    if (!url.isValid() || url.host().isEmpty() || !safe || !url.userInfo().isEmpty()
        || url.hasQuery() || url.hasFragment())
        return fail(ErrorCode::InvalidInput,
                    tr("%1 is not an https address of a repository.")
                        .arg(url.toDisplayString(QUrl::RemoveUserInfo)));
    return std::shared_ptr<SmartHttp>(new SmartHttp(std::move(settings), std::move(password)));
}

SmartHttp::SmartHttp(Settings settings, SecretBytes password)
    : m_settings(std::move(settings))
    , m_password(std::move(password))
    , m_network(std::make_shared<QNetworkAccessManager>())
{
    m_network->setProxy(m_settings.proxy);
    m_network->setRedirectPolicy(QNetworkRequest::SameOriginRedirectPolicy);
    m_network->setAutoDeleteReplies(false);
    // Only what we send: no answer to a challenge from a store of somebody else's.
    m_network->setTransferTimeout(60'000);
}

SmartHttp::~SmartHttp() = default;

std::unique_ptr<GitExchange> SmartHttp::open(const GitRequest &git)
{
    QUrl url = m_settings.repository;
    const bool object = !git.object.isEmpty();
    url.setPath(url.path()
                + QLatin1String(object              ? "/info/lfs/objects/batch"
                                    : git.advertise ? "/info/refs"
                                                    : "/git-upload-pack"));
    if (git.advertise && !object)
        url.setQuery(QStringLiteral("service=git-upload-pack"));
    QNetworkRequest request(url);
    request.setSslConfiguration(m_settings.tls);
    request.setAttribute(QNetworkRequest::CookieSaveControlAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::CookieLoadControlAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::AuthenticationReuseAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::CacheLoadControlAttribute,
                         QNetworkRequest::AlwaysNetwork);
    request.setAttribute(QNetworkRequest::Http2AllowedAttribute, false);
    request.setHeader(QNetworkRequest::UserAgentHeader, "git/2 (Ovvoc Desktop)");
    if (!git.advertise && !object) {
        request.setHeader(QNetworkRequest::ContentTypeHeader,
                          "application/x-git-upload-pack-request");
        request.setRawHeader("Accept", "application/x-git-upload-pack-result");
    }
    if (!git.protocol.isEmpty())
        request.setRawHeader("Git-Protocol", git.protocol);
    if (!git.contentEncoding.isEmpty())
        request.setRawHeader("Content-Encoding", git.contentEncoding);
    if (!m_password.isEmpty()) {
        const auto bytes = m_password.bytes();
        QByteArray pair = m_settings.user.toUtf8() + ':';
        pair.append(bytes.data(), qsizetype(bytes.size()));
        request.setRawHeader("Authorization", "Basic " + pair.toBase64());
        SecretBytes::takeFrom(pair); // wiped
    }
    if (object)
        return std::make_unique<LfsDownload>(m_network, request, git);
    return std::make_unique<SmartHttpExchange>(m_network, request, git.advertise);
}

QString SmartHttp::name() const
{
    return m_settings.repository.host();
}

} // namespace ovvoc
