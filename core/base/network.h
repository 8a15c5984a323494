#pragma once

#include "base/result.h"

#include <QNetworkProxy>
#include <QSslConfiguration>
#include <QUrl>

namespace ovvoc {

/// How this program reaches the network, as a person sets it. Read anew for every job, so a change
/// needs no restart.
struct ProxySetting
{
    enum class Mode { System, Off, Manual };
    Mode mode = Mode::System;
    QString host; ///< with Manual
    int port = 0;
    bool operator==(const ProxySetting &) const = default;
};

/// The proxy for \a target now; with Mode::System what the system says (on Linux the environment).
QNetworkProxy proxyFor(const ProxySetting &setting, const QUrl &target);

/// TLS 1.2 at least, with verification, trusting the system's authorities and those in \a caPem
/// (one or more certificates). InvalidInput when there is none in it.
Result<QSslConfiguration> tlsWithAuthority(const QByteArray &caPem);

} // namespace ovvoc
