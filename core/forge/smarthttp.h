#pragma once

#include "base/secretbytes.h"
#include "gate/gitupstream.h"

#include <QNetworkProxy>
#include <QSslConfiguration>
#include <QUrl>

class QNetworkAccessManager;

namespace ovvoc {

/// Serves one repository from a git server over smart HTTP (gitprotocol-http) and adds the
/// credential here, on the host: the cell never sees it. Redirects are followed on the same host
/// and scheme only, so the credential goes nowhere else. Lives on the core thread.
class SmartHttp final : public GitUpstream
{
public:
    struct Settings
    {
        QUrl repository; ///< "https://host/owner/name.git"; plain http on loopback only
        QString user = QStringLiteral("x-access-token");
        QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
        QNetworkProxy proxy = QNetworkProxy::DefaultProxy;
    };
    /// InvalidInput when the address is not one that a credential may be sent to.
    static Result<std::shared_ptr<SmartHttp>> make(Settings settings, SecretBytes password);
    ~SmartHttp() override;

    std::unique_ptr<GitExchange> open(const GitRequest &request) override;
    QString name() const override;

private:
    SmartHttp(Settings settings, SecretBytes password);
    Settings m_settings;
    SecretBytes m_password;
    std::shared_ptr<QNetworkAccessManager> m_network;
};

} // namespace ovvoc
