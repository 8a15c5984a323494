#include "cli/doctor.h"
#include "base/helpers.h"

#include "base/process.h"
#include "common/services.h"
#include "gate/packagestore.h"
#include "keychain/systemkeychain.h"

#include <QFileInfo>
#include <QStandardPaths>
#include <QStorageInfo>

namespace ovvoc {

namespace {

using State = Checkup::State;

Checkup tool(const QString &name, const QString &why, State missing)
{
    const QString path = QStandardPaths::findExecutable(name);
    if (!path.isEmpty())
        return {State::Good, name, path, {}};
    return {missing, name, QStringLiteral("not installed"),
            QStringLiteral("Install %1 (%2).").arg(name, why)};
}

/// Asks for an entry that nobody has: who says so answers.
Task<Checkup> keychain()
{
    SystemKeychain keychain(15'000);
    const auto asked = co_await keychain.read(QStringLiteral("ovvoc-doctor"));
    if (asked || asked.error().code == ErrorCode::NotFound)
        co_return Checkup{State::Good, "keychain", "answers", {}};
    co_return Checkup{State::Bad, "keychain", toString(asked.error().code), asked.error().message};
}

} // namespace

Task<QList<Checkup>> examine()
{
    QList<Checkup> list;
    list << tool("git", "serves local repositories to the cell", State::Bad);
    auto init = findHelper("cell-init");
    list << (init ? Checkup{State::Good, "cell-init", *init, {}}
                  : Checkup{State::Bad, "cell-init", "missing", init.error().message});
    auto workspace = WorkspaceFolder::open();
    list << (workspace ? Checkup{State::Good, "workspace", workspace->path, {}}
                       : Checkup{State::Bad, "workspace", "not usable", workspace.error().message});
    list << co_await keychain();
    auto engine = co_await connectEngine();
    if (!engine) {
        list << Checkup{State::Bad, "engine", toString(engine.error().code),
                        engine.error().message};
        co_return list;
    }
    const EngineInfo info = (*engine)->info();
    list << Checkup{State::Good,
                    "engine",
                    QStringLiteral("%1 %2, API %3, %4")
                        .arg(info.name, info.version, info.apiVersion, info.socketPath),
                    {}};
    list << (info.securityOptions.contains("seccomp")
                 ? Checkup{State::Good, "seccomp", "the engine's default profile", {}}
                 : Checkup{State::Bad, "seccomp", "the engine has none",
                           "Use an engine that was built with seccomp."});
    list << Checkup{State::Good, "cgroups", "version " + info.cgroupVersion, {}};
    if (info.runtimes.contains("runsc"))
        list << Checkup{State::Good, "gVisor", "runtime runsc is registered", {}};
    else
        list << Checkup{State::Note, "gVisor", "not registered",
                        "Optional: install runsc and register it with the engine for a second "
                        "wall around every cell."};
    const PackageStore::Use kept = PackageStore::useOf(PackageStore::standardFolder());
    list << Checkup{State::Good,
                    "packages",
                    QStringLiteral("%1 public packages kept, %2 MiB, in %3")
                        .arg(kept.packages)
                        .arg(kept.bytes >> 20)
                        .arg(PackageStore::standardFolder()),
                    {}};
    const QStorageInfo disk(info.rootFolder);
    if (disk.isValid() && disk.bytesAvailable() < Q_INT64_C(5) << 30)
        list << Checkup{
            State::Note, "disk",
            QStringLiteral("%1 MiB free for the engine").arg(disk.bytesAvailable() >> 20),
            "Free some space, for example with `docker system prune`."};
    if (availableMemory() < CellLimits().memoryBytes)
        list << Checkup{State::Note, "memory",
                        QStringLiteral("%1 MiB free").arg(availableMemory() >> 20),
                        "Close something, or run jobs with --memory."};
    auto definition = builtinImageDefinition("npm");
    if (definition && init) {
        ImageStore images(*engine, *init);
        auto image = co_await images.find(*definition);
        if (image) {
            list << Checkup{State::Good, "job image", image->id.left(19), {}};
        } else {
            list << Checkup{State::Note, "job image", "not prepared",
                            "`ovvoc image` prepares it; a job does it by itself."};
            list << tool("npm", "fetches what goes into the job image", State::Bad);
            list << tool("mmdebstrap", "builds the image's base where none can be pulled",
                         State::Note);
        }
    }
    co_return list;
}

} // namespace ovvoc
