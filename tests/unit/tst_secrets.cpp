// Secrets do not get out: not through a log, in whatever shape and however it is cut.

#include "base/logging.h"
#include "base/mask.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>

using namespace ovvoc;

namespace {

SecretBytes secret(const QByteArray &text)
{
    return SecretBytes(std::span(text.constData(), std::size_t(text.size())));
}

const QByteArray token = "ghs_Ab+/9=%20~0123456789abcdefXYZ";

} // namespace

class SecretsTest : public QObject
{
    Q_OBJECT
private slots:
    void everyShapeIsMasked_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("raw") << token;
        QTest::newRow("inside") << "before" + token + "after";
        QTest::newRow("twice") << token + token;
        QTest::newRow("percent-encoded") << token.toPercentEncoding();
        for (int i = 0; i < 3; ++i) {
            QTest::addRow("base64 behind %d bytes", i)
                << (QByteArray(i, 'u') + token + "z").toBase64();
            QTest::addRow("base64url behind %d bytes", i)
                << (QByteArray(i, 'u') + token)
                       .toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
        }
        QTest::newRow("basic authentication") << ("x-access-token:" + token).toBase64();
    }
    void everyShapeIsMasked()
    {
        QFETCH(QByteArray, text);
        const auto mask = std::make_shared<SecretMask>();
        mask->add(secret(token));
        const QByteArray masked = mask->masked(text);
        QVERIFY2(masked.contains("***"), masked.constData());
        // Nothing that is left lets the middle of the secret be read.
        const QByteArray middle = token.mid(8, 12);
        QVERIFY(!masked.contains(middle));
        QVERIFY(!QByteArray::fromBase64(masked).contains(middle));
        QVERIFY(!QByteArray::fromPercentEncoding(masked).contains(middle));

        // The same, cut at every place.
        for (qsizetype cut = 0; cut <= text.size(); ++cut) {
            StreamMask stream(mask);
            QByteArray out = stream.next(text.left(cut));
            out += stream.next(text.mid(cut));
            out += stream.finish();
            QVERIFY2(!out.contains(middle), out.constData());
            QVERIFY(!QByteArray::fromBase64(out).contains(middle));
        }
        // And byte by byte.
        StreamMask stream(mask);
        QByteArray out;
        for (const char c : text)
            out += stream.next(QByteArray(1, c));
        out += stream.finish();
        QVERIFY2(!out.contains(middle), out.constData());
    }

    void theBetterPartOfASecretIsNotShownEither()
    {
        const auto mask = std::make_shared<SecretMask>();
        mask->add(secret(token));
        StreamMask stream(mask);
        QByteArray out = stream.next("text " + token.chopped(1));
        out += stream.finish();
        QCOMPARE(out, QByteArray("text ***"));
    }

    void ordinaryTextComesThroughUnchanged()
    {
        const auto mask = std::make_shared<SecretMask>();
        mask->add(secret(token));
        mask->add(secret("short"));
        StreamMask stream(mask);
        const QByteArray text = "a short line with gh and ghs_ and \xe2\x9c\x93\n";
        QByteArray out = stream.next(text);
        out += stream.finish();
        QCOMPARE(out, text);
    }

    void theSourceOfASecretIsWiped()
    {
        QByteArray source("0123456789abcdef");
        const char *where = source.constData();
        const SecretBytes taken = SecretBytes::takeFrom(source);
        QCOMPARE(taken.size(), std::size_t(16));
        QVERIFY(source.isEmpty());
        Q_UNUSED(where)
    }

    void theLogFileIsPrivateAndMasked()
    {
        QTemporaryDir folder;
        const auto mask = std::make_shared<SecretMask>();
        mask->add(secret(token));
        LogOptions options;
        options.folder = folder.path() + "/log";
        QVERIFY(initLogging(options, mask).has_value());
        log().warn("a line with {} in it", token.toStdString());
        qWarning("Qt says %s", token.constData());
        log().flush();
        const QFileInfoList files = QDir(options.folder).entryInfoList(QDir::Files);
        QVERIFY(!files.isEmpty());
        for (const QFileInfo &info : files) {
            QCOMPARE(info.permissions() & (QFile::ReadGroup | QFile::ReadOther),
                     QFile::Permissions());
            QFile file(info.filePath());
            QVERIFY(file.open(QIODevice::ReadOnly));
            const QByteArray text = file.readAll();
            QVERIFY(text.contains("***"));
            QVERIFY(!text.contains(token.mid(8, 12)));
        }
    }
};

QTEST_GUILESS_MAIN(SecretsTest)
#include "tst_secrets.moc"
