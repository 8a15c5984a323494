#include "gate/addresses.h"

#include <QPair>

namespace ovvoc {

namespace {

struct Range
{
    QHostAddress network;
    int prefix;
    const char *why;
};

const Range forbidden[] = {
    {QHostAddress("169.254.169.254"), 32, "cloud metadata"},
    {QHostAddress("100.100.100.200"), 32, "cloud metadata"},
    {QHostAddress("fd00:ec2::254"), 128, "cloud metadata"},
    {QHostAddress("0.0.0.0"), 8, "this network"},
    {QHostAddress("10.0.0.0"), 8, "private"},
    {QHostAddress("100.64.0.0"), 10, "shared address space"},
    {QHostAddress("127.0.0.0"), 8, "loopback"},
    {QHostAddress("169.254.0.0"), 16, "link-local"},
    {QHostAddress("172.16.0.0"), 12, "private"},
    {QHostAddress("192.0.0.0"), 24, "protocol assignments"},
    {QHostAddress("192.168.0.0"), 16, "private"},
    {QHostAddress("198.18.0.0"), 15, "benchmarking"},
    {QHostAddress("224.0.0.0"), 4, "multicast"},
    {QHostAddress("240.0.0.0"), 4, "reserved"},
    {QHostAddress("::"), 128, "this network"},
    {QHostAddress("::1"), 128, "loopback"},
    {QHostAddress("fc00::"), 7, "private"},
    {QHostAddress("fe80::"), 10, "link-local"},
    {QHostAddress("fec0::"), 10, "site-local"},
    {QHostAddress("ff00::"), 8, "multicast"},
};

/// The IPv4 address that an IPv6 address stands for, if any.
std::optional<QHostAddress> embeddedIpv4(const QHostAddress &address)
{
    bool mapped = false;
    const quint32 v4 = address.toIPv4Address(&mapped);
    if (mapped)
        return QHostAddress(v4);
    const Q_IPV6ADDR bytes = address.toIPv6Address();
    const auto at = [&bytes](int i) {
        return QHostAddress(quint32(bytes[i]) << 24 | quint32(bytes[i + 1]) << 16
                            | quint32(bytes[i + 2]) << 8 | quint32(bytes[i + 3]));
    };
    if (address.isInSubnet(QHostAddress("64:ff9b::"), 96)) // NAT64, RFC 6052
        return at(12);
    if (address.isInSubnet(QHostAddress("2002::"), 16)) // 6to4, RFC 3056
        return at(2);
    if (address.isInSubnet(QHostAddress("::"), 96)) // IPv4-compatible, RFC 4291 (deprecated)
        return at(12);
    return std::nullopt;
}

} // namespace

QString forbiddenReason(const QHostAddress &address)
{
    if (address.isNull())
        return QStringLiteral("not an address");
    const auto judge = [](const QHostAddress &candidate) {
        for (const Range &range : forbidden) {
            if (candidate.protocol() == range.network.protocol()
                && candidate.isInSubnet(range.network, range.prefix))
                return QString::fromLatin1(range.why);
        }
        return QString();
    };
    if (address.protocol() == QAbstractSocket::IPv6Protocol) {
        const QString own = judge(address);
        if (!own.isEmpty())
            return own;
        if (const auto v4 = embeddedIpv4(address))
            return judge(*v4);
        return {};
    }
    return judge(address);
}

} // namespace ovvoc
