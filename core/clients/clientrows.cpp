// How Workspace writes into the clients' own files: together with the log, or not at all.

#include "base/logging.h"
#include "clients/recorddigest.h"
#include "clients/workspace.h"
#include "clients/workspace_p.h"
#include "crypto/sealing.h"

namespace ovvoc {

namespace {

/// Writes or removes one row of a client's file.
Result<> applyRow(Database &file, const QString &table, const QString &row, const QVariant &number,
                  const QVariant &flag, const QVariant &sealed)
{
    const bool goes = sealed.isNull();
    if (table == QLatin1String("job_part")) {
        const QVariantList key{row.section('/', 0, 0), row.section('/', 1)};
        const auto done = goes
            ? file.run(QStringLiteral("DELETE FROM job_part WHERE job = ? AND part = ?"), key)
            : file.run(
                  QStringLiteral("INSERT OR REPLACE INTO job_part (job, part, created, sealed) "
                                 "VALUES (?, ?, ?, ?)"),
                  key + QVariantList{number, sealed});
        OVVOC_CHECK(done);
        return {};
    }
    const struct
    {
        const char *table, *key, *number;
    } tables[] = {{"repository", "id", "created"},
                  {"job", "id", "created"},
                  {"scan", "repository", "time"},
                  {"open_proposal", "repository", "asked"}};
    for (const auto &one : tables) {
        if (table != QLatin1String(one.table))
            continue;
        if (goes) {
            OVVOC_CHECK(file.run(QStringLiteral("DELETE FROM %1 WHERE %2 = ?")
                                     .arg(QLatin1String(one.table), QLatin1String(one.key)),
                                 {row}));
        } else if (table == QLatin1String("repository")) {
            OVVOC_CHECK(file.run(
                QStringLiteral("INSERT OR REPLACE INTO repository (id, created, archived, sealed) "
                               "VALUES (?, ?, ?, ?)"),
                {row, number, flag, sealed}));
        } else {
            OVVOC_CHECK(file.run(
                QStringLiteral("INSERT OR REPLACE INTO %1 (%2, %3, sealed) VALUES (?, ?, ?)")
                    .arg(QLatin1String(one.table), QLatin1String(one.key),
                         QLatin1String(one.number)),
                {row, number, sealed}));
        }
        return {};
    }
    return fail(ErrorCode::Internal, QStringLiteral("no such table: ") + table);
}

} // namespace

Result<> Workspace::writeRows(const QString &clientId, const QList<ClientRow> &rows,
                              const QList<AuditEvent> &events,
                              const std::function<Result<>()> &also)
{
    OVVOC_TRY(file, clientDatabase(clientId));
    qint64 first = 0;
    // The log and what is to be written first, in one transaction; the client's file follows, now
    // or, after a crash, when it is opened next.
    OVVOC_CHECK(m_database->transaction([&]() -> Result<> {
        if (!events.isEmpty()) {
            OVVOC_TRY(newest, m_database->value(QStringLiteral("SELECT max(seq) FROM pending")));
            first = newest.toLongLong() + 1;
        }
        for (const ClientRow &row : rows) {
            QVariant sealed{QMetaType(QMetaType::QByteArray)};
            if (row.plain) {
                OVVOC_TRY(bytes, sealFor(clientId, row.table, row.row, *row.plain));
                sealed = bytes;
            }
            if (events.isEmpty()) {
                OVVOC_CHECK(
                    applyRow(*file, row.table, row.row, row.number, row.flag ? 1 : 0, sealed));
                continue;
            }
            OVVOC_CHECK(m_database->run(
                QStringLiteral("INSERT INTO pending (client, place, row, number, flag, sealed) "
                               "VALUES (?, ?, ?, ?, ?, ?)"),
                {clientId, row.table, row.row, row.number, row.flag ? 1 : 0, sealed}));
        }
        for (const AuditEvent &event : events)
            OVVOC_CHECK(m_audit->add(event));
        return also ? also() : Result<>();
    }));
    if (events.isEmpty())
        return {};
    const auto applied = applyPending(clientId, *file);
    if (applied)
        return {};
    // Not carried out after all: the log says so, and it is not tried again behind anybody's back.
    if (const auto withdrawn = withdrawPending(clientId, first, events); !withdrawn)
        log().error("workspace: a change waits for the client's file: {}",
                    toString(withdrawn.error().code).toStdString());
    return applied;
}

Result<> Workspace::finishPending(const QString &clientId)
{
    if (m_inspecting)
        return {};
    OVVOC_TRY(file, clientDatabase(clientId));
    return applyPending(clientId, *file);
}

Result<> Workspace::applyPending(const QString &clientId, Database &file)
{
    OVVOC_TRY(waiting,
              m_database->value(QStringLiteral("SELECT count(*) FROM pending WHERE client = ?"),
                                {clientId}));
    if (waiting.toLongLong() == 0)
        return {};
    return m_database->transaction([&]() -> Result<> {
        OVVOC_TRY(rows,
                  m_database->rows(QStringLiteral("SELECT place, row, number, flag, sealed FROM "
                                                  "pending WHERE client = ? ORDER BY seq"),
                                   {clientId}));
        OVVOC_CHECK(file.transaction([&]() -> Result<> {
            for (const Database::Row &row : rows)
                OVVOC_CHECK(
                    applyRow(file, row[0].toString(), row[1].toString(), row[2], row[3], row[4]));
            return {};
        }));
        OVVOC_CHECK(
            m_database->run(QStringLiteral("DELETE FROM pending WHERE client = ?"), {clientId}));
        return {};
    });
}

Result<> Workspace::withdrawPending(const QString &clientId, qint64 first,
                                    const QList<AuditEvent> &events)
{
    return m_database->transaction([&]() -> Result<> {
        OVVOC_CHECK(
            m_database->run(QStringLiteral("DELETE FROM pending WHERE client = ? AND seq >= ?"),
                            {clientId, first}));
        WorkspaceRecords records(this);
        AuditEvent undone{"record.withdrawn", clientId, {}, "failed", {}, {}};
        for (const AuditEvent &event : events) {
            for (auto it = event.covers.begin(); it != event.covers.end(); ++it) {
                const auto digest = records.digestOf(it.key());
                undone.covers.insert(it.key(), digest ? *digest : QByteArray());
            }
        }
        return m_audit->add(undone);
    });
}

} // namespace ovvoc
