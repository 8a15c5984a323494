#include "updates/updatespage.h"

#include "jobs/nextsteps.h"
#include "theme/theme.h"
#include "updates/facetbar.h"
#include "widgets/basics.h"
#include "widgets/columnfitter.h"
#include "widgets/emptystate.h"
#include "widgets/lifecyclebar.h"

#include <QClipboard>
#include <QComboBox>
#include <QFileDialog>
#include <QGuiApplication>
#include <QItemSelectionModel>
#include <QJsonArray>
#include <QLineEdit>
#include <QMenu>
#include <QSet>
#include <QShortcut>
#include <QSortFilterProxyModel>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

namespace ovvoc {

static QSortFilterProxyModel *sorted(PackageModel *model, QObject *parent)
{
    auto *proxy = new QSortFilterProxyModel(parent);
    proxy->setSourceModel(model);
    proxy->setSortRole(PackageModel::RawRole);
    proxy->setSortCaseSensitivity(Qt::CaseInsensitive);
    return proxy;
}

UpdatesPage::UpdatesPage(const Services &services, QWidget *parent)
    : QWidget(parent)
    , m_services(services)
    , m_model(new PendingModel(this))
    , m_filter(new PendingFilter(m_model, this))
    , m_packages(new PackageModel(this))
    , m_sortedPackages(sorted(m_packages, this))
    , m_packageTable(
          makeTable(m_sortedPackages, tr("Outdated packages"), PackageModel::Package, 190))
    , m_byPackage(chip(tr("By package")))
    , m_views(new QStackedWidget)
    , m_facets(new FacetBar(m_filter))
    , m_client(new QComboBox)
    , m_search(new QLineEdit)
    , m_table(makeTable(m_filter, tr("Pending updates"), PendingModel::Package, 150))
    , m_start(primaryButton(tr("Update selected")))
    , m_count(label({}, theme().font, Tone::Muted))
    , m_empty(new EmptyState)
    , m_noPackages(new EmptyState)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    QBoxLayout *head = nullptr;
    layout->addWidget(pageHeader(&head));
    head->addWidget(label(tr("Updates"), theme().title));
    head->addWidget(m_count);
    head->addStretch(1);
    auto *scan = new QPushButton(tr("Scan all clients"));
    auto *save = new QPushButton(tr("Export…"));
    save->setToolTip(tr("Everything that the filters let through, as CSV or JSON Lines"));
    head->addWidget(save);
    head->addWidget(scan);
    head->addWidget(m_start);
    setDispensable(
        m_table,
        {PendingModel::Confidence, PendingModel::Age, PendingModel::Plan, PendingModel::From});
    m_start->setToolTip(tr("One job for each selected line"));

    auto *body = new QVBoxLayout;
    body->setContentsMargins(20, 16, 20, 20);
    body->setSpacing(12);
    auto *bar = new QHBoxLayout;
    bar->setSpacing(10);
    m_client->setAccessibleName(tr("Client"));
    m_client->setMinimumWidth(theme().px(170));
    m_search->setPlaceholderText(tr("Package, repository or client (Ctrl+L)"));
    m_search->setAccessibleName(tr("Search updates"));
    m_search->setClearButtonEnabled(true);
    bar->addWidget(m_client, 1);
    bar->addWidget(m_search, 2);
    m_byPackage->setToolTip(tr("One line for each package, over all repositories"));
    bar->addWidget(m_byPackage);
    m_bar = new QHBoxLayout;
    m_bar->setSpacing(10);
    m_bar->addLayout(bar, 1);
    m_bar->addWidget(m_facets);
    body->addLayout(m_bar);
    QVBoxLayout *inner = nullptr;
    QFrame *frame = card(&inner);
    inner->setContentsMargins(1, 4, 1, 4);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(-1, Qt::AscendingOrder);
    m_table->setMouseTracking(true);
    auto *buttons = new ButtonDelegate(this);
    m_table->setItemDelegateForColumn(PendingModel::Action, buttons);
    m_views->addWidget(withEmptyState(m_table, m_filter, m_empty));
    m_views->addWidget(packagesView());
    inner->addWidget(m_views);
    body->addWidget(frame, 1);
    layout->addLayout(body, 1);

