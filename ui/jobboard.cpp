#include "jobboard.h"

#include "base/ids.h"

namespace ovvoc {

namespace {

constexpr int samplesLimit = 3600;

} // namespace

JobBoard::JobBoard(JobService *jobs, WorkspaceService *workspace, QObject *parent)
    : QObject(parent)
    , m_jobs(jobs)
    , m_workspace(workspace)
{
    connect(jobs, &JobService::jobChanged, this, &JobBoard::take);
    connect(jobs, &JobService::jobFinished, this, [this](const Job &job) {
        take(job);
        emit finished(job);
        forgetOldLogs();
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
    connect(jobs, &JobService::jobRefused, this, [this](const QString &id, const Error &error) {
        const auto it = m_entries.find(id);
        if (it != m_entries.end()) {
            delete it->log;
            m_entries.erase(it);
            m_order.removeAll(id);
        }
        emit refused(id, error);
    });
}

const Job *JobBoard::job(const QString &id) const
{
    const auto it = m_entries.constFind(id);
    return it == m_entries.cend() ? nullptr : &it->job;
}

LogDocument *JobBoard::log(const QString &id) const
{
    return m_entries.value(id).log;
}

const QList<CellSample> &JobBoard::samples(const QString &id) const
{
    static const QList<CellSample> none;
    const auto it = m_entries.constFind(id);
    return it == m_entries.cend() ? none : it->samples;
}

QList<Job> JobBoard::unfinished() const
{
    QList<Job> jobs;
    for (const QString &id : m_order) {
        const Entry &entry = *m_entries.constFind(id);
        if (!entry.job.isOver())
            jobs << entry.job;
    }
    return jobs;
}

int JobBoard::unfinishedCount(const QString &clientId) const
{
    int count = 0;
    for (const Entry &entry : m_entries) {
        if (!entry.job.isOver() && (clientId.isEmpty() || entry.job.request.clientId == clientId))
            ++count;
    }
    return count;
}

const Job *JobBoard::unfinishedOf(const QString &repositoryId) const
{
    const Job *waiting = nullptr;
    for (const QString &id : m_order) {
        const Job &job = m_entries.constFind(id)->job;
        if (job.isOver() || job.request.repositoryId != repositoryId)
            continue;
        if (job.running())
            return &job;
        waiting = waiting ? waiting : &job;
    }
    return waiting;
}

void JobBoard::take(const Job &job)
{
    const QString id = job.request.id;
    auto it = m_entries.find(id);
    const bool isNew = it == m_entries.end();
    if (isNew) {
        it = m_entries.insert(id, Entry{});
        it->log = new LogDocument(this);
        m_order << id;
    }
    it->job = job;
    if (isNew)
        emit started(id);
    emit changed(id);
}

void JobBoard::forgetOldLogs()
{
    int finishedOnes = 0;
    for (auto id = m_order.crbegin(); id != m_order.crend(); ++id) {
        Entry &entry = m_entries[*id];
        if (entry.job.isOver() && ++finishedOnes > keptLogs && entry.log && !entry.log->isShown()) {
            entry.log->deleteLater();
            entry.log = nullptr;
        }
    }
}

QString JobBoard::start(JobRequest request)
{
    for (const Entry &entry : std::as_const(m_entries)) {
        const JobRequest &other = entry.job.request;
        if (!entry.job.isOver() && other.repositoryId == request.repositoryId
            && other.kind == request.kind && other.selection == request.selection)
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
    const Settings settings = m_workspace->settingsOf(clientId, repositoryId);
    JobRequest request = requestFor(overview->client, one->repository, settings, JobKind::Update);
    if (!package.isEmpty()) {
        request.selection.package = package;
    } else if (settings.updatesEach()) {
        // What there is must be known first; the scan starts the rest.
        request = requestFor(overview->client, one->repository, settings, JobKind::Scan);
        request.thenUpdate = true;
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
        if (!any || one.repository.archived)
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

QStringList JobBoard::scanAll(const QString &clientId)
{
    QStringList ids;
    for (const ClientOverview &overview : m_workspace->clients()) {
        if (overview.client.archived || (!clientId.isEmpty() && overview.client.id != clientId))
            continue;
        for (const RepositoryOverview &one : overview.repositories) {
            if (!one.repository.archived)
                ids << scan(overview.client.id, one.repository.id);
        }
    }
    return ids;
}

void JobBoard::cancel(const QString &id)
{
    m_jobs->cancel(id);
}

} // namespace ovvoc
