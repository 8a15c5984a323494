#pragma once

#include <QString>

namespace ovvoc {

/// A text that orders names as people do when compared: without case, and "Aurora 2" before
/// "Aurora 10". The same in every locale, so that two machines show the same order.
QString sortKey(const QString &name);

} // namespace ovvoc
