#include "desktop/exports.h"

#include "base/csv.h"

#include <QCoreApplication>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>

namespace ovvoc {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("Export", text);
}

QString timeText(const QDateTime &time)
{
    return time.isValid() ? time.toUTC().toString(Qt::ISODateWithMs) : QString();
}

} // namespace

ListExport::ListExport(const QString &path, const QStringList &columns)
    : m_file(path)
    , m_columns(columns)
    , m_csv(path.endsWith(QLatin1String(".csv"), Qt::CaseInsensitive))
{ }

Result<> ListExport::begin()
{
    if (!m_file.open(QIODevice::WriteOnly))
        return fail(ErrorCode::ReadOnly,
                    tr("%1 cannot be written: %2").arg(m_file.fileName(), m_file.errorString()));
    m_file.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
    if (m_csv)
        m_file.write(m_columns.join(QLatin1Char(',')).toUtf8() + "\r\n");
    return {};
}

void ListExport::add(const QList<QVariant> &values)
{
    if (m_csv) {
        m_file.write(csvLine(values));
        return;
    }
    QJsonObject object;
    for (qsizetype i = 0; i < m_columns.size(); ++i)
        object[m_columns[i]] = QJsonValue::fromVariant(values.value(i));
    m_file.write(QJsonDocument(object).toJson(QJsonDocument::Compact) + '\n');
}

Result<> ListExport::finish()
{
    if (!m_file.commit())
        return fail(ErrorCode::DiskFull,
                    tr("%1 cannot be written: %2").arg(m_file.fileName(), m_file.errorString()));
    return {};
}

QStringList jobColumns()
{
    return {"id",       "client",  "repository", "kind",  "outcome", "failedIn", "level",
            "security", "created", "ended",      "title", "summary", "proposal"};
}

QList<QVariant> valuesOf(const JobBrief &job)
{
    return {job.id,
            job.clientName,
            job.repositoryName,
            toString(job.kind),
            toString(job.outcome),
            job.failedIn,
            job.level,
            job.security,
            timeText(job.created),
            timeText(job.ended),
            job.title,
            job.summary,
            job.proposalPlace};
}

QStringList updateColumns()
{
    return {"client", "repository", "package",  "section",    "installed", "target",
            "level",  "ageDays",    "security", "advisories", "waits"};
}

QList<QVariant> valuesOf(const PendingRow &row)
{
    const PendingUpdate &update = row.update;
    QStringList advisories;
    for (const Advisory &advisory : update.advisories)
        advisories << advisory.url;
    return {row.client,
            row.repository,
            update.dependency.name,
            update.dependency.section,
            update.dependency.current,
            update.target,
            toString(update.level),
            update.dependency.ageDays,
            update.isSecurity(),
            advisories.join(' '),
            update.waits};
}

} // namespace ovvoc
