#pragma once

#include "updates/plan.h"

namespace ovvoc {

/// What a proposal says of itself to later runs: trailers of its commit, and a comment in its text
/// on the forge. People can change both, so it is a hint and never a proof of anything.
struct ProposalMark
{
    QString topic; ///< which proposals take each other's place; empty: there is no mark
    QList<UpdateTarget> updates;
    bool operator==(const ProposalMark &) const = default;
};

/// Of what a plan moves, under \a topic.
ProposalMark markOf(const UpdatePlan &plan, const QString &topic);

/// Lines "Ovvoc-Topic: …" and "Ovvoc-Update: name@version in folder" (git-interpret-trailers), with
/// everything percent-encoded that is not plain; at most 500 updates.
QString toTrailers(const ProposalMark &mark);

/// The mark in \a text, which anybody may have written: its first 256 KiB are read, and at most 500
/// updates. Linear.
ProposalMark markIn(const QString &text);

} // namespace ovvoc
