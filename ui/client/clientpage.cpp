#include "client/clientpage.h"

#include "audit/auditwords.h"
#include "client/proposalsmenu.h"
#include "client/reportdialog.h"
#include "format.h"
#include "theme/theme.h"
#include "updates/facetbar.h"
#include "widgets/basics.h"
#include "widgets/clientmark.h"
#include "widgets/columnfitter.h"
#include "widgets/emptystate.h"
#include "widgets/lifecyclebar.h"
#include "widgets/statcard.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLineEdit>
#include <QMenu>
#include <QShortcut>
#include <QSortFilterProxyModel>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>

namespace ovvoc {

namespace {

constexpr int activityShown = 30;
constexpr int activityRead = 200;

/// What a person wants to read in passing; the audit page has all.
bool isNews(const AuditEntry &entry)
{
    static const QStringList quiet{"job.phase",    "repository.access", "token.mint",
                                   "token.revoke", "client.colour",     "job.created"};
    return !quiet.contains(entry.action) || entry.result != QLatin1String("ok");
}

} // namespace

ClientPage::ClientPage(const Services &services, QWidget *parent)
    : QWidget(parent)
    , m_services(services)
    , m_repositories(new RepositoryModel(services.board, this))
    , m_shown(new QSortFilterProxyModel(this))
    , m_pending(new PendingModel(this))
    , m_filter(new PendingFilter(m_pending, this))
{
    m_shown->setSourceModel(m_repositories);
    m_shown->setSortRole(RepositoryModel::RawRole);
    m_shown->setFilterCaseSensitivity(Qt::CaseInsensitive);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    buildHeader(layout);
    auto *content = new QWidget;
    auto *body = new QVBoxLayout(content);
    body->setContentsMargins(20, 16, 20, 20);
    body->setSpacing(14);
    body->addWidget(buildCards());
    body->addWidget(buildRepositories(), 3);
    m_lower = new QHBoxLayout;
    m_lower->setSpacing(14);
    m_lower->addWidget(buildPending(), 11);
    m_lower->addWidget(buildActivity(), 4);
    body->addLayout(m_lower, 4);
    layout->addWidget(scrolled(content), 1);

    m_activityTimer.setSingleShot(true);
    m_activityTimer.setInterval(300);
    connect(&m_activityTimer, &QTimer::timeout, this, &ClientPage::refreshActivity);
    connect(m_services.workspace, &WorkspaceService::clientChanged, this,
            [this](const QString &id) {
                if (id == m_id)
                    refresh();
            });
    connect(m_services.workspace, &WorkspaceService::auditGrew, this, [this] {
        if (isVisible() && !m_activityTimer.isActive())
            m_activityTimer.start();
    });
    // However many jobs come and go at once, the page is drawn anew once.
    m_refresh.setSingleShot(true);
    m_refresh.setInterval(30);
    connect(&m_refresh, &QTimer::timeout, this, &ClientPage::refreshJobs);
    const auto soon = [this] {
        if (isVisible() && !m_refresh.isActive())
            m_refresh.start();
    };
    connect(m_services.board, &JobBoard::refused, this, soon);
    connect(m_services.board, &JobBoard::finished, this, soon);
    connect(m_services.board, &JobBoard::changed, this, [this, soon](const QString &id) {
        const Job *job = m_services.board->job(id);
        if (job && job->request.clientId == m_id) {
            m_changed << job->request.repositoryId;
            soon();
        }
    });
}

void ClientPage::askForReport()
{
    auto *dialog = new ReportDialog(m_name->text(), this);
    connect(dialog, &ReportDialog::chosen, this,
            [this](const ReportSpan &span, const QString &path) {
                m_services.workspace->saveReport(m_id, span, path)
                    .then(this, [this, path](const Result<> &written) {
                        emit said(written ? tr("Report written to %1").arg(path)
                                          : written.error().message);
                    });
            });
    dialog->open();
}

void ClientPage::buildHeader(QVBoxLayout *layout)
{
    QBoxLayout *row = nullptr;
    layout->addWidget(pageHeader(&row));
    m_mark = new ClientMark(theme().px(28));
    m_name = label({}, theme().title);
    m_name->setElided(true);
    m_app = pill({});
    m_app->setElided(true);
    auto *settings = new QPushButton(tr("Settings"));
    settings->setToolTip(tr("GitHub App, limits, schedule, retention"));
    auto *report = new QPushButton(tr("Report…"));
    report->setToolTip(tr("What was done in a month, to send to the client"));
    m_scanAll = new QPushButton(tr("Scan all"));
    m_scanAll->setToolTip(tr("Looks what is outdated in every repository; runs nothing of them"));
    m_updateAll = primaryButton(tr("Update all safe"));
    m_updateAll->setToolTip(plainTip(
        tr("Patch and minor steps of versions from 1.0.0 on, one job for each repository")));
    row->addWidget(m_mark);
    row->addWidget(m_name);
    row->addWidget(m_app);
    row->addStretch(1);
    row->addWidget(settings);
    row->addWidget(report);
    row->addWidget(m_scanAll);
    row->addWidget(m_updateAll);
    connect(settings, &QPushButton::clicked, this,
            [this] { emit go({Place::Page::ClientSettings, m_id}); });
    connect(report, &QPushButton::clicked, this, &ClientPage::askForReport);
    connect(m_scanAll, &QPushButton::clicked, this, [this] { m_services.board->scanAll(m_id); });
    connect(m_updateAll, &QPushButton::clicked, this,
            [this] { m_services.board->updateAllSafe(m_id); });
}

QWidget *ClientPage::buildCards()
{
    auto *cards = new QWidget;
    cards->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    auto *row = new QHBoxLayout(cards);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(14);
    for (auto &[member, title] : {std::pair(&m_active, tr("Repositories")),
                                  {&m_updates, tr("Pending updates")},
                                  {&m_proposals, tr("Open proposals")},
                                  {&m_rate, tr("Success, 30 days")}}) {
        *member = new StatCard(title);
        row->addWidget(*member, 1);
    }
    m_proposals->addMenu(tr("List the open pull requests"));
    connect(m_proposals, &StatCard::menuWanted, this, &ClientPage::proposalsMenu);
    return cards;
}

QWidget *ClientPage::buildRepositories()
{
    QVBoxLayout *inner = nullptr;
    QFrame *frame = card(&inner);
    inner->setContentsMargins(1, 8, 1, 4);
    inner->setSpacing(4);
    auto *head = new QHBoxLayout;
    head->setContentsMargins(15, 0, 12, 0);
    head->addWidget(heading(tr("Repositories")));
    m_search = new QLineEdit;
    m_search->setPlaceholderText(tr("Filter (Ctrl+L)"));
    m_search->setAccessibleName(tr("Filter repositories"));
    m_search->setClearButtonEnabled(true);
    m_search->setMaximumWidth(theme().px(260));
    head->addWidget(m_search);
    head->addStretch(1);
    QPushButton *add = quietButton(tr("+ Add repository"));
    head->addWidget(add);
    inner->addLayout(head);
    m_table = makeTable(m_shown, tr("Repositories"), RepositoryModel::Name);
    // What one does stays in sight; what one reads is also in the tips.
    setDispensable(
        m_table,
        {RepositoryModel::ScheduleColumn, RepositoryModel::Dependencies, RepositoryModel::Life});
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(RepositoryModel::Name, Qt::AscendingOrder);
    m_table->verticalHeader()->setDefaultSectionSize(theme().px(38));
    m_table->setMinimumHeight(theme().px(150));
    m_table->setItemDelegateForColumn(RepositoryModel::Life, new LifecycleDelegate(this));
    auto *buttons = new ButtonDelegate(this);
    m_table->setItemDelegateForColumn(RepositoryModel::Action, buttons);
    m_table->setMouseTracking(true);
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    m_noRepositories = new EmptyState;
    m_noRepositories->setTexts(
        tr("No repository yet"),
        tr("Add one from GitHub, or a folder on this machine. It is scanned, updated and proved "
           "from here."),
        tr("Add repository"));
    inner->addWidget(withEmptyState(m_table, m_repositories, m_noRepositories), 1);
    connect(buttons, &ButtonDelegate::pressed, this,
            [this](const QModelIndex &index) { actOn(m_shown->mapToSource(index).row()); });
    // Opening shows the repository; only the button starts something.
    connect(m_table, &QTableView::activated, this, [this](const QModelIndex &index) {
        const int row = m_shown->mapToSource(index).row();
        emit go({Place::Page::Repository, m_repositories->value(row).repository.id});
    });
    connect(m_table, &QTableView::customContextMenuRequested, this, &ClientPage::repositoryMenu);
    connect(add, &QPushButton::clicked, this, [this] { emit addRepositoryRequested(m_id); });
    connect(m_noRepositories, &EmptyState::acted, this,
            [this] { emit addRepositoryRequested(m_id); });
    connect(m_search, &QLineEdit::textChanged, m_shown,
            &QSortFilterProxyModel::setFilterFixedString);
    auto *find = new QShortcut(QKeySequence(Qt::CTRL | Qt::Key_L), this);
    connect(find, &QShortcut::activated, m_search, [this] {
        m_search->setFocus(Qt::ShortcutFocusReason);
        m_search->selectAll();
    });
    return frame;
}

QWidget *ClientPage::buildPending()
{
    QVBoxLayout *inner = nullptr;
    QFrame *frame = card(&inner);
    inner->setContentsMargins(1, 8, 1, 4);
    inner->setSpacing(4);
    auto *head = new QHBoxLayout;
    head->setContentsMargins(15, 0, 12, 0);
    head->addWidget(heading(tr("Pending updates")));
    m_facets = new FacetBar(m_filter);
    head->addWidget(m_facets);
    head->addStretch(1);
    inner->addLayout(head);
    m_pendingTable = makeTable(m_filter, tr("Pending updates"), PendingModel::Package, 112);
    m_pendingTable->setColumnHidden(PendingModel::ClientColumn, true);
    setDispensable(m_pendingTable,
                   {PendingModel::Confidence, PendingModel::Age, PendingModel::Plan,
                    PendingModel::RepositoryColumn});
    m_pendingTable->setSortingEnabled(true);
    m_pendingTable->sortByColumn(-1, Qt::AscendingOrder);
    m_pendingTable->setMinimumHeight(theme().px(180));
    m_pendingTable->setMouseTracking(true);
    auto *buttons = new ButtonDelegate(this);
    m_pendingTable->setItemDelegateForColumn(PendingModel::Action, buttons);
    m_noPending = new EmptyState;
    inner->addWidget(withEmptyState(m_pendingTable, m_pending, m_noPending), 1);
    connect(buttons, &ButtonDelegate::pressed, this, &ClientPage::updatePackage);
    connect(m_pendingTable, &QTableView::activated, this, [this](const QModelIndex &index) {
        emit go({Place::Page::Repository, m_filter->row(index).update.repositoryId});
    });
    connect(m_noPending, &EmptyState::acted, this, [this] { m_services.board->scanAll(m_id); });
    return frame;
}

QWidget *ClientPage::buildActivity()
{
    QVBoxLayout *inner = nullptr;
    QFrame *frame = card(&inner);
    frame->setMinimumWidth(theme().px(200));
    frame->setMinimumHeight(theme().px(160));
    inner->addWidget(heading(tr("Activity")));
    auto *list = new QWidget;
    m_activity = new QVBoxLayout(list);
    m_activity->setContentsMargins(0, 4, 8, 0);
    m_activity->setSpacing(8);
    inner->addWidget(scrolled(list), 1);
    return frame;
}

/// Narrow, or with large text: one below the other.
void ClientPage::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    const bool narrow = width() < theme().px(900);
    m_lower->setDirection(narrow ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight);
    m_app->setVisible(!narrow);
}

