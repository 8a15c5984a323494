#pragma once

#include <cstdlib>
#include <dirent.h>
#include <unistd.h>

namespace cellinit {

/// Looks at this cell from inside and prints what it finds as one JSON object: identity,
/// capabilities, seccomp, interfaces, mounts, limits, and what happens to writes and connects that
/// must fail. Takes under a second; changes nothing.
int printProbe();

/// Prints the cell's processes, "pid command" a line, without this one.
int printProcesses();

/// Whether it has ended and only waits for its parent.
bool isZombie(long pid);

/// Calls \a look with the pid of each process but process 1 and this one.
template <typename Look> void forEachProcess(Look look)
{
    if (DIR *folder = ::opendir("/proc")) {
        while (const dirent *entry = ::readdir(folder)) {
            const long pid = std::strtol(entry->d_name, nullptr, 10);
            if (pid > 1 && pid != ::getpid() && !isZombie(pid))
                look(pid);
        }
        ::closedir(folder);
    }
}

} // namespace cellinit
