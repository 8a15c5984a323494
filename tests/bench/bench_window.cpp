// How long the GUI thread is held while a job floods its log with 50 MB/s and 200 egress rows a
// second: a probe asks every millisecond of the event loop for its turn and notes how long it
// waited. The baseline, in the same run, is the same flood into a QPlainTextEdit.
//
//   QT_QPA_PLATFORM=offscreen bench_window [SECONDS]

#include "bench/bench.h"
#include "job/jobpage.h"
#include "theme/theme.h"

#include <QApplication>
#include <QPlainTextEdit>

using namespace ovvoc;

namespace {

constexpr int megabytesPerSecond = 50;
constexpr int rowsPerSecond = 200;
constexpr int ticksPerSecond = 100;

struct Held
{
    double worst = 0, p99 = 0;
    qint64 frames = 0;
};

/// Feeds for \a seconds, and measures how long the event loop was away between two turns.
template <typename Feed> Held run(int seconds, Feed &&feed)
{
    std::vector<double> waits;
    QElapsedTimer total, turn;
    total.start();
    turn.start();
    qint64 fed = 0;
    while (total.elapsed() < seconds * 1000) {
        // As the core thread's signals do, chunks arrive between turns of the loop.
        for (; fed < total.elapsed() * ticksPerSecond / 1000; ++fed)
            QMetaObject::invokeMethod(qApp, [&feed, fed] { feed(fed); }, Qt::QueuedConnection);
        turn.restart();
        QCoreApplication::processEvents(QEventLoop::AllEvents, 1);
        waits.push_back(double(turn.nsecsElapsed()) / 1e6);
    }
    std::sort(waits.begin(), waits.end());
    return {waits.back(), waits[waits.size() * 99 / 100], qint64(waits.size())};
}

QByteArray chunkOf(qsizetype size)
{
    QByteArray text;
    for (int line = 0; text.size() < size; ++line)
        text += "\x1b[32mPASS\x1b[0m tests/checkout.test.js keeps promise "
            + QByteArray::number(line) + " of many, in time\n";
    return text;
}

} // namespace

int main(int argc, char **argv)
{
    QApplication app(argc, argv);
    applyTheme(app, ThemeMode::Light, 1);
    const int seconds = argc > 1 ? std::max(1, QByteArray(argv[1]).toInt()) : 5;
    const QByteArray text = chunkOf(megabytesPerSecond * 1'000'000 / ticksPerSecond);

    Job job;
    job.request.id = "bench";
    job.request.clientName = "Bench";
    job.request.repositoryName = "flood";
    job.created = QDateTime::currentDateTimeUtc();
    for (const PhaseKind kind :
         {PhaseKind::Create, PhaseKind::Clone, PhaseKind::Transform, PhaseKind::Build,
          PhaseKind::Test, PhaseKind::PullRequest, PhaseKind::Destroy}) {
        Phase phase;
        phase.kind = kind;
        phase.state = kind < PhaseKind::Test ? PhaseState::Succeeded : PhaseState::Waiting;
        job.phases << phase;
    }
    job.phases[4].state = PhaseState::Running;
    job.phases[4].started = job.created;
    Held ours;
    {
        JobPage page(job, {});
        page.resize(1200, 860);
        page.show();
        LogDocument document;
        page.log()->view()->setDocument(&document);
        ours = run(seconds, [&](qint64 tick) {
            LogChunk chunk;
            chunk.time = QDateTime::currentDateTimeUtc();
            chunk.source = LogChunk::Source::Stdout;
            chunk.text = text;
            document.append(chunk);
            // The runner gives a snapshot at most 20 times a second.
            for (int i = 0; i < rowsPerSecond / ticksPerSecond; ++i) {
                EgressRow row;
                row.id = quint64(job.egress.size() + 1);
                row.time = chunk.time;
                row.host = "packages.example.invalid";
                row.port = 443;
                row.verdict = EgressRow::Verdict::Allowed;
                job.egress << row;
            }
            if (tick % (ticksPerSecond / 20) == 0)
                page.setJob(job);
        });
        std::printf("log: %d lines shown, %.0f MB wait\n", document.count(),
                    double(document.waitingBytes()) / 1e6);
    }
    QPlainTextEdit plain;
    plain.setReadOnly(true);
    plain.setMaximumBlockCount(LogDocument::maximumLines);
    plain.resize(1200, 860);
    plain.show();
    const Held theirs =
        run(std::min(seconds, 3), [&](qint64) { plain.appendPlainText(QString::fromUtf8(text)); });
    bench::report("GUI thread held, longest", ours.worst, "QPlainTextEdit, longest", theirs.worst);
    std::printf("99 of 100 turns: %.2f ms\n", ours.p99);
    return ours.worst <= 16 ? 0 : 1;
}
