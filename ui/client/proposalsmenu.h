#pragma once

#include "jobs/overview.h"

#include <QMenu>

namespace ovvoc {

/// The open pull requests of a client, the one that waits longest first, and as of when. Shows a
/// value and asks nobody: the page adds what can be done about it. Deletes itself when it closes.
class ProposalsMenu : public QMenu
{
    Q_OBJECT
public:
    ProposalsMenu(const ClientOverview &overview, QWidget *parent);

signals:
    void chosen(const ovvoc::OpenProposal &proposal);
};

} // namespace ovvoc
