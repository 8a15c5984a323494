// What is proposed on GitHub, and what becomes of it, against a stateful fake: branches, pull
// requests, people's commits, release notes. Runs through Prism as tst_github.cpp does.

#include "support/githubbench.h"

#include <QJsonArray>

using namespace ovvoc;
using namespace ovvoc::test;

class GitHubProposalsTest : public QObject
{
    Q_OBJECT
private slots:
    void init() { bench = std::make_unique<GitHubBench>(); }
    void cleanup()
    {
        QCOMPARE(bench->leftBehind(), QStringList());
        bench.reset();
    }

    void whatIsOpenIsAskedWithATokenThatOnlyReads()
    {
        Proposing at(*bench);
        auto &[project, fake, app, shop, forge, base] = at;
        VERIFY_RESULT(opened, await(forge->propose(proposal(base, project.patch))));
        const FakeGitHub::Pull ours = shop.pulls.first();
        const auto add = [&](auto &&change) {
            FakeGitHub::Pull pull = ours;
            pull.number = shop.pulls.size() + 1;
            change(pull);
            shop.pulls << pull;
        };
        add([](auto &pull) { pull.open = false; });
        add([](auto &pull) { pull.head = "main"; });
        add([](auto &pull) { pull.fromFork = true; });
        add([](auto &pull) { pull.base = pull.head; });
        add([](auto &pull) {
            pull.title = "two\nlines \u202eand a turn";
            pull.created = pull.created.addSecs(60);
        });
        const qsizetype before = fake.tokens.size();
        VERIFY_RESULT(found, await(forge->openProposals({})));
        QCOMPARE(found.size(), 2);
        QCOMPARE(found[0].number, opened.number);
        QCOMPARE(found[0].branch, opened.branch);
        QCOMPARE(found[0].title, QString("Update ms from 2.1.2 to 2.1.3"));
        QCOMPARE(found[0].location, opened.location);
        QCOMPARE(found[0].created.toSecsSinceEpoch(), ours.created.toSecsSinceEpoch());
        QCOMPARE(found[1].title, QString("two lines and a turn"));
        QCOMPARE(fake.tokens.size(), before + 1);
        const FakeGitHub::Token token = fake.tokens.last();
        QCOMPARE(token.permissions, (QJsonObject{{"metadata", "read"}, {"pull_requests", "read"}}));
        QCOMPARE(token.repositories, QList<qint64>{shop.id});
        QVERIFY(token.revoked);
        QVERIFY(forge->tokens().last().state == TokenLife::State::Revoked);
        QCOMPARE(forge->tokens().last().purpose, QString("Open PRs"));
        // A failure leaves no token either.
        fake.fault = [](const test::HttpRequest &request) -> std::optional<HttpAnswer> {
            if (!request.path.contains("/pulls"))
                return std::nullopt;
            const QJsonObject body{{"message", "no"},
                                   {"documentation_url", "https://docs.github.com/rest"}};
            return HttpAnswer{403,
                              {{"Content-Type", "application/json; charset=utf-8"}},
                              QJsonDocument(body).toJson()};
        };
        QVERIFY(!await(forge->openProposals({})));
        fake.fault = nullptr;
        QVERIFY(fake.tokens.last().revoked);
    }

    void anAddressElsewhereIsNotBelieved()
    {
        Proposing at(*bench);
        auto &[project, fake, app, shop, forge, base] = at;
        // The fake's own addresses are of another host.
        VERIFY_RESULT(opened, await(forge->propose(proposal(base, project.patch))));
        QString real = bench->place(shop, *fake.installations.last()).web.toString();
        while (real.endsWith('/'))
            real.chop(1);
        QCOMPARE(opened.location, real + "/aurora/shop/pull/1");
        VERIFY_RESULT(found, await(forge->openProposals({})));
        QCOMPARE(found.first().location, opened.location);
    }

    void aCancelBeforeTheBranchLeavesNothingToBeSeen()
    {
        Proposing at(*bench);
        auto &[project, fake, app, shop, forge, base] = at;
        ProposalRequest request = proposal(base, project.patch);
        request.stopped = [&fake] {
            return fake.calls.last().path.endsWith("/git/commits"); // everything but the branch
        };
        const auto stopped = await(forge->propose(request));
        QVERIFY(!stopped);
        QVERIFY(stopped.error().code == ErrorCode::Cancelled);
        QCOMPARE(fake.tip(shop, request.branch), QString());
        QVERIFY(shop.pulls.isEmpty());
    }

