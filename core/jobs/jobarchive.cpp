#include "jobs/jobarchive.h"

#include "base/ids.h"
#include "base/logging.h"
#include "clients/recorddigest.h"
#include "crypto/sealing.h"
#include "jobs/jobjson.h"

#include <QCoreApplication>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <algorithm>
#include <ctime>

namespace ovvoc {

namespace {

constexpr qsizetype knownProposalsLimit = 500;
constexpr int purgeStepDays = 32;
constexpr int purgeLimit = 2000; ///< jobs at once

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

ClientRow scanRow(const QString &repositoryId, const ScanReport &scan, const QDateTime &time)
{
    Job carrier;
    carrier.scan = scan;
    return {QStringLiteral("scan"), repositoryId, time.toMSecsSinceEpoch(), false,
            compact(toJson(carrier)["scan"].toObject())};
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

/// What the row of a job has, in the order of jobRowColumns.
QVariantList JobArchive::columnsOf(const Job &job, bool isOver)
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
    QDateTime ended = job.created;
    for (const Phase &one : job.phases)
        ended = one.ended.isValid() ? std::max(ended, one.ended) : ended;
    return {job.request.id,
            job.request.clientId,
            idOrEmpty(job.request.repositoryId),
            toString(job.request.kind),
            toString(isOver ? job.outcome : Outcome::None),
            phase,
            level,
            job.plan.isSecurity() ? 1 : 0,
            job.created.toMSecsSinceEpoch(),
            isOver ? ended.toMSecsSinceEpoch() : qint64(0)};
}

Result<> JobArchive::writeRow(const Job &job, bool isOver)
{
    Database &database = m_workspace->database();
    return database.transaction([&]() -> Result<> {
        OVVOC_CHECK(database.run(
            QStringLiteral(
                "INSERT OR REPLACE INTO job (%1, process) VALUES (?,?,?,?,?,?,?,?,?,?,?)")
                .arg(jobRowColumns),
            columnsOf(job, isOver) + QVariantList{isOver ? QString("") : processIdentity()}));
        for (const QString &word : wordsOf(job))
            OVVOC_CHECK(database.run(
                QStringLiteral(
                    "INSERT OR IGNORE INTO job_word (word_hash, created, job) VALUES (?, ?, ?)"),
                {keyedHash(m_workspace->keys().search(), word.toUtf8()),
                 job.created.toMSecsSinceEpoch(), job.request.id}));
        return {};
    });
}

Result<> JobArchive::begin(const Job &job)
{
    const AuditEvent event{"job.start",
                           job.request.clientId,
                           job.request.id,
                           "ok",
                           {{"kind", toString(job.request.kind)},
                            {"trigger", job.request.trigger},
                            {"repository", job.request.repositoryName},
                            {"package", job.request.selection.package}},
                           {}};
    QJsonObject object = toJson(job);
    takeExcerpt(object);
    return m_workspace->writeRows(job.request.clientId,
                                  {{QStringLiteral("job"), job.request.id,
                                    job.created.toMSecsSinceEpoch(), false, compact(object)}},
                                  {event}, [&] { return writeRow(job, false); });
}

Result<> JobArchive::update(const Job &job)
{
    QJsonObject object = toJson(job);
    takeExcerpt(object);
    return m_workspace->writeRows(job.request.clientId,
                                  {{QStringLiteral("job"), job.request.id,
                                    job.created.toMSecsSinceEpoch(), false, compact(object)}},
                                  {});
}

Result<> JobArchive::finish(const Job &job, const QByteArray &log)
{
    return finishAs(
        job,
        {"job.end",
         job.request.clientId,
         job.request.id,
         job.outcome == Outcome::Succeeded ? QStringLiteral("ok") : toString(job.outcome),
         {{"summary", job.summary}},
         {}},
        log);
}

Result<> JobArchive::finishAs(const Job &job, AuditEvent event, const QByteArray &log)
{
    const QString client = job.request.clientId, id = job.request.id;
    const qint64 created = job.created.toMSecsSinceEpoch();
    QJsonObject object = toJson(job);
    const QJsonObject excerpt = takeExcerpt(object);
    const QByteArray record = compact(object);
    OVVOC_TRY(settings, m_workspace->settingsOf(client));
    QList<ClientRow> rows{{QStringLiteral("job"), id, created, false, record}};
    if (!excerpt.isEmpty() && settings.keepExcerptsDays() > 0)
        rows << ClientRow{QStringLiteral("job_part"), id + "/excerpt", created, false,
                          compact(excerpt)};
    if (!log.isEmpty() && settings.keepLogsDays() > 0)
        rows << ClientRow{QStringLiteral("job_part"), id + "/log", created, false, qCompress(log)};
    event.covers.insert(jobRecord(client, id), recordDigest(record, columnsOf(job, true)));
    const QString repository = idOrEmpty(job.request.repositoryId);
    if (job.scan && job.outcome == Outcome::Succeeded && !repository.isEmpty()) {
        const ClientRow scan = scanRow(repository, *job.scan, job.created);
        rows << scan;
        event.covers.insert(scanRecord(client, repository), recordDigest(*scan.plain, {created}));
    }
    OVVOC_CHECK(m_workspace->writeRows(client, rows, {event}, [&] { return writeRow(job, true); }));
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
    if (filter.withoutChecks)
        require(QStringLiteral("job.kind <> 'check'"), {});
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
    QString sql = "SELECT job." + QString(jobRowColumns).replace(", ", ", job.") + " FROM " + from;
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
    QString sql =
        QStringLiteral("SELECT outcome, count(*) FROM job WHERE created >= ? AND kind <> 'check'");
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
                                 "? AND outcome IN ('succeeded', 'failed') AND kind = 'update' "
                                 "GROUP BY 1 ORDER BY 1"),
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

Result<Job> JobArchive::interruptedJob(const QString &id)
{
    if (auto loaded = load(id))
        return loaded;
    // Its record was never written: what the row knows becomes one.
    OVVOC_TRY(rows,
              m_workspace->database().rows(
                  QStringLiteral("SELECT %1 FROM job WHERE id = ?").arg(jobRowColumns), {id}));
    const JobRow row = rowFrom(rows.value(0, Database::Row(10)));
    Job begun;
    begun.request.id = id;
    begun.request.clientId = row.clientId;
    begun.request.repositoryId = row.repositoryId;
    begun.request.kind = row.kind == toString(JobKind::Scan) ? JobKind::Scan
        : row.kind == toString(JobKind::Check)               ? JobKind::Check
                                                             : JobKind::Update;
    begun.created = row.created;
    return begun;
}

Result<QList<Job>> JobArchive::closeInterrupted(const QHash<QString, CellFate> &fates)
{
    OVVOC_TRY(ids, interrupted());
    QList<Job> closed;
    for (const QString &id : ids) {
        // What the log says has ended did not run: the row was changed, and Verify names it.
        OVVOC_TRY(ended,
                  m_workspace->database().value(
                      QStringLiteral("SELECT 1 FROM audit WHERE job = ? AND action IN "
                                     "('job.end', 'job.interrupted') LIMIT 1"),
                      {id}));
        if (ended.isValid()) {
            ovvoc::log().error(
                "workspace: job {} is said to run although it has ended; see `ovvoc audit "
                "verify`",
                id.toStdString());
            continue;
        }
        OVVOC_TRY(loaded, interruptedJob(id));
        if (!m_workspace->dataKey(loaded.request.clientId)) {
            OVVOC_CHECK(m_workspace->database().run(QStringLiteral("DELETE FROM job WHERE id = ?"),
                                                    {id})); // its client is gone
            continue;
        }
        Job job = loaded;
        const CellFate fate = fates.value(id, CellFate::Unknown);
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
        // Only what is known: without an engine that answers nothing is gone.
        QString words, ending;
        switch (fate) {
        case CellFate::Destroyed:
            words = tr("The program ended while the job ran. Its cell was destroyed at the next "
                       "start.");
            ending = tr("confirmed at the next start");
            break;
        case CellFate::Gone:
            words = tr("The program ended while the job ran. At the next start the engine had no "
                       "cell of it any more.");
            ending = tr("confirmed at the next start");
            break;
        case CellFate::Unknown:
            words = tr("The program ended while the job ran. Whether its cell is gone is not "
                       "known: no engine answered at the next start. It is looked for again when "
                       "one does.");
            ending = tr("not known: no engine answered");
            break;
        }
        failure.error = {ErrorCode::Interrupted, words, {}};
        for (Phase &phase : job.phases) {
            if (phase.kind == PhaseKind::Destroy) {
                phase.state =
                    fate == CellFate::Unknown ? PhaseState::Failed : PhaseState::Succeeded;
                phase.started = phase.started.isValid() ? phase.started : now;
                phase.ended = now;
                phase.message = ending;
            }
        }
        // What was known before the cell had to be destroyed stays: only that was cut off.
        if (job.outcome == Outcome::None) {
            job.outcome = Outcome::Failed;
            job.summary = tr("interrupted in %1").arg(toString(failure.phase));
            job.failure = failure;
        }
        static const char *const fateWords[] = {"unknown", "gone", "destroyed"};
        OVVOC_CHECK(
            finishAs(job,
                     {"job.interrupted",
                      job.request.clientId,
                      id,
                      "failed",
                      {{"phase", toString(job.failure ? job.failure->phase : PhaseKind::Destroy)},
                       {"cell", QLatin1String(fateWords[int(fate)])}},
                      {}},
                     {}));
        closed << job;
    }
    return closed;
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
    QJsonArray open;
    for (const OpenProposal &one : proposals.open)
        open << toJson(one);
    return m_workspace->writeRows(
        clientId,
        {{QStringLiteral("open_proposal"), repositoryId,
          proposals.asked.isValid() ? proposals.asked.toMSecsSinceEpoch() : qint64(0), false,
          compact(QJsonObject{{"open", open}})}},
        {});
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
    OpenProposal fresh{job.proposal->branch,
                       oneLine(job.proposalTitle),
                       job.proposal->number > 0 ? job.proposal->location : QString(),
                       job.proposal->number,
                       job.phases.last().ended,
                       markOf(job.plan, job.request.topic)};
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

/// The moment up to which a purge may believe the clock. A clock that jumps ahead would let the
/// whole history look old: so each purge goes at most a month beyond the one before, and not within
/// half a day of it by the clock that a jump does not move.
Result<QDateTime> JobArchive::purgeTime(const QString &clientId, const QDateTime &now, bool &held)
{
    Database &database = m_workspace->database();
    const QString name = "purged/" + clientId;
    OVVOC_TRY(kept,
              database.value(QStringLiteral("SELECT value FROM meta WHERE name = ?"), {name}));
    const QList<QByteArray> parts = kept.toByteArray().split(' ');
    const QDateTime before = QDateTime::fromMSecsSinceEpoch(parts[0].toLongLong(), Qt::UTC);
    const qint64 bootBefore = parts.value(2).toLongLong();
    timespec sinceBoot = {};
    ::clock_gettime(CLOCK_BOOTTIME, &sinceBoot);
    QFile bootFile(QStringLiteral("/proc/sys/kernel/random/boot_id"));
    const QByteArray boot =
        bootFile.open(QIODevice::ReadOnly) ? bootFile.readAll().trimmed() : QByteArray("none");
    QDateTime until = now;
    if (!kept.isValid()) {
        // The first time: nothing is believed yet beyond what happened last.
        OVVOC_TRY(newest,
                  database.value(QStringLiteral("SELECT max(created) FROM job WHERE client = ?"),
                                 {clientId}));
        if (newest.toLongLong() > 0)
            until = std::min(now, timeOf(newest).addDays(purgeStepDays));
    } else if (before.daysTo(now) > purgeStepDays) {
        const bool sameBoot = parts.value(1) == boot;
        until = sameBoot && sinceBoot.tv_sec - bootBefore < 12 * 3600
            ? before
            : before.addDays(purgeStepDays);
    }
    held = until < now;
    OVVOC_CHECK(database.run(QStringLiteral("INSERT OR REPLACE INTO meta VALUES (?, ?)"),
                             {name,
                              QByteArray::number(until.toMSecsSinceEpoch()) + ' ' + boot + ' '
                                  + QByteArray::number(qint64(sinceBoot.tv_sec))}));
    return until;
}

Result<PurgeReport> JobArchive::purge(const QString &clientId, const QDateTime &now)
{
    OVVOC_TRY(settings, m_workspace->settingsOf(clientId));
    OVVOC_TRY(database, m_workspace->clientDatabase(clientId));
    PurgeReport report;
    OVVOC_TRY(until, purgeTime(clientId, now, report.held));
    const qint64 jobsBefore = until.addMonths(-settings.keepJobsMonths()).toMSecsSinceEpoch();
    const qint64 excerptsBefore = until.addDays(-settings.keepExcerptsDays()).toMSecsSinceEpoch();
    const qint64 logsBefore = until.addDays(-settings.keepLogsDays()).toMSecsSinceEpoch();
    Database &all = m_workspace->database();
    OVVOC_TRY(
        old,
        all.rows(QStringLiteral("SELECT id, created FROM job WHERE client = ? AND created < ? AND "
                                "process = '' ORDER BY created LIMIT ?"),
                 {clientId, jobsBefore, purgeLimit}));
    const auto parts = [&](const char *part, qint64 before) {
        return database->rows(QStringLiteral("SELECT job || '/' || part FROM job_part WHERE part = "
                                             "? AND created < ?"),
                              {QLatin1String(part), before});
    };
    OVVOC_TRY(excerpts, parts("excerpt", excerptsBefore));
    OVVOC_TRY(logs, parts("log", logsBefore));
    // A row that claims another age than its sealed record is left for Verify to name.
    old.removeIf([this](const Database::Row &row) {
        const auto job = load(row[0].toString());
        return !job || job->created.toMSecsSinceEpoch() != row[1].toLongLong();
    });
    report.jobs = old.size();
    report.excerpts = excerpts.size();
    report.logs = logs.size();
    if (report.jobs + report.excerpts + report.logs == 0)
        return report;
    QList<ClientRow> gone;
    AuditEvent event{"retention.purge",
                     clientId,
                     {},
                     "ok",
                     {{"jobs", report.jobs},
                      {"excerpts", report.excerpts},
                      {"logs", report.logs},
                      {"until", until.toString(Qt::ISODate)}},
                     {}};
    if (report.held)
        event.detail["clock"] = QStringLiteral("jumped");
    for (const auto &rows : {excerpts, logs}) {
        for (const Database::Row &row : rows)
            gone << ClientRow{QStringLiteral("job_part"), row[0].toString(), 0, false, {}};
    }
    for (const Database::Row &row : old) {
        const QString id = row[0].toString();
        gone << ClientRow{QStringLiteral("job"), id, 0, false, {}};
        for (const char *part : {"/excerpt", "/log", "/run"})
            gone << ClientRow{QStringLiteral("job_part"), id + QLatin1String(part), 0, false, {}};
        event.covers.insert(jobRecord(clientId, id), QByteArray());
    }
    OVVOC_CHECK(m_workspace->writeRows(clientId, gone, {event}, [&]() -> Result<> {
        for (const Database::Row &row : old) {
            OVVOC_CHECK(all.run(QStringLiteral("DELETE FROM job_word WHERE job = ?"), {row[0]}));
            OVVOC_CHECK(all.run(QStringLiteral("DELETE FROM job WHERE id = ?"), {row[0]}));
        }
        return {};
    }));
    OVVOC_CHECK(database->shrink());
    return report;
}

} // namespace ovvoc
