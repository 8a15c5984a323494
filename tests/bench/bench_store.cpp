// The store at the size of a large agency: 500 clients, 5,000 repositories, 1,000,000 jobs. Each
// figure stands beside the same question asked of the same file in the plain way that a first
// version would have used, in the same run.
//
//   bench_store [JOBS PER REPOSITORY]     default 200; makes about 3 GB in the temporary folder

#include "bench/bench.h"
#include "jobs/overview.h"
#include "support/fill.h"
#include "support/memorystore.h"
#include "support/testsupport.h"

#include <QDir>

using namespace ovvoc;
using namespace ovvoc::test;

namespace {

[[noreturn]] void die(const Error &error)
{
    std::fprintf(stderr, "bench_store: %s\n", qPrintable(error.message));
    std::exit(1);
}

template <typename T> T take(Result<T> result)
{
    if (!result)
        die(result.error());
    return std::move(*result);
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    Fill wish;
    wish.clients = 500;
    wish.repositories = 10;
    wish.jobs = argc > 1 ? std::max(1, QByteArray(argv[1]).toInt()) : 200;
    wish.audit = false;
    QTemporaryDir folder;
    qputenv("OVVOC_WORKSPACE", folder.path().toLocal8Bit());
    const WorkspaceFolder place = take(WorkspaceFolder::open());
    const auto store = std::make_shared<MemoryStore>();
    QElapsedTimer clock;
    clock.start();
    {
        const auto workspace = take(await(Workspace::open(place, store)));
        JobArchive archive(workspace);
        if (const auto filled = fill(workspace, archive, wish); !filled)
            die(filled.error());
    }
    qint64 bytes = 0;
    for (const QFileInfo &file : QDir(folder.path()).entryInfoList(QDir::Files))
        bytes += file.size();
    std::printf("%d clients, %d repositories, %d jobs written in %.0f s, %.2f GB\n", wish.clients,
                wish.clients * wish.repositories, wish.clients * wish.repositories * wish.jobs,
                double(clock.elapsed()) / 1000, double(bytes) / 1e9);

    std::shared_ptr<Workspace> workspace;
    const double open =
        bench::median(5, [&] { workspace = take(await(Workspace::open(place, store))); });
    JobArchive archive(workspace);
    const double count = bench::median(
        5, [&] { take(workspace->database().value(QStringLiteral("SELECT count(*) FROM job"))); });
    bench::report("open the workspace", open, "count its jobs", count);

    const QList<Client> clients = take(workspace->clients());
    const Client client = clients[clients.size() / 2];
    JobFilter first;
    const double firstPage = bench::median(21, [&] { take(archive.page(first)); });
    const double sorted = bench::median(3, [&] {
        take(workspace->database().rows(
            QStringLiteral("SELECT id FROM job ORDER BY +created DESC, id DESC LIMIT 100")));
    });
    bench::report("first page of all jobs", firstPage, "sort without the index", sorted);

    // The last page, as one gets there by scrolling, against an OFFSET to the same rows.
    JobFilter deep;
    deep.after = take(archive.page({})).last();
    deep.after->created = QDateTime::currentDateTimeUtc().addDays(-wish.jobs / 2);
    const double deepPage = bench::median(21, [&] { take(archive.page(deep)); });
    const qint64 total =
        take(workspace->database().value(QStringLiteral("SELECT count(*) FROM job"))).toLongLong();
    const double offset = bench::median(5, [&] {
        take(workspace->database().rows(
            QStringLiteral("SELECT id FROM job ORDER BY created DESC, id DESC LIMIT 100 OFFSET ?"),
            {total / 2}));
    });
    bench::report("a page in the middle", deepPage, "OFFSET to the middle", offset);

    JobFilter one;
    one.clientId = client.id;
    const double clientPage = bench::median(21, [&] { take(archive.page(one)); });
    const double clientScan = bench::median(3, [&] {
        take(workspace->database().rows(
            QStringLiteral("SELECT id FROM job WHERE +client = ? ORDER BY +created DESC LIMIT 100"),
            {client.id}));
    });
    bench::report("first page of one client", clientPage, "filter without the index", clientScan);

    JobFilter word;
    word.word = QStringLiteral("fastify");
    const double search = bench::median(11, [&] { take(archive.page(word)); });
    // What a search without the keyed hashes would do: open records one by one.
    const QList<JobRow> some = take(archive.page({}));
    const double unseal = bench::median(3,
                                        [&] {
                                            for (const JobRow &row : some)
                                                take(archive.load(row.id));
                                        })
        * double(total) / double(some.size());
    bench::report("search a package in all jobs", search, "open every record (extrapolated)",
                  unseal);

    Overviews overviews(workspace, std::make_shared<JobArchive>(workspace));
    const double dashboard = bench::median(11, [&] { take(overviews.compute(client)); });
    const QDateTime since = QDateTime::currentDateTimeUtc().addDays(-30);
    const double dayScan = bench::median(3, [&] {
        take(workspace->database().rows(
            QStringLiteral("SELECT created / 86400000, sum(outcome = 'succeeded') FROM job WHERE "
                           "+client = ? AND +created >= ? GROUP BY 1"),
            {client.id, since.toMSecsSinceEpoch()}));
    });
    bench::report("a client's whole dashboard", dashboard, "its 30 days without the index",
                  dayScan);
    const double all = bench::median(1, [&] {
        for (const Client &each : clients)
            take(overviews.compute(each));
    });
    bench::report("every client's dashboard", all, "one dashboard x 500", dashboard * 500);
    return 0;
}
