#pragma once

#include "recipes/ruleset.h"
#include "updates/plan.h"

#include <QJsonObject>

namespace ovvoc {

/// One line of one file.
struct CodePlace
{
    QString file; ///< from the repository's root
    int line = 0; ///< from 1, of the file before anything was changed
    QString text; ///< what a person has to know of it; may be empty
    bool operator==(const CodePlace &) const = default;
};

/// What one rule did and saw in one project.
struct CodeChange
{
    QString project; ///< its folder; empty: the root
    QString package;
    QString fromVersion, toVersion; ///< of the rule file
    QString rule, title, type;
    int category = 0; ///< see classify.h
    double confidence = 1;
    QString source; ///< https address of the guide
    QString origin; ///< the rule file of an agency; empty: the program's own
    QList<CodePlace> changed; ///< places that it changed
    QList<CodePlace> byHand; ///< places that it is about and that a person has to change
    QList<CodePlace> unsure; ///< places that look like it, of which nothing is known
    bool operator==(const CodeChange &) const = default;
};

/// A dependency that a new version needs besides, by a rule of type "dependency_change".
struct AddedDependency
{
    QString project; ///< its folder; empty: the root
    QString file, section; ///< the manifest and where in it
    QString name, range;
    QString forPackage; ///< the one that moves
    CodeChange change; ///< the rule, and the place
    bool operator==(const AddedDependency &) const = default;
};

/// Where a project uses a package.
struct PackageUse
{
    QString project;
    QString package;
    int files = 0;
    int places = 0;
    QStringList members; ///< what it uses of it, most often first; at most 100
    bool operator==(const PackageUse &) const = default;
};

/// What the program in the image says of one project's code.
struct CodeReport
{
    QList<CodeChange> changes; ///< rules that did or saw something
    QList<PackageUse> uses;
    QList<CodePlace> problems; ///< files that were left alone, and why
    QStringList written; ///< files that change, from the repository's root
    QStringList projects; ///< folders of those whose code was read; empty text: the root
    bool isRead() const { return !projects.isEmpty(); }
    bool operator==(const CodeReport &) const = default;
};

/// The rule files that the step \a from to \a to of \a package crosses, first steps first. \a own:
/// of an agency or a client; one for the same step as the program's takes its place.
QList<RuleSet> rulesForStep(const QString &package, const QString &from, const QString &to,
                            const QList<RuleSet> &own = {});
/// The same for all updates of one project.
QList<RuleSet> rulesForProject(const QList<PlannedUpdate> &updates, const QString &project,
                               const QList<RuleSet> &own = {});

/// What a codemod made of the sources that it is about, in a folder of its own.
struct CodemodRun
{
    int step = 0; ///< index of the RuleSet that it belongs to
    QString rule; ///< id of its rule
    QString folder;
    QStringList files; ///< those that were laid out there
    bool operator==(const CodemodRun &) const = default;
};

/// What a rule is known by in a report; no place yet.
CodeChange changeOf(const RuleSet &set, const CodeRule &rule, const QString &project);

/// What the program in the image is asked for. \a files: from \a folder, those that may be read;
/// \a hold: those that may be written; empty: nothing is written. \a node: the version that runs
/// the code; empty: what it can load is not looked at. \a codemods: what is taken over first.
QJsonObject codeRequest(const QString &folder, const QStringList &files,
                        const QStringList &packages, const QList<RuleSet> &steps,
                        const QStringList &hold = {}, const QString &node = {},
                        const QList<CodemodRun> &codemods = {});
/// Reads its answer. It is hostile: bounded, and only \a files may stand in it.
Result<CodeReport> parseCodeReport(const QByteArray &json, const QString &project,
                                   const QStringList &files, const QList<RuleSet> &steps,
                                   const QList<CodemodRun> &codemods = {});
/// The same for the question which of \a files a codemod is about. \a to: a folder in which they
/// are laid out; empty: nowhere.
QJsonObject layOutRequest(const QString &folder, const QStringList &files, const CodeRule &rule,
                          const QList<RuleSet> &steps, const QList<CodemodRun> &codemods,
                          const QString &to);
Result<QStringList> parseLaidOut(const QByteArray &json, const QStringList &files);

} // namespace ovvoc
