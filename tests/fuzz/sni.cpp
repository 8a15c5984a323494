// The ClientHello reader: a hello that is complete stays so when more follows, and more bytes never
// turn a judgement around.

#include "gate/sni.h"

#include <cstdlib>

using namespace ovvoc;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const QByteArrayView bytes(reinterpret_cast<const char *>(data), qsizetype(size));
    const ClientHello all = readClientHello(bytes);
    for (qsizetype length = 0; length < bytes.size(); length += 1 + length / 8) {
        const ClientHello part = readClientHello(bytes.first(length));
        if (part.state == ClientHello::State::Incomplete)
            continue;
        if (part.state != all.state || part.serverName != all.serverName)
            std::abort();
    }
    if (all.serverName != all.serverName.toLower() || all.serverName.size() > 255)
        std::abort();
    return 0;
}
