// The App's private key and the JWT made with it.

#include "crypto/appjwt.h"
#include "crypto/appkey.h"
#include "support/githubbench.h"

#include <QJsonObject>
#include <openssl/evp.h>
#include <openssl/pem.h>

using namespace ovvoc;
using namespace ovvoc::test;

namespace {

/// What `openssl` makes of its input.
QByteArray openssl(const QStringList &arguments, const QByteArray &input = {})
{
    QProcess process;
    process.start("openssl", arguments);
    process.write(input);
    process.closeWriteChannel();
    if (!process.waitForFinished(30'000) || process.exitCode() != 0)
        qFatal("openssl: %s", process.readAllStandardError().constData());
    return process.readAllStandardOutput();
}

} // namespace

class AppKeyTest : public QObject
{
    Q_OBJECT
private slots:
    void bothFormsOfAKeyAreTheSameKey()
    {
        const QByteArray pkcs1 = newRsaKey().first;
        QVERIFY(pkcs1.startsWith("-----BEGIN RSA PRIVATE KEY-----"));
        const QByteArray pkcs8 = openssl({"pkcs8", "-topk8", "-nocrypt"}, pkcs1);
        QVERIFY(pkcs8.startsWith("-----BEGIN PRIVATE KEY-----"));
        VERIFY_RESULT(one, appKeyFromPem(secretOf(pkcs1)));
        VERIFY_RESULT(other, appKeyFromPem(secretOf(pkcs8)));
        QCOMPARE(QByteArray(one.bytes().data(), qsizetype(one.size())),
                 QByteArray(other.bytes().data(), qsizetype(other.size())));
        VERIFY_RESULT(back, appKeyToPem(one));
        QCOMPARE(QByteArray(back.bytes().data(), qsizetype(back.size())), pkcs1);
        // Text around it, as mail programs add it, does no harm.
        QVERIFY(appKeyFromPem(secretOf("Here is the key:\r\n" + pkcs1 + "\n-- \nme")).has_value());
        // The fingerprint is the one that GitHub shows: openssl's of the public key in DER.
        const QByteArray publicDer = openssl({"rsa", "-pubout", "-outform", "DER"}, pkcs1);
        VERIFY_RESULT(fingerprint, appKeyFingerprint(one));
        QCOMPARE(
            fingerprint,
            "SHA256:"
                + QString::fromLatin1(
                    QCryptographicHash::hash(publicDer, QCryptographicHash::Sha256).toBase64()));
    }

    void whatIsNoAppsKeyIsRefusedWithASentenceOfItsOwn_data()
    {
        QTest::addColumn<QByteArray>("pem");
        QTest::addColumn<QString>("words");
        const auto [pkcs1, publicPem] = newRsaKey();
        QTest::newRow("nothing") << QByteArray() << "no PEM file";
        QTest::newRow("words") << QByteArray("not a key") << "no PEM file";
        QTest::newRow("encrypted, PKCS#8")
            << openssl({"pkcs8", "-topk8", "-passout", "pass:x"}, pkcs1) << "encrypted";
        QTest::newRow("encrypted, PKCS#1")
            << openssl({"rsa", "-aes256", "-passout", "pass:x", "-traditional"}, pkcs1)
            << "encrypted";
        QTest::newRow("public") << publicPem << "public key";
        QTest::newRow("elliptic curve")
            << openssl({"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"})
            << "not an RSA key";
        QTest::newRow("Ed25519") << openssl({"genpkey", "-algorithm", "ED25519"})
                                 << "not an RSA key";
        QTest::newRow("too small") << newRsaKey(1024).first << "1024 bits";
        QByteArray damaged = pkcs1;
        damaged.replace(200, 40, QByteArray(40, 'A'));
        QTest::newRow("damaged") << damaged << "damaged";
        QTest::newRow("cut off") << pkcs1.left(900) << "damaged";
        QTest::newRow("an SSH key")
            << QByteArray("-----BEGIN OPENSSH PRIVATE KEY-----\nx\n") << "SSH";
        QTest::newRow("a certificate")
            << QByteArray("-----BEGIN CERTIFICATE-----\nx\n") << "certificate";
        QTest::newRow("a large file") << "-----BEGIN " + QByteArray(100'000, 'x') << "no PEM file";
    }
    void whatIsNoAppsKeyIsRefusedWithASentenceOfItsOwn()
    {
        QFETCH(QByteArray, pem);
        QFETCH(QString, words);
        const auto key = appKeyFromPem(secretOf(pem));
        QVERIFY(!key);
        QCOMPARE(toString(key.error().code), toString(ErrorCode::InvalidInput));
        QVERIFY2(key.error().message.contains(words), qPrintable(key.error().message));
    }

    void theJwtIsWhatGitHubAsksFor()
    {
        const auto [pem, publicPem] = newRsaKey();
        VERIFY_RESULT(der, appKeyFromPem(secretOf(pem)));
        const QDateTime now = QDateTime::fromSecsSinceEpoch(1'800'000'000, Qt::UTC);
        VERIFY_RESULT(jwt, appJwt(der, "Iv23liABC", now));
        const QByteArray text(jwt.bytes().data(), qsizetype(jwt.size()));
        const QList<QByteArray> parts = text.split('.');
        QCOMPARE(parts.size(), 3);
        QVERIFY(!text.contains('=') && !text.contains('+') && !text.contains('/'));
        const auto decoded = [](const QByteArray &part) {
            return QJsonDocument::fromJson(
                       QByteArray::fromBase64(part, QByteArray::Base64UrlEncoding))
                .object();
        };
        QCOMPARE(decoded(parts[0]), (QJsonObject{{"alg", "RS256"}, {"typ", "JWT"}}));
        const QJsonObject claims = decoded(parts[1]);
        QCOMPARE(claims["iss"].toString(), QString("Iv23liABC"));
        QCOMPARE(claims["iat"].toInteger(), 1'800'000'000 - 60);
        QVERIFY(claims["exp"].toInteger() - 1'800'000'000 <= 600);
        QVERIFY(claims["exp"].toInteger() - claims["iat"].toInteger() <= 600);
    }
};

QTEST_GUILESS_MAIN(AppKeyTest)
#include "tst_appkey.moc"
