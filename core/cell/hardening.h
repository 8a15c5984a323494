#pragma once

#include "cell/evidence.h"
#include "cell/limits.h"

#include <QHash>
#include <QJsonObject>

namespace ovvoc {

/// Everything a cell is made from.
struct CellSpec
{
    QString image; ///< by id or digest, never by tag
    QString runtime; ///< empty: the engine's default; else for example "runsc"
    CellLimits limits;
    quint32 user = 0; ///< user and group id inside; one of those that cellUser() gives
    QHash<QString, QString> labels;
    bool operator==(const CellSpec &) const = default;
};

/// The labels of a cell that this process makes: whose it is, and until when it may live. By them a
/// later start finds what an earlier one left.
QHash<QString, QString> cellLabels(const QString &workspaceId, const QString &clientId,
                                   const QString &jobId, int lifetimeSeconds);

/// What of an engine the evidence depends on.
struct EngineTraits
{
    bool seccomp = false; ///< it reports seccomp among its security options
    bool podman = false;
};

/// A user id for one cell: high, random, and nobody's on the host, so that what the kernel counts
/// per user (inotify watches, pipes, keys) is counted for this cell alone. The image knows each of
/// them as "cell". \a mapped: the engine maps ids into a range of 65,536 (rootless, userns-remap).
quint32 cellUser(bool mapped);
/// The ids that cellUser() may give, in two ranges of so many.
inline constexpr quint32 highUsers = 0x70000000, mappedUsers = 40'000, usersOfARange = 2048;

/// The body of ContainerCreate for a cell: every control of the design's section 2, always all.
QJsonObject containerBody(const CellSpec &spec);

/// Reads back what the engine says it made (ContainerInspect), control by control.
QList<Evidence> evidenceFromInspect(const CellSpec &spec, const QJsonObject &inspected,
                                    const EngineTraits &engine);

/// Reads what `cell-init probe` found inside the cell. Anything missing counts as Differs: the
/// bytes come from the cell.
QList<Evidence> evidenceFromProbe(const CellSpec &spec, const QByteArray &probeJson);

} // namespace ovvoc
