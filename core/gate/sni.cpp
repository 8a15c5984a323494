#include "gate/sni.h"

#include <optional>

namespace ovvoc {

namespace {

constexpr qsizetype helloLimit = 16 * 1024;

/// Reads big-endian numbers and blocks; every read is checked.
class Reader
{
public:
    explicit Reader(QByteArrayView bytes)
        : m_bytes(bytes)
    { }
    bool atEnd() const { return m_bytes.isEmpty(); }
    std::optional<quint32> number(int size)
    {
        if (m_bytes.size() < size)
            return std::nullopt;
        quint32 value = 0;
        for (int i = 0; i < size; ++i)
            value = value << 8 | static_cast<unsigned char>(m_bytes[i]);
        m_bytes = m_bytes.sliced(size);
        return value;
    }
    /// A block with its length in front.
    std::optional<QByteArrayView> block(int lengthSize)
    {
        const auto size = number(lengthSize);
        if (!size || m_bytes.size() < qsizetype(*size))
            return std::nullopt;
        const QByteArrayView result = m_bytes.first(qsizetype(*size));
        m_bytes = m_bytes.sliced(qsizetype(*size));
        return result;
    }
    bool skip(qsizetype size)
    {
        if (m_bytes.size() < size)
            return false;
        m_bytes = m_bytes.sliced(size);
        return true;
    }

private:
    QByteArrayView m_bytes;
};

bool isHostName(QByteArrayView name)
{
    if (name.isEmpty() || name.size() > 253)
        return false;
    for (const char c : name) {
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'
              || c == '.' || c == '_'))
            return false;
    }
    return true;
}

/// The host_name of a server_name extension; nothing when the extension is damaged. RFC 6066: at
/// most one name of a type, and host_name is the only type.
std::optional<QString> readServerName(QByteArrayView extension)
{
    Reader outer(extension);
    const auto list = outer.block(2);
    if (!list || !outer.atEnd())
        return std::nullopt;
    Reader names(*list);
    const auto type = names.number(1);
    const auto name = names.block(2);
    if (!type || *type != 0 || !name || !names.atEnd() || !isHostName(*name))
        return std::nullopt;
    return QString::fromLatin1(name->data(), name->size()).toLower();
}

ClientHello damaged()
{
    return {ClientHello::State::Damaged, {}};
}

ClientHello readHandshake(QByteArrayView body)
{
    Reader hello(body);
    // legacy_version and random, then session id, cipher suites, compression methods.
    if (!hello.skip(34) || !hello.block(1) || !hello.block(2) || !hello.block(1))
        return damaged();
    ClientHello result{ClientHello::State::Complete, {}};
    if (hello.atEnd())
        return result;
    const auto extensions = hello.block(2);
    if (!extensions || !hello.atEnd())
        return damaged();
    Reader reader(*extensions);
    bool seen = false;
    while (!reader.atEnd()) {
        const auto type = reader.number(2);
        const auto content = reader.block(2);
        if (!type || !content)
            return damaged();
        if (*type != 0)
            continue;
        const auto name = readServerName(*content);
        if (!name || seen)
            return damaged();
        seen = true;
        result.serverName = *name;
    }
    return result;
}

} // namespace

ClientHello readClientHello(QByteArrayView bytes)
{
    QByteArray handshake;
    while (!bytes.isEmpty()) {
        if (bytes[0] != 0x16)
            return {handshake.isEmpty() ? ClientHello::State::NotTls : ClientHello::State::Damaged,
                    {}};
        if (bytes.size() >= 2 && bytes[1] != 0x03)
            return {ClientHello::State::NotTls, {}};
        if (bytes.size() < 5)
            return {};
        const qsizetype size = qsizetype(static_cast<unsigned char>(bytes[3])) << 8
            | static_cast<unsigned char>(bytes[4]);
        if (size == 0 || size > helloLimit + 256)
            return damaged();
        const qsizetype there = std::min(size, bytes.size() - 5);
        handshake.append(bytes.sliced(5, there));
        if (handshake.size() > helloLimit)
            return damaged();
        if (!handshake.isEmpty() && handshake[0] != 0x01)
            return {ClientHello::State::NotTls, {}};
        if (handshake.size() >= 4) {
            const qsizetype length = qsizetype(static_cast<unsigned char>(handshake[1])) << 16
                | qsizetype(static_cast<unsigned char>(handshake[2])) << 8
                | static_cast<unsigned char>(handshake[3]);
            if (length > helloLimit)
                return damaged();
            if (handshake.size() >= 4 + length)
                return readHandshake(QByteArrayView(handshake).sliced(4, length));
        }
        if (there < size)
            return {};
        bytes = bytes.sliced(5 + size);
    }
    return {};
}

} // namespace ovvoc
