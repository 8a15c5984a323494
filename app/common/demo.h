#pragma once

#include "base/result.h"

namespace ovvoc {

/// Makes a fresh copy of the demo repository (compiled into the program) below \a folder and
/// returns its path. Needs git.
TaskResult<QString> makeDemoRepository(QString folder);

} // namespace ovvoc
