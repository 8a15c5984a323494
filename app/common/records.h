#pragma once

#include "forge/github/clientforge.h"
#include "jobs/jobqueue.h"
#include "jobs/jobrecorder.h"
#include "runs/runrecorder.h"

namespace ovvoc {

/// A workspace that is open, and everything that lives in it. Owned by the core thread.
struct Records
{
    std::shared_ptr<Workspace> workspace;
    std::shared_ptr<JobArchive> archive;
    std::shared_ptr<JobRecorder> recorder;
    std::shared_ptr<RunRecorder> runs;
    std::shared_ptr<GitHubConnections> github;
};

/// Opens the workspace with the keychain of this system and notes the start in the audit log. With
/// \a evenDamaged also one whose log does not hold, to look at (Workspace::damage()).
TaskResult<std::shared_ptr<Records>> openRecords(WorkspaceFolder folder,
                                                 std::shared_ptr<SecretStore> store,
                                                 std::shared_ptr<SecretMask> mask,
                                                 bool evenDamaged = false);

/// What a start found of an earlier end that was none.
struct Tidied
{
    QList<Job> interrupted;
    int tokensRevoked = 0;
    QList<AskedRun> goOn; ///< runs of this program that it is to go on with
    QList<Error> problems; ///< what could not be looked at now: no engine, no network
};

/// Destroys what this workspace's programs that no longer run have left in the engine, also cells
/// that never started. Returns what became of them by job.
TaskResult<QHash<QString, CellFate>> sweepCells(std::shared_ptr<EngineClient> engine,
                                                QString workspaceId);

/// Whether a job on a folder of this machine may run although the workspace did not open: only for
/// want of a keychain, and the person is told. What the disk or the log stops is stopped.
bool mayGoUnrecorded(const Error &error);

/// Destroys cells, revokes tokens and closes jobs that a program which no longer runs has left, and
/// purges what the settings no longer keep. \a engine may be null: then no cell is looked for.
Task<Tidied> tidyUp(std::shared_ptr<Records> records, std::shared_ptr<EngineClient> engine);

/// Notes the end and puts the audit log's head into the keychain.
TaskResult<> closeRecords(std::shared_ptr<Records> records);

/// Gives a job on a folder of this machine that belongs to no client a home: the client "This
/// machine" and a repository of it, made when needed. A folder that is not there gets none.
Result<> adoptLocal(Workspace &workspace, JobRequest &request);

/// A job for a client's repository, with the settings that hold for it.
Result<JobRequest> clientRequest(Workspace &workspace, const Client &client,
                                 const ClientRepository &repository, JobKind kind);

/// What is to be asked for to go on with \a run under the settings that hold now, with an id of its
/// own. NotFound when its repository is no more.
Result<JobRequest> goOnWith(Workspace &workspace, const AskedRun &run);

/// What the kept runs found out about a repository.
JobServices::Memory memoryOfRuns(std::shared_ptr<Records> records);

/// Reads the credentials of clients' registries, and has them masked from then on.
JobServices::RegistryCredential registryCredentialsOf(std::shared_ptr<Records> records,
                                                      std::shared_ptr<SecretMask> mask);

/// The forge of a job: the client's repository's, or the folder on this machine that it names.
JobQueue::ForgeMaker forgesOf(std::shared_ptr<Records> records);

} // namespace ovvoc