    void aPullRequestIsMadeFromTheHost()
    {
        Project project;
        FakeGitHub &fake = bench->fake;
        const auto &app = fake.addApp("A", "aurora");
        auto &shop = fake.addRepository("aurora", "shop", project.repository.path());
        GitHubRepository place = bench->place(shop, fake.install(app, "aurora"));
        place.labels = {"dependencies", "ovvoc"};
        place.draft = true;
        GitHubForge forge(place, bench->app(app));
        VERIFY_RESULT(base, await(forge.resolveBase("main")));
        VERIFY_DONE(await(forge.closeClone()));
        const QString before = fake.tip(shop, "main");
        VERIFY_RESULT(opened, await(forge.propose(proposal(base, project.patch))));
        QCOMPARE(opened.branch, QString("ovvoc/update-ms-2.1.3"));
        QCOMPARE(opened.number, 1);
        QCOMPARE(fake.tip(shop, opened.branch), opened.commit);
        QCOMPARE(fake.tip(shop, "main"), before);
        QVERIFY(fake.fileAt(shop, opened.branch, "package.json").contains("2.1.3"));
        QCOMPARE(fake.fileAt(shop, opened.branch, "src/index.js"),
                 QByteArray("module.exports = 1;\n"));
        QCOMPARE(shop.pulls.size(), 1);
        const FakeGitHub::Pull pull = shop.pulls.first();
        QCOMPARE(pull.title, QString("Update ms from 2.1.2 to 2.1.3"));
        QCOMPARE(pull.base, QString("main"));
        QVERIFY(pull.draft);
        QCOMPARE(pull.labels, place.labels);
        for (const FakeGitHub::Call &call : std::as_const(fake.calls)) {
            // No author and no committer: then GitHub signs for the App. No content but the
            // patch's.
            if (call.method == "POST" && call.path.endsWith("/git/commits")) {
                QVERIFY(!call.body.object().contains("author"));
                QVERIFY(!call.body.object().contains("committer"));
            }
            if (call.method == "POST" && call.path.endsWith("/git/trees")) {
                const QJsonArray tree = call.body.object()["tree"].toArray();
                QCOMPARE(tree.size(), 1);
                QCOMPARE(tree[0].toObject()["path"].toString(), QString("package.json"));
                QVERIFY(call.body.object().contains("base_tree"));
            }
        }
    }

    void theSameUpdateIsBroughtUpToDateNotDoubled()
    {
        Proposing at(*bench);
        auto &[project, fake, app, shop, forge, base] = at;
        VERIFY_RESULT(first, await(forge->propose(proposal(base, project.patch))));
        ProposalRequest again = proposal(base, project.patch);
        again.title = "Update ms, once more";
        VERIFY_RESULT(second, await(forge->propose(again)));
        QCOMPARE(second.branch, first.branch);
        QCOMPARE(second.number, first.number);
        QCOMPARE(shop.pulls.size(), 1);
        QCOMPARE(shop.pulls.first().title, again.title);
        QCOMPARE(fake.tip(shop, first.branch), second.commit);
    }

