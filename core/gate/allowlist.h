#pragma once

#include "base/result.h"

#include <QList>
#include <QString>

namespace ovvoc {

/// One host a cell may reach while its gate is open.
struct AllowedHost
{
    QString name; ///< exact, lower case, no wildcard
    int port = 443;
    bool privateAddresses = false; ///< the client's settings allow this host on a private network
    bool operator==(const AllowedHost &) const = default;
};

/// The host and port of an https URL, for the allowlist. InvalidInput for anything else: other
/// schemes, credentials, raw addresses, names that are not host names.
Result<AllowedHost> allowedHostFromUrl(const QString &url);

/// Splits "host:port" as a CONNECT request gives it; InvalidInput for raw addresses and nonsense.
Result<AllowedHost> parseAuthority(const QByteArray &authority);

} // namespace ovvoc
