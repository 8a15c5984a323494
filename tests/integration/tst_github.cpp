// The GitHub forge against a stateful fake: the App, its tokens, the connection test, the manifest
// flow (proposals: tst_githubproposals.cpp). With OVVOC_TEST_PRISM the same suite runs through
// Prism, which holds every request and every answer to GitHub's published description.

#include "forge/github/connectiontest.h"
#include "forge/github/manifestflow.h"
#include "support/browser.h"
#include "support/githubbench.h"

#include <QJsonArray>
#include <QRandomGenerator>
#include <unistd.h>

using namespace ovvoc;
using namespace ovvoc::test;

class GitHubTest : public QObject
{
    Q_OBJECT
private slots:
    void init() { bench = std::make_unique<GitHubBench>(); }
    void cleanup()
    {
        QCOMPARE(bench->leftBehind(), QStringList());
        bench.reset();
    }

    void prismSeesABreachOfTheDescription()
    {
        if (!GitHubDoor::isPrism())
            QSKIP("runs with OVVOC_TEST_PRISM");
        // The proof that the other tests of this run prove something.
        RestRequest request;
        request.method = "POST";
        request.path = "/repos/acme/shop/pulls";
        request.body =
            QJsonDocument(QJsonObject{{"head", "x"}, {"base", "main"}, {"draft", "yes"}});
        (void)await(bench->client()->ask(request));
        GitHubDoor &door = *bench->door;
        const QStringList found = door.violations();
        QVERIFY2(!found.isEmpty(), "Prism let a wrong request pass");
        bench->door = std::make_unique<GitHubDoor>(bench->fake);
    }

    void theAppSpeaksForItself_data()
    {
        QTest::addColumn<bool>("byClientId");
        QTest::newRow("client id") << true;
        QTest::newRow("app id") << false;
    }
    void theAppSpeaksForItself()
    {
        QFETCH(bool, byClientId);
        const auto &app = bench->fake.addApp("Aurora updates", "aurora");
        VERIFY_RESULT(self, await(bench->app(app, byClientId)->self()));
        QCOMPARE(self["name"].toString(), QString("Aurora updates"));
        QCOMPARE(bench->fake.calls.last().credential, FakeGitHub::Call::Credential::Jwt);
        QCOMPARE(bench->fake.calls.last().headers.value("x-github-api-version"),
                 QByteArray("2022-11-28"));
    }

    void aClockThatIsOffIsCorrectedAndSaid_data()
    {
        QTest::addColumn<qint64>("ahead");
        QTest::newRow("an hour ahead") << qint64(3600);
        QTest::newRow("an hour behind") << qint64(-3600);
        QTest::newRow("a day ahead") << qint64(86400);
    }
    void aClockThatIsOffIsCorrectedAndSaid()
    {
        QFETCH(qint64, ahead);
        bench->fake.clockAhead = ahead;
        const auto app = bench->app(bench->fake.addApp("A", "aurora"));
        VERIFY_RESULT(self, await(app->self()));
        QVERIFY(std::abs(app->clockSkew() - ahead) <= 2);
        // The next call is right at once.
        const qsizetype before = bench->fake.calls.size();
        VERIFY_RESULT(again, await(app->installations()));
        QCOMPARE(bench->fake.calls.size(), before + 1);
    }

