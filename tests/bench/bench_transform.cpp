// What kept packages save: Transform of the same update (survey, install of some 400 packages) with
// an empty store and with a full one. The documents are asked for both times.

#include "bench/bench.h"
#include "forge/local/localforge.h"
#include "jobs/jobrunner.h"
#include "support/testsupport.h"

#include <QCoreApplication>

using namespace ovvoc;
using namespace ovvoc::bench;
using namespace ovvoc::test;

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    auto bench = JobBench::make();
    if (!bench) {
        std::fprintf(stderr, "%s\n", qPrintable(bench.error().message));
        return 1;
    }
    Repository repository;
    repository.write("package.json", R"({
  "name": "bench",
  "version": "1.0.0",
  "scripts": {
    "test": "node --test"
  },
  "dependencies": {
    "ms": "2.1.2"
  },
  "devDependencies": {
    "eslint": "8.57.0",
    "jest": "29.7.0",
    "typescript": "5.4.5",
    "webpack": "5.91.0"
  }
}
)");
    repository.write("one.test.js", "require('node:test').test('one', () => require('ms'));\n");
    repository.commit();
    QTemporaryDir folder;
    JobServices services = (*bench)->services;
    JobRequest request = (*bench)->request(repository);
    request.selection = *parseSelection("ms");
    request.limits.memoryBytes = Q_INT64_C(3) << 30;
    request.limits.workBytes = Q_INT64_C(2) << 30;
    const auto transform = [&](const QString &packages) {
        services.packagesFolder = packages;
        JobRequest one = request;
        one.id.clear();
        one.kind = JobKind::Check;
        JobRunner runner(one, localForges((*bench)->workspace)(one), services);
        const Job job = await(runner.run());
        const Phase *phase = job.phase(PhaseKind::Transform);
        if (phase->state != PhaseState::Succeeded)
            std::fprintf(stderr, "%s\n", qPrintable(job.summary));
        return double(phase->milliseconds());
    };
    std::vector<double> empty, full;
    const QString kept = folder.path() + "/kept";
    (void)transform(kept); // fills it
    for (int round = 0; round < 3; ++round) {
        empty.push_back(transform(QString()));
        full.push_back(transform(kept));
    }
    std::sort(empty.begin(), empty.end());
    std::sort(full.begin(), full.end());
    report("Transform with the packages that are kept", full[1], "with none kept", empty[1]);
}
