#include "common/services.h"

#include "base/helpers.h"
#include "base/network.h"
#include "base/process.h"
#include "forge/local/localforge.h"
#include "gate/packagestore.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QLocale>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QTranslator>
#include <csignal>
#include <memory>
#include <qcoro/qcoronetworkreply.h>
#include <sys/prctl.h>
#include <sys/resource.h>

namespace ovvoc {

TaskResult<std::shared_ptr<EngineClient>> connectEngine()
{
    OVVOC_CO_TRY(endpoints,
                 findEngineEndpoints(QProcessEnvironment::systemEnvironment(), QDir::homePath()));
    co_return co_await EngineClient::connect(endpoints);
}

TaskResult<JobServices> makeServices(WorkspaceFolder workspace,
                                     std::shared_ptr<const SecretMask> mask)
{
    JobServices services;
    OVVOC_CO_TRY(engine, co_await connectEngine());
    OVVOC_CO_TRY(cellInit, findHelper("cell-init"));
    services.engine = engine;
    services.images = std::make_shared<ImageStore>(engine, cellInit);
    services.resolver = std::make_shared<SystemResolver>();
    services.mask = std::move(mask);
    services.workspaceId = workspace.id;
    services.packagesFolder = PackageStore::standardFolder();
    co_return services;
}

TaskResult<QString> reachRegistry(ProxySetting proxy)
{
    ProcessRequest ask;
    ask.program = "npm";
    ask.arguments = QStringList{"config", "get", "registry"};
    ask.folder = QDir::rootPath(); // no project's own .npmrc
    ask.timeoutSeconds = 30;
    OVVOC_CO_TRY(outcome, co_await runProcess(ask));
    const QUrl registry(QString::fromUtf8(outcome.output).trimmed(), QUrl::StrictMode);
    const auto says = [](const char *text) { return QCoreApplication::translate("Network", text); };
    if (outcome.exitCode != 0 || !registry.isValid() || registry.host().isEmpty())
        co_return fail(ErrorCode::NetworkDown,
                       says("npm names no registry. Look at `npm config get registry`."));
    QNetworkAccessManager manager;
    manager.setProxy(proxyFor(proxy, registry));
    QNetworkRequest request(registry);
    request.setTransferTimeout(15'000);
    request.setAttribute(QNetworkRequest::RedirectPolicyAttribute,
                         QNetworkRequest::ManualRedirectPolicy);
    std::unique_ptr<QNetworkReply> reply(manager.head(request));
    QNetworkReply *waited = reply.get();
    co_await waited;
    // Any answer of the server will do: the way to it is open.
    if (reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt() == 0)
        co_return fail(ErrorCode::NetworkDown,
                       says("%1 cannot be reached: %2. Look at the network, or set a proxy in the "
                            "settings.")
                           .arg(registry.host(), reply->errorString()));
    co_return registry.host();
}

JobQueue::ForgeMaker localForges(const WorkspaceFolder &workspace)
{
    return [notes = workspace.notesFolder()](const JobRequest &request) {
        return std::make_shared<LocalForge>(request.repositoryId, notes);
    };
}

JobRequest localRequest(const QString &path, JobKind kind)
{
    JobRequest request;
    request.kind = kind;
    request.clientName = QStringLiteral("Local");
    const Settings defaults({}, {}, {});
    request.keptPackagesMib = defaults.keptPackagesMib();
    request.selection.cooldownDays = defaults.cooldownDays();
    const QString clean = QDir::cleanPath(QDir::current().absoluteFilePath(path));
    const QString canonical = QFileInfo(clean).canonicalFilePath();
    request.repositoryId = canonical.isEmpty() ? clean : canonical;
    request.repositoryName = QFileInfo(request.repositoryId).fileName();
    return request;
}

void installTranslations()
{
    static QTranslator translator;
    if (translator.load(QLocale(), "ovvoc", "_", ":/i18n")
        || translator.load(QStringLiteral(":/i18n/ovvoc_en.qm")))
        QCoreApplication::installTranslator(&translator);
}

void hardenProcess()
{
    // A file that may not grow any more is an error to be told, not the end of the program.
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit none = {0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

} // namespace ovvoc
