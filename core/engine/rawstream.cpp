#include "engine/rawstream.h"

#include <QtEndian>
#include <algorithm>

namespace ovvoc {

Result<> StreamDemultiplexer::feed(QByteArrayView bytes, const Sink &sink)
{
    const auto broken = [this] {
        m_broken = true;
        return fail(ErrorCode::Protocol,
                    QStringLiteral("The engine's output stream is damaged. Run the job again; if "
                                   "it stays, restart the engine."));
    };
    if (m_broken)
        return broken();
    while (!bytes.isEmpty()) {
        if (m_remaining > 0) {
            const qsizetype size = std::min(qsizetype(m_remaining), bytes.size());
            sink(m_channel, bytes.first(size));
            m_remaining -= quint32(size);
            bytes = bytes.sliced(size);
            continue;
        }
        const qsizetype missing = 8 - m_headerSize;
        const qsizetype size = std::min(missing, bytes.size());
        std::copy_n(bytes.data(), size, m_header + m_headerSize);
        m_headerSize += int(size);
        bytes = bytes.sliced(size);
        if (m_headerSize < 8)
            return {};
        m_headerSize = 0;
        // Channel 0 is the echo of stdin, which engines send as stdout; 3 is the engine's own
        // error.
        const auto channel = static_cast<unsigned char>(m_header[0]);
        if (channel > 2 || m_header[1] != 0 || m_header[2] != 0 || m_header[3] != 0)
            return broken();
        m_channel = channel == 2 ? OutputChannel::Stderr : OutputChannel::Stdout;
        m_remaining = qFromBigEndian<quint32>(m_header + 4);
    }
    return {};
}

} // namespace ovvoc
