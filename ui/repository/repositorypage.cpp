#include "repository/repositorypage.h"

#include "format.h"
#include "jobs/nextsteps.h"
#include "theme/theme.h"
#include "widgets/basics.h"
#include "widgets/columnfitter.h"
#include "widgets/emptystate.h"
#include "widgets/lifecyclebar.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QPushButton>
#include <QShortcut>
#include <QTabBar>
#include <QTabWidget>
#include <QTableView>
#include <QVBoxLayout>

namespace ovvoc {

using State = DependencyRow::State;

RepositoryPage::RepositoryPage(const Services &services, QWidget *parent)
    : QWidget(parent)
    , m_services(services)
    , m_model(new DependencyModel(this))
    , m_shown(new QSortFilterProxyModel(this))
    , m_jobs(new JobListModel(services, this))
{
    m_shown->setSourceModel(m_model);
    m_shown->setSortRole(DependencyModel::RawRole);
    m_shown->setSortCaseSensitivity(Qt::CaseInsensitive);
    m_shown->setFilterCaseSensitivity(Qt::CaseInsensitive);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    buildHeader(layout);
    auto *frame = card();
    auto *inner = new QVBoxLayout(frame);
    inner->setContentsMargins(1, 1, 1, 6);
    m_tabs = partTabs(tr("Parts of the repository"));
    const auto add = [this](QWidget *page, const QString &name, const QString &title) {
        page->setObjectName(name);
        m_tabs->addTab(page, title);
    };
    add(buildDependencies(), "Dependencies", tr("Dependencies"));
    add(buildProposals(), "Proposals", tr("Proposals"));
    add(buildJobs(), "Jobs", tr("Jobs"));
    add(buildSettings(), "Settings", tr("Settings"));
    inner->addWidget(m_tabs);
    auto *body = new QVBoxLayout;
    body->setContentsMargins(20, 16, 20, 20);
    body->addWidget(frame);
    layout->addLayout(body, 1);

    connect(m_services.workspace, &WorkspaceService::clientChanged, this,
            [this](const QString &id) {
                if (id == m_clientId)
                    refresh();
            });
    connect(m_services.workspace, &WorkspaceService::agencyChanged, this, &RepositoryPage::refresh);
    m_turn.setSingleShot(true);
    m_turn.setInterval(50);
    connect(&m_turn, &QTimer::timeout, this, &RepositoryPage::refreshRows);
    const auto soon = [this](const QString &id) {
        const Job *job = m_services.board->job(id);
        if (job && job->request.repositoryId == m_id) {
            m_jobs->take({job});
            if (!m_turn.isActive())
                m_turn.start();
        }
    };
    connect(m_services.board, &JobBoard::changed, this, soon);
    connect(m_services.board, &JobBoard::finished, this,
            [soon](const Job &job) { soon(job.request.id); });
    connect(m_services.board, &JobBoard::refused, this, [this](const QString &id) {
        m_jobs->forget(id);
        refreshRows();
    });
}

void RepositoryPage::buildHeader(QVBoxLayout *layout)
{
    QBoxLayout *row = nullptr;
    layout->addWidget(pageHeader(&row));
    row->setSpacing(6);
    m_client = quietButton({});
    m_client->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Preferred);
    m_title = selectable(label({}, theme().title));
    m_title->setElided(true);
    m_title->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    m_facts = pill({});
    m_facts->setElided(true);
    m_scanButton = new QPushButton(tr("Scan"));
    m_scanButton->setToolTip(tr("Looks what is outdated; runs nothing of the repository"));
    m_update = primaryButton(tr("Update"));
    m_update->setAccessibleName(tr("Update this repository"));
    row->addWidget(m_client);
    row->addWidget(label(QStringLiteral("/"), theme().font, Tone::Muted));
    row->addWidget(m_title, 1);
    row->addWidget(m_facts);
    row->addWidget(m_scanButton);
    row->addWidget(m_update);
    connect(m_client, &QPushButton::clicked, this,
            [this] { emit go({Place::Page::Client, m_clientId}); });
    connect(m_scanButton, &QPushButton::clicked, this,
            [this] { start(m_services.board->scan(m_clientId, m_id)); });
    connect(m_update, &QPushButton::clicked, this,
            [this] { start(m_services.board->update(m_clientId, m_id)); });
}

