#include "job/jobpage.h"

#include "format.h"
#include "theme/theme.h"
#include "updates/confidence.h"
#include "widgets/basics.h"
#include "widgets/columnfitter.h"
#include "widgets/emptystate.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QMap>
#include <QMenu>
#include <QPushButton>
#include <QShortcut>
#include <QTabBar>
#include <QTabWidget>
#include <QTableView>
#include <QToolButton>
#include <QTreeView>
#include <QVBoxLayout>

namespace ovvoc {

namespace {

/// A table with one line of sums above it.
QWidget *withSum(TextLabel **sum, QWidget *view)
{
    auto *page = new QWidget;
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    *sum = label({}, theme().font, Tone::Muted);
    (*sum)->setContentsMargins(16, 10, 16, 10);
    (*sum)->setWordWrap(true);
    layout->addWidget(*sum);
    layout->addWidget(view, 1);
    return page;
}

} // namespace

JobPage::JobPage(const Job &job, const Services &services, QWidget *parent)
    : QWidget(parent)
    , m_services(services)
    , m_log(services.board ? services.board->log(job.request.id) : nullptr)
{
    if (!m_log)
        m_log = new LogDocument(this);
    if (services.board) {
        connect(services.board, &JobBoard::runChanged, this, [this](const RunReport &run) {
            if (!run.id.isEmpty() && run.id == m_job.request.runId)
                m_result->setRun(run);
        });
    }
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    buildHeader(layout);
    auto *body = new QVBoxLayout;
    body->setContentsMargins(20, 16, 20, 20);
    body->setSpacing(14);
    auto *life = card();
    auto *lifeLayout = new QVBoxLayout(life);
    lifeLayout->setContentsMargins(4, 4, 4, 4);
    m_lifecycle = new LifecycleView;
    lifeLayout->addWidget(m_lifecycle);
    body->addWidget(life);
    auto *lower = new QHBoxLayout;
    lower->setSpacing(14);
    lower->addWidget(buildTabs(), 1);
    m_side = new JobSide;
    m_sideArea = scrolled(m_side);
    m_sideArea->setFixedWidth(std::min(theme().px(300), 420));
    lower->addWidget(m_sideArea);
    body->addLayout(lower, 1);
    layout->addLayout(body, 1);

    m_clock.setInterval(1000);
    connect(&m_clock, &QTimer::timeout, this, [this] {
        if (!m_job.isOver())
            m_elapsed->setText(
                tr("%1 elapsed")
                    .arg(seconds(m_job.created.msecsTo(QDateTime::currentDateTimeUtc()))));
    });
    m_clock.start();
    auto *find = new QShortcut(QKeySequence::Find, this);
    find->setContext(Qt::WidgetWithChildrenShortcut);
    connect(find, &QShortcut::activated, this, [this] {
        showTab("Log");
        m_logTab->focusFind();
    });
    if (m_services.board) {
        connect(m_services.board, &JobBoard::sampled, this, [this](const QString &id) {
            if (id == m_job.request.id && isVisible())
                m_side->setSamples(m_services.board->samples(id));
        });
        m_side->setSamples(m_services.board->samples(job.request.id));
    }
    setJob(job);
    if (!m_job.isOver())
        showTab("Log");
}

void JobPage::buildHeader(QVBoxLayout *layout)
{
    QBoxLayout *row = nullptr;
    layout->addWidget(pageHeader(&row));
    row->setSpacing(6);
    m_client = quietButton({});
    m_repository = quietButton({});
    for (QPushButton *crumb : {m_client, m_repository}) {
        crumb->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Preferred);
        row->addWidget(crumb);
        TextLabel *slash = label(QStringLiteral("/"), theme().font, Tone::Muted);
        row->addWidget(slash);
        (crumb == m_client ? m_clientSlash : m_repositorySlash) = slash;
        connect(crumb, &QPushButton::clicked, this, [this, crumb] {
            emit go(crumb == m_client ? Place{Place::Page::Client, m_job.request.clientId}
                                      : Place{Place::Page::Repository, m_job.request.repositoryId});
        });
    }
    m_title = selectable(label({}, theme().title));
    m_title->setElided(true);
    m_title->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    m_badge = label({}, theme().strong, Tone::Muted);
    m_started = pill({});
    m_started->setElided(true);
    m_elapsed = label({}, theme().font, Tone::Muted);
    m_open = new QPushButton(tr("Open pull request"));
    m_cancel = new QPushButton(tr("Cancel and destroy"));
    m_cancel->setToolTip(tr("Ends the job now and destroys its cell"));
    m_again = new QPushButton(tr("Run again"));
    auto *more = new QToolButton;
    more->setText(QStringLiteral("⋯"));
    more->setFocusPolicy(Qt::TabFocus);
    more->setAccessibleName(tr("More"));
    more->setToolTip(tr("More"));
    more->setPopupMode(QToolButton::InstantPopup);
    auto *menu = new QMenu(more);
    menu->addAction(tr("Copy a link to this job"), this, [this] {
        QGuiApplication::clipboard()->setText(
            Place{Place::Page::Job, m_job.request.id}.url().toString());
        emit said(tr("The link was copied."));
    });
    menu->addAction(tr("Open in a new window"), this,
                    [this] { emit windowRequested(m_job.request.id); });
    more->setMenu(menu);
    row->addWidget(m_title, 1);
    row->addWidget(m_badge);
    row->addSpacing(6);
    row->addWidget(m_started);
    row->addWidget(m_elapsed);
    row->addWidget(m_open);
    row->addWidget(m_cancel);
    row->addWidget(m_again);
    row->addWidget(more);
    connect(m_cancel, &QPushButton::clicked, this, [this] {
        m_cancel->setEnabled(false);
        if (m_services.board)
            m_services.board->cancel(m_job.request.id);
    });
    connect(m_again, &QPushButton::clicked, this,
            [this] { emit againRequested(m_job.request, {}); });
    connect(m_open, &QPushButton::clicked, this,
            [this] { emit browse(QUrl(m_job.proposal->location)); });
}

