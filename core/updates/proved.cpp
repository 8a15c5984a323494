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
            list << Tool{texts(one["packages"]), texts(one["commands"])};
        return list;
    }();
    return all;
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
        const QRegularExpression form(
            QStringLiteral("(?<![\\w@/:.-])(?:[\\w./-]*node_modules/\\.bin/)?%1(?![\\w:-])")
                .arg(QRegularExpression::escape(command)));
        return std::any_of(scripts.begin(), scripts.end(),
                           [&](const QString &text) { return text.contains(form); });
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

} // namespace ovvoc
