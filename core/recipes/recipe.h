#pragma once

#include "base/result.h"

#include <QHash>
#include <QList>
#include <QStringList>

namespace ovvoc {

/// One command of a recipe, or one thing the planner does itself.
struct RecipeStep
{
    enum class When {
        Lockfile,
        NoLockfile,
        Aside, ///< there is a lockfile, and something that cannot be had in a cell
        AsideNoLockfile, ///< the same without a lockfile
        AsideAny,
        Members,
        NoMembers,
        Script,
        Tests,
        MemberTests,
        MemberBuilds, ///< members have a build script, and the root has nothing that runs them
        Forget ///< there is a lockfile whose entries move by themselves
    };
    enum class Writes { Nothing, Exact, Manifest, Back };
    QString name; ///< for people
    QStringList command; ///< argv; "${…}" is filled in; empty when it writes
    /// The manifests: with the versions alone, as planned, or again as they were written where the
    /// manager only formatted them.
    Writes writes = Writes::Nothing;
    QList<When> when; ///< all of them must hold; none: always
    bool inMembers = false; ///< once in the folder of each member that it applies to
    QString script; ///< with When::Script: the script that package.json must have
    bool operator==(const RecipeStep &) const = default;
};

/// How the projects of one package manager are transformed, built, tested. Loaded from a YAML file
/// in resources/ecosystems, compiled into the program.
struct Recipe
{
    QString name;
    QString title;
    QString image;
    /// Packages of the registry that can be the manager; empty: it is the image's own.
    QStringList managerPackages;
    /// What the tests are judged by: "folder/", "name*", "path/name". A change of it while the
    /// build runs ends the job.
    QStringList proves;
    QStringList configures; ///< files at a project's or member's top that a runner obeys when they
                            ///< are there
    /// What a manager notes for itself in the repository's folder: no part of what is tested.
    QStringList state;
    /// What an install may put beside the repository's files, as in proves. Anything else that
    /// appears ends the job: it would be tested and not proposed.
    QStringList appears;
    QStringList registryCommand;
    QHash<QString, QString> environment; ///< of every step
    QHash<QString, QString> gateEnvironment; ///< also set while the gate is open
    QHash<QString, QString> sealedEnvironment; ///< also set after it closed
    QList<RecipeStep> transform, baseline, build, test; ///< baseline: in place of transform
    int cloneSeconds = 300, transformSeconds = 900, buildSeconds = 900, testSeconds = 1200;
    bool operator==(const Recipe &) const = default;
    /// Whether it can install without what cannot be had.
    bool setsAside() const;
    bool writesBack() const; ///< whether the manager formats manifests anew
};

/// Reads a recipe. Unknown keys, wrong types and missing parts are InvalidInput with the line. With
/// \a base ("extends") what is not said is as there, and environments are added to its own.
Result<Recipe> parseRecipe(const QByteArray &yaml, const Recipe &base = {});
/// Whether the program brings a recipe of that name along.
bool hasRecipe(const QString &name);
/// The recipe of that name that the program brings along. NotFound when there is none.
Result<Recipe> builtinRecipe(const QString &name);

/// \a arguments with "${name}" replaced, and an argument "...name" replaced by a whole list.
QStringList filledIn(const QStringList &arguments, const QHash<QString, QString> &values,
                     const QHash<QString, QStringList> &lists);

} // namespace ovvoc