QWidget *RepositoryPage::buildDependencies()
{
    auto *page = new QWidget;
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    auto *head = new QHBoxLayout;
    head->setContentsMargins(16, 10, 12, 6);
    m_sum = label({}, theme().font, Tone::Muted);
    m_sum->setWordWrap(true);
    m_search = new QLineEdit;
    m_search->setPlaceholderText(tr("Filter (Ctrl+L)"));
    m_search->setAccessibleName(tr("Filter dependencies"));
    m_search->setClearButtonEnabled(true);
    m_search->setMaximumWidth(theme().px(240));
    head->addWidget(m_sum, 1);
    head->addWidget(m_search);
    layout->addLayout(head);
    m_table = makeTable(m_shown, tr("Dependencies"), DependencyModel::Package, 190);
    setDispensable(m_table,
                   {DependencyModel::Section, DependencyModel::Wanted, DependencyModel::Note,
                    DependencyModel::Step});
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(-1, Qt::AscendingOrder);
    m_table->setMouseTracking(true);
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    auto *buttons = new ButtonDelegate(this);
    m_table->setItemDelegateForColumn(DependencyModel::Action, buttons);
    m_empty = new EmptyState;
    layout->addWidget(withEmptyState(m_table, m_model, m_empty), 1);
    connect(buttons, &ButtonDelegate::pressed, this, &RepositoryPage::actOn);
    connect(m_table, &QTableView::customContextMenuRequested, this, &RepositoryPage::packageMenu);
    // Opening shows the job or the proposal; it starts nothing.
    connect(m_table, &QTableView::activated, this, [this](const QModelIndex &index) {
        const DependencyRow &row = m_model->value(m_shown->mapToSource(index).row());
        if (!row.jobId.isEmpty())
            emit go({Place::Page::Job, row.jobId});
        else if (row.state == State::Proposed)
            showTab("Proposals");
    });
    connect(m_search, &QLineEdit::textChanged, m_shown,
            &QSortFilterProxyModel::setFilterFixedString);
    connect(m_empty, &EmptyState::acted, this,
            [this] { start(m_services.board->scan(m_clientId, m_id)); });
    auto *find = new QShortcut(QKeySequence(Qt::CTRL | Qt::Key_L), this);
    connect(find, &QShortcut::activated, m_search, [this] {
        showTab("Dependencies");
        m_search->setFocus(Qt::ShortcutFocusReason);
        m_search->selectAll();
    });
    return page;
}

QWidget *RepositoryPage::buildProposals()
{
    auto *page = new QWidget;
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(16, 10, 12, 6);
    auto *head = new QHBoxLayout;
    m_asked = label({}, theme().font, Tone::Muted);
    m_asked->setWordWrap(true);
    auto *ask = new QPushButton(tr("Ask now"));
    ask->setToolTip(tr("Asks where the proposals are which of them are open"));
    head->addWidget(m_asked, 1);
    head->addWidget(ask);
    layout->addLayout(head);
    m_proposals = new QListWidget;
    m_proposals->setFrameShape(QFrame::NoFrame);
    m_proposals->setAccessibleName(tr("Open proposals"));
    layout->addWidget(m_proposals, 1);
    connect(ask, &QPushButton::clicked, this, [this, ask] {
        ask->setEnabled(false);
        m_services.workspace->askForProposals(m_clientId)
            .then(this, [this, ask](const Result<> &asked) {
                ask->setEnabled(true);
                if (!asked)
                    emit said(asked.error().message);
            });
    });
    connect(m_proposals, &QListWidget::itemActivated, this, [this](QListWidgetItem *item) {
        const QString address = item->data(Qt::UserRole).toString();
        if (!address.isEmpty())
            return emit browse(QUrl(address));
        const QString branch = item->data(Qt::UserRole + 1).toString();
        QGuiApplication::clipboard()->setText(branch);
        emit said(tr("The name of the branch %1 was copied.").arg(branch));
    });
    return page;
}

