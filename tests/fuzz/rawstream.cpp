// The engine's multiplexed stream: whatever comes, payload is never more than what was fed, and the
// way the bytes are cut changes nothing.

#include "engine/rawstream.h"

#include <cstdlib>

using namespace ovvoc;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    const QByteArrayView bytes(reinterpret_cast<const char *>(data) + 1, qsizetype(size) - 1);
    QByteArray whole[2], pieces[2];
    StreamDemultiplexer one, many;
    const auto into = [](QByteArray *out) {
        return [out](OutputChannel channel, QByteArrayView payload) {
            out[channel == OutputChannel::Stderr] += payload.toByteArray();
        };
    };
    const bool good = one.feed(bytes, into(whole)).has_value();
    bool goodInPieces = true;
    const qsizetype step = 1 + data[0] % 13;
    for (qsizetype at = 0; at < bytes.size() && goodInPieces; at += step)
        goodInPieces = many.feed(bytes.sliced(at, std::min(step, bytes.size() - at)), into(pieces))
                           .has_value();
    if (good != goodInPieces || whole[0] != pieces[0] || whole[1] != pieces[1]
        || whole[0].size() + whole[1].size() > bytes.size())
        std::abort();
    return 0;
}
