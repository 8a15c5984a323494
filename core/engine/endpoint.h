#pragma once

#include "base/result.h"
#include "engine/bytestream.h"

#include <QProcessEnvironment>

namespace ovvoc {

/// Where an engine listens, and where we learned it.
struct EngineEndpoint
{
    QString socketPath; ///< absolute path of a unix socket
    QString source; ///< for people: "DOCKER_HOST", "Docker context work", "default socket"
    bool operator==(const EngineEndpoint &) const = default;
};

/// The endpoints to try, best first: DOCKER_HOST (then only that one), the current Docker context,
/// Docker's default and rootless sockets, Podman's rootful and rootless sockets.
///
/// Only unix sockets are supported; a DOCKER_HOST or context that names a remote engine is an
/// InvalidInput error that says so. \a home is the folder that holds ".docker".
Result<QList<EngineEndpoint>> findEngineEndpoints(const QProcessEnvironment &environment,
                                                  const QString &home);

/// Opens a connection. Errors: NoEngine, EnginePermission, Timeout (after 10 s).
TaskResult<std::unique_ptr<ByteStream>> openEndpoint(EngineEndpoint endpoint);

} // namespace ovvoc
