#pragma once

#include "base/result.h"
#include "jobs/job.h"

namespace ovvoc {

/// The folder in which this installation keeps what it knows. Private to its user (mode 0700).
struct Workspace
{
    QString folder; ///< OVVOC_WORKSPACE, else the platform's place for application data
    QString id; ///< made once; a label on every cell
    QString logFolder() const { return folder + "/log"; }
    QString notesFolder() const { return folder + "/notes"; }
};

/// Opens the workspace and makes it when it is not there yet.
Result<Workspace> openWorkspace();

/// Keeps a finished job's record (metadata only: no code, no patch, no log) in the workspace.
/// Returns the file's path.
Result<QString> saveJobRecord(const Workspace &workspace, const Job &job);

} // namespace ovvoc
