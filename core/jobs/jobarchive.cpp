#include "jobs/jobarchive.h"

#include "base/ids.h"
#include "base/logging.h"
#include "crypto/sealing.h"
#include "jobs/jobjson.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <algorithm>

namespace ovvoc {

namespace {

const QString rowColumns =
    QStringLiteral("id, client, repository, kind, outcome, phase, level, security, created, ended");

constexpr qsizetype knownProposalsLimit = 500;

QString tr(const char *text)
{
    return QCoreApplication::translate("JobArchive", text);
}

QByteArray compact(const QJsonObject &object)
{
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

/// A folder that belongs to no repository of the workspace is a text, and stays in the record.
QString idOrEmpty(const QString &text)
{
    return text.isNull() || text.contains('/') ? QString("") : text;
}

QDateTime timeOf(const QVariant &value)
{
    return value.toLongLong() > 0 ? QDateTime::fromMSecsSinceEpoch(value.toLongLong(), Qt::UTC)
                                  : QDateTime();
}

JobRow rowFrom(const Database::Row &row)
{
    return {row[0].toString(), row[1].toString(), row[2].toString(), row[3].toString(),
            row[4].toString(), row[5].toString(), row[6].toString(), row[7].toBool(),
            timeOf(row[8]),    timeOf(row[9])};
}

/// What a job can be found by.
QStringList wordsOf(const Job &job)
{
    const QString repository = job.request.repositoryName.toCaseFolded();
    QStringList words{repository, repository.section('/', -1)};
    for (const PlannedUpdate &update : job.plan.updates)
        words << update.name.toCaseFolded();
    if (!job.request.selection.package.isEmpty())
        words << job.request.selection.package.toCaseFolded();
    words.removeDuplicates();
    return words;
}

} // namespace

JobArchive::JobArchive(std::shared_ptr<Workspace> workspace)
    : m_workspace(std::move(workspace))
{ }

Result<> JobArchive::writeRecord(const Job &job, bool isOver, const QByteArray &log)
{
    const QString client = job.request.clientId;
    OVVOC_TRY(database, m_workspace->clientDatabase(client));
    QJsonObject object = toJson(job);
    const QJsonObject excerpt = takeExcerpt(object);
    const qint64 created = job.created.toMSecsSinceEpoch();
    OVVOC_TRY(sealed, m_workspace->sealFor(client, "job", job.request.id, compact(object)));
    return database->transaction([&]() -> Result<> {
        OVVOC_CHECK(
            database->run(QStringLiteral("INSERT INTO job (id, created, sealed) VALUES (?, ?, ?) "
                                         "ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed"),
                          {job.request.id, created, sealed}));
        const auto part = [&](const char *name, const QByteArray &bytes) -> Result<> {
            const QString row = job.request.id + '/' + QLatin1String(name);
            OVVOC_TRY(hidden, m_workspace->sealFor(client, "job_part", row, bytes));
            OVVOC_CHECK(database->run(
                QStringLiteral("INSERT OR REPLACE INTO job_part (job, part, created, sealed) "
                               "VALUES (?, ?, ?, ?)"),
                {job.request.id, QLatin1String(name), created, hidden}));
            return {};
        };
        if (!isOver)
            return {};
        OVVOC_TRY(settings, m_workspace->settingsOf(client));
        if (!excerpt.isEmpty() && settings.keepExcerptsDays() > 0)
            OVVOC_CHECK(part("excerpt", compact(excerpt)));
        if (!log.isEmpty() && settings.keepLogsDays() > 0)
            OVVOC_CHECK(part("log", qCompress(log)));
        return {};
    });
}

Result<> JobArchive::writeRow(const Job &job, bool isOver)
{
    QString phase = QStringLiteral("");
    if (job.failure)
        phase = toString(job.failure->phase);
    QString level = QStringLiteral("");
    int highest = -1;
    for (const PlannedUpdate &update : job.plan.updates)
        highest = std::max(highest, int(update.level));
    if (highest >= 0)
        level = toString(UpdateLevel(highest));
    const qint64 created = job.created.toMSecsSinceEpoch();
    QDateTime ended = job.created;
    for (const Phase &one : job.phases)
        ended = one.ended.isValid() ? std::max(ended, one.ended) : ended;
    Database &database = m_workspace->database();
    return database.transaction([&]() -> Result<> {
        OVVOC_CHECK(database.run(
            QStringLiteral(
                "INSERT OR REPLACE INTO job (%1, process) VALUES (?,?,?,?,?,?,?,?,?,?,?)")
                .arg(rowColumns),
            {job.request.id, job.request.clientId, idOrEmpty(job.request.repositoryId),
             toString(job.request.kind), toString(isOver ? job.outcome : Outcome::None), phase,
             level, job.plan.isSecurity(), created, isOver ? ended.toMSecsSinceEpoch() : qint64(0),
             isOver ? QString("") : processIdentity()}));
        for (const QString &word : wordsOf(job))
            OVVOC_CHECK(database.run(
                QStringLiteral(
                    "INSERT OR IGNORE INTO job_word (word_hash, created, job) VALUES (?, ?, ?)"),
                {keyedHash(m_workspace->keys().search(), word.toUtf8()), created, job.request.id}));
        return {};
    });
}

Result<> JobArchive::begin(const Job &job)
{
    // The row first: a row without a record is found at the next start; the other way round it
    // would be lost.
    OVVOC_CHECK(writeRow(job, false));
    return writeRecord(job, false, {});
}

Result<> JobArchive::update(const Job &job)
{
    return writeRecord(job, false, {});
}

Result<> JobArchive::finish(const Job &job, const QByteArray &log)
{
    OVVOC_CHECK(writeRecord(job, true, log));
    OVVOC_CHECK(writeRow(job, true));
    // The record has it as well: what cannot be noted here is asked for one day.
    if (const auto noted = noteProposal(job); !noted)
        ovvoc::log().warn("jobs: a proposal was not noted: {}",
                          toString(noted.error().code).toStdString());
    return {};
}

Result<Job> JobArchive::load(const QString &id)
{
    OVVOC_TRY(
        client,
        m_workspace->database().value(QStringLiteral("SELECT client FROM job WHERE id = ?"), {id}));
    if (!client.isValid())
        return fail(ErrorCode::NotFound, tr("There is no job %1.").arg(id.left(40)));
    OVVOC_TRY(database, m_workspace->clientDatabase(client.toString()));
    OVVOC_TRY(sealed, database->value(QStringLiteral("SELECT sealed FROM job WHERE id = ?"), {id}));
    if (!sealed.isValid())
        return fail(ErrorCode::NotFound, tr("The record of job %1 is gone.").arg(id));
    OVVOC_TRY(plain, m_workspace->unsealFor(client.toString(), "job", id, sealed.toByteArray()));
    QJsonObject object = QJsonDocument::fromJson(plain).object();
    OVVOC_TRY(part,
              database->value(
                  QStringLiteral("SELECT sealed FROM job_part WHERE job = ? AND part = 'excerpt'"),
                  {id}));
    if (part.isValid()) {
        OVVOC_TRY(excerpt,
                  m_workspace->unsealFor(client.toString(), "job_part", id + "/excerpt",
                                         part.toByteArray()));
        giveExcerpt(object, QJsonDocument::fromJson(excerpt).object());
    }
    return jobFromJson(object);
}

Result<QByteArray> JobArchive::log(const QString &id)
{
    OVVOC_TRY(
        client,
        m_workspace->database().value(QStringLiteral("SELECT client FROM job WHERE id = ?"), {id}));
    OVVOC_TRY(database, m_workspace->clientDatabase(client.toString()));
    OVVOC_TRY(
        part,
        database->value(
            QStringLiteral("SELECT sealed FROM job_part WHERE job = ? AND part = 'log'"), {id}));
    if (!part.isValid())
        return fail(ErrorCode::NotFound, tr("The log of this job was not kept."));
    OVVOC_TRY(
        bytes,
        m_workspace->unsealFor(client.toString(), "job_part", id + "/log", part.toByteArray()));
    return qUncompress(bytes);
}

Result<QList<JobRow>> JobArchive::page(const JobFilter &filter)
{
    QStringList where;
    QVariantList values;
    const auto require = [&](const QString &condition, const QVariantList &bound) {
        where << condition;
        values << bound;
    };
    // With a word the search runs over its own index, which is in the order of time as well.
    QString from = QStringLiteral("job");
    QString time = QStringLiteral("job.created");
    if (!filter.word.isEmpty()) {
        from = QStringLiteral("job_word JOIN job ON job.id = job_word.job");
        time = QStringLiteral("job_word.created");
        require(QStringLiteral("word_hash = ?"),
                {keyedHash(m_workspace->keys().search(), filter.word.toCaseFolded().toUtf8())});
    }
    for (const auto &[column, value] :
         {std::pair("client", filter.clientId), std::pair("repository", filter.repositoryId),
          std::pair("kind", filter.kind), std::pair("outcome", filter.outcome),
          std::pair("level", filter.level)}) {
        if (!value.isEmpty())
            require(QStringLiteral("job.%1 = ?").arg(QLatin1String(column)), {value});
    }
    if (filter.from.isValid())
        require(time + " >= ?", {filter.from.toMSecsSinceEpoch()});
    if (filter.to.isValid())
        require(time + " < ?", {filter.to.toMSecsSinceEpoch()});
    const bool byLength =
        filter.order == JobFilter::Order::Longest || filter.order == JobFilter::Order::Shortest;
    const bool ascending =
        filter.order == JobFilter::Order::Oldest || filter.order == JobFilter::Order::Shortest;
    QString key = time;
    if (byLength) {
        key = QStringLiteral("(job.ended - job.created)");
        require(QStringLiteral("job.ended > 0"), {}); // as the index says it
    }
    if (filter.after) {
        const JobRow &last = *filter.after;
        require(QStringLiteral("(%1, job.id) %2 (?, ?)")
                    .arg(key, ascending ? QStringLiteral(">") : QStringLiteral("<")),
                {byLength ? last.created.msecsTo(last.ended) : last.created.toMSecsSinceEpoch(),
                 last.id});
    }
    QString sql = "SELECT job." + QString(rowColumns).replace(", ", ", job.") + " FROM " + from;
    if (!where.isEmpty())
        sql += " WHERE " + where.join(QStringLiteral(" AND "));
    sql += QStringLiteral(" ORDER BY %1 %2, job.id %2 LIMIT ?")
               .arg(key, ascending ? QStringLiteral("ASC") : QStringLiteral("DESC"));
    values << filter.limit;
    OVVOC_TRY(rows, m_workspace->database().rows(sql, values));
    QList<JobRow> list;
    for (const Database::Row &row : rows)
        list << rowFrom(row);
    return list;
}

Result<JobStatistics> JobArchive::statistics(const QString &clientId, const QDateTime &since)
{
    QString sql = QStringLiteral("SELECT outcome, count(*) FROM job WHERE created >= ?");
    QVariantList values{since.toMSecsSinceEpoch()};
    if (!clientId.isEmpty()) {
        sql += QStringLiteral(" AND client = ?");
        values << clientId;
    }
    OVVOC_TRY(rows, m_workspace->database().rows(sql + " GROUP BY outcome", values));
    JobStatistics statistics;
    for (const Database::Row &row : rows) {
        const QString outcome = row[0].toString();
        qint64 &count = outcome == QLatin1String("succeeded") ? statistics.succeeded
            : outcome == QLatin1String("failed")              ? statistics.failed
            : outcome == QLatin1String("cancelled")           ? statistics.cancelled
                                                              : statistics.running;
        count += row[1].toLongLong();
    }
    return statistics;
}

Result<QList<DayCount>> JobArchive::days(const QString &clientId, const QDateTime &since)
{
    OVVOC_TRY(rows,
              m_workspace->database().rows(
                  QStringLiteral("SELECT created / 86400000, sum(outcome = 'succeeded'), "
                                 "sum(outcome = 'failed') FROM job WHERE client = ? AND created >= "
                                 "? AND outcome IN ('succeeded', 'failed') GROUP BY 1 ORDER BY 1"),
                  {clientId, since.toMSecsSinceEpoch()}));
    QList<DayCount> list;
    for (const Database::Row &row : rows)
        list << DayCount{QDate(1970, 1, 1).addDays(row[0].toLongLong()), row[1].toLongLong(),
                         row[2].toLongLong()};
    return list;
}

Result<QStringList> JobArchive::interrupted()
{
    OVVOC_TRY(rows,
              m_workspace->database().rows(
                  QStringLiteral("SELECT id, process FROM job WHERE outcome = 'none'")));
    QStringList ids;
    for (const Database::Row &row : rows) {
        if (!processLives(row[1].toString()))
            ids << row[0].toString();
    }
    return ids;
}

Result<QList<Job>> JobArchive::closeInterrupted(const QHash<QString, bool> &destroyed)
{
    OVVOC_TRY(ids, interrupted());
    QList<Job> closed;
    for (const QString &id : ids) {
        auto loaded = load(id);
        if (!loaded) {
            // Its record was never written: what the row knows becomes one.
            OVVOC_TRY(rows,
                      m_workspace->database().rows(
                          QStringLiteral("SELECT %1 FROM job WHERE id = ?").arg(rowColumns), {id}));
            const JobRow row = rowFrom(rows.value(0, Database::Row(10)));
            if (!m_workspace->dataKey(row.clientId)) {
                OVVOC_CHECK(m_workspace->database().run(
                    QStringLiteral("DELETE FROM job WHERE id = ?"), {id})); // its client is gone
                continue;
            }
            Job begun;
            begun.request.id = id;
            begun.request.clientId = row.clientId;
            begun.request.repositoryId = row.repositoryId;
            begun.request.kind =
                row.kind == toString(JobKind::Scan) ? JobKind::Scan : JobKind::Update;
            begun.created = row.created;
            loaded = begun;
        }
        Job job = *loaded;
        const QDateTime now = QDateTime::currentDateTimeUtc();
        FailureReport failure;
        for (Phase &phase : job.phases) {
            if (phase.state == PhaseState::Running) {
                phase.state = PhaseState::Failed;
                phase.ended = now;
                failure.phase = phase.kind;
            } else if (phase.state == PhaseState::Waiting) {
                phase.state = PhaseState::Skipped;
            }
        }
        const bool wasThere = destroyed.value(id, false);
        failure.error = {ErrorCode::Interrupted,
                         wasThere
                             ? tr("The program ended while the job ran. Its cell was destroyed at "
                                  "the next start.")
                             : tr("The program ended while the job ran. Its cell had destroyed "
                                  "itself."),
                         {}};
        for (Phase &phase : job.phases) {
            if (phase.kind == PhaseKind::Destroy) {
                phase.state = PhaseState::Succeeded;
                phase.started = phase.started.isValid() ? phase.started : now;
                phase.ended = now;
                phase.message = tr("confirmed at the next start");
            }
        }
        // What was known before the cell had to be destroyed stays: only that was cut off.
        if (job.outcome == Outcome::None) {
            job.outcome = Outcome::Failed;
            job.summary = tr("interrupted in %1").arg(toString(failure.phase));
            job.failure = failure;
        }
        OVVOC_CHECK(finish(job));
        closed << job;
    }
    return closed;
}

Result<> JobArchive::saveScan(const QString &clientId, const QString &repositoryId,
                              const ScanReport &scan, const QDateTime &time)
{
    OVVOC_TRY(database, m_workspace->clientDatabase(clientId));
    Job carrier;
    carrier.scan = scan;
    const QByteArray text = compact(toJson(carrier)["scan"].toObject());
    OVVOC_TRY(sealed, m_workspace->sealFor(clientId, "scan", repositoryId, text));
    OVVOC_CHECK(database->run(
        QStringLiteral("INSERT OR REPLACE INTO scan (repository, time, sealed) VALUES (?, ?, ?)"),
        {repositoryId, time.toMSecsSinceEpoch(), sealed}));
    return {};
}

Result<std::optional<std::pair<QDateTime, ScanReport>>>
JobArchive::scan(const QString &clientId, const QString &repositoryId)
{
    using Found = std::optional<std::pair<QDateTime, ScanReport>>;
    OVVOC_TRY(database, m_workspace->clientDatabase(clientId));
    OVVOC_TRY(rows,
              database->rows(QStringLiteral("SELECT time, sealed FROM scan WHERE repository = ?"),
                             {repositoryId}));
    if (rows.isEmpty())
        return Found();
    OVVOC_TRY(plain,
              m_workspace->unsealFor(clientId, "scan", repositoryId, rows[0][1].toByteArray()));
    const Job carrier = jobFromJson({{"scan", QJsonDocument::fromJson(plain).object()}});
    return Found(std::pair(timeOf(rows[0][0]), carrier.scan.value_or(ScanReport())));
}

Result<> JobArchive::saveProposals(const QString &clientId, const QString &repositoryId,
                                   const KnownProposals &proposals)
{
    OVVOC_TRY(database, m_workspace->clientDatabase(clientId));
    QJsonArray open;
    for (const OpenProposal &one : proposals.open)
        open << toJson(one);
    OVVOC_TRY(sealed,
              m_workspace->sealFor(clientId, "open_proposal", repositoryId,
                                   compact(QJsonObject{{"open", open}})));
    OVVOC_CHECK(database->run(
        QStringLiteral(
            "INSERT OR REPLACE INTO open_proposal (repository, asked, sealed) VALUES (?, ?, ?)"),
        {repositoryId, proposals.asked.isValid() ? proposals.asked.toMSecsSinceEpoch() : qint64(0),
         sealed}));
    return {};
}

Result<KnownProposals> JobArchive::proposals(const QString &clientId, const QString &repositoryId)
{
    OVVOC_TRY(database, m_workspace->clientDatabase(clientId));
    OVVOC_TRY(rows,
              database->rows(
                  QStringLiteral("SELECT asked, sealed FROM open_proposal WHERE repository = ?"),
                  {repositoryId}));
    if (rows.isEmpty())
        return KnownProposals();
    const auto plain =
        m_workspace->unsealFor(clientId, "open_proposal", repositoryId, rows[0][1].toByteArray());
    if (!plain) { // the forge knows it; nothing else is to suffer from this
        ovvoc::log().warn("jobs: what was proposed cannot be read: {}",
                          toString(plain.error().code).toStdString());
        return KnownProposals();
    }
    KnownProposals known{timeOf(rows[0][0]), {}};
    for (const auto &item : QJsonDocument::fromJson(*plain).object()["open"].toArray())
        known.open << openProposalFromJson(item.toObject());
    return known;
}

Result<> JobArchive::noteProposal(const Job &job)
{
    const QString repository = idOrEmpty(job.request.repositoryId);
    if (!job.proposal || repository.isEmpty())
        return {};
    OVVOC_TRY(known, proposals(job.request.clientId, repository));
    OpenProposal fresh{job.proposal->branch, oneLine(job.proposalTitle),
                       job.proposal->number > 0 ? job.proposal->location : QString(),
                       job.proposal->number, job.phases.last().ended};
    for (const OpenProposal &one : std::as_const(known.open)) {
        if (one.branch == fresh.branch)
            fresh.created = one.created; // brought up to date, not opened anew
    }
    known.open.removeIf([&](const OpenProposal &one) { return one.branch == fresh.branch; });
    known.open << fresh;
    std::stable_sort(known.open.begin(), known.open.end(),
                     [](const OpenProposal &one, const OpenProposal &other) {
                         return one.created < other.created;
                     });
    // Where nobody ever asks, nothing is ever found merged.
    if (known.open.size() > knownProposalsLimit)
        known.open.removeFirst();
    return saveProposals(job.request.clientId, repository, known);
}

Result<PurgeReport> JobArchive::purge(const QString &clientId, const QDateTime &now)
{
    OVVOC_TRY(settings, m_workspace->settingsOf(clientId));
    OVVOC_TRY(database, m_workspace->clientDatabase(clientId));
    PurgeReport report;
    const qint64 jobsBefore = now.addMonths(-settings.keepJobsMonths()).toMSecsSinceEpoch();
    const qint64 excerptsBefore = now.addDays(-settings.keepExcerptsDays()).toMSecsSinceEpoch();
    const qint64 logsBefore = now.addDays(-settings.keepLogsDays()).toMSecsSinceEpoch();
    OVVOC_CHECK(database->transaction([&]() -> Result<> {
        OVVOC_TRY(excerpts,
                  database->run(
                      QStringLiteral("DELETE FROM job_part WHERE part = 'excerpt' AND created < ?"),
                      {excerptsBefore}));
        OVVOC_TRY(
            logs,
            database->run(QStringLiteral("DELETE FROM job_part WHERE part = 'log' AND created < ?"),
                          {logsBefore}));
        OVVOC_CHECK(database->run(
            QStringLiteral(
                "DELETE FROM job_part WHERE job IN (SELECT id FROM job WHERE created < ?)"),
            {jobsBefore}));
        OVVOC_TRY(jobs,
                  database->run(QStringLiteral("DELETE FROM job WHERE created < ?"), {jobsBefore}));
        report = {jobs, excerpts, logs};
        return {};
    }));
    Database &all = m_workspace->database();
    OVVOC_CHECK(all.transaction([&]() -> Result<> {
        OVVOC_CHECK(
            all.run(QStringLiteral("DELETE FROM job_word WHERE job IN (SELECT id FROM job WHERE "
                                   "client = ? AND created < ? AND process = '')"),
                    {clientId, jobsBefore}));
        OVVOC_CHECK(all.run(
            QStringLiteral("DELETE FROM job WHERE client = ? AND created < ? AND process = ''"),
            {clientId, jobsBefore}));
        if (report.jobs + report.excerpts + report.logs == 0)
            return {};
        return m_workspace->audit().add(
            {"retention.purge",
             clientId,
             {},
             "ok",
             {{"jobs", report.jobs}, {"excerpts", report.excerpts}, {"logs", report.logs}}});
    }));
    if (report.jobs + report.excerpts + report.logs > 0)
        OVVOC_CHECK(database->shrink());
    return report;
}

} // namespace ovvoc
