#include "report/clientreport.h"

#include "base/text.h"
#include "runs/runreport.h"

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>
#include <QSaveFile>
#include <QSet>
#include <algorithm>
#include <qcoro/qcorotimer.h>

namespace ovvoc {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("ClientReport", text);
}

constexpr qint64 mostLogoBytes = 512 * 1024;
constexpr int mostDays = 3660;
constexpr int jobsInTurn = 50; ///< that are read before others have their turn

Result<QDate> dayOf(const QString &text, const QString &what)
{
    const QDate day = QDate::fromString(text, Qt::ISODate);
    if (!day.isValid())
        return fail(ErrorCode::InvalidInput,
                    tr("%1 is no day: write it as 2026-11-01 (%2).").arg(oneLine(text), what));
    return day;
}

QString stepText(const PlannedUpdate &update)
{
    return QStringLiteral("%1 %2 → %3").arg(update.name, update.from, update.to);
}

QString textOf(const Advisory &advisory)
{
    return QStringLiteral("%1: %2").arg(advisory.severity, oneLine(advisory.title));
}

/// PNG or JPEG by their first bytes; anything else is no logo.
QByteArray readLogo(const QString &path)
{
    QFile file(path);
    if (!QFileInfo(path).isFile() || !file.open(QIODevice::ReadOnly) || file.size() > mostLogoBytes)
        return {};
    const QByteArray bytes = file.read(mostLogoBytes);
    return bytes.startsWith("\x89PNG\r\n\x1a\n") || bytes.startsWith("\xff\xd8\xff") ? bytes
                                                                                     : QByteArray();
}

/// What of one repository and package goes where.
template <typename Step> QString keyOf(const Step &step)
{
    return QStringList{step.repository, step.package, step.to}.join('\n');
}

/// What is gathered while the jobs of a span are read.
struct Gathering
{
    ClientReport report;
    QSet<QString> hosts;
    QHash<QString, QString> names; ///< of repositories, by id
    QHash<QString, KnownProposals> proposals; ///< by repository
    QSet<QString> runs; ///< that have a report of their own
    QHash<QString, qsizetype> updateAt; ///< by keyOf(): its place in the report

    void add(const Job &job);
    void addIsolation(const Job &job);
    void addUpdates(const Job &job);
    void addRun(const RunReport &run);
    QString nameOf(const QString &repositoryId, const QString &fallback) const
    {
        return names.value(repositoryId, fallback);
    }
};

void Gathering::addIsolation(const Job &job)
{
    ReportedIsolation &all = report.isolation;
    if (job.evidence.isEmpty())
        return; // its cell was never there, or never looked at
    ++all.cells;
    const Phase *end = job.phase(PhaseKind::Destroy);
    all.destroyed += end && end->state == PhaseState::Succeeded ? 1 : 0;
    all.controls += int(job.evidence.size());
    all.differing += int(std::ranges::count(job.evidence, Verdict::Differs, &Evidence::verdict));
    all.absent += int(std::ranges::count(job.evidence, Verdict::NotHere, &Evidence::verdict));
    const Phase *build = job.phase(PhaseKind::Build);
    if (build && build->started.isValid()) {
        ++all.built;
        all.sealed += job.gateClosed && *job.gateClosed <= build->started ? 1 : 0;
    }
    for (const TokenLife &token : job.tokens) {
        ++all.tokens;
        all.tokensRevoked += token.state == TokenLife::State::Revoked ? 1 : 0;
    }
    for (const EgressRow &row : job.egress) {
        if (row.verdict == EgressRow::Verdict::Allowed && hosts.size() < 200)
            hosts << row.host;
    }
}

void Gathering::addUpdates(const Job &job)
{
    const QString repository = nameOf(job.request.repositoryId, job.request.repositoryName);
    const KnownProposals known = proposals.value(job.request.repositoryId);
    const QDateTime when = job.phases.isEmpty() ? job.created : job.phases.last().ended;
    for (const PlannedUpdate &update : job.plan.updates) {
        ReportedUpdate one;
        one.repository = repository;
        one.package = update.name;
        one.from = update.from;
        one.to = update.to;
        one.level = toString(update.level);
        for (const Advisory &advisory : update.fixes)
            one.fixes << textOf(advisory);
        one.location = job.proposal->location.startsWith(QLatin1String("https://"))
            ? job.proposal->location
            : QString();
        one.proposal = job.proposal->number > 0 ? QStringLiteral("#%1").arg(job.proposal->number)
                                                : job.proposal->branch;
        const bool open = std::ranges::any_of(known.open, [&](const OpenProposal &proposal) {
            return proposal.branch == job.proposal->branch;
        });
        if (job.proposal->number == 0)
            one.state = tr("a branch");
        else if (open)
            one.state = tr("open");
        else if (known.asked.isValid() && known.asked >= when)
            one.state = tr("merged or closed");
        else
            one.state = tr("not asked since");
        one.proposed = when;
        // A proposal that moved on says again what it said before.
        if (const auto there = updateAt.constFind(keyOf(one)); there != updateAt.cend()) {
            report.updates[*there] = one;
            continue;
        }
        updateAt.insert(keyOf(one), report.updates.size());
        report.updates << one;
    }
}

