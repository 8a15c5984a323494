#pragma once

#include "jobs/jobrunner.h"

namespace ovvoc {

/// Runs the program that reads and changes code in a cell of its own, without any way out, and
/// returns what it prints. \a request is what the program is asked; its "folder" is where \a tar, a
/// tar archive of sources, is unpacked (empty: none). Nothing of the sources runs. For trying rules
/// out: a job has its own cell. Errors: those of the engine; CommandFailed with the program's
/// words.
TaskResult<QByteArray> runCodeProgram(JobServices services, QJsonObject request, QByteArray tar);

} // namespace ovvoc
