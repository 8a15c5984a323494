#include "desktop/demorun.h"

#include "base/ids.h"
#include "common/services.h"
#include "job/jobpage.h"
#include "shell/mainwindow.h"
#include "theme/theme.h"

#include <QApplication>
#include <QDir>
#include <cstdio>

namespace ovvoc {

DemoRun::DemoRun(MainWindow *window, JobService *service, QString pictures)
    : m_window(window)
    , m_service(service)
    , m_pictures(std::move(pictures))
{
    if (!m_pictures.isEmpty())
        QDir().mkpath(m_pictures);
    connect(service, &JobService::engineChanged, this, &DemoRun::engineChanged);
    connect(service, &JobService::jobChanged, this, &DemoRun::jobChanged);
    connect(service, &JobService::jobFinished, this, &DemoRun::jobFinished);
    connect(service, &JobService::failed, this,
            [this](const Error &error) { quit(1, error.message); });
    connect(service, &JobService::jobRefused, this,
            [this](const QString &, const Error &error) { quit(1, error.message); });
    connect(service, &JobService::demoReady, this, [this](const QString &path) {
        m_repository = path;
        picture("start");
        run("ms");
    });
}

void DemoRun::quit(int code, const QString &words)
{
    if (m_pictures.isEmpty())
        return;
    std::printf("%s\n", qPrintable(words));
    std::fflush(stdout);
    QCoreApplication::exit(code);
}

void DemoRun::engineChanged(const EngineState &state)
{
    if (state.step == EngineState::Step::NoEngine)
        return quit(1, state.error.message);
    if (m_started || state.step == EngineState::Step::Looking)
        return;
    m_started = true;
    m_service->makeDemo();
}

void DemoRun::run(const QString &package)
{
    JobRequest request = localRequest(m_repository, JobKind::Update);
    request.id = newId();
    request.selection.package = package;
    m_current = request.id;
    m_window->startJob(request);
}

void DemoRun::jobChanged(const Job &job)
{
    if (job.request.id != m_current || !m_first || !job.running())
        return;
    if (job.running()->kind == PhaseKind::Transform && !job.egress.isEmpty())
        picture("gate-open");
    if (job.running()->kind == PhaseKind::Test)
        picture("sealed");
}

void DemoRun::jobFinished(const Job &job)
{
    if (job.request.id != m_current)
        return;
    JobPage *page = m_window->page(job.request.id);
    // The page gets the same signal; what is drawn must be its last state.
    page->setJob(job);
    const bool asExpected = m_first ? job.outcome == Outcome::Succeeded
                                    : job.failure && job.failure->phase == PhaseKind::Test;
    if (!asExpected)
        return quit(1, job.summary);
    if (std::exchange(m_first, false)) {
        picture("proposed");
        for (const char *tab : {"Changes", "Tests", "Egress", "Isolation", "Log"}) {
            page->showTab(tab);
            picture(QString(tab).toLower());
        }
        page->showTab("Result");
        std::printf("%s\n", qPrintable(job.summary));
        run("minimatch");
        return;
    }
    picture("failed");
    quit(0, job.summary);
}

void DemoRun::picture(const QString &name)
{
    if (m_pictures.isEmpty() || m_taken.contains(name))
        return;
    m_taken << name;
    auto &app = *qobject_cast<QApplication *>(QCoreApplication::instance());
    for (const bool dark : {false, true}) {
        applyTheme(app, dark ? ThemeMode::Dark : ThemeMode::Light);
        const QString file =
            QStringLiteral("%1/%2-%3.png").arg(m_pictures, name, dark ? "dark" : "light");
        if (!m_window->grab().save(file))
            quit(1, tr("%1 cannot be written.").arg(file));
    }
}

} // namespace ovvoc
