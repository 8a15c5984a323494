#include "job/jobpage.h"

#include "format.h"
#include "theme/theme.h"
#include "widgets/textlabel.h"

#include <QGridLayout>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QShortcut>
#include <QTabBar>
#include <QTabWidget>
#include <QTableView>
#include <QVBoxLayout>

namespace ovvoc {

namespace {

QFrame *card()
{
    auto *frame = new QFrame;
    frame->setObjectName("card");
    return frame;
}

TextLabel *label(const QFont &font, Tone tone, bool selectable = false)
{
    auto *text = new TextLabel({}, tone);
    text->setFont(font);
    if (selectable)
        text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return text;
}

QString found(const Job &job, const char *control)
{
    for (const Evidence &one : job.evidence) {
        if (one.control == QLatin1String(control))
            return one.found;
    }
    return {};
}

QString what(const Job &job)
{
    if (!job.plan.updates.isEmpty())
        return job.plan.title();
    if (job.request.kind == JobKind::Scan)
        return JobPage::tr("Scan");
    const UpdateSelection &selection = job.request.selection;
    if (selection.package.isEmpty())
        return JobPage::tr("Update everything");
    return selection.version.isEmpty()
        ? JobPage::tr("Update %1").arg(selection.package)
        : JobPage::tr("Update %1 to %2").arg(selection.package, selection.version);
}

} // namespace

JobPage::JobPage(const Job &job, QWidget *parent)
    : QWidget(parent)
    , m_log(new LogDocument(this))
{
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
    lower->addWidget(buildSide());
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
    connect(find, &QShortcut::activated, this, [this] {
        showTab("Log");
        m_find->setFocus();
        m_find->selectAll();
    });
    setJob(job);
    showTab("Log");
}

void JobPage::buildHeader(QVBoxLayout *layout)
{
    auto *header = new QFrame;
    header->setObjectName("header");
    header->setFixedHeight(56);
    auto *row = new QHBoxLayout(header);
    row->setContentsMargins(20, 0, 20, 0);
    row->setSpacing(10);
    m_path = label(theme().font, Tone::Muted);
    m_title = label(theme().title, Tone::Plain, true);
    m_path->setElided(true);
    m_title->setElided(true);
    m_path->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Preferred);
    m_title->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    m_badge = label(theme().small, Tone::Muted);
    m_elapsed = label(theme().font, Tone::Muted);
    m_cancel = new QPushButton(tr("Cancel and destroy"));
    m_cancel->setToolTip(tr("Ends the job now and destroys its cell"));
    m_again = new QPushButton(tr("Run again"));
    row->addWidget(m_path);
    row->addWidget(m_title, 1);
    row->addWidget(m_badge);
    row->addWidget(m_elapsed);
    row->addWidget(m_cancel);
    row->addWidget(m_again);
    layout->addWidget(header);
    connect(m_cancel, &QPushButton::clicked, this, [this] {
        m_cancel->setEnabled(false);
        emit cancelRequested(m_job.request.id);
    });
    connect(m_again, &QPushButton::clicked, this, [this] { emit againRequested(m_job.request); });
}

QTableView *JobPage::table(QAbstractItemModel *model, const QString &name, int stretch)
{
    auto *view = new QTableView;
    view->setModel(model);
    view->setAccessibleName(name);
    view->setShowGrid(false);
    view->setWordWrap(false);
    view->setSelectionBehavior(QAbstractItemView::SelectRows);
    view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    view->setTabKeyNavigation(false);
    view->verticalHeader()->hide();
    view->verticalHeader()->setDefaultSectionSize(theme().rowHeight());
    view->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    view->horizontalHeader()->setHighlightSections(false);
    view->horizontalHeader()->setSectionResizeMode(QHeaderView::Interactive);
    view->horizontalHeader()->setSectionResizeMode(stretch, QHeaderView::Stretch);
    view->horizontalHeader()->setStretchLastSection(false);
    view->horizontalHeader()->setMinimumSectionSize(64);
    // Once, when there is something to measure: from then on the widths are the reader's.
    connect(model, &QAbstractItemModel::rowsInserted, view, [view, model, stretch] {
        if (view->property("fitted").toBool())
            return;
        view->setProperty("fitted", true);
        for (int column = 0; column < model->columnCount(); ++column) {
            if (column == stretch)
                continue;
            view->resizeColumnToContents(column);
            view->setColumnWidth(column, std::clamp(view->columnWidth(column) + 12, 64, 210));
        }
    });
    view->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    return view;
}

