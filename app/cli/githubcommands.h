#pragma once

#include "cli/commands.h"

namespace ovvoc {

/// `ovvoc client …` as far as it is about the client's GitHub App.
TaskResult<> githubCommand(const CommandCall &call, std::shared_ptr<Records> records,
                           Client client);

/// A repository that the client's App may update, by "owner/name". NotFound with what to do.
TaskResult<InstalledRepository> findOnGitHub(std::shared_ptr<Records> records, Client client,
                                             QString fullName);

} // namespace ovvoc
