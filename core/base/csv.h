#pragma once

#include <QList>
#include <QVariant>

namespace ovvoc {

/// One line of CSV with its end (RFC 4180, section 2), every field quoted. A bool is yes or no;
/// what a spreadsheet would take for a formula is made a text.
QByteArray csvLine(const QList<QVariant> &values);

} // namespace ovvoc
