#include "audit/auditmodel.h"

#include "audit/auditwords.h"
#include "widgets/tablecell.h"

#include <QJsonDocument>
#include <QLocale>

namespace ovvoc {

namespace {

constexpr int pageSize = 200;

}

AuditModel::AuditModel(WorkspaceService *workspace, QObject *parent)
    : QAbstractTableModel(parent)
    , m_workspace(workspace)
{ }

void AuditModel::setFilter(const AuditFilter &filter)
{
    beginResetModel();
    m_filter = filter;
    m_filter.limit = pageSize;
    m_filter.before = 0;
    m_entries.clear();
    m_complete = false;
    m_loading = false;
    ++m_generation;
    endResetModel();
    fetchMore({});
}

void AuditModel::lookForNew()
{
    if (m_entries.isEmpty())
        return setFilter(m_filter);
    m_workspace->audit(m_filter).then(
        this, [this, generation = m_generation](const Result<QList<AuditEntry>> &entries) {
            if (generation != m_generation || !entries)
                return;
            QList<AuditEntry> fresh;
            for (const AuditEntry &entry : *entries) {
                if (m_entries.isEmpty() || entry.seq > m_entries.first().seq)
                    fresh << entry;
            }
            if (fresh.size() == pageSize) // more than a page: begin anew
                return setFilter(m_filter);
            if (fresh.isEmpty())
                return;
            beginInsertRows({}, 0, int(fresh.size()) - 1);
            m_entries = fresh + m_entries;
            endInsertRows();
        });
}

int AuditModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_entries.size());
}

int AuditModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

bool AuditModel::canFetchMore(const QModelIndex &parent) const
{
    return !parent.isValid() && !m_complete && !m_loading;
}

void AuditModel::fetchMore(const QModelIndex &parent)
{
    if (!canFetchMore(parent))
        return;
    m_loading = true;
    AuditFilter filter = m_filter;
    filter.before = m_entries.isEmpty() ? 0 : m_entries.last().seq;
    m_workspace->audit(filter).then(
        this, [this, generation = m_generation](const Result<QList<AuditEntry>> &entries) {
            if (generation != m_generation)
                return;
            m_loading = false;
            if (!entries) {
                m_complete = true;
                emit failed(entries.error());
                return;
            }
            m_complete = entries->size() < pageSize;
            if (!entries->isEmpty()) {
                beginInsertRows({}, int(m_entries.size()),
                                int(m_entries.size() + entries->size()) - 1);
                m_entries += *entries;
                endInsertRows();
            }
            emit loaded();
        });
}

QVariant AuditModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    return headerName({tr("Entry"), tr("Time"), tr("What"), tr("Client"), tr("Who"), tr("Result")},
                      section, orientation, role);
}

QVariant AuditModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const AuditEntry &entry = m_entries[index.row()];
    switch (index.column()) {
    case Number:
        return TableCell{QString::number(entry.seq), entry.seq, Tone::Muted, TableCell::Font::Mono}
            .data(role);
    case Time:
        return TableCell{entry.time.toLocalTime().toString("yyyy-MM-dd HH:mm:ss"), entry.time,
                         Tone::Muted, TableCell::Font::Mono}
            .data(role);
    case What:
        return TableCell{
            auditSentence(entry), entry.action, Tone::Plain, TableCell::Font::Normal,
            entry.action + '\n'
                + QString::fromUtf8(QJsonDocument(entry.detail).toJson(QJsonDocument::Indented))}
            .data(role);
    case ClientColumn: {
        const ClientOverview *client = m_workspace->client(entry.clientId);
        return TableCell{client                         ? client->client.name
                             : entry.clientId.isEmpty() ? QString()
                                                        : tr("erased"),
                         {},
                         client ? Tone::Plain : Tone::Muted}
            .data(role);
    }
    case Actor:
        return TableCell{entry.actor, {}, Tone::Muted}.data(role);
    case Result_: {
        if (entry.result == QLatin1String("begun"))
            return TableCell{tr("… begun"), {}, Tone::Muted}.data(role);
        const bool good = entry.result == QLatin1String("ok");
        return TableCell{
            good ? tr("✓ ok") : tr("✕ %1").arg(entry.result), {}, good ? Tone::Good : Tone::Bad}
            .data(role);
    }
    default:
        return {};
    }
}

} // namespace ovvoc