QWidget *RepositoryPage::buildJobs()
{
    m_jobTable = makeTable(m_jobs, tr("Jobs"), JobListModel::What);
    m_jobTable->setColumnHidden(JobListModel::ClientColumn, true);
    m_jobTable->setColumnHidden(JobListModel::RepositoryColumn, true);
    setDispensable(m_jobTable, {JobListModel::Level, JobListModel::Life, JobListModel::Took});
    m_jobTable->setItemDelegateForColumn(JobListModel::Life, new LifecycleDelegate(this));
    m_noJobs = new EmptyState;
    m_noJobs->setTexts(tr("No job yet"), tr("Scan it, or update it."));
    connect(m_jobTable, &QTableView::activated, this, [this](const QModelIndex &index) {
        emit go({Place::Page::Job, m_jobs->job(index.row()).id});
    });
    connect(m_jobTable, &QTableView::clicked, this, [this](const QModelIndex &index) {
        emit go({Place::Page::Job, m_jobs->job(index.row()).id});
    });
    connect(m_jobs, &JobListModel::failed, this, [this](const Error &error) {
        m_noJobs->setTexts(tr("The jobs cannot be read"), error.message);
    });
    return withEmptyState(m_jobTable, m_jobs, m_noJobs);
}

QWidget *RepositoryPage::buildSettings()
{
    auto *content = new QWidget;
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(16, 12, 16, 12);
    m_editor = new SettingsEditor;
    layout->addWidget(m_editor);
    layout->addStretch(1);
    connect(m_editor, &SettingsEditor::edited, this,
            [this](const QJsonObject &overrides) { save(overrides, {}); });
    return scrolled(content);
}

void RepositoryPage::showTab(const QString &name)
{
    for (int i = 0; i < m_tabs->count(); ++i) {
        if (m_tabs->widget(i)->objectName() == name)
            m_tabs->setCurrentIndex(i);
    }
}

const RepositoryOverview *RepositoryPage::overview() const
{
    const ClientOverview *client = m_services.workspace->client(m_clientId);
    return client ? client->repository(m_id) : nullptr;
}

bool RepositoryPage::setRepository(const QString &id)
{
    const QList<ClientOverview> clients = m_services.workspace->clients();
    const auto client = std::ranges::find_if(
        clients, [&](const ClientOverview &one) { return one.repository(id) != nullptr; });
    if (client == clients.end())
        return false;
    if (id != m_id) {
        m_id = id;
        m_clientId = client->client.id;
        m_scan.reset();
        m_scanId.clear();
        m_scanned = {};
        m_model->setValues({});
        m_search->clear();
        m_editor->forgetTyped();
        m_tabs->setCurrentIndex(0);
        JobFilter filter;
        filter.clientId = m_clientId;
        filter.repositoryId = id;
        m_jobs->setFilter(filter);
    }
    refresh();
    return true;
}

void RepositoryPage::refresh()
{
    const ClientOverview *client = m_services.workspace->client(m_clientId);
    const RepositoryOverview *one = overview();
    if (!one)
        return;
    const ClientRepository &repository = one->repository;
    m_client->setText(shortened(client->client.name, 40));
    m_client->setToolTip(plainTip(client->client.name));
    m_title->setText(repository.title());
    m_title->setToolTip(plainTip(
        repository.kind == ClientRepository::Kind::Local ? repository.path : repository.title()));
    QStringList facts;
    if (!repository.baseBranch.isEmpty())
        facts << tr("branch %1").arg(repository.baseBranch);
    facts << (one->schedule == QLatin1String("off") ? tr("no schedule") : one->schedule);
    if (repository.archived)
        facts << tr("archived");
    m_facts->setText(facts.join(QStringLiteral(" · ")));
    m_editor->show(SettingLevel::Repository, repository.overrides,
                   m_services.workspace->settingsOf(m_clientId, m_id));
    showProposals();
    if (one->scanned && m_scanned != *one->scanned)
        loadScan();
    refreshRows();
}

