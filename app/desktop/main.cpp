// ovvoc-desktop: the window.
//
//   ovvoc-desktop [--theme system|light|dark|high-contrast] [ovvoc://job/ID]
//   ovvoc-desktop --demo [--pictures FOLDER]
//
// --demo makes a demo repository and runs two updates of it, one that passes and one that breaks a
// test. With --pictures it saves pictures of the window while they run, and ends when they have.

#include "base/logging.h"
#include "common/services.h"
#include "desktop/corethread.h"
#include "desktop/demorun.h"
#include "desktop/singleinstance.h"
#include "keychain/systemkeychain.h"
#include "settings/preferences.h"
#include "shell/mainwindow.h"
#include "theme/systemappearance.h"
#include "theme/theme.h"
#include "widgets/printpage.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QFile>
#include <cstdio>

using namespace ovvoc;

/// What `ovvoc report` hands over; a page that is cut off would be a wrong report.
static Result<> printInput(QFile &input, const QString &path)
{
    constexpr qint64 mostBytes = 64 * 1024 * 1024;
    const QByteArray page = input.read(mostBytes + 1);
    if (page.size() > mostBytes)
        return fail(ErrorCode::InvalidInput, QStringLiteral("the page is longer than 64 MiB"));
    return printPage(QString::fromUtf8(page), path);
}

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
    registerDesktopTypes();

    QCommandLineParser parser;
    parser.addPositionalArgument("link", "a place to show, such as ovvoc://job/ID", "[link]");
    const QCommandLineOption themeName("theme", "system, light, dark or high-contrast", "name"),
        demo("demo", "run two updates of a demo repository"),
        pictures("pictures", "save pictures of the demo to this folder and end", "folder");
    // For `ovvoc report`, which has no fonts: a page of HTML from standard input becomes a PDF.
    QCommandLineOption page("print-page", "write standard input as a PDF", "file");
    page.setFlags(QCommandLineOption::HiddenFromHelp);
    parser.addOptions({themeName, demo, pictures, page});
    parser.addHelpOption();
    parser.addVersionOption();
    parser.process(app);
    if (parser.isSet(page)) {
        QFile input;
        const Result<> printed = input.open(stdin, QIODevice::ReadOnly)
            ? printInput(input, parser.value(page))
            : fail(ErrorCode::InvalidInput, input.errorString());
        if (!printed)
            std::fprintf(stderr, "ovvoc-desktop: %s\n", qPrintable(printed.error().message));
        return printed ? 0 : 1;
    }
    SystemAppearance system(paletteIsDark(), QDBusConnection::sessionBus());
    const auto dress = [&] {
        const QString wanted =
            parser.isSet(themeName) ? parser.value(themeName) : preferences::appearance();
        applyTheme(app,
                   wanted == "dark"                ? ThemeMode::Dark
                       : wanted == "light"         ? ThemeMode::Light
                       : wanted == "high-contrast" ? ThemeMode::HighContrast
                                                   : system.mode());
    };
    dress();
    QObject::connect(&system, &SystemAppearance::changed, &app, dress);

    const auto workspace = WorkspaceFolder::open();
    if (!workspace) {
        std::fprintf(stderr, "ovvoc-desktop: %s\n", qPrintable(workspace.error().message));
        return 3;
    }
    const QUrl link(parser.positionalArguments().value(0));
    SingleInstance instance(workspace->id);
    if (!parser.isSet(demo) && instance.passOn(link))
        return 0;
    const auto mask = std::make_shared<SecretMask>();
    LogOptions logging;
    logging.folder = workspace->logFolder();
    if (const auto started = initLogging(logging, mask); !started)
        std::fprintf(stderr, "ovvoc-desktop: %s\n", qPrintable(started.error().message));

    CoreThread core(*workspace, std::make_shared<SystemKeychain>(), mask);
    MainWindow window(&core, core.workspace());
    QObject::connect(&window, &MainWindow::quitRequested, &app, [&](bool goOnLater) {
        QObject::connect(&core, &JobService::ended, &app, &QApplication::quit);
        core.end(goOnLater);
    });
    QObject::connect(&window, &MainWindow::preferencesChanged, &app, dress);
    QObject::connect(&instance, &SingleInstance::asked, &window, [&window](const QUrl &asked) {
        if (!asked.isEmpty())
            return window.open(asked);
        window.show();
        window.raise();
        window.activateWindow();
    });
    if (!parser.isSet(demo))
        instance.listen();
    std::unique_ptr<DemoRun> run;
    if (parser.isSet(demo))
        run = std::make_unique<DemoRun>(&window, &core, parser.value(pictures));
    core.workspace()->open();
    core.findEngine();
    core.checkNetwork();
    window.show();
    if (!link.isEmpty()) // when the workspace is open: before, no job is known
        QObject::connect(core.workspace(), &WorkspaceService::stateChanged, &window,
                         [&, opened = false]() mutable {
                             if (core.workspace()->isReady() && !std::exchange(opened, true))
                                 window.open(link);
                         });
    return QApplication::exec();
}
