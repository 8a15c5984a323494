#pragma once

#include "base/result.h"
#include "updates/plan.h"

namespace ovvoc {

/// \a text, a JSON file, with each place's value replaced; every other byte stays as it is: indent,
/// line ends, order, byte order mark. \a exact: writes the version alone in place of the range that
/// is to stand there in the end, which pins the lockfile to it. One pass, linear, nothing deeper
/// than 64 levels. Conflict when a place does not hold what the plan was made from; a key that
/// stands twice counts where it stands last, as JSON readers have it.
Result<QByteArray> withPlaces(const QByteArray &text, const QList<UpdatePlace> &places, bool exact);

/// \a text, a manifest, with one more dependency in \a section, written as its neighbours are:
/// where the order of names has it if they are in order, else last. The same text when it is there
/// already. Conflict when there is no such section or it is empty; InvalidInput when it is no JSON.
Result<QByteArray> withDependency(const QByteArray &text, const QString &section,
                                  const QString &name, const QString &range);

/// The package manager's own words of what went wrong, as a sentence with a way out; nothing when
/// it is not known.
/// Whether a package manager says of itself that the disk is full.
bool saysNoSpace(const QByteArray &output);

std::optional<Error> explainInstallFailure(const QByteArray &output);

/// The packages that npm names in a conflict of peers (ERESOLVE), at most 20.
QStringList packagesInConflict(const QByteArray &output);

} // namespace ovvoc
