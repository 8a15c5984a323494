// The keychain of the operating system: a real gnome-keyring on a D-Bus of the test's own.

#include "crypto/appkey.h"
#include "keychain/systemkeychain.h"
#include "support/fakegithub.h"
#include "support/githubbench.h"
#include "support/privatekeychain.h"

#include <QElapsedTimer>
#include <qt6keychain/keychain.h>

using namespace ovvoc;
using namespace ovvoc::test;

class KeychainTest : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { keychain = std::make_unique<PrivateKeychain>(); }

    // The order matters: one program sees one D-Bus.
    void aMissingKeychainIsSaidWithAWayOut()
    {
        SystemKeychain store(2000);
        const auto read = await(store.read("Nothing"));
        QCOMPARE(toString(read.error().code), toString(ErrorCode::KeychainMissing));
        QVERIFY2(read.error().message.contains("GNOME Keyring"), qPrintable(read.error().message));
        const auto written = await(store.write("Nothing", secret("a secret")));
        QCOMPARE(toString(written.error().code), toString(ErrorCode::KeychainMissing));
    }

    void whatIsWrittenIsReadAndCanBeRemoved_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("text") << QByteArray("a secret");
        QByteArray all;
        for (int i = 0; i < 256; ++i)
            all += char(i);
        QTest::newRow("every byte") << all;
        QTest::newRow("the largest") << QByteArray(SecretStore::maximumSize, '\xfe');
    }
    void whatIsWrittenIsReadAndCanBeRemoved()
    {
        QFETCH(QByteArray, bytes);
        startOnce();
        SystemKeychain store(5000);
        const QString name = appKeyEntry("01abc", "Bäckerei Aurora");
        VERIFY_DONE(await(store.write(name, secret(bytes))));
        VERIFY_RESULT(read, await(store.read(name)));
        QCOMPARE(QByteArray(read->bytes().data(), qsizetype(read->size())), bytes);
        // Written again it is one entry, not two.
        VERIFY_DONE(await(store.write(name, secret("other"))));
        VERIFY_RESULT(again, await(store.read(name)));
        QCOMPARE(again->size(), std::size_t(5));
        VERIFY_DONE(await(store.remove(name)));
        QCOMPARE(toString(await(store.read(name)).error().code), toString(ErrorCode::NotFound));
        VERIFY_DONE(await(store.remove(name)));
    }

    void whatNotEveryKeychainCouldHoldIsRefused()
    {
        SystemKeychain store(5000);
        const auto written =
            await(store.write("Large", secret(QByteArray(SecretStore::maximumSize + 1, 'x'))));
        QCOMPARE(toString(written.error().code), toString(ErrorCode::TooLarge));
    }

    void everyKeySizeThatGitHubAndOthersUseFits()
    {
        startOnce();
        SystemKeychain store(5000);
        for (const int bits : {2048, 4096}) {
            VERIFY_RESULT(der, appKeyFromPem(secretOf(newRsaKey(bits).first)));
            QVERIFY(der.size() <= SecretStore::maximumSize);
            VERIFY_DONE(
                await(store.write("Key", std::make_shared<const SecretBytes>(der.clone()))));
            VERIFY_RESULT(read, await(store.read("Key")));
            QCOMPARE(*appKeyFingerprint(*read), *appKeyFingerprint(der));
        }
        VERIFY_DONE(await(store.remove("Key")));
    }

    void aPersonFindsTheEntryByItsName()
    {
        startOnce();
        SystemKeychain store(5000);
        const QString name = appKeyEntry("01abc", "Bakery Aurora");
        VERIFY_DONE(await(store.write(name, secret("x"))));
        QProcess tool;
        tool.start("secret-tool", {"search", "--all", "user", name});
        QVERIFY(tool.waitForFinished());
        const QByteArray out = tool.readAllStandardOutput() + tool.readAllStandardError();
        QVERIFY2(out.contains("Ovvoc Desktop") && out.contains("GitHub App key of Bakery Aurora"),
                 out.constData());
        VERIFY_DONE(await(store.remove(name)));
    }

    void somebodyElsesDataInTheEntryIsSaidAsSuch()
    {
        startOnce();
        SystemKeychain store(5000);
        VERIFY_DONE(await(store.write("Key", secret("this is no key"))));
        VERIFY_RESULT(read, await(store.read("Key")));
        const auto key = appKeyFingerprint(*read);
        QCOMPARE(toString(key.error().code), toString(ErrorCode::InvalidInput));
        QVERIFY(key.error().message.contains("damaged"));
    }

    void aKeychainThatHangsHangsNothing()
    {
        startOnce();
        SystemKeychain store(400);
        keychain->freeze(true);
        QElapsedTimer clock;
        clock.start();
        const auto read = await(store.read("Key"));
        const qint64 took = clock.elapsed();
        keychain->freeze(false);
        QCOMPARE(toString(read.error().code), toString(ErrorCode::KeychainLocked));
        QVERIFY2(took < 3000, qPrintable(QString::number(took)));
    }

    void aLockedKeychainIsSaidAsSuch()
    {
        startOnce();
        SystemKeychain store(1500);
        VERIFY_DONE(await(store.write("Key", secret("kept"))));
        keychain->lock();
        const auto read = await(store.read("Key"));
        QVERIFY(!read);
        QVERIFY2(read.error().code == ErrorCode::KeychainLocked,
                 qPrintable(toString(read.error().code) + ": " + read.error().message + " | "
                            + read.error().detail));
    }

    void everyErrorHasItsOwnMessage()
    {
        QSet<QString> messages;
        for (const int error :
             {QKeychain::EntryNotFound, QKeychain::CouldNotDeleteEntry,
              QKeychain::AccessDeniedByUser, QKeychain::AccessDenied, QKeychain::NoBackendAvailable,
              QKeychain::NotImplemented, QKeychain::OtherError}) {
            const Error said = explainKeychainError(error, "its own words");
            QCOMPARE(said.detail, QString("its own words"));
            messages << said.message;
        }
        QCOMPARE(messages.size(), 7);
        QCOMPARE(toString(explainKeychainError(QKeychain::AccessDenied, {}).code),
                 toString(ErrorCode::KeychainDenied));
        QCOMPARE(toString(explainKeychainError(QKeychain::AccessDeniedByUser, {}).code),
                 toString(ErrorCode::KeychainDenied));
    }

private:
    static std::shared_ptr<const SecretBytes> secret(const QByteArray &bytes)
    {
        return std::make_shared<const SecretBytes>(secretOf(bytes));
    }
    void startOnce()
    {
        if (!std::exchange(started, true))
            keychain->start();
    }
    std::unique_ptr<PrivateKeychain> keychain;
    bool started = false;
};

QTEST_GUILESS_MAIN(KeychainTest)
#include "tst_keychain.moc"