/// Narrow, or with large text: first the title and the tabs, then the rest.
void JobPage::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    const bool narrow = width() < theme().px(880);
    m_sideArea->setVisible(!narrow);
    m_started->setVisible(!narrow);
    m_elapsed->setVisible(!narrow);
    m_client->setVisible(!narrow);
    m_clientSlash->setVisible(!narrow);
    const bool tight = width() < theme().px(720);
    m_repository->setVisible(!tight);
    m_repositorySlash->setVisible(!tight);
    m_open->setText(tight ? tr("Open PR") : tr("Open pull request"));
}

void JobPage::addTab(QWidget *page, const QString &name, const QString &title)
{
    page->setObjectName(name);
    m_tabs->addTab(page, title);
}

QWidget *JobPage::buildTabs()
{
    auto *frame = card();
    auto *layout = new QVBoxLayout(frame);
    layout->setContentsMargins(1, 1, 1, 6);
    m_tabs = partTabs(tr("Parts of the job"));
    layout->addWidget(m_tabs);
    m_result = new ResultView;
    connect(m_result, &ResultView::stepChosen, this, &JobPage::takeStep);
    m_evidence = new EvidenceModel(this);
    m_tests = new TestsModel(this);
    m_scan = new ScanModel(this);
    m_plan = new PlanModel(this);
    m_code = new CodeModel(this);
    m_logTab = new LogTab(m_log);
    connect(m_logTab, &LogTab::said, this, &JobPage::said);
    addTab(m_logTab, "Log", tr("Log"));
    addTab(m_result, "Result", tr("Result"));
    addTab(makeTable(m_scan, tr("What the scan found"), ScanModel::Note), "Scan",
           tr("Dependencies"));
    addTab(buildChanges(), "Changes", tr("Changes"));
    addTab(buildTests(), "Tests", tr("Tests"));
    addTab(buildEgress(), "Egress", tr("Egress"));
    addTab(withSum(&m_evidenceSum, makeTable(m_evidence, tr("Isolation"), EvidenceModel::Found)),
           "Isolation", tr("Isolation"));
    QTableView *plan = makeTable(m_plan, tr("Plan"), PlanModel::Note);
    setDispensable(plan, {PlanModel::Age, PlanModel::Range, PlanModel::Category});
    addTab(withSum(&m_planSum, plan), "Plan", tr("Plan"));
    QTableView *code = makeTable(m_code, tr("Code"), CodeModel::Title);
    setDispensable(code, {CodeModel::Sure, CodeModel::Rule});
    addTab(withSum(&m_codeSum, code), "Code", tr("Code"));
    return frame;
}

QWidget *JobPage::buildChanges()
{
    auto *page = new QWidget;
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(16, 6, 12, 6);
    m_changesSum = label({}, theme().font, Tone::Muted);
    m_changesSum->setElided(true);
    auto *beside = chip(tr("Side by side"));
    auto *unfold = chip(tr("Show lockfiles"));
    bar->addWidget(m_changesSum, 1);
    bar->addWidget(unfold);
    bar->addWidget(beside);
    layout->addLayout(bar);
    m_diff = new DiffView;
    layout->addWidget(m_diff, 1);
    connect(beside, &QPushButton::toggled, m_diff, &DiffView::setSideBySide);
    connect(unfold, &QPushButton::toggled, m_diff, &DiffView::setUnfolded);
    connect(m_diff, &DiffView::unfoldedChanged, unfold, &QPushButton::setChecked);
    return page;
}

