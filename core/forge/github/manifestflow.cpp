#include "forge/github/manifestflow.h"

#include "crypto/appkey.h"

#include <QFile>
#include <QJsonArray>
#include <QRandomGenerator>
#include <QRegularExpression>
#include <QTcpSocket>
#include <QUrlQuery>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <unistd.h>

namespace ovvoc {

namespace http = boost::beast::http;

namespace {

constexpr int waitMs = 60 * 60 * 1000;
constexpr int maximumConnections = 16;
constexpr std::size_t headLimit = 16 * 1024;

/// 256 bits, safe in a URL, a header and HTML.
QByteArray unguessable()
{
    QByteArray bytes(32, Qt::Uninitialized);
    QRandomGenerator::system()->fillRange(reinterpret_cast<quint32 *>(bytes.data()), 8);
    return bytes.toHex();
}

/// Takes as long for a wrong guess as for a right one.
bool same(const QByteArray &a, const QByteArray &b)
{
    if (a.size() != b.size())
        return false;
    int difference = 0;
    for (qsizetype i = 0; i < a.size(); ++i)
        difference |= a[i] ^ b[i];
    return difference == 0;
}

QByteArray html(const QString &text)
{
    return text.toHtmlEscaped().toUtf8();
}

} // namespace

QJsonObject ManifestFlow::manifest(const QString &name, const QUrl &redirect)
{
    return {
        {"name", name},
        {"url", "https://github.com/ovvoc/ovvoc-desktop"},
        {"description", "Opens pull requests with dependency updates that passed build and tests."},
        {"redirect_url", redirect.toString()},
        {"public", false},
        {"default_events", QJsonArray()},
        {"default_permissions",
         QJsonObject{{"contents", "write"}, {"metadata", "read"}, {"pull_requests", "write"}}}};
}

/// Of "0100007F:1F90", as /proc has it.
static int portOf(const QByteArray &address)
{
    bool ok = false;
    const uint port = address.mid(address.indexOf(':') + 1).toUInt(&ok, 16);
    return ok ? int(port) : -1;
}

std::optional<uint> userInTable(const QByteArray &table, quint16 from, quint16 to)
{
    for (const QByteArray &line : table.split('\n')) {
        const QList<QByteArray> fields = line.simplified().split(' ');
        bool ok = false;
        if (fields.size() > 7 && portOf(fields[1]) == from && portOf(fields[2]) == to) {
            const uint user = fields[7].toUInt(&ok);
            if (ok)
                return user;
        }
    }
    return std::nullopt;
}

/// Who made a connection on this machine, from its end \a from to \a to; nothing where that cannot
/// be told.
static std::optional<uint> userOfLoopback(quint16 from, quint16 to)
{
    for (const char *name : {"/proc/net/tcp", "/proc/net/tcp6"}) {
        QFile table(QString::fromLatin1(name));
        if (!table.open(QIODevice::ReadOnly))
            continue;
        if (const auto user = userInTable(table.read(16 * 1024 * 1024), from, to))
            return user;
    }
    return std::nullopt;
}

Result<std::unique_ptr<ManifestFlow>> ManifestFlow::start(ManifestRequest request,
                                                          std::shared_ptr<RestClient> rest,
                                                          std::shared_ptr<SecretMask> mask)
{
    static const QRegularExpression login(
        QRegularExpression::anchoredPattern("[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})"));
    request.name = request.name.simplified();
    if (request.name.isEmpty() || request.name.size() > 34)
        return fail(ErrorCode::InvalidInput, tr("An App's name has 1 to 34 characters."));
    if (!request.organization.isEmpty() && !login.match(request.organization).hasMatch())
        return fail(ErrorCode::InvalidInput,
                    tr("\"%1\" is not the login of an organisation: letters, digits and hyphens.")
                        .arg(request.organization));
    std::unique_ptr<ManifestFlow> flow(
        new ManifestFlow(std::move(request), std::move(rest), std::move(mask)));
    if (!flow->m_server.listen(QHostAddress::LocalHost))
        return fail(ErrorCode::Internal,
                    tr("No port of this machine is free for the browser to come back to: %1")
                        .arg(flow->m_server.errorString()));
    return flow;
}

ManifestFlow::ManifestFlow(ManifestRequest request, std::shared_ptr<RestClient> rest,
                           std::shared_ptr<SecretMask> mask)
    : m_request(std::move(request))
    , m_rest(std::move(rest))
    , m_mask(std::move(mask))
    , m_start(unguessable())
    , m_state(unguessable())
    , m_cookie(unguessable())
{
    m_server.setMaxPendingConnections(maximumConnections);
    connect(&m_server, &QTcpServer::newConnection, this, [this] {
        while (QTcpSocket *socket = m_server.nextPendingConnection())
            serve(socket);
    });
}

ManifestFlow::~ManifestFlow() = default;

QUrl ManifestFlow::address() const
{
    return QUrl(QStringLiteral("http://127.0.0.1:%1/%2")
                    .arg(m_server.serverPort())
                    .arg(QString::fromLatin1(m_start)));
}

void ManifestFlow::cancel()
{
    m_code.set(fail(ErrorCode::Cancelled, tr("Making the App was cancelled.")));
}

void ManifestFlow::serve(QTcpSocket *socket)
{
    // The port is everybody's on this machine, and the address may be read off the browser's own
    // command line: whoever is not the user who began is not listened to.
    const auto owner = userOfLoopback(socket->peerPort(), m_server.serverPort());
    if (owner && *owner != ::getuid()) {
        socket->abort();
        socket->deleteLater();
        return;
    }
    connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
    QTimer::singleShot(30'000, socket, &QTcpSocket::abort);
    const auto parser = std::make_shared<http::request_parser<http::string_body>>();
    parser->header_limit(headLimit);
    parser->body_limit(std::uint64_t(1));
    const auto pending = std::make_shared<QByteArray>();
    connect(socket, &QTcpSocket::readyRead, this, [this, socket, parser, pending] {
        *pending += socket->read(qint64(headLimit));
        boost::system::error_code error;
        const std::size_t used = parser->put(
            boost::asio::buffer(pending->constData(), std::size_t(pending->size())), error);
        if (error == http::error::need_more)
            return pending->remove(0, qsizetype(used)), void();
        if (error)
            return socket->abort();
        const auto &head = parser->get();
        const auto bytes = [](const auto &text) {
            return QByteArray(text.data(), qsizetype(text.size()));
        };
        socket->write(answerTo(bytes(head.method_string()), bytes(head.target()),
                               bytes(head[http::field::host]), bytes(head[http::field::cookie])));
        socket->disconnectFromHost();
    });
}

QByteArray ManifestFlow::page(int status, const QByteArray &nonce, const QString &title,
                              const QString &text, const QByteArray &more) const
{
    const QByteArray target = m_request.web.toEncoded(QUrl::RemovePath | QUrl::RemoveQuery);
    const QByteArray body = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
                            "<title>Ovvoc Desktop</title><style nonce=\""
        + nonce
        + "\">body{font:16px system-ui,sans-serif;margin:18vh auto;max-width:28em;"
          "padding:0 1em;color:#1f2328;background:#fff}@media(prefers-color-scheme:dark){body{"
          "color:#e6edf3;background:#0f1115}}button{font:inherit;padding:.5em 1em}</style>"
        + (status == 200 ? more : QByteArray()) + "</head><body><h1>" + html(title) + "</h1><p>"
        + html(text) + "</p></body></html>";
    return "HTTP/1.1 " + QByteArray::number(status) + (status == 200 ? " OK" : " Refused")
        + "\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: "
        + QByteArray::number(body.size())
        + "\r\nContent-Security-Policy: default-src 'none'; style-src 'nonce-" + nonce
        + "'; script-src 'nonce-" + nonce + "'; form-action " + target
        + "; base-uri 'none'; frame-ancestors 'none'"
          "\r\nReferrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff"
          "\r\nX-Frame-Options: DENY\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
        + body;
}

QByteArray ManifestFlow::startPage(const QByteArray &nonce) const
{
    QUrl target = m_request.web;
    target.setPath(m_request.organization.isEmpty()
                       ? QStringLiteral("/settings/apps/new")
                       : "/organizations/" + m_request.organization + "/settings/apps/new");
    target.setQuery("state=" + QString::fromLatin1(m_state));
    const QByteArray text =
        QJsonDocument(manifest(m_request.name, address().resolved(QUrl("/callback"))))
            .toJson(QJsonDocument::Compact);
    const QByteArray form = "<form method=\"post\" action=\"" + html(target.toString())
        + "\"><input type=\"hidden\" name=\"manifest\" value=\"" + html(QString::fromUtf8(text))
        + "\"><noscript><button>Go on to GitHub</button></noscript></form><script nonce=\"" + nonce
        + "\">document.forms[0].submit()</script>";
    QByteArray answer =
        page(200, nonce, tr("Going on to GitHub"),
             tr("GitHub asks you to confirm the new App. Its key comes straight into "
                "your keychain."),
             "");
    // The form stands in the body, behind the text.
    const qsizetype headEnd = answer.indexOf("\r\n\r\n") + 4;
    QByteArray body = answer.mid(headEnd);
    body.replace("</body>", form + "</body>");
    QByteArray head = answer.left(headEnd - 2) + "Set-Cookie: ovvoc=" + m_cookie
        + "; HttpOnly; SameSite=Strict; Path=/\r\n\r\n";
    const qsizetype at = head.indexOf("Content-Length: ") + 16;
    head.replace(at, head.indexOf('\r', at) - at, QByteArray::number(body.size()));
    return head + body;
}

QByteArray ManifestFlow::answerTo(const QByteArray &method, const QByteArray &target,
                                  const QByteArray &host, const QByteArray &cookie)
{
    const QByteArray nonce = unguessable();
    const auto refuse = [&](const QString &why) {
        return page(403, nonce, tr("This was refused"), why);
    };
    // A name of somebody's that leads to this machine has another Host.
    if (host != address().authority().toLatin1())
        return refuse(tr("Another address than the one that was opened."));
    if (method != "GET")
        return refuse(tr("Only looking is possible here."));
    const QUrl url(QString::fromLatin1(target));
    const QUrlQuery query(url);
    if (same(url.path().toLatin1(), '/' + m_start))
        return startPage(nonce);
    const QByteArray code = query.queryItemValue("code").toLatin1();
    const QByteArray state = query.queryItemValue("state").toLatin1();
    static const QRegularExpression form(
        QRegularExpression::anchoredPattern("[A-Za-z0-9_-]{1,200}"));
    const bool callback = url.path() == QLatin1String("/callback");
    if (!callback && url.path() != QLatin1String("/finish"))
        return page(404, nonce, tr("Nothing here"), {});
    if (!same(state, m_state) || !form.match(QString::fromLatin1(code)).hasMatch())
        return refuse(tr("This did not come from the App that was asked for. Begin again in Ovvoc "
                         "Desktop."));
    if (callback)
        return page(200, nonce, tr("One moment"), {},
                    "<meta http-equiv=\"refresh\" content=\"0;url=/finish?code=" + code
                        + "&amp;state=" + state + "\">");
    bool known = false;
    for (const QByteArray &pair : cookie.split(';'))
        known = known || same(pair.trimmed(), "ovvoc=" + m_cookie);
    if (!known)
        return refuse(tr("This is another browser than the one that began. Begin again in Ovvoc "
                         "Desktop."));
    m_code.set(QString::fromLatin1(code));
    return page(200, nonce, tr("Done"), tr("Go back to Ovvoc Desktop. You can close this page."),
                "<script nonce=\"" + nonce + "\">window.close()</script>");
}

TaskResult<NewApp> ManifestFlow::finished()
{
    QTimer::singleShot(waitMs, this, [code = m_code] {
        code.set(
            fail(ErrorCode::Timeout, tr("GitHub did not come back within an hour. Begin again.")));
    });
    OVVOC_CO_TRY(code, co_await m_code);
    m_server.close();
    RestRequest request;
    request.method = "POST";
    request.path = "/app-manifests/" + pathPart(code) + "/conversions";
    request.secretMember = "pem";
    auto converted = co_await m_rest->call(request);
    if (!converted && converted.error().code == ErrorCode::NotFound)
        co_return fail(
            ErrorCode::Timeout,
            tr("GitHub does not know this code any more: it is good once and for an hour. "
               "Begin again."),
            converted.error().detail);
    OVVOC_CO_TRY(answer, converted);
    if (!answer.secret)
        co_return fail(ErrorCode::Protocol,
                       tr("GitHub made the App but gave no key. Make one on the "
                          "App's page and open it here."));
    m_mask->add(*answer.secret);
    OVVOC_CO_TRY(der, appKeyFromPem(*answer.secret));
    const QJsonObject object = answer.json.object();
    NewApp app;
    app.id = object["id"].toInteger();
    app.clientId = object["client_id"].toString();
    app.slug = object["slug"].toString();
    app.name = object["name"].toString();
    app.owner = object["owner"].toObject()["login"].toString();
    app.installPage = m_request.web;
    app.installPage.setPath("/apps/" + app.slug + "/installations/new");
    app.keyDer = std::make_shared<const SecretBytes>(std::move(der));
    m_mask->add(*app.keyDer);
    const NewApp result = app;
    co_return result;
}

} // namespace ovvoc
