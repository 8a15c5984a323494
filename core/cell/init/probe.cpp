#include "probe.h"

#include "landlock.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <vector>

namespace cellinit {

namespace {

std::string readFile(const char *path)
{
    std::string text;
    const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return text;
    char buffer[4096];
    for (ssize_t size; (size = ::read(fd, buffer, sizeof buffer)) > 0 && text.size() < 1 << 20;)
        text.append(buffer, std::size_t(size));
    ::close(fd);
    return text;
}

std::string quoted(const std::string &text)
{
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            char escape[8];
            std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
            out += escape;
        } else {
            out += c;
        }
    }
    return out + '"';
}

std::vector<std::string> lines(const std::string &text)
{
    std::vector<std::string> result;
    std::size_t start = 0;
    while (start < text.size()) {
        const std::size_t end = text.find('\n', start);
        result.push_back(text.substr(start, end - start));
        if (end == std::string::npos)
            break;
        start = end + 1;
    }
    return result;
}

/// The value of a "Name:\tvalue" line of /proc/self/status.
std::string statusField(const std::string &status, const char *name)
{
    const std::string key = std::string(name) + ':';
    for (const std::string &line : lines(status)) {
        if (line.compare(0, key.size(), key) == 0) {
            const std::size_t start = line.find_first_not_of(" \t", key.size());
            return start == std::string::npos ? "" : line.substr(start);
        }
    }
    return "";
}

const char *errorName(int error)
{
    switch (error) {
    case 0:
        return "ok";
    case EROFS:
        return "EROFS";
    case EACCES:
        return "EACCES";
    case EPERM:
        return "EPERM";
    case ENOENT:
        return "ENOENT";
    case ENETUNREACH:
        return "ENETUNREACH";
    case EHOSTUNREACH:
        return "EHOSTUNREACH";
    case ECONNREFUSED:
        return "ECONNREFUSED";
    case EADDRNOTAVAIL:
        return "EADDRNOTAVAIL";
    case EAFNOSUPPORT:
        return "EAFNOSUPPORT";
    case ETIMEDOUT:
        return "ETIMEDOUT";
    case ENOTDIR:
        return "ENOTDIR";
    case ENOSYS:
        return "ENOSYS";
    case EPROTONOSUPPORT:
        return "EPROTONOSUPPORT";
    case EINVAL:
        return "EINVAL";
    default:
        return std::strerror(error);
    }
}

std::string tryWrite(const std::string &folder)
{
    const std::string path = folder + "/.ovvoc-probe";
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return errorName(errno);
    ::close(fd);
    ::unlink(path.c_str());
    return "ok";
}

