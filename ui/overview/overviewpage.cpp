#include "overview/overviewpage.h"

#include "format.h"
#include "theme/theme.h"
#include "widgets/basics.h"
#include "widgets/columnfitter.h"
#include "widgets/emptystate.h"
#include "widgets/lifecyclebar.h"
#include "widgets/statcard.h"

#include <QHeaderView>
#include <QSortFilterProxyModel>
#include <QTableView>
#include <QVBoxLayout>

namespace ovvoc {

namespace {

constexpr int failingShown = 50;
constexpr int nextShown = 12;
constexpr int runningShown = 100;

} // namespace

OverviewPage::OverviewPage(const Services &services, QWidget *parent)
    : QWidget(parent)
    , m_services(services)
    , m_clients(new ClientsModel(services, this))
    , m_sorted(new QSortFilterProxyModel(this))
    , m_running(new BriefModel(this))
    , m_failing(new BriefModel(this))
{
    m_sorted->setSourceModel(m_clients);
    m_sorted->setSortRole(ClientsModel::RawRole);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    QBoxLayout *head = nullptr;
    layout->addWidget(pageHeader(&head));
    head->addWidget(label(tr("Overview"), theme().title));
    head->addStretch(1);
    auto *scan = new QPushButton(tr("Scan all clients"));
    scan->setToolTip(tr("Looks what is outdated in every repository; runs nothing of them"));
    QPushButton *add = primaryButton(tr("Add client"));
    head->addWidget(scan);
    head->addWidget(add);
    connect(scan, &QPushButton::clicked, this, [this] { m_services.board->scanAll({}); });
    connect(add, &QPushButton::clicked, this, &OverviewPage::addClientRequested);

    auto *content = new QWidget;
    auto *body = new QVBoxLayout(content);
    body->setContentsMargins(20, 16, 20, 20);
    body->setSpacing(14);
    m_noticeFrame = new QFrame;
    m_noticeFrame->setObjectName("banner");
    auto *notice = new QHBoxLayout(m_noticeFrame);
    m_notice = label({}, theme().font);
    m_notice->setWordWrap(true);
    notice->addWidget(m_notice, 1);
    m_noticeFrame->hide();
    body->addWidget(m_noticeFrame);
    auto *cardRow = new QWidget;
    cardRow->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    auto *cards = new QHBoxLayout(cardRow);
    cards->setContentsMargins(0, 0, 0, 0);
    cards->setSpacing(14);
    for (auto &[member, title] : {std::pair(&m_runningCard, tr("Running")),
                                  {&m_attention, tr("Needs attention")},
                                  {&m_pending, tr("Pending updates")},
                                  {&m_rate, tr("Success, 30 days")}}) {
        *member = new StatCard(title);
        cards->addWidget(*member, 1);
    }
    body->addWidget(cardRow);
    m_middle = new QHBoxLayout;
    m_middle->setSpacing(14);
    auto *lists = new QVBoxLayout;
    lists->setSpacing(14);
    lists->addWidget(buildBriefs(m_running, tr("Running now"), tr("Nothing is running"),
                                 tr("A job appears here the moment it starts.")),
                     1);
    lists->addWidget(buildBriefs(m_failing, tr("Waiting for someone"), tr("No failure waits"),
                                 tr("A repository whose last job failed is listed here until one "
                                    "succeeds.")),
                     1);
    m_middle->addLayout(lists, 5);
    m_middle->addWidget(buildNext(), 2);
    body->addLayout(m_middle, 2);
    body->addWidget(buildClients(), 3);
    layout->addWidget(scrolled(content), 1);

    m_refresh.setSingleShot(true);
    m_refresh.setInterval(50);
    connect(&m_refresh, &QTimer::timeout, this, &OverviewPage::refresh);
    m_refreshRunning.setSingleShot(true);
    m_refreshRunning.setInterval(100);
    connect(&m_refreshRunning, &QTimer::timeout, this, &OverviewPage::refreshRunning);
    WorkspaceService *workspace = m_services.workspace;
    connect(workspace, &WorkspaceService::stateChanged, this, &OverviewPage::refreshSoon);
    connect(workspace, &WorkspaceService::clientChanged, this, &OverviewPage::refreshSoon);
    connect(workspace, &WorkspaceService::clientRemoved, this, &OverviewPage::refreshSoon);
    connect(workspace, &WorkspaceService::upcomingChanged, this, &OverviewPage::refreshSoon);
    connect(m_services.board, &JobBoard::changed, this, [this] {
        if (!m_refreshRunning.isActive())
            m_refreshRunning.start();
    });
    refresh();
}

/// Narrow, or with large text: one below the other.
void OverviewPage::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    m_middle->setDirection(width() < theme().px(800) ? QBoxLayout::TopToBottom
                                                     : QBoxLayout::LeftToRight);
}

