#include "repository/dependencymodel.h"

#include "widgets/lifecyclebar.h"
#include "widgets/tablecell.h"

namespace ovvoc {

namespace {

using State = DependencyRow::State;

TableCell stateCell(const DependencyRow &row)
{
    const int raw = int(row.state);
    using Font = TableCell::Font;
    switch (row.state) {
    case State::UpToDate:
        return {DependencyModel::tr("✓ up to date"), raw, Tone::Good};
    case State::NotJudged:
        return {DependencyModel::tr("– not judged"), raw, Tone::Muted, Font::Normal, row.why};
    case State::Pending:
        return {DependencyModel::tr("○ can move"), raw, Tone::Gate};
    case State::Held:
        return {DependencyModel::tr("– held: %1").arg(row.why), raw, Tone::Muted};
    case State::Waiting:
        return {DependencyModel::tr("○ waits for its turn"), raw, Tone::Accent};
    case State::Running:
        return {DependencyModel::tr("● running"), raw, Tone::Accent};
    case State::Proposed:
        return {DependencyModel::tr("✓ proposed: %1").arg(row.why), raw, Tone::Good};
    }
    return {};
}

/// What the scan noticed, and the advisories with what mends them.
QString noteOf(const DependencyRow &row)
{
    const ScannedDependency &dependency = row.dependency;
    QStringList said;
    for (const Advisory &one : row.advisories)
        said << QStringLiteral("%1: %2").arg(one.severity, one.title);
    if (!dependency.note.isEmpty())
        said << dependency.note;
    if (dependency.gone)
        said << DependencyModel::tr("the installed version is no longer published");
    if (!dependency.deprecated.isEmpty())
        said << DependencyModel::tr("deprecated: %1").arg(dependency.deprecated);
    for (const QString &one : dependency.code.rules)
        said << DependencyModel::tr("would change: %1").arg(one);
    for (const QString &one : dependency.code.byHand)
        said << DependencyModel::tr("by hand: %1").arg(one);
    return said.join(QStringLiteral("; "));
}

} // namespace

int DependencyModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant DependencyModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    return headerName({tr("Package"), tr("State"), tr("Current"), tr("Wanted"), tr("Latest"),
                       tr("Step"), tr("Section"), tr("Note"), QString()},
                      section, orientation, role);
}

QVariant DependencyModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const DependencyRow &row = value(index.row());
    const ScannedDependency &dependency = row.dependency;
    using Font = TableCell::Font;
    switch (index.column()) {
    case Package: {
        const QString name = dependency.project.isEmpty()
            ? dependency.name
            : tr("%1 · %2").arg(dependency.name, dependency.project);
        if (row.advisories.isEmpty())
            return TableCell{name, dependency.name, Tone::Plain, Font::Strong}.data(role);
        return TableCell{tr("%1  ! %2").arg(name, row.advisories.first().severity), dependency.name,
                         Tone::Bad, Font::Strong, noteOf(row)}
            .data(role);
    }
    case StateColumn:
        return stateCell(row).data(role);
    case Current:
        return TableCell{dependency.current, {}, Tone::Plain, Font::Mono}.data(role);
    case Wanted:
        return TableCell{dependency.wanted, {}, Tone::Muted, Font::Mono}.data(role);
    case Latest:
        return TableCell{
            dependency.latest, {}, dependency.level ? Tone::Plain : Tone::Muted, Font::Mono}
            .data(role);
    case Step:
        return TableCell{dependency.level ? toString(*dependency.level) : QString(),
                         dependency.level ? int(*dependency.level) : -1,
                         dependency.level == UpdateLevel::Major ? Tone::Gate : Tone::Plain}
            .data(role);
    case Section:
        return TableCell{dependency.section == QLatin1String("indirect") ? tr("lockfile alone")
                                                                         : dependency.section,
                         {},
                         Tone::Muted}
            .data(role);
    case Note:
        return TableCell{noteOf(row), {}, row.advisories.isEmpty() ? Tone::Muted : Tone::Bad}.data(
            role);
    case Action:
        if (role == ButtonDelegate::PrimaryRole)
            return false;
        if (row.state == State::Waiting || row.state == State::Running)
            return TableCell{tr("Open job"), 0}.data(role);
        return TableCell{row.canUpdate() ? tr("Update") : QString(), row.canUpdate() ? 1 : 2}.data(
            role);
    default:
        return {};
    }
}

} // namespace ovvoc