void JobPage::addTab(QWidget *page, const QString &name, const QString &title)
{
    page->setObjectName(name);
    m_tabs->addTab(page, title);
}

namespace {

/// A table with one line of sums above it.
QWidget *withSum(TextLabel **sum, QTableView *view)
{
    auto *page = new QWidget;
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    *sum = label(theme().font, Tone::Muted);
    (*sum)->setContentsMargins(16, 10, 16, 10);
    (*sum)->setWordWrap(true);
    layout->addWidget(*sum);
    layout->addWidget(view, 1);
    return page;
}

} // namespace

QWidget *JobPage::buildLogTab()
{
    auto *page = new QWidget;
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(12, 8, 12, 8);
    m_find = new QLineEdit;
    m_find->setPlaceholderText(tr("Find in the log (Ctrl+F)"));
    m_find->setAccessibleName(tr("Find in the log"));
    m_find->setClearButtonEnabled(true);
    auto *count = label(theme().small, Tone::Muted);
    auto *follow = new QPushButton(tr("Follow"));
    follow->setCheckable(true);
    follow->setChecked(true);
    follow->setToolTip(tr("Keep the newest line in view"));
    bar->addWidget(m_find, 1);
    bar->addWidget(count);
    bar->addWidget(follow);
    layout->addLayout(bar);
    m_logView = new LogView;
    m_logView->setDocument(m_log);
    layout->addWidget(m_logView, 1);
    connect(follow, &QPushButton::clicked, m_logView, &LogView::setFollowing);
    connect(m_logView, &LogView::followingChanged, follow, &QPushButton::setChecked);
    connect(m_find, &QLineEdit::textChanged, this, [this, count](const QString &text) {
        QRegularExpression pattern(text, QRegularExpression::CaseInsensitiveOption);
        if (!pattern.isValid())
            pattern.setPattern(QRegularExpression::escape(text));
        m_logView->setPattern(text.isEmpty() ? QRegularExpression() : pattern);
        count->setText(text.isEmpty() ? QString()
                                      : tr("%n line(s)", nullptr, m_logView->matchingLines()));
        if (!text.isEmpty())
            m_logView->findNext(false);
    });
    connect(m_find, &QLineEdit::returnPressed, this, [this] {
        m_logView->findNext(QGuiApplication::keyboardModifiers() & Qt::ShiftModifier);
    });
    return page;
}

QWidget *JobPage::buildTabs()
{
    auto *frame = card();
    auto *layout = new QVBoxLayout(frame);
    layout->setContentsMargins(1, 1, 1, 6);
    m_tabs = new QTabWidget;
    m_tabs->setDocumentMode(true);
    m_tabs->tabBar()->setDrawBase(false);
    m_tabs->tabBar()->setExpanding(false);
    m_tabs->setStyleSheet("QTabWidget::tab-bar { left: 16px; }");
    layout->addWidget(m_tabs);
    m_result = new ResultView;
    m_diff = new DiffView;
    m_egress = new EgressModel(this);
    m_evidence = new EvidenceModel(this);
    m_tests = new TestsModel(this);
    m_scan = new ScanModel(this);
    addTab(buildLogTab(), "Log", tr("Log"));
    addTab(m_result, "Result", tr("Result"));
    addTab(table(m_scan, tr("What the scan found"), ScanModel::Note), "Scan", tr("Dependencies"));
    addTab(m_diff, "Changes", tr("Changes"));
    addTab(withSum(&m_testsSum, table(m_tests, tr("Tests"), TestsModel::Message)), "Tests",
           tr("Tests"));
    addTab(withSum(&m_egressSum, table(m_egress, tr("Egress"), EgressModel::Host)), "Egress",
           tr("Egress"));
    addTab(withSum(&m_evidenceSum, table(m_evidence, tr("Isolation"), EvidenceModel::Found)),
           "Isolation", tr("Isolation"));
    return frame;
}