    const auto startOne = [this](const QModelIndex &index) {
        const PendingUpdate update = m_filter->row(index).update;
        const QString job =
            m_services.board->update(update.clientId, update.repositoryId, update.dependency.name);
        if (!job.isEmpty())
            emit go({Place::Page::Job, job});
    };
    connect(buttons, &ButtonDelegate::pressed, this, startOne);
    connect(m_table, &QTableView::activated, this, [this](const QModelIndex &index) {
        emit go({Place::Page::Repository, m_filter->row(index).update.repositoryId});
    });
    connect(save, &QPushButton::clicked, this, [this] {
        QFileDialog *dialog = exportDialog(this, tr("Export updates"));
        connect(dialog, &QFileDialog::fileSelected, this, &UpdatesPage::exportTo);
        dialog->open();
    });
    connect(scan, &QPushButton::clicked, this, [this] { m_services.board->scanAll({}); });
    for (const EmptyState *empty : {m_empty, m_noPackages})
        connect(empty, &EmptyState::acted, this, [this] { m_services.board->scanAll({}); });
    connect(m_start, &QPushButton::clicked, this, &UpdatesPage::startSelected);
    connect(m_search, &QLineEdit::textChanged, m_filter, &PendingFilter::setText);
    connect(m_search, &QLineEdit::textChanged, this, &UpdatesPage::refreshCounts);
    connect(m_client, &QComboBox::currentIndexChanged, this, [this] {
        m_filter->setClient(m_client->currentData().toString());
        refreshCounts();
    });
    const auto selectionChanged = [this] {
        const QTableView *shown = m_views->currentIndex() == 0 ? m_table : m_packageTable;
        m_start->setEnabled(shown->selectionModel()->hasSelection());
    };
    for (const QTableView *table : {m_table, m_packageTable})
        connect(table->selectionModel(), &QItemSelectionModel::selectionChanged, this,
                selectionChanged);
    connect(m_views, &QStackedWidget::currentChanged, this, selectionChanged);
    connect(m_byPackage, &QPushButton::toggled, this, &UpdatesPage::showByPackage);
    selectionChanged();
    auto *find = new QShortcut(QKeySequence(Qt::CTRL | Qt::Key_L), this);
    connect(find, &QShortcut::activated, m_search, [this] { m_search->setFocus(); });
    m_refresh.setSingleShot(true);
    m_refresh.setInterval(100);
    connect(&m_refresh, &QTimer::timeout, this, &UpdatesPage::refresh);
    const auto later = [this] {
        if (!m_refresh.isActive())
            m_refresh.start();
    };
    connect(m_services.workspace, &WorkspaceService::clientChanged, this, later);
    connect(m_services.workspace, &WorkspaceService::clientRemoved, this, later);
    connect(m_services.workspace, &WorkspaceService::stateChanged, this, later);
    refresh();
}

/// Narrow, or with large text: one below the other.
void UpdatesPage::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    const bool narrow = width() < theme().px(900);
    m_bar->setDirection(narrow ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight);
    m_count->setVisible(!narrow);
}

void UpdatesPage::refresh()
{
    QList<PendingRow> rows;
    const QList<ClientOverview> clients = m_services.workspace->clients();
    const QString chosen = m_client->currentData().toString();
    QSignalBlocker blocker(m_client);
    m_client->clear();
    m_client->addItem(tr("All clients"), QString());
    bool scanned = false, complete = true;
    int unjudged = 0;
    for (const ClientOverview &one : clients) {
        if (one.client.archived)
            continue;
        rows += pendingRows(one);
        m_client->addItem(one.client.name, one.client.id);
        for (const RepositoryOverview &repository : one.repositories)
            scanned = scanned || repository.scanned;
        complete = complete && one.allScanned();
        unjudged += one.unjudged();
    }
    m_client->setCurrentIndex(std::max(0, m_client->findData(chosen)));
    m_filter->setClient(m_client->currentData().toString());
    m_model->setValues(rows);
    if (!rows.isEmpty())
        sayNothing(tr("Nothing matches"), tr("Other filters show more."));
    else if (scanned && !complete)
        sayNothing(tr("Nothing to move so far"), tr("Some repositories were not scanned yet."),
                   tr("Scan again"));
    else if (scanned && unjudged > 0)
        sayNothing(tr("Nothing to move in what was judged"),
                   tr("%n dependencies could not be judged; the scans say why.", nullptr, unjudged),
                   tr("Scan again"));
    else if (scanned)
        sayNothing(tr("Nothing to move"), tr("The last scans found nothing to do."),
                   tr("Scan again"));
    else
        sayNothing(tr("Nothing was scanned yet"),
                   tr("A scan says what is outdated; it runs nothing of a repository."),
                   clients.isEmpty() ? QString() : tr("Scan all clients"));
    refreshCounts();
}

