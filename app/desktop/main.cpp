// ovvoc-desktop: the window.
//
//   ovvoc-desktop [--theme system|light|dark]
//   ovvoc-desktop --demo [--pictures FOLDER]
//
// --demo makes a demo repository and runs two updates of it, one that passes and one that breaks a
// test. With --pictures it saves pictures of the window while they run, and ends when they have.

#include "base/logging.h"
#include "common/services.h"
#include "desktop/corethread.h"
#include "desktop/demorun.h"
#include "keychain/systemkeychain.h"
#include "shell/mainwindow.h"
#include "theme/theme.h"

#include <QApplication>
#include <QCommandLineParser>
#include <cstdio>

using namespace ovvoc;

int main(int argc, char **argv)
{
    hardenProcess();
    QApplication app(argc, argv);
    QCoreApplication::setOrganizationName("ovvoc");
    QCoreApplication::setApplicationName("ovvoc-desktop");
    QCoreApplication::setApplicationVersion(OVVOC_VERSION);
    QGuiApplication::setApplicationDisplayName("Ovvoc Desktop");
    QGuiApplication::setQuitOnLastWindowClosed(false);
    installTranslations();
    qRegisterMetaType<Job>();
    qRegisterMetaType<LogChunk>();
    qRegisterMetaType<Error>("ovvoc::Error");
    qRegisterMetaType<EngineState>();
    qRegisterMetaType<NetworkState>();
    qRegisterMetaType<CellSample>();
    qRegisterMetaType<WorkspaceState>();
    qRegisterMetaType<ClientOverview>();

    QCommandLineParser parser;
    const QCommandLineOption themeName("theme", "system, light or dark", "name", "system"),
        demo("demo", "run two updates of a demo repository"),
        pictures("pictures", "save pictures of the demo to this folder and end", "folder");
    parser.addOptions({themeName, demo, pictures});
    parser.addHelpOption();
    parser.addVersionOption();
    parser.process(app);
    const QString wanted = parser.value(themeName);
    const ThemeMode mode = wanted == "dark" ? ThemeMode::Dark
        : wanted == "light"                 ? ThemeMode::Light
                                            : ThemeMode::System;
    applyTheme(app, mode);

    const auto workspace = WorkspaceFolder::open();
    if (!workspace) {
        std::fprintf(stderr, "ovvoc-desktop: %s\n", qPrintable(workspace.error().message));
        return 3;
    }
    const auto mask = std::make_shared<SecretMask>();
    LogOptions logging;
    logging.folder = workspace->logFolder();
    if (const auto started = initLogging(logging, mask); !started)
        std::fprintf(stderr, "ovvoc-desktop: %s\n", qPrintable(started.error().message));

    CoreThread core(*workspace, std::make_shared<SystemKeychain>(), mask);
    MainWindow window(&core, core.workspace());
    QObject::connect(&window, &MainWindow::quitRequested, &app, [&] {
        QObject::connect(&core, &JobService::ended, &app, &QApplication::quit);
        core.end();
    });
    std::unique_ptr<DemoRun> run;
    if (parser.isSet(demo))
        run = std::make_unique<DemoRun>(&window, &core, parser.value(pictures));
    core.workspace()->open();
    core.findEngine();
    core.checkNetwork();
    window.show();
    return QApplication::exec();
}