void ClientPage::setClient(const QString &id)
{
    if (id != m_id) {
        m_id = id;
        m_search->clear();
        m_changed.clear();
        m_repositories->setValues({});
        m_pending->setValues({});
        while (QLayoutItem *item = m_activity->takeAt(0)) {
            delete item->widget();
            delete item;
        }
    }
    refresh();
    refreshActivity();
}

void ClientPage::refresh()
{
    const ClientOverview *overview = m_services.workspace->client(m_id);
    if (!overview)
        return;
    const Client &client = overview->client;
    m_mark->setClient(client.name, client.colour);
    m_name->setText(client.name);
    m_name->setToolTip(plainTip(client.name));
    if (client.github && !client.github->keyEntry.isEmpty())
        m_app->setText(tr("GitHub App %1 · key in keychain").arg(client.github->appName));
    else if (client.github)
        m_app->setText(tr("GitHub App %1 · key missing").arg(client.github->appName));
    else
        m_app->setText(client.archived ? tr("archived") : tr("no GitHub App yet"));
    m_app->setToolTip(plainTip(m_app->text()));

    m_repositories->setValues(overview->repositories);
    const QList<PendingRow> rows = pendingRows(*overview);
    m_pending->setValues(rows);
    m_facets->refresh();

    int safe = 0, scanned = 0;
    for (const RepositoryOverview &one : overview->repositories) {
        scanned += one.scanned ? 1 : 0;
    }
    for (const PendingRow &row : rows)
        safe += row.update.isSafe() ? 1 : 0;
    const int active = refreshJobs();
    const int security = overview->security();
    m_updates->setValue(scanned > 0 ? QString::number(overview->pending()) : tr("–"),
                        scanned == 0 ? tr("not scanned yet")
                                     : securityText(security, overview->advisoriesChecked()),
                        security > 0 ? Tone::Bad : Tone::Muted);
    const OpenProposal *oldest = overview->oldestProposal();
    const bool known = oldest || overview->proposalsAsked().isValid();
    m_proposals->setValue(known ? QString::number(overview->openProposals()) : tr("–"),
                          m_asking.contains(m_id) ? tr("asking…")
                              : oldest            ? tr("oldest %1").arg(ago(oldest->created))
                              : known             ? tr("none waits")
                                                  : tr("not asked yet"));
    const auto rate = overview->successRate();
    m_rate->setValue(rate ? percent(*rate) : tr("–"),
                     rate ? tr("%1 of %2 jobs")
                                .arg(overview->succeeded())
                                .arg(overview->succeeded() + overview->failed())
                          : tr("no job yet"));
    m_rate->setTrend(dailyRates({*overview}), 1);
    m_updateAll->setText(safe > 0 ? tr("Update all safe (%1)").arg(safe) : tr("Update all safe"));
    m_updateAll->setEnabled(safe > 0);
    m_scanAll->setEnabled(active > 0);
    if (scanned > 0 && !overview->allScanned())
        m_noPending->setTexts(tr("Nothing to move so far"),
                              tr("Some repositories were not scanned yet."),
                              active > 0 ? tr("Scan all") : QString());
    else if (scanned > 0 && overview->unjudged() > 0)
        m_noPending->setTexts(tr("Nothing to move in what was judged"),
                              tr("%n dependencies could not be judged; the scans say why.", nullptr,
                                 overview->unjudged()));
    else if (scanned > 0)
        m_noPending->setTexts(tr("Nothing to move"),
                              tr("The last scans found nothing that the settings would let move."));
    else
        m_noPending->setTexts(tr("Not scanned yet"),
                              tr("A scan says what is outdated; it runs nothing of a repository."),
                              active > 0 ? tr("Scan all") : QString());
}

