#pragma once

namespace cellinit {

/// The port on 127.0.0.1 inside the cell where git and the package manager find their way out.
constexpr unsigned short linkPort = 9080;

/// Carries connections out over standard input and output as HTTP/2 (we are the client), reaps
/// children, and returns when standard input ends, the protocol breaks or \a deadlineSeconds have
/// passed: process 1 ends, and the kernel ends the cell with it.
int runLink(long deadlineSeconds);

} // namespace cellinit