/// What the last scan saw stands in its job.
void RepositoryPage::loadScan()
{
    const RepositoryOverview *one = overview();
    m_scanned = one->scanned.value_or(QDateTime());
    JobFilter filter;
    filter.clientId = m_clientId;
    filter.repositoryId = m_id;
    filter.kind = toString(JobKind::Scan);
    filter.outcome = toString(Outcome::Succeeded);
    filter.limit = 1;
    const QString id = m_id;
    m_services.workspace->jobs(filter).then(this, [this, id](const Result<JobsPage> &page) {
        if (id != m_id || !page || page->jobs.isEmpty())
            return;
        const QString job = page->jobs.first().id;
        m_services.workspace->job(job).then(this, [this, id](const Result<Job> &found) {
            if (id != m_id || !found || !found->scan)
                return;
            m_scan = found->scan;
            m_scanId = found->request.id;
            refreshRows();
            refitColumns(m_table);
        });
    });
}

void RepositoryPage::refreshRows()
{
    const RepositoryOverview *one = overview();
    if (!one)
        return;
    QList<const Job *> unfinished;
    const QList<const Job *> all = m_services.board->unfinished();
    for (const Job *job : all) {
        if (job->request.repositoryId == m_id)
            unfinished << job;
    }
    if (m_scan)
        m_model->setValues(dependencyRows(*one, *m_scan, unfinished));
    const bool busy = !unfinished.isEmpty();
    const int movable = one->movable();
    m_update->setText(movable == 0 ? tr("Update") : tr("Update (%1)").arg(movable));
    m_update->setEnabled(!busy && !one->repository.archived
                         && (!one->scanned || !one->pending.isEmpty()));
    m_scanButton->setEnabled(!busy && !one->repository.archived);
    describe();
}

/// What the numbers are, and of what they are not.
void RepositoryPage::describe()
{
    const RepositoryOverview *one = overview();
    if (!one->scanned) {
        m_empty->setTexts(tr("Not scanned yet"),
                          tr("A scan says what is outdated; it runs nothing of the repository."),
                          tr("Scan"));
        m_sum->setText(tr("Not scanned yet."));
        return;
    }
    m_empty->setTexts(m_scan ? tr("It names no dependencies") : tr("Looking…"), {});
    QStringList words{tr("Scanned %1").arg(ago(*one->scanned)),
                      tr("%n dependencies", nullptr, one->dependencies),
                      tr("%n can move", nullptr, one->movable())};
    if (one->unjudged > 0)
        words << tr("%n not judged", nullptr, one->unjudged);
    words << securityText(one->security(), one->advisoriesChecked);
    int indirect = 0;
    for (const Advisory &advisory : m_scan ? m_scan->advisories : QList<Advisory>())
        indirect += advisory.direct ? 0 : 1;
    if (indirect > 0)
        words << tr("%n advisories on what others bring", nullptr, indirect);
    m_sum->setText(words.join(QStringLiteral(" · ")));
}

void RepositoryPage::showProposals()
{
    const KnownProposals &known = overview()->proposals;
    m_proposals->clear();
    for (const OpenProposal &open : known.open) {
        const QString number = open.number > 0 ? tr("#%1 ").arg(open.number) : QString();
        auto *item = new QListWidgetItem(
            tr("%1%2 · %3, %4").arg(number, open.title, open.branch, ago(open.created)),
            m_proposals);
        item->setData(Qt::UserRole, open.location);
        item->setData(Qt::UserRole + 1, open.branch);
        item->setToolTip(plainTip(open.location.isEmpty() ? tr("Copies the name of the branch")
                                                          : open.location));
    }
    m_asked->setText(
        known.asked.isValid()
            ? tr("%n open, as of %1", nullptr, int(known.open.size())).arg(ago(known.asked))
            : tr("Not asked yet; %n known from jobs of this workspace", nullptr,
                 int(known.open.size())));
    const int at = m_tabs->indexOf(m_tabs->findChild<QWidget *>("Proposals"));
    if (at >= 0)
        m_tabs->setTabText(at,
                           known.open.isEmpty() ? tr("Proposals")
                                                : tr("Proposals (%1)").arg(known.open.size()));
}

