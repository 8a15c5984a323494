#include "support/testsupport.h"

#include "base/helpers.h"
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QProcess>

namespace ovvoc::test {

QString runtime()
{
    return qEnvironmentVariable("OVVOC_TEST_RUNTIME");
}

bool isGVisor()
{
    return runtime().contains("runsc");
}

Result<RealEngine> RealEngine::connect()
{
    RealEngine engine;
    OVVOC_TRY(client, await(connectEngine()));
    OVVOC_TRY(cellInit, findHelper("cell-init"));
    OVVOC_TRY(definition, builtinImageDefinition("npm"));
    ImageStore images(client, cellInit);
    OVVOC_TRY(image, await(images.find(definition)));
    engine.client = client;
    engine.cellInit = cellInit;
    engine.image = image;
    return engine;
}

CellSpec smallCell(const RealEngine &engine)
{
    CellSpec spec;
    spec.image = engine.image.id;
    spec.runtime = runtime();
    spec.limits.memoryBytes = Q_INT64_C(256) << 20;
    spec.limits.workBytes = Q_INT64_C(32) << 20;
    spec.limits.tmpBytes = Q_INT64_C(16) << 20;
    spec.limits.cpus = 0.5;
    spec.limits.processes = 64;
    spec.limits.openFiles = 256;
    spec.limits.lifetimeSeconds = 300;
    spec.labels = {{"dev.ovvoc.test", QString::number(QCoreApplication::applicationPid())}};
    return spec;
}

bool exists(const RealEngine &engine, const QString &containerId)
{
    const auto inspected = await(engine.client->inspectContainer(containerId));
    return inspected || inspected.error().code != ErrorCode::NotFound;
}

qint64 millisecondsUntilGone(const RealEngine &engine, const QString &containerId, int limitMs)
{
    QElapsedTimer clock;
    clock.start();
    while (exists(engine, containerId)) {
        if (clock.elapsed() > limitMs)
            return -1;
        QTest::qWait(5);
    }
    return clock.elapsed();
}

QStringList containers(const RealEngine &engine, const QString &label)
{
    QStringList ids;
    const auto list = await(engine.client->containersWithLabel(label));
    if (!list)
        qFatal("the engine did not answer: %s", qPrintable(list.error().message));
    for (const auto &item : *list)
        ids << item.toObject()["Id"].toString();
    return ids;
}

Repository::Repository()
{
    QDir().mkpath(path());
    git({"init", "-q", "-b", "main"});
}

QByteArray Repository::read(const QString &file) const
{
    QFile one(path() + '/' + file);
    return one.open(QIODevice::ReadOnly) ? one.readAll() : QByteArray();
}

void Repository::write(const QString &file, const QByteArray &text)
{
    const QString full = path() + '/' + file;
    QDir().mkpath(QFileInfo(full).path());
    QFile out(full);
    if (!out.open(QIODevice::WriteOnly) || out.write(text) != text.size())
        qFatal("cannot write %s", qPrintable(full));
}

QByteArray Repository::git(const QStringList &arguments, int *exitCode) const
{
    QProcess process;
    process.start(
        "git",
        QStringList{"-C", path(), "-c", "user.name=Test", "-c", "user.email=test@localhost.invalid"}
            + arguments);
    if (!process.waitForFinished(60'000))
        qFatal("git did not end");
    if (exitCode)
        *exitCode = process.exitCode();
    return process.readAllStandardOutput();
}

void Repository::commit(const QString &message)
{
    git({"add", "-A", "--force"});
    git({"commit", "-q", "--allow-empty", "-m", message});
}

void Repository::writeProject(const QHash<QString, QString> &scripts)
{
    QByteArray text = "{\n  \"name\": \"small\",\n  \"version\": \"1.0.0\",\n  \"scripts\": {";
    bool first = true;
    for (auto it = scripts.begin(); it != scripts.end(); ++it) {
        QString command = it.value();
        command.replace('\\', "\\\\").replace('"', "\\\"");
        text += QByteArray(first ? "\n" : ",\n") + "    \"" + it.key().toUtf8() + "\": \""
            + command.toUtf8() + '"';
        first = false;
    }
    text += "\n  },\n  \"dependencies\": {\n    \"ms\": \"2.1.2\"\n  }\n}\n";
    write("package.json", text);
    write("package-lock.json", R"({
  "name": "small",
  "version": "1.0.0",
  "lockfileVersion": 3,
  "requires": true,
  "packages": {
    "": {
      "name": "small",
      "version": "1.0.0",
      "dependencies": {
        "ms": "2.1.2"
      }
    },
    "node_modules/ms": {
      "version": "2.1.2",
      "integrity": "sha512-sGkPx+VjMtmA6MX27oA4FBFELFCZZ4S4XqeGOXCv68tT+jb3vk/RyaKWP0PTKyWtmLSM0b+adUTEvbs1PEaH2w=="
    }
  }
}
)");
    commit();
}

Result<std::unique_ptr<JobBench>> JobBench::make()
{
    auto bench = std::make_unique<JobBench>();
    OVVOC_TRY(engine, RealEngine::connect());
    bench->engine = engine;
    qputenv("OVVOC_WORKSPACE", (bench->folder.path() + "/workspace").toLocal8Bit());
    OVVOC_TRY(workspace, WorkspaceFolder::open());
    bench->workspace = workspace;
    bench->services.engine = engine.client;
    bench->services.images = std::make_shared<ImageStore>(engine.client, engine.cellInit);
    bench->services.resolver = std::make_shared<SystemResolver>();
    bench->services.mask = bench->mask;
    bench->services.workspaceId = workspace.id;
    // Public packages are fetched once for all tests of a build, as they are in use.
    bench->services.packagesFolder = QCoreApplication::applicationDirPath() + "/../packages";
    return bench;
}

JobRequest JobBench::request(const Repository &repository, JobKind kind) const
{
    JobRequest request = localRequest(repository.path(), kind);
    request.runtime = runtime();
    request.acceptBuildOnly = true; // tests whose script counts nothing are about something else
    request.limits.memoryBytes = Q_INT64_C(1) << 30;
    request.limits.workBytes = Q_INT64_C(512) << 20;
    request.limits.tmpBytes = Q_INT64_C(128) << 20;
    return request;
}

} // namespace ovvoc::test
