#pragma once

namespace cellinit {

/// Prints what is in a folder, without its `.git`, one entry after the other: kind ("f" a file, "x"
/// one that can be run, "l" a link, "o" anything else), blank, size in bytes, blank, SHA-256 of its
/// content (of a link: of its target), blank, path, NUL. Never follows a link. With \a skip,
/// folders of that name are left out ("/name": only one at the top). 0 when all of it could be
/// read.
int printTree(const char *folder, const char *skip);

/// Prints files: size in bytes, newline, content, one after the other; "-1\n" for one that is not
/// there, is no plain file, or is larger than \a limit bytes. No component of a path is followed
/// when it is a link.
int printFiles(const char *folder, long limit, char **paths);

} // namespace cellinit