QWidget *JobPage::buildTests()
{
    m_testsTree = makeTree(m_tests, tr("Tests"), TestsModel::Name);
    m_testsTree->setToolTip(tr("Return shows the test in the log"));
    connect(m_testsTree, &QTreeView::activated, this, [this](const QModelIndex &index) {
        const TestCase *test = m_tests->test(index);
        if (!test) {
            const QModelIndex group = index.siblingAtColumn(0);
            return m_testsTree->setExpanded(group, !m_testsTree->isExpanded(group));
        }
        const QString name = test->name;
        showTab("Log");
        m_logTab->find(name);
    });
    m_noTests = new EmptyState;
    return withSum(&m_testsSum, withEmptyState(m_testsTree, m_tests, m_noTests));
}

QWidget *JobPage::buildEgress()
{
    m_egress = new EgressModel(this);
    return withSum(&m_egressSum, makeTable(m_egress, tr("Egress"), EgressModel::Host));
}

void JobPage::updateCode()
{
    const QList<CodeRow> rows = codeRows(m_job.code);
    m_code->setValues(rows);
    setCount("Code", tr("Code"), rows.size());
    QStringList uses;
    for (const PackageUse &use : m_job.code.uses.mid(0, 5))
        uses << tr("%1 in %n file(s)", nullptr, use.files).arg(use.package);
    m_codeSum->setText(
        !m_job.code.isRead()
            ? (m_job.isOver() ? tr("The code was not looked at.")
                              : tr("The code is looked at when the gate has closed."))
            : uses.isEmpty()
            ? tr("No import of what moves was found.")
            : tr("What moves is imported: %1.").arg(uses.join(QStringLiteral(", "))));
}

void JobPage::setCount(const QString &name, const QString &title, qsizetype count)
{
    for (int i = 0; i < m_tabs->count(); ++i) {
        if (m_tabs->widget(i)->objectName() != name)
            continue;
        const QString text = count > 0 ? QStringLiteral("%1 %2").arg(title).arg(count) : title;
        if (m_tabs->tabText(i) != text)
            m_tabs->setTabText(i, text);
    }
}

void JobPage::showTab(const QString &name)
{
    for (int i = 0; i < m_tabs->count(); ++i) {
        if (m_tabs->widget(i)->objectName() == name)
            m_tabs->setCurrentIndex(i);
    }
}

QString JobPage::title() const
{
    return jobTitle(m_job);
}

void JobPage::setKeptLog(const QByteArray &log)
{
    if (log.isEmpty()) {
        m_log->setEmptyText(tr("The log of this job was not kept. Set \"Keep sealed logs\" in the "
                               "settings to keep those of later jobs."));
        m_logTab->view()->viewport()->update();
        return;
    }
    LogChunk chunk;
    chunk.time = m_job.created;
    chunk.source = LogChunk::Source::Stdout;
    chunk.text = log;
    m_log->append(chunk);
}

void JobPage::setJob(const Job &job)
{
    m_job = job;
    m_lifecycle->setJob(job);
    updateHeader();
    m_side->setJob(job);
    updateTabs();
}

/// Why a job that waits does not run yet.
QString JobPage::waitsFor() const
{
    int before = 0;
    for (const Job *other :
         m_services.board ? m_services.board->unfinished() : QList<const Job *>()) {
        if (other->request.id == m_job.request.id)
            break;
        if (other->request.repositoryId == m_job.request.repositoryId)
            return tr("○ waits: another job works on this repository");
        ++before;
    }
    return before > 0 ? tr("○ waits: %n job(s) before it", nullptr, before) : tr("○ waiting");
}

