#pragma once

#include "base/result.h"

#include <QJsonObject>
#include <QList>
#include <QStringList>

namespace ovvoc {

/// One change of code that a new version asks for.
struct CodeRule
{
    QString id; ///< unique in its file
    QString title; ///< for people
    QString type; ///< "function_rename" and its kin, see docs/rules.md
    int category = 0; ///< one of the 25 of updates/classify.h
    double confidence = 1; ///< 0 to 1: how sure its makers are of it
    bool byHand = false; ///< it names places and changes nothing
    /// Of a "codemod": the program's id and its transform, globs of the files that it may change,
    /// words of which a file must have one, and those with which it marks what is left to do.
    QString codemod, transform;
    QStringList filePattern, mentions, leaves;
    /// Of a "dependency_change": the package that has to be named besides, where files that fit
    /// filePattern have one of mentions; its range, "same": that of the package that moves.
    QString addedPackage, addedRange;
    bool isCodemod() const { return !codemod.isEmpty(); }
    bool addsDependency() const { return !addedPackage.isEmpty(); }
    bool operator==(const CodeRule &) const = default;
};

/// The rules of one step of one package: a YAML file of resources/rules or of an agency's own
/// folder.
struct RuleSet
{
    QString package;
    QString fromVersion, toVersion; ///< "4", "0.33": applies to a step that reaches toVersion
    QString source; ///< https address of the guide
    QString origin; ///< the file that it was read from; empty: the program's own
    QList<CodeRule> rules;
    /// All of it but the examples and the codemods, for the program in the image.
    QJsonObject program;
    QJsonObject examples; ///< by rule: the examples of it
    bool operator==(const RuleSet &) const = default;
    const CodeRule *rule(const QString &id) const;
};

/// Reads a rule file. Unknown keys, wrong types, what no engine could apply are InvalidInput with
/// line and reason. At most 1 MiB.
Result<RuleSet> parseRuleSet(const QByteArray &yaml);
/// What a folder of an agency's own has.
struct RuleFolder
{
    QList<RuleSet> sets; ///< by path
    QStringList problems; ///< "own/a.yml: line 3: ...", a file each
    bool operator==(const RuleFolder &) const = default;
};

/// Reads every *.yml below \a folder, links followed nowhere, at most 1000 files. Blocks. A file
/// that is wrong is named, and the others are read all the same.
RuleFolder readRules(const QString &folder);
/// All rule files that the program brings along, by package and step. Read once; from any thread.
const QList<RuleSet> &builtinRules();

} // namespace ovvoc
