#include "cell/hardening.h"

#include "base/ids.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QRandomGenerator>
#include <QRegularExpression>
#include <QSet>
#include <QSysInfo>
#include <algorithm>

namespace ovvoc {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("Evidence", text);
}

Evidence check(const char *control, QString asked, QString found, bool holds)
{
    return {tr(control), std::move(asked), std::move(found),
            holds ? Verdict::Holds : Verdict::Differs};
}

QString userOf(const CellSpec &spec)
{
    return QStringLiteral("%1:%1").arg(spec.user);
}

QString mib(qint64 bytes)
{
    return QStringLiteral("%1 MiB").arg(bytes >> 20);
}

QString workOptions(const CellSpec &spec)
{
    return QStringLiteral("rw,exec,nosuid,nodev,size=%1,mode=1777").arg(spec.limits.workBytes);
}

QString tmpOptions(const CellSpec &spec)
{
    return QStringLiteral("rw,exec,nosuid,nodev,size=%1,mode=1777").arg(spec.limits.tmpBytes);
}

QStringList strings(const QJsonValue &value)
{
    QStringList list;
    for (const auto &item : value.toArray())
        list << item.toString();
    return list;
}

QString orNone(const QStringList &list)
{
    return list.isEmpty() ? tr("none") : list.join(QStringLiteral(", "));
}

bool isEmptyList(const QJsonValue &value)
{
    return value.isNull() || value.isUndefined() || value.toArray().isEmpty();
}

/// Podman reports the capabilities it dropped one by one; Docker reports the word it was given.
bool dropsAll(const QJsonObject &host)
{
    const QStringList dropped = strings(host["CapDrop"]);
    return dropped.contains(QLatin1String("ALL"), Qt::CaseInsensitive) || dropped.size() >= 10;
}

constexpr qint64 processLimitOfId = 32'768;

qint64 ulimit(const QJsonObject &host, const QString &name)
{
    for (const auto &item : host["Ulimits"].toArray()) {
        const QJsonObject limit = item.toObject();
        // Podman says RLIMIT_NOFILE where Docker says nofile.
        if (limit["Name"].toString().toLower().endsWith(name))
            return limit["Hard"].toInteger(-1);
    }
    return -1;
}

} // namespace

QString toString(Verdict verdict)
{
    switch (verdict) {
    case Verdict::Holds:
        return QStringLiteral("holds");
    case Verdict::Differs:
        return QStringLiteral("differs");
    case Verdict::NotHere:
        return QStringLiteral("not-here");
    }
    return {};
}

quint32 cellUser(bool mapped)
{
    return (mapped ? mappedUsers : highUsers) + QRandomGenerator::system()->bounded(usersOfARange);
}

QHash<QString, QString> cellLabels(const QString &workspaceId, const QString &clientId,
                                   const QString &jobId, int lifetimeSeconds)
{
    const QDateTime now = QDateTime::currentDateTimeUtc();
    return {
        {"dev.ovvoc.workspace", workspaceId},
        {"dev.ovvoc.client", clientId},
        {"dev.ovvoc.job", jobId},
        {"dev.ovvoc.host", QSysInfo::machineHostName()},
        {"dev.ovvoc.process", processIdentity()},
        {"dev.ovvoc.created", now.toString(Qt::ISODate)},
        {"dev.ovvoc.deadline", now.addSecs(lifetimeSeconds).toString(Qt::ISODate)},
    };
}

