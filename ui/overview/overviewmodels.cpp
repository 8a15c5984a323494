#include "overview/overviewmodels.h"

#include "base/sortkey.h"
#include "format.h"
#include "theme/theme.h"
#include "widgets/clientmark.h"
#include "widgets/lifecyclebar.h"
#include "widgets/tablecell.h"

#include <QPainter>
#include <QPixmap>

namespace ovvoc {

namespace {

QPixmap markOf(const Client &client)
{
    const int size = theme().px(18);
    const qreal ratio = 2;
    QPixmap pixmap(QSize(size, size) * ratio);
    pixmap.setDevicePixelRatio(ratio);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    paintClientMark(painter, QRectF(0, 0, size, size), client.name, client.colour);
    return pixmap;
}

TableCell number(qint64 count, Tone tone = Tone::Plain)
{
    return {count > 0 ? QString::number(count) : QStringLiteral("–"), count,
            count > 0 ? tone : Tone::Muted};
}

} // namespace

ClientsModel::ClientsModel(const Services &services, QObject *parent)
    : ValueModel(parent)
    , m_services(services)
{ }

int ClientsModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant ClientsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    return headerName({tr("Client"), tr("Repositories"), tr("Running"), tr("Pending"),
                       tr("Security"), tr("Needs attention"), tr("Success, 30 days"), tr("Next")},
                      section, orientation, role);
}

QVariant ClientsModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const ClientOverview &one = value(index.row());
    switch (index.column()) {
    case Name:
        if (role == Qt::DecorationRole)
            return markOf(one.client);
        return TableCell{one.client.archived ? tr("%1 (archived)").arg(one.client.name)
                                             : one.client.name,
                         sortKey(one.client.name), one.client.archived ? Tone::Muted : Tone::Plain,
                         TableCell::Font::Strong}
            .data(role);
    case Repositories:
        return number(one.repositories.size()).data(role);
    case Running:
        return number(m_services.board->unfinishedCount(one.client.id), Tone::Accent).data(role);
    case Pending:
        return number(one.pending()).data(role);
    case Security:
        return number(one.security(), Tone::Bad).data(role);
    case Attention:
        return number(one.failing(), Tone::Bad).data(role);
    case Rate: {
        const auto rate = one.successRate();
        return TableCell{rate ? percent(*rate) : QStringLiteral("–"), rate.value_or(-1),
                         rate ? Tone::Plain : Tone::Muted}
            .data(role);
    }
    case Next: {
        for (const ScheduledRun &run : m_services.workspace->upcoming()) {
            if (run.clientId == one.client.id)
                return TableCell{soon(run.time), run.time, Tone::Muted}.data(role);
        }
        return TableCell{QStringLiteral("–"), QDateTime(), Tone::Muted}.data(role);
    }
    default:
        return {};
    }
}

void ClientsModel::jobsChanged()
{
    if (rowCount() > 0)
        emit dataChanged(index(0, Running), index(rowCount() - 1, Running));
}

int BriefModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant BriefModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    return headerName({tr("State"), tr("Where"), tr("What"), tr("Lifecycle"), tr("When")}, section,
                      orientation, role);
}

QVariant BriefModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const JobBrief &job = value(index.row());
    switch (index.column()) {
    case State:
        return TableCell{outcomeMark(job.outcome) + ' ' + outcomeText(job), int(job.outcome),
                         outcomeTone(job.outcome)}
            .data(role);
    case Where:
        return TableCell{QStringLiteral("%1 / %2").arg(job.clientName, job.repositoryName)}.data(
            role);
    case What:
        return TableCell{job.title,
                         {},
                         Tone::Plain,
                         TableCell::Font::Normal,
                         job.summary.isEmpty() ? job.title : job.summary}
            .data(role);
    case Life:
        return lifecycleData(job.phases, role);
    case When:
        return TableCell{ago(job.created), job.created, Tone::Muted}.data(role);
    default:
        return {};
    }
}

} // namespace ovvoc