/// Why there is no line, in whichever view.
void UpdatesPage::sayNothing(const QString &title, const QString &words, const QString &action)
{
    for (EmptyState *empty : {m_empty, m_noPackages})
        empty->setTexts(title, words, action);
}

void UpdatesPage::refreshCounts()
{
    m_facets->refresh();
    m_count->setText(m_model->rowCount() > 0
                         ? tr("%1 of %2").arg(m_filter->rowCount()).arg(m_model->rowCount())
                         : QString());
}

void UpdatesPage::exportTo(const QString &path)
{
    QList<PendingRow> rows;
    for (int row = 0; row < m_filter->rowCount(); ++row)
        rows << m_filter->row(m_filter->index(row, 0));
    m_services.workspace->exportUpdates(rows, path)
        .then(this, [this, path](const Result<qint64> &count) {
            emit said(count ? tr("%1 updates written to %2").arg(*count).arg(path)
                            : count.error().message);
        });
}

QWidget *UpdatesPage::packagesView()
{
    m_packageTable->setSortingEnabled(true);
    m_packageTable->sortByColumn(-1, Qt::AscendingOrder);
    m_packageTable->setMouseTracking(true);
    m_packageTable->setContextMenuPolicy(Qt::CustomContextMenu);
    setDispensable(m_packageTable, {PackageModel::Clients, PackageModel::Kind, PackageModel::From});
    auto *buttons = new ButtonDelegate(this);
    m_packageTable->setItemDelegateForColumn(PackageModel::Action, buttons);
    const auto nameAt = [this](const QModelIndex &index) {
        return m_packages->value(m_sortedPackages->mapToSource(index).row()).name;
    };
    connect(buttons, &ButtonDelegate::pressed, this,
            [this, nameAt](const QModelIndex &index) { startEverywhere({nameAt(index)}); });
    connect(m_packageTable, &QTableView::activated, this,
            [this, nameAt](const QModelIndex &index) { showWhere(nameAt(index)); });
    connect(m_packageTable, &QWidget::customContextMenuRequested, this,
            &UpdatesPage::showPackageMenu);
    // Of what the filters let through, however it came to change.
    m_refreshPackages.setSingleShot(true);
    m_refreshPackages.setInterval(50);
    connect(&m_refreshPackages, &QTimer::timeout, this, &UpdatesPage::refreshPackages);
    const auto later = [this] {
        if (m_views->currentIndex() == 1 && !m_refreshPackages.isActive())
            m_refreshPackages.start();
    };
    connect(m_filter, &QAbstractItemModel::rowsInserted, this, later);
    connect(m_filter, &QAbstractItemModel::rowsRemoved, this, later);
    connect(m_filter, &QAbstractItemModel::dataChanged, this, later);
    return withEmptyState(m_packageTable, m_sortedPackages, m_noPackages);
}

void UpdatesPage::showByPackage(bool byPackage)
{
    m_byPackage->setChecked(byPackage);
    if (byPackage)
        refreshPackages();
    m_views->setCurrentIndex(byPackage ? 1 : 0);
}

void UpdatesPage::refreshPackages()
{
    QList<PendingRow> rows;
    for (int row = 0; row < m_filter->rowCount(); ++row)
        rows << m_filter->row(m_filter->index(row, 0));
    m_packages->setValues(packageRows(rows));
}