QJsonObject containerBody(const CellSpec &spec)
{
    const CellLimits &limits = spec.limits;
    const auto limit = [](const char *name, qint64 value) {
        return QJsonObject{{"Name", name}, {"Soft", value}, {"Hard", value}};
    };
    QJsonObject host{
        {"NetworkMode", "none"},
        {"ReadonlyRootfs", true},
        {"Privileged", false},
        {"CapDrop", QJsonArray{"ALL"}},
        {"SecurityOpt", QJsonArray{"no-new-privileges"}},
        {"PidMode", ""},
        {"IpcMode", "private"},
        {"UTSMode", ""},
        {"CgroupnsMode", "private"},
        {"Memory", limits.memoryBytes},
        {"MemorySwap", limits.memoryBytes},
        {"NanoCpus", qint64(limits.cpus * 1e9)},
        {"PidsLimit", limits.processes},
        // Processes are limited by the cgroup: RLIMIT_NPROC counts all that share the id, wherever
        // they run. It is far above that limit, and given only because Podman would set one of its
        // own that it may not be allowed to.
        {"Ulimits",
         QJsonArray{limit("nofile", limits.openFiles), limit("core", 0),
                    limit("nproc", processLimitOfId)}},
        // Podman lays writable file systems over /run and /var/tmp of a read-only root unless
        // something is there already.
        {"Tmpfs",
         QJsonObject{{"/work", workOptions(spec)},
                     {"/tmp", tmpOptions(spec)},
                     // Node looks into this folder for whatever a program in /work does not have:
                     // a mount that is there already can be neither filled nor replaced.
                     {"/work/node_modules", "ro,noexec,nosuid,nodev,size=4096"},
                     {"/run", "ro,noexec,nosuid,nodev,size=4096"},
                     {"/var/tmp", "ro,noexec,nosuid,nodev,size=4096"}}},
        {"LogConfig", QJsonObject{{"Type", "none"}}},
        {"RestartPolicy", QJsonObject{{"Name", "no"}}},
        {"AutoRemove", true},
    };
    // ::1, which programs expect of any machine, is off where the engine gives no network. A kernel
    // without IPv6 has no such setting.
    if (QFile::exists(QStringLiteral("/proc/sys/net/ipv6/conf")))
        host["Sysctls"] = QJsonObject{{"net.ipv6.conf.lo.disable_ipv6", "0"}};
    if (!spec.runtime.isEmpty())
        host["Runtime"] = spec.runtime;
    QJsonObject labels;
    for (auto it = spec.labels.begin(); it != spec.labels.end(); ++it)
        labels[it.key()] = it.value();
    return {
        {"Image", spec.image},
        {"User", userOf(spec)},
        {"Hostname", "localhost"}, // resolves without any network's help
        {"WorkingDir", "/work"},
        {"Entrypoint", QJsonArray{"/usr/local/bin/cell-init"}},
        {"Cmd", QJsonArray{"run", "--deadline", QString::number(limits.lifetimeSeconds)}},
        {"Tty", false},
        {"OpenStdin", true},
        {"StdinOnce", true},
        {"AttachStdin", true},
        {"AttachStdout", true},
        {"AttachStderr", true},
        {"Healthcheck", QJsonObject{{"Test", QJsonArray{"NONE"}}}},
        {"Labels", labels},
        {"HostConfig", host},
    };
}

