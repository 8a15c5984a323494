#include "jobs/launch.h"

#include "updates/versionrange.h"

#include <QCoreApplication>
#include <algorithm>

namespace ovvoc {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("Launch", text);
}

} // namespace

JobRequest requestFor(const Client &client, const ClientRepository &repository,
                      const Settings &settings, JobKind kind)
{
    JobRequest request;
    request.kind = kind;
    request.clientId = client.id;
    request.clientName = client.name;
    request.repositoryId = repository.id;
    request.repositoryName = repository.title();
    request.baseBranch = repository.baseBranch;
    request.recipe = repository.recipe;
    request.runtime = settings.runtime();
    request.limits = settings.limits();
    request.phaseSeconds = settings.phaseSeconds();
    request.extraHosts = settings.allowlist();
    request.registries = settings.registries();
    request.environment = settings.environment();
    request.keptPackagesMib = settings.keptPackagesMib();
    request.proxy = settings.proxy();
    request.fullHistory = settings.fullHistory();
    request.acceptBuildOnly = settings.acceptsBuildOnly();
    request.acceptKnownFailures = settings.acceptsKnownFailures();
    request.node = settings.node();
    request.projects = settings.projects();
    request.testScripts = settings.testScripts();
    request.priority = settings.priority();
    request.selection.level = settings.level();
    request.selection.include = settings.include();
    request.selection.exclude = settings.exclude();
    request.selection.cooldownDays = settings.cooldownDays();
    request.selection.skips = settings.skips();
    request.grouping = settings.grouping();
    request.changeCode = settings.changesCode();
    request.rulesFolder = settings.rulesFolder();
    request.proposals = {settings.openProposals(), settings.proposalsPerWeek()};
    return request;
}

JobRequest requestAgain(const JobRequest &old, const std::optional<JobRequest> &fresh)
{
    JobRequest request = fresh.value_or(old);
    request.kind = old.kind == JobKind::Scan ? JobKind::Scan : JobKind::Update;
    request.selection.package = old.selection.package;
    request.selection.packages = old.selection.packages;
    request.selection.version = old.selection.version;
    // What was asked for with smaller steps than the settings allow stays so.
    request.selection.level = std::min(request.selection.level, old.selection.level);
    request.selection.only.clear();
    request.again = old.again;
    request.grouping = fresh ? request.grouping : old.grouping;
    request.trigger = QStringLiteral("person");
    // No part of the run that the old one belonged to.
    for (QString *text : {&request.id, &request.runId, &request.topic, &request.part})
        text->clear();
    request.baseline = false;
    request.knownFailures = {};
    return request;
}

bool PendingUpdate::isSafe() const
{
    const auto from = Semver::parse(dependency.current);
    return waits.isEmpty() && level != UpdateLevel::Major && from && from->major > 0;
}

QList<PendingUpdate> pendingUpdates(const ClientRepository &repository, const Settings &settings,
                                    const ScanReport &scan)
{
    UpdateSelection selection;
    selection.include = settings.include();
    selection.exclude = settings.exclude();
    selection.skips = settings.skips();
    const QDate today = QDate::currentDate();
    QList<PendingUpdate> list;
    for (const ScannedDependency &dependency : scan.dependencies) {
        const auto current = Semver::parse(dependency.current);
        const auto latest = Semver::parse(dependency.latest);
        const auto wanted = Semver::parse(dependency.wanted);
        if (!current)
            continue;
        PendingUpdate one;
        one.clientId = repository.clientId;
        one.repositoryId = repository.id;
        one.dependency = dependency;
        // The newest where the level reaches it, else what the range of the project allows.
        for (const auto &[version, text] :
             {std::pair(latest, dependency.latest), std::pair(wanted, dependency.wanted)}) {
            if (version && *version > *current
                && levelBetween(*current, *version) <= settings.level()) {
                one.target = text;
                one.level = levelBetween(*current, *version);
                break;
            }
        }
        for (const Advisory &advisory : scan.advisories) {
            if (advisory.package == dependency.name
                && inRange(*current, advisory.range).value_or(true))
                one.advisories << advisory;
        }
        if (one.target.isEmpty()) {
            if (!dependency.level)
                continue;
            one.target = dependency.latest;
            one.level = *dependency.level;
            one.waits = tr("the level allows no %1 step").arg(toString(one.level));
        }
        if (!selection.selects(dependency.name))
            one.waits = tr("excluded by the settings");
        else if (const Skip *skip = selection.skipOf(dependency.name, one.target, today))
            one.waits = tr("skipped: %1").arg(toString(*skip));
        else if (one.target == dependency.latest && one.advisories.isEmpty()
                 && dependency.ageDays >= 0 && dependency.ageDays < settings.cooldownDays())
            one.waits = QCoreApplication::translate("Launch", "%1 is %n day(s) old", nullptr,
                                                    dependency.ageDays)
                            .arg(one.target);
        list << one;
    }
    std::stable_sort(list.begin(), list.end(), [](const PendingUpdate &a, const PendingUpdate &b) {
        const auto rank = [](const PendingUpdate &u) {
            return std::tuple(!u.isSecurity(), !u.waits.isEmpty(), -int(u.level));
        };
        return rank(a) < rank(b);
    });
    return list;
}

} // namespace ovvoc