    /// What was proposed tells a later run what it was, also when it is no longer open.
    void aProposalIsKnownAgainWhateverBecameOfIt()
    {
        Proposing at(*bench);
        auto &[project, fake, app, shop, forge, base] = at;
        ProposalRequest request = proposal(base, project.patch);
        request.mark = {"package ms", {{"", "ms", "2.1.3"}, {"a -->\nb", "@x/y", "1.0.0-a+b"}}};
        request.body = QString(200'000, 'x') + "\n";
        VERIFY_RESULT(opened, await(forge->propose(request)));
        QVERIFY(shop.pulls.first().body.contains("<!--"));
        QCOMPARE(shop.pulls.first().body.count("-->"), 1);
        VERIFY_RESULT(known, await(forge->proposals({}, true)));
        QCOMPARE(known.size(), 1);
        QVERIFY(known[0].mark == request.mark);
        QVERIFY(known[0].state == ForgeProposal::State::Open);
        // Another package whose branch would have the same name does not take its place.
        ProposalRequest other = request;
        other.mark.topic = "package -ms";
        VERIFY_RESULT(second, await(forge->propose(other)));
        QVERIFY(second.branch != opened.branch);
        QCOMPARE(shop.pulls.size(), 2);
        shop.pulls[0].open = false;
        shop.pulls[1].open = false;
        shop.pulls[1].merged = true;
        VERIFY_RESULT(ended, await(forge->proposals({}, true)));
        QCOMPARE(ended.size(), 2);
        QVERIFY(ended[0].state == ForgeProposal::State::Closed);
        QVERIFY(ended[1].state == ForgeProposal::State::Merged);
        QVERIFY(await(forge->proposals({}, false))->isEmpty());
    }

    void aPersonsCommitOnABranchOfOursIsNeverMovedOver_data()
    {
        QTest::addColumn<QString>("author");
        QTest::newRow("a person's name") << "Ada";
        QTest::newRow("the App's own name, unsigned") << "a[bot]";
        QTest::newRow("the App's commit, amended and signed by a person") << "amended";
    }
    void aPersonsCommitOnABranchOfOursIsNeverMovedOver()
    {
        QFETCH(QString, author);
        Proposing at(*bench);
        auto &[project, fake, app, shop, forge, base] = at;
        VERIFY_RESULT(first, await(forge->propose(proposal(base, project.patch))));
        // A person pushes on top of it.
        QTemporaryDir clone;
        const QString place = clone.path() + "/c";
        for (const QStringList &arguments :
             {QStringList{"clone", "-q", "-b", first.branch, shop.path, place},
              QStringList{"-C", place, "-c", "user.name=" + author, "-c",
                          "user.email=ada@" + QString(author == "amended" ? "signed" : "localhost")
                              + ".invalid",
                          "commit", "-q", "--allow-empty",
                          author == "amended" ? "--amend" : "--no-edit", "-m", "By hand"},
              QStringList{"-C", place, "push", "-q", "-f", "origin", first.branch}})
            QCOMPARE(QProcess::execute("git", arguments), 0);
        const QString theirs = fake.tip(shop, first.branch);
        QVERIFY(theirs != first.commit);
        VERIFY_RESULT(second, await(forge->propose(proposal(base, project.patch))));
        QCOMPARE(fake.tip(shop, first.branch), theirs);
        QVERIFY(second.branch != first.branch);
        QVERIFY2(second.note.contains(first.branch), qPrintable(second.note));
        // Nothing was ever forced.
        for (const FakeGitHub::Call &call : std::as_const(fake.calls))
            QVERIFY(!call.body.object()["force"].toBool());
    }

    void aLimitOfAnonymousQuestionsHoldsNothingUp()
    {
        Project project;
        FakeGitHub &fake = bench->fake;
        const auto &app = fake.addApp("A", "aurora");
        auto &shop = fake.addRepository("aurora", "shop", project.repository.path());
        const auto forge = bench->forge(app, fake.install(app, "aurora"), shop);
        auto anonymous = RestClient::make(bench->client()->settings(),
                                          std::make_shared<HostQueue>(HostQueue::Limits{}));
        forge->setAnonymous(*anonymous);
        fake.fault = [](const test::HttpRequest &request) -> std::optional<HttpAnswer> {
            if (!request.path.contains("/releases/tags/"))
                return std::nullopt;
            return HttpAnswer{403,
                              {{"Content-Type", "application/json"},
                               {"X-RateLimit-Remaining", "0"},
                               {"X-RateLimit-Reset",
                                QByteArray::number(QDateTime::currentSecsSinceEpoch() + 3000)}},
                              R"({"message":"API rate limit exceeded"})"};
        };
        const QString at = fake.web().toString();
        const auto notes = await(
            forge->releaseNotes({{"ms", "3.0.0", at + "/vercel/ms"}, {"b", "1.0.0", at + "/x/b"}}));
        QCOMPARE(notes.size(), 2);
        VERIFY_RESULT(base, await(forge->resolveBase({})));
        VERIFY_DONE(await(forge->closeClone()));
        VERIFY_RESULT(made, await(forge->propose(proposal(base, project.patch))));
        QVERIFY(made.number > 0);
    }

    void aBranchOfSomebodysIsLeftAlone()
    {
        Project project;
        FakeGitHub &fake = bench->fake;
        const auto &app = fake.addApp("A", "aurora");
        auto &shop = fake.addRepository("aurora", "shop", project.repository.path());
        QProcess::execute("git", {"-C", shop.path, "branch", "ovvoc/update-ms-2.1.3", "main"});
        const QString theirs = fake.tip(shop, "ovvoc/update-ms-2.1.3");
        const auto forge = bench->forge(app, fake.install(app, "aurora"), shop);
        VERIFY_RESULT(base, await(forge->resolveBase({})));
        VERIFY_DONE(await(forge->closeClone()));
        VERIFY_RESULT(opened, await(forge->propose(proposal(base, project.patch))));
        QCOMPARE(opened.branch, QString("ovvoc/update-ms-2.1.3-2"));
        QCOMPARE(fake.tip(shop, "ovvoc/update-ms-2.1.3"), theirs);
    }

    void aBaseThatMovedIsCheckedAgain_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<bool>("fits");
        QTest::newRow("elsewhere") << "src/index.js" << true;
        QTest::newRow("in a file of the patch") << "package.json" << false;
    }
    void aBaseThatMovedIsCheckedAgain()
    {
        QFETCH(QString, file);
        QFETCH(bool, fits);
        Proposing at(*bench);
        auto &[project, fake, app, shop, forge, base] = at;
        project.repository.git({"checkout", "-q", "--", "."});
        project.repository.write(file, "{}\n");
        project.repository.commit("Meanwhile");
        project.repository.git({"push", "-q", shop.path, "main"});
        const auto opened = await(forge->propose(proposal(base, project.patch)));
        QCOMPARE(opened.has_value(), fits);
        if (fits) {
            QCOMPARE(fake.fileAt(shop, opened->branch, file), QByteArray("{}\n"));
            QVERIFY(fake.fileAt(shop, opened->branch, "package.json").contains("2.1.3"));
        } else {
            QCOMPARE(toString(opened.error().code), toString(ErrorCode::Conflict));
            QVERIFY(shop.pulls.isEmpty());
            QVERIFY(fake.tip(shop, "ovvoc/update-ms-2.1.3").isEmpty());
        }
    }

