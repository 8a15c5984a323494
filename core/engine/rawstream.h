#pragma once

#include "base/result.h"

#include <QByteArray>
#include <functional>

namespace ovvoc {

/// Which of a process's outputs bytes came from.
enum class OutputChannel { Stdout, Stderr };

/// Takes apart the stream that the Engine API multiplexes when there is no TTY: frames of an
/// 8-byte header (channel, three zero bytes, big-endian length) and a payload.
/// https://docs.docker.com/reference/api/engine/ (ContainerAttach, "Stream format")
///
/// Payloads are passed on as they arrive, never collected, so memory stays bounded by the chunk
/// that is fed in whatever length a header claims.
class StreamDemultiplexer
{
public:
    using Sink = std::function<void(OutputChannel, QByteArrayView)>;
    /// Feeds bytes and calls \a sink for each piece of payload. A frame that is not one (unknown
    /// channel, non-zero padding) is a Protocol error; the demultiplexer takes nothing after it.
    Result<> feed(QByteArrayView bytes, const Sink &sink);
    /// True between frames: a stream that ends elsewhere was cut.
    bool atBoundary() const { return m_headerSize == 0 && m_remaining == 0; }

private:
    char m_header[8] = {};
    int m_headerSize = 0;
    quint32 m_remaining = 0;
    OutputChannel m_channel = OutputChannel::Stdout;
    bool m_broken = false;
};

} // namespace ovvoc
