#pragma once

#include "base/result.h"

#include <QStringList>
#include <QUrl>

namespace ovvoc {

/// Where a submodule of \a repository (the address of its page, "https://host/owner/name") lives on
/// the same server, from the addresses that .gitmodules gives: of the one that it lies in first,
/// of itself last, each absolute or relative to the one before (gitmodules(5)). Understood are
/// https, ssh, git and scp-like addresses; what comes back is the address of a page again. NotFound
/// with a sentence when it is on another server, or is no address of a repository.
Result<QUrl> submodulePage(const QUrl &repository, const QStringList &addresses);

} // namespace ovvoc