QWidget *JobPage::buildSide()
{
    auto *content = new QWidget;
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(14);

    auto *cell = card();
    auto *cellLayout = new QVBoxLayout(cell);
    cellLayout->setContentsMargins(16, 14, 16, 14);
    auto *heading = label(theme().strong, Tone::Plain);
    heading->setText(tr("Cell"));
    cellLayout->addWidget(heading);
    auto *grid = new QGridLayout;
    grid->setVerticalSpacing(9);
    grid->setColumnStretch(1, 1);
    const auto fact = [&](const QString &name, TextLabel **value, bool mono = false) {
        auto *left = label(theme().font, Tone::Muted);
        left->setText(name);
        *value = label(mono ? theme().mono : theme().font, Tone::Plain, true);
        (*value)->setWordWrap(true);
        (*value)->setAccessibleName(name);
        const int row = grid->rowCount();
        grid->addWidget(left, row, 0, Qt::AlignTop);
        grid->addWidget(*value, row, 1, Qt::AlignTop);
    };
    fact(tr("Engine"), &m_engine);
    fact(tr("Image"), &m_image, true);
    fact(tr("Runtime"), &m_runtime);
    fact(tr("User"), &m_user);
    fact(tr("Root"), &m_root);
    fact(tr("Network"), &m_network);
    fact(tr("Limits"), &m_limits);
    cellLayout->addLayout(grid);
    column->addWidget(cell);

    auto *plan = card();
    auto *planLayout = new QVBoxLayout(plan);
    planLayout->setContentsMargins(16, 14, 16, 14);
    m_planTitle = label(theme().strong, Tone::Plain);
    m_plan = label(theme().font, Tone::Plain, true);
    m_plan->setWordWrap(true);
    m_base = label(theme().font, Tone::Muted, true);
    m_base->setWordWrap(true);
    planLayout->addWidget(m_planTitle);
    planLayout->addWidget(m_plan);
    planLayout->addWidget(m_base);
    column->addWidget(plan);
    column->addStretch(1);

    auto *scroll = new QScrollArea;
    scroll->setWidget(content);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFixedWidth(300);
    scroll->setFocusPolicy(Qt::NoFocus);
    return scroll;
}

void JobPage::setCount(const QString &name, const QString &title, qsizetype count)
{
    for (int i = 0; i < m_tabs->count(); ++i) {
        if (m_tabs->widget(i)->objectName() == name)
            m_tabs->setTabText(i,
                               count > 0 ? QStringLiteral("%1 %2").arg(title).arg(count) : title);
    }
}

void JobPage::showTab(const QString &name)
{
    for (int i = 0; i < m_tabs->count(); ++i) {
        if (m_tabs->widget(i)->objectName() == name)
            m_tabs->setCurrentIndex(i);
    }
}