QList<Evidence> evidenceFromInspect(const CellSpec &spec, const QJsonObject &inspected,
                                    const EngineTraits &engine)
{
    const QJsonObject host = inspected["HostConfig"].toObject();
    const QJsonObject config = inspected["Config"].toObject();
    const CellLimits &limits = spec.limits;
    QList<Evidence> list;

    const QString image = inspected["Image"].toString();
    const QString imageId = image.startsWith(QLatin1String("sha256:")) ? image : "sha256:" + image;
    list << check("Image", spec.image, imageId, imageId == spec.image);
    const QString runtime = host["Runtime"].toString();
    const QString ociRuntime = inspected["OCIRuntime"].toString(); // Podman's name for it
    list << check("Runtime", spec.runtime.isEmpty() ? tr("the engine's default") : spec.runtime,
                  ociRuntime.isEmpty() ? runtime : ociRuntime,
                  spec.runtime.isEmpty() || runtime == spec.runtime || ociRuntime == spec.runtime);

    const QString network = host["NetworkMode"].toString();
    const QStringList networks =
        inspected["NetworkSettings"].toObject()["Networks"].toObject().keys();
    list << check("Network", QStringLiteral("none"), network,
                  network == QLatin1String("none")
                      && std::all_of(networks.begin(), networks.end(),
                                     [](const QString &n) { return n == QLatin1String("none"); }));
    list << check("Published ports", tr("none"), orNone(host["PortBindings"].toObject().keys()),
                  host["PortBindings"].toObject().isEmpty());
    list << check("Root filesystem", tr("read-only"),
                  host["ReadonlyRootfs"].toBool() ? tr("read-only") : tr("writable"),
                  host["ReadonlyRootfs"].toBool());
    list << check("Privileged", tr("no"), host["Privileged"].toBool() ? tr("yes") : tr("no"),
                  !host["Privileged"].toBool(true));
    list << check("Capabilities", tr("all dropped"),
                  dropsAll(host) ? tr("all dropped") : orNone(strings(host["CapDrop"])),
                  dropsAll(host) && isEmptyList(host["CapAdd"]));
    const QStringList options = strings(host["SecurityOpt"]);
    list << check("New privileges", tr("forbidden"), orNone(options),
                  std::any_of(options.begin(), options.end(), [](const QString &o) {
                      return o.startsWith(QLatin1String("no-new-privileges"))
                          && !o.endsWith(QLatin1String("false"));
                  }));
    const bool unconfined = std::any_of(options.begin(), options.end(), [](const QString &o) {
        return o.contains(QLatin1String("unconfined"));
    });
    list << check("Seccomp profile", tr("the engine's default"),
                  unconfined           ? tr("unconfined")
                      : engine.seccomp ? tr("the engine's default")
                                       : tr("the engine has none"),
                  !unconfined && engine.seccomp);
    const QString apparmor = inspected["AppArmorProfile"].toString();
    list << Evidence{tr("AppArmor profile"), tr("the engine's, where there is one"),
                     apparmor.isEmpty() ? tr("not on this machine") : apparmor,
                     apparmor.isEmpty()                            ? Verdict::NotHere
                         : apparmor == QLatin1String("unconfined") ? Verdict::Differs
                                                                   : Verdict::Holds};
    list << check("User", userOf(spec), config["User"].toString(),
                  config["User"].toString() == userOf(spec) && spec.user >= mappedUsers);
    const auto isPrivate = [](const QString &mode) {
        // "shareable" is Podman's word for its own private one, which another container that the
        // same user starts could be told to join.
        return mode.isEmpty() || mode == QLatin1String("private")
            || mode == QLatin1String("shareable");
    };
    const struct
    {
        const char *control;
        QString found;
    } namespaces[] = {
        {"PID namespace", host["PidMode"].toString()},
        {"IPC namespace", host["IpcMode"].toString()},
        {"UTS namespace", host["UTSMode"].toString()},
        {"Cgroup namespace", host["CgroupnsMode"].toString(host["CgroupMode"].toString())},
    };
    for (const auto &item : namespaces)
        list << check(item.control, tr("private"),
                      item.found.isEmpty() ? tr("private") : item.found, isPrivate(item.found));
    const qint64 memory = host["Memory"].toInteger();
    list << check("Memory", mib(limits.memoryBytes), mib(memory), memory == limits.memoryBytes);
    const qint64 swap = host["MemorySwap"].toInteger();
    list << check("Swap", tr("none"), swap == memory ? tr("none") : mib(swap - memory),
                  swap == memory && memory > 0);
    const double cpus = host["NanoCpus"].toDouble() > 0
        ? host["NanoCpus"].toDouble() / 1e9
        : host["CpuQuota"].toDouble() / std::max(1.0, host["CpuPeriod"].toDouble());
    list << check("CPUs", QString::number(limits.cpus), QString::number(cpus),
                  std::abs(cpus - limits.cpus) < 0.01);
    list << check("Processes", QString::number(limits.processes),
                  QString::number(host["PidsLimit"].toInt()),
                  host["PidsLimit"].toInt() == limits.processes);
    const qint64 files = ulimit(host, QStringLiteral("nofile"));
    list << check("Open files", QString::number(limits.openFiles), QString::number(files),
                  files == limits.openFiles);
    const qint64 core = ulimit(host, QStringLiteral("core"));
    list << check("Core dumps", tr("none"), core == 0 ? tr("none") : QString::number(core),
                  core == 0);

    const QStringList binds = strings(host["Binds"]);
    QStringList mounted;
    for (const auto &item : inspected["Mounts"].toArray()) {
        const QJsonObject mount = item.toObject();
        if (mount["Type"].toString() != QLatin1String("tmpfs"))
            mounted << mount["Destination"].toString();
    }
    list << check("Bind mounts and volumes", tr("none"), orNone(binds + mounted),
                  binds.isEmpty() && mounted.isEmpty());
    const QStringList volumesFrom = strings(host["VolumesFrom"]);
    list << check("Devices", tr("none"), isEmptyList(host["Devices"]) ? tr("none") : tr("some"),
                  isEmptyList(host["Devices"]) && isEmptyList(host["DeviceRequests"])
                      && volumesFrom.isEmpty());
    const QString driver = host["LogConfig"].toObject()["Type"].toString();
    list << check("Log driver", QStringLiteral("none"), driver, driver == QLatin1String("none"));
    const QString restart = host["RestartPolicy"].toObject()["Name"].toString();
    list << check("Restart", tr("never"), restart.isEmpty() ? tr("never") : restart,
                  restart.isEmpty() || restart == QLatin1String("no"));
    list << check("Removed at exit", tr("yes"), host["AutoRemove"].toBool() ? tr("yes") : tr("no"),
                  host["AutoRemove"].toBool());
    const bool once = config["StdinOnce"].toBool();
    if (engine.podman && !once && config["OpenStdin"].toBool())
        // It does so (the tests kill the program and look), but reports "false" whatever was asked.
        list << Evidence{tr("Input ends with the program"), tr("yes"), tr("Podman does not say"),
                         Verdict::NotHere};
    else
        list << check("Input ends with the program", tr("yes"), once ? tr("yes") : tr("no"),
                      once && config["OpenStdin"].toBool());
    return list;
}

