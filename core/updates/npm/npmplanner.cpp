#include "updates/npm/npmplanner.h"

#include "updates/testreport/testreport.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QRegularExpression>
#include <algorithm>

namespace ovvoc {

namespace {

QString tr(const char *text, int n = -1)
{
    return QCoreApplication::translate("Npm", text, nullptr, n);
}

int daysSince(const QDateTime &time)
{
    return time.isValid() ? int(std::max<qint64>(0, time.daysTo(QDateTime::currentDateTimeUtc())))
                          : -1;
}

/// "git+https://host/owner/name.git" and its like as an https address; empty when it is none.
QString sourceAddress(QString text)
{
    static const QRegularExpression form(
        QStringLiteral("^(?:git\\+)?(?:https?|ssh|git)://(?:git@)?(github\\.com/[\\w.-]+/"
                       "[\\w.-]+?)(?:\\.git)?/?$"));
    if (text.startsWith(QLatin1String("github:")))
        text = "https://github.com/" + text.mid(7);
    const auto match = form.match(text.left(300));
    return match.hasMatch() ? "https://" + match.captured(1) : QString();
}

/// The advisories that hold for \a from and not for \a to.
QList<Advisory> fixedBy(const QString &package, const Semver &from, const Semver &to,
                        const QList<Advisory> &advisories)
{
    QList<Advisory> fixed;
    for (const Advisory &advisory : advisories) {
        if (advisory.package == package && inRange(from, advisory.range).value_or(false)
            && !inRange(to, advisory.range).value_or(true))
            fixed << advisory;
    }
    return fixed;
}

/// npm's own first complaint, for a message.
QString lastWords(const QByteArray &errors)
{
    for (const QString &line : plainText(errors).split('\n')) {
        QString text = line.trimmed();
        for (const char *prefix : {"npm error ", "npm ERR! "}) {
            if (text.startsWith(QLatin1String(prefix)))
                text = text.mid(qsizetype(qstrlen(prefix))).trimmed();
        }
        if (!text.isEmpty() && !text.startsWith(QLatin1String("npm warn"))
            && !text.startsWith(QLatin1String("code "))
            && !text.startsWith(QLatin1String("Exit prior to config")))
            return text.left(300);
    }
    return tr("it gave no reason");
}

} // namespace

std::optional<Error> explainNpmFailure(const QByteArray &errors)
{
    const QString text = plainText(errors);
    const auto has = [&text](const char *word) { return text.contains(QLatin1String(word)); };
    const QString detail = text.right(4000);
    if (has("ENOSPC"))
        return Error{ErrorCode::DiskFull,
                     tr("The cell's disk is full. Give this repository a larger disk limit and run "
                        "the job again."),
                     detail};
    if (has("ERESOLVE"))
        return Error{ErrorCode::CommandFailed,
                     tr("The new versions do not fit together: npm found conflicting peer "
                        "dependencies. Update the packages that depend on each other in one job."),
                     detail};
    if (has("E404") || has("ETARGET")) {
        static const QRegularExpression what(QStringLiteral(
            "(?:'([^']+)' is not in this registry|No matching version found for (\\S+?)\\.?\\s|"
            "404\\s+(?:Not Found - GET \\S+/)(\\S+))"));
        const auto match = what.match(text);
        QString name = match.captured(1);
        for (int i = 2; name.isEmpty() && i <= 3; ++i)
            name = match.captured(i);
        return Error{ErrorCode::NotFound,
                     name.isEmpty() ? tr("A package or version does not exist in the registry.")
                                    : tr("%1 does not exist in the registry. Check the name and "
                                         "version.")
                                          .arg(name.left(200)),
                     detail};
    }
    if (has("EUSAGE") && has("in sync"))
        return Error{ErrorCode::InvalidInput,
                     tr("The lockfile is out of step with package.json. Run `npm install` in the "
                        "repository, commit the lockfile, and run the update again."),
                     detail};
    if (has("403 Forbidden") || has("statusCode=403") || has("tunneling socket could not"))
        return Error{ErrorCode::GateRefused,
                     tr("A host that is not on the allowlist was needed. See Egress for which one; "
                        "add it to the client's allowlist if it is right."),
                     detail};
    if (has("ENOTFOUND") || has("ECONNREFUSED") || has("ECONNRESET") || has("ETIMEDOUT")
        || has("EAI_AGAIN") || has("network") || has("502"))
        return Error{ErrorCode::NetworkDown,
                     tr("The package registry cannot be reached. Check this machine's network and "
                        "proxy settings; Egress shows what was tried."),
                     detail};
    return std::nullopt;
}

NpmPlanner::NpmPlanner(Cell *cell, QString folder, QStringList environment)
    : m_cell(cell)
    , m_folder(std::move(folder))
    , m_environment(std::move(environment))
{ }

TaskResult<ExecOutcome> NpmPlanner::npm(QStringList arguments)
{
    ExecRequest request;
    request.command = QStringList{"npm"} + arguments;
    request.environment = m_environment;
    request.folder = m_folder;
    request.timeoutSeconds = 180;
    request.outputLimit = 64 * 1024 * 1024;
    co_return co_await m_cell->exec(std::move(request));
}

TaskResult<QHash<QString, NpmPlanner::Candidate>> NpmPlanner::askOutdated()
{
    const QStringList arguments{"outdated", "--json"};
    OVVOC_CO_TRY(outcome, co_await npm(arguments));
    // Exit code 1 only means that something is outdated.
    const QJsonDocument document = QJsonDocument::fromJson(outcome.output);
    const QJsonObject object = document.object();
    if (outcome.exitCode > 1 || object.contains("error") || !document.isObject()) {
        const QByteArray words =
            outcome.errors + '\n' + QJsonDocument(object["error"].toObject()).toJson();
        if (auto known = explainNpmFailure(words))
            co_return fail(*known);
        co_return fail(ErrorCode::CommandFailed,
                       tr("npm could not say what is outdated: %1").arg(lastWords(words)),
                       QString::fromUtf8(words.right(4000)));
    }
    QHash<QString, Candidate> result;
    for (auto it = object.begin(); it != object.end(); ++it) {
        // A package that several workspaces use is a list; the root's own entry has no location.
        const QJsonObject entry =
            it.value().isArray() ? it.value().toArray().at(0).toObject() : it.value().toObject();
        result.insert(it.key(), {entry["wanted"].toString(), entry["latest"].toString()});
    }
    co_return result;
}

TaskResult<NpmPlanner::Metadata> NpmPlanner::askMetadata(QString package)
{
    const QStringList arguments{"view", package,     "--json",    "versions",
                                "time", "dist-tags", "repository"};
    OVVOC_CO_TRY(outcome, co_await npm(arguments));
    QJsonDocument document = QJsonDocument::fromJson(outcome.output);
    if (outcome.exitCode != 0 || document.isNull()) {
        const QByteArray words = outcome.errors + '\n' + outcome.output.left(4000);
        if (auto known = explainNpmFailure(words))
            co_return fail(*known);
        co_return fail(ErrorCode::CommandFailed,
                       tr("npm could not say anything about %1: %2").arg(package, lastWords(words)),
                       QString::fromUtf8(words.right(4000)));
    }
    const QJsonObject object =
        document.isArray() ? document.array().at(0).toObject() : document.object();
    Metadata metadata;
    const QJsonValue versions = object["versions"];
    if (versions.isString())
        metadata.versions << versions.toString();
    for (const auto &version : versions.toArray())
        metadata.versions << version.toString();
    const QJsonObject times = object["time"].toObject();
    for (auto it = times.begin(); it != times.end(); ++it)
        metadata.published.insert(it.key(),
                                  QDateTime::fromString(it.value().toString(), Qt::ISODateWithMs));
    metadata.latest = object["dist-tags"].toObject()["latest"].toString();
    const QJsonValue repository = object["repository"];
    metadata.source = sourceAddress(
        repository.isString() ? repository.toString() : repository.toObject()["url"].toString());
    co_return metadata;
}

/// The version to move to: the one asked for, or the newest release that is no newer than "latest",
/// within the level, and old enough or a fix.
Result<NpmPlanner::Target> NpmPlanner::chooseTarget(const NpmProject::Dependency &dependency,
                                                    const Metadata &metadata,
                                                    const UpdateSelection &selection,
                                                    const QList<Advisory> &advisories) const
{
    if (!selection.version.isEmpty()) {
        if (!metadata.versions.contains(selection.version))
            return fail(ErrorCode::NotFound,
                        tr("%1 has no version %2; the newest is %3.")
                            .arg(dependency.name, selection.version, metadata.latest));
        return Target{selection.version, {}, 0};
    }
    const auto current = Semver::parse(dependency.current);
    const auto latest = Semver::parse(metadata.latest);
    if (!latest)
        return Target{};
    std::optional<Semver> best, young;
    for (const QString &text : metadata.versions) {
        const auto version = Semver::parse(text);
        if (!version || !version->prerelease.isEmpty() || *version > *latest)
            continue;
        if (current && (*version <= *current || levelBetween(*current, *version) > selection.level))
            continue;
        const int age = daysSince(metadata.published.value(text));
        const bool fixes =
            current && !fixedBy(dependency.name, *current, *version, advisories).isEmpty();
        const bool waits = age >= 0 && age < selection.cooldownDays && !fixes;
        std::optional<Semver> &newest = waits ? young : best;
        if (!newest || *version > *newest)
            newest = version;
    }
    Target target;
    if (best)
        target.version = best->toString();
    if (young && (!best || *young > *best)) {
        target.waits = young->toString();
        target.waitsAge = daysSince(metadata.published.value(target.waits));
    }
    return target;
}

TaskResult<NpmPlanner::Audit> NpmPlanner::askAdvisories(NpmProject project)
{
    Audit audit;
    if (project.lockfile.isEmpty()) {
        audit.note = tr("There is no lockfile, so what is installed is not known.");
        co_return audit;
    }
    const QStringList arguments{"audit", "--json", "--package-lock-only"};
    OVVOC_CO_TRY(outcome, co_await npm(arguments));
    const QJsonObject answer = QJsonDocument::fromJson(outcome.output).object();
    if (!answer.contains("vulnerabilities")) {
        audit.note = tr("The registry gave no advisories: %1")
                         .arg(answer["message"].toString(tr("no answer")).left(200));
        co_return audit;
    }
    const QJsonObject vulnerabilities = answer["vulnerabilities"].toObject();
    for (const auto &value : vulnerabilities) {
        for (const auto &via : value.toObject()["via"].toArray()) {
            const QJsonObject source = via.toObject(); // a name alone points to another entry
            if (source.isEmpty())
                continue;
            const Advisory advisory{source["name"].toString(), source["severity"].toString(),
                                    source["title"].toString().left(300),
                                    source["url"].toString().left(300),
                                    source["range"].toString().left(200)};
            if (!audit.advisories.contains(advisory))
                audit.advisories << advisory;
        }
    }
    co_return audit;
}

TaskResult<UpdatePlan> NpmPlanner::plan(NpmProject project, UpdateSelection selection)
{
    UpdatePlan plan;
    if (!selection.package.isEmpty() && !project.find(selection.package))
        co_return fail(ErrorCode::InvalidInput,
                       tr("package.json does not name %1. Check the spelling; only direct "
                          "dependencies can be updated by name.")
                           .arg(selection.package));
    OVVOC_CO_TRY(outdated, co_await askOutdated());
    OVVOC_CO_TRY(audit, co_await askAdvisories(project));
    const QList<Advisory> advisories = audit.advisories;
    const QList<NpmProject::Dependency> dependencies = project.dependencies;
    for (const NpmProject::Dependency &dependency : dependencies) {
        if (!selection.package.isEmpty() && dependency.name != selection.package)
            continue;
        if (selection.package.isEmpty() && !selection.selects(dependency.name)) {
            if (outdated.contains(dependency.name))
                plan.skipped << SkippedUpdate{dependency.name,
                                              tr("is left out by this repository's filters")};
            continue;
        }
        if (!dependency.skipReason.isEmpty()) {
            plan.skipped << SkippedUpdate{dependency.name, dependency.skipReason};
            continue;
        }
        const Candidate candidate = outdated.value(dependency.name);
        // Without a lockfile what is installed is what the range gives today.
        NpmProject::Dependency moved = dependency;
        if (moved.current.isEmpty())
            moved.current = candidate.wanted;
        const bool asked = !selection.version.isEmpty();
        // npm says nothing of a package that it cannot find; asking for it does.
        const bool unknown = moved.current.isEmpty() && candidate.latest.isEmpty();
        if (!asked && !unknown && (candidate.latest.isEmpty() || candidate.latest == moved.current))
            continue;
        OVVOC_CO_TRY(metadata, co_await askMetadata(dependency.name));
        OVVOC_CO_TRY(chosen, chooseTarget(moved, metadata, selection, advisories));
        const QString target = chosen.version;
        if (!chosen.waits.isEmpty())
            plan.skipped << SkippedUpdate{
                dependency.name,
                tr("%1 is %n day(s) old; this repository waits %2", chosen.waitsAge)
                    .arg(chosen.waits)
                    .arg(selection.cooldownDays)};
        const auto from = Semver::parse(moved.current), to = Semver::parse(target);
        if (!to || (from && *from == *to)) {
            if (chosen.waits.isEmpty() && (!target.isEmpty() || !asked))
                plan.skipped << SkippedUpdate{
                    dependency.name,
                    to ? tr("is at %1 already").arg(target)
                       : tr("%1 is beyond the level \"%2\"")
                             .arg(candidate.latest, toString(selection.level))};
            continue;
        }
        PlannedUpdate update;
        update.name = dependency.name;
        update.section = dependency.section;
        update.from = moved.current;
        update.to = target;
        update.fromRange = dependency.range;
        const auto inReach = Semver::parse(candidate.wanted);
        update.toRange = raisedRange(dependency.range, target, inReach && *to <= *inReach);
        update.level = from ? levelBetween(*from, *to) : UpdateLevel::Major;
        update.ageDays = daysSince(metadata.published.value(target));
        update.source = metadata.source;
        if (from)
            update.fixes = fixedBy(dependency.name, *from, *to, advisories);
        plan.updates << update;
    }
    co_return plan;
}

TaskResult<ScanReport> NpmPlanner::scan(NpmProject project)
{
    ScanReport report;
    report.installedPackages = project.installedPackages;
    OVVOC_CO_TRY(outdated, co_await askOutdated());
    const QList<NpmProject::Dependency> dependencies = project.dependencies;
    for (const NpmProject::Dependency &dependency : dependencies) {
        ScannedDependency scanned;
        scanned.name = dependency.name;
        scanned.section = dependency.section;
        scanned.range = dependency.range;
        scanned.note = dependency.skipReason;
        const Candidate candidate = outdated.value(dependency.name);
        scanned.current = dependency.current.isEmpty() ? candidate.wanted : dependency.current;
        scanned.wanted = candidate.wanted.isEmpty() ? scanned.current : candidate.wanted;
        scanned.latest = candidate.latest.isEmpty() ? scanned.current : candidate.latest;
        const auto from = Semver::parse(scanned.current), to = Semver::parse(scanned.latest);
        if (scanned.note.isEmpty() && from && to && *to > *from) {
            scanned.level = levelBetween(*from, *to);
            auto metadata = co_await askMetadata(dependency.name);
            if (metadata)
                scanned.ageDays = daysSince(metadata->published.value(scanned.latest));
            else if (metadata.error().code == ErrorCode::Cancelled
                     || metadata.error().code == ErrorCode::EngineLost)
                co_return fail(metadata.error());
        }
        report.dependencies << scanned;
    }
    OVVOC_CO_TRY(audit, co_await askAdvisories(project));
    report.advisories = audit.advisories;
    report.advisoryNote = audit.note;
    co_return report;
}

} // namespace ovvoc
