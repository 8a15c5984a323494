#pragma once

#include <QDateTime>
#include <QString>

namespace ovvoc {

/// One connection that a cell asked the gate for. Kept with the job, shown live.
struct EgressRow
{
    enum class Verdict { Allowed, Refused, Failed };

    quint64 id = 0; ///< unique in its job; rows are updated by it
    QDateTime time;
    QString host;
    int port = 0;
    Verdict verdict = Verdict::Refused;
    QString reason; ///< for people: why it was refused or failed; empty when all went well
    QString what; ///< of a registry: the packages that were asked for, at most about 500 characters
    int requests = 0; ///< of a registry
    int kept = 0; ///< those of them that were answered by what was kept
    qint64 bytesIn = 0; ///< to the cell
    qint64 bytesOut = 0; ///< from the cell
    qint64 milliseconds = 0;
    bool open = false;
    bool operator==(const EgressRow &) const = default;
};

QString toString(EgressRow::Verdict verdict);

} // namespace ovvoc
