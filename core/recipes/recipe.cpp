#include "recipes/recipe.h"

#include "base/yamlguard.h"

#include <QFile>
#include <QSet>
#include <algorithm>
#include <yaml-cpp/yaml.h>

namespace ovvoc {

namespace {

/// Thrown inside this file only; parseRecipe() turns it into an Error.
struct RecipeProblem
{
    int line;
    QString text;
};

[[noreturn]] void problem(const YAML::Node &node, const QString &text)
{
    throw RecipeProblem{node.IsDefined() ? node.Mark().line + 1 : 0, text};
}

QString text(const YAML::Node &node, const char *what)
{
    if (!node.IsDefined() || !node.IsScalar())
        problem(node, QStringLiteral("%1 must be text").arg(QString::fromUtf8(what)));
    return QString::fromStdString(node.Scalar());
}

QStringList list(const YAML::Node &node, const char *what)
{
    if (!node.IsDefined() || !node.IsSequence())
        problem(node, QStringLiteral("%1 must be a list").arg(QString::fromUtf8(what)));
    QStringList result;
    for (const YAML::Node &item : node)
        result << text(item, what);
    return result;
}

QHash<QString, QString> map(const YAML::Node &node, const char *what)
{
    QHash<QString, QString> result;
    if (!node.IsDefined())
        return result;
    if (!node.IsMap())
        problem(node, QStringLiteral("%1 must be a map").arg(QString::fromUtf8(what)));
    for (const auto &item : node)
        result.insert(text(item.first, what), text(item.second, what));
    return result;
}

void checkKeys(const YAML::Node &node, const QSet<QString> &known)
{
    if (!node.IsMap())
        problem(node, QStringLiteral("a map is expected"));
    for (const auto &item : node) {
        const QString key = text(item.first, "a key");
        if (!known.contains(key))
            problem(item.first, QStringLiteral("unknown key \"%1\"").arg(key.left(80)));
    }
}

int seconds(const YAML::Node &node, const char *name, int otherwise)
{
    if (!node.IsDefined() || !node[name].IsDefined())
        return otherwise;
    bool number = false;
    const int value = text(node[name], name).toInt(&number);
    if (!number || value < 1 || value > 24 * 3600)
        problem(node[name],
                QStringLiteral("%1 must be 1 to 86400 seconds").arg(QString::fromUtf8(name)));
    return value;
}

RecipeStep::When condition(const YAML::Node &node, RecipeStep &step)
{
    using When = RecipeStep::When;
    static const QHash<QString, When> known{
        {QStringLiteral("lockfile"), When::Lockfile},
        {QStringLiteral("no-lockfile"), When::NoLockfile},
        {QStringLiteral("aside"), When::Aside},
        {QStringLiteral("aside-no-lockfile"), When::AsideNoLockfile},
        {QStringLiteral("aside-any"), When::AsideAny},
        {QStringLiteral("members"), When::Members},
        {QStringLiteral("no-members"), When::NoMembers},
        {QStringLiteral("tests"), When::Tests},
        {QStringLiteral("member-tests"), When::MemberTests},
        {QStringLiteral("member-builds"), When::MemberBuilds},
        {QStringLiteral("forget"), When::Forget},
    };
    const QString when = text(node, "when");
    if (when.startsWith(QLatin1String("script:"))) {
        step.script = when.mid(7);
        return When::Script;
    }
    const auto found = known.constFind(when);
    if (found == known.cend())
        problem(node,
                QStringLiteral(
                    "when must be lockfile, no-lockfile, aside, aside-no-lockfile, "
                    "aside-any, members, no-members, tests, member-tests, member-builds, forget or "
                    "script:NAME, or a list of them"));
    return *found;
}

RecipeStep step(const YAML::Node &node)
{
    checkKeys(node, {"name", "run", "write", "when", "in"});
    RecipeStep result;
    result.name = text(node["name"], "name");
    if (node["write"].IsDefined()) {
        const QString what = text(node["write"], "write");
        if (what == QLatin1String("manifest"))
            result.writes = RecipeStep::Writes::Manifest;
        else if (what == QLatin1String("exact"))
            result.writes = RecipeStep::Writes::Exact;
        else if (what == QLatin1String("back"))
            result.writes = RecipeStep::Writes::Back;
        else
            problem(node["write"],
                    QStringLiteral("only \"exact\", \"manifest\" and \"back\" can be written"));
    } else {
        result.command = list(node["run"], "run");
        if (result.command.isEmpty())
            problem(node["run"], QStringLiteral("run must name a command"));
    }
    const YAML::Node when = node["when"];
    if (when.IsDefined() && when.IsSequence()) {
        for (const YAML::Node &one : when)
            result.when << condition(one, result);
    } else if (when.IsDefined()) {
        result.when << condition(when, result);
    }
    if (node["in"].IsDefined()) {
        result.inMembers = text(node["in"], "in") == QLatin1String("members");
        using When = RecipeStep::When;
        if (!result.inMembers
            || !(result.when.contains(When::MemberTests)
                 || result.when.contains(When::MemberBuilds)))
            problem(node["in"],
                    QStringLiteral("only \"members\", with when: member-tests or "
                                   "member-builds"));
    }
    return result;
}

QList<RecipeStep> steps(const YAML::Node &node, const char *what)
{
    if (!node.IsDefined() || !node.IsSequence() || node.size() == 0)
        problem(node, QStringLiteral("%1 must be a list of steps").arg(QString::fromUtf8(what)));
    QList<RecipeStep> result;
    for (const YAML::Node &item : node)
        result << step(item);
    return result;
}

Recipe read(const YAML::Node &root, const Recipe &base)
{
    checkKeys(root,
              {"recipe", "extends", "title", "image", "manager", "proves", "configures", "state",
               "appears", "registry", "environment", "gate-environment", "sealed-environment",
               "transform", "baseline", "build", "test", "seconds"});
    Recipe recipe = base;
    recipe.name = text(root["recipe"], "recipe");
    recipe.title = text(root["title"], "title");
    const auto said = [&](const char *key) { return root[key].IsDefined() || base.name.isEmpty(); };
    if (said("image"))
        recipe.image = text(root["image"], "image");
    if (root["manager"].IsDefined())
        recipe.managerPackages = list(root["manager"], "manager");
    if (said("proves"))
        recipe.proves = list(root["proves"], "proves");
    if (said("configures"))
        recipe.configures = list(root["configures"], "configures");
    if (root["state"].IsDefined())
        recipe.state = list(root["state"], "state");
    if (root["appears"].IsDefined())
        recipe.appears = list(root["appears"], "appears");
    if (said("registry"))
        recipe.registryCommand = list(root["registry"], "registry");
    recipe.environment.insert(map(root["environment"], "environment"));
    recipe.gateEnvironment.insert(map(root["gate-environment"], "gate-environment"));
    recipe.sealedEnvironment.insert(map(root["sealed-environment"], "sealed-environment"));
    if (said("transform"))
        recipe.transform = steps(root["transform"], "transform");
    if (said("baseline"))
        recipe.baseline = steps(root["baseline"], "baseline");
    if (said("build"))
        recipe.build = steps(root["build"], "build");
    if (said("test"))
        recipe.test = steps(root["test"], "test");
    const YAML::Node limits = root["seconds"];
    if (limits.IsDefined())
        checkKeys(limits, {"clone", "transform", "build", "test"});
    recipe.cloneSeconds = seconds(limits, "clone", recipe.cloneSeconds);
    recipe.transformSeconds = seconds(limits, "transform", recipe.transformSeconds);
    recipe.buildSeconds = seconds(limits, "build", recipe.buildSeconds);
    recipe.testSeconds = seconds(limits, "test", recipe.testSeconds);
    return recipe;
}

QString recipeFile(const QString &name)
{
    return QStringLiteral(":/ecosystems/node/%1.yml").arg(name);
}

} // namespace

Result<Recipe> parseRecipe(const QByteArray &yaml, const Recipe &base)
{
    const auto broken = [](int line, const QString &what) {
        return fail(ErrorCode::InvalidInput,
                    QStringLiteral("The recipe cannot be read: line %1: %2.").arg(line).arg(what));
    };
    int dangerousLine = 0;
    if (const QString danger = yamlDanger(yaml, 256 * 1024, &dangerousLine); !danger.isEmpty())
        return broken(dangerousLine, danger);
    try {
        return read(YAML::Load(yaml.toStdString()), base);
    } catch (const RecipeProblem &what) {
        return broken(what.line, what.text);
    } catch (const YAML::Exception &what) {
        return broken(what.mark.line + 1, QString::fromStdString(what.msg));
    }
}

bool Recipe::writesBack() const
{
    return std::ranges::any_of(
        transform, [](const RecipeStep &step) { return step.writes == RecipeStep::Writes::Back; });
}

bool Recipe::setsAside() const
{
    return std::ranges::any_of(transform, [](const RecipeStep &one) {
        return one.when.contains(RecipeStep::When::Aside);
    });
}

bool hasRecipe(const QString &name)
{
    return QFile::exists(recipeFile(name));
}

Result<Recipe> builtinRecipe(const QString &name)
{
    QFile file(recipeFile(name));
    if (!file.open(QIODevice::ReadOnly))
        return fail(ErrorCode::NotFound, QStringLiteral("There is no recipe \"%1\".").arg(name));
    const QByteArray yaml = file.readAll();
    // One level: a recipe that is extended stands for itself.
    Recipe base;
    for (const QByteArray &line : yaml.split('\n')) {
        if (!line.startsWith("extends: "))
            continue;
        QFile other(recipeFile(QString::fromUtf8(line.mid(9).trimmed())));
        if (!other.open(QIODevice::ReadOnly))
            return fail(
                ErrorCode::NotFound,
                QStringLiteral("The recipe \"%1\" extends one that is not there.").arg(name));
        OVVOC_TRY(read, parseRecipe(other.readAll()));
        base = read;
    }
    return parseRecipe(yaml, base);
}

QStringList filledIn(const QStringList &arguments, const QHash<QString, QString> &values,
                     const QHash<QString, QStringList> &lists)
{
    QStringList result;
    for (QString argument : arguments) {
        if (argument.startsWith(QLatin1String("..."))) {
            result += lists.value(argument.mid(3));
            continue;
        }
        for (auto it = values.begin(); it != values.end(); ++it)
            argument.replace("${" + it.key() + '}', it.value());
        result << argument;
    }
    return result;
}

} // namespace ovvoc
