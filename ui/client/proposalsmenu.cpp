#include "client/proposalsmenu.h"

#include "format.h"

#include <algorithm>

namespace ovvoc {

namespace {

constexpr int proposalsShown = 20;

} // namespace

ProposalsMenu::ProposalsMenu(const ClientOverview &overview, QWidget *parent)
    : QMenu(parent)
{
    setAttribute(Qt::WA_DeleteOnClose);
    setAccessibleName(tr("Open pull requests"));
    QList<std::pair<OpenProposal, QString>> open;
    for (const RepositoryOverview &one : overview.repositories) {
        if (one.repository.archived)
            continue;
        for (const OpenProposal &proposal : one.proposals.open)
            open << std::pair(proposal, one.repository.name);
    }
    std::stable_sort(open.begin(), open.end(), [](const auto &a, const auto &b) {
        return a.first.created < b.first.created;
    });
    const auto words = [this](const QString &text) { addAction(text)->setEnabled(false); };
    for (const auto &[proposal, repository] : open.mid(0, proposalsShown)) {
        const QString number = proposal.number > 0 ? tr("#%1 ").arg(proposal.number) : QString();
        QString text = tr("%1%2 · %3, %4")
                           .arg(number, shortened(proposal.title, 60), shortened(repository, 30),
                                ago(proposal.created));
        QAction *action = addAction(text.replace('&', QLatin1String("&&")));
        const OpenProposal one = proposal;
        connect(action, &QAction::triggered, this, [this, one] { emit chosen(one); });
    }
    if (open.isEmpty())
        words(tr("None is open"));
    if (open.size() > proposalsShown)
        words(tr("and %n more", nullptr, int(open.size()) - proposalsShown));
    addSeparator();
    const QDateTime asked = overview.proposalsAsked();
    words(asked.isValid() ? tr("As of %1").arg(ago(asked))
                          : tr("Not all repositories were asked yet"));
}

} // namespace ovvoc
