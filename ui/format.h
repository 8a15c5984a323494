#pragma once

#include <QString>

namespace ovvoc {

// Numbers as people read them, the same everywhere in the window.

QString seconds(qint64 milliseconds); ///< "0.24 s", "38.4 s", "2 min 14 s"
QString sized(qint64 bytes); ///< "512 B", "4.2 KiB", "1.3 MiB"
/// \a text cut in its middle to at most \a length characters.
QString shortened(const QString &text, int length);

} // namespace ovvoc
