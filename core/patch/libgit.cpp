#include "patch/libgit.h"

namespace ovvoc {

void ensureLibgit()
{
    static const int started = git_libgit2_init();
    Q_UNUSED(started)
}

QString lastGitError()
{
    const git_error *error = git_error_last();
    return error && error->message ? QString::fromUtf8(error->message) : QString();
}

} // namespace ovvoc
