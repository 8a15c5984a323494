#pragma once

#include "base/completion.h"
#include "base/mask.h"
#include "forge/github/restclient.h"

#include <QDateTime>
#include <QJsonObject>
#include <QTcpServer>
#include <optional>

class QTcpSocket;

namespace ovvoc {

/// What App is wanted, and where.
struct ManifestRequest
{
    QUrl web = QUrl(QStringLiteral("https://github.com")); ///< where the browser goes
    QString organization; ///< its login; empty: the person's own account
    QString name; ///< at most 34 characters, as GitHub wants it; unique on the whole host
    bool operator==(const ManifestRequest &) const = default;
};

/// The App that GitHub made.
struct NewApp
{
    qint64 id = 0;
    QString clientId;
    QString slug;
    QString name;
    QString owner;
    QUrl installPage; ///< where it is installed for repositories
    std::shared_ptr<const SecretBytes> keyDer; ///< PKCS#1; straight into the keychain with it
};

/// Makes a client's GitHub App by the manifest flow: a page of ours on a random loopback port sends
/// the browser with the manifest to GitHub, GitHub asks the person and sends the browser back with
/// a code, and the code is exchanged for the App and its private key.
/// https://docs.github.com/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
///
/// The App gets exactly contents: write, pull_requests: write, metadata: read, and no webhook.
/// A code is taken only with the state that was sent and from the browser that was sent: its cookie
/// (HttpOnly, SameSite=Strict) is looked at on a step from our page to our page, because browsers
/// do not send it when another site leads to us. Other users of this machine are not listened to
/// (Linux), and the first page's path cannot be guessed. Lives on the core thread.
class ManifestFlow : public QObject
{
    Q_OBJECT
public:
    /// InvalidInput for a name or organisation that GitHub would not take.
    static Result<std::unique_ptr<ManifestFlow>> start(ManifestRequest request,
                                                       std::shared_ptr<RestClient> rest,
                                                       std::shared_ptr<SecretMask> mask);
    ~ManifestFlow() override;

    /// What to open in the browser.
    QUrl address() const;
    /// Waits for the person: at most an hour, which is how long a code is good for.
    /// Errors: Cancelled, Timeout, and those of the exchange.
    TaskResult<NewApp> finished();
    void cancel();

    static QJsonObject manifest(const QString &name, const QUrl &redirect);

private:
    ManifestFlow(ManifestRequest request, std::shared_ptr<RestClient> rest,
                 std::shared_ptr<SecretMask> mask);
    void serve(QTcpSocket *socket);
    QByteArray answerTo(const QByteArray &method, const QByteArray &target, const QByteArray &host,
                        const QByteArray &cookie);
    QByteArray startPage(const QByteArray &nonce) const;
    QByteArray page(int status, const QByteArray &nonce, const QString &title, const QString &text,
                    const QByteArray &more = {}) const;

    ManifestRequest m_request;
    std::shared_ptr<RestClient> m_rest;
    std::shared_ptr<SecretMask> m_mask;
    QTcpServer m_server;
    QByteArray m_start; ///< the path of the first page
    QByteArray m_state;
    QByteArray m_cookie;
    Completion<Result<QString>> m_code;
};

/// Of /proc/net/tcp or tcp6 (proc(5)): the user whose connection it is, by its ports; nothing when
/// it is not there.
std::optional<uint> userInTable(const QByteArray &table, quint16 from, quint16 to);

} // namespace ovvoc
