// How long the GUI thread is held while a job floods its log with 50 MB/s and 200 egress rows a
// second: a probe asks every millisecond of the event loop for its turn and notes how long it
// waited. The baseline, in the same run, is the same flood into a QPlainTextEdit.
//
// And how long it is held when 5,000 repositories are scanned at once, by the call that starts them
// and by the turns after it, on three pages, while jobs end. The baseline is what the same number
// of rows costs a QTableWidget.
//
//   QT_QPA_PLATFORM=offscreen bench_window [SECONDS]

#include "bench/bench.h"
#include "job/jobpage.h"
#include "shell/mainwindow.h"
#include "theme/theme.h"

#include <QApplication>
#include <QPlainTextEdit>
#include <QPromise>
#include <QTableWidget>

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

/// Answers nothing and keeps what it was asked to start.
class IdleJobs final : public JobService
{
public:
    void start(const JobRequest &request) override { started << request; }
    void cancel(const QString &) override { }
    void cancelAll() override { }
    void end(bool) override { }
    void findEngine() override { }
    void prepareImage() override { }
    void checkNetwork() override { }
    void makeDemo() override { }
    QList<JobRequest> started;
};

/// Much data, and no answer to anything that is asked beyond it.
class MuchWorkspace final : public WorkspaceService
{
public:
    static constexpr int clientCount = 500, repositoryCount = 10;
    MuchWorkspace()
    {
        WorkspaceState state;
        state.step = WorkspaceState::Step::Ready;
        takeState(state);
        for (int c = 0; c < clientCount; ++c) {
            ClientOverview overview;
            overview.client.id = QStringLiteral("client-%1").arg(c);
            overview.client.name = QStringLiteral("Client %1").arg(c);
            for (int r = 0; r < repositoryCount; ++r) {
                RepositoryOverview one;
                one.repository.id = QStringLiteral("repository-%1-%2").arg(c).arg(r);
                one.repository.clientId = overview.client.id;
                one.repository.name = QStringLiteral("repository-%1").arg(r);
                overview.repositories << one;
            }
            takeClient(overview);
        }
    }
    void open() override { }
    Answer<Client> addClient(const QString &) override { return none<Client>(); }
    Answer<> saveClient(const Client &) override { return none<void>(); }
    Answer<> removeClient(const QString &) override { return none<void>(); }
    Answer<ClientRepository> addRepository(const ClientRepository &) override
    {
        return none<ClientRepository>();
    }
    Answer<> saveRepository(const ClientRepository &) override { return none<void>(); }
    Answer<> removeRepository(const QString &, const QString &) override { return none<void>(); }
    Answer<> saveAgencyOverrides(const SettingOverrides &) override { return none<void>(); }
    Answer<QUrl> beginManifest(const QString &, const ManifestRequest &) override
    {
        return none<QUrl>();
    }
    void cancelManifest(const QString &) override { }
    Answer<> storeApp(const QString &, const GitHubAccount &,
                      std::shared_ptr<const SecretBytes>) override
    {
        return none<void>();
    }
    Answer<> storeRegistryCredential(const QString &, const QString &,
                                     std::shared_ptr<const SecretBytes>) override
    {
        return none<void>();
    }
    Answer<> removeRegistryCredential(const QString &, const QString &) override
    {
        return none<void>();
    }
    Answer<QStringList> registriesWithCredential(const QString &) override
    {
        return none<QStringList>();
    }
    Answer<QList<Installation>> installations(const QString &) override
    {
        return none<QList<Installation>>();
    }
    Answer<QList<InstalledRepository>> installedRepositories(const QString &) override
    {
        return none<QList<InstalledRepository>>();
    }
    Answer<QList<ConnectionCheck>> testConnection(const QString &) override
    {
        return none<QList<ConnectionCheck>>();
    }
    Answer<> askForProposals(const QString &) override { return none<void>(); }
    Answer<JobsPage> jobs(const JobFilter &) override { return none<JobsPage>(); }
    Answer<Job> job(const QString &) override { return none<Job>(); }
    Answer<QByteArray> jobLog(const QString &) override { return none<QByteArray>(); }
    Answer<qint64> exportJobs(const JobFilter &, const QString &) override
    {
        return none<qint64>();
    }
    Answer<qint64> exportUpdates(const QList<PendingRow> &, const QString &) override
    {
        return none<qint64>();
    }
    Answer<> saveReport(const QString &, const ReportSpan &, const QString &) override
    {
        return none<void>();
    }
    Answer<QList<AuditEntry>> audit(const AuditFilter &) override
    {
        return none<QList<AuditEntry>>();
    }
    Answer<AuditVerdict> verifyAudit() override { return none<AuditVerdict>(); }
    Answer<> exportAudit(const AuditFilter &, const QString &) override { return none<void>(); }

private:
    template <typename T> static Answer<T> none()
    {
        QPromise<Result<T>> promise;
        promise.start();
        promise.addResult(fail(ErrorCode::NotFound, QStringLiteral("not here")));
        promise.finish();
        return promise.future();
    }
};

