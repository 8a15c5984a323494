// Everything that can come back from GitHub's API, and what becomes of it: each documented status,
// answers that are none, limits, redirects, TLS. Also `@octokit/auth-app` against the same fake.

#include "base/network.h"
#include "forge/github/connectiontest.h"
#include "support/githubbench.h"

#include <QElapsedTimer>
#include <QJsonArray>
#include <QSslSocket>

using namespace ovvoc;
using namespace ovvoc::test;

namespace {

HttpAnswer answer(int status, const QByteArray &body,
                  QList<std::pair<QByteArray, QByteArray>> headers = {})
{
    headers << std::pair(QByteArray("Content-Type"), QByteArray("application/json"));
    return {status, headers, body};
}

RestRequest get(const QString &path)
{
    RestRequest request;
    request.path = path;
    return request;
}

} // namespace

class GitHubAnswersTest : public QObject
{
    Q_OBJECT
private slots:
    void init()
    {
        bench = std::make_unique<GitHubBench>();
        bench->queue =
            std::make_shared<HostQueue>(HostQueue::Limits{80, 500, /*patienceSeconds=*/2});
    }
    void cleanup() { bench.reset(); }

    void everyStatusHasItsOwnMessage_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QString>("code");
        QTest::addColumn<QString>("words");
        const auto row = [](int status, const char *body, ErrorCode code, const char *words) {
            QTest::newRow(qPrintable(QStringLiteral("%1 %2").arg(status).arg(words)))
                << status << QByteArray(body) << toString(code) << QString::fromUtf8(words);
        };
        row(401, R"({"message":"Bad credentials"})", ErrorCode::Unauthorized, "Bad credentials");
        row(403, R"({"message":"Resource not accessible by integration"})", ErrorCode::Forbidden,
            "may not do this");
        row(403, R"({"message":"This installation has been suspended"})", ErrorCode::Forbidden,
            "suspended");
        row(404, R"({"message":"Not Found"})", ErrorCode::NotFound, "does not know it");
        row(409, R"({"message":"Git Repository is empty."})", ErrorCode::Conflict,
            "changed meanwhile");
        row(410, R"({"message":"Issues are disabled"})", ErrorCode::Unsupported, "switched off");
        row(422, R"({"message":"Validation Failed","errors":[{"message":"No commits between"}]})",
            ErrorCode::InvalidInput, "No commits between");
        row(500, R"({"message":"oops"})", ErrorCode::NetworkDown, "trouble of its own");
        row(502, "<html>bad gateway</html>", ErrorCode::NetworkDown, "status 502");
        row(503, "", ErrorCode::NetworkDown, "status 503");
        row(418, "{}", ErrorCode::Protocol, "never gives");
        row(200, "<html>log in to the hotel</html>", ErrorCode::Protocol, "not JSON");
        row(200, "{\"name\": ", ErrorCode::Protocol, "not JSON");
        row(401, "not json at all", ErrorCode::Unauthorized, "no reason was given");
    }
    void everyStatusHasItsOwnMessage()
    {
        QFETCH(int, status);
        QFETCH(QByteArray, body);
        QFETCH(QString, code);
        QFETCH(QString, words);
        bench->fake.fault = [&](const test::HttpRequest &) { return answer(status, body); };
        const auto result = await(bench->client()->call(get("/repos/a/b")));
        QVERIFY(!result);
        QCOMPARE(toString(result.error().code), code);
        QVERIFY2(result.error().message.contains(words), qPrintable(result.error().message));
        // What passes by itself is tried again, what does not is not.
        QCOMPARE(bench->fake.calls.size(), status >= 500 ? 3 : 1);
    }

    void whatCreatesSomethingIsNotTriedAgainAfterAFailure()
    {
        bench->fake.fault = [](const test::HttpRequest &) { return answer(502, "x"); };
        RestRequest post = get("/repos/a/b/pulls");
        post.method = "POST";
        post.body = QJsonDocument(QJsonObject{{"title", "x"}});
        QVERIFY(!await(bench->client()->call(post)));
        QCOMPARE(bench->fake.calls.size(), 1);
    }

    void aCutConnectionIsTheNetworksFault_data()
    {
        QTest::addColumn<QByteArray>("connection");
        QTest::newRow("kept") << QByteArray("keep-alive");
        QTest::newRow("to be closed") << QByteArray("close"); // its end looks like the answer's
    }

    void aCutConnectionIsTheNetworksFault()
    {
        QFETCH(const QByteArray, connection);
        bench->fake.fault = [connection](const test::HttpRequest &) {
            HttpAnswer cut = answer(200, "{\"name\": \"half\"}");
            cut.headers.append({"Connection", connection});
            cut.cut = true;
            return cut;
        };
        const auto result = await(bench->client()->call(get("/app")));
        QCOMPARE(toString(result.error().code), toString(ErrorCode::NetworkDown));
        const auto checks =
            await(testConnection(bench->app(bench->fake.addApp("A", "a")), 0, "a/b"));
        QVERIFY(checks[0].what == ConnectionCheck::What::Network);
        QVERIFY(checks[0].state == ConnectionCheck::State::Bad);
        QVERIFY(checks[1].state == ConnectionCheck::State::NotReached);
    }

    void anAnswerThatDoesNotComeEndsInATimeOut()
    {
        bench->fake.fault = [](const test::HttpRequest &) {
            HttpAnswer slow = answer(200, "{}");
            slow.delayMs = 60'000;
            return slow;
        };
        RestClient::Settings settings;
        settings.timeoutMs = 200;
        const auto result = await(bench->client(settings)->call(get("/app")));
        QCOMPARE(toString(result.error().code), toString(ErrorCode::Timeout));
    }

    void anAnswerWithoutEndIsCutOff()
    {
        bench->fake.fault = [](const test::HttpRequest &) {
            return answer(200, '"' + QByteArray(300'000, 'x') + '"');
        };
        RestClient::Settings settings;
        settings.answerLimit = 100'000;
        const auto result = await(bench->client(settings)->call(get("/app")));
        QCOMPARE(toString(result.error().code), toString(ErrorCode::TooLarge));
    }

    void aRedirectIsFollowedOnTheSameHostOnly_data()
    {
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<QByteArray>("target");
        QTest::addColumn<bool>("followed");
        QTest::newRow("renamed repository") << QByteArray("GET") << QByteArray("/app") << true;
        QTest::newRow("another host")
            << QByteArray("GET") << QByteArray("https://evil.invalid/app") << false;
        QTest::newRow("another port")
            << QByteArray("GET") << QByteArray("http://127.0.0.1:1/app") << false;
        QTest::newRow("a POST") << QByteArray("POST") << QByteArray("/app") << false;
        QTest::newRow("in circles") << QByteArray("GET") << QByteArray("/repos/a/b") << false;
    }
    void aRedirectIsFollowedOnTheSameHostOnly()
    {
        QFETCH(QByteArray, method);
        QFETCH(QByteArray, target);
        QFETCH(bool, followed);
        bench->fake.fault = [&](const test::HttpRequest &request) -> std::optional<HttpAnswer> {
            if (request.path == "/app")
                return answer(200, R"({"name":"there"})");
            return answer(301, {}, {{"Location", target}});
        };
        RestRequest request = get("/repos/a/b");
        request.method = method;
        request.credential = std::make_shared<const SecretBytes>(secretOf("canary-credential"));
        const auto result = await(bench->client()->call(request));
        QCOMPARE(result.has_value(), followed);
        if (!followed)
            QCOMPARE(toString(result.error().code), toString(ErrorCode::Protocol));
    }

    void limitsAreKept_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("header");
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<bool>("waits");
        const QByteArray soon = QByteArray::number(QDateTime::currentSecsSinceEpoch() + 1);
        QTest::newRow("Retry-After 1")
            << 429 << QByteArray("Retry-After") << QByteArray("1") << true;
        QTest::newRow("Retry-After an hour")
            << 403 << QByteArray("Retry-After") << QByteArray("3600") << false;
        QTest::newRow("secondary, without a time")
            << 403 << QByteArray("X-None") << QByteArray("1") << false;
        QTest::newRow("primary, used up until soon")
            << 403 << QByteArray("X-RateLimit-Remaining") << QByteArray("0") << true;
    }
    void limitsAreKept()
    {
        QFETCH(int, status);
        QFETCH(QByteArray, header);
        QFETCH(QByteArray, value);
        QFETCH(bool, waits);
        bool first = true;
        bench->fake.fault = [&](const test::HttpRequest &) -> std::optional<HttpAnswer> {
            if (!std::exchange(first, false))
                return answer(200, R"({"name":"later"})");
            const QByteArray reset = QByteArray::number(QDateTime::currentSecsSinceEpoch() + 1);
            return answer(status, R"({"message":"You have exceeded a secondary rate limit."})",
                          {{header, value}, {"X-RateLimit-Reset", reset}});
        };
        QElapsedTimer clock;
        clock.start();
        const auto client = bench->client();
        const auto result = await(client->call(get("/app")));
        QCOMPARE(result.has_value(), waits);
        if (waits) {
            QVERIFY(clock.elapsed() >= 400);
        } else {
            QCOMPARE(toString(result.error().code), toString(ErrorCode::RateLimited));
            // Everybody on that host waits, not only this call: nothing is sent.
            const qsizetype calls = bench->fake.calls.size();
            const auto other = await(bench->client()->call(get("/app")));
            QCOMPARE(toString(other.error().code), toString(ErrorCode::RateLimited));
            QVERIFY(other.error().message.contains("wait until"));
            QCOMPARE(bench->fake.calls.size(), calls);
        }
    }

    void contentIsMadeNoFasterThanGitHubAsks()
    {
        HostQueue queue(HostQueue::Limits{3, 500, 0});
        for (int i = 0; i < 3; ++i)
            VERIFY_DONE(await(queue.turn(true)));
        const auto fourth = await(queue.turn(true));
        QCOMPARE(toString(fourth.error().code), toString(ErrorCode::RateLimited));
        VERIFY_DONE(await(queue.turn(false))); // reading is another limit
    }

    void whatWasSeenIsAskedForWithItsETag()
    {
        const auto &app = bench->fake.addApp("A", "aurora");
        const auto speaker = bench->app(app);
        VERIFY_RESULT(first, await(speaker->self()));
        VERIFY_RESULT(second, await(speaker->self()));
        QCOMPARE(second, first);
        QCOMPARE(bench->fake.calls.last().status, 304);
        bench->fake.apps.last()->name = "B";
        VERIFY_RESULT(third, await(speaker->self()));
        QCOMPARE(third["name"].toString(), QString("B"));
    }

    void onlyAddressesThatMaySeeACredentialAreTaken_data()
    {
        QTest::addColumn<QString>("address");
        QTest::addColumn<bool>("taken");
        QTest::newRow("github.com") << "https://api.github.com" << true;
        QTest::newRow("enterprise") << "https://git.aurora.invalid/api/v3" << true;
        QTest::newRow("plain http") << "http://git.aurora.invalid/api/v3" << false;
        QTest::newRow("loopback") << "http://127.0.0.1:8080" << true;
        QTest::newRow("with a password") << "https://me:secret@git.aurora.invalid" << false;
        QTest::newRow("a file") << "file:///etc/passwd" << false;
        QTest::newRow("nothing") << "" << false;
    }
    void onlyAddressesThatMaySeeACredentialAreTaken()
    {
        QFETCH(QString, address);
        QFETCH(bool, taken);
        RestClient::Settings settings;
        settings.api = QUrl(address);
        QCOMPARE(RestClient::make(settings, bench->queue).has_value(), taken);
    }

    void aServerIsTrustedOnlyWithItsOwnAuthority()
    {
        const TestAuthority authority = TestAuthority::make();
        FakeGitHub fake(authority.server);
        const auto &app = fake.addApp("A", "aurora");
        const auto speak = [&](const QByteArray &caPem) {
            RestClient::Settings settings;
            settings.api = QUrl(fake.web().toString() + "/api/v3");
            settings.retryDelayMs = 5;
            if (!caPem.isEmpty())
                settings.tls = *tlsWithAuthority(caPem);
            const auto client = RestClient::make(settings, bench->queue);
            auto der = appKeyFromPem(secretOf(app.privatePem));
            GitHubApp speaker(app.clientId, std::make_shared<const SecretBytes>(std::move(*der)),
                              *client, bench->ledger, bench->mask);
            return await(speaker.self());
        };
        const auto stranger = speak({});
        QCOMPARE(toString(stranger.error().code), toString(ErrorCode::NetworkDown));
        QVERIFY2(stranger.error().message.contains("cannot be trusted"),
                 qPrintable(stranger.error().message));
        VERIFY_RESULT(known, speak(authority.caPem));
        QCOMPARE(known["name"].toString(), QString("A"));
        // Another authority of the same name is not the same.
        QVERIFY(!speak(TestAuthority::make().caPem));
        for (const FakeGitHub::Call &call : std::as_const(fake.calls))
            QCOMPARE(call.path, QByteArray("/api/v3/app"));
    }

    void whatIsNoAuthorityIsSaidSo_data()
    {
        QTest::addColumn<QByteArray>("pem");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("words") << QByteArray("trust me");
        QTest::newRow("a key") << newRsaKey().first;
    }
    void whatIsNoAuthorityIsSaidSo()
    {
        QFETCH(QByteArray, pem);
        const auto tls = tlsWithAuthority(pem);
        QCOMPARE(toString(tls.error().code), toString(ErrorCode::InvalidInput));
    }

    void oldTlsIsRefused()
    {
        TestAuthority authority = TestAuthority::make();
        QT_WARNING_PUSH
        QT_WARNING_DISABLE_DEPRECATED
        authority.server.setProtocol(QSsl::TlsV1_1);
        QT_WARNING_POP
        FakeGitHub fake(authority.server);
        RestClient::Settings settings;
        settings.api = fake.web();
        settings.retryDelayMs = 5;
        settings.tls = *tlsWithAuthority(authority.caPem);
        const auto client = RestClient::make(settings, bench->queue);
        const auto result = await((*client)->call(get("/app")));
        QCOMPARE(toString(result.error().code), toString(ErrorCode::NetworkDown));
        QVERIFY(fake.calls.isEmpty());
    }

    void proxiesAreTakenAsTheSettingsSay()
    {
        const QUrl target("https://api.github.com");
        ProxySetting off{ProxySetting::Mode::Off, {}, 0};
        QCOMPARE(proxyFor(off, target).type(), QNetworkProxy::NoProxy);
        ProxySetting manual{ProxySetting::Mode::Manual, "proxy.aurora.invalid", 3128};
        QCOMPARE(proxyFor(manual, target).type(), QNetworkProxy::HttpProxy);
        QCOMPARE(proxyFor(manual, target).hostName(), QString("proxy.aurora.invalid"));
        // The system's: what the environment says now, without a restart.
        qputenv("https_proxy", "http://one.invalid:3128");
        QCOMPARE(proxyFor({}, target).hostName(), QString("one.invalid"));
        qputenv("https_proxy", "http://two.invalid:3128");
        QCOMPARE(proxyFor({}, target).hostName(), QString("two.invalid"));
        qunsetenv("https_proxy");
        QCOMPARE(proxyFor({}, target).type(), QNetworkProxy::NoProxy);
    }

    void gitHubsOwnClientGetsItsTokensFromTheFake()
    {
        const QString modules = qEnvironmentVariable("OVVOC_TEST_NODE_MODULES");
        QVERIFY2(!modules.isEmpty(), "OVVOC_TEST_NODE_MODULES: ./dev test sets it");
        const auto &app = bench->fake.addApp("A", "aurora");
        const auto &shop = bench->fake.addRepository("aurora", "shop");
        const auto &installation = bench->fake.install(app, "aurora");
        QProcess node;
        node.setWorkingDirectory(modules);
        node.start("node", {QStringLiteral(CONTRACT "/octokit.mjs"), modules});
        // By stdin: a key does not belong into argv or an environment.
        node.write(QJsonDocument(QJsonObject{{"baseUrl", bench->fake.api().toString()},
                                             {"appId", app.id},
                                             {"privateKey", QString::fromLatin1(app.privatePem)},
                                             {"installationId", installation.id},
                                             {"repositoryId", shop.id}})
                       .toJson());
        node.closeWriteChannel();
        QVERIFY(QTest::qWaitFor([&] { return node.state() == QProcess::NotRunning; }, 60'000));
        QCOMPARE(node.readAllStandardError(), QByteArray());
        const QJsonObject out = QJsonDocument::fromJson(node.readAllStandardOutput()).object();
        QCOMPARE(out["token"].toString().toUtf8(), bench->fake.tokens.first().secret);
        QCOMPARE(out["repositoryIds"].toArray(), QJsonArray{shop.id});
        QCOMPARE(bench->fake.tokens.first().permissions, (QJsonObject{{"contents", "read"}}));
    }

private:
    std::unique_ptr<GitHubBench> bench;
};

QTEST_GUILESS_MAIN(GitHubAnswersTest)
#include "tst_githubanswers.moc"
