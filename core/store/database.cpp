#include "store/database.h"

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>
#include <QSqlError>
#include <QSqlQuery>
#include <QSqlRecord>
#include <atomic>

namespace ovvoc {

namespace {

constexpr qsizetype preparedLimit = 128;

QString tr(const char *text)
{
    return QCoreApplication::translate("Database", text);
}

} // namespace

Database::Database(QString path, QString connection)
    : m_path(std::move(path))
    , m_connection(std::move(connection))
    , m_database(QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), m_connection))
{ }

Database::~Database()
{
    m_prepared.clear();
    m_database.close();
    m_database = {};
    QSqlDatabase::removeDatabase(m_connection);
}

Error Database::explain(const QSqlError &error) const
{
    const QString words = error.nativeErrorCode() + ' ' + error.databaseText();
    const int code = error.nativeErrorCode().toInt() & 0xff;
    const QString name = QFileInfo(m_path).fileName();
    switch (code) {
    case 13: // SQLITE_FULL
        return {
            ErrorCode::DiskFull,
            tr("The disk that holds %1 is full. Free some space and try again; nothing was lost.")
                .arg(m_path),
            words};
    case 10: // SQLITE_IOERR
        return {ErrorCode::DiskFull,
                tr("%1 cannot be read or written. Check the disk and its free space.").arg(m_path),
                words};
    case 5: // SQLITE_BUSY
    case 6: // SQLITE_LOCKED
        return {ErrorCode::Conflict,
                tr("Another program holds %1. Close it and try again.").arg(m_path), words};
    case 8: // SQLITE_READONLY
    case 3: // SQLITE_PERM
        return {ErrorCode::ReadOnly,
                tr("%1 may not be written. Check its permissions and whether its disk is mounted "
                   "read-only.")
                    .arg(m_path),
                words};
    case 14: // SQLITE_CANTOPEN
        return {ErrorCode::ReadOnly,
                tr("%1 cannot be opened. Check that its folder is there and may be written.")
                    .arg(m_path),
                words};
    case 11: // SQLITE_CORRUPT
    case 26: // SQLITE_NOTADB
        return {
            ErrorCode::Damaged,
            tr("%1 is damaged. It was left as it is: put a backup in its place, or move it away "
               "to begin without it.")
                .arg(m_path),
            words};
    default:
        return {ErrorCode::Internal, tr("%1: %2").arg(name, error.databaseText()), words};
    }
}

Result<std::unique_ptr<Database>> Database::open(const QString &path, qint32 kind,
                                                 const QList<Migration> &migrations)
{
    static std::atomic<int> number = 0;
    std::unique_ptr<Database> made(new Database(path, QStringLiteral("ovvoc-%1").arg(++number)));
    // Private before there is anything in it.
    if (!QFileInfo::exists(path)) {
        QFile file(path);
        if (file.open(QIODevice::WriteOnly | QIODevice::NewOnly))
            file.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
    }
    made->m_database.setDatabaseName(path);
    made->m_database.setConnectOptions(QStringLiteral("QSQLITE_BUSY_TIMEOUT=10000"));
    if (!made->m_database.open())
        return fail(made->explain(made->m_database.lastError()));
    OVVOC_CHECK(made->prepareFile(kind, migrations));
    return made;
}

Result<> Database::prepareFile(qint32 kind, const QList<Migration> &migrations)
{
    OVVOC_TRY(version, value(QStringLiteral("PRAGMA user_version")));
    OVVOC_TRY(found, value(QStringLiteral("PRAGMA application_id")));
    OVVOC_TRY(tables, value(QStringLiteral("SELECT count(*) FROM sqlite_schema")));
    const bool fresh = tables.toInt() == 0;
    if (!fresh && found.toInt() != kind)
        return fail(
            ErrorCode::Damaged,
            tr("%1 is not what it should be: another program's file, or another client's. It "
               "was left as it is.")
                .arg(m_path));
    if (version.toInt() > migrations.size())
        return fail(ErrorCode::NewerSchema,
                    tr("%1 was written by a newer Ovvoc Desktop. Install that version; this one "
                       "changes nothing in it.")
                        .arg(m_path));
    for (const char *pragma :
         {"PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON",
          "PRAGMA secure_delete = ON", "PRAGMA temp_store = MEMORY", "PRAGMA cache_size = -8000"})
        OVVOC_CHECK(rows(QLatin1String(pragma)));
    if (fresh) {
        OVVOC_CHECK(rows(QStringLiteral("PRAGMA auto_vacuum = INCREMENTAL")));
        OVVOC_CHECK(rows(QStringLiteral("PRAGMA application_id = %1").arg(kind)));
    }
    while (version.toInt() < migrations.size()) {
        OVVOC_CHECK(transaction([&]() -> Result<> {
            // Another program may have been quicker.
            OVVOC_TRY(now, value(QStringLiteral("PRAGMA user_version")));
            version = now;
            if (version.toInt() >= migrations.size())
                return {};
            for (const QString &statement : migrations[version.toInt()].statements)
                OVVOC_CHECK(run(statement));
            version = version.toInt() + 1;
            OVVOC_CHECK(rows(QStringLiteral("PRAGMA user_version = %1").arg(version.toInt())));
            return {};
        }));
    }
    return {};
}

