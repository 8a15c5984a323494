#include "updates/npm/npmplanner.h"

#include "updates/testreport/testreport.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QRegularExpression>
#include <algorithm>

namespace ovvoc {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("Npm", text);
}

int daysSince(const QDateTime &time)
{
    return time.isValid() ? int(std::max<qint64>(0, time.daysTo(QDateTime::currentDateTimeUtc())))
                          : -1;
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
    const QStringList arguments{"view", package, "--json", "versions", "time", "dist-tags"};
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
    co_return metadata;
}

/// The version to move to: the one asked for, or the newest release that is no newer than "latest"
/// and within the level. Empty when there is none above the current one.
TaskResult<QString> NpmPlanner::chooseTarget(NpmProject::Dependency dependency, Metadata metadata,
                                             UpdateSelection selection)
{
    if (!selection.version.isEmpty()) {
        if (!metadata.versions.contains(selection.version))
            co_return fail(ErrorCode::NotFound,
                           tr("%1 has no version %2; the newest is %3.")
                               .arg(dependency.name, selection.version, metadata.latest));
        co_return selection.version;
    }
    const auto current = Semver::parse(dependency.current);
    const auto latest = Semver::parse(metadata.latest);
    if (!latest)
        co_return QString();
    std::optional<Semver> best;
    for (const QString &text : std::as_const(metadata.versions)) {
        const auto version = Semver::parse(text);
        if (!version || !version->prerelease.isEmpty() || *version > *latest)
            continue;
        if (current && (*version <= *current || levelBetween(*current, *version) > selection.level))
            continue;
        if (!best || *version > *best)
            best = version;
    }
    co_return best ? best->toString() : QString();
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
    const QList<NpmProject::Dependency> dependencies = project.dependencies;
    for (const NpmProject::Dependency &dependency : dependencies) {
        if (!selection.package.isEmpty() && dependency.name != selection.package)
            continue;
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
        OVVOC_CO_TRY(target, co_await chooseTarget(moved, metadata, selection));
        const auto from = Semver::parse(moved.current), to = Semver::parse(target);
        if (!to || (from && *from == *to)) {
            if (!target.isEmpty() || !asked)
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
        const auto wanted = Semver::parse(candidate.wanted);
        update.toRange = raisedRange(dependency.range, target, wanted && *to <= *wanted);
        update.level = from ? levelBetween(*from, *to) : UpdateLevel::Major;
        update.ageDays = daysSince(metadata.published.value(target));
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
    if (project.lockfile.isEmpty()) {
        report.advisoryNote = tr("There is no lockfile, so what is installed is not known.");
        co_return report;
    }
    const QStringList arguments{"audit", "--json", "--package-lock-only"};
    OVVOC_CO_TRY(outcome, co_await npm(arguments));
    const QJsonObject audit = QJsonDocument::fromJson(outcome.output).object();
    if (!audit.contains("vulnerabilities")) {
        report.advisoryNote = tr("The registry gave no advisories: %1")
                                  .arg(audit["message"].toString(tr("no answer")).left(200));
        co_return report;
    }
    const QJsonObject vulnerabilities = audit["vulnerabilities"].toObject();
    for (const auto &value : vulnerabilities) {
        for (const auto &via : value.toObject()["via"].toArray()) {
            const QJsonObject source = via.toObject(); // a name alone points to another entry
            if (source.isEmpty())
                continue;
            const Advisory advisory{source["name"].toString(), source["severity"].toString(),
                                    source["title"].toString().left(300),
                                    source["url"].toString().left(300),
                                    source["range"].toString().left(200)};
            if (!report.advisories.contains(advisory))
                report.advisories << advisory;
        }
    }
    co_return report;
}

} // namespace ovvoc