void JobPage::updateHeader()
{
    const Job &job = m_job;
    m_client->setText(shortened(job.request.clientName, 24));
    m_client->setToolTip(plainTip(job.request.clientName));
    const bool known = m_services.workspace && m_services.workspace->client(job.request.clientId);
    m_client->setEnabled(known);
    m_repository->setText(shortened(job.request.repositoryName, 28));
    m_repository->setToolTip(plainTip(job.request.repositoryName));
    m_repository->setEnabled(known);
    const QString what = title();
    m_title->setText(what);
    m_title->setToolTip(plainTip(what));
    QString state;
    Tone tone = Tone::Muted;
    switch (job.outcome) {
    case Outcome::None:
        state = job.running() ? tr("● running") : waitsFor();
        tone = job.running() ? Tone::Accent : Tone::Muted;
        break;
    case Outcome::Succeeded:
        state = job.proposal && job.proposal->number > 0 ? tr("✓ PR #%1").arg(job.proposal->number)
            : job.proposal                               ? tr("✓ proposed")
            : job.request.kind == JobKind::Scan          ? tr("✓ scanned")
            : job.request.kind == JobKind::Check         ? tr("✓ passes")
            : job.plan.skipped.isEmpty()                 ? tr("✓ up to date")
                                                         : tr("– nothing moved");
        tone = Tone::Good;
        break;
    case Outcome::Failed:
        state = tr("✕ failed");
        tone = Tone::Bad;
        break;
    case Outcome::Cancelled:
        state = tr("– cancelled");
        break;
    }
    m_badge->setText(state);
    m_badge->setTone(tone);
    const QString when = QLocale().toString(job.created.toLocalTime(), QLocale::ShortFormat);
    m_started->setText(job.request.trigger == QLatin1String("schedule")
                           ? tr("by schedule, %1").arg(when)
                           : tr("by you, %1").arg(when));
    m_started->setToolTip(tr("Job %1").arg(job.request.id));
    qint64 total = 0;
    for (const Phase &phase : job.phases)
        total += phase.milliseconds();
    if (job.isOver())
        m_elapsed->setText(total > 0 ? tr("took %1").arg(seconds(total)) : QString());
    m_cancel->setVisible(!job.isOver());
    m_cancel->setText(job.running() ? tr("Cancel and destroy") : tr("Cancel"));
    m_again->setVisible(job.isOver());
    m_open->setVisible(job.proposal && job.proposal->number > 0);
}

void JobPage::updateEgress()
{
    const Job &job = m_job;
    m_egress->setValues(job.egress);
    setCount("Egress", tr("Egress"), job.egress.size());
    struct Sum
    {
        qint64 in = 0, out = 0;
        int count = 0, refused = 0;
    };
    QMap<QString, Sum> hosts;
    for (const EgressRow &row : job.egress) {
        Sum &sum = hosts[row.host];
        sum.in += row.bytesIn;
        sum.out += row.bytesOut;
        ++sum.count;
        sum.refused += row.verdict == EgressRow::Verdict::Refused ? 1 : 0;
    }
    QStringList lines;
    for (auto it = hosts.cbegin(); it != hosts.cend() && lines.size() < 6; ++it) {
        QString line = tr("%1: %n connection(s), %2 in, %3 out", nullptr, it->count)
                           .arg(shortened(it.key(), 60), sized(it->in), sized(it->out));
        if (it->refused > 0)
            line += tr(", %1 refused").arg(it->refused);
        lines << line;
    }
    if (hosts.size() > 6)
        lines << tr("and %n more host(s)", nullptr, int(hosts.size()) - 6);
    if (!lines.isEmpty())
        lines << tr("Allowed: %1")
                     .arg(job.allowedHosts.isEmpty() ? tr("nothing")
                                                     : job.allowedHosts.join(QStringLiteral(", ")));
    m_egressSum->setText(lines.isEmpty() ? tr("No connection was asked for yet.")
                                         : lines.join('\n'));
}

/// Where there is little, all; where there is much, what failed.
void JobPage::expandTests()
{
    constexpr int little = 60;
    if (m_tests->tests() <= little)
        return m_testsTree->expandAll();
    QList<QModelIndex> open;
    for (int row = 0; row < m_tests->rowCount(); ++row)
        open << m_tests->index(row, 0);
    while (!open.isEmpty()) {
        const QModelIndex index = open.takeLast();
        if (!m_tests->failed(index))
            continue;
        m_testsTree->setExpanded(index, true);
        for (int row = 0; row < m_tests->rowCount(index); ++row)
            open << m_tests->index(row, 0, index);
    }
}