void JobPage::setJob(const Job &job)
{
    m_job = job;
    m_lifecycle->setJob(job);
    const QString title = what(job);
    m_path->setText(QStringLiteral("%1 / %2 /")
                        .arg(job.request.clientName, shortened(job.request.repositoryName, 40)));
    m_title->setText(title);
    m_title->setToolTip(title);
    QString state;
    Tone tone = Tone::Muted;
    switch (job.outcome) {
    case Outcome::None:
        state = job.running() ? tr("● running") : tr("○ waiting");
        tone = job.running() ? Tone::Accent : Tone::Muted;
        break;
    case Outcome::Succeeded:
        state = job.proposal                    ? tr("✓ proposed")
            : job.request.kind == JobKind::Scan ? tr("✓ scanned")
                                                : tr("✓ up to date");
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
    m_badge->setFont(theme().strong);
    m_badge->setTone(tone);
    qint64 total = 0;
    for (const Phase &phase : job.phases)
        total += phase.milliseconds();
    if (job.isOver())
        m_elapsed->setText(total > 0 ? tr("took %1").arg(seconds(total)) : QString());
    m_cancel->setVisible(!job.isOver());
    m_again->setVisible(job.isOver());
    updateSide();
    updateTabs();
}

void JobPage::updateSide()
{
    const Job &job = m_job;
    const QString none = tr("not yet");
    const auto set = [&](TextLabel *value, const QString &text, Tone tone = Tone::Plain) {
        value->setText(text.isEmpty() ? none : text);
        value->setTone(text.isEmpty() ? Tone::Muted : tone);
    };
    set(m_engine, job.engine);
    set(m_image, job.image.id.isEmpty() ? QString() : job.image.id.left(19) + QChar(0x2026));
    m_image->setToolTip(job.image.id + '\n' + job.image.reference);
    const QString runtime = found(job, "Runtime");
    set(m_runtime, runtime == QLatin1String("runsc") ? tr("runsc (gVisor)") : runtime);
    const QString user = found(job, "User");
    set(m_user,
        user.isEmpty() ? QString()
                       : tr("%1, capabilities: %2").arg(user, found(job, "Capabilities inside")));
    set(m_root, found(job, "Root filesystem"));
    const QString network = found(job, "Network");
    set(m_network, network == QLatin1String("none") ? tr("none since creation") : network,
        Tone::Sealed);
    set(m_limits,
        tr("%1, %2 CPU, %n process(es)", nullptr, job.request.limits.processes)
            .arg(sized(job.request.limits.memoryBytes))
            .arg(job.request.limits.cpus));

    if (job.request.kind == JobKind::Scan) {
        m_planTitle->setText(tr("Scan"));
        QStringList lines;
        if (job.scan) {
            lines << tr("%n package(s) installed", nullptr, job.scan->installedPackages);
            lines << tr("%n outdated", nullptr, job.scan->outdated());
            for (const Advisory &advisory : job.scan->advisories)
                lines << tr("! %1 %2: %3").arg(advisory.severity, advisory.package, advisory.title);
            if (!job.scan->advisoryNote.isEmpty())
                lines << job.scan->advisoryNote;
        }
        m_plan->setText(lines.isEmpty() ? none : lines.join('\n'));
    } else {
        m_planTitle->setText(tr("Plan"));
        QStringList lines;
        for (const PlannedUpdate &update : job.plan.updates) {
            lines << QStringLiteral("%1  %2 → %3").arg(update.name, update.from, update.to);
            lines << "    " + toString(update.level)
                    + (update.ageDays >= 0 ? tr(", %n day(s) old", nullptr, update.ageDays)
                                           : QString());
        }
        for (const SkippedUpdate &skipped : job.plan.skipped)
            lines << tr("left out: %1, %2").arg(skipped.name, skipped.reason);
        m_plan->setText(lines.isEmpty() ? none : lines.join('\n'));
    }
    m_plan->setTone(m_plan->text() == none ? Tone::Muted : Tone::Plain);
    m_base->setText(job.base.commit.isEmpty()
                        ? QString()
                        : tr("from %1 at %2").arg(job.base.branch, job.base.commit.left(10)));
}

void JobPage::updateTabs()
{
    const Job &job = m_job;
    const bool scan = job.request.kind == JobKind::Scan;
    const auto visible = [this](const QString &name, bool shown) {
        for (int i = 0; i < m_tabs->count(); ++i) {
            if (m_tabs->widget(i)->objectName() == name)
                m_tabs->setTabVisible(i, shown);
        }
    };
    visible("Scan", scan);
    visible("Changes", !scan);
    visible("Tests", !scan);
    visible("Result", job.isOver() && (!scan || job.failure));

    m_diff->setPatch(job.patch);
    setCount("Changes", tr("Changes"), job.patch.files.size());
    m_egress->setValues(job.egress);
    setCount("Egress", tr("Egress"), job.egress.size());
    qint64 in = 0, out = 0;
    int refused = 0;
    for (const EgressRow &row : job.egress) {
        in += row.bytesIn;
        out += row.bytesOut;
        refused += row.verdict == EgressRow::Verdict::Refused ? 1 : 0;
    }
    m_egressSum->setText(job.egress.isEmpty()
                             ? tr("No connection was asked for yet.")
                             : tr("%n connection(s), %1 in, %2 out, %3 refused. Allowed: %4.",
                                  nullptr, int(job.egress.size()))
                                   .arg(sized(in), sized(out))
                                   .arg(refused)
                                   .arg(job.allowedHosts.isEmpty()
                                            ? tr("nothing")
                                            : job.allowedHosts.join(QStringLiteral(", "))));
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
    if (job.tests) {
        m_tests->setSummary(*job.tests);
        setCount("Tests", tr("Tests"), job.tests->total());
        m_testsSum->setText(tr("%1: %2 passed, %3 failed, %4 skipped")
                                .arg(job.tests->runner)
                                .arg(job.tests->passed)
                                .arg(job.tests->failed)
                                .arg(job.tests->skipped));
    } else {
        m_testsSum->setText(job.isOver() ? tr("No test result could be read.")
                                         : tr("The tests have not run yet."));
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
        m_result->setJob(job);
        if (!std::exchange(m_resultShown, true))
            showTab(scan && !job.failure ? "Scan" : "Result");
    }
}

} // namespace ovvoc
