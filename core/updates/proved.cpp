#include "updates/proved.h"

#include <QFile>
#include <QRegularExpression>
#include <QSet>
#include <yaml-cpp/yaml.h>

namespace ovvoc {

namespace {

struct Tool
{
    QStringList packages, commands;
    bool checks = false; ///< its command, in a script, only looks
};

/// Read once. The file is compiled in, and a test reads it.
const QList<Tool> &tools()
{
    static const QList<Tool> all = [] {
        QList<Tool> list;
        QFile file(QStringLiteral(":/ecosystems/node/tools.yml"));
        if (!file.open(QIODevice::ReadOnly))
            return list;
        const auto texts = [](const YAML::Node &node) {
            QStringList out;
            for (const YAML::Node &one : node)
                out << QString::fromStdString(one.Scalar());
            return out;
        };
        for (const YAML::Node &one : YAML::Load(file.readAll().toStdString())["tools"])
            list << Tool{texts(one["packages"]), texts(one["commands"]),
                         one["checks"].as<bool>(false)};
        return list;
    }();
    return all;
}

} // namespace

namespace {

/// Whether a script's text has the command as a word of its own.
bool callsCommand(const QString &text, const QString &command)
{
    const QRegularExpression form(
        QStringLiteral("(?<![\\w@/:.-])(?:[\\w./-]*node_modules/\\.bin/)?%1(?![\\w:-]|\\.\\w)")
            .arg(QRegularExpression::escape(command)));
    return text.left(4000).contains(form);
}

} // namespace

QStringList scriptsThatRan(const QMap<QString, QString> &scripts, const QStringList &names)
{
    static const QRegularExpression calls(
        QStringLiteral("\\b(?:npm|pnpm|yarn|bun|npm-run-all|run-s|run-p|wireit|turbo|nx|lerna)\\b"
                       "([^&|;\\n]{0,300})"));
    static const QRegularExpression word(QStringLiteral("[\\w:.@/*-]+"));
    QStringList texts, waiting = names;
    QSet<QString> seen;
    while (!waiting.isEmpty() && seen.size() < 500) {
        const QString name = waiting.takeFirst();
        for (const QString &one :
             {QStringLiteral("pre") + name, name, QStringLiteral("post") + name}) {
            if (seen.contains(one) || !scripts.contains(one))
                continue;
            seen << one;
            const QString text = scripts.value(one).left(4000);
            texts << text;
            auto called = calls.globalMatch(text);
            while (called.hasNext()) {
                auto words = word.globalMatch(called.next().captured(1));
                while (words.hasNext()) {
                    const QString script = words.next().captured();
                    // "lint:*" and "test:**" are npm-run-all's for all of that beginning
                    if (script.endsWith('*')) {
                        for (auto it = scripts.begin(); it != scripts.end(); ++it) {
                            if (it.key().startsWith(script.section('*', 0, 0)))
                                waiting << it.key();
                        }
                    } else {
                        waiting << script;
                    }
                }
            }
        }
    }
    return texts;
}

QStringList checksThatDidNotRun(const QMap<QString, QString> &scripts, const QStringList &ran)
{
    static const QRegularExpression checks(QStringLiteral(
        "^(?:lint|type-?check|check-?types|types|check|tsc|test|unit|e2e|integration|specs?)"
        "(?:[:.-][\\w:.-]{1,60})?\\z"));
    // These wait for a person, or change something.
    static const QRegularExpression others(QStringLiteral(
        "(?:^|[:.-])(?:fix|watch|update|write|dev|debug|ui|open|staged|report)(?:[:.-]|\\z)"));
    QStringList names;
    for (auto it = scripts.begin(); it != scripts.end() && names.size() < 20; ++it) {
        if (!it.value().trimmed().isEmpty() && checks.match(it.key()).hasMatch()
            && !others.match(it.key()).hasMatch() && !ran.contains(it.value().left(4000)))
            names << it.key();
    }
    return names;
}

QStringList wordsOf(const QStringList &scripts)
{
    static const QRegularExpression word(QStringLiteral("[\\w:.-]+"));
    QSet<QString> all;
    for (const QString &script : scripts) {
        auto words = word.globalMatch(script);
        while (words.hasNext() && all.size() < 2000)
            all << words.next().captured();
    }
    return all.values();
}

QStringList toolsThatDidNotRun(const QList<PlannedUpdate> &updates, const QStringList &scripts)
{
    const auto ran = [&scripts](const QString &command) {
        return std::ranges::any_of(
            scripts, [&](const QString &text) { return callsCommand(text, command); });
    };
    QStringList names;
    for (const PlannedUpdate &update : updates) {
        if (update.section != QLatin1String("devDependencies"))
            continue;
        for (const Tool &tool : tools()) {
            if (!matchesAny(update.name, tool.packages))
                continue;
            if (!std::any_of(tool.commands.begin(), tool.commands.end(), ran))
                names << update.name;
            break;
        }
    }
    names.removeDuplicates();
    return names;
}

QStringList scriptsThatProve(const QList<PlannedUpdate> &updates,
                             const QMap<QString, QString> &scripts, const QStringList &ran)
{
    constexpr qsizetype most = 3;
    static const QRegularExpression otherNames(QStringLiteral(
        "^(?:pre|post)|^(?:install|prepare|publish|version|build|start|dev|release|test)\\z|"
        "(?:^|[:.-])(?:fix|watch|update|write|dev|debug|ui|open|staged|report)(?:[:.-]|\\z)"));
    static const QRegularExpression changes(QStringLiteral(
        "--(?:fix|write|watch|apply|unsafe|init|migrate)|(?:^|\\s)-w(?:\\s|\\z)|\\bmigrate\\b"));
    // A formatter without these prints what it would write, and ends well.
    static const QRegularExpression looks(
        QStringLiteral("--check|--list-different|(?:^|\\s)-[cl](?:\\s|\\z)"));
    const QStringList tooling = toolsThatDidNotRun(updates, ran);
    QStringList names;
    for (const Tool &tool : tools()) {
        const bool moves = tool.checks && std::ranges::any_of(tooling, [&](const QString &name) {
                               return matchesAny(name, tool.packages);
                           });
        if (!moves)
            continue;
        for (auto it = scripts.begin(); it != scripts.end() && names.size() < most; ++it) {
            const QString text = it.value().left(4000);
            const auto proves = [&](const QString &command) {
                return callsCommand(text, command)
                    && (command != QLatin1String("prettier") || text.contains(looks));
            };
            if (names.contains(it.key()) || it.key().contains(otherNames) || text.contains(changes)
                || std::ranges::none_of(tool.commands, proves))
                continue;
            names << it.key();
            break; // one for each tool
        }
    }
    return names;
}

} // namespace ovvoc
