#include "jobs/job.h"

#include <QJsonArray>
#include <QJsonObject>

namespace ovvoc {

qint64 Phase::milliseconds() const
{
    if (!started.isValid())
        return 0;
    return started.msecsTo(ended.isValid() ? ended : QDateTime::currentDateTimeUtc());
}

const Phase *Job::phase(PhaseKind kind) const
{
    for (const Phase &phase : phases) {
        if (phase.kind == kind)
            return &phase;
    }
    return nullptr;
}

const Phase *Job::running() const
{
    for (const Phase &phase : phases) {
        if (phase.state == PhaseState::Running)
            return &phase;
    }
    return nullptr;
}

QString toString(PhaseKind kind)
{
    switch (kind) {
    case PhaseKind::Create:
        return QStringLiteral("Create");
    case PhaseKind::Clone:
        return QStringLiteral("Clone");
    case PhaseKind::Analyze:
        return QStringLiteral("Analyze");
    case PhaseKind::Transform:
        return QStringLiteral("Transform");
    case PhaseKind::Build:
        return QStringLiteral("Build");
    case PhaseKind::Test:
        return QStringLiteral("Test");
    case PhaseKind::PullRequest:
        return QStringLiteral("PR");
    case PhaseKind::Destroy:
        return QStringLiteral("Destroy");
    }
    return {};
}

QString toString(PhaseState state)
{
    switch (state) {
    case PhaseState::Waiting:
        return QStringLiteral("waiting");
    case PhaseState::Running:
        return QStringLiteral("running");
    case PhaseState::Succeeded:
        return QStringLiteral("succeeded");
    case PhaseState::Failed:
        return QStringLiteral("failed");
    case PhaseState::Cancelled:
        return QStringLiteral("cancelled");
    case PhaseState::Skipped:
        return QStringLiteral("skipped");
    }
    return {};
}

QString toString(Outcome outcome)
{
    switch (outcome) {
    case Outcome::None:
        return QStringLiteral("none");
    case Outcome::Succeeded:
        return QStringLiteral("succeeded");
    case Outcome::Failed:
        return QStringLiteral("failed");
    case Outcome::Cancelled:
        return QStringLiteral("cancelled");
    }
    return {};
}

QString toString(JobKind kind)
{
    return kind == JobKind::Scan ? QStringLiteral("scan") : QStringLiteral("update");
}

namespace {

QString iso(const QDateTime &time)
{
    return time.isValid() ? time.toUTC().toString(Qt::ISODateWithMs) : QString();
}

QJsonObject testJson(const TestCase &test)
{
    static constexpr const char *states[] = {"passed", "failed", "skipped"};
    QJsonObject object{{"name", test.fullName()}, {"state", states[int(test.state)]}};
    if (test.milliseconds >= 0)
        object["milliseconds"] = test.milliseconds;
    if (!test.file.isEmpty())
        object["file"] = test.file;
    if (test.line > 0)
        object["line"] = test.line;
    if (!test.message.isEmpty())
        object["message"] = test.message;
    return object;
}

template <typename List, typename Function> QJsonArray arrayOf(const List &list, Function function)
{
    QJsonArray array;
    for (const auto &item : list)
        array.append(function(item));
    return array;
}

QJsonObject planJson(const UpdatePlan &plan)
{
    return {{"updates",
             arrayOf(plan.updates,
                     [](const PlannedUpdate &u) {
                         return QJsonObject{{"package", u.name},   {"section", u.section},
                                            {"from", u.from},      {"to", u.to},
                                            {"range", u.toRange},  {"level", toString(u.level)},
                                            {"ageDays", u.ageDays}};
                     })},
            {"skipped", arrayOf(plan.skipped, [](const SkippedUpdate &s) {
                 return QJsonObject{{"package", s.name}, {"reason", s.reason}};
             })}};
}

QJsonObject scanJson(const ScanReport &scan)
{
    QJsonObject object{{"installedPackages", scan.installedPackages},
                       {"outdated", scan.outdated()},
                       {"dependencies",
                        arrayOf(scan.dependencies,
                                [](const ScannedDependency &d) {
                                    QJsonObject o{{"package", d.name},  {"section", d.section},
                                                  {"range", d.range},   {"current", d.current},
                                                  {"wanted", d.wanted}, {"latest", d.latest}};
                                    if (d.level)
                                        o["level"] = toString(*d.level);
                                    if (d.ageDays >= 0)
                                        o["ageDays"] = d.ageDays;
                                    if (!d.note.isEmpty())
                                        o["note"] = d.note;
                                    return o;
                                })},
                       {"advisories", arrayOf(scan.advisories, [](const Advisory &a) {
                            return QJsonObject{{"package", a.package},
                                               {"severity", a.severity},
                                               {"title", a.title},
                                               {"url", a.url},
                                               {"range", a.range}};
                        })}};
    if (!scan.advisoryNote.isEmpty())
        object["advisoryNote"] = scan.advisoryNote;
    return object;
}

QJsonObject failureJson(const FailureReport &failure)
{
    return {{"phase", toString(failure.phase)},
            {"step", failure.step},
            {"code", toString(failure.error.code)},
            {"message", failure.error.message},
            {"excerpt", failure.excerpt},
            {"tests", arrayOf(failure.tests, testJson)},
            {"suggestions", QJsonArray::fromStringList(failure.suggestions)}};
}

} // namespace

QJsonObject toJson(const Job &job)
{
    QJsonObject object{
        {"id", job.request.id},
        {"kind", toString(job.request.kind)},
        {"client", job.request.clientId},
        {"repository", job.request.repositoryName},
        {"created", iso(job.created)},
        {"outcome", toString(job.outcome)},
        {"summary", job.summary},
        {"engine", job.engine},
        {"container", job.containerId},
        {"image",
         QJsonObject{
             {"id", job.image.id}, {"reference", job.image.reference}, {"base", job.image.base}}},
        {"base", QJsonObject{{"branch", job.base.branch}, {"commit", job.base.commit}}},
        {"phases",
         arrayOf(job.phases,
                 [](const Phase &p) {
                     return QJsonObject{{"phase", toString(p.kind)},
                                        {"state", toString(p.state)},
                                        {"started", iso(p.started)},
                                        {"ended", iso(p.ended)},
                                        {"milliseconds", p.milliseconds()},
                                        {"message", p.message},
                                        {"steps", QJsonArray::fromStringList(p.steps)}};
                 })},
        {"evidence",
         arrayOf(job.evidence,
                 [](const Evidence &e) {
                     return QJsonObject{{"control", e.control},
                                        {"asked", e.asked},
                                        {"found", e.found},
                                        {"verdict", toString(e.verdict)}};
                 })},
        {"gate",
         QJsonObject{{"hosts", QJsonArray::fromStringList(job.allowedHosts)},
                     {"opened", job.gateOpened ? iso(*job.gateOpened) : QString()},
                     {"closed", job.gateClosed ? iso(*job.gateClosed) : QString()}}},
        {"egress",
         arrayOf(job.egress,
                 [](const EgressRow &r) {
                     return QJsonObject{{"time", iso(r.time)},    {"host", r.host},
                                        {"port", r.port},         {"verdict", toString(r.verdict)},
                                        {"reason", r.reason},     {"bytesIn", r.bytesIn},
                                        {"bytesOut", r.bytesOut}, {"milliseconds", r.milliseconds}};
                 })},
        {"tokens",
         arrayOf(job.tokens,
                 [](const TokenLife &t) {
                     return QJsonObject{{"purpose", t.purpose},
                                        {"permissions", t.permissions},
                                        {"repository", t.repository},
                                        {"minted", iso(t.minted)},
                                        {"ended", t.ended.isValid() ? iso(t.ended) : QString()},
                                        {"state", toString(t.state)},
                                        {"confirmed", t.confirmed}};
                 })},
        {"plan", planJson(job.plan)},
        {"patch",
         QJsonObject{{"sha256", QString::fromLatin1(job.patch.sha256)},
                     {"files",
                      arrayOf(job.patch.files,
                              [](const FileChange &f) {
                                  return QJsonObject{
                                      {"path", f.path}, {"added", f.added}, {"removed", f.removed}};
                              })}}},
    };
    if (job.tests)
        object["tests"] = QJsonObject{{"runner", job.tests->runner},
                                      {"passed", job.tests->passed},
                                      {"failed", job.tests->failed},
                                      {"skipped", job.tests->skipped},
                                      {"milliseconds", job.tests->milliseconds},
                                      {"failures", arrayOf(job.tests->failures(), testJson)}};
    if (job.scan)
        object["scan"] = scanJson(*job.scan);
    if (job.failure)
        object["failure"] = failureJson(*job.failure);
    if (job.proposal)
        object["proposal"] = QJsonObject{{"branch", job.proposal->branch},
                                         {"commit", job.proposal->commit},
                                         {"location", job.proposal->location},
                                         {"number", job.proposal->number},
                                         {"title", job.proposalTitle}};
    return object;
}

} // namespace ovvoc
