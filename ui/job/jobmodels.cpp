#include "job/jobmodels.h"

#include "format.h"
#include "widgets/tablecell.h"

#include <algorithm>

namespace ovvoc {

namespace {

/// Answers the roles that every table of a job has in common.
QVariant answer(int role, const QString &text, const QVariant &raw, Tone tone, bool mono = false)
{
    return TableCell{text, raw, tone, mono ? TableCell::Font::Mono : TableCell::Font::Normal}.data(
        role);
}

} // namespace

int EgressModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant EgressModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    return headerName({tr("Time"), tr("Host"), tr("Port"), tr("Asked for"), tr("Verdict"), tr("In"),
                       tr("Out"), tr("Duration")},
                      section, orientation, role);
}

QVariant EgressModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const EgressRow &row = value(index.row());
    switch (index.column()) {
    case Time:
        return answer(role, row.time.toLocalTime().toString("HH:mm:ss.zzz"), row.time, Tone::Muted,
                      true);
    case Host:
        return answer(role, row.host, row.host, Tone::Plain);
    case Port:
        return answer(role, row.port > 0 ? QString::number(row.port) : tr("git"), row.port,
                      Tone::Muted);
    case What: {
        QString text = row.what;
        if (row.requests > 1)
            text += QStringLiteral(" · ") + tr("%n request(s)", nullptr, row.requests);
        if (row.kept > 0)
            text += QStringLiteral(" · ") + tr("%n from what is kept", nullptr, row.kept);
        return answer(role, text, row.requests, Tone::Muted);
    }
    case VerdictColumn: {
        QString text = row.open ? tr("open") : toString(row.verdict);
        if (!row.reason.isEmpty())
            text += " · " + row.reason;
        return answer(role, text, int(row.verdict),
                      row.verdict == EgressRow::Verdict::Allowed
                          ? row.open ? Tone::Gate : Tone::Good
                          : Tone::Bad);
    }
    case In:
        return answer(role, sized(row.bytesIn), row.bytesIn, Tone::Plain);
    case Out:
        return answer(role, sized(row.bytesOut), row.bytesOut, Tone::Plain);
    case Duration:
        return answer(role, seconds(row.milliseconds), row.milliseconds, Tone::Muted);
    default:
        return {};
    }
}

int EvidenceModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant EvidenceModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    return headerName({tr("Control"), tr("Asked"), tr("Found"), tr("Verdict")}, section,
                      orientation, role);
}

QVariant EvidenceModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const Evidence &row = value(index.row());
    switch (index.column()) {
    case Control:
        return answer(role, row.control, row.control, Tone::Plain);
    case Asked:
        return answer(role, row.asked, row.asked, Tone::Muted);
    case Found:
        return answer(role, row.found, row.found, Tone::Plain);
    case VerdictColumn:
        switch (row.verdict) {
        case Verdict::Holds:
            return answer(role, tr("✓ holds"), int(row.verdict), Tone::Good);
        case Verdict::Differs:
            return answer(role, tr("✕ differs"), int(row.verdict), Tone::Bad);
        case Verdict::NotHere:
            return answer(role, tr("– not here"), int(row.verdict), Tone::Muted);
        }
        return {};
    default:
        return {};
    }
}

int ScanModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant ScanModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    return headerName({tr("Package"), tr("Current"), tr("Wanted"), tr("Latest"), tr("Level"),
                       tr("Age"), tr("Section"), tr("Note")},
                      section, orientation, role);
}

QVariant ScanModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const ScannedDependency &row = value(index.row());
    switch (index.column()) {
    case Name:
        return answer(role, row.name, row.name, Tone::Plain);
    case Current:
        return answer(role, row.current, row.current, Tone::Plain, true);
    case Wanted:
        return answer(role, row.wanted, row.wanted, Tone::Muted, true);
    case Latest:
        return answer(role, row.latest, row.latest, row.level ? Tone::Plain : Tone::Muted, true);
    case Level:
        if (!row.level && !row.note.isEmpty())
            return answer(role, tr("not judged"), -1, Tone::Muted);
        return answer(role, row.level ? toString(*row.level) : tr("up to date"),
                      row.level ? int(*row.level) : -2, row.level ? Tone::Gate : Tone::Good);
    case Age:
        return answer(role, row.ageDays >= 0 ? tr("%n day(s)", nullptr, row.ageDays) : QString(),
                      row.ageDays, Tone::Muted);
    case Section:
        return answer(role, row.section, row.section, Tone::Muted);
    case Note: {
        QStringList said;
        if (!row.note.isEmpty())
            said << row.note;
        if (row.gone)
            said << tr("the installed version is no longer published");
        if (!row.deprecated.isEmpty())
            said << tr("deprecated: %1").arg(row.deprecated);
        for (const QString &one : row.code.rules)
            said << tr("would change: %1").arg(one);
        for (const QString &one : row.code.byHand)
            said << tr("by hand: %1").arg(one);
        const QString note = said.join(QStringLiteral("; "));
        return answer(role, note, note, Tone::Muted);
    }
    default:
        return {};
    }
}

} // namespace ovvoc
