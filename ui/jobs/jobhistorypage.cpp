#include "jobs/jobhistorypage.h"

#include "format.h"
#include "theme/theme.h"
#include "widgets/basics.h"
#include "widgets/clientbox.h"
#include "widgets/columnfitter.h"
#include "widgets/emptystate.h"
#include "widgets/lifecyclebar.h"

#include <QComboBox>
#include <QFileDialog>
#include <QHeaderView>
#include <QLineEdit>
#include <QScrollBar>
#include <QSet>
#include <QShortcut>
#include <QTableView>
#include <QVBoxLayout>

namespace ovvoc {

namespace {

constexpr qsizetype takenAtOnce = 500; ///< jobs whose news fit into a frame

} // namespace

JobHistoryPage::JobHistoryPage(const Services &services, QWidget *parent)
    : QWidget(parent)
    , m_services(services)
    , m_model(new JobListModel(services, this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    QBoxLayout *head = nullptr;
    layout->addWidget(pageHeader(&head));
    head->addWidget(label(tr("Jobs"), theme().title));
    head->addStretch(1);
    auto *save = new QPushButton(tr("Export…"));
    save->setToolTip(tr("Everything that the filters let through, as CSV or JSON Lines"));
    head->addWidget(save);

    auto *body = new QVBoxLayout;
    body->setContentsMargins(20, 16, 20, 20);
    body->setSpacing(12);
    m_search = new QLineEdit;
    m_search->setPlaceholderText(tr("Whole name of a package or repository (Ctrl+L)"));
    m_search->setAccessibleName(tr("Search jobs"));
    m_search->setClearButtonEnabled(true);
    auto *first = new QHBoxLayout;
    first->setSpacing(8);
    m_client = new ClientBox(m_services.workspace);
    m_repository = facet(tr("Repository"));
    m_outcome = facet(tr("State"));
    m_kind = facet(tr("Kind"));
    m_level = facet(tr("Level"));
    m_time = facet(tr("Time"));
    m_order = facet(tr("Order"));
    for (QComboBox *box :
         {static_cast<QComboBox *>(m_client), m_repository, m_outcome, m_kind, m_level})
        first->addWidget(box, box == m_client || box == m_repository ? 3 : 2);
    auto *top = new QHBoxLayout;
    top->setSpacing(8);
    top->addWidget(m_search, 4);
    top->addWidget(m_time, 1);
    top->addWidget(m_order, 1);
    body->addLayout(top);
    body->addLayout(first);
    m_repository->addItem(tr("All repositories"), QString());
    m_outcome->addItem(tr("Any state"), QString());
    for (const auto &[title, outcome] : {std::pair(tr("running"), Outcome::None),
                                         {tr("succeeded"), Outcome::Succeeded},
                                         {tr("failed"), Outcome::Failed},
                                         {tr("cancelled"), Outcome::Cancelled}})
        m_outcome->addItem(title, toString(outcome));
    m_kind->addItem(tr("Any kind"), QString());
    m_kind->addItem(tr("updates"), toString(JobKind::Update));
    m_kind->addItem(tr("scans"), toString(JobKind::Scan));
    m_kind->addItem(tr("tries"), toString(JobKind::Check));
    m_level->addItem(tr("Any level"), QString());
    for (const UpdateLevel level : {UpdateLevel::Patch, UpdateLevel::Minor, UpdateLevel::Major})
        m_level->addItem(toString(level), toString(level));
    m_time->addItem(tr("Any time"), 0);
    for (const int days : {1, 7, 30, 365})
        m_time->addItem(tr("last %n day(s)", nullptr, days), days);
    using Order = JobFilter::Order;
    for (const auto &[title, order] : {std::pair(tr("Newest first"), Order::Newest),
                                       {tr("Oldest first"), Order::Oldest},
                                       {tr("Longest first"), Order::Longest},
                                       {tr("Shortest first"), Order::Shortest}})
        m_order->addItem(title, int(order));

    QVBoxLayout *inner = nullptr;
    QFrame *frame = card(&inner);
    inner->setContentsMargins(1, 4, 1, 4);
    m_table = makeTable(m_model, tr("Jobs"), JobListModel::What);
    setDispensable(
        m_table,
        {JobListModel::Level, JobListModel::Life, JobListModel::Took, JobListModel::ClientColumn});
    m_table->horizontalHeader()->setSortIndicator(JobListModel::Started, Qt::DescendingOrder);
    m_table->setSortingEnabled(true);
    m_table->setItemDelegateForColumn(JobListModel::Life, new LifecycleDelegate(this));
    m_empty = new EmptyState;
    inner->addWidget(withEmptyState(m_table, m_model, m_empty));
    body->addWidget(frame, 1);
    layout->addLayout(body, 1);

    m_typing.setSingleShot(true);
    m_typing.setInterval(200);
    connect(&m_typing, &QTimer::timeout, this, &JobHistoryPage::applyFilter);
    connect(m_search, &QLineEdit::textChanged, this, [this] { m_typing.start(); });
    connect(m_client, &ClientBox::chosen, this, [this] {
        fillRepositories();
        applyFilter();
    });
    for (QComboBox *box : {m_repository, m_outcome, m_kind, m_level, m_time, m_order})
        connect(box, &QComboBox::currentIndexChanged, this, &JobHistoryPage::applyFilter);
    connect(m_table, &QTableView::activated, this, [this](const QModelIndex &index) {
        emit go({Place::Page::Job, m_model->job(index.row()).id});
    });
    connect(m_table, &QTableView::clicked, this, [this](const QModelIndex &index) {
        emit go({Place::Page::Job, m_model->job(index.row()).id});
    });
    connect(m_model, &JobListModel::loaded, this, &JobHistoryPage::describeEmpty);
    connect(m_model, &JobListModel::failed, this, [this](const Error &error) {
        m_empty->setTexts(tr("The jobs cannot be read"), error.message, tr("Try again"));
    });
    connect(m_empty, &EmptyState::acted, this, [this] {
        m_services.workspace->open();
        applyFilter();
    });
    connect(m_model, &JobListModel::orderWanted, this, [this](Order order) {
        m_order->setCurrentIndex(m_order->findData(int(order)));
        showOrder(order);
    });
    m_changes.setSingleShot(true);
    m_changes.setInterval(50);
    connect(&m_changes, &QTimer::timeout, this, &JobHistoryPage::takeChanges);
    connect(m_services.board, &JobBoard::changed, this, [this](const QString &id) {
        m_changed << id;
        if (!m_changes.isActive())
            m_changes.start();
    });
    connect(m_services.board, &JobBoard::refused, m_model,
            [model = m_model](const QString &id) { model->forget(id); });
    connect(m_services.workspace, &WorkspaceService::stateChanged, this, [this] {
        if (m_services.workspace->isReady())
            applyFilter();
    });
    connect(save, &QPushButton::clicked, this, [this] {
        QFileDialog *dialog = exportDialog(this, tr("Export jobs"));
        connect(dialog, &QFileDialog::fileSelected, this, &JobHistoryPage::exportTo);
        dialog->open();
    });
    auto *find = new QShortcut(QKeySequence(Qt::CTRL | Qt::Key_L), this);
    connect(find, &QShortcut::activated, m_search, [this] { m_search->setFocus(); });
    m_empty->setTexts(tr("Opening…"), {});
    if (m_services.workspace->isReady())
        applyFilter();
}

QComboBox *JobHistoryPage::facet(const QString &name)
{
    auto *box = new QComboBox;
    box->setAccessibleName(name);
    box->setToolTip(plainTip(name));
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(8);
    return box;
}

void JobHistoryPage::fillRepositories()
{
    QSignalBlocker blocker(m_repository);
    m_repository->clear();
    m_repository->addItem(tr("All repositories"), QString());
    if (const ClientOverview *client = m_services.workspace->client(m_client->clientId())) {
        for (const RepositoryOverview &one : client->repositories)
            m_repository->addItem(one.repository.title(), one.repository.id);
    }
    m_repository->setEnabled(m_repository->count() > 1);
}

void JobHistoryPage::applyFilter()
{
    m_typing.stop();
    JobFilter filter;
    filter.clientId = m_client->clientId();
    filter.repositoryId = m_repository->currentData().toString();
    filter.outcome = m_outcome->currentData().toString();
    filter.kind = m_kind->currentData().toString();
    filter.level = m_level->currentData().toString();
    filter.word = m_search->text().trimmed();
    filter.order = JobFilter::Order(m_order->currentData().toInt());
    showOrder(filter.order);
    if (const int days = m_time->currentData().toInt(); days > 0)
        filter.from = QDateTime::currentDateTimeUtc().addDays(-days);
    m_empty->setTexts(tr("Looking…"), {});
    m_model->setFilter(filter);
}

/// The header's arrow says the same as the box.
void JobHistoryPage::showOrder(JobFilter::Order order)
{
    using Order = JobFilter::Order;
    const bool byTime = order == Order::Newest || order == Order::Oldest;
    const bool ascending = order == Order::Oldest || order == Order::Shortest;
    QHeaderView *header = m_table->horizontalHeader();
    const QSignalBlocker blocker(header);
    header->setSortIndicator(byTime ? JobListModel::Started : JobListModel::Took,
                             ascending ? Qt::AscendingOrder : Qt::DescendingOrder);
    header->viewport()->update();
}

void JobHistoryPage::takeChanges()
{
    QList<const Job *> jobs;
    QSet<QString> seen;
    qsizetype taken = 0;
    while (taken < m_changed.size() && jobs.size() < takenAtOnce) {
        const QString id = m_changed[taken++];
        if (seen.contains(id))
            continue;
        seen << id;
        if (const Job *job = m_services.board->job(id))
            jobs << job;
    }
    m_changed.remove(0, taken);
    m_model->take(jobs);
    if (!m_changed.isEmpty())
        m_changes.start();
}

void JobHistoryPage::describeEmpty()
{
    const JobFilter &filter = m_model->filter();
    const bool all = filter.clientId.isEmpty() && filter.outcome.isEmpty() && filter.kind.isEmpty()
        && filter.level.isEmpty() && filter.word.isEmpty() && !filter.from.isValid();
    if (all)
        m_empty->setTexts(tr("No job yet"),
                          tr("Start one from a client, or with Ctrl+N for a "
                             "folder on this machine."));
    else
        m_empty->setTexts(tr("No job matches"),
                          tr("A search finds whole names of packages and repositories."));
}

void JobHistoryPage::exportTo(const QString &path)
{
    m_services.workspace->exportJobs(m_model->filter(), path)
        .then(this, [this, path](const Result<qint64> &count) {
            emit said(count ? tr("%1 jobs written to %2").arg(*count).arg(path)
                            : count.error().message);
        });
}

} // namespace ovvoc
