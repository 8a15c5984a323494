// Speeds of what every byte of a job passes, each beside a baseline from the same run.

#include "base/mask.h"
#include "bench/bench.h"
#include "engine/rawstream.h"
#include "log/logdocument.h"
#include "log/logview.h"
#include "patch/sealedpatch.h"
#include "theme/theme.h"

#include <QApplication>
#include <QPlainTextEdit>

using namespace ovvoc;
using namespace ovvoc::bench;

namespace {

QByteArray frames(qsizetype total)
{
    QByteArray bytes;
    const QByteArray payload(16 * 1024, 'x');
    while (bytes.size() < total) {
        const char header[8] = {1, 0, 0, 0, 0, 0, 0x40, 0};
        bytes += QByteArray(header, 8) + payload;
    }
    return bytes;
}

void demultiplexer()
{
    const QByteArray stream = frames(64 << 20);
    QByteArray out(stream.size(), Qt::Uninitialized);
    const double copy = median(5, [&] { std::copy(stream.begin(), stream.end(), out.begin()); });
    const double ours = median(5, [&] {
        StreamDemultiplexer demultiplexer;
        char *to = out.data();
        for (qsizetype at = 0; at < stream.size(); at += 64 * 1024)
            (void)demultiplexer.feed(QByteArrayView(stream).sliced(
                                         at, std::min<qsizetype>(64 * 1024, stream.size() - at)),
                                     [&](OutputChannel, QByteArrayView payload) {
                                         to = std::copy(payload.begin(), payload.end(), to);
                                     });
    });
    report("raw stream taken apart, 64 MiB", ours, "copying the same bytes", copy);
}

void mask()
{
    const auto secrets = std::make_shared<SecretMask>();
    for (int i = 0; i < 4; ++i) {
        const QByteArray secret = "ghs_0123456789abcdefghij" + QByteArray::number(i);
        secrets->add(SecretBytes(std::span(secret.constData(), std::size_t(secret.size()))));
    }
    QByteArray text;
    while (text.size() < 8 << 20)
        text += "GET /users/:id returns user (12 ms) and some more words of a log line\n";
    const double ours = median(3, [&] {
        StreamMask stream(secrets);
        for (qsizetype at = 0; at < text.size(); at += 16 * 1024)
            stream.next(text.mid(at, 16 * 1024));
    });
    volatile qsizetype found = 0; // the searches must really be made
    const double search = median(3, [&] {
        for (int i = 0; i < 32; ++i)
            found = text.indexOf("ghs_nothing_like_this_in_the_text" + QByteArray::number(i));
    });
    report("log masked, 8 MiB, 4 secrets in all shapes", ours, "32 plain searches of the text",
           search);
}

void logLines(int count)
{
    QList<LogChunk> chunks;
    QStringList plain;
    for (int i = 0; i < count; ++i) {
        LogChunk chunk;
        chunk.source = LogChunk::Source::Stdout;
        chunk.text = "\x1b[32mPASS\x1b[0m tests/cart.test.js line " + QByteArray::number(i) + '\n';
        chunks << chunk;
        plain << QString::fromUtf8(chunk.text.trimmed());
    }
    const double ours = median(1, [&] {
        LogDocument document;
        LogView view;
        view.resize(900, 600);
        view.setDocument(&document);
        view.show();
        for (int i = 0; i < chunks.size(); ++i) {
            document.append(chunks[i]);
            if (i % 1000 == 0)
                QCoreApplication::processEvents();
        }
        QCoreApplication::processEvents();
    });
    const double theirs = median(1, [&] {
        QPlainTextEdit edit;
        edit.resize(900, 600);
        edit.show();
        for (int i = 0; i < plain.size(); ++i) {
            edit.appendPlainText(plain[i]);
            if (i % 1000 == 0)
                QCoreApplication::processEvents();
        }
        QCoreApplication::processEvents();
    });
    report(qPrintable(QString("log view, %1 lines with colours").arg(count)), ours,
           "QPlainTextEdit, without colours", theirs);
}

void patch()
{
    QByteArray diff;
    for (int file = 0; file < 400; ++file) {
        const QByteArray name = "f" + QByteArray::number(file);
        diff += "diff --git a/" + name + " b/" + name
            + "\nindex 257cc5642cb1a054f08cc83f2d943e56fd3ebe99.."
              "5716ca5987cbf97d6bb54920bea6adde242d87e6 100644\n--- a/"
            + name + "\n+++ b/" + name + "\n@@ -1,100 +1,100 @@\n";
        for (int line = 0; line < 100; ++line)
            diff += "-old line of the file\n+new line of the file\n";
    }
    const double ours = median(3, [&] { (void)sealPatch(diff); });
    const double lines = median(3, [&] { (void)diff.split('\n'); });
    report(qPrintable(QString("patch sealed, %1 KiB, 400 files").arg(diff.size() >> 10)), ours,
           "splitting it into lines", lines);
}

} // namespace

int main(int argc, char **argv)
{
    qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication app(argc, argv);
    applyTheme(app, ThemeMode::Light);
    demultiplexer();
    mask();
    patch();
    logLines(100'000);
    logLines(1'000'000);
    return 0;
}
