#include "shell/mainwindow.h"

#include "base/ids.h"
#include "format.h"
#include "job/jobpage.h"
#include "start/startpage.h"
#include "theme/theme.h"
#include "widgets/textlabel.h"

#include <QCloseEvent>
#include <QFrame>
#include <QListWidget>
#include <QMessageBox>
#include <QSettings>
#include <QShortcut>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace ovvoc {

namespace {

constexpr int jobIdRole = Qt::UserRole;

QString mark(const Job &job)
{
    switch (job.outcome) {
    case Outcome::None:
        return job.running() ? QStringLiteral("●") : QStringLiteral("○");
    case Outcome::Succeeded:
        return QStringLiteral("✓");
    case Outcome::Failed:
        return QStringLiteral("✕");
    case Outcome::Cancelled:
        return QStringLiteral("–");
    }
    return {};
}

QColor colour(const Job &job)
{
    switch (job.outcome) {
    case Outcome::None:
        return job.running() ? theme().accent : theme().muted;
    case Outcome::Succeeded:
        return theme().good;
    case Outcome::Failed:
        return theme().bad;
    case Outcome::Cancelled:
        return theme().muted;
    }
    return theme().text;
}

} // namespace

MainWindow::MainWindow(JobService *service, QWidget *parent)
    : QMainWindow(parent)
    , m_service(service)
{
    setWindowTitle(tr("Ovvoc Desktop"));
    setMinimumSize(900, 600);
    auto *body = new QWidget;
    auto *layout = new QHBoxLayout(body);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(buildSidebar());
    m_stack = new QStackedWidget;
    m_start = new StartPage(service);
    m_stack->addWidget(m_start);
    layout->addWidget(m_stack, 1);
    setCentralWidget(body);

    connect(m_start, &StartPage::startRequested, this, &MainWindow::startJob);
    connect(service, &JobService::jobChanged, this, &MainWindow::jobChanged);
    connect(service, &JobService::jobFinished, this, &MainWindow::jobChanged);
    connect(service, &JobService::jobLogged, this,
            [this](const QString &id, const LogChunk &chunk) {
                if (JobPage *page = m_pages.value(id))
                    page->appendLog(chunk);
            });
    connect(service, &JobService::jobRefused, this, [this](const QString &id, const Error &error) {
        if (JobPage *page = m_pages.take(id)) {
            for (int row = 0; row < m_nav->count(); ++row) {
                if (m_nav->item(row)->data(jobIdRole).toString() == id)
                    delete m_nav->takeItem(row);
            }
            m_stack->removeWidget(page);
            page->deleteLater();
        }
        showStart();
        m_start->showError(error.message);
    });
    connect(service, &JobService::engineChanged, this, &MainWindow::engineChanged);
    connect(service, &JobService::demoReady, m_start, [this](const QString &path) {
        showStart();
        m_start->setRepository(path);
    });
    connect(service, &JobService::failed, m_start, [this](const Error &error) {
        showStart();
        m_start->showError(error.message);
    });
    connect(new QShortcut(QKeySequence::New, this), &QShortcut::activated, this,
            &MainWindow::showStart);
    for (int i = 1; i <= 9; ++i)
        connect(new QShortcut(QKeySequence(QStringLiteral("Ctrl+%1").arg(i)), this),
                &QShortcut::activated, this, [this, i] { m_nav->setCurrentRow(i - 1); });
    resize(1440, 900);
    restoreGeometry(QSettings().value("window/geometry").toByteArray());
    m_nav->setCurrentRow(0);
}

QWidget *MainWindow::buildSidebar()
{
    auto *side = new QFrame;
    side->setObjectName("sidebar");
    side->setFixedWidth(232);
    auto *layout = new QVBoxLayout(side);
    layout->setContentsMargins(10, 18, 10, 14);
    auto *name = new TextLabel(tr("Ovvoc Desktop"));
    name->setFont(theme().strong);
    name->setContentsMargins(9, 0, 0, 8);
    layout->addWidget(name);
    m_nav = new QListWidget;
    m_nav->setObjectName("nav");
    m_nav->setAccessibleName(tr("Pages"));
    m_nav->setFrameShape(QFrame::NoFrame);
    m_nav->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_nav->setTextElideMode(Qt::ElideMiddle);
    m_nav->setSpacing(1);
    m_nav->addItem(tr("New update"));
    m_nav->item(0)->setToolTip(tr("Ctrl+N"));
    layout->addWidget(m_nav, 1);
    m_engine = new TextLabel;
    m_engine->setWordWrap(true);
    m_engine->setContentsMargins(9, 8, 0, 0);
    layout->addWidget(m_engine);
    connect(m_nav, &QListWidget::currentRowChanged, this, &MainWindow::showRow);
    return side;
}

