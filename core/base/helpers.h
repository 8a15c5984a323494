#pragma once

#include "base/result.h"

namespace ovvoc {

/// Where one of the program's own helper programs lies ("cell-init", "cell-guard"): beside the
/// running program, or in libexec where it is installed. NotFound when the installation is damaged.
Result<QString> findHelper(const QString &name);

} // namespace ovvoc
