#include "recipes/ruleset.h"

#include "base/yamlguard.h"
#include "recipes/codemod.h"
#include "updates/versionrange.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QHash>
#include <QJsonArray>
#include <QRegularExpression>
#include <QSet>
#include <QUrl>
#include <algorithm>
#include <yaml-cpp/yaml.h>

namespace ovvoc {

namespace {

constexpr qsizetype fileLimit = 1024 * 1024;
constexpr int mostRules = 500, mostFiles = 1000;

/// Thrown inside this file only; parseRuleSet() turns it into an Error.
struct RuleProblem
{
    int line;
    QString text;
};

[[noreturn]] void problem(const YAML::Node &node, const QString &text)
{
    throw RuleProblem{node.IsDefined() ? node.Mark().line + 1 : 0, text};
}

QString textOf(const YAML::Node &node, const QString &what)
{
    if (!node.IsDefined() || !node.IsScalar() || node.Scalar().empty())
        problem(node, QStringLiteral("%1 must be text").arg(what));
    return QString::fromStdString(node.Scalar());
}

/// What the file says, as JSON: quoted scalars are text, plain ones may be numbers and truth
/// values.
QJsonValue jsonOf(const YAML::Node &node)
{
    if (node.IsMap()) {
        QJsonObject object;
        for (const auto &item : node)
            object[textOf(item.first, QStringLiteral("a key"))] = jsonOf(item.second);
        return object;
    }
    if (node.IsSequence()) {
        QJsonArray array;
        for (const YAML::Node &item : node)
            array << jsonOf(item);
        return array;
    }
    if (!node.IsScalar())
        return {};
    const QString text = QString::fromStdString(node.Scalar());
    if (node.Tag() == "!")
        return text;
    if (text == QLatin1String("true") || text == QLatin1String("false"))
        return text == QLatin1String("true");
    bool number = false;
    const double value = text.toDouble(&number);
    return number ? QJsonValue(value) : QJsonValue(text);
}

void checkKeys(const YAML::Node &node, const QSet<QString> &known, const QString &what)
{
    if (!node.IsMap())
        problem(node, QStringLiteral("%1 must be a map").arg(what));
    for (const auto &item : node) {
        const QString key = textOf(item.first, QStringLiteral("a key"));
        if (!known.contains(key))
            problem(item.first, QStringLiteral("unknown key \"%1\"").arg(key.left(80)));
    }
}

/// By type: the category that such a change belongs to, see updates/classify.h.
const QHash<QString, int> &types()
{
    static const QHash<QString, int> all{{"function_rename", 7},
                                         {"import_path_change", 8},
                                         {"param_signature_change", 9},
                                         {"config_key_rename", 10},
                                         {"deprecated_api_replacement", 11},
                                         {"default_to_named_export", 12},
                                         {"named_export_rename", 13},
                                         {"middleware_api_change", 16},
                                         {"async_api_change", 17},
                                         {"syntax_change", 19},
                                         {"type_system_change", 23},
                                         {"dependency_change", 6},
                                         {"codemod", 0}}; // says its category itself
    return all;
}

/// Expressions are used by another engine; what this one refuses is wrong there too.
void checkExpression(const YAML::Node &node, const QString &what)
{
    const QString text = textOf(node, what);
    if (text.size() > 500 || !QRegularExpression(text).isValid())
        problem(node, QStringLiteral("%1 is no regular expression").arg(what));
}

void checkExamples(const YAML::Node &node)
{
    if (!node.IsDefined())
        return;
    if (!node.IsSequence())
        problem(node, QStringLiteral("examples must be a list"));
    for (const YAML::Node &example : node) {
        checkKeys(example, {"file", "before", "after", "untouched", "by_hand", "runs"},
                  QStringLiteral("an example"));
        const bool pair = example["before"].IsDefined() && example["after"].IsDefined();
        if (pair == example["untouched"].IsDefined())
            problem(example, QStringLiteral("an example has before and after, or untouched"));
    }
}

/// A place that a rule can look for, and something that it can do there.
void checkShape(const YAML::Node &node)
{
    const auto has = [&](const char *key) { return node[key].IsDefined(); };
    const int places = has("target") + has("call") + has("construct") + has("read") + has("jsx")
        + (has("import") && !has("call") && !has("construct") && !has("read") && !has("target"));
    const bool configures = has("key") && !has("jsx") && !has("target") && !has("read");
    if (places > 1 || (places == 0 && !configures))
        problem(node,
                QStringLiteral("a rule has one of target, call, construct, read, jsx, import or "
                               "key"));
    if (has("key") && places == 0 && !has("file_pattern"))
        problem(node, QStringLiteral("key without call needs file_pattern"));
    if (has("jsx") && !has("attribute"))
        problem(node, QStringLiteral("jsx needs attribute"));
    if (has("strings") && !has("call") && !has("construct"))
        problem(node["strings"], QStringLiteral("strings needs call or construct"));
    if (has("add_key") && !has("call"))
        problem(node["add_key"], QStringLiteral("add_key needs call"));
    static const char *const actions[] = {"to",      "replace",    "remove", "values",
                                          "strings", "default_as", "export", "to_module",
                                          "add_key", "await",      "by_hand"};
    if (std::none_of(std::begin(actions), std::end(actions), has))
        problem(node,
                QStringLiteral("the rule does nothing: it needs to, replace, remove, values, "
                               "strings, default_as, export, add_key, await or by_hand"));
    if (has("strings")) {
        if (!node["strings"].IsSequence())
            problem(node["strings"], QStringLiteral("strings must be a list"));
        for (const YAML::Node &one : node["strings"]) {
            checkKeys(one, {"match", "with", "by_hand", "skip"}, QStringLiteral("one of strings"));
            checkExpression(one["match"], QStringLiteral("match"));
        }
    }
    for (const char *key : {"value", "value_is"}) {
        if (has(key))
            checkExpression(node[key], QString::fromLatin1(key));
    }
}

QStringList textsOf(const YAML::Node &node, const QString &what)
{
    if (!node.IsSequence() || node.size() == 0 || node.size() > 100)
        problem(node, QStringLiteral("%1 must be a list of texts").arg(what));
    QStringList texts;
    for (const YAML::Node &item : node)
        texts << textOf(item, what);
    return texts;
}

/// A rule that leaves the work to the makers' own program.
void readCodemod(const YAML::Node &node, CodeRule *rule)
{
    checkKeys(node,
              {"id", "title", "type", "category", "codemod", "transform", "file_pattern",
               "mentions", "leaves", "confidence", "examples"},
              QStringLiteral("a codemod"));
    rule->codemod = textOf(node["codemod"], QStringLiteral("codemod"));
    const Codemod *known = builtinCodemod(rule->codemod);
    if (!known) {
        QStringList names;
        for (const Codemod &one : builtinCodemods())
            names << one.id;
        problem(node["codemod"],
                QStringLiteral("codemod must be one of %1").arg(names.join(QStringLiteral(", "))));
    }
    rule->transform = textOf(node["transform"], QStringLiteral("transform"));
    static const QRegularExpression pattern(QStringLiteral("\\A[A-Za-z0-9/.-]{1,100}\\z"));
    if (!pattern.match(rule->transform).hasMatch() || rule->transform.contains(QLatin1String("..")))
        problem(node["transform"], QStringLiteral("transform is no name of a transform"));
    rule->filePattern = textsOf(node["file_pattern"], QStringLiteral("file_pattern"));
    rule->mentions = textsOf(node["mentions"], QStringLiteral("mentions"));
    if (node["leaves"].IsDefined())
        rule->leaves = textsOf(node["leaves"], QStringLiteral("leaves"));
    if (!node["category"].IsDefined())
        problem(node, QStringLiteral("a codemod says its category"));
    rule->title += QStringLiteral(" (%1)").arg(known->title());
}

/// A rule that a package has to be named besides.
void readAddition(const YAML::Node &node, CodeRule *rule)
{
    checkKeys(node,
              {"id", "title", "type", "category", "add", "range", "file_pattern", "mentions",
               "confidence"},
              QStringLiteral("a dependency_change"));
    rule->addedPackage = textOf(node["add"], QStringLiteral("add"));
    static const QRegularExpression name(
        QStringLiteral("\\A(?:@[a-z0-9~-][a-z0-9._~-]*/)?[a-z0-9~-][a-z0-9._~-]*\\z"));
    if (rule->addedPackage.size() > 214 || !name.match(rule->addedPackage).hasMatch())
        problem(node["add"], QStringLiteral("add must be the name of a package"));
    rule->addedRange = textOf(node["range"], QStringLiteral("range"));
    if (rule->addedRange != QLatin1String("same") && !VersionRange::parse(rule->addedRange))
        problem(node["range"], QStringLiteral("range must be \"same\" or a range of versions"));
    rule->filePattern = textsOf(node["file_pattern"], QStringLiteral("file_pattern"));
    rule->mentions = textsOf(node["mentions"], QStringLiteral("mentions"));
}

CodeRule ruleOf(const YAML::Node &node, QSet<QString> *ids)
{
    checkKeys(node, {"id",           "title",
                     "type",         "category",
                     "target",       "to",
                     "call",         "construct",
                     "read",         "when",
                     "replace",      "argument",
                     "strings",      "key",
                     "value",        "values",
                     "remove",       "with_key",
                     "unless_key",   "add_key",
                     "await",        "jsx",
                     "attribute",    "value_is",
                     "import",       "export",
                     "to_module",    "default_as",
                     "keep_members", "carries_members",
                     "names",        "camel",
                     "by_hand",      "file_pattern",
                     "confidence",   "priority",
                     "unsure",       "namespace",
                     "examples",     "except",
                     "unless",       "unless_text",
                     "guard",        "needs_attribute",
                     "only_once",    "codemod",
                     "transform",    "mentions",
                     "leaves",       "add",
                     "range"},
              QStringLiteral("a rule"));
    CodeRule rule;
    rule.id = textOf(node["id"], QStringLiteral("id"));
    static const QRegularExpression idPattern(QStringLiteral("\\A[A-Za-z0-9-]{1,60}\\z"));
    if (!idPattern.match(rule.id).hasMatch())
        problem(node["id"], QStringLiteral("an id has letters, digits and hyphens, at most 60"));
    if (ids->contains(rule.id))
        problem(node["id"], QStringLiteral("there are two rules \"%1\"").arg(rule.id));
    ids->insert(rule.id);
    rule.title = textOf(node["title"], QStringLiteral("title")).left(200);
    rule.type = textOf(node["type"], QStringLiteral("type"));
    if (!types().contains(rule.type)) {
        QStringList names = types().keys();
        names.sort();
        problem(node["type"],
                QStringLiteral("type must be one of %1").arg(names.join(QStringLiteral(", "))));
    }
    rule.byHand = node["by_hand"].IsDefined();
    rule.category = types().value(rule.type);
    if (rule.byHand && rule.type == QLatin1String("deprecated_api_replacement"))
        rule.category = 20; // what is gone and has no successor that a rule can write
    if (node["category"].IsDefined()) {
        bool number = false;
        rule.category = textOf(node["category"], QStringLiteral("category")).toInt(&number);
        if (!number || rule.category < 1 || rule.category > 25)
            problem(node["category"], QStringLiteral("category must be 1 to 25"));
    }
    bool number = false;
    rule.confidence = textOf(node["confidence"], QStringLiteral("confidence")).toDouble(&number);
    if (!number || !(rule.confidence >= 0 && rule.confidence <= 1))
        problem(node["confidence"], QStringLiteral("confidence must be 0 to 1"));
    if (rule.type == QLatin1String("codemod"))
        readCodemod(node, &rule);
    else if (rule.type == QLatin1String("dependency_change"))
        readAddition(node, &rule);
    else
        checkShape(node);
    checkExamples(node["examples"]);
    return rule;
}

QString versionOf(const YAML::Node &node, const QString &what)
{
    static const QRegularExpression pattern(QStringLiteral("\\A\\d{1,6}(\\.\\d{1,6}){0,2}\\z"));
    const QString version = textOf(node, what);
    if (!pattern.match(version).hasMatch())
        problem(node, QStringLiteral("%1 must be a version, such as 4 or 0.33").arg(what));
    return version;
}

RuleSet setOf(const YAML::Node &root)
{
    checkKeys(root,
              {"package", "from_version", "to_version", "source", "check", "modules", "values",
               "globals", "anywhere", "submodules", "strict", "rules"},
              QStringLiteral("a rule file"));
    RuleSet set;
    set.package = textOf(root["package"], QStringLiteral("package"));
    set.fromVersion = versionOf(root["from_version"], QStringLiteral("from_version"));
    set.toVersion = versionOf(root["to_version"], QStringLiteral("to_version"));
    set.source = textOf(root["source"], QStringLiteral("source"));
    const QUrl address(set.source, QUrl::StrictMode);
    if (!address.isValid() || address.scheme() != QLatin1String("https"))
        problem(root["source"], QStringLiteral("source must be an https address"));
    if (!root["rules"].IsSequence() || root["rules"].size() == 0
        || root["rules"].size() > mostRules)
        problem(root["rules"], QStringLiteral("rules must be a list of 1 to %1").arg(mostRules));
    QSet<QString> ids;
    for (const YAML::Node &node : root["rules"])
        set.rules << ruleOf(node, &ids);
    set.program = jsonOf(root).toObject();
    set.program.remove(QStringLiteral("check"));
    QJsonArray rules;
    const QJsonArray written = set.program[QStringLiteral("rules")].toArray();
    for (const QJsonValue value : written) {
        QJsonObject rule = value.toObject();
        const QJsonArray examples = rule.take(QStringLiteral("examples")).toArray();
        const QJsonValue type = rule[QStringLiteral("type")];
        if (type == QLatin1String("codemod") || type == QLatin1String("dependency_change"))
            continue;
        set.examples[rule[QStringLiteral("id")].toString()] = examples;
        rules << rule;
    }
    set.program[QStringLiteral("rules")] = rules;
    return set;
}

} // namespace

const CodeRule *RuleSet::rule(const QString &id) const
{
    const auto found = std::ranges::find(rules, id, &CodeRule::id);
    return found == rules.end() ? nullptr : &*found;
}

Result<RuleSet> parseRuleSet(const QByteArray &yaml)
{
    int line = 0;
    if (const QString danger = yamlDanger(yaml, fileLimit, &line); !danger.isEmpty())
        return fail(ErrorCode::InvalidInput, QStringLiteral("line %1: %2").arg(line).arg(danger));
    try {
        const YAML::Node root = YAML::Load(yaml.toStdString());
        return setOf(root);
    } catch (const RuleProblem &found) {
        return fail(ErrorCode::InvalidInput,
                    QStringLiteral("line %1: %2").arg(found.line).arg(found.text));
    } catch (const YAML::Exception &error) {
        return fail(ErrorCode::InvalidInput,
                    QStringLiteral("line %1: %2")
                        .arg(error.mark.line + 1)
                        .arg(QString::fromStdString(error.msg)));
    }
}

RuleFolder readRules(const QString &folder)
{
    RuleFolder result;
    const QDir top(folder);
    if (folder.isEmpty())
        return result;
    if (!top.exists()) {
        result.problems << QStringLiteral("%1: there is no such folder").arg(folder);
        return result;
    }
    QStringList paths;
    QDirIterator files(folder, {"*.yml", "*.yaml"}, QDir::Files | QDir::NoSymLinks,
                       QDirIterator::Subdirectories);
    while (files.hasNext() && paths.size() < mostFiles)
        paths << files.next();
    paths.sort();
    for (const QString &path : std::as_const(paths)) {
        QFile file(path);
        const QString name = top.relativeFilePath(path);
        if (!file.open(QIODevice::ReadOnly)) {
            result.problems << QStringLiteral("%1: it cannot be read").arg(name);
            continue;
        }
        auto set = parseRuleSet(file.read(fileLimit + 1));
        if (!set) {
            result.problems << QStringLiteral("%1: %2").arg(name, set.error().message);
            continue;
        }
        set->origin = path;
        result.sets << *set;
    }
    return result;
}

const QList<RuleSet> &builtinRules()
{
    static const QList<RuleSet> all = [] {
        QStringList paths;
        QDirIterator files(QStringLiteral(":/rules"), {"*.yml"}, QDir::Files,
                           QDirIterator::Subdirectories);
        while (files.hasNext())
            paths << files.next();
        paths.sort();
        QList<RuleSet> sets;
        for (const QString &path : std::as_const(paths)) {
            QFile file(path);
            if (!file.open(QIODevice::ReadOnly))
                continue;
            auto set = parseRuleSet(file.readAll());
            // tst_rules reads each of them; a file that is wrong is a bug of the program.
            Q_ASSERT(set);
            if (set)
                sets << *set;
        }
        return sets;
    }();
    return all;
}

} // namespace ovvoc