void MainWindow::showRow(int row)
{
    const QListWidgetItem *item = m_nav->item(row);
    if (!item)
        return;
    QWidget *page = m_pages.value(item->data(jobIdRole).toString());
    m_stack->setCurrentWidget(page ? page : m_start);
}

void MainWindow::showStart()
{
    m_nav->setCurrentRow(0);
}

void MainWindow::startJob(const JobRequest &request)
{
    Job job;
    job.request = request;
    job.created = QDateTime::currentDateTimeUtc();
    auto *page = new JobPage(job);
    m_pages.insert(request.id, page);
    m_stack->addWidget(page);
    connect(page, &JobPage::cancelRequested, m_service, &JobService::cancel);
    connect(page, &JobPage::againRequested, this, [this](JobRequest again) {
        again.id = newId();
        startJob(again);
    });
    auto *item = new QListWidgetItem;
    item->setData(jobIdRole, request.id);
    m_nav->insertItem(1, item);
    jobChanged(job);
    m_nav->setCurrentItem(item);
    m_service->start(request);
}

void MainWindow::jobChanged(const Job &job)
{
    JobPage *page = m_pages.value(job.request.id);
    if (!page)
        return;
    page->setJob(job);
    for (int row = 0; row < m_nav->count(); ++row) {
        QListWidgetItem *item = m_nav->item(row);
        if (item->data(jobIdRole).toString() != job.request.id)
            continue;
        const QString what = !job.plan.updates.isEmpty() ? job.plan.updates.size() == 1
                ? job.plan.updates.first().name
                : tr("%n package(s)", nullptr, int(job.plan.updates.size()))
            : job.request.kind == JobKind::Scan ? tr("scan")
            : job.request.selection.package.isEmpty()    ? tr("everything")
                                                         : job.request.selection.package;
        item->setText(
            QStringLiteral("%1  %2 · %3")
                .arg(mark(job), shortened(job.request.repositoryName, 16), shortened(what, 14)));
        item->setForeground(job.isOver() && job.outcome == Outcome::Succeeded ? theme().text
                                                                              : colour(job));
        item->setToolTip(job.summary.isEmpty() ? job.request.repositoryId : job.summary);
    }
}

void MainWindow::engineChanged(const EngineState &state)
{
    m_start->setEngineState(state);
    const bool good =
        state.step != EngineState::Step::NoEngine && state.step != EngineState::Step::Looking;
    m_engine->setText(
        good ? tr("● %1 %2%3")
                   .arg(state.info.name, state.info.version,
                        state.info.runtimes.contains("runsc") ? tr(" · gVisor") : QString())
            : state.step == EngineState::Step::NoEngine ? tr("✕ No engine")
                                                        : tr("○ Looking for an engine…"));
    m_engine->setTone(good                                            ? Tone::Good
                          : state.step == EngineState::Step::NoEngine ? Tone::Bad
                                                                      : Tone::Muted);
    m_engine->setToolTip(state.error.message);
}

int MainWindow::runningJobs() const
{
    int count = 0;
    for (const JobPage *page : m_pages)
        count += page->job().isOver() ? 0 : 1;
    return count;
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    if (m_closing)
        return event->accept();
    const int running = runningJobs();
    if (running > 0) {
        const auto answer = QMessageBox::question(
            this, tr("Ovvoc Desktop"),
            tr("%n job(s) still run. Cancel them and quit?", nullptr, running),
            QMessageBox::Yes | QMessageBox::No);
        if (answer != QMessageBox::Yes)
            return event->ignore();
    }
    QSettings().setValue("window/geometry", saveGeometry());
    m_closing = true;
    // Every cell is destroyed before the program ends: idle() comes when that is done.
    event->ignore();
    hide();
    emit quitRequested();
}

} // namespace ovvoc
