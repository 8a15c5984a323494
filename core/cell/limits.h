#pragma once

#include <QtGlobal>

namespace ovvoc {

/// What one cell may use. Defaults fit a laptop; a client's settings may change them.
struct CellLimits
{
    qint64 memoryBytes = Q_INT64_C(4) << 30; ///< without swap; tmpfs counts into it
    double cpus = 2.0;
    int processes = 1024;
    int openFiles = 8192;
    qint64 workBytes = Q_INT64_C(3) << 30; ///< tmpfs /work
    qint64 tmpBytes = Q_INT64_C(1) << 30; ///< tmpfs /tmp
    int lifetimeSeconds = 3600; ///< cell-init's deadline
    bool operator==(const CellLimits &) const = default;
};

} // namespace ovvoc
