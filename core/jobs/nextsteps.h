#pragma once

#include "clients/settings.h"
#include "jobs/job.h"

namespace ovvoc {

/// Something that a person can do about how a job ended: a button in the window, a command in the
/// terminal. What only a person can do (read notes, mend code) is a sentence of the report instead.
struct NextStep
{
    enum class Kind {
        RunWithout, ///< run again with packages alone
        Skip, ///< value: what to skip, as parseSkip() reads it
        Setting, ///< setting and value, as parseSetting() reads it; then run again
        Registry, ///< value: a registry to name for the client, as parseRegistry() reads it
        Credential ///< value: the address of a registry whose credential is missing
    };
    Kind kind = Kind::Skip;
    QString text; ///< what it does, for a button: "Skip react 19.0.0"
    QString command; ///< the same in a terminal; safe to paste into a POSIX shell
    QString setting, value;
    QStringList packages;
    bool operator==(const NextStep &) const = default;
};

/// What can be done about \a job, the most likely first; empty while it is not over and when there
/// is nothing. Needs nothing but the job, so that one from the archive has them as well.
QList<NextStep> nextSteps(const Job &job);

/// The value of the setting "skip" where \a held are skipped already and \a skip comes to it.
QJsonArray withSkip(const QList<Skip> &held, const Skip &skip);

/// \a text as one word of a POSIX shell.
QString shellWord(const QString &text);

} // namespace ovvoc
