#pragma once

#include "forge/forge.h"
#include "updates/groups.h"

namespace ovvoc {

/// How many proposals people want to have before them. 0: no limit.
struct ProposalLimits
{
    int open = 0; ///< at the same time, of one repository
    int perWeek = 0; ///< new ones within seven days, of one repository
    bool operator==(const ProposalLimits &) const = default;
};

/// Takes out of \a groups what is proposed already, what people closed without merging it (until
/// something newer is to be had), and what is beyond the limits. What fixes an advisory is held by
/// no limit, and a group whose proposal is open needs no new one. Groups become smaller or go;
/// nothing is added. \a now: UTC. Linear in groups, and in the updates of \a known.
QList<HeldGroup> holdBack(QList<UpdateGroup> &groups, const QList<ForgeProposal> &known,
                          const ProposalLimits &limits, const QDateTime &now);

} // namespace ovvoc
