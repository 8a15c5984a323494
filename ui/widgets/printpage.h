#pragma once

#include "base/result.h"

#include <QString>

namespace ovvoc {

/// Writes a page of HTML that needs nothing from elsewhere as a PDF of A4 pages, numbered. In a
/// program with fonts (QGuiApplication); from any thread. ReadOnly when it cannot be written.
Result<> printPage(const QString &html, const QString &path);

} // namespace ovvoc