void Gathering::add(const Job &job)
{
    addIsolation(job);
    for (const Phase &phase : job.phases)
        report.machineSeconds += phase.milliseconds() / 1000;
    if (job.request.kind == JobKind::Scan) {
        report.scans += job.outcome == Outcome::Succeeded ? 1 : 0;
        return;
    }
    if (job.request.kind != JobKind::Update)
        return;
    if (job.proposal && job.outcome == Outcome::Succeeded)
        addUpdates(job);
    // What a run found out stands in its own report.
    if (job.outcome != Outcome::Failed || runs.contains(job.request.runId))
        return;
    ReportedFailure failure;
    failure.repository = nameOf(job.request.repositoryId, job.request.repositoryName);
    failure.what = job.plan.updates.isEmpty() ? tr("an update") : job.plan.title();
    failure.why = oneLine(job.failure ? job.failure->error.message : job.summary);
    for (const TestCase &test : job.failure ? job.failure->tests : QList<TestCase>()) {
        if (failure.tests.size() < 5)
            failure.tests << oneLine(test.identity());
    }
    failure.when = job.created;
    report.failures << failure;
}

void Gathering::addRun(const RunReport &run)
{
    const QString repository = nameOf(run.repositoryId, run.repositoryName);
    for (const GroupResult &group : run.groups) {
        using State = GroupResult::State;
        for (const Culprit &culprit : group.culprits) {
            QStringList steps;
            for (const PlannedUpdate &update : culprit.updates)
                steps << stepText(update);
            report.failures << ReportedFailure{repository, steps.join(QStringLiteral(", ")),
                                               oneLine(culprit.reason), culprit.tests.mid(0, 5),
                                               run.started};
        }
        if (group.culprits.isEmpty()
            && (group.state == State::Failed || group.state == State::RedBefore
                || group.state == State::Unproved))
            report.failures << ReportedFailure{
                repository,
                group.title,
                oneLine(group.reason.isEmpty() ? toString(group.state) : group.reason),
                {},
                run.started};
    }
}

/// Jobs of the span, newest first.
Result<QList<JobRow>> rowsOf(JobArchive &archive, const ClientReport &report,
                             const QString &clientId, bool &cut)
{
    JobFilter filter;
    filter.clientId = clientId;
    filter.from = report.span.from.startOfDay(Qt::UTC);
    filter.to = report.span.to.addDays(1).startOfDay(Qt::UTC);
    filter.limit = 1000;
    QList<JobRow> rows;
    for (;;) {
        OVVOC_TRY(page, archive.page(filter));
        if (page.isEmpty())
            return rows;
        rows += page;
        if (rows.size() >= ClientReport::mostJobs) {
            cut = true;
            return rows;
        }
        filter.after = page.last();
    }
}

} // namespace

int ClientReport::securityUpdates() const
{
    return int(std::ranges::count_if(
        updates, [](const ReportedUpdate &one) { return !one.fixes.isEmpty(); }));
}

int ClientReport::openAdvisories() const
{
    return int(std::ranges::count_if(
        pending, [](const ReportedPending &one) { return !one.advisories.isEmpty(); }));
}

Result<ReportSpan> reportSpan(const QString &month, const QString &from, const QString &to,
                              QDate today)
{
    if (!month.isEmpty()) {
        const QDate first = QDate::fromString(month + QLatin1String("-01"), Qt::ISODate);
        if (!first.isValid())
            return fail(ErrorCode::InvalidInput,
                        tr("%1 is no month: write it as 2026-11.").arg(oneLine(month)));
        return ReportSpan{first, first.addMonths(1).addDays(-1)};
    }
    ReportSpan span;
    span.to = today;
    if (!to.isEmpty()) {
        OVVOC_TRY(day, dayOf(to, QStringLiteral("--to")));
        span.to = day;
    }
    span.from = span.to.addDays(-29);
    if (!from.isEmpty()) {
        OVVOC_TRY(day, dayOf(from, QStringLiteral("--from")));
        span.from = day;
    }
    if (span.from > span.to || span.from.daysTo(span.to) > mostDays)
        return fail(ErrorCode::InvalidInput,
                    tr("The span ends before it begins, or is longer than ten years."));
    return span;
}

