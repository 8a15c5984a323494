#include "clients/recorddigest.h"

#include "clients/workspace.h"
#include "crypto/sealing.h"

#include <QCryptographicHash>
#include <QSet>

namespace ovvoc {

const QString jobRowColumns =
    QStringLiteral("id, client, repository, kind, outcome, phase, level, security, created, ended");

QString settingsRecord()
{
    return QStringLiteral("settings");
}

QString clientRecord(const QString &clientId)
{
    return "client/" + clientId;
}

QString repositoryRecord(const QString &clientId, const QString &repositoryId)
{
    return "repository/" + clientId + '/' + repositoryId;
}

QString scanRecord(const QString &clientId, const QString &repositoryId)
{
    return "scan/" + clientId + '/' + repositoryId;
}

QString jobRecord(const QString &clientId, const QString &jobId)
{
    return "job/" + clientId + '/' + jobId;
}

QByteArray recordDigest(const QByteArray &plain, const QVariantList &columns)
{
    QCryptographicHash hash(QCryptographicHash::Sha256);
    // Each part with its length, so that nothing can move from one to another.
    const auto part = [&hash](const QByteArray &bytes) {
        hash.addData(QByteArray::number(bytes.size()) + ':');
        hash.addData(bytes);
    };
    part(plain);
    for (const QVariant &column : columns)
        part(column.toString().toUtf8());
    return hash.result();
}

WorkspaceRecords::WorkspaceRecords(Workspace *workspace)
    : m_workspace(workspace)
{ }

Result<QStringList> WorkspaceRecords::names(const QString &after, int limit)
{
    // By kind, in the order of their names: client, job, repository, scan, settings.
    Database &database = m_workspace->database();
    QStringList list;
    const auto enough = [&] { return list.size() >= limit; };
    const auto beyond = [&](const QString &kind) { return after.section('/', 0, 0) > kind; };
    if (!beyond(QStringLiteral("client"))) {
        OVVOC_TRY(rows,
                  database.rows(QStringLiteral("SELECT id FROM client WHERE wrapped_key IS NOT "
                                               "NULL AND 'client/' || id > ? ORDER BY id LIMIT ?"),
                                {after.isNull() ? QString("") : after, limit}));
        for (const Database::Row &row : rows)
            list << clientRecord(row[0].toString());
    }
    if (!enough() && !beyond(QStringLiteral("job"))) {
        const bool here = after.startsWith(QLatin1String("job/"));
        OVVOC_TRY(rows,
                  database.rows(
                      QStringLiteral(
                          "SELECT client, id FROM job WHERE process = '' AND outcome <> 'none' AND "
                          "(client, id) > (?, ?) ORDER BY client, id LIMIT ?"),
                      {here ? after.section('/', 1, 1) : QString(""),
                       here ? after.section('/', 2) : QString(""), limit - list.size()}));
        for (const Database::Row &row : rows)
            list << jobRecord(row[0].toString(), row[1].toString());
    }
    OVVOC_TRY(clients,
              database.rows(QStringLiteral(
                  "SELECT id FROM client WHERE wrapped_key IS NOT NULL ORDER BY id")));
    const struct
    {
        QString kind;
        QString (*name)(const QString &, const QString &);
        QString select;
    } own[] = {{QStringLiteral("repository"), repositoryRecord,
                QStringLiteral("SELECT id FROM repository ORDER BY id")},
               {QStringLiteral("scan"), scanRecord,
                QStringLiteral("SELECT repository FROM scan ORDER BY repository")}};
    for (const auto &[kind, name, select] : own) {
        if (beyond(kind))
            continue;
        for (const Database::Row &client : std::as_const(clients)) {
            if (enough())
                return list;
            const QString id = client[0].toString();
            if (!m_workspace->dataKey(id))
                continue; // its own name stands in the list, and is found missing
            // All of a client before this one came already.
            if (after.startsWith(kind + '/') && id < after.section('/', 1, 1))
                continue;
            OVVOC_TRY(file, m_workspace->clientDatabase(id));
            OVVOC_TRY(rows, file->rows(select));
            for (const Database::Row &row : rows) {
                const QString full = name(id, row[0].toString());
                if (full > after && !enough())
                    list << full;
            }
        }
    }
    if (!enough() && after < settingsRecord()) {
        OVVOC_TRY(row,
                  database.value(QStringLiteral("SELECT 1 FROM setting WHERE name = 'agency'")));
        if (row.isValid())
            list << settingsRecord();
    }
    return list;
}

Result<QByteArray> WorkspaceRecords::digestOf(const QString &name)
{
    Database &database = m_workspace->database();
    const QString kind = name.section('/', 0, 0), client = name.section('/', 1, 1),
                  id = name.section('/', 2);
    if (kind == settingsRecord()) {
        OVVOC_TRY(
            kept,
            database.value(QStringLiteral("SELECT sealed FROM setting WHERE name = 'agency'")));
        if (!kept.isValid())
            return QByteArray();
        OVVOC_TRY(plain,
                  unseal(m_workspace->keys().records(), kept.toByteArray(), "setting/agency"));
        return recordDigest(plain);
    }
    if (!m_workspace->dataKey(client))
        return QByteArray();
    if (kind == QLatin1String("client")) {
        OVVOC_TRY(rows,
                  database.rows(
                      QStringLiteral("SELECT sealed, archived, created FROM client WHERE id = ?"),
                      {client}));
        OVVOC_TRY(plain,
                  m_workspace->unsealFor(client, "client", QStringLiteral("row"),
                                         rows[0][0].toByteArray()));
        return recordDigest(plain, {rows[0][1], rows[0][2]});
    }
    QVariantList columns;
    if (kind == QLatin1String("job")) {
        OVVOC_TRY(rows,
                  database.rows(QStringLiteral("SELECT %1 FROM job WHERE id = ? AND client = ? AND "
                                               "process = '' AND outcome <> 'none'")
                                    .arg(jobRowColumns),
                                {id, client}));
        if (rows.isEmpty())
            return QByteArray();
        columns = rows[0];
    }
    OVVOC_TRY(file, m_workspace->clientDatabase(client));
    // Another program may have ended between the log and the file.
    OVVOC_CHECK(m_workspace->finishPending(client));
    const QString select = kind == QLatin1String("job")
        ? QStringLiteral("SELECT sealed FROM job WHERE id = ?")
        : kind == QLatin1String("repository")
        ? QStringLiteral("SELECT sealed, archived, created FROM repository WHERE id = ?")
        : QStringLiteral("SELECT sealed, time FROM scan WHERE repository = ?");
    OVVOC_TRY(rows, file->rows(select, {id}));
    if (rows.isEmpty())
        return columns.isEmpty() ? QByteArray() : recordDigest({}, columns);
    OVVOC_TRY(
        plain,
        m_workspace->unsealFor(client, kind.toLatin1().constData(), id, rows[0][0].toByteArray()));
    return recordDigest(plain, columns + rows[0].mid(1));
}

} // namespace ovvoc