/// What runs and waits; all that a job's progress changes here. Returns how many repositories are
/// active.
int ClientPage::refreshJobs()
{
    const ClientOverview *overview = m_services.workspace->client(m_id);
    if (!overview)
        return 0;
    m_repositories->jobsChanged(std::exchange(m_changed, {}));
    m_table->viewport()->update(); // a job may be gone without a change of the repository
    int active = 0;
    for (const RepositoryOverview &one : overview->repositories)
        active += one.repository.archived ? 0 : 1;
    const int running = m_services.board->unfinishedCount(m_id);
    m_active->setValue(QString::number(active),
                       running > 0 ? tr("%n job(s) running or waiting", nullptr, running)
                                   : tr("nothing running"),
                       running > 0 ? Tone::Accent : Tone::Muted);
    return active;
}

void ClientPage::refreshActivity()
{
    if (m_id.isEmpty() || !m_services.workspace->client(m_id))
        return;
    AuditFilter filter;
    filter.clientId = m_id;
    filter.limit = activityRead;
    m_services.workspace->audit(filter).then(
        this, [this, id = m_id](const Result<QList<AuditEntry>> &entries) {
            if (id != m_id)
                return;
            while (QLayoutItem *item = m_activity->takeAt(0)) {
                delete item->widget();
                delete item;
            }
            if (!entries || entries->isEmpty()) {
                TextLabel *words =
                    label(entries ? tr("Nothing happened yet.") : entries.error().message,
                          theme().font, entries ? Tone::Muted : Tone::Bad);
                words->setWordWrap(true);
                m_activity->addWidget(words);
                m_activity->addStretch(1);
                return;
            }
            int shown = 0;
            for (const AuditEntry &entry : *entries) {
                if (!isNews(entry) || ++shown > activityShown)
                    continue;
                auto *line = new QWidget;
                auto *row = new QHBoxLayout(line);
                row->setContentsMargins(0, 0, 0, 0);
                row->setSpacing(10);
                const QDateTime time = entry.time.toLocalTime();
                TextLabel *when = label(time.date() == QDate::currentDate()
                                            ? time.toString("HH:mm")
                                            : QLocale().toString(time.date(), "d MMM"),
                                        theme().font, Tone::Muted);
                when->setMinimumWidth(theme().px(44));
                when->setToolTip(plainTip(QLocale().toString(time, QLocale::LongFormat)));
                const bool begun = entry.result == QLatin1String("begun");
                const bool good = entry.result == QLatin1String("ok")
                    || entry.result == QLatin1String("succeeded");
                TextLabel *words = label(auditSentence(entry), theme().font,
                                         begun      ? Tone::Muted
                                             : good ? Tone::Plain
                                                    : Tone::Bad);
                words->setWordWrap(true);
                row->addWidget(when, 0, Qt::AlignTop);
                row->addWidget(words, 1);
                m_activity->addWidget(line);
            }
            m_activity->addStretch(1);
        });
}

