// Runs in the archive, those that are asked for and those that have ended: each is a part of the
// job that it begins with.

#include "base/ids.h"
#include "base/logging.h"
#include "jobs/jobarchive.h"
#include "jobs/jobjson.h"

#include <QJsonDocument>
#include <algorithm>

namespace ovvoc {

namespace {

QString askedRow(const QString &jobId)
{
    return jobId + QStringLiteral("/asked");
}

} // namespace

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

Result<QJsonObject> JobArchive::runOf(const QString &clientId, const QString &firstJobId)
{
    OVVOC_TRY(database, m_workspace->clientDatabase(clientId));
    OVVOC_TRY(sealed,
              database->value(
                  QStringLiteral("SELECT sealed FROM job_part WHERE job = ? AND part = 'run'"),
                  {firstJobId}));
    if (!sealed.isValid())
        return QJsonObject();
    OVVOC_TRY(plain,
              m_workspace->unsealFor(clientId, "job_part", firstJobId + QStringLiteral("/run"),
                                     sealed.toByteArray()));
    return QJsonDocument::fromJson(plain).object();
}

Result<> JobArchive::keepAsked(const AskedRun &run)
{
    Job asked;
    asked.request = run.request;
    const QJsonObject kept{{"request", toJson(asked)},
                           {"again", run.request.again},
                           {"grouping", int(run.request.grouping.mode)},
                           {"program", run.program},
                           {"process", run.process},
                           {"begun", run.begun}};
    return m_workspace->writeRows(
        run.request.clientId,
        {{QStringLiteral("job_part"), askedRow(run.request.id), run.asked.toMSecsSinceEpoch(),
          false, QJsonDocument(kept).toJson(QJsonDocument::Compact)}},
        {});
}

Result<> JobArchive::dropAsked(const QString &clientId, const QString &jobId)
{
    return m_workspace->writeRows(
        clientId, {{QStringLiteral("job_part"), askedRow(jobId), 0, false, {}}}, {});
}

Result<QList<AskedRun>> JobArchive::leftBehind()
{
    OVVOC_TRY(clients, m_workspace->clients());
    QList<AskedRun> found;
    for (const Client &client : clients) {
        OVVOC_TRY(database, m_workspace->clientDatabase(client.id));
        OVVOC_TRY(
            rows,
            database->rows(
                QStringLiteral("SELECT job, created, sealed FROM job_part WHERE part = 'asked'"),
                {}));
        for (const Database::Row &row : rows) {
            const QString id = row[0].toString();
            const auto plain =
                m_workspace->unsealFor(client.id, "job_part", askedRow(id), row[2].toByteArray());
            if (!plain) {
                ovvoc::log().warn("jobs: a run that was asked for cannot be read: {}",
                                  toString(plain.error().code).toStdString());
                continue;
            }
            const QJsonObject kept = QJsonDocument::fromJson(*plain).object();
            AskedRun run;
            run.request = jobFromJson(kept["request"].toObject()).request;
            run.request.again = kept["again"].toBool();
            run.request.grouping.mode = kept["grouping"].toInt() == int(Grouping::Mode::Off)
                ? Grouping::Mode::Off
                : Grouping::Mode::Groups;
            run.asked = QDateTime::fromMSecsSinceEpoch(row[1].toLongLong(), Qt::UTC);
            run.program = kept["program"].toString();
            run.process = kept["process"].toString();
            run.begun = kept["begun"].toInt(1);
            if (run.request.id == id && !processLives(run.process))
                found << run;
        }
    }
    std::ranges::stable_sort(found, {}, &AskedRun::asked);
    return found;
}

} // namespace ovvoc
