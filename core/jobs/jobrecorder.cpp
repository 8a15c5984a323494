#include "jobs/jobrecorder.h"

#include "base/logging.h"

namespace ovvoc {

static QJsonObject detailOf(const TokenLife &token)
{
    return {{"purpose", token.purpose},
            {"permissions", token.permissions},
            {"repository", token.repository},
            {"confirmed", token.confirmed}};
}

AuditEvent tokenMinted(const QString &clientId, const QString &jobId, const TokenLife &token)
{
    return {"token.mint", clientId, jobId, "ok", detailOf(token)};
}

AuditEvent tokenEnded(const QString &clientId, const QString &jobId, const TokenLife &token)
{
    const bool revoked = token.state == TokenLife::State::Revoked;
    return {"token.revoke", clientId, jobId, revoked ? QStringLiteral("ok") : toString(token.state),
            detailOf(token)};
}

JobRecorder::JobRecorder(std::shared_ptr<Workspace> workspace, std::shared_ptr<JobArchive> archive)
    : m_workspace(std::move(workspace))
    , m_archive(std::move(archive))
{ }

void JobRecorder::check(const Result<> &result)
{
    if (result)
        return;
    log().error("record: {}", toString(result.error().code).toStdString());
    emit failed(result.error());
}

void JobRecorder::note(const AuditEvent &event)
{
    check(m_workspace->audit().add(event));
}

void JobRecorder::compare(const Job &before, const Job &after)
{
    const QString client = after.request.clientId, id = after.request.id;
    for (qsizetype i = 0; i < after.phases.size(); ++i) {
        const Phase &now = after.phases[i];
        const PhaseState then =
            i < before.phases.size() ? before.phases[i].state : PhaseState::Waiting;
        const bool ended = now.state == PhaseState::Succeeded || now.state == PhaseState::Failed
            || now.state == PhaseState::Cancelled;
        if (ended && then != now.state)
            note({"job.phase",
                  client,
                  id,
                  now.state == PhaseState::Succeeded ? QStringLiteral("ok") : toString(now.state),
                  {{"phase", toString(now.kind)}, {"milliseconds", now.milliseconds()}}});
    }
    if (before.base.commit.isEmpty() && !after.base.commit.isEmpty())
        note({"repository.access",
              client,
              id,
              "ok",
              {{"repository", after.request.repositoryName},
               {"branch", after.base.branch},
               {"commit", after.base.commit}}});
    for (qsizetype i = 0; i < after.tokens.size(); ++i) {
        const TokenLife &token = after.tokens[i];
        if (i >= before.tokens.size())
            note(tokenMinted(client, id, token));
        const bool wasLive =
            i >= before.tokens.size() || before.tokens[i].state == TokenLife::State::Live;
        if (wasLive && token.state != TokenLife::State::Live)
            note(tokenEnded(client, id, token));
    }
    for (qsizetype i = before.egress.size(); i < after.egress.size(); ++i) {
        const EgressRow &row = after.egress[i];
        if (row.verdict != EgressRow::Verdict::Refused || ++m_refusals[id] > refusalLimit)
            continue;
        note({"gate.refuse",
              client,
              id,
              "refused",
              {{"host", row.host}, {"port", row.port}, {"reason", row.reason}}});
    }
    if (!before.proposal && after.proposal)
        note({"pull-request.open",
              client,
              id,
              "ok",
              {{"branch", after.proposal->branch},
               {"commit", after.proposal->commit},
               {"number", after.proposal->number},
               {"location", after.proposal->location}}});
}

void JobRecorder::changed(const Job &job)
{
    const QString id = job.request.id;
    if (!m_seen.contains(id)) {
        check(m_archive->begin(job));
        note({"job.start",
              job.request.clientId,
              id,
              "ok",
              {{"kind", toString(job.request.kind)},
               {"trigger", job.request.trigger},
               {"repository", job.request.repositoryName},
               {"package", job.request.selection.package}}});
        m_seen.insert(id, Job());
    }
    const Job before = m_seen.value(id);
    compare(before, job);
    const auto statesOf = [](const Job &one) {
        QList<PhaseState> states;
        for (const Phase &phase : one.phases)
            states << phase.state;
        return states;
    };
    if (statesOf(before) != statesOf(job) || before.tokens != job.tokens)
        check(m_archive->update(job));
    m_seen.insert(id, job);
}

void JobRecorder::logged(const QString &jobId, const LogChunk &chunk)
{
    QByteArray &text = m_logs[jobId];
    if (text.size() < keptLogLimit)
        text += chunk.text;
}

void JobRecorder::finished(const Job &job)
{
    const QString id = job.request.id;
    changed(job);
    check(m_archive->finish(job, m_logs.take(id)));
    if (job.scan && job.outcome == Outcome::Succeeded && !job.request.repositoryId.isEmpty())
        check(m_archive->saveScan(job.request.clientId, job.request.repositoryId, *job.scan,
                                  job.created));
    note({"job.end",
          job.request.clientId,
          id,
          job.outcome == Outcome::Succeeded ? QStringLiteral("ok") : toString(job.outcome),
          {{"summary", job.summary}}});
    m_seen.remove(id);
    m_refusals.remove(id);
}

} // namespace ovvoc