    void aTokenIsForOneRepositoryAndOnePurpose_data()
    {
        QTest::addColumn<bool>("longTokens");
        QTest::newRow("40 characters") << false;
        QTest::newRow("about 520 characters") << true;
    }
    void aTokenIsForOneRepositoryAndOnePurpose()
    {
        QFETCH(bool, longTokens);
        Project project;
        FakeGitHub &fake = bench->fake;
        fake.longTokens = longTokens;
        const auto &app = fake.addApp("A", "aurora");
        const auto &shop = fake.addRepository("aurora", "shop", project.repository.path());
        fake.addRepository("aurora", "secret", project.repository.path());
        const auto forge = bench->forge(app, fake.install(app, "aurora"), shop);
        VERIFY_RESULT(base, await(forge->resolveBase({})));
        QCOMPARE(base.branch, QString("main"));
        QCOMPARE(fake.tokens.size(), 1);
        const FakeGitHub::Token read = fake.tokens.first();
        QCOMPARE(read.secret.size() > 500, longTokens);
        QCOMPARE(read.repositories, QList<qint64>{shop.id});
        QCOMPARE(read.permissions, (QJsonObject{{"contents", "read"}, {"metadata", "read"}}));
        // Noted in the keychain while it lives; the mask knows it.
        QCOMPARE(bench->keychain->entries.size(), 1);
        QVERIFY(!bench->mask->masked("x" + read.secret + "y").contains(read.secret));
        VERIFY_DONE(await(forge->closeClone()));
        QVERIFY(fake.tokens.first().revoked);
        QCOMPARE(forge->tokens().size(), 1);
        QVERIFY(forge->tokens().first().state == TokenLife::State::Revoked);
        QVERIFY(forge->tokens().first().confirmed);

        VERIFY_RESULT(opened, await(forge->propose(proposal(base, project.patch))));
        QCOMPARE(fake.tokens.size(), 2);
        QCOMPARE(fake.tokens.last().repositories, QList<qint64>{shop.id});
        QCOMPARE(
            fake.tokens.last().permissions,
            (QJsonObject{{"contents", "write"}, {"metadata", "read"}, {"pull_requests", "write"}}));
        QVERIFY(fake.tokens.last().revoked);
        // After its revocation each token was tried once more and answered 401.
        const int refused = int(std::ranges::count_if(fake.calls, [](const FakeGitHub::Call &call) {
            return call.path.startsWith("/installation/repositories") && call.status == 401;
        }));
        QCOMPARE(refused, 2);
    }

    void aRevocationWaitsForNoLimit()
    {
        Project project;
        FakeGitHub &fake = bench->fake;
        // One call that creates something, and no patience for a second one.
        bench->queue = std::make_shared<HostQueue>(HostQueue::Limits{1, 1, 0});
        const auto &app = fake.addApp("A", "aurora");
        auto &shop = fake.addRepository("aurora", "shop", project.repository.path());
        const auto forge = bench->forge(app, fake.install(app, "aurora"), shop);
        VERIFY_RESULT(found, await(forge->openProposals({})));
        QVERIFY(fake.tokens.last().revoked);
        const auto second = await(forge->openProposals({}));
        QVERIFY(!second && second.error().code == ErrorCode::RateLimited);
    }

    void aConfirmedRevocationDoesNotFailForTheCheckAfterIt()
    {
        Project project;
        FakeGitHub &fake = bench->fake;
        const auto &app = fake.addApp("A", "aurora");
        auto &shop = fake.addRepository("aurora", "shop", project.repository.path());
        const auto forge = bench->forge(app, fake.install(app, "aurora"), shop);
        fake.fault = [](const test::HttpRequest &request) -> std::optional<HttpAnswer> {
            if (!request.path.startsWith("/installation/repositories"))
                return std::nullopt;
            return HttpAnswer{429,
                              {{"Content-Type", "application/json"}, {"Retry-After", "600"}},
                              R"({"message":"slow down"})"};
        };
        VERIFY_RESULT(base, await(forge->resolveBase({})));
        VERIFY_DONE(await(forge->closeClone()));
        QVERIFY(forge->tokens().first().state == TokenLife::State::Revoked);
        QVERIFY(!forge->tokens().first().confirmed);
        QCOMPARE(fake.liveTokens(), 0);
    }

