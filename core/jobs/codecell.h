#pragma once

#include "jobs/jobrunner.h"

namespace ovvoc {

/// The program that reads and changes code, as a cell's image has it: its request stands in a file,
/// its answer is what it prints. It starts nothing.
ExecRequest codeProgram(const QString &requestFile);

/// Runs the program that reads and changes code in a cell of its own, without any way out, and
/// returns what it prints. \a request is what the program is asked; its "folder" is where \a tar, a
/// tar archive of sources, is unpacked (empty: none). Nothing of the sources runs. For trying rules
/// out: a job has its own cell. Errors: those of the engine; CommandFailed with the program's
/// words.
TaskResult<QByteArray> runCodeProgram(JobServices services, QJsonObject request, QByteArray tar);

} // namespace ovvoc
