#include "jobs/overview.h"

#include "base/sortkey.h"

#include <QCoreApplication>
#include <algorithm>

namespace ovvoc {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("Overview", text);
}

constexpr int windowDays = 30;

template <typename Count> auto sumOver(const QList<RepositoryOverview> &repositories, Count &&count)
{
    decltype(count(repositories.first())) sum{};
    for (const RepositoryOverview &one : repositories)
        sum += one.repository.archived ? 0 : count(one);
    return sum;
}

} // namespace

QString jobTitle(const Job &job)
{
    if (job.request.kind == JobKind::Scan)
        return tr("Scan");
    if (job.request.baseline)
        return tr("Without any update");
    if (job.request.kind == JobKind::Check && !job.plan.updates.isEmpty())
        return tr("Try %1").arg(job.plan.title());
    if (!job.plan.updates.isEmpty())
        return job.plan.title();
    const UpdateSelection &selection = job.request.selection;
    if (selection.package.isEmpty())
        return tr("Update everything");
    return selection.version.isEmpty()
        ? tr("Update %1").arg(selection.package)
        : tr("Update %1 to %2").arg(selection.package, selection.version);
}

qint64 JobBrief::milliseconds() const
{
    if (ended.isValid()) // as the lists of jobs sort them
        return created.msecsTo(ended);
    qint64 total = 0;
    for (const PhaseBrief &phase : phases)
        total += phase.milliseconds;
    return total;
}

JobBrief briefOf(const Job &job)
{
    JobBrief brief;
    brief.id = job.request.id;
    brief.clientId = job.request.clientId;
    brief.repositoryId = job.request.repositoryId;
    brief.clientName = job.request.clientName;
    brief.repositoryName = job.request.repositoryName;
    brief.kind = job.request.kind;
    brief.outcome = job.outcome;
    brief.title = jobTitle(job);
    brief.summary = job.summary;
    brief.security = job.plan.isSecurity();
    brief.leftOut = int(job.plan.skipped.size());
    brief.created = job.created;
    int highest = -1;
    for (const PlannedUpdate &update : job.plan.updates)
        highest = std::max(highest, int(update.level));
    if (highest >= 0)
        brief.level = toString(UpdateLevel(highest));
    if (job.failure)
        brief.failedIn = toString(job.failure->phase);
    for (const Phase &phase : job.phases) {
        brief.phases << PhaseBrief{phase.kind, phase.state, phase.milliseconds()};
        if (job.isOver() && phase.ended.isValid())
            brief.ended = std::max(brief.ended, phase.ended);
    }
    if (job.proposal) {
        brief.proposalNumber = job.proposal->number;
        brief.proposalPlace =
            job.proposal->number > 0 ? job.proposal->location : job.proposal->branch;
    }
    return brief;
}

QString shortName(const OpenProposal &proposal)
{
    return proposal.number > 0 ? '#' + QString::number(proposal.number) : proposal.branch;
}

int RepositoryOverview::movable() const
{
    return int(std::ranges::count_if(
        pending, [](const PendingUpdate &update) { return update.waits.isEmpty(); }));
}

int RepositoryOverview::security() const
{
    return int(std::count_if(pending.begin(), pending.end(),
                             [](const PendingUpdate &u) { return u.isSecurity(); }));
}

const RepositoryOverview *ClientOverview::repository(const QString &id) const
{
    const auto it = std::find_if(repositories.begin(), repositories.end(),
                                 [&](const auto &one) { return one.repository.id == id; });
    return it == repositories.end() ? nullptr : &*it;
}

int ClientOverview::pending() const
{
    return sumOver(repositories, [](const RepositoryOverview &one) { return one.movable(); });
}

int ClientOverview::security() const
{
    return sumOver(repositories, [](const RepositoryOverview &one) { return one.security(); });
}

bool ClientOverview::allScanned() const
{
    return std::all_of(repositories.begin(), repositories.end(), [](const RepositoryOverview &one) {
        return one.repository.archived || one.scanned;
    });
}

int ClientOverview::unjudged() const
{
    return sumOver(repositories, [](const RepositoryOverview &one) {
        return one.repository.archived ? 0 : one.unjudged;
    });
}

bool ClientOverview::advisoriesChecked() const
{
    return std::all_of(repositories.begin(), repositories.end(), [](const RepositoryOverview &one) {
        return one.repository.archived || one.advisoriesChecked;
    });
}

int ClientOverview::openProposals() const
{
    return sumOver(repositories,
                   [](const RepositoryOverview &one) { return int(one.proposals.open.size()); });
}

const OpenProposal *ClientOverview::oldestProposal() const
{
    const OpenProposal *oldest = nullptr;
    for (const RepositoryOverview &one : repositories) {
        if (one.repository.archived || one.proposals.open.isEmpty())
            continue;
        const OpenProposal &first = one.proposals.open.first();
        if (!oldest || first.created < oldest->created)
            oldest = &first;
    }
    return oldest;
}

QDateTime ClientOverview::proposalsAsked() const
{
    QDateTime asked;
    for (const RepositoryOverview &one : repositories) {
        if (one.repository.archived)
            continue;
        if (!one.proposals.asked.isValid())
            return {};
        if (!asked.isValid() || one.proposals.asked < asked)
            asked = one.proposals.asked;
    }
    return asked;
}

int ClientOverview::failing() const
{
    return sumOver(repositories,
                   [](const RepositoryOverview &one) { return one.needsAttention() ? 1 : 0; });
}

qint64 ClientOverview::succeeded() const
{
    qint64 sum = 0;
    for (const DayCount &day : days)
        sum += day.succeeded;
    return sum;
}

qint64 ClientOverview::failed() const
{
    qint64 sum = 0;
    for (const DayCount &day : days)
        sum += day.failed;
    return sum;
}

