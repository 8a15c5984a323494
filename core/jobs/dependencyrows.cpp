#include "jobs/dependencyrows.h"

#include "updates/versionrange.h"

#include <QHash>
#include <algorithm>

namespace ovvoc {

namespace {

using State = DependencyRow::State;

/// A package in a project's folder.
using Key = std::pair<QString, QString>;

class Rows
{
public:
    Rows(const RepositoryOverview &overview, const ScanReport &scan,
         const QList<const Job *> &unfinished);
    DependencyRow rowOf(const ScannedDependency &dependency) const;

private:
    bool settle(DependencyRow &row) const;
    QHash<Key, const PendingUpdate *> m_pending;
    QHash<Key, std::pair<const OpenProposal *, QString>> m_proposed; ///< and the version
    QHash<QString, QList<const Advisory *>> m_advisories;
    QHash<Key, const Job *> m_planned;
    QList<const Job *> m_undecided; ///< updates whose plan is not known yet
};

Rows::Rows(const RepositoryOverview &overview, const ScanReport &scan,
           const QList<const Job *> &unfinished)
{
    for (const PendingUpdate &one : overview.pending)
        m_pending.insert({one.dependency.project, one.dependency.name}, &one);
    for (const OpenProposal &open : overview.proposals.open) {
        for (const UpdateTarget &target : open.mark.updates)
            m_proposed.insert({target.project, target.name}, {&open, target.version});
    }
    for (const Advisory &one : scan.advisories)
        m_advisories[one.package] << &one;
    for (const Job *job : unfinished) {
        if (job->request.kind == JobKind::Scan)
            continue;
        if (job->plan.updates.isEmpty())
            m_undecided << job;
        for (const PlannedUpdate &update : job->plan.updates)
            m_planned.insert({update.project, update.name}, job);
    }
}

/// What is being done about it; false: nothing.
bool Rows::settle(DependencyRow &row) const
{
    const Key key{row.dependency.project, row.dependency.name};
    const Job *job = m_planned.value(key);
    for (const Job *one : m_undecided) {
        const UpdateSelection &selection = one->request.selection;
        const bool meant = selection.namesPackages() ? selection.named().contains(key.second)
                                                     : selection.selects(key.second);
        if (!job && meant && m_pending.contains(key))
            job = one;
    }
    if (job) {
        row.state = job->running() ? State::Running : State::Waiting;
        row.jobId = job->request.id;
        return true;
    }
    const auto proposed = m_proposed.constFind(key);
    if (proposed == m_proposed.cend())
        return false;
    row.state = State::Proposed;
    row.target = proposed->second;
    row.why = shortName(*proposed->first);
    row.link = proposed->first->location;
    return true;
}

DependencyRow Rows::rowOf(const ScannedDependency &dependency) const
{
    DependencyRow row;
    row.dependency = dependency;
    const auto installed = Semver::parse(dependency.current);
    for (const Advisory *one : m_advisories.value(dependency.name)) {
        const auto range = VersionRange::parse(one->range);
        if (!installed || !range || range->contains(*installed))
            row.advisories << *one;
    }
    const PendingUpdate *pending = m_pending.value({dependency.project, dependency.name});
    if (pending)
        row.target = pending->target;
    if (settle(row))
        return row;
    if (pending) {
        row.state = pending->waits.isEmpty() ? State::Pending : State::Held;
        row.why = pending->waits;
    } else if (!dependency.level && !dependency.note.isEmpty()) {
        row.state = State::NotJudged;
        row.why = dependency.note;
    }
    return row;
}

} // namespace

QList<DependencyRow> dependencyRows(const RepositoryOverview &overview, const ScanReport &scan,
                                    const QList<const Job *> &unfinished)
{
    const Rows rows(overview, scan, unfinished);
    QList<DependencyRow> list;
    list.reserve(scan.dependencies.size());
    for (const ScannedDependency &dependency : scan.dependencies)
        list << rows.rowOf(dependency);
    const auto rank = [](const DependencyRow &row) {
        static const QList<State> order{State::Running,  State::Waiting, State::Pending,
                                        State::Proposed, State::Held,    State::NotJudged,
                                        State::UpToDate};
        return std::pair(row.advisories.isEmpty(), order.indexOf(row.state));
    };
    std::ranges::stable_sort(
        list, [&](const DependencyRow &a, const DependencyRow &b) { return rank(a) < rank(b); });
    return list;
}

} // namespace ovvoc
