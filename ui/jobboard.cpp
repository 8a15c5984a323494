#include "jobboard.h"

#include "base/ids.h"

#include <QElapsedTimer>
#include <algorithm>

namespace ovvoc {

namespace {

constexpr int samplesLimit = 3600;
constexpr int scanSliceMs = 4;

} // namespace

JobBoard::JobBoard(JobService *jobs, WorkspaceService *workspace, QObject *parent)
    : QObject(parent)
    , m_jobs(jobs)
    , m_workspace(workspace)
{
    m_scanTurn.setInterval(0);
    connect(&m_scanTurn, &QTimer::timeout, this, &JobBoard::scanSome);
    connect(jobs, &JobService::jobChanged, this, &JobBoard::take);
    connect(jobs, &JobService::jobFinished, this, [this](const Job &job) {
        take(job);
        emit finished(job);
        forgetOldLogs(job.request.id);
    });
    connect(jobs, &JobService::jobLogged, this, [this](const QString &id, const LogChunk &chunk) {
        if (LogDocument *document = log(id))
            document->append(chunk);
    });
    connect(jobs, &JobService::jobSampled, this,
            [this](const QString &id, const CellSample &sample) {
                const auto it = m_entries.find(id);
                if (it == m_entries.end())
                    return;
                if (it->samples.size() >= samplesLimit)
                    it->samples.removeFirst();
                it->samples << sample;
                emit sampled(id);
            });
    connect(jobs, &JobService::runChanged, this, [this](const RunReport &report) {
        m_runs.insert(report.id, report);
        emit runChanged(report);
    });
    connect(jobs, &JobService::jobRefused, this, [this](const QString &id, const Error &error) {
        const auto it = m_entries.find(id);
        if (it != m_entries.end()) {
            discount(*it);
            delete it->log;
            m_entries.erase(it);
        }
        emit refused(id, error);
    });
}

const Job *JobBoard::job(const QString &id) const
{
    const auto it = m_entries.constFind(id);
    return it == m_entries.cend() ? nullptr : &it->job;
}

const RunReport *JobBoard::run(const QString &runId) const
{
    const auto it = m_runs.constFind(runId);
    return it == m_runs.cend() ? nullptr : &*it;
}

LogDocument *JobBoard::log(const QString &id)
{
    const auto it = m_entries.find(id);
    if (it == m_entries.end() || it->logForgotten)
        return nullptr;
    if (!it->log)
        it->log = new LogDocument(this);
    return it->log;
}

const QList<CellSample> &JobBoard::samples(const QString &id) const
{
    static const QList<CellSample> none;
    const auto it = m_entries.constFind(id);
    return it == m_entries.cend() ? none : it->samples;
}

QList<const Job *> JobBoard::unfinished() const
{
    QList<const Job *> jobs;
    jobs.reserve(m_unfinished.size());
    for (const QString &id : m_unfinished)
        jobs << &m_entries.constFind(id)->job;
    return jobs;
}

int JobBoard::unfinishedCount(const QString &clientId) const
{
    return clientId.isEmpty() ? int(m_unfinished.size()) : m_ofClient.value(clientId);
}

const Job *JobBoard::unfinishedOf(const QString &repositoryId) const
{
    const auto ids = m_ofRepository.constFind(repositoryId);
    if (ids == m_ofRepository.cend())
        return nullptr;
    const Job *waiting = nullptr;
    for (const QString &id : *ids) {
        const Job &job = m_entries.constFind(id)->job;
        if (job.running())
            return &job;
        waiting = waiting ? waiting : &job;
    }
    return waiting;
}

void JobBoard::count(const Entry &entry)
{
    const JobRequest &request = entry.job.request;
    if (entry.job.isOver())
        return;
    m_unfinished.insert(entry.number, request.id);
    m_ofRepository[request.repositoryId].insert(entry.number, request.id);
    ++m_ofClient[request.clientId];
}

void JobBoard::discount(const Entry &entry)
{
    const JobRequest &request = entry.job.request;
    if (m_unfinished.remove(entry.number) == 0)
        return;
    auto &others = m_ofRepository[request.repositoryId];
    others.remove(entry.number);
    if (others.isEmpty())
        m_ofRepository.remove(request.repositoryId);
    if (--m_ofClient[request.clientId] == 0)
        m_ofClient.remove(request.clientId);
}

void JobBoard::take(const Job &job)
{
    const QString id = job.request.id;
    auto it = m_entries.find(id);
    const bool isNew = it == m_entries.end();
    if (isNew) {
        it = m_entries.insert(id, Entry{});
        it->number = ++m_entriesMade;
    } else {
        // It may have found its client and repository only now.
        discount(*it);
    }
    it->job = job;
    count(*it);
    if (isNew)
        emit started(id);
    emit changed(id);
}

void JobBoard::forgetOldLogs(const QString &finished)
{
    m_ended << finished;
    for (qsizetype i = 0; m_ended.size() > keptLogs && i < m_ended.size();) {
        const auto it = m_entries.find(m_ended[i]);
        if (it != m_entries.end() && it->log && it->log->isShown()) {
            ++i;
            continue;
        }
        if (it != m_entries.end()) {
            if (it->log)
                it->log->deleteLater();
            it->log = nullptr;
            it->logForgotten = true;
        }
        m_ended.removeAt(i);
    }
}

QString JobBoard::start(JobRequest request)
{
    for (const QString &id : m_ofRepository.value(request.repositoryId)) {
        const JobRequest &other = m_entries.constFind(id)->job.request;
        if (other.kind == request.kind && other.selection == request.selection)
            return other.id;
    }
    if (request.id.isEmpty())
        request.id = newId();
    Job job;
    job.request = request;
    job.created = QDateTime::currentDateTimeUtc();
    take(job);
    m_jobs->start(request);
    return request.id;
}

QString JobBoard::update(const QString &clientId, const QString &repositoryId,
                         const QString &package)
{
    const ClientOverview *overview = m_workspace->client(clientId);
    const RepositoryOverview *one = overview ? overview->repository(repositoryId) : nullptr;
    if (!one)
        return {};
    JobRequest request =
        requestFor(overview->client, one->repository,
                   m_workspace->settingsOf(clientId, repositoryId), JobKind::Update);
    request.selection.package = package;
    return start(request);
}

QString JobBoard::again(const JobRequest &old, const QStringList &packages)
{
    const ClientOverview *overview = m_workspace ? m_workspace->client(old.clientId) : nullptr;
    const RepositoryOverview *one = overview ? overview->repository(old.repositoryId) : nullptr;
    std::optional<JobRequest> fresh;
    if (one)
        fresh =
            requestFor(overview->client, one->repository,
                       m_workspace->settingsOf(old.clientId, old.repositoryId), JobKind::Update);
    JobRequest request = requestAgain(old, fresh);
    if (!packages.isEmpty()) {
        request.selection.package.clear();
        request.selection.version.clear();
        request.selection.packages = packages;
    }
    return start(request);
}

QString JobBoard::scan(const QString &clientId, const QString &repositoryId)
{
    const ClientOverview *overview = m_workspace->client(clientId);
    const RepositoryOverview *one = overview ? overview->repository(repositoryId) : nullptr;
    if (!one)
        return {};
    return start(requestFor(overview->client, one->repository,
                            m_workspace->settingsOf(clientId, repositoryId), JobKind::Scan));
}

QStringList JobBoard::updateAllSafe(const QString &clientId)
{
    QStringList ids;
    const ClientOverview *overview = m_workspace->client(clientId);
    if (!overview)
        return ids;
    // A copy: starting a job may bring news of this very client.
    const Client client = overview->client;
    const QList<RepositoryOverview> repositories = overview->repositories;
    for (const RepositoryOverview &one : repositories) {
        const bool any = std::any_of(one.pending.begin(), one.pending.end(),
                                     [](const PendingUpdate &u) { return u.isSafe(); });
        if (!any || one.repository.archived || unfinishedOf(one.repository.id))
            continue;
        JobRequest request =
            requestFor(client, one.repository, m_workspace->settingsOf(clientId, one.repository.id),
                       JobKind::Update);
        request.selection.level = std::min(request.selection.level, UpdateLevel::Minor);
        // A minor step below 1.0.0 may break as much as a major one.
        for (const PendingUpdate &update : one.pending) {
            if (!update.isSafe() && !request.selection.exclude.contains(update.dependency.name))
                request.selection.exclude << update.dependency.name;
        }
        ids << start(request);
    }
    return ids;
}

void JobBoard::scanAll(const QString &clientId)
{
    for (const ClientOverview &overview : m_workspace->clients()) {
        if (overview.client.archived || (!clientId.isEmpty() && overview.client.id != clientId))
            continue;
        for (const RepositoryOverview &one : overview.repositories) {
            if (!one.repository.archived)
                m_toScan << std::pair(overview.client.id, one.repository.id);
        }
    }
    scanSome();
}

void JobBoard::scanSome()
{
    QElapsedTimer spent;
    spent.start();
    qsizetype done = 0;
    while (done < m_toScan.size() && spent.elapsed() < scanSliceMs) {
        const auto [client, repository] = m_toScan[done++];
        scan(client, repository);
    }
    m_toScan.remove(0, std::min(done, m_toScan.size()));
    if (m_toScan.isEmpty())
        m_scanTurn.stop();
    else if (!m_scanTurn.isActive())
        m_scanTurn.start();
}

void JobBoard::cancel(const QString &id)
{
    m_jobs->cancel(id);
}

void JobBoard::cancelAll()
{
    m_toScan.clear();
    m_jobs->cancelAll();
}

} // namespace ovvoc
