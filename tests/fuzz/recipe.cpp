// The recipe loader: what it accepts can be used, what it refuses it refuses with a message.

#include "recipes/recipe.h"

#include <cstdlib>

using namespace ovvoc;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const auto recipe =
        parseRecipe(QByteArray(reinterpret_cast<const char *>(data), qsizetype(size)));
    if (!recipe) {
        if (recipe.error().message.isEmpty())
            std::abort();
        return 0;
    }
    if (recipe->cloneSeconds < 1 || recipe->transform.isEmpty() || recipe->build.isEmpty()
        || recipe->test.isEmpty())
        std::abort();
    return 0;
}