/// Connects (TCP) or sends (UDP) and says what the kernel said. Waits at most 300 ms.
std::string tryConnect(const char *address, unsigned short port, int type)
{
    sockaddr_storage storage = {};
    socklen_t size = 0;
    auto *v4 = reinterpret_cast<sockaddr_in *>(&storage);
    auto *v6 = reinterpret_cast<sockaddr_in6 *>(&storage);
    if (::inet_pton(AF_INET, address, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        size = sizeof *v4;
    } else if (::inet_pton(AF_INET6, address, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        size = sizeof *v6;
    } else {
        return "bad address";
    }
    const int fd = ::socket(storage.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return errorName(errno);
    std::string result = "ok";
    if (::connect(fd, reinterpret_cast<sockaddr *>(&storage), size) != 0) {
        if (errno == EINPROGRESS) {
            pollfd wait = {fd, POLLOUT, 0};
            int error = ETIMEDOUT;
            if (::poll(&wait, 1, 300) > 0) {
                socklen_t length = sizeof error;
                ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
            }
            result = errorName(error);
        } else {
            result = errorName(errno);
        }
    } else if (type == SOCK_DGRAM && ::send(fd, "\0", 1, 0) < 0) {
        result = errorName(errno);
    }
    ::close(fd);
    return result;
}

std::string limitText(int resource)
{
    rlimit limit = {};
    if (::getrlimit(static_cast<__rlimit_resource>(resource), &limit) != 0)
        return "unknown";
    return limit.rlim_max == RLIM_INFINITY ? "unlimited" : std::to_string(limit.rlim_max);
}

std::string firstLineOf(std::initializer_list<const char *> paths)
{
    for (const char *path : paths) {
        const auto all = lines(readFile(path));
        if (!all.empty())
            return all.front();
    }
    return "";
}

struct Json
{
    std::string text = "{";
    void add(const char *name, const std::string &raw)
    {
        if (text.size() > 1)
            text += ',';
        text += quoted(name) + ':' + raw;
    }
    void addText(const char *name, const std::string &value) { add(name, quoted(value)); }
};

std::string list(const std::vector<std::string> &raw)
{
    std::string text = "[";
    for (const std::string &item : raw)
        text += (text.size() > 1 ? "," : "") + item;
    return text + ']';
}

std::vector<std::string> interfaces()
{
    std::vector<std::string> names;
    for (const std::string &line : lines(readFile("/proc/net/dev"))) {
        const std::size_t colon = line.find(':');
        if (colon == std::string::npos)
            continue;
        const std::size_t start = line.find_first_not_of(' ');
        names.push_back(quoted(line.substr(start, colon - start)));
    }
    return names;
}

std::vector<std::string> mounts()
{
    std::vector<std::string> result;
    for (const std::string &line : lines(readFile("/proc/self/mounts"))) {
        std::vector<std::string> fields;
        std::size_t start = 0;
        for (std::size_t end; (end = line.find(' ', start)) != std::string::npos; start = end + 1)
            fields.push_back(line.substr(start, end - start));
        if (fields.size() < 4)
            continue;
        Json mount;
        mount.addText("source", fields[0]);
        mount.addText("path", fields[1]);
        mount.addText("type", fields[2]);
        mount.addText("options", fields[3]);
        result.push_back(mount.text + '}');
    }
    return result;
}

std::vector<std::string> devices()
{
    std::vector<std::string> names;
    if (DIR *folder = ::opendir("/dev")) {
        while (const dirent *entry = ::readdir(folder)) {
            struct stat info = {};
            const std::string path = std::string("/dev/") + entry->d_name;
            if (::stat(path.c_str(), &info) == 0
                && (S_ISBLK(info.st_mode) || S_ISCHR(info.st_mode)))
                names.push_back(quoted(entry->d_name));
        }
        ::closedir(folder);
    }
    return names;
}

/// Tries what the filter of confine.h must refuse.
std::vector<std::string> refusals()
{
    std::vector<std::string> result;
    const auto tried = [&result](const char *what, long outcome) {
        Json one;
        one.addText("what", what);
        one.addText("result", outcome < 0 ? errorName(errno) : "ok");
        result.push_back(one.text + '}');
        if (outcome > 2)
            ::close(int(outcome));
    };
    const struct
    {
        const char *what;
        int family, type, protocol;
    } families[] = {
        {"socket vsock", 40, SOCK_STREAM, 0},  {"socket packet", 17, SOCK_RAW, 0},
        {"socket alg", 38, SOCK_SEQPACKET, 0}, {"socket bluetooth", 31, SOCK_RAW, 0},
        {"socket can", 29, SOCK_RAW, 1},       {"socket tipc", 30, SOCK_STREAM, 0},
        {"socket rds", 21, SOCK_SEQPACKET, 0}, {"socket netlink audit", 16, SOCK_RAW, 9},
    };
    for (const auto &one : families)
        tried(one.what, ::socket(one.family, one.type, one.protocol));
    char parameters[256] = {};
    tried("io_uring", ::syscall(SYS_io_uring_setup, 8, parameters));
    tried("userfaultfd", ::syscall(SYS_userfaultfd, 0));
    tried("bpf", ::syscall(SYS_bpf, 0, parameters, sizeof parameters));
    tried("perf_event_open", ::syscall(SYS_perf_event_open, parameters, 0, -1, -1, 0));
    tried("keyctl", ::syscall(SYS_keyctl, 0, -3, 0));
    tried("ptrace", ::syscall(SYS_ptrace, 16, 1, 0, 0)); // PTRACE_ATTACH to process 1
    tried("unshare a user namespace", ::syscall(SYS_unshare, 0x10000000));
    return result;
}

} // namespace

int printProbe()
{
    // The connects below are only harmless where there is no network: never outside a cell.
    const std::string process1 = firstLineOf({"/proc/1/comm"});
    if (process1 != "cell-init") {
        std::fputs("cell-init: probe runs only inside a cell\n", stderr);
        return 65;
    }
    const std::string status = readFile("/proc/self/status");
    Json json;
    json.add("uid", std::to_string(::getuid()));
    json.add("gid", std::to_string(::getgid()));
    json.add("euid", std::to_string(::geteuid()));
    for (const char *name : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs",
                             "Seccomp", "Seccomp_filters", "Groups"})
        json.addText(name, statusField(status, name));
    json.add("landlock", std::to_string(landlockVersion()));
    utsname kernel = {};
    ::uname(&kernel);
    json.addText("kernel", kernel.release);
    json.addText("hostname", kernel.nodename);
    json.addText("process1", process1);
    json.add("interfaces", list(interfaces()));
    json.add("mounts", list(mounts()));
    json.add("devices", list(devices()));
    json.addText("limitFiles", limitText(RLIMIT_NOFILE));
    json.addText("limitCore", limitText(RLIMIT_CORE));
    json.addText(
        "memoryMax",
        firstLineOf({"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}));
    json.addText("memoryTotal", firstLineOf({"/proc/meminfo"}));
    json.addText("pidsMax",
                 firstLineOf({"/sys/fs/cgroup/pids.max", "/sys/fs/cgroup/pids/pids.max"}));
    json.addText("cpuMax", firstLineOf({"/sys/fs/cgroup/cpu.max"}));

    std::vector<std::string> writes;
    for (const char *folder : {"/", "/etc", "/usr/local/bin", "/home", "/root", "/run", "/var/tmp",
                               "/proc", "/sys", "/sys/fs/cgroup", "/dev", "/work", "/tmp"}) {
        Json write;
        write.addText("path", folder);
        write.addText("result", tryWrite(folder));
        writes.push_back(write.text + '}');
    }
    json.add("writes", list(writes));

    const struct
    {
        const char *what;
        const char *address;
        unsigned short port;
        int type;
    } targets[] = {
        {"outside", "192.0.2.1", 443, SOCK_STREAM},
        {"outside, IPv6", "2001:db8::1", 443, SOCK_STREAM},
        {"DNS", "198.51.100.53", 53, SOCK_DGRAM},
        {"cloud metadata", "169.254.169.254", 80, SOCK_STREAM},
    };
    std::vector<std::string> connects;
    for (const auto &target : targets) {
        Json connect;
        connect.addText("what", target.what);
        connect.addText("target", std::string(target.address) + ' ' + std::to_string(target.port));
        connect.addText("result", tryConnect(target.address, target.port, target.type));
        connects.push_back(connect.text + '}');
    }
    json.add("connects", list(connects));

    json.add("refusals", list(refusals()));

    std::vector<std::string> sockets;
    for (const char *path : {"/var/run/docker.sock", "/run/docker.sock", "/run/podman/podman.sock",
                             "/run/containerd/containerd.sock"}) {
        if (::access(path, F_OK) == 0)
            sockets.push_back(quoted(path));
    }
    json.add("engineSockets", list(sockets));
    std::puts((json.text + '}').c_str());
    return 0;
}

bool isZombie(long pid)
{
    const std::string text = readFile(("/proc/" + std::to_string(pid) + "/stat").c_str());
    const std::size_t end = text.rfind(')');
    return end != std::string::npos && end + 2 < text.size() && text[end + 2] == 'Z';
}

int printProcesses()
{
    forEachProcess([](long pid) {
        const auto name = lines(readFile(("/proc/" + std::to_string(pid) + "/comm").c_str()));
        std::printf("%ld %s\n", pid, name.empty() ? "?" : name.front().c_str());
    });
    return 0;
}

} // namespace cellinit
