#include "desktop/workspaceworker.h"

#include "base/ids.h"
#include "base/logging.h"
#include "crypto/appkey.h"
#include "desktop/exports.h"
#include "jobs/openproposals.h"
#include "widgets/printpage.h"

#include <QCoreApplication>
#include <QFile>
#include <QPointer>
#include <QSet>
#include <QtConcurrent/QtConcurrentRun>
#include <qcoro/qcorofuture.h>
#include <qcoro/qcorotimer.h>

namespace ovvoc {

namespace {

constexpr int upcomingShown = 50;
constexpr qint64 askedLatelySeconds = 6 * 3600;
constexpr int closePatienceMs = 10'000; // for a forge that is being asked

} // namespace

WorkspaceWorker::WorkspaceWorker(WorkspaceFolder folder, std::shared_ptr<SecretStore> store,
                                 std::shared_ptr<SecretMask> mask, QObject *parent)
    : QObject(parent)
    , m_folder(std::move(folder))
    , m_store(std::move(store))
    , m_mask(std::move(mask))
    , m_auditTimer(this)
{
    m_auditTimer.setSingleShot(true);
    m_auditTimer.setInterval(500);
    connect(&m_auditTimer, &QTimer::timeout, this, &WorkspaceWorker::auditGrew);
}

WorkspaceWorker::~WorkspaceWorker() = default;

void WorkspaceWorker::tell()
{
    emit stateChanged(m_state);
}

void WorkspaceWorker::open()
{
    if (!m_records && !m_opening)
        openNow();
}

Task<> WorkspaceWorker::openNow()
{
    m_opening = true;
    m_state.step = WorkspaceState::Step::Opening;
    tell();
    auto records = co_await openRecords(m_folder, m_store, m_mask);
    m_opening = false;
    if (!records) {
        log().warn("workspace: {}", toString(records.error().code).toStdString());
        m_state.step = WorkspaceState::Step::Closed;
        m_state.error = records.error();
        tell();
        co_return;
    }
    m_records = *records;
    m_state.step = WorkspaceState::Step::Loading;
    tell();
    connect(&m_records->workspace->audit(), &AuditLog::failed, this, &WorkspaceWorker::failed);
    connect(&m_records->workspace->audit(), &AuditLog::added, this, [this] {
        if (!m_auditTimer.isActive())
            m_auditTimer.start();
    });
    connect(m_records->workspace.get(), &Workspace::changed, this, [this](const QString &client) {
        if (client.isEmpty())
            tellAgency();
        tellUpcoming();
    });
    m_overviews = std::make_unique<Overviews>(m_records->workspace, m_records->archive);
    connect(m_overviews.get(), &Overviews::changed, this, &WorkspaceWorker::clientChanged);
    connect(m_overviews.get(), &Overviews::removed, this, &WorkspaceWorker::clientRemoved);
    connect(m_overviews.get(), &Overviews::failed, this, &WorkspaceWorker::failed);
    connect(m_overviews.get(), &Overviews::complete, this, [this] {
        if (m_state.step != WorkspaceState::Step::Loading)
            return;
        m_state.step = WorkspaceState::Step::Ready;
        tell();
        tellUpcoming();
    });
    m_scheduler = std::make_unique<Scheduler>(m_records->workspace, m_records->archive);
    connect(m_scheduler.get(), &Scheduler::dueNow, this, &WorkspaceWorker::dueNow);
    tellAgency();
    m_overviews->start();
    co_await tidyWhenKnown();
}

void WorkspaceWorker::engineLookedFor(std::shared_ptr<EngineClient> engine)
{
    m_engine = std::move(engine);
    tidyWhenKnown();
}

Task<> WorkspaceWorker::tidyWhenKnown()
{
    if (!m_records || !m_engine)
        co_return;
    if (m_tidied) { // an engine came later: only what waited for one is left
        if (*m_engine && !std::exchange(m_wentOn, true)) {
            const auto left = takeUp(*m_records->archive, QCoreApplication::applicationName(),
                                     QDateTime::currentDateTimeUtc());
            if (!left)
                emit failed(left.error());
            goOn(left.value_or(QList<AskedRun>()));
        }
        co_return;
    }
    m_tidied = true;
    m_wentOn = bool(*m_engine);
    const Tidied tidied = co_await tidyUp(m_records, *m_engine);
    for (const Error &error : tidied.problems)
        emit failed(error);
    m_state.interrupted = tidied.interrupted;
    m_state.tokensRevoked = tidied.tokensRevoked;
    goOn(tidied.goOn);
    tell();
    for (const Job &job : tidied.interrupted)
        m_overviews->refresh(job.request.clientId);
    m_scheduler->start();
}

void WorkspaceWorker::goOn(const QList<AskedRun> &runs)
{
    if (runs.isEmpty())
        return;
    m_state.wentOn = int(runs.size());
    tell();
    emit leftToGoOn(runs);
}

void WorkspaceWorker::jobEnded(const Job &job)
{
    if (!m_overviews)
        return;
    m_overviews->refresh(job.request.clientId);
    tellUpcoming();
    if (job.request.kind == JobKind::Scan && job.outcome == Outcome::Succeeded)
        askAfterScan(job.request.clientId, job.request.repositoryId);
}

TaskResult<> WorkspaceWorker::askForProposals(QString clientId)
{
    return ask(clientId, {});
}

/// Nobody waits for this: an answer that does not come leaves what was known, with its date. What
/// was asked lately is not asked again: each look costs a token, of which GitHub gives so many.
Task<> WorkspaceWorker::askAfterScan(QString clientId, QString repositoryId)
{
    const auto known = m_records->archive->proposals(clientId, repositoryId);
    if (known && known->asked.isValid()
        && known->asked.secsTo(QDateTime::currentDateTimeUtc()) < askedLatelySeconds)
        co_return;
    auto asked = co_await ask(clientId, repositoryId);
    if (!asked && asked.error().code != ErrorCode::Cancelled)
        log().info("open pull requests: {}", toString(asked.error().code).toStdString());
}

TaskResult<> WorkspaceWorker::ask(QString clientId, QString repositoryId)
{
    const Ask mine{clientId, repositoryId, {}};
    m_asks.enqueue(mine);
    if (!m_askRuns)
        runAsks();
    co_return co_await mine.done;
}

Task<> WorkspaceWorker::runAsks()
{
    m_askRuns = true;
    while (!m_asks.isEmpty()) {
        const Ask next = m_asks.dequeue();
        Result<> asked = fail(ErrorCode::Cancelled, tr("The program ends."));
        if (!m_closing) {
            const std::function<bool()> stopped = [this] { return m_closing; };
            asked = co_await ovvoc::askForProposals(m_records->workspace, m_records->archive,
                                                    forgesOf(m_records), next.clientId,
                                                    next.repositoryId, stopped);
            m_overviews->refresh(next.clientId);
        }
        next.done.set(asked);
    }
    m_askRuns = false;
    for (const Completion<bool> &one : std::exchange(m_untilAsked, {}))
        one.set(true);
}

void WorkspaceWorker::tellAgency()
{
    if (const auto overrides = m_records->workspace->agencyOverrides())
        emit agencyChanged(*overrides);
    else
        emit failed(overrides.error());
}

void WorkspaceWorker::tellUpcoming()
{
    if (m_state.step != WorkspaceState::Step::Ready)
        return;
    if (const auto runs = m_scheduler->upcoming(QDateTime::currentDateTime(), upcomingShown))
        emit upcomingChanged(*runs);
    else
        emit failed(runs.error());
}

Task<> WorkspaceWorker::close()
{
    if (!m_records)
        co_return;
    if (m_scheduler)
        m_scheduler->stop();
    m_closing = true;
    if (m_askRuns) {
        const Completion<bool> asked;
        m_untilAsked << asked;
        QTimer::singleShot(closePatienceMs, this, [asked] { asked.set(false); });
        if (!co_await asked)
            log().warn(
                "workspace: a forge does not answer; its token is revoked at the next start");
    }
    const auto closed = co_await closeRecords(m_records);
    if (!closed)
        log().warn("workspace: {}", toString(closed.error().code).toStdString());
}

Result<JobRequest> WorkspaceWorker::scheduledRequest(const ScheduledRun &run)
{
    Workspace &workspace = *m_records->workspace;
    OVVOC_TRY(client, workspace.client(run.clientId));
    OVVOC_TRY(repository, workspace.repository(client.id, run.repositoryId));
    OVVOC_TRY(settings, workspace.settingsOf(client.id, repository.id));
    JobRequest request = requestFor(client, repository, settings, JobKind::Update);
    request.id = newId();
    request.trigger = QStringLiteral("schedule");
    return request;
}

TaskResult<QUrl> WorkspaceWorker::beginManifest(QString clientId, ManifestRequest request)
{
    OVVOC_CO_TRY(client, m_records->workspace->client(clientId));
    OVVOC_CO_TRY(settings, m_records->workspace->settingsOf(clientId));
    GitHubAccount account = client.github.value_or(GitHubAccount{});
    account.web = request.web;
    account.api = GitHubAccount::apiOf(request.web);
    // A server that a test or an administrator put in place of github.com's API keeps its address.
    if (client.github && client.github->web == request.web)
        account.api = client.github->api;
    OVVOC_CO_TRY(rest, m_records->github->rest(account, settings));
    OVVOC_CO_TRY(flow, ManifestFlow::start(request, rest, m_mask));
    const std::shared_ptr<ManifestFlow> shared(std::move(flow));
    cancelManifest(clientId);
    m_manifests.insert(clientId, shared);
    awaitManifest(clientId, account, shared);
    co_return shared->address();
}

void WorkspaceWorker::cancelManifest(const QString &clientId)
{
    if (const auto flow = m_manifests.take(clientId))
        flow->cancel();
}

Task<> WorkspaceWorker::awaitManifest(QString clientId, GitHubAccount account,
                                      std::shared_ptr<ManifestFlow> flow)
{
    auto made = co_await flow->finished();
    if (m_manifests.value(clientId) == flow)
        m_manifests.remove(clientId);
    if (!made) {
        if (made.error().code != ErrorCode::Cancelled)
            emit manifestEnded(clientId, made.error(), {});
        co_return;
    }
    account.issuer = made->clientId;
    account.appName = made->name;
    account.appSlug = made->slug;
    Workspace &workspace = *m_records->workspace;
    auto client = workspace.client(clientId);
    if (!client) {
        emit manifestEnded(clientId, client.error(), {});
        co_return;
    }
    client->github = account;
    const Client withAccount = *client;
    auto stored = co_await workspace.storeAppKey(withAccount, made->keyDer);
    if (!stored) {
        emit manifestEnded(clientId, stored.error(), {});
        co_return;
    }
    client->github = *stored;
    const auto saved = workspace.saveClient(*client);
    emit manifestEnded(clientId, saved ? Error{} : saved.error(), made->installPage);
}

TaskResult<> WorkspaceWorker::storeApp(QString clientId, GitHubAccount account,
                                       std::shared_ptr<const SecretBytes> pem)
{
    Workspace &workspace = *m_records->workspace;
    OVVOC_CO_TRY(client, workspace.client(clientId));
    OVVOC_CO_TRY(der, appKeyFromPem(*pem));
    const auto key = std::make_shared<const SecretBytes>(std::move(der));
    m_mask->add(*key);
    if (client.github)
        account.keyEntry = client.github->keyEntry;
    client.github = account;
    const Client withAccount = client;
    OVVOC_CO_TRY(stored, co_await workspace.storeAppKey(withAccount, key));
    client.github = stored;
    OVVOC_CO_CHECK(workspace.saveClient(client));
    co_return co_await learn(clientId);
}

TaskResult<> WorkspaceWorker::storeRegistryCredential(QString clientId, QString url,
                                                      std::shared_ptr<const SecretBytes> secret)
{
    m_mask->add(*secret);
    co_return co_await m_records->workspace->storeRegistryCredential(clientId, url, secret);
}

TaskResult<> WorkspaceWorker::removeRegistryCredential(QString clientId, QString url)
{
    co_return co_await m_records->workspace->removeRegistryCredential(clientId, url);
}

TaskResult<QStringList> WorkspaceWorker::registriesWithCredential(QString clientId)
{
    const std::shared_ptr<Records> records = m_records;
    OVVOC_CO_TRY(settings, records->workspace->settingsOf(clientId));
    QStringList there;
    for (const RegistrySetting &one : settings.registries()) {
        if (one.credential == RegistrySetting::Credential::None)
            continue;
        const QString url = one.url;
        const auto kept = co_await records->workspace->registryCredential(clientId, url);
        if (kept)
            there << url;
        else if (kept.error().code != ErrorCode::NotFound)
            co_return fail(kept.error());
    }
    co_return there;
}

/// The App is told who it is, and where it is installed when that is one place only.
TaskResult<> WorkspaceWorker::learn(QString clientId)
{
    Workspace &workspace = *m_records->workspace;
    OVVOC_CO_TRY(client, workspace.client(clientId));
    OVVOC_CO_TRY(app, co_await m_records->github->app(client));
    OVVOC_CO_TRY(self, co_await app->self());
    OVVOC_CO_TRY(places, co_await app->installations());
    // As it is now: a person may have changed something while GitHub was asked.
    OVVOC_CO_TRY(fresh, workspace.client(clientId));
    if (!fresh.github)
        co_return {};
    fresh.github->appName = self["name"].toString();
    fresh.github->appSlug = self["slug"].toString();
    const QList<Installation> all = places;
    if (all.size() == 1) {
        fresh.github->installationId = all.first().id;
        fresh.github->account = all.first().account;
    }
    co_return workspace.saveClient(fresh);
}

TaskResult<QList<Installation>> WorkspaceWorker::installations(QString clientId)
{
    OVVOC_CO_TRY(client, m_records->workspace->client(clientId));
    OVVOC_CO_TRY(app, co_await m_records->github->app(client));
    co_return co_await app->installations();
}

TaskResult<QList<InstalledRepository>> WorkspaceWorker::installedRepositories(QString clientId)
{
    OVVOC_CO_TRY(client, m_records->workspace->client(clientId));
    OVVOC_CO_TRY(app, co_await m_records->github->app(client));
    if (client.github->installationId == 0)
        co_return fail(ErrorCode::NotFound,
                       tr("Choose first where the App is installed, in the client's settings."));
    co_return co_await app->repositories(client.github->installationId);
}

TaskResult<QList<ConnectionCheck>> WorkspaceWorker::testConnection(QString clientId)
{
    OVVOC_CO_TRY(client, m_records->workspace->client(clientId));
    OVVOC_CO_TRY(app, co_await m_records->github->app(client));
    const auto checks =
        co_await ovvoc::testConnection(app, client.github->installationId, QString());
    const bool bad = std::any_of(checks.begin(), checks.end(), [](const ConnectionCheck &check) {
        return check.state == ConnectionCheck::State::Bad;
    });
    OVVOC_CO_CHECK(m_records->workspace->audit().add(
        {"client.test", client.id, {}, bad ? "failed" : "ok", {}}));
    co_return QList<ConnectionCheck>(checks);
}

Result<JobsPage> WorkspaceWorker::jobs(JobFilter filter)
{
    OVVOC_TRY(rows, m_records->archive->page(filter));
    JobsPage page;
    for (const JobRow &row : rows) {
        if (const auto job = m_records->archive->load(row.id)) {
            page.jobs << briefOf(*job);
            continue;
        }
        // Its record cannot be read: the row still says that it was.
        JobBrief brief;
        brief.id = row.id;
        brief.clientId = row.clientId;
        brief.repositoryId = row.repositoryId;
        brief.created = row.created;
        brief.ended = row.ended;
        brief.level = row.level;
        brief.failedIn = row.phase;
        for (const Outcome outcome : {Outcome::Succeeded, Outcome::Failed, Outcome::Cancelled}) {
            if (row.outcome == toString(outcome))
                brief.outcome = outcome;
        }
        page.jobs << brief;
    }
    if (rows.size() == filter.limit)
        page.last = rows.last();
    return page;
}

TaskResult<qint64> WorkspaceWorker::exportJobs(JobFilter filter, QString path)
{
    ListExport list(path, jobColumns());
    OVVOC_CO_CHECK(list.begin());
    filter.limit = 500;
    qint64 count = 0;
    for (;;) {
        OVVOC_CO_TRY(page, jobs(filter));
        for (const JobBrief &job : std::as_const(page.jobs)) {
            list.add(valuesOf(job));
            ++count;
        }
        if (!page.last)
            break;
        filter.after = page.last;
        co_await QCoro::sleepFor(std::chrono::milliseconds(0)); // jobs go on meanwhile
    }
    OVVOC_CO_CHECK(list.finish());
    OVVOC_CO_CHECK(m_records->workspace->audit().add(
        {"jobs.export", filter.clientId, {}, "ok", {{"jobs", count}}}));
    co_return qint64(count);
}

Result<qint64> WorkspaceWorker::exportUpdates(const QList<PendingRow> &rows, const QString &path)
{
    ListExport list(path, updateColumns());
    OVVOC_CHECK(list.begin());
    QSet<QString> clients;
    for (const PendingRow &row : rows) {
        list.add(valuesOf(row));
        clients << row.update.clientId;
    }
    OVVOC_CHECK(list.finish());
    // Where it is of one client only, it stands in that client's log.
    OVVOC_CHECK(
        m_records->workspace->audit().add({"updates.export",
                                           clients.size() == 1 ? *clients.begin() : QString(),
                                           {},
                                           "ok",
                                           {{"updates", rows.size()}}}));
    return rows.size();
}

TaskResult<> WorkspaceWorker::saveReport(QString clientId, ReportSpan span, QString path)
{
    OVVOC_CO_TRY(report,
                 co_await makeClientReport(m_records->workspace, m_records->archive, clientId, span,
                                           QDateTime::currentDateTimeUtc()));
    const ClientReport made = report;
    // Laying out pages takes long, and jobs go on meanwhile.
    const auto write = [made, path]() -> Result<> {
        if (path.endsWith(QLatin1String(".pdf"), Qt::CaseInsensitive))
            return printPage(htmlOf(made), path);
        return writeReport(made, path);
    };
    QFuture<Result<>> writing = QtConcurrent::run(write);
    OVVOC_CO_CHECK(co_await writing);
    co_return m_records->workspace->audit().add({"client.report", clientId, {}, "ok", {}});
}

TaskResult<AuditVerdict> WorkspaceWorker::verifyAudit()
{
    const std::function<void(qint64, qint64)> progress = [this](qint64 done, qint64 total) {
        emit verifyProgress(done, total);
    };
    co_return co_await m_records->workspace->verify(progress);
}

TaskResult<> WorkspaceWorker::exportAudit(AuditFilter filter, QString path)
{
    AuditLog &audit = m_records->workspace->audit();
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly | QIODevice::Truncate))
        co_return fail(ErrorCode::ReadOnly,
                       tr("%1 cannot be written: %2").arg(path, file.errorString()));
    file.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
    OVVOC_CO_CHECK(audit.add({"audit.export", filter.clientId, {}, "ok", {}}));
    co_return co_await audit.exportTo(&file, filter);
}

} // namespace ovvoc
