#include "common/services.h"

#include "base/helpers.h"
#include "forge/local/localforge.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QLocale>
#include <QTranslator>
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
    co_return services;
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
    const rlimit none = {0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

} // namespace ovvoc