Result<QList<Database::Row>> Database::rows(const QString &sql, const QVariantList &values)
{
    std::shared_ptr<QSqlQuery> query = m_prepared.value(sql);
    if (!query) {
        query = std::make_shared<QSqlQuery>(m_database);
        query->setForwardOnly(true);
        if (!query->prepare(sql))
            return fail(explain(query->lastError()));
        if (m_prepared.size() >= preparedLimit)
            m_prepared.clear();
        m_prepared.insert(sql, query);
    }
    for (qsizetype i = 0; i < values.size(); ++i)
        query->bindValue(int(i), values[i]);
    if (!query->exec()) {
        const Error error = explain(query->lastError());
        query->finish();
        return fail(error);
    }
    QList<Row> result;
    while (query->next()) {
        Row row;
        for (int i = 0; i < query->record().count(); ++i)
            row << query->value(i);
        result << row;
    }
    const QSqlError error = query->lastError();
    query->finish();
    if (error.isValid() && error.type() != QSqlError::NoError)
        return fail(explain(error));
    return result;
}

Result<qint64> Database::run(const QString &sql, const QVariantList &values)
{
    OVVOC_CHECK(rows(sql, values));
    OVVOC_TRY(changed, value(QStringLiteral("SELECT changes()")));
    return changed.toLongLong();
}

Result<QVariant> Database::value(const QString &sql, const QVariantList &values)
{
    OVVOC_TRY(list, rows(sql, values));
    return list.isEmpty() || list.first().isEmpty() ? QVariant() : list.first().first();
}

Result<> Database::transaction(const std::function<Result<>()> &body)
{
    if (m_depth > 0)
        return body();
    // IMMEDIATE: a transaction that read first cannot find itself unable to write later.
    OVVOC_CHECK(rows(QStringLiteral("BEGIN IMMEDIATE")));
    ++m_depth;
    Result<> done = m_guard ? m_guard() : Result<>();
    if (done)
        done = body();
    --m_depth;
    if (done) {
        auto committed = rows(QStringLiteral("COMMIT"));
        if (committed)
            return {};
        done = fail(committed.error());
    }
    (void)rows(QStringLiteral("ROLLBACK"));
    return done;
}

Result<> Database::setReadOnly()
{
    OVVOC_CHECK(rows(QStringLiteral("PRAGMA query_only = ON")));
    return {};
}

Result<qint64> Database::dataVersion()
{
    OVVOC_TRY(version, value(QStringLiteral("PRAGMA data_version")));
    return version.toLongLong();
}

Result<> Database::check()
{
    OVVOC_TRY(list, rows(QStringLiteral("PRAGMA integrity_check(20)")));
    if (list.size() == 1 && list.first().first().toString() == QLatin1String("ok"))
        return {};
    QStringList words;
    for (const Row &row : list)
        words << row.value(0).toString();
    return fail(ErrorCode::Damaged, tr("%1 is damaged. Put a backup in its place.").arg(m_path),
                words.join('\n'));
}

Result<> Database::shrink()
{
    OVVOC_CHECK(rows(QStringLiteral("PRAGMA incremental_vacuum")));
    OVVOC_CHECK(rows(QStringLiteral("VACUUM")));
    OVVOC_CHECK(rows(QStringLiteral("PRAGMA wal_checkpoint(TRUNCATE)")));
    return {};
}

} // namespace ovvoc