QWidget *OverviewPage::buildBriefs(BriefModel *model, const QString &title,
                                   const QString &emptyTitle, const QString &emptyWords)
{
    QVBoxLayout *inner = nullptr;
    QFrame *frame = card(&inner);
    inner->setContentsMargins(1, 12, 1, 4);
    auto *head = new QHBoxLayout;
    head->setContentsMargins(15, 0, 12, 0);
    head->addWidget(heading(title));
    inner->addLayout(head);
    QTableView *table = makeTable(model, title, BriefModel::What);
    setDispensable(table, {BriefModel::Life, BriefModel::When});
    table->horizontalHeader()->hide();
    table->setItemDelegateForColumn(BriefModel::Life, new LifecycleDelegate(this));
    table->setMinimumHeight(theme().px(90));
    auto *empty = new EmptyState;
    empty->setTexts(emptyTitle, emptyWords);
    inner->addWidget(withEmptyState(table, model, empty), 1);
    connect(table, &QTableView::activated, this, [this, model](const QModelIndex &index) {
        emit go({Place::Page::Job, model->value(index.row()).id});
    });
    connect(table, &QTableView::clicked, this, [this, model](const QModelIndex &index) {
        emit go({Place::Page::Job, model->value(index.row()).id});
    });
    return frame;
}

QWidget *OverviewPage::buildNext()
{
    QVBoxLayout *inner = nullptr;
    QFrame *frame = card(&inner);
    frame->setMinimumWidth(theme().px(210));
    frame->setMinimumHeight(theme().px(160));
    inner->addWidget(heading(tr("What the schedule does next")));
    auto *list = new QWidget;
    m_next = new QVBoxLayout(list);
    m_next->setContentsMargins(0, 4, 8, 0);
    m_next->setSpacing(8);
    inner->addWidget(scrolled(list), 1);
    return frame;
}

QWidget *OverviewPage::buildClients()
{
    QVBoxLayout *inner = nullptr;
    QFrame *frame = card(&inner);
    inner->setContentsMargins(1, 12, 1, 4);
    auto *head = new QHBoxLayout;
    head->setContentsMargins(15, 0, 12, 0);
    head->addWidget(heading(tr("Clients")));
    inner->addLayout(head);
    QTableView *table = makeTable(m_sorted, tr("Clients"), ClientsModel::Name);
    setDispensable(table,
                   {ClientsModel::Repositories, ClientsModel::Next, ClientsModel::Rate,
                    ClientsModel::Running});
    table->setSortingEnabled(true);
    table->sortByColumn(ClientsModel::Name, Qt::AscendingOrder);
    table->setMinimumHeight(theme().px(200));
    table->setIconSize(QSize(theme().px(18), theme().px(18)));
    m_noClients = new EmptyState;
    inner->addWidget(withEmptyState(table, m_clients, m_noClients), 1);
    connect(m_noClients, &EmptyState::acted, this, [this] {
        if (m_services.workspace->state().step == WorkspaceState::Step::Closed)
            m_services.workspace->open();
        else
            emit addClientRequested();
    });
    const auto open = [this](const QModelIndex &index) {
        const int row = m_sorted->mapToSource(index).row();
        emit go({Place::Page::Client, m_clients->value(row).client.id});
    };
    connect(table, &QTableView::activated, this, open);
    connect(table, &QTableView::clicked, this, open);
    return frame;
}

