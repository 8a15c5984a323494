// Package registries without a cell: how a person names them, what of a request the gate lets
// through, whose certificates it answers with, where credentials are and what is kept of packages.

#include "clients/workspace.h"
#include "crypto/jobauthority.h"
#include "gate/packagestore.h"
#include "gate/registryroute.h"
#include "support/testsupport.h"
#include "support/workspacebench.h"

#include <QDir>
#include <QDirIterator>
#include <QJsonArray>
#include <QSslCertificate>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

using namespace ovvoc;
using namespace ovvoc::test;

namespace {

std::shared_ptr<const SecretBytes> secret(const QByteArray &text)
{
    return std::make_shared<const SecretBytes>(
        SecretBytes(std::span(text.constData(), std::size_t(text.size()))));
}

QByteArray textOf(const SecretBytes &bytes)
{
    return QByteArray(bytes.bytes().data(), qsizetype(bytes.size()));
}

} // namespace

class RegistriesTest : public QObject
{
    Q_OBJECT
private slots:
    void aRegistryIsReadAsAPersonWritesIt_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("written"); // empty: refused
        const auto row = [](const char *text, const char *written) {
            QTest::newRow(text) << text << written;
        };
        row("https://npm.acme.example", "https://npm.acme.example/");
        row("  https://NPM.acme.example/team  @acme token ",
            "https://npm.acme.example/team/ @acme token");
        row("https://npm.acme.example:8443/a/b/ basic private @b @a @b",
            "https://npm.acme.example:8443/a/b/ @b @a basic private");
        row("https://npm.acme.example:443/", "https://npm.acme.example/");
        row("", "");
        row("http://npm.acme.example/", "");
        row("npm.acme.example", "");
        row("https://user:secret@npm.acme.example/", "");
        row("https://192.0.2.1/", "");
        row("https://npm.acme.example/?token=x", "");
        row("https://npm.acme.example/#x", "");
        row("https://npm.acme.example/a/../b/", "");
        row("https://npm.acme.example/%2e%2e/b/", "");
        row("https://npm.acme.example/ acme", "");
        row("https://npm.acme.example/ @ACME", "");
        row("https://npm.acme.example/ @a/b", "");
    }
    void aRegistryIsReadAsAPersonWritesIt()
    {
        QFETCH(const QString, text);
        QFETCH(const QString, written);
        const auto registry = parseRegistry(text);
        QCOMPARE(registry ? toString(*registry) : QString(), written);
        if (!registry) {
            QVERIFY(registry.error().code == ErrorCode::InvalidInput);
            QVERIFY(!registry.error().message.isEmpty());
            QVERIFY(!registry.error().message.contains("secret"));
        } else {
            QCOMPARE(toString(*parseRegistry(written)), written);
        }
    }

    void aCredentialBecomesOneHeader_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QByteArray>("given");
        QTest::addColumn<QByteArray>("header");
        using C = RegistrySetting::Credential;
        QTest::newRow("token") << int(C::Token) << QByteArray("npm_abc123")
                               << QByteArray("Bearer npm_abc123");
        // RFC 7617, section 2: its own example.
        QTest::newRow("basic") << int(C::Basic) << QByteArray("Aladdin:open sesame")
                               << QByteArray("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        QTest::newRow("nothing") << int(C::Token) << QByteArray() << QByteArray();
        QTest::newRow("two lines") << int(C::Token) << QByteArray("a\r\nX: y") << QByteArray();
        QTest::newRow("two words") << int(C::Token) << QByteArray("a b") << QByteArray();
        QTest::newRow("a zero byte") << int(C::Token) << QByteArray("a\0b", 3) << QByteArray();
        QTest::newRow("no password") << int(C::Basic) << QByteArray("robot") << QByteArray();
        QTest::newRow("a line in a password")
            << int(C::Basic) << QByteArray("robot:a\nb") << QByteArray();
        QTest::newRow("very long") << int(C::Token) << QByteArray(3000, 'a') << QByteArray();
    }
    void aCredentialBecomesOneHeader()
    {
        QFETCH(const int, kind);
        QFETCH(const QByteArray, given);
        QFETCH(const QByteArray, header);
        const auto made = authorizationOf(RegistrySetting::Credential(kind), *secret(given));
        QCOMPARE(made ? textOf(**made) : QByteArray(), header);
    }

    void whatARequestAsksForIsKnown()
    {
        RegistryRoute open = *routeTo("https://npm.example/"),
                      team = *routeTo("https://npm.example/t/");
        open.isPublic = true;
        const QList<RegistryRoute> routes{open, team};
        const auto read = [&](const char *method, const char *path) {
            return readQuestion(method, path, routes);
        };
        using K = RegistryQuestion::Kind;
        QVERIFY(read("GET", "/react")->kind == K::Document);
        QCOMPARE(read("GET", "/@a%2fb")->package, QString("@a/b"));
        QCOMPARE(read("GET", "/@a/b/-/b-1.0.0.tgz")->package, QString("@a/b"));
        QVERIFY(read("HEAD", "/@a/b/-/b-1.0.0.tgz")->kind == K::Package);
        QVERIFY(read("GET", "/")->kind == K::Other);
        QVERIFY(read("GET", "/-/ping")->kind == K::Other);
        QVERIFY(read("GET", "/a/b/c")->kind == K::Other);
        // The nearest route is the one whose credential goes along.
        QVERIFY(read("GET", "/t/react")->route == &routes[1]);
        QVERIFY(read("GET", "/tt/react")->route == &routes[0]);
        QVERIFY(read("POST", "/-/npm/v1/security/advisories/bulk").has_value());
        QVERIFY(!read("POST", "/t/-/npm/v1/security/advisories/bulk").has_value());
        QVERIFY(!read("POST", "/-/npm/v1/security/advisories/bulk?x=1").has_value());
        QVERIFY(!read("POST", "/react").has_value());
        QVERIFY(!read("PUT", "/react").has_value());
        QVERIFY(!readQuestion("GET", "/x", {*routeTo("https://npm.example/t/")})->route);
    }

    void theAuthorityIsTrustedForOneNameAndNewForEachJob()
    {
        VERIFY_RESULT(one, JobAuthority::make());
        VERIFY_RESULT(two, JobAuthority::make());
        const auto pem = QSslCertificate::fromData(one->certificatePem());
        QCOMPARE(pem.size(), 1);
        QVERIFY(pem[0].isSelfSigned());
        QVERIFY(pem[0].expiryDate() < QDateTime::currentDateTimeUtc().addDays(3));
        QVERIFY(one->certificatePem() != two->certificatePem());
        QVERIFY(!one->certificatePem().contains("PRIVATE"));
        VERIFY_RESULT(context, one->contextFor("npm.example"));
        QCOMPARE(*one->contextFor("npm.example"), context);
        // Its certificate is one of this authority, for this name, and can make no others.
        X509 *own = SSL_CTX_get0_certificate(context);
        unsigned char *der = nullptr;
        const int size = i2d_X509(own, &der);
        const QSslCertificate leaf(QByteArray(reinterpret_cast<const char *>(der), size),
                                   QSsl::Der);
        OPENSSL_free(der);
        QCOMPARE(leaf.subjectAlternativeNames().values(QSsl::DnsEntry), QStringList{"npm.example"});
        const QList<QSslError> right = QSslCertificate::verify({leaf, pem[0]}, "npm.example");
        for (const QSslError &error : right) // it is trusted by nobody but the cell
            QVERIFY2(error.error() == QSslError::SelfSignedCertificateInChain,
                     qPrintable(error.errorString()));
        QCOMPARE(X509_check_ca(own), 0);
        QCOMPARE(X509_check_host(own, "evil.example", 0, 0, nullptr), 0);
    }

    void theStoreStaysWithinItsLimitAndForgetsTheOldest()
    {
        QTemporaryDir folder;
        const QString place = folder.path() + "/kept";
        const PackageStore store(place, 1 << 20);
        const auto url = [](int i) { return QString("https://npm.example/p/-/p-%1.tgz").arg(i); };
        QVERIFY(!await(store.read(url(0))));
        for (int i = 0; i < 100; ++i)
            await(store.write(url(i), QByteArray(50'000, char(i))));
        const auto use = PackageStore::useOf(place);
        QVERIFY2(use.bytes <= (1 << 20) + (1 << 20) / 20 + 60'000,
                 qPrintable(QString::number(use.bytes)));
        QVERIFY(use.packages >= 10);
        QVERIFY(!await(store.read(url(0))));
        VERIFY_RESULT(last, await(store.read(url(99))));
        QCOMPARE(last, QByteArray(50'000, char(99)));
        // Too large for it: not kept, nothing else goes.
        await(store.write(url(200), QByteArray(900'000, 'x')));
        QVERIFY(!await(store.read(url(200))));
        QVERIFY(await(store.read(url(99))));
        // Another address with the same bytes does not get what was put in for this one.
        QDirIterator files(place, QDir::Files, QDirIterator::Subdirectories);
        QVERIFY(files.hasNext());
        QCOMPARE(QFileInfo(place).permissions()
                     & (QFile::ReadGroup | QFile::ReadOther | QFile::ExeOther),
                 QFile::Permissions());
        PackageStore::clear(place);
        QCOMPARE(PackageStore::useOf(place).packages, 0);
    }

    void aFileInTheStoreThatIsAnothersIsNotUsed()
    {
        QTemporaryDir folder;
        const PackageStore store(folder.path(), 64 << 20);
        await(store.write("https://npm.example/a/-/a-1.tgz", "aaa"));
        QDirIterator before(folder.path(), QDir::Files, QDirIterator::Subdirectories);
        const QString a = before.next();
        await(store.write("https://npm.example/b/-/b-1.tgz", "bbb"));
        QDirIterator both(folder.path(), QDir::Files, QDirIterator::Subdirectories);
        QString b = both.next();
        if (b == a)
            b = both.next();
        QVERIFY(QFile::remove(a));
        QVERIFY(QFile::copy(b, a)); // somebody puts one package in another's place
        QVERIFY(!await(store.read("https://npm.example/a/-/a-1.tgz")));
        QCOMPARE(*await(store.read("https://npm.example/b/-/b-1.tgz")), QByteArray("bbb"));
        QVERIFY(!QFile::exists(a));
    }

    void credentialsAreInTheKeychainAloneAndGoWithTheirClient()
    {
        WorkspaceBench bench;
        VERIFY_RESULT(workspace, bench.open());
        VERIFY_RESULT(client, workspace->addClient("Aurora"));
        VERIFY_RESULT(other, workspace->addClient("Borealis"));
        const QString url = "https://npm.aurora.example/";
        const auto unnamed =
            await(workspace->storeRegistryCredential(client.id, url, secret("first-secret-token")));
        QVERIFY(!unnamed && unnamed.error().code == ErrorCode::NotFound);
        for (Client one : {client, other}) {
            one.overrides["registries"] = QJsonArray{url + " @aurora token"};
            VERIFY_DONE(workspace->saveClient(one));
        }
        const auto bad = await(workspace->storeRegistryCredential(client.id, url, secret("a b")));
        QVERIFY(!bad && bad.error().code == ErrorCode::InvalidInput);
        const auto entries = [&] {
            return QDir(bench.folder.path() + "/keychain").entryList(QDir::Files).size();
        };
        const qsizetype before = entries();
        VERIFY_DONE(await(
            workspace->storeRegistryCredential(client.id, url, secret("first-secret-token"))));
        QCOMPARE(textOf(**await(workspace->registryCredential(client.id, url))),
                 QByteArray("first-secret-token"));
        // One client's is not another's, and the same host by another path is another registry.
        QVERIFY(!await(workspace->registryCredential(other.id, url)));
        QVERIFY(!await(workspace->registryCredential(client.id, url + "x/")));
        VERIFY_DONE(await(
            workspace->storeRegistryCredential(client.id, url, secret("second-secret-token"))));
        QCOMPARE(entries(), before + 1);
        QDirIterator files(bench.place.path, QDir::Files | QDir::Hidden,
                           QDirIterator::Subdirectories);
        while (files.hasNext()) {
            QFile file(files.next());
            QVERIFY(file.open(QIODevice::ReadOnly));
            const QByteArray bytes = file.readAll();
            QVERIFY2(!bytes.contains("secret-token") && !bytes.contains("npm.aurora"),
                     qPrintable(file.fileName()));
        }
        VERIFY_DONE(await(workspace->removeRegistryCredential(client.id, url)));
        QCOMPARE(entries(), before);
        VERIFY_DONE(await(
            workspace->storeRegistryCredential(client.id, url, secret("third-secret-token"))));
        // Also when the settings no longer name it.
        VERIFY_RESULT(now, workspace->client(client.id));
        now.overrides.remove("registries");
        VERIFY_DONE(workspace->saveClient(now));
        VERIFY_DONE(await(workspace->removeClient(client.id)));
        QCOMPARE(entries(), before);
        VERIFY_RESULT(verdict, await(workspace->verify()));
        QVERIFY(verdict.problems.isEmpty());
    }

    void settingsSayWhatIsWrongWithThem()
    {
        const auto parse = [](const char *name, const QString &text) {
            return parseSetting(*findSetting(name), text);
        };
        QVERIFY(parse("registries", "https://npm.example/ @a token, https://other.example/"));
        QVERIFY(!parse("registries", "npm.example"));
        QVERIFY(parse("environment", "TZ=Europe/Berlin, DEBUG=, A_1=x=y"));
        for (const char *bad : {"TZ", "=x", "1A=x", "A B=x", "PATH=/x", "HOME=/x"})
            QVERIFY2(!parse("environment", bad), bad);
        const Settings settings({}, {{"registries", QJsonArray{"https://npm.example/ @a"}}},
                                {{"registries", QJsonArray{"https://evil.example/"}},
                                 {"environment", QJsonArray{"TZ=UTC"}}});
        QCOMPARE(settings.registries().size(), 1); // a repository's own level may not name any
        QCOMPARE(settings.registries()[0].url, QString("https://npm.example/"));
        QCOMPARE(settings.environment(), QStringList{"TZ=UTC"});
    }
};

QTEST_GUILESS_MAIN(RegistriesTest)
#include "tst_registries.moc"