/// The longest turn of the event loop until nothing more comes, at least for \a milliseconds.
template <typename Between> double longestTurn(int milliseconds, Between &&between)
{
    double worst = 0;
    QElapsedTimer total, turn;
    total.start();
    while (total.elapsed() < milliseconds) {
        between();
        turn.restart();
        QCoreApplication::processEvents(QEventLoop::AllEvents, 1);
        worst = std::max(worst, double(turn.nsecsElapsed()) / 1e6);
    }
    return worst;
}

/// Scans everything on one page of the window; what the call and the turns after it took.
std::pair<double, double> scanEverything(const Place &place)
{
    IdleJobs jobs;
    MuchWorkspace workspace;
    MainWindow window(&jobs, &workspace);
    window.resize(1440, 900);
    window.show();
    window.go(place);
    (void)longestTurn(500, [] { });
    QElapsedTimer clock;
    clock.start();
    window.services().board->scanAll({});
    const double call = double(clock.nsecsElapsed()) / 1e6;
    // Jobs run and end meanwhile, two hundred a second.
    qsizetype ended = 0;
    QElapsedTimer pace;
    pace.start();
    const double later = longestTurn(4'000, [&] {
        if (ended >= jobs.started.size() || pace.elapsed() < 5 * ended)
            return;
        Job job;
        job.request = jobs.started[ended++];
        job.created = QDateTime::currentDateTimeUtc();
        for (const PhaseKind kind :
             {PhaseKind::Create, PhaseKind::Clone, PhaseKind::Analyze, PhaseKind::Destroy}) {
            Phase phase;
            phase.kind = kind;
            phase.state = PhaseState::Succeeded;
            phase.started = phase.ended = job.created;
            job.phases << phase;
        }
        job.outcome = Outcome::Succeeded;
        QMetaObject::invokeMethod(
            &jobs,
            [&jobs, job] {
                emit jobs.jobChanged(job);
                emit jobs.jobFinished(job);
            },
            Qt::QueuedConnection);
    });
    if (jobs.started.size() != MuchWorkspace::clientCount * MuchWorkspace::repositoryCount)
        qFatal("%d scans were started", int(jobs.started.size()));
    return {call, later};
}

/// The same number of lines, one by one, into Qt's own table.
double tableOf(int rows)
{
    QTableWidget table(0, 8);
    table.resize(1200, 800);
    table.show();
    QCoreApplication::processEvents();
    QElapsedTimer clock;
    clock.start();
    for (int row = 0; row < rows; ++row) {
        table.insertRow(0);
        for (int column = 0; column < 8; ++column)
            table.setItem(0, column, new QTableWidgetItem(QString::number(row)));
    }
    QCoreApplication::processEvents();
    return double(clock.nsecsElapsed()) / 1e6;
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
    bool calm = ours.worst <= 16;
    const double table = tableOf(MuchWorkspace::clientCount * MuchWorkspace::repositoryCount);
    for (const auto &[name, place] :
         {std::pair("Overview", Place{}),
          {"Jobs", Place{Place::Page::Jobs, {}}},
          {"a client", Place{Place::Page::Client, QStringLiteral("client-7")}}}) {
        const auto [call, later] = scanEverything(place);
        bench::report(qPrintable(QStringLiteral("scan all, shown: %1, the call").arg(name)), call,
                      "QTableWidget, rows one by one", table);
        std::printf("  longest turn after it: %.1f ms\n", later);
        calm = calm && call <= 16 && later <= 16;
    }
    return calm ? 0 : 1;
}
