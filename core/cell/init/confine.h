#pragma once

namespace cellinit {

/// Puts a seccomp filter on this process, on top of whatever the engine put there: sockets of the
/// families unix, inet, inet6 and netlink-route only; no io_uring, userfaultfd, bpf, perf, keyring,
/// ptrace, mounts, namespaces or modules; no system call of another architecture. It is inherited
/// by everything that is started from here, and cannot be taken off. \a children: false lets this
/// process have threads and no other process, for good. False when the kernel has no such filters.
bool confineSelf(bool children = true);

/// What a command may do beside running.
struct Confinement
{
    bool children = true; ///< see confineSelf()
    bool writesAnywhere = true;
    char *const *writable = nullptr; ///< otherwise: see limitWrites()
    int writableCount = 0;
};

/// Confines itself and becomes the command. Returns only when that fails, with an exit code as of a
/// shell: 126 cannot be run, 127 not found, 125 not confined.
int runConfined(char **command, const Confinement &confinement);

/// Ends every other process of this user in the cell, but not process 1, until none is left. 0 when
/// that is so.
int endOthers();

} // namespace cellinit
