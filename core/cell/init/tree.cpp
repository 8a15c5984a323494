#include "tree.h"

#include <cstdio>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <sodium/crypto_hash_sha256.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace cellinit {

namespace {

constexpr int deepest = 200;
constexpr long mostEntries = 500'000;

struct Walk
{
    const char *skip = nullptr;
    long entries = 0;
    bool good = true;
};

std::string hex(const unsigned char *digest)
{
    static const char digits[] = "0123456789abcdef";
    std::string text;
    for (unsigned i = 0; i < crypto_hash_sha256_BYTES; ++i) {
        text += digits[digest[i] >> 4];
        text += digits[digest[i] & 15];
    }
    return text;
}

/// Empty when it cannot be read.
std::string hashOf(int folder, const char *name, long long &size)
{
    const int fd = ::openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return {};
    crypto_hash_sha256_state context;
    crypto_hash_sha256_init(&context);
    static unsigned char buffer[256 * 1024];
    ssize_t got = 0;
    size = 0;
    while ((got = ::read(fd, buffer, sizeof buffer)) > 0) {
        crypto_hash_sha256_update(&context, buffer, static_cast<unsigned long long>(got));
        size += got;
    }
    ::close(fd);
    if (got < 0)
        return {};
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_final(&context, digest);
    return hex(digest);
}

void print(Walk &walk, char kind, long long size, const std::string &hash, const std::string &path)
{
    if (++walk.entries > mostEntries) {
        walk.good = false;
        return;
    }
    std::printf("%c %lld %s ", kind, size, hash.c_str());
    std::fwrite(path.data(), 1, path.size(), stdout);
    std::putchar('\0');
}

void walkFolder(Walk &walk, int fd, const std::string &prefix, int depth)
{
    DIR *folder = ::fdopendir(fd);
    if (!folder || depth > deepest) {
        walk.good = false;
        folder ? ::closedir(folder) : ::close(fd);
        return;
    }
    while (const dirent *entry = ::readdir(folder)) {
        const char *name = entry->d_name;
        if (std::strcmp(name, ".") == 0 || std::strcmp(name, "..") == 0
            || (depth == 0 && std::strcmp(name, ".git") == 0) || walk.entries > mostEntries)
            continue;
        struct stat info = {};
        if (::fstatat(::dirfd(folder), name, &info, AT_SYMLINK_NOFOLLOW) != 0)
            continue; // gone meanwhile
        const std::string path = prefix + name;
        if (S_ISDIR(info.st_mode)) {
            // "/name" only at the top, "name" wherever it is.
            if (walk.skip
                && (*walk.skip == '/' ? depth == 0 && std::strcmp(name, walk.skip + 1) == 0
                                      : std::strcmp(name, walk.skip) == 0))
                continue;
            const int next =
                ::openat(::dirfd(folder), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            if (next < 0)
                walk.good = false;
            else
                walkFolder(walk, next, path + '/', depth + 1);
        } else if (S_ISREG(info.st_mode)) {
            long long size = 0;
            const std::string hash = hashOf(::dirfd(folder), name, size);
            if (hash.empty())
                print(walk, 'o', 0, "unreadable", path);
            else
                print(walk, info.st_mode & S_IXUSR ? 'x' : 'f', size, hash, path);
        } else if (S_ISLNK(info.st_mode)) {
            char target[4096];
            const ssize_t size = ::readlinkat(::dirfd(folder), name, target, sizeof target);
            unsigned char digest[crypto_hash_sha256_BYTES];
            crypto_hash_sha256(digest, reinterpret_cast<const unsigned char *>(target),
                               size > 0 ? static_cast<unsigned long long>(size) : 0);
            print(walk, 'l', size, hex(digest), path);
        } else {
            print(walk, 'o', 0, "special", path);
        }
    }
    ::closedir(folder);
}

/// Opens a file below \a folder, each component by itself.
int openBelow(int folder, const std::string &path)
{
    int at = ::fcntl(folder, F_DUPFD_CLOEXEC, 0);
    std::size_t start = 0;
    for (std::size_t slash; at >= 0 && (slash = path.find('/', start)) != std::string::npos;
         start = slash + 1) {
        const int next = ::openat(at, path.substr(start, slash - start).c_str(),
                                  O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        ::close(at);
        at = next;
    }
    if (at < 0)
        return -1;
    const int fd =
        ::openat(at, path.substr(start).c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    ::close(at);
    return fd;
}

} // namespace

int printTree(const char *folder, const char *skip)
{
    const int fd = ::open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return 1;
    Walk walk;
    walk.skip = skip;
    walkFolder(walk, fd, "", 0);
    return walk.good && std::fflush(stdout) == 0 ? 0 : 1;
}

int printFiles(const char *folder, long limit, char **paths)
{
    const int root = ::open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (root < 0)
        return 1;
    for (; *paths; ++paths) {
        const int fd = openBelow(root, *paths);
        struct stat info = {};
        std::string content;
        bool good =
            fd >= 0 && ::fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size <= limit;
        char buffer[64 * 1024];
        for (ssize_t got = 0; good && (got = ::read(fd, buffer, sizeof buffer)) != 0;) {
            if (got < 0 || content.size() + std::size_t(got) > std::size_t(limit))
                good = false;
            else
                content.append(buffer, std::size_t(got));
        }
        if (fd >= 0)
            ::close(fd);
        if (!good) {
            std::fputs("-1\n", stdout);
            continue;
        }
        std::printf("%zu\n", content.size());
        std::fwrite(content.data(), 1, content.size(), stdout);
    }
    ::close(root);
    return std::fflush(stdout) == 0 ? 0 : 1;
}

} // namespace cellinit