    void whatCannotBeUpdatedSaysWhy_data()
    {
        QTest::addColumn<QString>("how");
        QTest::addColumn<ErrorCode>("code");
        QTest::addColumn<QString>("words");
        QTest::newRow("archived") << "archived" << ErrorCode::Unsupported << "archived";
        QTest::newRow("disabled") << "disabled" << ErrorCode::Unsupported << "disabled";
        QTest::newRow("not installed there")
            << "not-installed" << ErrorCode::Forbidden << "not for aurora/shop";
        QTest::newRow("uninstalled")
            << "uninstalled" << ErrorCode::NotFound << "not installed there";
        QTest::newRow("suspended") << "suspended" << ErrorCode::Forbidden << "suspended";
        QTest::newRow("fewer permissions")
            << "permissions" << ErrorCode::Forbidden << "permissions";
        QTest::newRow("protected") << "protected" << ErrorCode::Forbidden << "let the App create";
        QTest::newRow("empty") << "empty" << ErrorCode::InvalidInput << "no commits";
        QTest::newRow("no such branch") << "branch" << ErrorCode::NotFound << "no branch nowhere";
        QTest::newRow("another repository")
            << "replaced" << ErrorCode::NotFound << "Choose it again";
        QTest::newRow("key removed")
            << "key" << ErrorCode::Unauthorized << "does not accept the App's key";
    }
    void whatCannotBeUpdatedSaysWhy()
    {
        QFETCH(QString, how);
        QFETCH(ErrorCode, code);
        QFETCH(QString, words);
        Project project;
        FakeGitHub &fake = bench->fake;
        auto &app = fake.addApp("A", "aurora");
        auto &shop = fake.addRepository("aurora", "shop",
                                        how == "empty" ? QString() : project.repository.path());
        auto &installation = fake.install(app, "aurora");
        GitHubRepository place = bench->place(shop, installation);
        if (how == "archived")
            shop.archived = true;
        if (how == "disabled")
            shop.disabled = true;
        if (how == "not-installed")
            installation.repositories = {fake.addRepository("aurora", "other").id};
        if (how == "uninstalled")
            fake.installations.clear();
        if (how == "suspended")
            installation.suspended = true;
        if (how == "permissions")
            installation.permissions = QJsonObject{{"metadata", "read"}};
        if (how == "protected")
            shop.protectedBranches = {"ovvoc/"};
        if (how == "replaced")
            place.id = fake.addRepository("aurora", "shop2").id;
        if (how == "replaced")
            fake.repositories.last()->owner = "aurora";
        if (how == "key")
            app.keyRemoved = true;
        GitHubForge forge(place, bench->app(app));
        const auto base = await(forge.resolveBase(how == "branch" ? "nowhere" : ""));
        (void)await(forge.closeClone());
        Error error = base ? Error{} : base.error();
        if (base)
            error = await(forge.propose(proposal(*base, project.patch))).error();
        QVERIFY2(error.code == code, qPrintable(toString(error.code) + ": " + error.message));
        QVERIFY2(error.message.contains(words), qPrintable(error.message));
        QVERIFY(shop.pulls.isEmpty());
    }

    void repositoriesAreListedOverAllPages()
    {
        FakeGitHub &fake = bench->fake;
        fake.pageSize = 2;
        const auto &app = fake.addApp("A", "aurora");
        for (int i = 0; i < 5; ++i)
            fake.addRepository("aurora", "r" + QString::number(i));
        fake.addRepository("clinic", "foreign");
        const auto &installation = fake.install(app, "aurora");
        VERIFY_RESULT(list, await(bench->app(app)->repositories(installation.id)));
        QStringList names;
        for (const InstalledRepository &one : list)
            names << one.fullName;
        QCOMPARE(names,
                 (QStringList{"aurora/r0", "aurora/r1", "aurora/r2", "aurora/r3", "aurora/r4"}));
        QCOMPARE(fake.tokens.first().permissions, (QJsonObject{{"metadata", "read"}}));
    }

    void theConnectionTestNamesWhatIsWrong_data()
    {
        using What = ConnectionCheck::What;
        QTest::addColumn<QString>("how");
        QTest::addColumn<int>("bad");
        QTest::newRow("all is well") << "" << -1;
        QTest::newRow("key") << "key" << int(What::Key);
        QTest::newRow("not installed") << "uninstalled" << int(What::Installation);
        QTest::newRow("suspended") << "suspended" << int(What::Installation);
        QTest::newRow("permissions") << "permissions" << int(What::Permission);
        QTest::newRow("repository") << "repository" << int(What::Repository);
        QTest::newRow("archived") << "archived" << int(What::Repository);
        QTest::newRow("clock") << "clock" << -1;
    }
    void theConnectionTestNamesWhatIsWrong()
    {
        QFETCH(QString, how);
        QFETCH(int, bad);
        using State = ConnectionCheck::State;
        FakeGitHub &fake = bench->fake;
        auto &app = fake.addApp("A", "aurora");
        auto &shop = fake.addRepository("aurora", "shop");
        auto &installation = fake.install(app, "aurora");
        const auto speaker = bench->app(app);
        if (how == "key")
            app.keyRemoved = true;
        if (how == "uninstalled")
            fake.installations.clear();
        if (how == "suspended")
            installation.suspended = true;
        if (how == "permissions")
            installation.permissions = QJsonObject{{"contents", "write"}, {"metadata", "read"}};
        if (how == "archived")
            shop.archived = true;
        if (how == "clock")
            fake.clockAhead = 900;
        const auto checks = await(
            testConnection(speaker, 0, how == "repository" ? "aurora/elsewhere" : "aurora/shop"));
        int found = -1;
        for (const ConnectionCheck &check : checks) {
            if (check.state == State::Bad && found < 0) {
                found = int(check.what);
                QVERIFY(check.found.size() > 15);
            } else if (found >= 0) {
                QCOMPARE(check.state, State::NotReached);
            }
        }
        QCOMPARE(found, bad);
        if (how == "clock")
            QCOMPARE(checks[int(ConnectionCheck::What::Clock)].state, State::Note);
    }