void ClientPage::proposalsMenu(const QPoint &position)
{
    const ClientOverview *overview = m_services.workspace->client(m_id);
    if (!overview)
        return;
    auto *menu = new ProposalsMenu(*overview, this);
    connect(menu, &ProposalsMenu::chosen, this, [this](const OpenProposal &proposal) {
        if (!proposal.location.isEmpty())
            return emit browse(QUrl(proposal.location));
        QGuiApplication::clipboard()->setText(proposal.branch);
        emit said(tr("The name of the branch %1 was copied.").arg(proposal.branch));
    });
    QAction *ask = menu->addAction(tr("Ask now"), this, [this, id = m_id] { askForProposals(id); });
    ask->setEnabled(!m_asking.contains(m_id));
    menu->popup(position);
}

void ClientPage::askForProposals(const QString &id)
{
    const ClientOverview *overview = m_services.workspace->client(id);
    if (!overview || m_asking.contains(id))
        return;
    const QString name = overview->client.name;
    m_asking << id;
    refresh();
    m_services.workspace->askForProposals(id).then(this, [this, id, name](const Result<> &asked) {
        m_asking.remove(id);
        refresh();
        if (!asked)
            emit said(tr("%1: %2").arg(name, asked.error().message));
    });
}

void ClientPage::actOn(int row)
{
    if (row < 0 || row >= m_repositories->rowCount())
        return;
    const RepositoryOverview one = m_repositories->value(row);
    QString job;
    switch (m_repositories->actionOf(one)) {
    case RepositoryModel::Does::OpenJob:
        job = m_services.board->unfinishedOf(one.repository.id)->request.id;
        break;
    case RepositoryModel::Does::Update:
        job = m_services.board->update(m_id, one.repository.id);
        break;
    case RepositoryModel::Does::Scan:
        job = m_services.board->scan(m_id, one.repository.id);
        break;
    }
    if (!job.isEmpty())
        emit go({Place::Page::Job, job});
}

