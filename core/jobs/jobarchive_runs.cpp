// Runs in the archive: each is a part of the job that it began with.

#include "base/logging.h"
#include "jobs/jobarchive.h"

#include <QJsonDocument>

namespace ovvoc {

Result<> JobArchive::keepRun(const QString &clientId, const QString &firstJobId,
                             const QDateTime &started, const QJsonObject &report)
{
    return m_workspace->writeRows(clientId,
                                  {{QStringLiteral("job_part"), firstJobId + QStringLiteral("/run"),
                                    started.toMSecsSinceEpoch(), false,
                                    QJsonDocument(report).toJson(QJsonDocument::Compact)}},
                                  {});
}

Result<QList<QJsonObject>> JobArchive::runs(const QString &clientId, int limit)
{
    OVVOC_TRY(database, m_workspace->clientDatabase(clientId));
    OVVOC_TRY(rows,
              database->rows(QStringLiteral("SELECT job, sealed FROM job_part WHERE part = 'run' "
                                            "ORDER BY created DESC LIMIT ?"),
                             {limit}));
    QList<QJsonObject> found;
    for (const Database::Row &row : rows) {
        const auto plain = m_workspace->unsealFor(
            clientId, "job_part", row[0].toString() + QStringLiteral("/run"), row[1].toByteArray());
        if (plain)
            found << QJsonDocument::fromJson(*plain).object();
        else
            ovvoc::log().warn("jobs: a run cannot be read: {}",
                              toString(plain.error().code).toStdString());
    }
    return found;
}

} // namespace ovvoc
