// cell-guard SOCKET API-VERSION CONTAINER: waits on standard input. A word there means that all is
// well, and it leaves. When the input ends without one, the program that started it has died while
// it was making this container, and the guard removes it over the engine's socket. See
// cell/cellguard.h.
//
// cell-guard --leash COMMAND …: runs a command in a process group of its own, and ends all of it
// when the program that started this dies or sends SIGTERM: children of children too, which would
// otherwise work on for seconds. Standard input, output and errors are the command's own.

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

/// The status of DELETE /containers/{name}?force=true&v=true, or 0 when the engine did not answer.
/// https://docs.docker.com/reference/api/engine/ (ContainerDelete)
int removeContainer(const char *path, const char *version, const char *name)
{
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    if (std::strlen(path) >= sizeof address.sun_path)
        return 0;
    std::strcpy(address.sun_path, path);
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return 0;
    const timeval limit = {5, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    int status = 0;
    const std::string request = std::string("DELETE /v") + version + "/containers/" + name
        + "?force=true&v=true HTTP/1.1\r\nHost: engine\r\nConnection: close\r\n\r\n";
    if (::connect(fd, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0
        && ::write(fd, request.data(), request.size()) == ssize_t(request.size())) {
        char answer[64] = {};
        std::size_t size = 0;
        while (size < 12) {
            const ssize_t got = ::read(fd, answer + size, sizeof answer - 1 - size);
            if (got <= 0)
                break;
            size += std::size_t(got);
        }
        if (size >= 12 && std::strncmp(answer, "HTTP/1.", 7) == 0)
            status = std::atoi(answer + 9);
    }
    ::close(fd);
    return status;
}

double now()
{
    timespec time = {};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return double(time.tv_sec) + double(time.tv_nsec) / 1e9;
}

void endGroup(int)
{
    ::signal(SIGTERM, SIG_IGN);
    ::kill(0, SIGKILL);
}

int leash(char **command)
{
    const pid_t program = ::getppid();
    ::setpgid(0, 0);
    ::prctl(PR_SET_NAME, "cell-guard", 0, 0, 0);
    ::signal(SIGTERM, endGroup);
    ::signal(SIGINT, SIG_IGN);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
    if (::getppid() != program)
        return 1; // it died before that
    const pid_t child = ::fork();
    if (child < 0)
        return 126;
    if (child == 0) {
        for (const int number : {SIGTERM, SIGINT, SIGPIPE, SIGXFSZ})
            ::signal(number, SIG_DFL);
        ::execvp(command[0], command);
        ::_exit(errno == ENOENT ? 127 : 126);
    }
    // The command's end of the pipes is not ours: its reader must see the end when it ends.
    for (const int fd : {0, 1})
        ::close(fd);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) { }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

} // namespace

int main(int argc, char **argv)
{
    if (argc > 2 && std::strcmp(argv[1], "--leash") == 0)
        return leash(argv + 2);
    if (argc != 4) {
        std::fputs("usage: cell-guard SOCKET API-VERSION CONTAINER | --leash COMMAND...\n", stderr);
        return 64;
    }
    // A Ctrl-C or the end of a session that ends the program must not end its guard.
    ::setsid();
    for (const int ignored : {SIGINT, SIGTERM, SIGHUP, SIGPIPE})
        ::signal(ignored, SIG_IGN);
    ::prctl(PR_SET_NAME, "cell-guard", 0, 0, 0);
    if (::write(1, "watching\n", 9) != 9)
        return 1;
    char word = 0;
    ssize_t size = 0;
    do {
        size = ::read(0, &word, 1);
    } while (size < 0 && errno == EINTR);
    if (size == 1)
        return 0;
    // The engine may still be working on a request that the dead program had sent, so "no such
    // container" is believed only when it stays so.
    const double start = now();
    double missingSince = -1;
    while (now() - start < 60) {
        const int status = removeContainer(argv[1], argv[2], argv[3]);
        if (status == 404) {
            if (missingSince < 0)
                missingSince = now();
            if (now() - missingSince > 5)
                return 0;
        } else {
            missingSince = -1;
        }
        const timespec pause = {0, 50'000'000};
        ::nanosleep(&pause, nullptr);
    }
    return 1;
}