    void theManifestFlowMakesAnAppAndItsKeyGoesStraightHome_data()
    {
        QTest::addColumn<QString>("organization");
        QTest::newRow("a person's") << "";
        QTest::newRow("an organisation's") << "aurora";
    }
    void theManifestFlowMakesAnAppAndItsKeyGoesStraightHome()
    {
        QFETCH(QString, organization);
        VERIFY_RESULT(flow,
                      ManifestFlow::start({bench->fake.web(), organization, "Aurora updates"},
                                          bench->client(), bench->mask));
        auto finished = flow->finished();
        Browser browser;
        const QUrl back = browser.confirm(flow->address());
        QCOMPARE(
            browser.manifest["default_permissions"].toObject(),
            (QJsonObject{{"contents", "write"}, {"metadata", "read"}, {"pull_requests", "write"}}));
        QCOMPARE(browser.manifest["public"].toBool(true), false);
        QVERIFY(!browser.manifest.contains("hook_attributes"));
        QCOMPARE(browser.goBack(back).status, 200);
        VERIFY_RESULT(made, await(std::move(finished)));
        const FakeGitHub::App &app = *bench->fake.apps.last();
        QCOMPARE(made.id, app.id);
        QCOMPARE(made.clientId, app.clientId);
        QCOMPARE(made.owner, organization.isEmpty() ? QString("octocat") : organization);
        QVERIFY(made.installPage.toString().endsWith("/apps/aurora-updates/installations/new"));
        // The key works, fits every keychain, and no log will ever show it.
        QVERIFY(made.keyDer->size() <= SecretStore::maximumSize);
        GitHubApp speaker(made.clientId, made.keyDer, bench->client(), bench->ledger, bench->mask);
        VERIFY_RESULT(self, await(speaker.self()));
        QVERIFY(!bench->mask->masked(app.privatePem).contains(app.privatePem.mid(100, 200)));
    }