void JobPage::updateTests()
{
    const Job &job = m_job;
    if (!job.tests) {
        m_testsSum->hide();
        m_noTests->setTexts(job.isOver() ? tr("No test result") : tr("Not run yet"),
                            job.isOver() ? tr("The job ended before its tests, or they said "
                                              "nothing in a form that is known.")
                                         : tr("The tests run after the build, without a network."));
        return;
    }
    TestSummary summary = *job.tests;
    if (summary.cases.isEmpty() && job.failure)
        summary.cases = job.failure->tests;
    const bool fresh = m_tests->tests() != summary.cases.size();
    m_tests->setSummary(summary);
    if (fresh) {
        expandTests();
        refitColumns(m_testsTree);
    }
    m_noTests->setTexts(tr("No test is kept by name"),
                        tr("Of a job that is over only failing tests are kept by name."));
    m_testsSum->show();
    setCount("Tests", tr("Tests"), job.tests->total());
    QString sum = tr("%1: %2 passed, %3 failed, %4 skipped")
                      .arg(job.tests->runner)
                      .arg(job.tests->passed)
                      .arg(job.tests->failed)
                      .arg(job.tests->skipped);
    if (!summary.cases.isEmpty() && summary.cases.size() < job.tests->total() && job.isOver())
        sum += tr(". Of a job that is over only failing tests are kept by name.");
    m_testsSum->setText(sum);
}

void JobPage::updateTabs()
{
    const Job &job = m_job;
    const bool scan = job.request.kind == JobKind::Scan;
    const auto visible = [this](const QString &name, bool shown) {
        for (int i = 0; i < m_tabs->count(); ++i) {
            if (m_tabs->widget(i)->objectName() == name && m_tabs->isTabVisible(i) != shown)
                m_tabs->setTabVisible(i, shown);
        }
    };
    visible("Scan", scan);
    visible("Changes", !scan);
    visible("Tests", !scan);
    visible("Plan", !scan);
    visible("Code", !scan);
    visible("Result", job.isOver() && (!scan || job.failure));

    QList<DiffMark> marks;
    for (const CodeChange &change : job.code.changes) {
        for (const CodePlace &place : change.changed)
            marks << DiffMark{place.file, place.line, change.package + '/' + change.rule};
    }
    m_diff->setPatch(job.patch, marks);
    m_diff->setEmptyText(job.isOver() && job.proposal
                             ? tr("The change itself is never kept. It is on the branch %1.")
                                   .arg(job.proposal->branch)
                             : job.isOver() ? tr("Nothing was changed, or the change was not kept.")
                                            : tr("The change appears here when it is sealed."));
    setCount("Changes", tr("Changes"), job.patch.files.size());
    int added = 0, removed = 0;
    for (const FileChange &file : job.patch.files) {
        added += file.added;
        removed += file.removed;
    }
    m_changesSum->setText(
        job.patch.isEmpty()
            ? QString()
            : tr("%n file(s), +%1 −%2, sealed as SHA-256 %3", nullptr, int(job.patch.files.size()))
                  .arg(added)
                  .arg(removed)
                  .arg(QString::fromLatin1(job.patch.sha256.left(16))));
    updateEgress();
    m_evidence->setValues(job.evidence);
    int holds = 0, differs = 0, absent = 0;
    for (const Evidence &one : job.evidence) {
        holds += one.verdict == Verdict::Holds ? 1 : 0;
        differs += one.verdict == Verdict::Differs ? 1 : 0;
        absent += one.verdict == Verdict::NotHere ? 1 : 0;
    }
    setCount("Isolation", tr("Isolation"), job.evidence.size());
    m_evidenceSum->setText(
        job.evidence.isEmpty()
            ? tr("The cell is read back and probed from inside before anything runs in it.")
            : tr("Read back from the engine and probed from inside before anything ran: %1 hold, "
                 "%2 differ, %3 do not exist on this machine.")
                  .arg(holds)
                  .arg(differs)
                  .arg(absent));
    updateTests();
    m_plan->setPlan(job);
    setCount("Plan", tr("Plan"), job.plan.updates.size());
    updateCode();
    if (job.proposal) {
        const Confidence confidence = confidenceOf(job);
        m_planSum->setText(
            tr("Confidence: %1. %2")
                .arg(confidence.title(), confidence.sentences().join(QStringLiteral("; "))));
    } else {
        m_planSum->setText(tr("What moves, and what stays and why."));
    }
    if (job.scan) {
        QList<ScannedDependency> list = job.scan->dependencies;
        std::stable_sort(list.begin(), list.end(),
                         [](const ScannedDependency &a, const ScannedDependency &b) {
                             return a.level.has_value() > b.level.has_value();
                         });
        m_scan->setValues(list);
        setCount("Scan", tr("Dependencies"), list.size());
    }
    if (job.isOver()) {
        if (const RunReport *run =
                m_services.board ? m_services.board->run(job.request.runId) : nullptr)
            m_result->setRun(*run);
        m_result->setJob(job);
        if (!std::exchange(m_resultShown, true))
            showTab(scan && !job.failure ? "Scan" : "Result");
    }
}

} // namespace ovvoc
