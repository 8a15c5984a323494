#pragma once

#include <QHostAddress>
#include <QString>

namespace ovvoc {

/// Why a cell must not reach \a address: "private", "loopback", "link-local", "cloud metadata",
/// "multicast", ... Empty when it is an ordinary public address. IPv4 addresses inside IPv6 ones
/// (mapped, NAT64, 6to4) are judged by the IPv4 address.
/// After the IANA special-purpose registries (RFC 6890), without the documentation ranges, which
/// lead nowhere.
QString forbiddenReason(const QHostAddress &address);

} // namespace ovvoc
