#pragma once

#include <QString>

namespace ovvoc {

/// A new id: 10 characters of time (ms since 1970) and 10 random ones, in Crockford base 32, lower
/// case. Sorts by time of creation; safe in file names, labels and URLs.
QString newId();

/// This process, in a form that a later process can check: "pid-starttime" with the start time in
/// clock ticks since boot from /proc/self/stat, so that a reused pid is not mistaken for it.
QString processIdentity();

/// Whether the process that processIdentity() once named still runs on this machine.
bool processLives(const QString &identity);

} // namespace ovvoc