void OverviewPage::refresh()
{
    const WorkspaceService &workspace = *m_services.workspace;
    const QList<ClientOverview> clients = workspace.clients();
    m_clients->setValues(clients);
    using Step = WorkspaceState::Step;
    switch (workspace.state().step) {
    case Step::Opening:
    case Step::Loading:
        m_noClients->setTexts(tr("Opening the workspace…"), {});
        break;
    case Step::Closed:
        m_noClients->setTexts(tr("The workspace is closed"), workspace.state().error.message,
                              tr("Try again"));
        break;
    case Step::Ready:
        m_noClients->setTexts(
            tr("No client yet"),
            tr("A client is a customer: repositories, one GitHub App, limits of its own."),
            tr("Add your first client"));
        break;
    }
    const WorkspaceState &state = workspace.state();
    m_noticeFrame->setVisible(!state.interrupted.isEmpty() || state.tokensRevoked > 0
                              || state.wentOn > 0);
    const bool gone = std::ranges::all_of(state.interrupted, [](const Job &job) {
        const Phase *destroy = job.phase(PhaseKind::Destroy);
        return destroy && destroy->state == PhaseState::Succeeded;
    });
    const int cut = int(state.interrupted.size());
    QStringList sentences;
    if (cut > 0 || state.tokensRevoked > 0)
        sentences << (gone ? tr("An earlier end cut off %n job(s). Cells are gone, tokens revoked: "
                                "%1.",
                                nullptr, cut)
                           : tr("An earlier end cut off %n job(s). Not every cell is known to be "
                                "gone, since no engine answered; tokens revoked: %1.",
                                nullptr, cut))
                         .arg(state.tokensRevoked);
    if (state.wentOn > 0)
        sentences << tr("%n run(s) go on with what was left.", nullptr, state.wentOn);
    m_notice->setText(sentences.join(QLatin1Char(' ')));

    QList<JobBrief> failing;
    int pending = 0, security = 0;
    qint64 succeeded = 0, failed = 0;
    bool checked = true, scanned = false;
    for (const ClientOverview &one : clients) {
        if (one.client.archived)
            continue;
        pending += one.pending();
        security += one.security();
        checked = checked && one.advisoriesChecked();
        succeeded += one.succeeded();
        failed += one.failed();
        for (const RepositoryOverview &repository : one.repositories) {
            scanned = scanned || repository.scanned;
            if (repository.needsAttention() && !repository.repository.archived)
                failing << *repository.lastUpdate;
        }
    }
    std::sort(failing.begin(), failing.end(),
              [](const JobBrief &a, const JobBrief &b) { return a.created > b.created; });
    const int failures = int(failing.size());
    m_failing->setValues(failing.mid(0, failingShown));
    m_attention->setValue(QString::number(failures),
                          failures > 0 ? tr("last job failed") : tr("no failure waits"),
                          failures > 0 ? Tone::Bad : Tone::Muted);
    m_pending->setValue(scanned ? QString::number(pending) : tr("–"),
                        scanned ? securityText(security, checked) : tr("not scanned yet"),
                        security > 0 ? Tone::Bad : Tone::Muted);
    m_rate->setValue(
        succeeded + failed > 0 ? percent(double(succeeded) / double(succeeded + failed)) : tr("–"),
        tr("%1 of %2 jobs").arg(succeeded).arg(succeeded + failed));
    m_rate->setTrend(dailyRates(clients), 1);

    while (QLayoutItem *item = m_next->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    int shown = 0;
    for (const ScheduledRun &run : workspace.upcoming()) {
        const ClientOverview *client = workspace.client(run.clientId);
        const RepositoryOverview *one = client ? client->repository(run.repositoryId) : nullptr;
        if (!one || ++shown > nextShown)
            continue;
        auto *line = new QWidget;
        auto *row = new QHBoxLayout(line);
        row->setContentsMargins(0, 0, 0, 0);
        row->setSpacing(10);
        TextLabel *when = label(soon(run.time), theme().font, Tone::Muted);
        TextLabel *what =
            label(tr("%1 · %2").arg(one->repository.title(), client->client.name), theme().font);
        what->setElided(true);
        what->setToolTip(plainTip(what->text()));
        row->addWidget(when);
        row->addWidget(what, 1);
        m_next->addWidget(line);
    }
    if (shown == 0) {
        TextLabel *words = label(tr("Nothing is scheduled. Set a schedule in the settings of a "
                                    "client or for all."),
                                 theme().font, Tone::Muted);
        words->setWordWrap(true);
        m_next->addWidget(words);
    }
    m_next->addStretch(1);
    refreshRunning();
}

void OverviewPage::refreshRunning()
{
    QList<JobBrief> running;
    int waiting = 0;
    const QList<const Job *> unfinished = m_services.board->unfinished();
    // Those that run first, whatever their turn was; then as many of the others as one looks at.
    for (const bool runs : {true, false}) {
        for (const Job *job : unfinished) {
            if ((job->running() != nullptr) != runs)
                continue;
            waiting += runs ? 0 : 1;
            if (running.size() < runningShown)
                running << briefOf(*job);
        }
    }
    m_running->setValues(running);
    m_runningCard->setValue(QString::number(unfinished.size() - waiting),
                            waiting > 0 ? tr("%n waiting", nullptr, waiting) : tr("nothing waits"),
                            Tone::Muted);
    m_clients->jobsChanged();
}

} // namespace ovvoc
