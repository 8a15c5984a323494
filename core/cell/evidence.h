#pragma once

#include <QList>
#include <QString>

namespace ovvoc {

/// Whether a control is what was asked for.
enum class Verdict {
    Holds,
    Differs, ///< weaker than asked: the job must not go on
    NotHere, ///< this engine or kernel has no such control; said, not hidden
};

/// One line of the isolation evidence: what was asked of the engine, what was found when the cell
/// was read back, and whether that holds. Stored with the job.
struct Evidence
{
    QString control;
    QString asked;
    QString found;
    Verdict verdict = Verdict::Differs;
    bool operator==(const Evidence &) const = default;
};

QString toString(Verdict verdict);

} // namespace ovvoc
