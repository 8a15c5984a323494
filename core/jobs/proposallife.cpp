#include "jobs/proposallife.h"

#include <QCoreApplication>
#include <QHash>
#include <QSet>
#include <algorithm>

namespace ovvoc {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("ProposalLife", text);
}

using State = ForgeProposal::State;

QString nameOf(const ForgeProposal &proposal)
{
    return proposal.number > 0 ? '#' + QString::number(proposal.number) : proposal.branch;
}

QStringList keyOf(const UpdateTarget &target)
{
    return {target.project, target.name, target.version};
}

/// Proposals by what they move, for those in one state.
class ByUpdate
{
public:
    ByUpdate(const QList<ForgeProposal> &known, State state)
    {
        for (const ForgeProposal &one : known) {
            if (one.state != state)
                continue;
            for (const UpdateTarget &target : one.mark.updates)
                m_of[keyOf(target)] << &one;
        }
    }
    /// The newest one that moves all of \a updates; null: there is none.
    const ForgeProposal *holding(const QList<PlannedUpdate> &updates) const
    {
        QSet<const ForgeProposal *> left;
        for (qsizetype i = 0; i < updates.size(); ++i) {
            const PlannedUpdate &update = updates[i];
            const auto there =
                m_of.value(keyOf(UpdateTarget{update.project, update.name, update.to, {}}));
            const QSet<const ForgeProposal *> these(there.begin(), there.end());
            left = i == 0 ? these : left.intersect(these);
            if (left.isEmpty())
                return nullptr;
        }
        const auto newest = std::ranges::max_element(left, [](const auto *a, const auto *b) {
            return std::tie(a->created, a->number) < std::tie(b->created, b->number);
        });
        return newest == left.end() ? nullptr : *newest;
    }

private:
    QHash<QStringList, QList<const ForgeProposal *>> m_of;
};

} // namespace

QList<HeldGroup> holdBack(QList<UpdateGroup> &groups, const QList<ForgeProposal> &known,
                          const ProposalLimits &limits, const QDateTime &now)
{
    const ByUpdate open(known, State::Open), closed(known, State::Closed);
    QSet<QString> openTopics;
    int count = 0, thisWeek = 0;
    for (const ForgeProposal &one : known) {
        if (one.state == State::Open) {
            openTopics << one.mark.topic;
            ++count;
        }
        if (one.created.isValid() && one.created.secsTo(now) < 7 * 24 * 3600)
            ++thisWeek;
    }
    QList<HeldGroup> held;
    const auto hold = [&held](const UpdateGroup &group, const QList<PlannedUpdate> &updates,
                              const QString &reason) {
        HeldGroup one{group, reason};
        one.group.updates = updates;
        held << one;
    };
    for (UpdateGroup &group : groups) {
        // Part by part: what a person asked for by itself may be in a proposal of its own.
        QList<PlannedUpdate> left;
        for (const QList<PlannedUpdate> &part : inseparable(group.updates)) {
            if (const ForgeProposal *there = open.holding(part);
                there && there->mark.topic != group.topic)
                hold(group, part, tr("is proposed already (%1)").arg(nameOf(*there)));
            else
                left += part;
        }
        group.updates = left;
        if (left.isEmpty())
            continue;
        if (const ForgeProposal *there = open.holding(left)) {
            hold(group, left, tr("is proposed already (%1)").arg(nameOf(*there)));
            group.updates.clear();
            continue;
        }
        if (const ForgeProposal *refused = closed.holding(left)) {
            hold(group, left,
                 tr("was proposed (%1) and closed without being merged; it is proposed again when "
                    "there is something newer, or when it is asked for by name")
                     .arg(nameOf(*refused)));
            group.updates.clear();
            continue;
        }
        if (group.kind == UpdateGroup::Kind::Security || openTopics.contains(group.topic))
            continue;
        if (limits.open > 0 && count >= limits.open) {
            hold(group, left,
                 tr("waits: %1 proposals are open, and the settings allow %2")
                     .arg(count)
                     .arg(limits.open));
            group.updates.clear();
        } else if (limits.perWeek > 0 && thisWeek >= limits.perWeek) {
            hold(group, left,
                 tr("waits: %1 proposals were made within a week, and the settings allow %2")
                     .arg(thisWeek)
                     .arg(limits.perWeek));
            group.updates.clear();
        } else {
            ++count;
            ++thisWeek;
        }
    }
    groups.removeIf([](const UpdateGroup &group) { return group.updates.isEmpty(); });
    return held;
}

} // namespace ovvoc
