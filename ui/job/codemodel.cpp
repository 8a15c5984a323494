#include "job/codemodel.h"

#include "widgets/tablecell.h"

#include <QCoreApplication>

namespace ovvoc {

QString toString(CodeRow::Kind kind)
{
    switch (kind) {
    case CodeRow::Kind::Changed:
        return QCoreApplication::translate("CodeModel", "changed");
    case CodeRow::Kind::ByHand:
        return QCoreApplication::translate("CodeModel", "by hand");
    case CodeRow::Kind::Unsure:
        return QCoreApplication::translate("CodeModel", "looks like it");
    case CodeRow::Kind::LeftAlone:
        return QCoreApplication::translate("CodeModel", "left alone");
    }
    return {};
}

QList<CodeRow> codeRows(const CodeReport &report)
{
    QList<CodeRow> rows;
    const auto take = [&](CodeRow::Kind kind, QList<CodePlace> CodeChange::*places) {
        for (const CodeChange &change : report.changes) {
            CodeChange rule = change;
            rule.changed.clear();
            rule.byHand.clear();
            rule.unsure.clear();
            for (const CodePlace &place : change.*places)
                rows << CodeRow{kind, place, rule};
        }
    };
    take(CodeRow::Kind::Changed, &CodeChange::changed);
    take(CodeRow::Kind::ByHand, &CodeChange::byHand);
    take(CodeRow::Kind::Unsure, &CodeChange::unsure);
    for (const CodePlace &place : report.problems)
        rows << CodeRow{CodeRow::Kind::LeftAlone, place, {}};
    return rows;
}

int CodeModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant CodeModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    return headerName({tr("Place"), tr("What"), tr("Rule"), tr("Why"), tr("Sure")}, section,
                      orientation, role);
}

QVariant CodeModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const CodeRow &row = value(index.row());
    using Font = TableCell::Font;
    const bool known = row.kind != CodeRow::Kind::LeftAlone;
    switch (index.column()) {
    case Place:
        return TableCell{row.place.line > 0
                             ? QStringLiteral("%1:%2").arg(row.place.file).arg(row.place.line)
                             : row.place.file,
                         {},
                         Tone::Plain,
                         Font::Mono}
            .data(role);
    case What:
        return TableCell{toString(row.kind), int(row.kind),
                         row.kind == CodeRow::Kind::Changed      ? Tone::Good
                             : row.kind == CodeRow::Kind::ByHand ? Tone::Gate
                                                                 : Tone::Muted}
            .data(role);
    case Rule:
        return TableCell{known ? row.rule.package + '/' + row.rule.rule : QString(),
                         {},
                         Tone::Plain,
                         Font::Mono,
                         row.rule.source}
            .data(role);
    case Title:
        if (row.kind == CodeRow::Kind::Unsure)
            return TableCell{tr("%1 of something that is not known").arg(row.place.text)}.data(
                role);
        return TableCell{row.place.text.isEmpty() || row.kind == CodeRow::Kind::Changed
                             ? row.rule.title
                             : row.place.text}
            .data(role);
    case Sure:
        return TableCell{known ? tr("%1 %").arg(qRound(row.rule.confidence * 100)) : QString(),
                         row.rule.confidence, Tone::Muted}
            .data(role);
    default:
        return {};
    }
}

} // namespace ovvoc