namespace {

/// What works on a repository while the gate is open is bound to write only where it must; see
/// cell/init/landlock.h.
Evidence landlockEvidence(int version)
{
    constexpr int usable = 2;
    return {tr("Writes of package managers"),
            tr("only the repository and their own stores (Landlock)"),
            version >= usable ? tr("Landlock %1").arg(version)
                              : tr("this kernel has none; what lies beside is compared instead"),
            version >= usable ? Verdict::Holds : Verdict::NotHere};
}

Evidence capabilityEvidence(const QJsonObject &probe)
{
    QStringList held;
    for (const char *name : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"}) {
        const QString value = probe[name].toString();
        bool valid = false;
        // A field that the kernel does not report (gVisor has no CapAmb) cannot grant anything.
        if (!value.isEmpty() && (value.toULongLong(&valid, 16) != 0 || !valid))
            held << QString::fromLatin1(name) + '=' + value;
    }
    const bool reported = !probe["CapEff"].toString().isEmpty();
    return check("Capabilities inside", tr("none"), reported ? orNone(held) : tr("not reported"),
                 reported && held.isEmpty());
}

QList<Evidence> mountEvidence(const QJsonObject &probe)
{
    QList<Evidence> list;
    QStringList writable;
    QString work = tr("missing"), tmp = tr("missing"), root = tr("missing"), above = tr("missing");
    for (const auto &item : probe["mounts"].toArray()) {
        const QJsonObject mount = item.toObject();
        const QString path = mount["path"].toString();
        const QString type = mount["type"].toString();
        const QStringList options = mount["options"].toString().split(',');
        if (path == QLatin1String("/"))
            root = options.value(0);
        if (path == QLatin1String("/work"))
            work = mount["options"].toString();
        else if (path == QLatin1String("/tmp"))
            tmp = mount["options"].toString();
        else if (path == QLatin1String("/work/node_modules"))
            above = options.value(0);
        // Engines mount these from their own state, read-write, into every container; the root
        // user owns them and the write attempts below show that they cannot be written.
        static const QSet<QString> engineFiles{"/etc/hosts", "/etc/hostname", "/etc/resolv.conf",
                                               "/run/.containerenv", "/run/secrets"};
        static const QSet<QString> kernelTypes{"proc",    "sysfs",  "tmpfs",   "devpts",
                                               "mqueue",  "cgroup", "cgroup2", "devtmpfs",
                                               "overlay", "9p",     "gofer"};
        if (options.contains(QLatin1String("rw")) && !kernelTypes.contains(type)
            && !engineFiles.contains(path))
            writable << path;
    }
    const auto has = [](const QString &options, std::initializer_list<const char *> wanted) {
        const QStringList all = options.split(',');
        return std::all_of(wanted.begin(), wanted.end(),
                           [&](const char *w) { return all.contains(QLatin1String(w)); });
    };
    list << check("Root mount inside", QStringLiteral("ro"), root, root == QLatin1String("ro"));
    list << check("/work inside", QStringLiteral("tmpfs nosuid nodev"), work.left(120),
                  has(work, {"nosuid", "nodev"}) || has(work, {"rw", "mode=1777"}));
    list << check("/tmp inside", QStringLiteral("tmpfs nosuid nodev"), tmp.left(120),
                  has(tmp, {"nosuid", "nodev"}) || has(tmp, {"rw", "mode=1777"}));
    list << check("Packages above the repository", QStringLiteral("ro"), above,
                  above == QLatin1String("ro"));
    list << check("Writable host file systems", tr("none"), orNone(writable), writable.isEmpty());
    return list;
}

/// The limits that the kernel holds the cell to, as the cell itself can read them.
QList<Evidence> limitEvidence(const CellSpec &spec, const QJsonObject &probe, bool gVisor)
{
    QList<Evidence> list;
    const auto compare = [&](const char *control, const char *key, qint64 asked, auto &&written) {
        bool number = false;
        const qint64 found = probe[key].toString().toLongLong(&number);
        if (number)
            list << check(control, written(asked), written(found), found <= asked);
        else
            list << Evidence{tr(control), written(asked), tr("the cell cannot read it"),
                             Verdict::NotHere};
    };
    if (gVisor) {
        // gVisor shows the machine's memory when it was registered with --ignore-cgroups.
        static const QRegularExpression digits(QStringLiteral("(\\d+) kB"));
        const qint64 total =
            digits.match(probe["memoryTotal"].toString()).captured(1).toLongLong() * 1024;
        const bool limited = total > 0 && total <= spec.limits.memoryBytes;
        list << Evidence{tr("Memory inside"), mib(spec.limits.memoryBytes),
                         limited
                             ? mib(total)
                             : tr("%1: this gVisor ignores the engine's limits").arg(mib(total)),
                         limited ? Verdict::Holds : Verdict::NotHere};
        return list;
    }
    compare("Memory inside", "memoryMax", spec.limits.memoryBytes, mib);
    compare("Processes of the cell", "pidsMax", spec.limits.processes,
            [](qint64 count) { return QString::number(count); });
    return list;
}

} // namespace

