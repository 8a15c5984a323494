#include "support/testregistry.h"

#include <QCryptographicHash>
#include <QDir>
#include <QJsonDocument>
#include <QProcess>

namespace ovvoc::test {

TaskResult<QList<QHostAddress>> TestResolver::resolve(QString host)
{
    if (names.contains(host)) {
        const QList<QHostAddress> found = names.value(host);
        co_return found;
    }
    co_return co_await m_system.resolve(host);
}

TestRegistry::TestRegistry(const QString &host)
    : m_host(host)
    , m_authority(TestAuthority::make(host.toLatin1()))
    , m_before(QSslConfiguration::defaultConfiguration())
    , m_server(
          [this](const HttpRequest &request, const HttpServer::Respond &respond) {
              calls << Call{request.method, request.path, request.headers.value("authorization"),
                            request.headers, request.body};
              if (const auto given = fault ? fault(request) : std::nullopt)
                  return respond(*given);
              respond(answer(request));
          },
          m_authority.server)
{
    QSslConfiguration trusting = m_before;
    // Whoever adds one has to name the system's as well.
    trusting.setCaCertificates(QSslConfiguration::systemCaCertificates() + m_before.caCertificates()
                               + QSslCertificate::fromData(m_authority.caPem));
    QSslConfiguration::setDefaultConfiguration(trusting);
}

TestRegistry::~TestRegistry()
{
    QSslConfiguration::setDefaultConfiguration(m_before);
}

QString TestRegistry::url() const
{
    return QStringLiteral("https://%1:%2%3").arg(m_host).arg(port()).arg(prefix);
}

QByteArray TestRegistry::publish(const QString &name, const QString &version,
                                 const QHash<QString, QByteArray> &files,
                                 const QJsonObject &manifest)
{
    QTemporaryDir folder;
    const QDir package(folder.path() + "/package");
    QJsonObject own = manifest;
    own["name"] = name;
    own["version"] = version;
    QHash<QString, QByteArray> all = files;
    all["package.json"] = QJsonDocument(own).toJson();
    for (auto it = all.begin(); it != all.end(); ++it) {
        const QString path = package.filePath(it.key());
        QDir().mkpath(path.section('/', 0, -2));
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly) || file.write(it.value()) < 0)
            qFatal("cannot write a package");
    }
    QProcess tar;
    tar.start("tar", {"-C", folder.path(), "-czf", "-", "package"});
    if (!tar.waitForFinished() || tar.exitCode() != 0)
        qFatal("tar failed");
    return publishPacked(name, version, tar.readAllStandardOutput(), own);
}

QByteArray TestRegistry::publishPacked(const QString &name, const QString &version,
                                       const QByteArray &bytes, QJsonObject own)
{
    const QString path = QStringLiteral("%1/-/%2-%3.tgz").arg(name, name.section('/', -1), version);
    m_tarballs.insert(path.toLatin1(), bytes);
    own["dist"] = QJsonObject{
        {"tarball", url() + path},
        {"integrity",
         "sha512-"
             + QString::fromLatin1(
                 QCryptographicHash::hash(bytes, QCryptographicHash::Sha512).toBase64())},
        {"shasum",
         QString::fromLatin1(QCryptographicHash::hash(bytes, QCryptographicHash::Sha1).toHex())}};
    QJsonObject &document = m_documents[name];
    document["name"] = name;
    document["dist-tags"] = QJsonObject{{"latest", version}};
    QJsonObject versions = document["versions"].toObject(), time = document["time"].toObject();
    versions[version] = own;
    const QDateTime when = QDateTime::currentDateTimeUtc().addDays(-200 + versions.size());
    time[version] = when.toString(Qt::ISODate);
    time["created"] = time["modified"] = when.toString(Qt::ISODate);
    document["versions"] = versions;
    document["time"] = time;
    return own["dist"].toObject()["integrity"].toString().toLatin1();
}

QByteArray TestRegistry::document(const QString &name, const QStringList &versions) const
{
    QJsonObject document = m_documents.value(name), kept;
    for (const QString &version : versions)
        kept[version] = document["versions"].toObject()[version];
    document["versions"] = kept;
    document["dist-tags"] = QJsonObject{{"latest", versions.last()}};
    return QJsonDocument(document).toJson();
}

HttpAnswer TestRegistry::answer(const HttpRequest &request)
{
    const auto say = [](int status, const QByteArray &body, const QByteArray &type) {
        HttpAnswer answer;
        answer.status = status;
        answer.headers.append({"Content-Type", type});
        answer.body = body;
        return answer;
    };
    if (!authorization.isEmpty() && request.headers.value("authorization") != authorization)
        return say(401, "{\"error\":\"authentication required\"}", "application/json");
    if (!request.path.startsWith(prefix.toLatin1()))
        return say(404, "{\"error\":\"not found\"}", "application/json");
    if (request.method == "POST") {
        if (!answersAdvisories)
            return say(405, {}, "text/plain");
        return say(200, QJsonDocument(advisories).toJson(), "application/json");
    }
    const QByteArray rest = QByteArray::fromPercentEncoding(request.path.mid(prefix.size()));
    if (m_tarballs.contains(rest))
        return say(200, m_tarballs.value(rest), "application/octet-stream");
    const QString name = QString::fromUtf8(rest);
    if (m_documents.contains(name))
        return say(200, QJsonDocument(m_documents.value(name)).toJson(), "application/json");
    return say(404, "{\"error\":\"not found\"}", "application/json");
}

} // namespace ovvoc::test
