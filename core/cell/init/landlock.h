#pragma once

namespace cellinit {

/// The version of the kernel's Landlock interface; 0: it has none, or it is switched off.
/// https://docs.kernel.org/userspace-api/landlock.html
int landlockVersion();

/// From now on this process, and everything that is started from it, makes, changes and removes
/// files only below \a paths (\a count of them), which must be no links; what is not there is left
/// out. Reading stays as it is. Cannot be taken off. Nothing happens on a kernel before version 2
/// (Linux 5.19): there a file could not be moved from one folder to another. False, with errno,
/// when the kernel has it and it could not be done. The process must have no_new_privs.
bool limitWrites(char *const *paths, int count);

} // namespace cellinit
