#pragma once

#include "base/result.h"

#include <QHash>
#include <QSqlDatabase>
#include <QStringList>
#include <QVariant>
#include <functional>
#include <memory>

class QSqlError;
class QSqlQuery;

namespace ovvoc {

/// One step of a schema: the statements that lead from the version before to this one.
struct Migration
{
    QStringList statements;
};

/// One SQLite file, in WAL mode, with every write in a transaction that is durable when it returns.
/// Several programs may use one file at once. Deleted content is overwritten (secure_delete), and
/// nothing is written to temporary files. All on the thread that opened it.
///
/// Errors of every call: DiskFull, Conflict (another program held the file for longer than 10 s),
/// ReadOnly, Damaged, NewerSchema, Internal. Each message says which file, and what to do.
class Database
{
public:
    /// Opens \a path, or makes it, and brings its schema up to date: \a migrations in order, each
    /// in a transaction of its own. \a kind is written into a new file (PRAGMA application_id) and
    /// must be what an existing one has. A file that is damaged, newer, or something else is left
    /// as it is.
    static Result<std::unique_ptr<Database>> open(const QString &path, qint32 kind,
                                                  const QList<Migration> &migrations);
    ~Database();
    Database(const Database &) = delete;
    Database &operator=(const Database &) = delete;

    using Row = QVariantList;
    /// Runs one statement; returns how many rows it changed.
    Result<qint64> run(const QString &sql, const QVariantList &values = {});
    Result<QList<Row>> rows(const QString &sql, const QVariantList &values = {});
    /// The first column of the first row; invalid when there is none.
    Result<QVariant> value(const QString &sql, const QVariantList &values = {});
    /// Everything \a body does happens, or nothing of it. Nested calls belong to the outer one.
    Result<> transaction(const std::function<Result<>()> &body);
    /// Runs at the beginning of every transaction of this connection, when no other program can
    /// write any more: what it refuses is not begun.
    void setGuard(std::function<Result<>()> guard) { m_guard = std::move(guard); }
    /// From now on this connection writes nothing (PRAGMA query_only).
    Result<> setReadOnly();

    /// Rises with each change that another connection made.
    Result<qint64> dataVersion();
    /// PRAGMA integrity_check; Damaged with what it says.
    Result<> check();
    /// Gives freed pages back to the file system and empties the journal.
    Result<> shrink();
    const QString &path() const { return m_path; }

private:
    Database(QString path, QString connection);
    Result<> prepareFile(qint32 kind, const QList<Migration> &migrations);
    Error explain(const QSqlError &error) const;
    QString m_path;
    QString m_connection;
    QSqlDatabase m_database;
    QHash<QString, std::shared_ptr<QSqlQuery>> m_prepared;
    std::function<Result<>()> m_guard;
    int m_depth = 0;
};

} // namespace ovvoc
