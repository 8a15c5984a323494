#include "base/network.h"

#include <QCoreApplication>
#include <QNetworkProxyQuery>
#include <QSslCertificate>

namespace ovvoc {

QNetworkProxy proxyFor(const ProxySetting &setting, const QUrl &target)
{
    switch (setting.mode) {
    case ProxySetting::Mode::Off:
        return QNetworkProxy(QNetworkProxy::NoProxy);
    case ProxySetting::Mode::Manual:
        return QNetworkProxy(QNetworkProxy::HttpProxy, setting.host, quint16(setting.port));
    case ProxySetting::Mode::System:
        break;
    }
    const auto proxies = QNetworkProxyFactory::systemProxyForQuery(QNetworkProxyQuery(target));
    return proxies.isEmpty() ? QNetworkProxy(QNetworkProxy::NoProxy) : proxies.first();
}

Result<QSslConfiguration> tlsWithAuthority(const QByteArray &caPem)
{
    const QList<QSslCertificate> certificates =
        QSslCertificate::fromData(caPem.left(1024 * 1024), QSsl::Pem);
    if (certificates.isEmpty())
        return fail(ErrorCode::InvalidInput,
                    QCoreApplication::translate(
                        "Network",
                        "There is no certificate in this file. Choose the authority's "
                        "certificate as PEM (\"BEGIN CERTIFICATE\")."));
    QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
    tls.setProtocol(QSsl::TlsV1_2OrLater);
    tls.setPeerVerifyMode(QSslSocket::VerifyPeer);
    tls.setCaCertificates(QSslConfiguration::systemCaCertificates() + certificates);
    return tls;
}

} // namespace ovvoc
