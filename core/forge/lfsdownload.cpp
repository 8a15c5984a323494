#include "forge/lfsdownload.h"

#include "base/text.h"
#include "gate/addresses.h"

#include <QHostInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QNetworkAccessManager>
#include <QNetworkProxy>
#include <QNetworkReply>

namespace ovvoc {

namespace {

constexpr qsizetype answerLimit = 1024 * 1024;
constexpr qint64 readBuffer = 256 * 1024;
constexpr char mediaType[] = "application/vnd.git-lfs+json";

/// A header that a request may carry as it is.
bool isHeader(const QString &name, const QString &value)
{
    const auto printable = [](QChar c) { return c.unicode() >= 0x20 && c.unicode() < 0x7f; };
    const auto token = [&](QChar c) { return printable(c) && c != ' ' && c != ':'; };
    return !name.isEmpty() && name.size() <= 100 && value.size() <= 8192
        && std::all_of(name.begin(), name.end(), token)
        && std::all_of(value.begin(), value.end(), printable);
}

} // namespace

void LfsDownload::LaterDeleter::operator()(QNetworkReply *reply) const
{
    reply->disconnect();
    reply->abort();
    reply->deleteLater();
}

LfsDownload::LfsDownload(std::shared_ptr<QNetworkAccessManager> network,
                         const QNetworkRequest &batch, const GitRequest &object)
    : m_network(std::move(network))
    , m_batch(batch)
    , m_id(object.object)
    , m_size(object.objectSize)
{
    // The gate connects to our signals after we were made.
    QMetaObject::invokeMethod(this, &LfsDownload::ask, Qt::QueuedConnection);
}

LfsDownload::~LfsDownload() = default;

void LfsDownload::ask()
{
    m_batch.setHeader(QNetworkRequest::ContentTypeHeader, mediaType);
    m_batch.setRawHeader("Accept", mediaType);
    const QJsonObject object{{"oid", QString::fromLatin1(m_id)}, {"size", m_size}};
    const QJsonObject body{{"operation", "download"},
                           {"transfers", QJsonArray{"basic"}},
                           {"objects", QJsonArray{object}},
                           {"hash_algo", "sha256"}};
    m_reply.reset(m_network->post(m_batch, QJsonDocument(body).toJson(QJsonDocument::Compact)));
    m_reply->setReadBufferSize(readBuffer);
    connect(m_reply.get(), &QNetworkReply::readyRead, this, &LfsDownload::readBatch);
    connect(m_reply.get(), &QNetworkReply::finished, this, [this] {
        readBatch();
        if (m_done)
            return;
        if (m_reply->error() != QNetworkReply::NoError)
            return giveUp(tr("%1 does not give it").arg(m_batch.url().host()));
        readPlace(std::exchange(m_answer, {}));
    });
}

void LfsDownload::readBatch()
{
    m_answer += m_reply->readAll();
    if (m_answer.size() > answerLimit)
        giveUp(tr("%1 answers more than it was asked").arg(m_batch.url().host()));
}

void LfsDownload::readPlace(const QByteArray &json)
{
    const QString host = m_batch.url().host();
    const QJsonObject object =
        QJsonDocument::fromJson(json).object()["objects"].toArray().at(0).toObject();
    const QJsonObject download = object["actions"].toObject()["download"].toObject();
    if (download.isEmpty()) {
        const QString words = oneLine(object["error"].toObject()["message"].toString()).left(200);
        return giveUp(words.isEmpty() ? tr("%1 does not have it").arg(host)
                                      : tr("%1 says: %2").arg(host, words));
    }
    const QUrl url(download["href"].toString());
    const bool sameServer = url.scheme() == m_batch.url().scheme() && url.host() == host
        && url.port() == m_batch.url().port();
    if (!url.isValid() || url.host().isEmpty() || !url.userInfo().isEmpty()
        || (url.scheme() != QLatin1String("https") && !sameServer))
        return giveUp(tr("%1 names no place that it may be read from").arg(host));
    m_place = QNetworkRequest(url);
    m_place.setSslConfiguration(m_batch.sslConfiguration());
    for (const auto attribute :
         {QNetworkRequest::CookieSaveControlAttribute, QNetworkRequest::CookieLoadControlAttribute,
          QNetworkRequest::AuthenticationReuseAttribute, QNetworkRequest::CacheLoadControlAttribute,
          QNetworkRequest::Http2AllowedAttribute})
        m_place.setAttribute(attribute, m_batch.attribute(attribute));
    m_place.setHeader(QNetworkRequest::UserAgentHeader,
                      m_batch.header(QNetworkRequest::UserAgentHeader));
    m_place.setRawHeader("Accept-Encoding", "identity");
    const QJsonObject headers = download["header"].toObject();
    for (auto it = headers.begin(); it != headers.end(); ++it) {
        if (headers.size() > 20 || !isHeader(it.key(), it.value().toString()))
            return giveUp(tr("%1 names no place that it may be read from").arg(host));
        m_place.setRawHeader(it.key().toLatin1(), it.value().toString().toLatin1());
    }
    if (sameServer || m_network->proxy().type() == QNetworkProxy::HttpProxy
        || m_network->proxy().type() == QNetworkProxy::Socks5Proxy)
        return fetch();
    QHostInfo::lookupHost(url.host(), this, [this](const QHostInfo &info) {
        if (m_done)
            return;
        const auto addresses = info.addresses();
        // What has no address now may have a private one when it is asked again.
        if (info.error() != QHostInfo::NoError || addresses.isEmpty())
            return giveUp(tr("%1 has no address").arg(m_place.url().host()));
        for (const QHostAddress &address : addresses) {
            if (const QString why = forbiddenReason(address); !why.isEmpty())
                return giveUp(tr("%1 leads to a %2 address").arg(m_place.url().host(), why));
        }
        // IPv4 goes everywhere; not every machine has the other.
        const auto fourth =
            std::ranges::find(addresses, QAbstractSocket::IPv4Protocol, &QHostAddress::protocol);
        connectTo(fourth == addresses.end() ? addresses.first() : *fourth);
    });
}

/// To that very address, whatever the name means when it is asked again; the certificate must be
/// the name's.
void LfsDownload::connectTo(const QHostAddress &address)
{
    QUrl url = m_place.url();
    const QString host = url.host();
    m_place.setPeerVerifyName(host);
    const int port = url.port();
    m_place.setRawHeader("Host", (port > 0 ? host + ':' + QString::number(port) : host).toLatin1());
    url.setHost(address.toString());
    m_place.setUrl(url);
    fetch();
}

void LfsDownload::fetch()
{
    m_reply.reset(m_network->get(m_place));
    m_reply->setReadBufferSize(readBuffer);
    connect(m_reply.get(), &QNetworkReply::readyRead, this, &LfsDownload::forward);
    connect(m_reply.get(), &QNetworkReply::finished, this, [this] {
        m_finished = true;
        forward();
    });
}

void LfsDownload::setPaused(bool paused)
{
    m_paused = paused;
    if (!paused && m_place.url().isValid())
        forward();
}

void LfsDownload::forward()
{
    if (m_done || !m_reply)
        return;
    const int status = m_reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    if ((m_finished && m_reply->error() != QNetworkReply::NoError) || (status != 200 && status != 0)
        || (m_finished && status == 0))
        return giveUp(tr("%1 does not give it").arg(m_place.url().host()));
    if (!m_headSent && status == 200) {
        m_headSent = true;
        emit head(200, "application/octet-stream");
    }
    while (m_headSent && !m_paused && !m_done && m_reply->bytesAvailable() > 0) {
        const QByteArray piece = m_reply->read(64 * 1024);
        m_received += piece.size();
        if (m_received > m_size)
            return giveUp(tr("%1 gives more than it said").arg(m_place.url().host()));
        emit data(piece);
    }
    if (m_finished && !m_done && m_reply->bytesAvailable() == 0) {
        m_done = true;
        emit end();
    }
}

void LfsDownload::giveUp(const QString &message)
{
    if (std::exchange(m_done, true))
        return;
    emit failed({ErrorCode::NotFound, message, {}});
}

} // namespace ovvoc