TaskResult<ClientReport> makeClientReport(std::shared_ptr<Workspace> workspace,
                                          std::shared_ptr<JobArchive> archive, QString clientId,
                                          ReportSpan span, QDateTime now)
{
    OVVOC_CO_TRY(client, workspace->client(clientId));
    OVVOC_CO_TRY(settings, workspace->settingsOf(client.id));
    Gathering all;
    ClientReport &report = all.report;
    report.client = client.name;
    report.agency = settings.agencyName();
    report.logo = readLogo(settings.agencyLogo());
    report.minutesPerUpdate = settings.minutesPerUpdate();
    report.span = span;
    report.made = now;

    Overviews overviews(workspace, archive);
    OVVOC_CO_TRY(overview, overviews.compute(client));
    for (const RepositoryOverview &one : std::as_const(overview.repositories)) {
        const QString title = one.repository.title();
        all.names[one.repository.id] = title;
        all.proposals[one.repository.id] = one.proposals;
        if (one.repository.archived)
            continue;
        ++report.repositories;
        if (!one.scanned)
            report.notScanned << title;
        else if (!one.advisoriesChecked)
            report.advisoriesUnknown << title;
        OVVOC_CO_TRY(scan, archive->scan(client.id, one.repository.id));
        for (const Advisory &known : scan ? scan->second.advisories : QList<Advisory>()) {
            if (report.advisories.size() < ClientReport::mostAdvisories)
                report.advisories << QStringLiteral("%1: %2 %3: %4")
                                         .arg(title, known.severity, oneLine(known.package),
                                              oneLine(known.title));
        }
    }
    for (const PendingRow &row : pendingRows(overview)) {
        ReportedPending one;
        one.repository = row.repository;
        one.package = row.update.dependency.name;
        one.from = row.update.dependency.current;
        one.to = row.update.target;
        one.level = toString(row.update.level);
        for (const Advisory &advisory : row.update.advisories)
            one.advisories << textOf(advisory);
        one.waits = row.update.waits;
        report.pending << one;
    }

    OVVOC_CO_TRY(kept, archive->runs(client.id, ClientReport::mostJobs));
    const QDateTime first = span.from.startOfDay(Qt::UTC),
                    end = span.to.addDays(1).startOfDay(Qt::UTC);
    for (const QJsonObject &object : std::as_const(kept)) {
        const RunReport run = runReportFromJson(object);
        if (run.started < first || run.started >= end)
            continue;
        all.runs << run.id;
        all.addRun(run);
    }
    OVVOC_CO_TRY(rows, rowsOf(*archive, report, client.id, report.cut));
    int inTurn = 0;
    for (auto row = rows.crbegin(); row != rows.crend(); ++row) { // the oldest first
        if (++inTurn % jobsInTurn == 0)
            co_await QCoro::sleepFor(std::chrono::milliseconds(0));
        const auto job = archive->load(row->id);
        if (job)
            all.add(*job);
        else
            ++report.unreadable;
    }
    // What these days proposed stands there.
    report.pending.removeIf(
        [&](const ReportedPending &one) { return all.updateAt.contains(keyOf(one)); });
    report.isolation.hosts = QStringList(all.hosts.begin(), all.hosts.end());
    report.isolation.hosts.sort();
    std::ranges::stable_sort(report.updates, {}, [](const ReportedUpdate &one) {
        return std::pair(one.fixes.isEmpty(), one.repository + '\n' + one.package);
    });
    std::ranges::stable_sort(report.pending, {}, [](const ReportedPending &one) {
        return std::pair(one.advisories.isEmpty(), one.repository + '\n' + one.package);
    });
    std::ranges::stable_sort(report.failures, std::ranges::greater{}, &ReportedFailure::when);
    co_return ClientReport(report);
}

Result<> writeReport(const ClientReport &report, const QString &path)
{
    const bool table = path.endsWith(QLatin1String(".csv"), Qt::CaseInsensitive);
    const QByteArray bytes = table ? csvOf(report) : htmlOf(report).toUtf8();
    QSaveFile file(path);
    const auto wrong = [&](ErrorCode code) {
        return fail(code, tr("%1 cannot be written: %2").arg(path, file.errorString()));
    };
    if (!file.open(QIODevice::WriteOnly))
        return wrong(ErrorCode::ReadOnly);
    file.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
    if (file.write(bytes) != bytes.size() || !file.commit())
        return wrong(ErrorCode::DiskFull);
    return {};
}

} // namespace ovvoc
