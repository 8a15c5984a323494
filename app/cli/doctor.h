#pragma once

#include "base/result.h"

#include <QList>

namespace ovvoc {

/// One thing that `ovvoc doctor` looked at.
struct Checkup
{
    enum class State { Good, Note, Bad };
    State state = State::Good;
    QString what;
    QString found;
    QString mend; ///< what to do, when something is to be done
};

/// Looks at everything a job needs on this machine; changes nothing.
Task<QList<Checkup>> examine();

} // namespace ovvoc
