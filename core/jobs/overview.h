#pragma once

#include "jobs/jobarchive.h"
#include "jobs/launch.h"

#include <QTimer>

namespace ovvoc {

/// A phase as a bar shows it.
struct PhaseBrief
{
    PhaseKind kind = PhaseKind::Create;
    PhaseState state = PhaseState::Waiting;
    qint64 milliseconds = 0;
    bool operator==(const PhaseBrief &) const = default;
};

/// What a line about a job says.
struct JobBrief
{
    QString id;
    QString clientId, repositoryId;
    QString clientName, repositoryName;
    JobKind kind = JobKind::Update;
    Outcome outcome = Outcome::None;
    QString title; ///< "ms 2.1.2 → 2.1.3", "Scan"
    QString summary;
    QString level; ///< the largest step; empty: none
    bool security = false;
    QString failedIn; ///< the phase, when it failed
    QDateTime created, ended;
    QList<PhaseBrief> phases;
    qint64 proposalNumber = 0;
    QString proposalPlace; ///< a branch or an address; empty: nothing was proposed
    int leftOut = 0; ///< packages that its plan names as left where they are
    bool operator==(const JobBrief &) const = default;
    qint64 milliseconds() const;
};
JobBrief briefOf(const Job &job);
/// What a job does, in a few words: "ms 2.1.2 → 2.1.3", "4 packages", "Scan", "Without any update".
QString jobTitle(const Job &job);

/// "#12", or the branch of what is no pull request.
QString shortName(const OpenProposal &proposal);

struct RepositoryOverview
{
    ClientRepository repository;
    QString schedule; ///< as the settings say it
    std::optional<QDateTime> scanned;
    int dependencies = 0;
    int unjudged = 0; ///< dependencies of which the scan could not say whether they are outdated
    bool advisoriesChecked = false; ///< of all that the scan saw; false: never say "none"
    QList<PendingUpdate> pending;
    std::optional<JobBrief> lastJob;
    /// The newest update that ended by itself: neither a scan nor what somebody cancelled says
    /// whether the repository needs somebody.
    std::optional<JobBrief> lastUpdate;
    KnownProposals proposals;
    bool operator==(const RepositoryOverview &) const = default;
    int outdated() const { return int(pending.size()); }
    int security() const;
    /// What the settings let move, and nobody has proposed yet.
    int movable() const;
    bool needsAttention() const { return lastUpdate && lastUpdate->outcome == Outcome::Failed; }
};

/// Everything that pages show of a client, as a value.
struct ClientOverview
{
    Client client;
    QList<RepositoryOverview> repositories; ///< by title
    QList<DayCount> days; ///< the last 30, only those with jobs
    bool operator==(const ClientOverview &) const = default;

    const RepositoryOverview *repository(const QString &id) const;
    int pending() const;
    int security() const;
    /// Of repositories that are not archived: whether each was scanned, and how many dependencies
    /// their scans could not judge.
    bool allScanned() const;
    int unjudged() const;
    /// Whether each of them was scanned and had its advisories answered.
    bool advisoriesChecked() const;
    int openProposals() const;
    /// The one that waits longest; null: none is open. Valid as long as this value.
    const OpenProposal *oldestProposal() const;
    /// When the forge of the repository that was asked longest ago was asked; invalid when one of
    /// them never was.
    QDateTime proposalsAsked() const;
    int failing() const; ///< repositories whose last job failed
    qint64 succeeded() const, failed() const;
    /// Of the jobs that ended by themselves in the last 30 days; nothing when there were none.
    std::optional<double> successRate() const;
};

/// A pending update with the names that a list shows.
struct PendingRow
{
    PendingUpdate update;
    QString client, repository;
    bool operator==(const PendingRow &) const = default;
};
/// All of a client's, of repositories that are not archived.
QList<PendingRow> pendingRows(const ClientOverview &overview);

/// Computes and keeps every client's overview: all of them once at the start, one per turn of the
/// event loop so that jobs go on meanwhile, then what changes. Lives on the core thread.
class Overviews : public QObject
{
    Q_OBJECT
public:
    Overviews(std::shared_ptr<Workspace> workspace, std::shared_ptr<JobArchive> archive);

    /// Computes everything; changed() for each client, then complete().
    void start();
    /// Computes one client soon; with an empty id, all of them.
    void refresh(const QString &clientId);
    Result<ClientOverview> compute(const Client &client);

signals:
    void changed(const ovvoc::ClientOverview &overview);
    void removed(const QString &clientId);
    /// Nothing waits to be computed.
    void complete();
    void failed(const ovvoc::Error &error);

private:
    void next();
    std::shared_ptr<Workspace> m_workspace;
    std::shared_ptr<JobArchive> m_archive;
    QHash<QString, ClientOverview> m_known;
    QStringList m_waiting;
    QTimer m_turn;
};

} // namespace ovvoc

Q_DECLARE_METATYPE(ovvoc::ClientOverview)
