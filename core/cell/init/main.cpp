// cell-init: process 1 of every cell. See "The cell" in the design.
//
//   cell-init run --deadline SECONDS    be process 1: carry connections out, die when told to
//   cell-init probe                     say, as JSON, what this cell really is
//   cell-init confine [--no-children] [--writes N PATH…] -- COMMAND …
//                                       run a step: Landlock and a seccomp filter first, then the
//                                       command; without children it can start no other program,
//                                       with --writes it writes only below these N paths
//   cell-init end-others                end every other process of the cell
//   cell-init processes                 list the processes of the cell, one "pid command" a line
//   cell-init tree FOLDER [SKIP]        what is in a folder, with hashes
//   cell-init files FOLDER LIMIT PATH … the content of files
//   cell-init version
//
// It trusts nothing in the cell: the code that runs there later has the same user id.

#include "confine.h"
#include "link.h"
#include "probe.h"
#include "tree.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

int usage()
{
    std::fputs(
        "usage: cell-init run --deadline SECONDS | confine [--no-children] [--writes N PATH...] -- "
        "COMMAND... | "
        "end-others | probe "
        "| processes | tree FOLDER [SKIP] | files FOLDER LIMIT PATH... | version\n",
        stderr);
    return 64;
}

/// confine [--no-children] [--writes N PATH…] -- COMMAND …
int confine(int argc, char **argv)
{
    cellinit::Confinement confinement;
    int next = 2;
    if (next < argc && std::strcmp(argv[next], "--no-children") == 0) {
        confinement.children = false;
        ++next;
    }
    if (next + 1 < argc && std::strcmp(argv[next], "--writes") == 0) {
        const long count = std::strtol(argv[next + 1], nullptr, 10);
        next += 2;
        if (count < 0 || count > argc - next)
            return usage();
        confinement.writesAnywhere = false;
        confinement.writable = argv + next;
        confinement.writableCount = int(count);
        next += int(count);
    }
    if (next + 1 >= argc || std::strcmp(argv[next], "--") != 0)
        return usage();
    return cellinit::runConfined(argv + next + 1, confinement);
}

} // namespace

int main(int argc, char **argv)
{
    if (argc == 4 && std::strcmp(argv[1], "run") == 0 && std::strcmp(argv[2], "--deadline") == 0) {
        const long seconds = std::strtol(argv[3], nullptr, 10);
        if (seconds < 1 || seconds > 7L * 24 * 3600)
            return usage();
        return cellinit::runLink(seconds);
    }
    if (argc == 2 && std::strcmp(argv[1], "probe") == 0)
        return cellinit::printProbe();
    if (argc > 3 && std::strcmp(argv[1], "confine") == 0)
        return confine(argc, argv);
    if (argc == 2 && std::strcmp(argv[1], "end-others") == 0)
        return cellinit::endOthers();
    if ((argc == 3 || argc == 4) && std::strcmp(argv[1], "tree") == 0)
        return cellinit::printTree(argv[2], argv[3]);
    if (argc > 4 && std::strcmp(argv[1], "files") == 0)
        return cellinit::printFiles(argv[2], std::strtol(argv[3], nullptr, 10), argv + 4);
    if (argc == 2 && std::strcmp(argv[1], "processes") == 0)
        return cellinit::printProcesses();
    if (argc == 2 && std::strcmp(argv[1], "version") == 0) {
        std::puts(OVVOC_VERSION);
        return 0;
    }
    return usage();
}
