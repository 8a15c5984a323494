#include "updates/packagemodel.h"

#include "format.h"
#include "widgets/lifecyclebar.h"
#include "widgets/tablecell.h"

namespace ovvoc {

int PackageModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant PackageModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    return headerName({tr("Package"), tr("Repositories"), tr("Clients"), tr("From"), tr("To"),
                       tr("Kind"), QString()},
                      section, orientation, role);
}

QVariant PackageModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const PackageRow &row = value(index.row());
    using Font = TableCell::Font;
    switch (index.column()) {
    case Package:
        return TableCell{row.severity.isEmpty() ? row.name
                                                : tr("%1  ! %2").arg(row.name, row.severity),
                         row.name, row.severity.isEmpty() ? Tone::Plain : Tone::Bad, Font::Strong}
            .data(role);
    case Repositories:
        return TableCell{row.waiting > 0
                             ? tr("%1 (%2 held back)").arg(row.repositories).arg(row.waiting)
                             : QString::number(row.repositories),
                         row.repositories}
            .data(role);
    case Clients:
        return TableCell{QString::number(row.clients), row.clients}.data(role);
    case From:
        return TableCell{row.installed(), {}, Tone::Plain, Font::Mono}.data(role);
    case To:
        return TableCell{row.target, {}, Tone::Plain, Font::Mono}.data(role);
    case Kind:
        return TableCell{toString(row.level), int(row.level),
                         row.level == UpdateLevel::Major ? Tone::Gate : Tone::Plain}
            .data(role);
    case Action:
        if (role == ButtonDelegate::PrimaryRole)
            return false;
        return TableCell{tr("Update everywhere"),
                         {},
                         Tone::Plain,
                         Font::Normal,
                         tr("One job for each repository whose settings let it move")}
            .data(role);
    default:
        return {};
    }
}

} // namespace ovvoc