void RepositoryPage::actOn(const QModelIndex &shown)
{
    const DependencyRow row = m_model->value(m_shown->mapToSource(shown).row());
    if (!row.jobId.isEmpty())
        emit go({Place::Page::Job, row.jobId});
    else if (row.canUpdate())
        start(m_services.board->update(m_clientId, m_id, row.dependency.name));
}

void RepositoryPage::packageMenu(const QPoint &position)
{
    const QModelIndex at = m_table->indexAt(position);
    if (!at.isValid())
        return;
    const DependencyRow row = m_model->value(m_shown->mapToSource(at).row());
    const QString name = row.dependency.name;
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    if (!row.jobId.isEmpty())
        menu->addAction(tr("Open the job"), this,
                        [this, id = row.jobId] { emit go({Place::Page::Job, id}); });
    QAction *update = menu->addAction(tr("Update this package"), this, [this, name] {
        start(m_services.board->update(m_clientId, m_id, name));
    });
    update->setEnabled(row.canUpdate());
    if (!row.link.isEmpty())
        menu->addAction(tr("Open the pull request"), this,
                        [this, link = row.link] { emit browse(QUrl(link)); });
    menu->addSeparator();
    if (!row.target.isEmpty())
        menu->addAction(tr("Skip %1 until there is a newer one").arg(row.target), this,
                        [this, name, to = row.target] { skip({name, to, {}}); });
    menu->addAction(tr("Skip this package for a month"), this,
                    [this, name] { skip({name, {}, QDate::currentDate().addMonths(1)}); });
    menu->addAction(tr("Skip this package for good"), this, [this, name] { skip({name, {}, {}}); });
    const QList<Skip> held = m_services.workspace->settingsOf(m_clientId, m_id).skips();
    if (std::ranges::find(held, name, &Skip::name) != held.end())
        menu->addAction(tr("Do not skip it any more"), this, [this, name, held] {
            QJsonArray list = withSkip(held, {name, {}, {}});
            list.removeLast();
            SettingOverrides overrides = overview()->repository.overrides;
            overrides["skip"] = list;
            save(overrides, tr("%1 is not skipped any more.").arg(name));
        });
    menu->addSeparator();
    menu->addAction(tr("Copy the name"), this,
                    [name] { QGuiApplication::clipboard()->setText(name); });
    menu->popup(m_table->viewport()->mapToGlobal(position));
}

void RepositoryPage::skip(const Skip &skip)
{
    const RepositoryOverview *one = overview();
    if (!one)
        return;
    SettingOverrides overrides = one->repository.overrides;
    overrides["skip"] = withSkip(m_services.workspace->settingsOf(m_clientId, m_id).skips(), skip);
    save(overrides, tr("Skipped: %1").arg(toString(skip)));
}

void RepositoryPage::save(const SettingOverrides &overrides, const QString &done)
{
    const RepositoryOverview *one = overview();
    if (!one)
        return;
    ClientRepository repository = one->repository;
    repository.overrides = overrides;
    m_services.workspace->saveRepository(repository)
        .then(this, [this, done](const Result<> &saved) {
            if (!saved)
                emit said(saved.error().message);
            else if (!done.isEmpty())
                emit said(done);
        });
}

void RepositoryPage::start(const QString &job)
{
    if (!job.isEmpty())
        emit go({Place::Page::Job, job});
}

} // namespace ovvoc
