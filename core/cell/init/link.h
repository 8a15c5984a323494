#pragma once

namespace cellinit {

/// The port on 127.0.0.1 inside the cell where git and the package manager find their way out.
constexpr unsigned short linkPort = 9080;

/// What a PING from outside holds when the gate has closed: the port is given back to the cell.
/// Eight bytes, as a PING has them (RFC 9113, 6.7). The program has the same (core/cell/link.cpp).
constexpr unsigned char portCloses[8] = {'g', 'a', 't', 'e', 's', 'h', 'u', 't'};

/// Carries connections out over standard input and output as HTTP/2 (we are the client), reaps
/// children, and returns when standard input ends, the protocol breaks or \a deadlineSeconds have
/// passed: process 1 ends, and the kernel ends the cell with it.
int runLink(long deadlineSeconds);

} // namespace cellinit
