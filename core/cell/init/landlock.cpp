#include "landlock.h"

#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace cellinit {

namespace {

// As linux/landlock.h has them; that of an older distribution knows fewer.
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

struct RulesetAttribute
{
    std::uint64_t handledFiles;
};

#pragma pack(push, 1)
struct PathRule
{
    std::uint64_t allowed;
    std::int32_t parent;
};
#pragma pack(pop)

constexpr unsigned askVersion = 1;
constexpr int pathBeneath = 1;
constexpr int usable = 2; // the first that lets files move between folders

constexpr std::uint64_t writeFile = 1U << 1, truncate = 1U << 14;
constexpr std::uint64_t files = writeFile;
/// Remove (4, 5), make of every kind (6 to 12), move between folders (13).
constexpr std::uint64_t folders = files | (0x3ffU << 4);

bool allow(int ruleset, const char *path, std::uint64_t rights, std::uint64_t fileRights)
{
    const int fd = ::open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT;
    struct stat found = {};
    bool done = ::fstat(fd, &found) == 0;
    if (done && S_ISLNK(found.st_mode)) {
        errno = ELOOP;
        done = false;
    }
    if (done) {
        const PathRule rule = {S_ISDIR(found.st_mode) ? rights : fileRights, fd};
        done = ::syscall(SYS_landlock_add_rule, ruleset, pathBeneath, &rule, 0U) == 0;
    }
    const int error = errno;
    ::close(fd);
    errno = error;
    return done;
}

} // namespace

int landlockVersion()
{
    const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0UL, askVersion);
    return version < 0 ? 0 : int(version);
}

bool limitWrites(char *const *paths, int count)
{
    const int version = landlockVersion();
    if (version < usable)
        return true;
    const std::uint64_t cut = version >= 3 ? truncate : 0U;
    const RulesetAttribute attribute = {folders | cut};
    const int ruleset =
        int(::syscall(SYS_landlock_create_ruleset, &attribute, sizeof attribute, 0U));
    if (ruleset < 0)
        return false;
    bool good = allow(ruleset, "/dev/null", files | cut, files | cut);
    for (int i = 0; good && i < count; ++i)
        good = allow(ruleset, paths[i], folders | cut, files | cut);
    good = good && ::syscall(SYS_landlock_restrict_self, ruleset, 0U) == 0;
    const int error = errno;
    ::close(ruleset);
    errno = error;
    return good;
}

} // namespace cellinit
