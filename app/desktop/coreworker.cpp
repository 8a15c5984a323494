#include "desktop/coreworker.h"

#include "base/ids.h"
#include "base/logging.h"
#include "common/demo.h"
#include "keychain/systemkeychain.h"

namespace ovvoc {

CoreWorker::CoreWorker(WorkspaceFolder workspace, std::shared_ptr<SecretMask> mask)
    : m_workspace(std::move(workspace))
    , m_mask(std::move(mask))
{ }

CoreWorker::~CoreWorker() = default;

void CoreWorker::tell()
{
    emit engineChanged(m_state);
}

void CoreWorker::findEngine()
{
    if (!m_busy)
        connectToEngine();
}

Task<> CoreWorker::connectToEngine()
{
    m_busy = true;
    m_state.step = EngineState::Step::Looking;
    tell();
    auto services = co_await makeServices(m_workspace, m_mask);
    m_busy = false;
    if (!services) {
        m_state.step = EngineState::Step::NoEngine;
        m_state.error = services.error();
        tell();
        co_return;
    }
    m_services = *services;
    m_state.info = m_services.engine->info();
    const JobQueue::ForgeMaker forges = [this](const JobRequest &request) {
        return m_records ? forgesOf(m_records)(request) : localForges(m_workspace)(request);
    };
    m_queue = std::make_unique<JobQueue>(m_services, forges, QueueLimits{});
    connect(m_queue.get(), &JobQueue::changed, this, &CoreWorker::jobChanged);
    connect(m_queue.get(), &JobQueue::logged, this, &CoreWorker::jobLogged);
    connect(m_queue.get(), &JobQueue::idle, this, [this] { endWhenIdle(); });
    connect(m_queue.get(), &JobQueue::changed, this, [this](const Job &job) {
        if (m_records && !job.isOver())
            m_records->recorder->changed(job);
    });
    connect(m_queue.get(), &JobQueue::logged, this,
            [this](const QString &id, const LogChunk &chunk) {
                if (m_records)
                    m_records->recorder->logged(id, chunk);
            });
    connect(m_queue.get(), &JobQueue::finished, this, [this](const Job &job) {
        if (m_records)
            m_records->recorder->finished(job);
        emit jobFinished(job);
        // The first job may have prepared the image.
        if (m_state.step == EngineState::Step::NoImage)
            lookForImage();
    });
    co_await lookForImage();
    if (!m_records)
        co_await openWorkspace();
}

Task<> CoreWorker::openWorkspace()
{
    auto records = co_await openRecords(m_workspace, std::make_shared<SystemKeychain>(), m_mask);
    if (!records) {
        // Jobs on this machine's own repositories need no keychain; they are just not kept.
        log().warn("workspace: {}", records.error().message.toStdString());
        co_return;
    }
    m_records = *records;
    (void)co_await tidyUp(m_records, m_services.engine);
    m_scheduler = std::make_unique<Scheduler>(m_records->workspace, m_records->archive);
    connect(m_scheduler.get(), &Scheduler::dueNow, this, &CoreWorker::startScheduled);
    m_scheduler->start();
}

void CoreWorker::startScheduled(const ScheduledRun &run)
{
    Workspace &workspace = *m_records->workspace;
    const auto client = workspace.client(run.clientId);
    const auto repository = client ? workspace.repository(run.clientId, run.repositoryId)
                                   : Result<ClientRepository>(fail(client.error()));
    auto request = repository ? clientRequest(workspace, *client, *repository, JobKind::Update)
                              : Result<JobRequest>(fail(repository.error()));
    if (!request)
        return log().warn("schedule: {}", toString(request.error().code).toStdString());
    request->id = newId();
    request->trigger = QStringLiteral("schedule");
    start(*request);
}

Task<> CoreWorker::endWhenIdle()
{
    if (m_records) {
        auto settled = co_await m_records->workspace->audit().settle();
        if (!settled)
            log().warn("audit: {}", settled.error().message.toStdString());
    }
    emit idle();
}

Task<> CoreWorker::lookForImage()
{
    const auto definition = builtinImageDefinition("npm");
    if (!definition)
        co_return;
    const std::shared_ptr<ImageStore> images = m_services.images;
    auto image = co_await images->find(*definition);
    m_state.step = image ? EngineState::Step::Ready : EngineState::Step::NoImage;
    if (image)
        m_state.image = *image;
    else
        m_state.error = image.error();
    tell();
}

void CoreWorker::prepareImage()
{
    if (!m_busy && m_services.images)
        prepareNow();
}

Task<> CoreWorker::prepareNow()
{
    const auto definition = builtinImageDefinition("npm");
    if (!definition)
        co_return;
    m_busy = true;
    m_state.step = EngineState::Step::PreparingImage;
    tell();
    const std::shared_ptr<ImageStore> images = m_services.images;
    const ImageStore::Progress progress = [this](const QString &line) {
        m_state.progress = line;
        tell();
    };
    auto image = co_await images->prepare(*definition, progress);
    m_busy = false;
    m_state.step = image ? EngineState::Step::Ready : EngineState::Step::NoImage;
    if (image)
        m_state.image = *image;
    else
        m_state.error = image.error();
    tell();
}

void CoreWorker::makeDemo()
{
    makeDemoNow();
}

Task<> CoreWorker::makeDemoNow()
{
    auto path = co_await makeDemoRepository(m_workspace.path + "/demo");
    if (path)
        emit demoReady(*path);
    else
        emit failed(path.error());
}

void CoreWorker::start(const JobRequest &request)
{
    if (!m_queue) {
        emit jobRefused(request.id,
                        {ErrorCode::NoEngine,
                         m_state.step == EngineState::Step::NoEngine
                             ? m_state.error.message
                             : tr("The engine is not there yet. Try again in a moment."),
                         {}});
        return;
    }
    JobRequest owned = request;
    if (m_records && owned.clientName == QLatin1String("Local")) {
        if (const auto adopted = adoptLocal(*m_records->workspace, owned); !adopted)
            log().warn("workspace: {}", toString(adopted.error().code).toStdString());
    }
    const auto added = m_queue->add(owned);
    if (!added)
        emit jobRefused(request.id, added.error());
}

void CoreWorker::cancel(const QString &jobId)
{
    if (m_queue)
        (void)m_queue->cancel(jobId);
}

void CoreWorker::cancelAll()
{
    if (m_queue)
        m_queue->cancelAll();
    if (!m_queue || (m_queue->running() == 0 && m_queue->waiting() == 0))
        emit idle();
}

} // namespace ovvoc
