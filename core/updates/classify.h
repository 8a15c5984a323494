#pragma once

#include "updates/codechange.h"

namespace ovvoc {

/// One of the 25 kinds of change that an update may ask for, with why it is believed to. In three
/// tiers: 1 to 6 need no change of code, 7 to 13 a simple one, 14 to 25 a hard one.
struct UpdateCategory
{
    int number = 1;
    QString reason; ///< one sentence
    bool operator==(const UpdateCategory &) const = default;
};

/// What the hardest category leads to.
enum class UpdateStrategy {
    VersionOnly, ///< nothing of the code is known to change
    Rules, ///< rules change the code
    Codemod, ///< a codemod of the package's makers does, perhaps with rules
    ByHand ///< some places are left to a person
};

struct Classification
{
    QList<UpdateCategory> categories; ///< the hardest first; never empty
    UpdateStrategy strategy = UpdateStrategy::VersionOnly;
    bool operator==(const Classification &) const = default;
};

QString categoryName(int number); ///< "function rename"; empty outside 1 to 25
/// 1, 2 or 3; 0 outside 1 to 25.
int categoryTier(int number);
QString toString(UpdateStrategy strategy);

/// \a code: what was seen of all projects; what belongs to this update counts. Of a project whose
/// code was not read, and of files that could not be read, nothing is claimed. \a breaking: the
/// lines of its release notes that speak of breaking changes; what they are about comes last, since
/// whether this code is meant is not known.
Classification classify(const PlannedUpdate &update, const CodeReport &code,
                        const QStringList &breaking = {});

} // namespace ovvoc
