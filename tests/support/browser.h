#pragma once

#include <QJsonDocument>
#include <QJsonObject>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QRegularExpression>
#include <QTest>
#include <QUrl>
#include <memory>

namespace ovvoc::test {

/// What a browser does, as far as the manifest flow needs one: pages, forms, redirects that it
/// leaves to the test, and a cookie that is SameSite=Strict.
class Browser
{
public:
    struct Page
    {
        int status = 0;
        QByteArray body;
        QByteArray location;
        QHash<QByteArray, QByteArray> headers;
    };
    QByteArray cookie;

    Page get(const QUrl &url, const QByteArray &host = {}) { return ask("GET", url, {}, host); }
    Page post(const QUrl &url, const QByteArray &form) { return ask("POST", url, form, {}); }

    /// Opens the flow's page, confirms on GitHub, and returns where GitHub sends it back to.
    QUrl confirm(const QUrl &address)
    {
        const Page start = get(address);
        m_origin = address;
        const QString text = QString::fromUtf8(start.body);
        static const QRegularExpression action("action=\"([^\"]+)\"");
        static const QRegularExpression value("name=\"manifest\" value=\"([^\"]+)\"");
        const auto unescaped = [](QString html) {
            return html.replace("&quot;", "\"").replace("&amp;", "&");
        };
        manifest =
            QJsonDocument::fromJson(unescaped(value.match(text).captured(1)).toUtf8()).object();
        const Page there =
            post(QUrl(unescaped(action.match(text).captured(1))),
                 "manifest="
                     + QJsonDocument(manifest).toJson(QJsonDocument::Compact).toPercentEncoding());
        return QUrl(QString::fromLatin1(there.location));
    }

    /// Follows the page that GitHub led to, as a browser does after a step from another site.
    Page goBack(const QUrl &url)
    {
        const QByteArray kept = std::exchange(cookie, {}); // SameSite=Strict: not sent on this step
        const Page callback = get(url);
        cookie = kept;
        static const QRegularExpression refresh("url=([^\"]+)\"");
        const QString next = refresh.match(QString::fromUtf8(callback.body)).captured(1);
        if (next.isEmpty())
            return callback;
        return get(m_origin.resolved(QUrl(QString(next).replace("&amp;", "&"))));
    }

    QJsonObject manifest;

private:
    Page ask(const QByteArray &method, const QUrl &url, const QByteArray &form,
             const QByteArray &host)
    {
        QNetworkRequest request(url);
        request.setAttribute(QNetworkRequest::RedirectPolicyAttribute,
                             QNetworkRequest::ManualRedirectPolicy);
        request.setAttribute(QNetworkRequest::CookieLoadControlAttribute, QNetworkRequest::Manual);
        request.setAttribute(QNetworkRequest::CookieSaveControlAttribute, QNetworkRequest::Manual);
        if (!cookie.isEmpty())
            request.setRawHeader("Cookie", cookie);
        if (!host.isEmpty())
            request.setRawHeader("Host", host);
        if (method == "POST")
            request.setHeader(QNetworkRequest::ContentTypeHeader,
                              "application/x-www-form-urlencoded");
        const std::unique_ptr<QNetworkReply> reply(
            m_network.sendCustomRequest(request, method, form));
        if (!QTest::qWaitFor([&] { return reply->isFinished(); }, 10'000))
            qFatal("no answer from %s", qPrintable(url.toString()));
        Page page;
        page.status = reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
        page.body = reply->readAll();
        page.location = reply->rawHeader("Location");
        for (const auto &[name, value] : reply->rawHeaderPairs())
            page.headers.insert(name.toLower(), value);
        if (const QByteArray set = page.headers.value("set-cookie"); !set.isEmpty())
            cookie = set.left(set.indexOf(';'));
        return page;
    }
    QNetworkAccessManager m_network;
    QUrl m_origin;
};

} // namespace ovvoc::test