QList<Evidence> evidenceFromProbe(const CellSpec &spec, const QByteArray &probeJson)
{
    const QJsonObject probe = QJsonDocument::fromJson(probeJson).object();
    if (probe.isEmpty())
        return {check("Probe", tr("an answer"), tr("none"), false)};
    const bool gVisor = spec.runtime.contains(QLatin1String("runsc"));
    QList<Evidence> list;
    const qint64 uid = probe["uid"].toInteger(-1);
    const qint64 gid = probe["gid"].toInteger(-1);
    list << check("User inside", userOf(spec), QString::number(uid) + ':' + QString::number(gid),
                  uid == qint64(spec.user) && gid == qint64(spec.user));
    list << check("Process 1", QStringLiteral("cell-init"), probe["process1"].toString(),
                  probe["process1"].toString() == QLatin1String("cell-init"));
    list << capabilityEvidence(probe);
    const QString noNewPrivs = probe["NoNewPrivs"].toString();
    const QString seccomp = probe["Seccomp"].toString();
    if (gVisor) {
        // gVisor's own kernel serves every system call and confines itself with seccomp outside.
        list << Evidence{tr("NoNewPrivs inside"), QStringLiteral("1"),
                         noNewPrivs == QLatin1String("1") ? noNewPrivs : tr("gVisor's own kernel"),
                         noNewPrivs == QLatin1String("1") ? Verdict::Holds : Verdict::NotHere};
        list << Evidence{tr("Seccomp mode inside"), QStringLiteral("2"), tr("gVisor's own kernel"),
                         Verdict::NotHere};
    } else {
        list << check("NoNewPrivs inside", QStringLiteral("1"), noNewPrivs,
                      noNewPrivs == QLatin1String("1"));
        list << check("Seccomp mode inside", QStringLiteral("2"), seccomp,
                      seccomp == QLatin1String("2"));
    }
    list << landlockEvidence(probe["landlock"].toInt());
    QStringList interfaces = strings(probe["interfaces"]);
    list << check("Interfaces", QStringLiteral("lo"), orNone(interfaces),
                  interfaces == QStringList{"lo"});
    list << mountEvidence(probe);
    QStringList devices = strings(probe["devices"]);
    static const QSet<QString> harmless{"null", "zero",    "full",  "random", "urandom", "tty",
                                        "ptmx", "console", "stdin", "stdout", "stderr",  "net"};
    devices.removeIf([gVisor](const QString &name) {
        // gVisor's own, without the host's behind it.
        return harmless.contains(name) || (gVisor && name == QLatin1String("fuse"));
    });
    list << check("Devices inside", tr("the harmless ones"),
                  devices.isEmpty() ? tr("the harmless ones") : orNone(devices), devices.isEmpty());
    const QStringList sockets = strings(probe["engineSockets"]);
    list << check("Engine socket inside", tr("none"), orNone(sockets), sockets.isEmpty());
    const auto limitHolds = [&probe](const char *name, int limit) {
        bool number = false;
        const qint64 found = probe[name].toString().toLongLong(&number);
        return number && found <= limit;
    };
    list << check("Open files inside", QString::number(spec.limits.openFiles),
                  probe["limitFiles"].toString(), limitHolds("limitFiles", spec.limits.openFiles));
    list << limitEvidence(spec, probe, gVisor);

    const QJsonArray writes = probe["writes"].toArray();
    for (const auto &item : writes) {
        const QJsonObject write = item.toObject();
        const QString path = write["path"].toString();
        const bool allowed = path == QLatin1String("/work") || path == QLatin1String("/tmp");
        const QString result = write["result"].toString();
        const bool worked = result == QLatin1String("ok");
        list << Evidence{tr("Write to %1").arg(path), allowed ? tr("works") : tr("refused"), result,
                         worked == allowed && !result.isEmpty() ? Verdict::Holds
                                                                : Verdict::Differs};
    }
    const QJsonArray connects = probe["connects"].toArray();
    for (const auto &item : connects) {
        const QJsonObject connect = item.toObject();
        const QString result = connect["result"].toString();
        static const QSet<QString> unreachable{"ENETUNREACH",  "EHOSTUNREACH", "EADDRNOTAVAIL",
                                               "EAFNOSUPPORT", "EPERM",        "EACCES"};
        list << Evidence{
            tr("Connect to %1 (%2)").arg(connect["what"].toString(), connect["target"].toString()),
            tr("unreachable"), result,
            unreachable.contains(result) ? Verdict::Holds : Verdict::Differs};
    }
    const QJsonArray refusals = probe["refusals"].toArray();
    QStringList passed;
    for (const auto &item : refusals) {
        static const QSet<QString> no{"EPERM", "ENOSYS", "EAFNOSUPPORT", "EACCES"};
        const QJsonObject one = item.toObject();
        if (!no.contains(one["result"].toString()))
            passed << one["what"].toString() + " (" + one["result"].toString() + ')';
    }
    list << check("Sockets and calls that a build never needs", tr("refused by our own filter"),
                  passed.isEmpty() && refusals.size() >= 15
                      ? tr("%1 tried, all refused").arg(refusals.size())
                      : orNone(passed),
                  passed.isEmpty() && refusals.size() >= 15);
    if (writes.size() < 10 || connects.size() < 4)
        list << check("Attempts", tr("all made"), tr("some are missing"), false);
    return list;
}

} // namespace ovvoc
