// The sealed patch and its policy: whatever passes touches only what it may.

#include "patch/sealedpatch.h"

#include <cstdlib>

using namespace ovvoc;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const auto patch = sealPatch(QByteArray(reinterpret_cast<const char *>(data), qsizetype(size)));
    if (!patch)
        return 0;
    const PatchPolicy policy{{"package.json", "package-lock.json"}};
    if (!checkPolicy(*patch, policy))
        return 0;
    if (patch->files.size() > 2)
        std::abort();
    for (const FileChange &change : patch->files) {
        if (!policy.mayTouch.contains(change.path) || change.kind == FileChange::Kind::Deleted)
            std::abort();
    }
    return 0;
}
