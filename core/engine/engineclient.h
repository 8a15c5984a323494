#pragma once

#include "base/stopper.h"

#include "engine/endpoint.h"
#include "engine/http.h"

#include <QDateTime>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QStringList>
#include <functional>
#include <memory>

namespace ovvoc {

/// What the engine says about itself.
struct EngineInfo
{
    QString name; ///< "Docker" or "Podman"
    QString version;
    QString apiVersion; ///< the one that was negotiated
    QString source; ///< how its socket was found
    QString socketPath;
    QString operatingSystem;
    QString rootFolder; ///< where it keeps images and containers
    QStringList runtimes;
    QStringList securityOptions; ///< "seccomp", "apparmor", "rootless", ...
    QString defaultRuntime;
    QString cgroupVersion;
    int cpus = 0;
    qint64 memoryBytes = 0;
    bool rootless() const { return securityOptions.contains(QLatin1String("rootless")); }
    bool isPodman() const { return name == QLatin1String("Podman"); }
    bool operator==(const EngineInfo &) const = default;
};

/// What a container has used so far.
struct CellUse
{
    QDateTime time;
    qint64 cpuNanoseconds = 0;
    qint64 memoryBytes = 0; ///< without inactive file cache, as `docker stats` shows it
    qint64 memoryLimit = 0;
};
/// Reads an answer of containerStats(): ContainerStatsResponse of the Engine API.
CellUse cellUse(const QJsonObject &stats);

/// State of an exec call.
struct ExecState
{
    bool running = false;
    int exitCode = -1;
};

/// An image as the engine has it.
struct ImageInfo
{
    QString id; ///< "sha256:…", the digest of its configuration: names exactly this image
    QStringList repoDigests;
    QHash<QString, QString> labels;
    qint64 size = 0;
};

/// One event of the engine, https://docs.docker.com/reference/api/engine/ (SystemEvents).
struct EngineEvent
{
    QString type; ///< "container", "image", ...
    QString action; ///< "start", "oom", "die", "destroy", ...
    QString id;
    QHash<QString, QString> attributes;
};

/// A client of the Docker Engine API 1.40 or later, as Docker (20.10 on) and Podman (4.3 on) serve
/// it. Every call opens its own connection, so calls do not wait for each other.
/// Lives on the core thread; shared by everything that uses the engine.
///
/// Errors of every call: NoEngine, EnginePermission, EngineLost, Timeout, DiskFull, NotFound,
/// Conflict, EngineRefused (with the engine's words in detail).
class EngineClient
{
public:
    /// The Engine API version below which nothing works, and the newest one we ask for.
    static constexpr int minimumMinor = 40;
    static constexpr int maximumMinor = 51;

    /// Connects to the first of \a endpoints that answers, and negotiates the API version.
    static TaskResult<std::shared_ptr<EngineClient>> connect(QList<EngineEndpoint> endpoints);

    const EngineInfo &info() const { return m_info; }

    /// A call with a JSON (or no) body and a JSON (or no) answer. \a path starts after the version.
    TaskResult<QJsonDocument> call(QByteArray method, QByteArray path, QJsonObject body = {},
                                   int timeoutMs = 30'000);

    TaskResult<QString> createContainer(QString name, QJsonObject spec);
    TaskResult<> startContainer(QString id);
    TaskResult<QJsonObject> inspectContainer(QString id);
    /// Kills and removes the container with its anonymous volumes and waits until the engine
    /// confirms that it is gone. A container that is already gone is a success.
    TaskResult<> destroyContainer(QString id, int timeoutMs = 30'000);
    /// Containers with this label ("name" or "name=value"), running or not.
    TaskResult<QJsonArray> containersWithLabel(QString label);
    /// The attach stream (stdin, stdout, stderr, multiplexed). Open it before start.
    TaskResult<std::unique_ptr<ByteStream>> attachContainer(QString id);
    /// One sample of the container's resource use.
    TaskResult<QJsonObject> containerStats(QString id);

    TaskResult<QString> createExec(QString containerId, QJsonObject spec);
    /// Starts the exec call; its output arrives on the stream (multiplexed) until it ends.
    TaskResult<std::unique_ptr<ByteStream>> startExec(QString execId);
    TaskResult<ExecState> inspectExec(QString execId);

    /// Follows the engine's events about things with \a label and calls \a sink for each until
    /// \a sink returns false or the connection ends.
    TaskResult<> followEvents(QString label, std::function<bool(const EngineEvent &)> sink,
                              std::function<void()> subscribed);

    /// NotFound when the engine does not have it.
    TaskResult<ImageInfo> inspectImage(QString reference);
    TaskResult<> removeImage(QString reference);
    /// Pulls; \a progress gets the engine's lines ("Downloading 12 MB of 40 MB").
    /// \a stopper, when it is there, ends a pull that stalls: Cancelled.
    TaskResult<> pullImage(QString reference, std::function<void(QString)> progress,
                           std::shared_ptr<Stopper> stopper = {});
    /// Makes an image from a root file system as tar; \a changes are Dockerfile instructions.
    TaskResult<> importImage(QString reference, QStringList changes, QIODevice *tar);
    /// Unpacks a tar archive into a container that need not run.
    TaskResult<> putArchive(QString containerId, QString folder, QIODevice *tar);
    /// Makes an image from a container's file system. \a config as in ContainerConfig.
    TaskResult<> commitContainer(QString containerId, QString repository, QString tag,
                                 QJsonObject config);

private:
    explicit EngineClient(EngineEndpoint endpoint);
    TaskResult<std::unique_ptr<HttpExchange>> exchange(HttpRequest request, int timeoutMs,
                                                       std::shared_ptr<Stopper> stopper = {});
    QByteArray versioned(const QByteArray &path) const;
    /// Reads an answer of JSON lines and gives each to \a line; an "error" line ends it.
    TaskResult<> readProgress(std::unique_ptr<HttpExchange> exchange,
                              std::function<void(const QJsonObject &)> line);
    EngineEndpoint m_endpoint;
    EngineInfo m_info;
};

} // namespace ovvoc
