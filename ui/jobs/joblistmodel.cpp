#include "jobs/joblistmodel.h"

#include "format.h"
#include "widgets/lifecyclebar.h"
#include "widgets/tablecell.h"

namespace ovvoc {

JobListModel::JobListModel(const Services &services, QObject *parent)
    : QAbstractTableModel(parent)
    , m_services(services)
{ }

void JobListModel::setFilter(const JobFilter &filter)
{
    beginResetModel();
    m_filter = filter;
    m_filter.limit = pageSize;
    m_filter.after.reset();
    m_jobs.clear();
    m_last.reset();
    m_complete = false;
    m_loading = false;
    ++m_generation;
    endResetModel();
    fetchMore({});
}

bool JobListModel::belongs(const JobBrief &job) const
{
    const QString word = m_filter.word.toCaseFolded();
    return (m_filter.clientId.isEmpty() || job.clientId == m_filter.clientId)
        && (m_filter.repositoryId.isEmpty() || job.repositoryId == m_filter.repositoryId)
        && (m_filter.kind.isEmpty() || toString(job.kind) == m_filter.kind)
        && (m_filter.outcome.isEmpty() || toString(job.outcome) == m_filter.outcome)
        && (m_filter.level.isEmpty() || job.level == m_filter.level)
        && (!m_filter.from.isValid() || job.created >= m_filter.from)
        && (word.isEmpty() || job.title.toCaseFolded().contains(word)
            || job.repositoryName.toCaseFolded() == word
            || job.repositoryName.toCaseFolded().endsWith('/' + word));
}

void JobListModel::take(const QList<const Job *> &jobs)
{
    QHash<QString, const Job *> fresh;
    for (const Job *job : jobs)
        fresh.insert(job->request.id, job);
    for (int row = 0; row < m_jobs.size() && !fresh.isEmpty(); ++row) {
        const Job *job = fresh.take(m_jobs[row].id);
        if (!job)
            continue;
        m_jobs[row] = briefOf(*job);
        emit dataChanged(index(row, 0), index(row, ColumnCount - 1));
    }
    if (m_filter.order != JobFilter::Order::Newest)
        return;
    QList<JobBrief> come;
    for (const Job *job : jobs) {
        if (!fresh.remove(job->request.id))
            continue;
        const JobBrief brief = briefOf(*job);
        if (belongs(brief))
            come.prepend(brief);
    }
    if (come.isEmpty())
        return;
    beginInsertRows({}, 0, int(come.size()) - 1);
    m_jobs = come + m_jobs;
    endInsertRows();
}

void JobListModel::forget(const QString &id)
{
    for (int row = 0; row < m_jobs.size(); ++row) {
        if (m_jobs[row].id != id)
            continue;
        beginRemoveRows({}, row, row);
        m_jobs.removeAt(row);
        endRemoveRows();
        return;
    }
}

int JobListModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_jobs.size());
}

int JobListModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

bool JobListModel::canFetchMore(const QModelIndex &parent) const
{
    return !parent.isValid() && !m_complete && !m_loading;
}

void JobListModel::fetchMore(const QModelIndex &parent)
{
    if (!canFetchMore(parent))
        return;
    m_loading = true;
    JobFilter filter = m_filter;
    filter.after = m_last;
    m_services.workspace->jobs(filter).then(
        this, [this, generation = m_generation](const Result<JobsPage> &page) {
            if (generation != m_generation)
                return;
            m_loading = false;
            if (!page) {
                m_complete = true;
                emit failed(page.error());
                return;
            }
            QList<JobBrief> fresh;
            for (const JobBrief &job : page->jobs) {
                // Those of this session may stand on top already, and are known better here.
                const bool shown =
                    std::any_of(m_jobs.begin(), m_jobs.end(),
                                [&](const JobBrief &other) { return other.id == job.id; });
                const Job *live = m_services.board->job(job.id);
                if (!shown)
                    fresh << (live ? briefOf(*live) : job);
            }
            m_last = page->last;
            m_complete = !page->last;
            if (!fresh.isEmpty()) {
                beginInsertRows({}, int(m_jobs.size()), int(m_jobs.size() + fresh.size()) - 1);
                m_jobs += fresh;
                endInsertRows();
            }
            emit loaded();
        });
}

void JobListModel::sort(int column, Qt::SortOrder order)
{
    using Order = JobFilter::Order;
    const bool ascending = order == Qt::AscendingOrder;
    if (column == Started)
        emit orderWanted(ascending ? Order::Oldest : Order::Newest);
    else if (column == Took)
        emit orderWanted(ascending ? Order::Shortest : Order::Longest);
    else
        emit orderWanted(m_filter.order); // as it is: the header must not claim another
}

QVariant JobListModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (role == Qt::InitialSortOrderRole && (section == Started || section == Took))
        return Qt::DescendingOrder;
    return headerName({tr("State"), tr("What"), tr("Client"), tr("Repository"), tr("Level"),
                       tr("Lifecycle"), tr("Started"), tr("Took")},
                      section, orientation, role);
}

QVariant JobListModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const JobBrief &job = m_jobs[index.row()];
    switch (index.column()) {
    case State:
        return TableCell{outcomeMark(job.outcome) + ' ' + outcomeText(job), int(job.outcome),
                         outcomeTone(job.outcome)}
            .data(role);
    case What:
        return TableCell{job.title,
                         {},
                         Tone::Plain,
                         TableCell::Font::Strong,
                         job.summary.isEmpty() ? job.title : job.summary}
            .data(role);
    case ClientColumn:
        return TableCell{job.clientName}.data(role);
    case RepositoryColumn:
        return TableCell{job.repositoryName}.data(role);
    case Level:
        return TableCell{job.security ? tr("%1 ! security").arg(job.level) : job.level,
                         {},
                         job.security ? Tone::Bad : Tone::Muted}
            .data(role);
    case Life:
        return lifecycleData(job.phases, role);
    case Started:
        return TableCell{ago(job.created), job.created, Tone::Muted, TableCell::Font::Normal,
                         QLocale().toString(job.created.toLocalTime(), QLocale::LongFormat)}
            .data(role);
    case Took:
        return TableCell{job.milliseconds() > 0 ? seconds(job.milliseconds()) : QString(),
                         job.milliseconds(), Tone::Muted}
            .data(role);
    default:
        return {};
    }
}

} // namespace ovvoc
