#include "client/repositorymodel.h"

#include "base/sortkey.h"
#include "format.h"
#include "widgets/lifecyclebar.h"
#include "widgets/tablecell.h"

namespace ovvoc {

RepositoryModel::RepositoryModel(const JobBoard *board, QObject *parent)
    : ValueModel(parent)
    , m_board(board)
{ }

int RepositoryModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant RepositoryModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    return headerName({tr("Repository"), tr("State"), tr("Dependencies"), tr("Outdated"),
                       tr("Last job"), tr("Lifecycle of the last job"), tr("Schedule"), QString()},
                      section, orientation, role);
}

RepositoryModel::Does RepositoryModel::actionOf(const RepositoryOverview &one) const
{
    if (m_board->unfinishedOf(one.repository.id))
        return Does::OpenJob;
    return one.scanned && one.movable() == 0 ? Does::Scan : Does::Update;
}

QVariant RepositoryModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const RepositoryOverview &one = value(index.row());
    const Job *job = m_board->unfinishedOf(one.repository.id);
    const std::optional<JobBrief> last = job ? briefOf(*job) : one.lastJob;
    using Font = TableCell::Font;
    switch (index.column()) {
    case Name: {
        // The owner is the same in most lines: it stands in the tip.
        const QString branch = one.repository.baseBranch;
        const QString title = one.repository.title();
        return TableCell{
            branch.isEmpty() ? one.repository.name : tr("%1 · %2").arg(one.repository.name, branch),
            sortKey(title), one.repository.archived ? Tone::Muted : Tone::Plain, Font::Strong,
            branch.isEmpty() ? title : tr("%1, branch %2").arg(title, branch)}
            .data(role);
    }
    case State:
        if (job && job->request.kind == JobKind::Scan)
            return TableCell{tr("● Scanning"), 1, Tone::Accent}.data(role);
        if (job)
            return TableCell{job->running() ? tr("● Updating") : tr("○ Waiting"), 0, Tone::Accent}
                .data(role);
        if (one.repository.archived)
            return TableCell{tr("Archived"), 5, Tone::Muted}.data(role);
        if (one.needsAttention())
            return TableCell{tr("✕ Needs attention"), 2, Tone::Bad, Font::Normal,
                             one.lastUpdate->summary}
                .data(role);
        if (one.movable() > 0)
            return TableCell{tr("Outdated"), 3, Tone::Gate}.data(role);
        if (one.schedule != QLatin1String("off"))
            return TableCell{tr("Monitoring"), 3}.data(role);
        return TableCell{tr("Idle"), 4, Tone::Muted}.data(role);
    case Dependencies:
        return TableCell{one.scanned ? QString::number(one.dependencies) : tr("not scanned"),
                         one.scanned ? one.dependencies : -1,
                         one.scanned ? Tone::Plain : Tone::Muted}
            .data(role);
    case Outdated: {
        QString text = one.scanned ? QString::number(one.outdated()) : QString();
        if (one.security() > 0)
            text += tr(" · %1 security").arg(one.security());
        return TableCell{text, one.security() * 1000 + one.outdated(),
                         one.security() > 0 ? Tone::Bad : Tone::Plain}
            .data(role);
    }
    case LastJob:
        if (!last)
            return TableCell{tr("never"), QDateTime(), Tone::Muted}.data(role);
        return TableCell{tr("%1, %2").arg(ago(last->created), outcomeText(*last)), last->created,
                         last->outcome == Outcome::Failed ? Tone::Bad : Tone::Plain, Font::Normal,
                         last->summary.isEmpty() ? last->title : last->summary}
            .data(role);
    case Life:
        return lifecycleData(last ? last->phases : QList<PhaseBrief>(), role);
    case ScheduleColumn:
        return TableCell{
            one.schedule == QLatin1String("off") ? tr("off") : one.schedule, {}, Tone::Muted}
            .data(role);
    case Action:
        if (role == ButtonDelegate::PrimaryRole)
            return actionOf(one) == Does::Update && one.movable() > 0;
        switch (actionOf(one)) {
        case Does::OpenJob:
            return TableCell{tr("Open job"), 0}.data(role);
        case Does::Update:
            return TableCell{tr("Update"), 1}.data(role);
        case Does::Scan:
            return TableCell{tr("Scan"), 2}.data(role);
        }
        return {};
    default:
        return {};
    }
}

void RepositoryModel::jobsChanged(const QSet<QString> &repositories)
{
    for (int row = 0; row < rowCount() && !repositories.isEmpty(); ++row) {
        if (repositories.contains(value(row).repository.id))
            emit dataChanged(index(row, 0), index(row, ColumnCount - 1));
    }
}

} // namespace ovvoc