QStringList UpdatesPage::selectedPackages() const
{
    QStringList names;
    for (const QModelIndex &index : m_packageTable->selectionModel()->selectedRows())
        names << m_packages->value(m_sortedPackages->mapToSource(index).row()).name;
    return names;
}

/// In every repository that the filters let through and whose settings let it move.
void UpdatesPage::startEverywhere(const QStringList &packages)
{
    QList<PendingUpdate> chosen;
    for (int row = 0; row < m_filter->rowCount(); ++row) {
        const PendingUpdate &update = m_filter->row(m_filter->index(row, 0)).update;
        if (packages.contains(update.dependency.name) && update.waits.isEmpty())
            chosen << update;
    }
    if (chosen.isEmpty())
        return emit said(tr("The settings of every repository hold it back; look at the reasons "
                            "there."));
    QStringList jobs;
    for (const PendingUpdate &update : std::as_const(chosen))
        jobs << m_services.board->update(update.clientId, update.repositoryId,
                                         update.dependency.name);
    jobs.removeDuplicates();
    if (jobs.size() == 1)
        emit go({Place::Page::Job, jobs.first()});
    else
        emit go({Place::Page::Jobs, {}});
}

void UpdatesPage::showWhere(const QString &package)
{
    m_search->setText(package);
    showByPackage(false);
    m_table->setFocus();
}

/// In every repository that the filters let through and that has it.
void UpdatesPage::skipEverywhere(const Skip &skip)
{
    QSet<QStringList> done;
    for (int row = 0; row < m_filter->rowCount(); ++row) {
        const PendingUpdate &update = m_filter->row(m_filter->index(row, 0)).update;
        const QStringList key{update.clientId, update.repositoryId};
        if (update.dependency.name != skip.name || done.contains(key))
            continue;
        for (const ClientOverview &client : m_services.workspace->clients()) {
            const RepositoryOverview *found = client.client.id == update.clientId
                ? client.repository(update.repositoryId)
                : nullptr;
            if (!found)
                continue;
            ClientRepository repository = found->repository;
            repository.overrides["skip"] = withSkip(
                m_services.workspace->settingsOf(update.clientId, update.repositoryId).skips(),
                skip);
            m_services.workspace->saveRepository(repository)
                .then(this, [this](const Result<> &saved) {
                    if (!saved)
                        emit said(saved.error().message);
                });
            done.insert(key);
        }
    }
    if (!done.isEmpty())
        emit said(
            tr("Skipped in %n repositories: %1", nullptr, int(done.size())).arg(toString(skip)));
}

void UpdatesPage::showPackageMenu(const QPoint &position)
{
    const QModelIndex at = m_packageTable->indexAt(position);
    if (!at.isValid())
        return;
    const PackageRow row = m_packages->value(m_sortedPackages->mapToSource(at).row());
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("Show where"), this, [this, row] { showWhere(row.name); });
    menu->addAction(tr("Update everywhere"), this, [this, row] { startEverywhere({row.name}); });
    menu->addSeparator();
    menu->addAction(tr("Skip %1 everywhere until there is a newer one").arg(row.target), this,
                    [this, row] { skipEverywhere({row.name, row.target, {}}); });
    menu->addAction(tr("Skip this package everywhere for a month"), this, [this, row] {
        skipEverywhere({row.name, {}, QDate::currentDate().addMonths(1)});
    });
    menu->addSeparator();
    menu->addAction(tr("Copy the name"), this,
                    [row] { QGuiApplication::clipboard()->setText(row.name); });
    menu->popup(m_packageTable->viewport()->mapToGlobal(position));
}

void UpdatesPage::startSelected()
{
    if (m_views->currentIndex() == 1)
        return startEverywhere(selectedPackages());
    QStringList jobs;
    QList<PendingUpdate> chosen;
    for (const QModelIndex &index : m_table->selectionModel()->selectedRows())
        chosen << m_filter->row(index).update;
    for (const PendingUpdate &update : std::as_const(chosen))
        jobs << m_services.board->update(update.clientId, update.repositoryId,
                                         update.dependency.name);
    if (jobs.size() == 1)
        emit go({Place::Page::Job, jobs.first()});
    else if (!jobs.isEmpty())
        emit go({Place::Page::Jobs, {}});
}

} // namespace ovvoc
