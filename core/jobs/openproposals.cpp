#include "jobs/openproposals.h"

#include "jobs/launch.h"

#include <QCoreApplication>
#include <algorithm>

namespace ovvoc {

namespace {

/// Whether the next repository of the same client would fail for the same reason.
bool holdsForAll(ErrorCode code)
{
    switch (code) {
    case ErrorCode::NotFound:
    case ErrorCode::InvalidInput:
    case ErrorCode::Conflict:
    case ErrorCode::Forbidden:
    case ErrorCode::Unsupported:
        return false;
    default:
        return true;
    }
}

} // namespace

TaskResult<> askForProposals(std::shared_ptr<Workspace> workspace,
                             std::shared_ptr<JobArchive> archive, JobQueue::ForgeMaker makeForge,
                             QString clientId, QString repositoryId, std::function<bool()> stopped)
{
    OVVOC_CO_TRY(client, workspace->client(clientId));
    OVVOC_CO_TRY(repositories, workspace->repositories(client.id));
    OVVOC_CO_TRY(agency, workspace->agencyOverrides());
    std::optional<Error> first;
    const QList<ClientRepository> all = repositories;
    for (const ClientRepository &repository : all) {
        if (repository.archived || (!repositoryId.isEmpty() && repository.id != repositoryId))
            continue;
        if (stopped && stopped())
            co_return fail(ErrorCode::Cancelled,
                           QCoreApplication::translate("OpenProposals", "Asking was stopped."));
        const Settings settings(agency, client.overrides, repository.overrides);
        const QDateTime begun = QDateTime::currentDateTimeUtc();
        const auto forge = makeForge(requestFor(client, repository, settings, JobKind::Update));
        auto open = co_await forge->openProposals(repository.baseBranch);
        if (open) {
            if (!workspace->repository(client.id, repository.id))
                continue; // removed meanwhile
            KnownProposals known{QDateTime::currentDateTimeUtc(), *open};
            // What a job has proposed since the forge was asked is not in its answer.
            OVVOC_CO_TRY(before, archive->proposals(client.id, repository.id));
            for (const OpenProposal &one : std::as_const(before.open)) {
                const bool answered = std::ranges::any_of(
                    known.open, [&](const auto &other) { return other.branch == one.branch; });
                if (!answered && one.created >= begun)
                    known.open << one;
            }
            OVVOC_CO_CHECK(archive->saveProposals(client.id, repository.id, known));
            continue;
        }
        if (!first)
            first = open.error();
        if (holdsForAll(open.error().code))
            break;
    }
    if (first)
        co_return fail(*first);
    co_return {};
}

} // namespace ovvoc