void ClientPage::updatePackage(const QModelIndex &shown)
{
    const PendingUpdate update = m_filter->row(shown).update;
    const QString job =
        m_services.board->update(update.clientId, update.repositoryId, update.dependency.name);
    if (!job.isEmpty())
        emit go({Place::Page::Job, job});
}

void ClientPage::repositoryMenu(const QPoint &position)
{
    const QModelIndex at = m_table->indexAt(position);
    if (!at.isValid())
        return;
    const RepositoryOverview one = m_repositories->value(m_shown->mapToSource(at).row());
    const QString id = one.repository.id;
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const auto open = [this](const QString &job) {
        if (!job.isEmpty())
            emit go({Place::Page::Job, job});
    };
    menu->addAction(tr("Open"), this, [this, id] { emit go({Place::Page::Repository, id}); });
    menu->addSeparator();
    menu->addAction(tr("Update"), this,
                    [this, id, open] { open(m_services.board->update(m_id, id)); });
    menu->addAction(tr("Scan"), this, [this, id, open] { open(m_services.board->scan(m_id, id)); });
    if (one.lastJob)
        menu->addAction(tr("Open the last job"), this,
                        [open, job = one.lastJob->id] { open(job); });
    menu->addSeparator();
    ClientRepository changed = one.repository;
    changed.archived = !changed.archived;
    menu->addAction(changed.archived ? tr("Archive") : tr("Restore"), this, [this, changed] {
        m_services.workspace->saveRepository(changed).then(this, [this](const Result<> &done) {
            if (!done)
                emit said(done.error().message);
        });
    });
    menu->addAction(tr("Settings of this repository"), this,
                    [this, id] { emit repositorySettingsRequested(id); });
    menu->addAction(tr("Remove"), this, [this, id] { emit removeRepositoryRequested(m_id, id); });
    menu->popup(m_table->viewport()->mapToGlobal(position));
}

} // namespace ovvoc
