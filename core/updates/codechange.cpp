#include "updates/codechange.h"

#include "base/text.h"
#include "updates/semver.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QSet>
#include <algorithm>

namespace ovvoc {

namespace {

constexpr qsizetype answerLimit = 64 * 1024 * 1024;
constexpr qsizetype placesLimit = 500; // of one rule
constexpr qsizetype brokenLimit = 5000;

QString tr(const char *text)
{
    return QCoreApplication::translate("CodeChange", text);
}

Semver versionOf(const QString &text)
{
    const QStringList parts = text.split('.');
    Semver version;
    version.major = parts.value(0).toULongLong();
    version.minor = parts.value(1).toULongLong();
    version.patch = parts.value(2).toULongLong();
    return version;
}

QJsonArray arrayOf(const QStringList &list)
{
    return QJsonArray::fromStringList(list);
}

/// Places of an array, by rule.
class Places
{
public:
    explicit Places(const QStringList &files)
        : m_files(files.begin(), files.end())
    { }

    bool add(QList<CodePlace> *list, const QJsonObject &object) const
    {
        CodePlace place;
        place.file = object[QLatin1String("file")].toString();
        place.line = object[QLatin1String("line")].toInt();
        place.text = oneLine(object[QLatin1String("text")].toString()).left(300);
        if (!m_files.contains(place.file))
            return false;
        if (list->size() < placesLimit)
            *list << place;
        return true;
    }

private:
    QSet<QString> m_files;
};

QJsonArray runsOf(const QList<CodemodRun> &codemods, const QList<RuleSet> &steps)
{
    QJsonArray runs;
    for (const CodemodRun &run : codemods) {
        const CodeRule *rule = steps.value(run.step).rule(run.rule);
        runs << QJsonObject{{"rule", run.rule},
                            {"folder", run.folder},
                            {"files", arrayOf(run.files)},
                            {"leaves", arrayOf(rule ? rule->leaves : QStringList())}};
    }
    return runs;
}

Error hostile(const QString &what)
{
    return Error{
        ErrorCode::PolicyViolation,
        QStringLiteral("What was said of the repository's code cannot be used: %1.").arg(what),
        {}};
}

} // namespace

QList<RuleSet> rulesForStep(const QString &package, const QString &from, const QString &to,
                            const QList<RuleSet> &own)
{
    QList<RuleSet> result;
    const auto start = Semver::parse(from), end = Semver::parse(to);
    if (!start || !end)
        return result;
    const auto take = [&](const RuleSet &set) {
        if (set.package != package)
            return;
        Semver reached = *end;
        reached.prerelease.clear(); // 5.0.0-beta.1 asks for what 5 asks for
        const Semver step = versionOf(set.toVersion);
        if (!(*start < step) || reached < step)
            return;
        const bool replaced = std::ranges::any_of(
            result, [&](const RuleSet &other) { return versionOf(other.toVersion) == step; });
        if (!replaced)
            result << set;
    };
    std::ranges::for_each(own, take);
    std::ranges::for_each(builtinRules(), take);
    std::ranges::stable_sort(result, [](const RuleSet &a, const RuleSet &b) {
        return versionOf(a.toVersion) < versionOf(b.toVersion);
    });
    return result;
}

QList<RuleSet> rulesForProject(const QList<PlannedUpdate> &updates, const QString &project,
                               const QList<RuleSet> &own)
{
    QList<RuleSet> steps;
    for (const PlannedUpdate &update : updates) {
        if (update.project == project)
            steps += rulesForStep(update.name, update.from, update.to, own);
    }
    return steps;
}

CodeChange changeOf(const RuleSet &set, const CodeRule &rule, const QString &project)
{
    CodeChange change;
    change.project = project;
    change.package = set.package;
    change.fromVersion = set.fromVersion;
    change.toVersion = set.toVersion;
    change.rule = rule.id;
    change.title = rule.title;
    change.type = rule.type;
    change.category = rule.category;
    change.confidence = rule.confidence;
    change.source = set.source;
    change.origin = set.origin;
    return change;
}

QJsonObject codeRequest(const QString &folder, const QStringList &files,
                        const QStringList &packages, const QList<RuleSet> &steps,
                        const QStringList &hold, const QString &node,
                        const QList<CodemodRun> &codemods)
{
    QJsonArray list;
    for (const RuleSet &set : steps)
        list << set.program;
    return QJsonObject{{"folder", folder},
                       {"files", arrayOf(files)},
                       {"uses", arrayOf(packages)},
                       {"steps", list},
                       {"codemods", runsOf(codemods, steps)},
                       {"write", !hold.isEmpty()},
                       {"hold", arrayOf(hold)},
                       {"node", node}};
}

QJsonObject layOutRequest(const QString &folder, const QStringList &files, const CodeRule &rule,
                          const QList<RuleSet> &steps, const QList<CodemodRun> &codemods,
                          const QString &to)
{
    const QJsonObject layOut{{"file_pattern", arrayOf(rule.filePattern)},
                             {"mentions", arrayOf(rule.mentions)},
                             {"to", to}};
    return QJsonObject{{"folder", folder},
                       {"files", arrayOf(files)},
                       {"codemods", runsOf(codemods, steps)},
                       {"layOut", layOut}};
}

Result<QStringList> parseLaidOut(const QByteArray &json, const QStringList &files)
{
    if (json.size() > answerLimit)
        return tl::unexpected(hostile(QStringLiteral("it is longer than 64 MiB")));
    const QSet<QString> known(files.begin(), files.end());
    QStringList meant;
    for (const QJsonValue value :
         QJsonDocument::fromJson(json).object()[QLatin1String("meant")].toArray()) {
        meant << value.toString();
        if (!known.contains(meant.last()))
            return tl::unexpected(hostile(QStringLiteral("it names a file of its own")));
    }
    return meant;
}

Result<CodeReport> parseCodeReport(const QByteArray &json, const QString &project,
                                   const QStringList &files, const QList<RuleSet> &steps,
                                   const QList<CodemodRun> &codemods)
{
    if (json.size() > answerLimit)
        return tl::unexpected(hostile(QStringLiteral("it is longer than 64 MiB")));
    const QJsonDocument document = QJsonDocument::fromJson(json);
    if (!document.isObject())
        return tl::unexpected(hostile(QStringLiteral("it is no JSON object")));
    const QJsonObject answer = document.object();
    const Places places(files);
    CodeReport report;
    const QJsonArray answered = answer[QLatin1String("steps")].toArray();
    const QJsonArray taken = answer[QLatin1String("codemods")].toArray();
    if (answered.size() != steps.size() || taken.size() != codemods.size())
        return tl::unexpected(hostile(QStringLiteral("a step is missing")));
    for (qsizetype i = 0; i < steps.size(); ++i) {
        QHash<QString, CodeChange> byRule;
        const auto sort = [&](const QJsonObject &from, const char *key,
                              QList<CodePlace> CodeChange::*list) {
            for (const QJsonValue value : from[QLatin1String(key)].toArray()) {
                const QString id = value[QLatin1String("rule")].toString();
                if (!steps[i].rule(id) || !places.add(&(byRule[id].*list), value.toObject()))
                    return false;
            }
            return true;
        };
        const auto sortAll = [&](const QJsonObject &from) {
            for (const QJsonValue value : from[QLatin1String("reverted")].toArray())
                places.add(&report.problems, value.toObject());
            return sort(from, "changes", &CodeChange::changed)
                && sort(from, "byHand", &CodeChange::byHand)
                && sort(from, "unsure", &CodeChange::unsure);
        };
        bool known = sortAll(answered[i].toObject());
        for (qsizetype run = 0; run < codemods.size(); ++run) {
            if (codemods[run].step == i)
                known = sortAll(taken[run].toObject()) && known;
        }
        if (!known)
            return tl::unexpected(hostile(QStringLiteral("it names a rule or a file of its own")));
        for (const CodeRule &rule : steps[i].rules) {
            const auto found = byRule.constFind(rule.id);
            if (found == byRule.constEnd())
                continue;
            CodeChange change = changeOf(steps[i], rule, project);
            change.changed = found->changed;
            change.byHand = found->byHand;
            change.unsure = found->unsure;
            report.changes << change;
        }
    }
    // What the new version can no longer be loaded by.
    for (const QJsonValue value : answer[QLatin1String("broken")].toArray()) {
        if (report.changes.size() >= brokenLimit)
            break;
        const QString kind = value[QLatin1String("kind")].toString();
        const bool module = kind == QLatin1String("es-module");
        const bool name = kind == QLatin1String("no-such-name");
        if (!module && !name && kind != QLatin1String("not-exported"))
            continue;
        CodeChange change;
        change.project = project;
        change.package = oneLine(value[QLatin1String("package")].toString()).left(214);
        change.rule = kind;
        change.title = module
            ? tr("the new version is an ES module, and require() of it fails "
                 "before Node 20.19 and 22.12; later it gives the namespace, with "
                 "the default export under \"default\"")
            : name ? tr("the new version exports no such name")
                   : tr("the new version has nothing to be loaded by this path");
        change.type = QStringLiteral("module_system_change");
        change.category = module ? 21 : name ? 20 : 8;
        QList<CodePlace> &list =
            value[QLatin1String("sure")].toBool() ? change.byHand : change.unsure;
        for (const QJsonValue place : value[QLatin1String("places")].toArray()) {
            if (!places.add(&list, place.toObject()))
                return tl::unexpected(hostile(QStringLiteral("it names a file of its own")));
            if (module && !list.isEmpty())
                list.last().text.clear(); // the title says it; a path says which one
        }
        report.changes << change;
    }
    for (const QJsonValue value : answer[QLatin1String("problems")].toArray())
        places.add(&report.problems, value.toObject());
    const QJsonObject uses = answer[QLatin1String("uses")].toObject();
    for (auto it = uses.begin(); it != uses.end() && report.uses.size() < 1000; ++it) {
        const QJsonObject object = it.value().toObject();
        PackageUse use;
        use.project = project;
        use.package = oneLine(it.key()).left(214);
        use.files = object[QLatin1String("files")].toInt();
        use.places = int(object[QLatin1String("places")].toArray().size())
            + object[QLatin1String("more")].toInt();
        QList<std::pair<int, QString>> members;
        const QJsonObject counts = object[QLatin1String("members")].toObject();
        for (auto member = counts.begin(); member != counts.end() && members.size() < 100; ++member)
            members << std::pair(-member.value().toInt(), oneLine(member.key()).left(100));
        std::ranges::sort(members);
        for (const auto &[count, name] : std::as_const(members))
            use.members << name;
        report.uses << use;
    }
    for (const QJsonValue value : answer[QLatin1String("written")].toArray()) {
        const QString file = value.toString();
        if (!files.contains(file))
            return tl::unexpected(hostile(QStringLiteral("it writes a file of its own")));
        report.written << file;
    }
    report.written.removeDuplicates();
    return report;
}

} // namespace ovvoc
