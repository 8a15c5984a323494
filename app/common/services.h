#pragma once

#include "clients/workspace.h"
#include "jobs/jobqueue.h"

namespace ovvoc {

/// The engine of this machine: connects to the first endpoint that answers.
TaskResult<std::shared_ptr<EngineClient>> connectEngine();

/// Everything a job needs, made from the workspace and this machine's engine.
TaskResult<JobServices> makeServices(WorkspaceFolder workspace,
                                     std::shared_ptr<const SecretMask> mask);

/// Asks npm which registry it uses and whether that answers; returns its host. Errors: NotFound
/// (no npm), NetworkDown.
TaskResult<QString> reachRegistry(ProxySetting proxy);

/// The forge of a job on a local repository. JobRequest::repositoryId is its absolute path.
JobQueue::ForgeMaker localForges(const WorkspaceFolder &workspace);

/// A request for a repository on this machine's disk; checks nothing yet.
JobRequest localRequest(const QString &path, JobKind kind);

/// Puts the translations of the user's language in place; English has its plurals there.
void installTranslations();

/// Core dumps off: memory may hold secrets. Call first in main().
void hardenProcess();

} // namespace ovvoc
