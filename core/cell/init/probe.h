#pragma once

namespace cellinit {

/// Looks at this cell from inside and prints what it finds as one JSON object: identity,
/// capabilities, seccomp, interfaces, mounts, limits, and what happens to writes and connects that
/// must fail. Takes under a second; changes nothing.
int printProbe();

/// Prints the cell's processes, "pid command" a line, without this one.
int printProcesses();

} // namespace cellinit