    void aCommitToOtherContentThanTheSealedOneIsNeverMade()
    {
        Proposing at(*bench);
        auto &[project, fake, app, shop, forge, base] = at;
        // The patch's own promise of what the file becomes does not fit its lines.
        SealedPatch forged = project.patch;
        forged.diff.replace("2.1.3", "6.6.6");
        const auto opened = await(forge->propose(proposal(base, forged)));
        QCOMPARE(toString(opened.error().code), toString(ErrorCode::PolicyViolation));
        QVERIFY(shop.pulls.isEmpty());
    }

    void releaseNotesAreLinkedAndTheirWarningsQuoted()
    {
        FakeGitHub &fake = bench->fake;
        const auto &app = fake.addApp("A", "aurora");
        const auto &shop = fake.addRepository("aurora", "shop");
        auto &library = fake.addRepository("vercel", "ms");
        library.isPrivate = false;
        library.releases["v3.0.0"] =
            "## Notes\n\n- **BREAKING**: drops node 12\n* breaking: no CJS\nfine\n";
        const auto forge = bench->forge(app, fake.install(app, "aurora"), shop);
        const QString at = "https://" + fake.web().host();
        const auto notes =
            await(forge->releaseNotes({{"ms", "3.0.0", at + "/vercel/ms"},
                                       {"gone", "1.0.0", at + "/vercel/gone"},
                                       {"far", "1.0.0", "https://else.invalid/a/b"}}));
        QCOMPARE(notes.size(), 3);
        QCOMPARE(notes[0].breaking, (QStringList{"BREAKING: drops node 12", "breaking: no CJS"}));
        QVERIFY(notes[0].address.endsWith("/vercel/ms/releases/tag/v3.0.0"));
        QVERIFY(notes[1].breaking.isEmpty());
        QCOMPARE(notes[2].address, QString("https://else.invalid/a/b/releases"));
        for (const FakeGitHub::Call &call : std::as_const(fake.calls))
            QCOMPARE(call.credential, FakeGitHub::Call::Credential::None);
    }

    void aLongTextIsCutAndSaysSo()
    {
        QString text = "```text\n";
        while (text.size() < 70'000)
            text += "0123456789 0123456789\n";
        const QString cut = boundedBody(text);
        QVERIFY(cut.size() <= GitHubForge::bodyLimit);
        QVERIFY(cut.contains("was cut here"));
        QCOMPARE(cut.count("```") % 2, 0);
        QCOMPARE(boundedBody("short"), QString("short"));
    }

private:
    std::unique_ptr<GitHubBench> bench;
};

QTEST_GUILESS_MAIN(GitHubProposalsTest)
#include "tst_githubproposals.moc"
