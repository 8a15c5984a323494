#include "engine/endpoint.h"

#include <QCryptographicHash>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLocalSocket>
#include <unistd.h>

namespace ovvoc {

namespace {

QJsonObject readJsonObject(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    return QJsonDocument::fromJson(file.read(1024 * 1024)).object();
}

Result<QString> socketOf(const QString &host, const QString &source)
{
    if (host.startsWith(QLatin1String("unix://")))
        return host.mid(7);
    return fail(ErrorCode::InvalidInput,
                QStringLiteral("%1 points to %2, and only engines on this machine are supported. "
                               "Set it to a unix:// socket, or unset it to use the local engine.")
                    .arg(source, host));
}

/// The endpoint of the context that `docker context use` chose, if any.
/// Layout: https://docs.docker.com/engine/manage-resources/contexts/
Result<std::optional<EngineEndpoint>> currentContext(const QProcessEnvironment &environment,
                                                     const QString &home)
{
    const QString config = environment.value("DOCKER_CONFIG", home + "/.docker");
    QString name = environment.value("DOCKER_CONTEXT");
    if (name.isEmpty())
        name = readJsonObject(config + "/config.json").value("currentContext").toString();
    if (name.isEmpty() || name == QLatin1String("default"))
        return std::nullopt;
    const QByteArray digest =
        QCryptographicHash::hash(name.toUtf8(), QCryptographicHash::Sha256).toHex();
    const QJsonObject meta =
        readJsonObject(config + "/contexts/meta/" + QString::fromLatin1(digest) + "/meta.json");
    const QString host = meta["Endpoints"]["docker"]["Host"].toString();
    const QString source = QStringLiteral("Docker context %1").arg(name);
    if (host.isEmpty())
        return fail(ErrorCode::InvalidInput,
                    QStringLiteral("%1 is chosen but does not exist. Choose another one with "
                                   "`docker context use`.")
                        .arg(source));
    OVVOC_TRY(path, socketOf(host, source));
    return EngineEndpoint{path, source};
}

} // namespace

Result<QList<EngineEndpoint>> findEngineEndpoints(const QProcessEnvironment &environment,
                                                  const QString &home)
{
    const QString host = environment.value("DOCKER_HOST");
    if (!host.isEmpty()) {
        OVVOC_TRY(path, socketOf(host, QStringLiteral("DOCKER_HOST")));
        return QList<EngineEndpoint>{{path, QStringLiteral("DOCKER_HOST")}};
    }
    QList<EngineEndpoint> found;
    OVVOC_TRY(context, currentContext(environment, home));
    if (context)
        found << *context;
    const QString runtime =
        environment.value("XDG_RUNTIME_DIR", QStringLiteral("/run/user/%1").arg(::getuid()));
    const EngineEndpoint usual[] = {
        {QStringLiteral("/var/run/docker.sock"), QStringLiteral("Docker")},
        {runtime + "/docker.sock", QStringLiteral("rootless Docker")},
        {home + "/.docker/run/docker.sock", QStringLiteral("Docker Desktop")},
        {home + "/.docker/desktop/docker.sock", QStringLiteral("Docker Desktop")},
        {runtime + "/podman/podman.sock", QStringLiteral("rootless Podman")},
        {QStringLiteral("/run/podman/podman.sock"), QStringLiteral("Podman")},
    };
    for (const EngineEndpoint &endpoint : usual) {
        if (QFileInfo::exists(endpoint.socketPath))
            found << endpoint;
    }
    return found;
}

TaskResult<std::unique_ptr<ByteStream>> openEndpoint(EngineEndpoint endpoint)
{
    auto socket = std::make_unique<QLocalSocket>();
    Completion<bool> connected;
    QObject::connect(socket.get(), &QLocalSocket::connected, [connected] { connected.set(true); });
    QObject::connect(socket.get(), &QLocalSocket::errorOccurred,
                     [connected] { connected.set(false); });
    QTimer::singleShot(10'000, socket.get(), [connected] { connected.set(false); });
    socket->connectToServer(endpoint.socketPath);
    if (socket->state() == QLocalSocket::ConnectedState)
        connected.set(true);
    if (!co_await connected) {
        const QString where = endpoint.source + " (" + endpoint.socketPath + ")";
        switch (socket->error()) {
        case QLocalSocket::SocketAccessError:
            co_return fail(ErrorCode::EnginePermission,
                           QStringLiteral("You may not use the engine at %1. Add yourself to its "
                                          "group (`sudo usermod -aG docker $USER`, then log in "
                                          "again) or use a rootless engine.")
                               .arg(where),
                           socket->errorString());
        case QLocalSocket::ServerNotFoundError:
        case QLocalSocket::ConnectionRefusedError:
            co_return fail(ErrorCode::NoEngine,
                           QStringLiteral("No engine answers at %1. Start Docker or Podman, "
                                          "or install one.")
                               .arg(where),
                           socket->errorString());
        default:
            co_return fail(ErrorCode::EngineLost,
                           QStringLiteral("The engine at %1 cannot be reached.").arg(where),
                           socket->errorString());
        }
    }
    socket->disconnect();
    co_return std::make_unique<ByteStream>(std::move(socket));
}

} // namespace ovvoc