std::optional<double> ClientOverview::successRate() const
{
    const qint64 all = succeeded() + failed();
    if (all == 0)
        return std::nullopt;
    return double(succeeded()) / double(all);
}

QList<PendingRow> pendingRows(const ClientOverview &overview)
{
    QList<PendingRow> rows;
    for (const RepositoryOverview &one : overview.repositories) {
        if (one.repository.archived)
            continue;
        for (const PendingUpdate &update : one.pending)
            rows << PendingRow{update, overview.client.name, one.repository.title()};
    }
    return rows;
}

Overviews::Overviews(std::shared_ptr<Workspace> workspace, std::shared_ptr<JobArchive> archive)
    : m_workspace(std::move(workspace))
    , m_archive(std::move(archive))
{
    m_turn.setInterval(0);
    connect(&m_turn, &QTimer::timeout, this, &Overviews::next);
    connect(m_workspace.get(), &Workspace::changed, this, &Overviews::refresh);
}

void Overviews::start()
{
    refresh({});
}

void Overviews::refresh(const QString &clientId)
{
    if (!clientId.isEmpty()) {
        // What a person has just changed comes first.
        m_waiting.removeAll(clientId);
        m_waiting.prepend(clientId);
        m_turn.start();
        return;
    }
    const auto clients = m_workspace->clients();
    if (!clients) {
        emit failed(clients.error());
        return;
    }
    m_waiting.clear();
    for (const Client &client : *clients)
        m_waiting << client.id;
    // Those that another program removed meanwhile.
    for (const QString &id : m_known.keys()) {
        if (!m_waiting.contains(id))
            m_waiting << id;
    }
    m_turn.start();
}

void Overviews::next()
{
    if (m_waiting.isEmpty()) {
        m_turn.stop();
        emit complete();
        return;
    }
    const QString id = m_waiting.takeFirst();
    const auto client = m_workspace->client(id);
    if (!client) {
        if (client.error().code != ErrorCode::NotFound)
            emit failed(client.error());
        else if (m_known.remove(id))
            emit removed(id);
        return;
    }
    const auto overview = compute(*client);
    if (!overview) {
        emit failed(overview.error());
        return;
    }
    const auto before = m_known.constFind(id);
    if (before != m_known.cend() && *before == *overview)
        return;
    m_known.insert(id, *overview);
    emit changed(*overview);
}

/// What is proposed already waits for people.
static void markProposed(RepositoryOverview &one)
{
    for (PendingUpdate &update : one.pending) {
        for (const OpenProposal &open : std::as_const(one.proposals.open)) {
            const bool moves =
                std::ranges::any_of(open.mark.updates, [&](const UpdateTarget &target) {
                    return target.project == update.dependency.project
                        && target.name == update.dependency.name && target.version == update.target;
                });
            if (moves && update.waits.isEmpty())
                update.waits =
                    QCoreApplication::translate("Overview", "proposed: %1").arg(shortName(open));
        }
    }
}

Result<ClientOverview> Overviews::compute(const Client &client)
{
    ClientOverview overview;
    overview.client = client;
    OVVOC_TRY(agency, m_workspace->agencyOverrides());
    OVVOC_TRY(repositories, m_workspace->repositories(client.id));
    for (const ClientRepository &repository : repositories) {
        RepositoryOverview one;
        one.repository = repository;
        const Settings settings(agency, client.overrides, repository.overrides);
        one.schedule = settings.schedule();
        OVVOC_TRY(scan, m_archive->scan(client.id, repository.id));
        if (scan) {
            one.scanned = scan->first;
            const QList<ScannedDependency> &seen = scan->second.dependencies;
            one.dependencies = int(seen.size());
            one.unjudged = int(std::count_if(seen.begin(), seen.end(), [](const auto &dependency) {
                return !dependency.level && !dependency.note.isEmpty();
            }));
            one.advisoriesChecked = scan->second.advisoriesChecked;
            one.pending = pendingUpdates(repository, settings, scan->second);
        }
        OVVOC_TRY(proposals, m_archive->proposals(client.id, repository.id));
        one.proposals = proposals;
        markProposed(one);
        JobFilter newest;
        newest.repositoryId = repository.id;
        newest.limit = 1;
        newest.withoutChecks = true;
        OVVOC_TRY(rows, m_archive->page(newest));
        if (!rows.isEmpty()) {
            if (const auto job = m_archive->load(rows.first().id))
                one.lastJob = briefOf(*job);
        }
        constexpr int looked = 20; // some may have been cancelled
        newest.kind = toString(JobKind::Update);
        newest.limit = looked;
        OVVOC_TRY(updates, m_archive->page(newest));
        const auto ended = std::ranges::find_if(updates, [](const JobRow &row) {
            return row.outcome == toString(Outcome::Succeeded)
                || row.outcome == toString(Outcome::Failed);
        });
        if (ended != updates.end() && one.lastJob && one.lastJob->id == ended->id) {
            one.lastUpdate = one.lastJob;
        } else if (ended != updates.end()) {
            if (const auto job = m_archive->load(ended->id))
                one.lastUpdate = briefOf(*job);
        }
        overview.repositories << one;
    }
    std::sort(overview.repositories.begin(), overview.repositories.end(),
              [](const RepositoryOverview &a, const RepositoryOverview &b) {
                  return std::pair(a.repository.archived, sortKey(a.repository.title()))
                      < std::pair(b.repository.archived, sortKey(b.repository.title()));
              });
    const QDateTime since = QDateTime::currentDateTimeUtc().addDays(-windowDays);
    OVVOC_TRY(days, m_archive->days(client.id, since));
    overview.days = days;
    return overview;
}

} // namespace ovvoc
