#include "desktop/coreworker.h"

#include "base/ids.h"
#include "base/logging.h"
#include "common/demo.h"

#include <utility>

namespace ovvoc {

CoreWorker::CoreWorker(WorkspaceFolder workspace, std::shared_ptr<SecretStore> store,
                       std::shared_ptr<SecretMask> mask)
    : m_workspace(workspace)
    , m_mask(mask)
    , m_workspaceWorker(std::move(workspace), std::move(store), std::move(mask), this)
{
    connect(&m_workspaceWorker, &WorkspaceWorker::dueNow, this, &CoreWorker::startScheduled);
    connect(&m_workspaceWorker, &WorkspaceWorker::stateChanged, this, &CoreWorker::startEarly);
    connect(&m_workspaceWorker, &WorkspaceWorker::leftToGoOn, this, &CoreWorker::goOn);
}

CoreWorker::~CoreWorker() = default;

void CoreWorker::tell()
{
    emit engineChanged(m_state);
}

void CoreWorker::findEngine()
{
    if (inUse())
        emit failed({ErrorCode::Conflict,
                     tr("Jobs use the engine now. Look again when they have ended."),
                     {}});
    else if (!m_busy)
        connectToEngine();
}

bool CoreWorker::inUse() const
{
    return m_queue && (m_queue->running() > 0 || m_queue->waiting() > 0);
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
        m_workspaceWorker.engineLookedFor(nullptr);
        co_return;
    }
    if (!inUse()) { // else a job has begun meanwhile, with the engine that was there
        m_services = *services;
        m_state.info = m_services.engine->info();
        connectQueue();
    }
    m_workspaceWorker.engineLookedFor(m_services.engine);
    co_await lookForImage();
}

void CoreWorker::connectQueue()
{
    const JobQueue::ForgeMaker forges = [this](const JobRequest &request) {
        return records() ? forgesOf(records())(request) : localForges(m_workspace)(request);
    };
    m_queue = std::make_unique<RunQueue>(m_services, forges, QueueLimits{});
    connect(m_queue.get(), &RunQueue::changed, this, &CoreWorker::jobChanged);
    connect(m_queue.get(), &RunQueue::logged, this, &CoreWorker::jobLogged);
    connect(m_queue.get(), &RunQueue::sampled, this, &CoreWorker::jobSampled);
    connect(m_queue.get(), &RunQueue::runChanged, this, &CoreWorker::runChanged);
    connect(m_queue.get(), &RunQueue::idle, this, [this] { endWhenIdle(); });
    connect(m_queue.get(), &RunQueue::finished, this, &CoreWorker::finished);
}

void CoreWorker::finished(const Job &job)
{
    m_workspaceWorker.jobEnded(job);
    emit jobFinished(job);
    // The first job may have prepared the image.
    if (m_state.step == EngineState::Step::NoImage)
        lookForImage();
}

void CoreWorker::startScheduled(const ScheduledRun &run)
{
    // No engine yet, at login perhaps: it is looked for again, and the run stays due.
    if (!m_queue) {
        m_workspaceWorker.postpone(run);
        findEngine();
        return;
    }
    const auto request = m_workspaceWorker.scheduledRequest(run);
    if (!request)
        return log().warn("schedule: {}", toString(request.error().code).toStdString());
    start(*request);
}

Task<> CoreWorker::endWhenIdle()
{
    const bool ending = m_ending; // as it was when this began
    if (ending) {
        co_await m_workspaceWorker.close();
    } else if (records()) {
        auto settled = co_await records()->workspace->audit().settle();
        if (!settled)
            log().warn("audit: {}", toString(settled.error().code).toStdString());
    }
    emit idle();
    if (ending)
        emit ended();
}

void CoreWorker::end(bool goOnLater)
{
    m_ending = true;
    if (!inUse())
        endWhenIdle();
    else if (goOnLater)
        m_queue->suspend();
    else
        m_queue->cancelAll();
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

void CoreWorker::checkNetwork()
{
    checkNetworkNow();
}

Task<> CoreWorker::checkNetworkNow()
{
    emit networkChanged({});
    auto host = co_await reachRegistry(ProxySetting{});
    NetworkState state;
    state.step = host ? NetworkState::Step::Good : NetworkState::Step::Bad;
    if (host)
        state.host = *host;
    else
        state.error = host.error();
    emit networkChanged(state);
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
    if (m_ending)
        return;
    if (!m_queue) {
        emit jobRefused(request.id,
                        {ErrorCode::NoEngine,
                         m_state.step == EngineState::Step::NoEngine
                             ? m_state.error.message
                             : tr("The engine is not there yet. Try again in a moment."),
                         {}});
        return;
    }
    // What the log does not have does not run, but for folders of this machine without a keychain.
    const WorkspaceState &state = m_workspaceWorker.state();
    if (!records() && state.step == WorkspaceState::Step::Opening) {
        m_early << request; // in a moment it is known where it is kept
        return;
    }
    if (!records()
        && (!mayGoUnrecorded(state.error) || request.clientId != QLatin1String("local"))) {
        emit jobRefused(request.id, state.error);
        return;
    }
    if (records()) {
        m_queue->setWitness(records()->recorder);
        m_queue->setRegistryCredential(registryCredentialsOf(records(), m_mask));
        m_queue->setMemory(memoryOfRuns(records()));
        m_queue->setRunWitness(records()->runs);
    }
    JobRequest owned = request;
    if (records() && owned.clientId == QLatin1String("local")) {
        if (const auto adopted = adoptLocal(*records()->workspace, owned); !adopted)
            log().warn("workspace: {}", toString(adopted.error().code).toStdString());
    }
    const auto added = m_queue->add(owned);
    if (!added)
        emit jobRefused(request.id, added.error());
}

/// Each begins anew with what is left of it: what is proposed is not proposed again, and what was
/// found out is remembered.
void CoreWorker::goOn(const QList<AskedRun> &runs)
{
    for (const AskedRun &run : runs) {
        if (m_ending)
            return; // it stays kept
        const auto request = goOnWith(*records()->workspace, run);
        if (request) {
            records()->runs->countOn(request->id, run.begun);
            Job waiting;
            waiting.request = *request;
            waiting.created = QDateTime::currentDateTimeUtc();
            emit jobChanged(waiting);
            start(*request);
        } else {
            emit failed({request.error().code,
                         tr("A run for %1 that was left does not go on: %2")
                             .arg(run.request.repositoryName, request.error().message),
                         {}});
        }
        const auto dropped = records()->archive->dropAsked(run.request.clientId, run.request.id);
        if (!dropped)
            log().error("run: {}", toString(dropped.error().code).toStdString());
    }
}

void CoreWorker::startEarly()
{
    if (m_early.isEmpty() || m_workspaceWorker.state().step == WorkspaceState::Step::Opening)
        return;
    const QList<JobRequest> early = std::exchange(m_early, {});
    for (const JobRequest &request : early)
        start(request);
}

void CoreWorker::cancel(const QString &jobId)
{
    const auto early = m_early.removeIf([&](const JobRequest &one) { return one.id == jobId; });
    if (early > 0)
        emit jobRefused(jobId, {ErrorCode::Cancelled, tr("The job was cancelled."), {}});
    if (m_queue)
        (void)m_queue->cancel(jobId);
}

void CoreWorker::cancelAll()
{
    const QList<JobRequest> early = m_early;
    for (const JobRequest &request : early)
        cancel(request.id);
    if (m_queue)
        m_queue->cancelAll();
    if (!m_queue || (m_queue->running() == 0 && m_queue->waiting() == 0))
        emit idle();
}

} // namespace ovvoc