    void theManifestFlowsPageIsSealedItself()
    {
        VERIFY_RESULT(
            flow, ManifestFlow::start({bench->fake.web(), {}, "A"}, bench->client(), bench->mask));
        Browser browser;
        const auto page = browser.get(flow->address());
        const QByteArray policy = page.headers.value("content-security-policy");
        QVERIFY(policy.contains("default-src 'none'"));
        QVERIFY(policy.contains("form-action " + bench->fake.web().toEncoded()));
        QVERIFY(policy.contains("frame-ancestors 'none'"));
        QVERIFY(!policy.contains("unsafe"));
        const QByteArray cookie = page.headers.value("set-cookie");
        QVERIFY(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"));
        QCOMPARE(page.headers.value("cache-control"), QByteArray("no-store"));
    }

    void theManifestFlowTakesNoCodeFromAnybodyElse_data()
    {
        QTest::addColumn<QString>("attack");
        for (const char *attack : {"state", "no state", "another browser", "another name", "post",
                                   "a code that is none", "the port alone"})
            QTest::newRow(attack) << attack;
    }
    void theManifestFlowTakesNoCodeFromAnybodyElse()
    {
        QFETCH(QString, attack);
        VERIFY_RESULT(
            flow, ManifestFlow::start({bench->fake.web(), {}, "A"}, bench->client(), bench->mask));
        auto finished = flow->finished();
        Browser browser;
        QUrl back = browser.confirm(flow->address());
        Browser::Page page;
        if (attack == "state") {
            back.setQuery(back.query().replace(back.query().size() - 1, 1, "_"));
            page = browser.goBack(back);
        } else if (attack == "no state") {
            back.setQuery(back.query().section('&', 0, 0));
            page = browser.goBack(back);
        } else if (attack == "another browser") {
            browser.cookie.clear();
            page = browser.goBack(back);
        } else if (attack == "another name") {
            page = browser.get(back, "evil.invalid:" + QByteArray::number(back.port()));
        } else if (attack == "the port alone") {
            // Nobody gets a cookie who does not know where the first page is.
            QUrl guessed = flow->address();
            guessed.setPath("/");
            const auto nothing = browser.get(guessed);
            QCOMPARE(nothing.status, 404);
            QVERIFY(!nothing.headers.contains("set-cookie"));
            browser.cookie.clear();
            page = browser.goBack(back);
        } else if (attack == "post") {
            page = browser.post(back, "");
        } else {
            back.setQuery("code=..%2F..%2Fx&" + back.query().section('&', 1));
            page = browser.goBack(back);
        }
        QCOMPARE(page.status, 403);
        flow->cancel();
        const auto made = await(std::move(finished));
        QCOMPARE(toString(made.error().code), toString(ErrorCode::Cancelled));
        QVERIFY(bench->fake.apps.isEmpty());
    }

    void theManifestFlowListensToNoOtherUser()
    {
        const QByteArray table =
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
            "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000 0 "
            "1\n"
            "   1: 0100007F:C001 0100007F:1F90 01 00000000:00000000 00:00000000 00000000 65534 0 "
            "2\n"
            "   2: 0100007F:1F90 0100007F:C001 01 00000000:00000000 00:00000000 00000000  1000 0 "
            "3\n";
        QCOMPARE(userInTable(table, 0xc001, 0x1f90), std::optional<uint>(65534));
        QCOMPARE(userInTable(table, 0x1f90, 0xc001), std::optional<uint>(1000));
        QCOMPARE(userInTable(table, 0xc002, 0x1f90), std::optional<uint>());
        QCOMPARE(userInTable("x\n: : :\n", 1, 2), std::optional<uint>());
        VERIFY_RESULT(
            flow, ManifestFlow::start({bench->fake.web(), {}, "A"}, bench->client(), bench->mask));
        const QStringList fetch{"-s", "-o",           "/dev/null",
                                "-w", "%{http_code}", flow->address().toString()};
        const auto answered = [&](uint user) {
            QProcess curl;
            curl.setChildProcessModifier([user] {
                if (user != ::getuid() && ::setuid(user) != 0)
                    ::_exit(99);
            });
            curl.start("curl", fetch);
            (void)QTest::qWaitFor([&] { return curl.state() == QProcess::NotRunning; }, 20'000);
            return curl.readAllStandardOutput();
        };
        QCOMPARE(answered(::getuid()), QByteArray("200"));
        if (::getuid() == 0) // only root can become somebody else
            QCOMPARE(answered(65534), QByteArray("000"));
    }

    void aCodeIsGoodOnce()
    {
        VERIFY_RESULT(
            flow, ManifestFlow::start({bench->fake.web(), {}, "A"}, bench->client(), bench->mask));
        auto finished = flow->finished();
        Browser browser;
        const QUrl back = browser.confirm(flow->address());
        QUrl used = bench->fake.api();
        used.setPath("/app-manifests/" + back.query().section('&', 0, 0).section('=', 1)
                     + "/conversions");
        QCOMPARE(browser.post(used, "").status, 201);
        browser.goBack(back);
        const auto made = await(std::move(finished));
        QCOMPARE(toString(made.error().code), toString(ErrorCode::Timeout));
        QVERIFY(made.error().message.contains("good once"));
    }

    void whatACrashLeftIsRevokedAtTheNextStart()
    {
        FakeGitHub &fake = bench->fake;
        const auto &app = fake.addApp("A", "aurora");
        const auto &shop = fake.addRepository("aurora", "shop");
        const auto &installation = fake.install(app, "aurora");
        TokenRequest wanted{"Clone", shop.id, "aurora/shop", QJsonObject{{"contents", "read"}}};
        VERIFY_RESULT(token, await(bench->app(app)->mint(installation.id, wanted)));
        const auto clientFor = [this](const QUrl &api) {
            return api == bench->door->api()
                ? Result<std::shared_ptr<RestClient>>(bench->client())
                : Result<std::shared_ptr<RestClient>>(fail(ErrorCode::NotFound, "another host"));
        };
        // It is ours, and we live: left alone.
        VERIFY_RESULT(none, await(revokeLeftovers(bench->ledger, clientFor)));
        QCOMPARE(none, 0);
        QCOMPARE(fake.liveTokens(), 1);
        // The same entry as a program that has gone would have left it.
        const QString entry = bench->keychain->entries.firstKey();
        const QString dead = entry.section('(', 0, 0) + "(999999999-1)";
        bench->keychain->entries.insert(dead, bench->keychain->entries.take(entry));
        QFile file(bench->folder.path() + "/tokens");
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(dead.toUtf8());
        file.close();
        VERIFY_RESULT(one, await(revokeLeftovers(bench->ledger, clientFor)));
        QCOMPARE(one, 1);
        QCOMPARE(fake.liveTokens(), 0);
    }

    void aTokenThatCannotBeNotedIsNotUsed()
    {
        FakeGitHub &fake = bench->fake;
        const auto &app = fake.addApp("A", "aurora");
        const auto &shop = fake.addRepository("aurora", "shop");
        const auto forge = bench->forge(app, fake.install(app, "aurora"), shop);
        bench->keychain->broken = Error{ErrorCode::KeychainLocked, "locked", {}};
        const auto base = await(forge->resolveBase({}));
        QCOMPARE(toString(base.error().code), toString(ErrorCode::KeychainLocked));
        QCOMPARE(fake.liveTokens(), 0);
        for (const FakeGitHub::Call &call : std::as_const(fake.calls))
            QVERIFY(!call.path.startsWith("/repos"));
        bench->keychain->broken.reset();
        (void)await(bench->ledger->leftovers());
    }

    void nothingCrossesBetweenTwoClients()
    {
        // Two clients' jobs, each a whole life of a job's dealings with GitHub, started at random
        // moments of each other, a hundred times.
        Project project;
        FakeGitHub &fake = bench->fake;
        struct Client
        {
            const FakeGitHub::App *app;
            FakeGitHub::Repository *repository;
            const FakeGitHub::Installation *installation;
        };
        QList<Client> clients;
        for (const char *account : {"aurora", "clinic"}) {
            const auto &app = fake.addApp(account, account);
            auto &repository = fake.addRepository(account, "shop", project.repository.path());
            clients << Client{&app, &repository, &fake.install(app, account)};
        }
        const auto job = [&](const Client &client, int number) -> Task<bool> {
            const auto forge = bench->forge(*client.app, *client.installation, *client.repository);
            const SealedPatch patch = project.patch;
            const auto base = co_await forge->resolveBase({});
            if (!base)
                co_return false;
            if (number % 7 == 3) // one that fails in Clone
                co_return (co_await forge->closeClone()).has_value();
            if (!co_await forge->closeClone())
                co_return false;
            ProposalRequest request = proposal(*base, patch);
            request.branch += '.' + QString::number(number);
            const auto opened = co_await forge->propose(request);
            co_return opened.has_value();
        };
        bench->queue = std::make_shared<HostQueue>(HostQueue::Limits{100'000, 100'000, 90});
        QRandomGenerator random(20261124);
        std::vector<Task<bool>> running;
        for (int i = 0; i < 100; ++i) {
            running.push_back(job(clients[int(random.bounded(2))], i));
            QTest::qWait(int(random.bounded(12)));
        }
        int good = 0;
        for (auto &one : running)
            good += await(std::move(one));
        QCOMPARE(good, 100);
        for (const FakeGitHub::Call &call : std::as_const(fake.calls)) {
            QVERIFY(call.status < 300 || call.status == 401);
            const QByteArray account =
                call.path.startsWith("/repos/") ? call.path.split('/').value(2) : QByteArray();
            if (account.isEmpty())
                continue;
            const qint64 owner = account == "aurora" ? clients[0].app->id : clients[1].app->id;
            QCOMPARE(call.appId, owner);
            QCOMPARE(fake.tokens[call.token].repositories.size(), 1);
        }
        QVERIFY(clients[0].repository->pulls.size() > 20);
        QVERIFY(clients[1].repository->pulls.size() > 20);
    }

private:
    std::unique_ptr<GitHubBench> bench;
};

QTEST_GUILESS_MAIN(GitHubTest)
#include "tst_github.moc"
