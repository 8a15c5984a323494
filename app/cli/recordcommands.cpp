// `ovvoc jobs …`, `ovvoc audit …`: what was done.

#include "base/completion.h"
#include "cli/workspacecommands.h"
#include "jobs/jobjson.h"
#include "jobs/reports.h"
#include "runs/runreport.h"
#include "updates/testreport/testreport.h"

#include <QFile>
#include <QJsonArray>
#include <algorithm>

namespace ovvoc::cli {

namespace {

/// The one of \a ids that \a word is or begins; of several that it begins: an error that says so.
Result<QString> idOf(const QString &word, const QStringList &ids)
{
    constexpr qsizetype shortest = 3;
    if (ids.contains(word) || word.size() < shortest)
        return word;
    QStringList begun;
    for (const QString &id : ids) {
        if (id.startsWith(word))
            begun << id;
    }
    begun.removeDuplicates();
    if (begun.size() > 1)
        return usage(tr("%1 begins several: %2. Write more of it.")
                         .arg(word, begun.mid(0, 5).join(QStringLiteral(", "))));
    return begun.isEmpty() ? word : begun.first();
}

} // namespace

TaskResult<> jobsCommand(Call call, std::shared_ptr<Records> records)
{
    const QString verb = call.words.value(1);
    if (verb == QLatin1String("show")) {
        auto job = records->archive->load(call.words.value(2));
        if (!job && job.error().code == ErrorCode::NotFound) {
            JobFilter newest;
            newest.limit = 10'000;
            OVVOC_CO_TRY(known, records->archive->page(newest));
            QStringList ids;
            for (const JobRow &row : std::as_const(known))
                ids << row.id;
            OVVOC_CO_TRY(id, idOf(call.words.value(2), ids));
            job = records->archive->load(id);
        }
        OVVOC_CO_CHECK(job);
        show(call, toJson(*job), {});
        if (!call.json)
            call.console.finished(*job);
        co_return {};
    }
    if (!verb.isEmpty() && verb != QLatin1String("list"))
        co_return usage(tr("There is no `ovvoc jobs %1`.").arg(verb));
    JobFilter filter;
    if (call.has("client")) {
        OVVOC_CO_TRY(client, records->workspace->client(call.option("client")));
        filter.clientId = client.id;
        if (call.has("repo")) {
            OVVOC_CO_TRY(one, records->workspace->repository(client.id, call.option("repo")));
            filter.repositoryId = one.id;
        }
    }
    filter.outcome = call.option("outcome");
    filter.word = call.option("word");
    filter.limit = call.has("limit") ? std::clamp(call.option("limit").toInt(), 1, 10'000) : 50;
    OVVOC_CO_TRY(rows, records->archive->page(filter));
    for (const JobRow &row : rows) {
        // The row knows no names; its record does.
        const auto job = records->archive->load(row.id);
        show(call,
             {{"id", row.id},
              {"client", row.clientId},
              {"kind", row.kind},
              {"outcome", row.outcome},
              {"phase", row.phase},
              {"level", row.level},
              {"security", row.security},
              {"created", row.created.toString(Qt::ISODateWithMs)},
              {"repository", job ? job->request.repositoryName : QString()},
              {"summary", job ? job->summary : QString()}},
             QStringLiteral("%1  %2  %3  %4  %5")
                 .arg(row.id, when(row.created), row.outcome.leftJustified(9),
                      job ? job->request.repositoryName.leftJustified(24) : QString(),
                      job ? job->summary : QString()));
    }
    co_return {};
}

/// Of all clients, or of one: newest first.
TaskResult<> runsCommand(Call call, std::shared_ptr<Records> records)
{
    const QString verb = call.words.value(1), id = call.words.value(2);
    if (!verb.isEmpty() && verb != QLatin1String("list") && verb != QLatin1String("show"))
        co_return usage(tr("There is no `ovvoc runs %1`.").arg(verb));
    constexpr int most = 10'000;
    const int limit = call.has("limit") ? std::clamp(call.option("limit").toInt(), 1, most) : 20;
    OVVOC_CO_TRY(clients, records->workspace->clients());
    QString onlyRepository;
    if (call.has("client")) {
        OVVOC_CO_TRY(client, records->workspace->client(call.option("client")));
        clients = {client};
        if (call.has("repo")) {
            OVVOC_CO_TRY(one, records->workspace->repository(client.id, call.option("repo")));
            onlyRepository = one.id;
        }
    }
    QList<RunReport> found;
    for (const Client &client : std::as_const(clients)) {
        OVVOC_CO_TRY(
            kept, records->archive->runs(client.id, verb == QLatin1String("show") ? most : limit));
        for (const QJsonObject &object : std::as_const(kept)) {
            const RunReport report = runReportFromJson(object);
            if (onlyRepository.isEmpty() || report.repositoryId == onlyRepository)
                found << report;
        }
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const RunReport &a, const RunReport &b) { return a.started > b.started; });
    if (verb == QLatin1String("show")) {
        QStringList ids;
        for (const RunReport &report : std::as_const(found))
            ids << report.id << report.firstJob();
        OVVOC_CO_TRY(meant, idOf(id, ids));
        for (const RunReport &report : std::as_const(found)) {
            if (report.id == meant || report.firstJob() == meant) {
                show(call, toJson(report), plainOf(report));
                co_return {};
            }
        }
        co_return fail(ErrorCode::NotFound, tr("There is no run %1.").arg(id));
    }
    for (const RunReport &report : found.mid(0, limit))
        show(call, toJson(report),
             QStringLiteral("%1  %2  %3  %4")
                 .arg(report.id, when(report.started), report.repositoryName.leftJustified(24),
                      report.summary));
    co_return {};
}

static QString auditLine(const AuditEntry &entry)
{
    QString detail;
    for (auto it = entry.detail.begin(); it != entry.detail.end(); ++it)
        detail += QStringLiteral(" %1=%2").arg(it.key(), settingText(it.value()));
    if (!entry.readable)
        detail = tr(" (details erased with the client)");
    return QStringLiteral("%1  %2  %3  %4  %5%6")
        .arg(QString::number(entry.seq).rightJustified(6), when(entry.time), entry.actor,
             entry.action, entry.result, detail);
}

TaskResult<> auditCommand(Call call, std::shared_ptr<Records> records)
{
    AuditLog &audit = records->workspace->audit();
    const QString verb = call.words.value(1);
    AuditFilter filter;
    if (call.has("client")) {
        OVVOC_CO_TRY(client, records->workspace->client(call.option("client")));
        filter.clientId = client.id;
    }
    filter.job = call.option("job");
    filter.action = call.option("action");
    filter.actor = call.option("actor");
    if (call.has("limit"))
        filter.limit = std::clamp(call.option("limit").toInt(), 1, 100'000);
    if (verb == QLatin1String("verify")) {
        OVVOC_CO_TRY(verdict, co_await records->workspace->verify());
        QJsonArray problems;
        for (const AuditVerdict::Problem &problem : verdict.problems) {
            problems << problem.text;
            if (!call.json)
                call.console.line(problem.text);
        }
        show(call,
             {{"holds", verdict.holds()},
              {"entries", verdict.entries},
              {"checkpoints", verdict.checkpoints},
              {"records", verdict.records},
              {"accepted", verdict.accepted},
              {"unreadable", verdict.unreadable},
              {"problems", problems}},
             !verdict.holds() ? tr("The log does not hold.")
                              : tr("The log holds: %1 entries, %2 signatures, and %3 records that "
                                   "are as it says.")
                                    .arg(verdict.entries)
                                    .arg(verdict.checkpoints)
                                    .arg(verdict.records)
                     + (verdict.accepted > 0 ? ' '
                                + tr("A log that did not hold was accepted %1 times: "
                                     "see `ovvoc audit list --action audit.accept`.")
                                      .arg(verdict.accepted)
                                             : QString()));
        if (!verdict.holds())
            co_return fail(ErrorCode::Damaged, tr("The audit log was tampered with or damaged."));
        co_return {};
    }
    if (verb == QLatin1String("accept")) {
        if (!call.has("yes"))
            co_return usage(tr("This goes on with a log that does not hold, and what was found "
                               "stays noted in it. Look at it with `ovvoc audit verify` first, "
                               "then say --yes."));
        OVVOC_CO_TRY(accepted, co_await records->workspace->acceptLog());
        show(call, {{"accepted", accepted.problems.size()}},
             tr("The log goes on. What was found is noted in its entry \"audit.accept\"."));
        co_return {};
    }
    if (verb == QLatin1String("export")) {
        OVVOC_CO_TRY(path, required(call, "to"));
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly | QIODevice::NewOnly))
            co_return fail(ErrorCode::ReadOnly,
                           tr("%1 cannot be written: %2").arg(path, file.errorString()));
        file.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
        const bool damaged = records->workspace->damage().has_value();
        if (!damaged)
            OVVOC_CO_CHECK(audit.add({"audit.export", filter.clientId, {}, "ok", {}, {}}));
        co_return co_await audit.exportTo(&file, filter, !damaged);
    }
    if (!verb.isEmpty() && verb != QLatin1String("list"))
        co_return usage(tr("There is no `ovvoc audit %1`.").arg(verb));
    OVVOC_CO_TRY(entries, audit.entries(filter));
    for (const AuditEntry &entry : entries)
        show(call,
             {{"seq", entry.seq},
              {"time", entry.time.toString(Qt::ISODateWithMs)},
              {"actor", entry.actor},
              {"action", entry.action},
              {"client", entry.clientId},
              {"job", entry.job},
              {"result", entry.result},
              {"detail", entry.detail}},
             auditLine(entry));
    co_return {};
}

} // namespace ovvoc::cli
