#include "jobs/jobrecorder.h"

#include "base/logging.h"

namespace ovvoc {

JobRecorder::JobRecorder(std::shared_ptr<Workspace> workspace, std::shared_ptr<JobArchive> archive)
    : m_workspace(std::move(workspace))
    , m_archive(std::move(archive))
{ }

Result<> JobRecorder::note(const AuditEvent &event)
{
    return m_workspace->audit().add(event);
}

Result<> JobRecorder::compare(Seen &seen, const Job &after)
{
    const Job &before = seen.job;
    const QString client = after.request.clientId, id = after.request.id;
    for (qsizetype i = 0; i < after.phases.size(); ++i) {
        const Phase &now = after.phases[i];
        const PhaseState then =
            i < before.phases.size() ? before.phases[i].state : PhaseState::Waiting;
        const bool ended = now.state == PhaseState::Succeeded || now.state == PhaseState::Failed
            || now.state == PhaseState::Cancelled;
        if (ended && then != now.state)
            OVVOC_CHECK(note(
                {"job.phase",
                 client,
                 id,
                 now.state == PhaseState::Succeeded ? QStringLiteral("ok") : toString(now.state),
                 {{"phase", toString(now.kind)}, {"milliseconds", now.milliseconds()}},
                 {}}));
    }
    if (before.base.commit.isEmpty() && !after.base.commit.isEmpty())
        OVVOC_CHECK(note({"repository.access",
                          client,
                          id,
                          "ok",
                          {{"repository", after.request.repositoryName},
                           {"branch", after.base.branch},
                           {"commit", after.base.commit}},
                          {}}));
    OVVOC_CHECK(compareEgress(seen, after));
    if (!before.proposal && after.proposal)
        OVVOC_CHECK(note({"pull-request.open",
                          client,
                          id,
                          "ok",
                          {{"branch", after.proposal->branch},
                           {"commit", after.proposal->commit},
                           {"number", after.proposal->number},
                           {"location", after.proposal->location}},
                          {}}));
    return {};
}

/// A refusal may come at any time in a connection's life: a wrong server name comes after it was
/// allowed to begin.
Result<> JobRecorder::compareEgress(Seen &seen, const Job &after)
{
    for (const EgressRow &row : after.egress) {
        if (row.verdict != EgressRow::Verdict::Refused || seen.refusals.contains(row.id))
            continue;
        seen.refusals << row.id;
        if (seen.refusals.size() > refusalLimit) {
            ++seen.refusalsLeftOut;
            continue;
        }
        OVVOC_CHECK(note({"gate.refuse",
                          after.request.clientId,
                          after.request.id,
                          "refused",
                          {{"host", row.host}, {"port", row.port}, {"reason", row.reason}},
                          {}}));
    }
    return {};
}

Result<> JobRecorder::changed(const Job &job)
{
    const QString id = job.request.id;
    if (!m_seen.contains(id)) {
        OVVOC_CHECK(m_archive->begin(job));
        m_seen.insert(id, {});
    }
    Seen &seen = m_seen[id];
    OVVOC_CHECK(compare(seen, job));
    const auto statesOf = [](const Job &one) {
        QList<PhaseState> states;
        for (const Phase &phase : one.phases)
            states << phase.state;
        return states;
    };
    if (statesOf(seen.job) != statesOf(job) || seen.job.tokens != job.tokens)
        OVVOC_CHECK(m_archive->update(job));
    seen.job = job;
    return {};
}

void JobRecorder::logged(const QString &jobId, const LogChunk &chunk)
{
    const auto it = m_seen.find(jobId);
    if (it != m_seen.end() && it->log.size() < keptLogLimit)
        it->log += chunk.text;
}

Result<> JobRecorder::finished(const Job &job)
{
    const QString id = job.request.id;
    auto done = changed(job);
    const Seen seen = m_seen.take(id);
    if (done && seen.refusalsLeftOut > 0)
        done = note({"gate.refuse",
                     job.request.clientId,
                     id,
                     "refused",
                     {{"more", seen.refusalsLeftOut}},
                     {}});
    // The record even where an entry is missing: it says how the job ended.
    const auto kept = m_archive->finish(job, seen.log);
    return done ? kept : done;
}

} // namespace ovvoc
