#include "confine.h"

#include "landlock.h"
#include "probe.h"

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <ctime>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <vector>

namespace cellinit {

namespace {

#if defined(__x86_64__)
constexpr unsigned ownArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr unsigned ownArchitecture = AUDIT_ARCH_AARCH64;
#else
#error "no seccomp architecture for this processor"
#endif

/// What a build or a test never needs, and what has been the way out of containers before.
constexpr long refused[] = {
    SYS_userfaultfd,
    SYS_bpf,
    SYS_perf_event_open,
    SYS_add_key,
    SYS_request_key,
    SYS_keyctl,
    SYS_ptrace,
    SYS_process_vm_writev,
    SYS_process_vm_readv,
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_unshare,
    SYS_setns,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_kexec_load,
    SYS_open_by_handle_at,
    SYS_name_to_handle_at,
    SYS_quotactl,
    SYS_swapon,
    SYS_swapoff,
    SYS_reboot,
    SYS_acct,
    SYS_syslog,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_clock_adjtime,
    SYS_adjtimex,
    SYS_lookup_dcookie,
    SYS_fanotify_init,
#ifdef SYS_fsopen
    SYS_fsopen,
    SYS_fsconfig,
    SYS_fsmount,
    SYS_fspick,
    SYS_open_tree,
    SYS_move_mount,
#endif
#ifdef SYS_mount_setattr
    SYS_mount_setattr,
#endif
#ifdef SYS_kexec_file_load
    SYS_kexec_file_load,
#endif
#ifdef SYS_pidfd_getfd
    SYS_pidfd_getfd,
#endif
};

/// Told as if the kernel had none: libraries then do without.
constexpr long unknown[] = {SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register};

using Filter = std::vector<sock_filter>;

void add(Filter &filter, unsigned short code, unsigned value, unsigned char yes = 0,
         unsigned char no = 0)
{
    filter.push_back({code, yes, no, value});
}

void load(Filter &filter, std::size_t offset)
{
    add(filter, BPF_LD | BPF_W | BPF_ABS, unsigned(offset));
}

void answer(Filter &filter, unsigned what)
{
    add(filter, BPF_RET | BPF_K, what);
}

/// Refuses with \a error when the value that was loaded is \a value.
void refuseIf(Filter &filter, unsigned value, int error)
{
    add(filter, BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
    answer(filter, SECCOMP_RET_ERRNO | unsigned(error));
}

/// Threads, but no children: a package manager that nothing can talk into starting a program.
/// clone3 keeps its flags in memory, where a filter cannot read them; libraries then take clone.
void refuseChildren(Filter &filter)
{
#if defined(__x86_64__)
    refuseIf(filter, unsigned(SYS_fork), EPERM);
    refuseIf(filter, unsigned(SYS_vfork), EPERM);
#endif
#ifdef SYS_clone3
    refuseIf(filter, unsigned(SYS_clone3), ENOSYS);
#endif
    add(filter, BPF_JMP | BPF_JEQ | BPF_K, unsigned(SYS_clone), 0, 4);
    load(filter, offsetof(seccomp_data, args[0]));
    add(filter, BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 0, 1);
    answer(filter, SECCOMP_RET_ALLOW);
    answer(filter, SECCOMP_RET_ERRNO | EPERM);
}

Filter makeFilter(bool children)
{
    Filter f;
    constexpr unsigned allow = SECCOMP_RET_ALLOW;
    // Another architecture's calls have other numbers: none of them.
    load(f, offsetof(seccomp_data, arch));
    add(f, BPF_JMP | BPF_JEQ | BPF_K, ownArchitecture, 1, 0);
    answer(f, SECCOMP_RET_ERRNO | ENOSYS);
    load(f, offsetof(seccomp_data, nr));
#if defined(__x86_64__)
    add(f, BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1); // x32
    answer(f, SECCOMP_RET_ERRNO | ENOSYS);
#endif
    for (const long number : refused)
        refuseIf(f, unsigned(number), EPERM);
    for (const long number : unknown)
        refuseIf(f, unsigned(number), ENOSYS);
    if (!children)
        refuseChildren(f);
    // socketpair(): unix only.
    add(f, BPF_JMP | BPF_JEQ | BPF_K, unsigned(SYS_socketpair), 0, 4);
    load(f, offsetof(seccomp_data, args[0]));
    add(f, BPF_JMP | BPF_JEQ | BPF_K, AF_UNIX, 0, 1);
    answer(f, allow);
    answer(f, SECCOMP_RET_ERRNO | EAFNOSUPPORT);
    // socket(): what the loopback needs, and netlink's route family, which lists the interfaces.
    add(f, BPF_JMP | BPF_JEQ | BPF_K, unsigned(SYS_socket), 1, 0);
    answer(f, allow);
    load(f, offsetof(seccomp_data, args[0]));
    add(f, BPF_JMP | BPF_JEQ | BPF_K, AF_UNIX, 6, 0);
    add(f, BPF_JMP | BPF_JEQ | BPF_K, AF_INET, 5, 0);
    add(f, BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 4, 0);
    add(f, BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 0, 2);
    load(f, offsetof(seccomp_data, args[2]));
    add(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0); // NETLINK_ROUTE
    answer(f, SECCOMP_RET_ERRNO | EAFNOSUPPORT);
    answer(f, allow);
    return f;
}

/// How many processes there are besides process 1 and this one.
int othersLeft()
{
    int count = 0;
    forEachProcess([&count](long) { ++count; });
    return count;
}

} // namespace

bool confineSelf(bool children)
{
    Filter filter = makeFilter(children);
    const sock_fprog program = {static_cast<unsigned short>(filter.size()), filter.data()};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
        && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

int runConfined(char **command, const Confinement &confinement)
{
    for (const int number : {SIGPIPE, SIGXFSZ, SIGINT, SIGTERM, SIGHUP, SIGCHLD})
        ::signal(number, SIG_DFL);
    const rlimit none = {0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    // Before the filter, which has these calls pass as well; never a privilege more from here on.
    if (!confinement.writesAnywhere
        && (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
            || !limitWrites(confinement.writable, confinement.writableCount))) {
        std::perror("cell-init: landlock");
        return 125;
    }
    if (!confineSelf(confinement.children)) {
        std::perror("cell-init: seccomp");
        return 125;
    }
    ::execvp(command[0], command);
    const int error = errno;
    std::fprintf(stderr, "cell-init: %s: ", command[0]);
    errno = error;
    std::perror(nullptr);
    return error == ENOENT ? 127 : 126;
}

int endOthers()
{
    // Something that forks as fast as it is killed loses in the end: kill(-1) reaches all at once.
    for (int round = 0; round < 500; ++round) {
        if (othersLeft() == 0)
            return 0;
        ::kill(-1, SIGKILL);
        const timespec pause = {0, 2'000'000};
        ::nanosleep(&pause, nullptr);
    }
    return 1;
}

} // namespace cellinit
