// Pictures of every page of the real window over the real core, to be looked at by people.
//
//   shots --folder FOLDER [--theme light|dark|high-contrast] [--scale 1] [--size 1440x900]
//         [--data some|none|much|error] [--long]
//
// --long stretches every text by a third, as German does, and gives clients and repositories long
// names. Data is made up and goes through the real archive; the keychain is one in memory.

#include "audit/auditpage.h"
#include "client/clientpage.h"
#include "common/services.h"
#include "desktop/corethread.h"
#include "job/jobpage.h"
#include "jobs/jobhistorypage.h"
#include "shell/mainwindow.h"
#include "support/fill.h"
#include "support/memorystore.h"
#include "support/testsupport.h"
#include "theme/theme.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QDir>
#include <QPushButton>
#include <QTemporaryDir>
#include <QTranslator>
#include <cstdio>

using namespace ovvoc;
using namespace ovvoc::test;

namespace {

class Longer final : public QTranslator
{
public:
    bool isEmpty() const override { return false; }
    QString translate(const char *, const char *text, const char *, int n) const override
    {
        QString words = QString::fromUtf8(text);
        if (n >= 0)
            words.replace("%n", QString::number(n));
        return words + QStringLiteral("ungsverfahren").left(int(words.size() + 2) / 3);
    }
};

[[noreturn]] void die(const QString &words)
{
    std::fprintf(stderr, "shots: %s\n", qPrintable(words));
    std::exit(1);
}

} // namespace

int main(int argc, char **argv)
{
    QTemporaryDir folder;
    qputenv("XDG_CONFIG_HOME", folder.path().toLocal8Bit());
    qputenv("OVVOC_WORKSPACE", (folder.path() + "/workspace").toLocal8Bit());
    QApplication app(argc, argv);
    QCoreApplication::setOrganizationName("ovvoc-shots");
    installTranslations();
    registerDesktopTypes();
    QCommandLineParser parser;
    const QCommandLineOption to("folder", "", "f", "build/shots"),
        themeName("theme", "", "t", "light"), scale("scale", "", "n", "1"),
        size("size", "", "s", "1440x900"), data("data", "", "d", "some"), longer("long", "");
    parser.addOptions({to, themeName, scale, size, data, longer});
    parser.process(app);
    Longer longTexts;
    if (parser.isSet(longer))
        QCoreApplication::installTranslator(&longTexts);
    const QString wanted = parser.value(themeName), amount = parser.value(data);
    applyTheme(app,
               wanted == "dark"                ? ThemeMode::Dark
                   : wanted == "high-contrast" ? ThemeMode::HighContrast
                                               : ThemeMode::Light,
               parser.value(scale).toDouble());

    const auto store = std::make_shared<MemoryStore>();
    const auto workspaceFolder = WorkspaceFolder::open();
    if (!workspaceFolder)
        die(workspaceFolder.error().message);
    QString jobId, failedId, clientId;
    if (amount == "error") {
        qputenv("DOCKER_HOST", "unix:///nowhere/engine.sock");
        store->broken = Error{
            ErrorCode::KeychainLocked, "The keychain is locked. Unlock it and try again.", {}};
    } else if (amount != "none") {
        const auto workspace = await(Workspace::open(*workspaceFolder, store));
        if (!workspace)
            die(workspace.error().message);
        JobArchive archive(*workspace);
        Fill wish;
        wish.longNames = parser.isSet(longer);
        if (amount == "much")
            wish = {500, 10, 4, false, false};
        if (const auto filled = fill(*workspace, archive, wish); !filled)
            die(filled.error().message);
        clientId = (*workspace)->clients()->first().id;
        JobFilter filter;
        filter.clientId = clientId;
        filter.kind = toString(JobKind::Update);
        filter.outcome = "succeeded";
        jobId = archive.page(filter)->first().id;
        filter.outcome = "failed";
        failedId = archive.page(filter)->first().id;
    }

    CoreThread core(*workspaceFolder, store, std::make_shared<SecretMask>());
    MainWindow window(&core, core.workspace());
    const QString extent = parser.value(size);
    window.resize(extent.section('x', 0, 0).toInt(), extent.section('x', 1, 1).toInt());
    EngineState engine;
    NetworkState network;
    QObject::connect(&core, &JobService::engineChanged, &app,
                     [&](const EngineState &state) { engine = state; });
    QObject::connect(&core, &JobService::networkChanged, &app,
                     [&](const NetworkState &state) { network = state; });
    core.workspace()->open();
    core.findEngine();
    core.checkNetwork();
    window.show();
    const bool settled = QTest::qWaitFor(
        [&] {
            const auto step = core.workspace()->state().step;
            return engine.step != EngineState::Step::Looking
                && network.step != NetworkState::Step::Looking
                && (step == WorkspaceState::Step::Ready || step == WorkspaceState::Step::Closed);
        },
        180'000);
    if (!settled)
        die("the core did not get ready");

    QString name = wanted;
    if (parser.value(scale) != "1")
        name += "-" + parser.value(scale) + "x";
    if (extent != "1440x900")
        name += "-" + extent;
    if (amount != "some")
        name += "-" + amount;
    if (parser.isSet(longer))
        name += "-long";
    QDir().mkpath(parser.value(to));
    const auto shoot = [&](const QString &page) {
        // Twice through the event loop: answers of the core, then layout.
        QTest::qWait(120);
        const QString file = QStringLiteral("%1/%2-%3.png").arg(parser.value(to), page, name);
        if (!window.grab().save(file))
            die(file);
    };
    using Page = Place::Page;
    for (const auto &[page, title] : {std::pair(Page::Machine, "machine"),
                                      {Page::Overview, "overview"},
                                      {Page::Jobs, "jobs"},
                                      {Page::Updates, "updates"},
                                      {Page::Audit, "audit"},
                                      {Page::Settings, "settings"},
                                      {Page::Folder, "folder"}}) {
        window.go({page, {}});
        shoot(title);
    }
    window.openPalette();
    shoot("palette");
    window.go({Page::Overview, {}});
    window.addClient();
    QTest::qWait(100);
    if (QWidget *dialog = QApplication::activeModalWidget()) {
        dialog->grab().save(QStringLiteral("%1/addclient-%2.png").arg(parser.value(to), name));
        dialog->close();
    }
    if (!clientId.isEmpty()) {
        window.go({Page::Client, clientId});
        shoot("client");
        window.go({Page::ClientSettings, clientId});
        shoot("client-settings");
        window.go({Page::Job, jobId});
        if (!QTest::qWaitFor([&] { return window.page(jobId) != nullptr; }, 10'000))
            die("the job did not open");
        shoot("job");
        for (const char *tab : {"Log", "Tests", "Egress", "Isolation", "Plan"}) {
            window.page(jobId)->showTab(tab);
            shoot("job-" + QString(tab).toLower());
        }
        window.go({Page::Job, failedId});
        if (!QTest::qWaitFor([&] { return window.page(failedId) != nullptr; }, 10'000))
            die("the job did not open");
        shoot("job-failed");
        window.page(failedId)->showTab("Tests");
        shoot("job-failed-tests");
        window.go({Page::Audit, {}});
        for (QPushButton *button : window.auditPage()->findChildren<QPushButton *>()) {
            if (button->property("primary").toBool())
                button->click();
        }
        if (!QTest::qWaitFor([&] { return !window.auditPage()->verdict().isEmpty(); }, 60'000))
            die("the log was not verified");
        shoot("audit-verified");
    }
    std::printf("%s\n", qPrintable(name));
    return 0;
}
