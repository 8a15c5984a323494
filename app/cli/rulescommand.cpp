// `ovvoc rules`: what rules there are, and what they do to a repository.

#include "base/process.h"
#include "cli/workspacecommands.h"
#include "common/services.h"
#include "jobs/codecell.h"
#include "updates/classify.h"

#include <QDir>
#include <QJsonArray>
#include <algorithm>

namespace ovvoc::cli {

namespace {

/// What the command works with.
struct Place
{
    WorkspaceFolder folder;
    std::shared_ptr<SecretMask> mask;
    QString own;
};

/// The rule files that are there: the agency's own, then the program's.
QList<RuleSet> allRules(const Place &at, QStringList *problems)
{
    const RuleFolder own = readRules(at.own);
    *problems += own.problems;
    return own.sets + builtinRules();
}

QString stepOf(const RuleSet &set)
{
    return QStringLiteral("%1-to-%2").arg(set.fromVersion, set.toVersion);
}

/// "express" or "express/4-to-5", scopes included.
Result<QList<RuleSet>> chosen(const QList<RuleSet> &all, const QString &text)
{
    QList<RuleSet> found;
    for (const RuleSet &set : all) {
        if (set.package == text || set.package + '/' + stepOf(set) == text)
            found << set;
    }
    if (found.isEmpty())
        return fail(ErrorCode::NotFound,
                    tr("There are no rules for \"%1\". `ovvoc rules list` shows all.").arg(text));
    return found;
}

QJsonObject json(const RuleSet &set, const CodeRule &rule)
{
    return {{"package", set.package},
            {"from", set.fromVersion},
            {"to", set.toVersion},
            {"rule", rule.id},
            {"title", rule.title},
            {"type", rule.type},
            {"category", categoryName(rule.category)},
            {"confidence", rule.confidence},
            {"byHand", rule.byHand},
            {"source", set.source},
            {"file", set.origin}};
}

/// Codemods and packages to add come from the registry: only a job has them.
void tellOfUntried(Call call, const QList<RuleSet> &sets)
{
    QStringList left;
    for (const RuleSet &set : sets) {
        for (const CodeRule &rule : set.rules) {
            if (rule.isCodemod() || rule.addsDependency())
                left << QStringLiteral("%1/%2").arg(set.package, rule.id);
        }
    }
    if (!left.isEmpty())
        show(call, {{"notTried", QJsonArray::fromStringList(left)}},
             tr("Not tried, because a codemod or a package to add comes from the registry, which "
                "only a job asks: %1.")
                 .arg(left.join(QStringLiteral(", "))));
}

void list(Call call, const QList<RuleSet> &sets)
{
    for (const RuleSet &set : sets) {
        const auto byHand = std::ranges::count_if(set.rules, &CodeRule::byHand);
        QString line = QStringLiteral("%1 %2 %3 rules")
                           .arg(set.package.leftJustified(34), stepOf(set).leftJustified(14))
                           .arg(set.rules.size(), 3);
        if (byHand > 0)
            line += tr(", %1 of them only name places").arg(byHand);
        if (!set.origin.isEmpty())
            line += "  " + set.origin;
        show(call,
             {{"package", set.package},
              {"from", set.fromVersion},
              {"to", set.toVersion},
              {"rules", set.rules.size()},
              {"byHand", qint64(byHand)},
              {"source", set.source},
              {"file", set.origin}},
             line);
    }
}

void describe(Call call, const QList<RuleSet> &sets)
{
    for (const RuleSet &set : sets) {
        if (!call.json)
            call.console.line(
                QStringLiteral("%1 %2  %3").arg(set.package, stepOf(set), set.source));
        for (const CodeRule &rule : set.rules)
            show(call, json(set, rule),
                 QStringLiteral("  %1 %2  %3 %4 %")
                     .arg(rule.id.leftJustified(28), rule.title,
                          rule.byHand ? tr("by hand,") : tr("changes,"))
                     .arg(qRound(rule.confidence * 100)));
    }
}

TaskResult<> test(Call call, Place at, QString folder)
{
    QStringList problems;
    QList<RuleSet> sets;
    if (folder.isEmpty()) {
        sets = allRules(at, &problems);
    } else {
        const RuleFolder own = readRules(folder);
        problems = own.problems;
        sets = own.sets;
    }
    for (const QString &problem : std::as_const(problems))
        show(call, {{"problem", problem}}, problem);
    if (sets.isEmpty())
        co_return fail(ErrorCode::InvalidInput, tr("There is no rule file to try."));
    QJsonArray checks;
    for (const RuleSet &set : std::as_const(sets))
        checks << QJsonObject{{"step", set.program}, {"examples", set.examples}};
    OVVOC_CO_TRY(services, co_await makeServices(at.folder, at.mask));
    const QJsonObject request{{"examples", checks}};
    const QByteArray none;
    OVVOC_CO_TRY(answer, co_await runCodeProgram(services, request, none));
    const QJsonObject result = QJsonDocument::fromJson(answer).object();
    const QJsonArray failed = result["failed"].toArray();
    for (const QJsonValue one : failed)
        show(call, one.toObject(),
             QStringLiteral("%1/%2: %3")
                 .arg(one["package"].toString(), one["rule"].toString(), one["text"].toString()));
    const int tried = result["tried"].toInt();
    show(call, {{"tried", tried}, {"failed", failed.size()}, {"wrongFiles", problems.size()}},
         tr("%1 examples tried, %2 failed, %3 files wrong")
             .arg(tried)
             .arg(failed.size())
             .arg(problems.size()));
    tellOfUntried(call, sets);
    if (!failed.isEmpty() || !problems.isEmpty())
        co_return fail(ErrorCode::CommandFailed, tr("Not all rules hold."));
    co_return {};
}

TaskResult<> tryOn(Call call, Place at, QList<RuleSet> sets, QString path)
{
    ProcessRequest archive;
    archive.program = QStringLiteral("git");
    archive.arguments = QStringList{"-C", path, "archive", "--format=tar", "HEAD"};
    OVVOC_CO_TRY(tar, co_await runProcess(archive));
    if (tar.exitCode != 0)
        co_return fail(ErrorCode::NotFound, tr("%1 is no git repository with a commit.").arg(path),
                       QString::fromUtf8(tar.errors));
    OVVOC_CO_TRY(services, co_await makeServices(at.folder, at.mask));
    QJsonArray steps, names;
    for (const RuleSet &set : std::as_const(sets)) {
        steps << set.program;
        names << set.package;
    }
    const QJsonObject request{{"folder", "/work/repo"}, {"uses", names}, {"steps", steps}};
    const QByteArray sources = tar.output;
    OVVOC_CO_TRY(answer, co_await runCodeProgram(services, request, sources));
    const QJsonObject result = QJsonDocument::fromJson(answer).object();
    const QJsonArray answered = result["steps"].toArray();
    int changes = 0, places = 0;
    for (qsizetype i = 0; i < sets.size(); ++i) {
        const QJsonObject step = answered[i].toObject();
        for (const auto &[key, what] :
             {std::pair("changes", tr("changes")), std::pair("byHand", tr("by hand")),
              std::pair("unsure", tr("looks like it"))}) {
            for (const QJsonValue one : step[QLatin1String(key)].toArray()) {
                const CodeRule *rule = sets[i].rule(one["rule"].toString());
                if (!rule)
                    continue;
                ++(QLatin1String(key) == QLatin1String("changes") ? changes : places);
                QJsonObject object = json(sets[i], *rule);
                object["what"] = QLatin1String(key);
                object["place"] = one;
                show(call, object,
                     QStringLiteral("%1:%2  %3  %4  %5")
                         .arg(one["file"].toString())
                         .arg(one["line"].toInt())
                         .arg(what, sets[i].package + '/' + rule->id, rule->title));
            }
        }
    }
    for (const QJsonValue one : result["problems"].toArray())
        show(call, {{"problem", one}},
             tr("%1 was left alone: it %2").arg(one["file"].toString(), one["text"].toString()));
    tellOfUntried(call, sets);
    show(call, {{"changes", changes}, {"places", places}, {"files", result["files"]}},
         tr("%1 files read, %2 changes, %3 places to look at; nothing was written")
             .arg(result["files"].toInt())
             .arg(changes)
             .arg(places));
    co_return {};
}

} // namespace

TaskResult<> rulesCommand(Call call, WorkspaceFolder folder, std::shared_ptr<SecretMask> mask,
                          QString own)
{
    const Place at{folder, mask, own};
    const QString verb = call.words.value(1), name = call.words.value(2);
    if (verb == QLatin1String("test"))
        co_return co_await test(call, at, name);
    QStringList problems;
    const QList<RuleSet> all = allRules(at, &problems);
    for (const QString &problem : std::as_const(problems))
        show(call, {{"problem", problem}}, problem);
    if (verb == QLatin1String("list") || verb.isEmpty()) {
        if (name.isEmpty()) {
            list(call, all);
            co_return {};
        }
        OVVOC_CO_TRY(some, chosen(all, name));
        list(call, some);
        co_return {};
    }
    if (name.isEmpty())
        co_return usage(tr("Which package?"));
    OVVOC_CO_TRY(some, chosen(all, name));
    if (verb == QLatin1String("show"))
        describe(call, some);
    else if (verb == QLatin1String("try"))
        co_return co_await tryOn(call, at, some, call.option("repo"));
    else
        co_return usage(tr("There is no `ovvoc rules %1`.").arg(verb));
    co_return {};
}

} // namespace ovvoc::cli
