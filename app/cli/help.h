#pragma once

#include <QStringList>

namespace ovvoc {

/// The whole of `ovvoc --help`.
QString usageOf();
/// What it says of one command, with what holds for all; empty when there is no such command.
QString usageOf(const QString &command);
/// Every command, in the order of the help.
QStringList commandNames();
/// The one of \a known that \a word was likely meant to be (a letter more, less, other or in the
/// wrong place, two in longer words, or the beginning of just one); empty: none.
QString nearest(const QString &word, const QStringList &known);

} // namespace ovvoc
