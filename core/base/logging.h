#pragma once

#include "base/mask.h"
#include "base/result.h"

#include <memory>
#include <spdlog/spdlog.h>

namespace ovvoc {

/// Where the program's own log goes. Nothing of a repository's content is ever written to it, and
/// no name of a client, repository, branch or package: those are in sealed records only. Log ids,
/// error codes and numbers, not messages.
struct LogOptions
{
    QString folder; ///< made with mode 0700; files get mode 0600. Empty: no file
    bool toStderr = false;
    spdlog::level::level_enum level = spdlog::level::info;
    qint64 fileBytes = 4 * 1024 * 1024;
    int files = 4;
};

/// Sets up the process-wide log: rotating, private, and behind \a mask, which every line passes
/// before any sink sees it. Qt's own messages go the same way. Call once, from main().
Result<> initLogging(const LogOptions &options, std::shared_ptr<const SecretMask> mask);

/// The log of the whole process. Before initLogging() lines go nowhere.
spdlog::logger &log();

} // namespace ovvoc
