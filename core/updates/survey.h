#pragma once

#include "base/result.h"
#include "updates/plan.h"

#include <QHash>
#include <QMap>

namespace ovvoc {

/// What an ecosystem's own libraries say of a clone: the document that the survey program of the
/// image prints (docs/survey.md), checked. It decides nothing; choosePlan() does. Values.

/// One text that names a range.
struct SurveyPlace
{
    QString file; ///< from the repository's root
    QString section;
    QStringList path; ///< the keys that lead to it in that file
    QString range;
    QString prefix; ///< what stands before the range in the same text
    bool moves = true;
    QString current; ///< what the lockfile has for this place; may be empty
    QString installed; ///< what is in node_modules for it; only of a survey after the install
};

struct SurveyVersion
{
    QString text;
    Semver version;
    UpdateLevel level = UpdateLevel::Major; ///< from the lowest installed version
    int ageDays = -1; ///< -1: not known
    QString deprecated; ///< empty: it is not
    QString engines;
    bool fits = true; ///< false: its engines exclude the Node that the project is tested with
    /// For development: what it needs although the package promises its users less; may be empty.
    QString narrows;
    QString unfit; ///< why it is not for this project, when it is not for its engines; may be empty
    bool inRange = false;
    bool lower = false; ///< the installed one is gone, and this one is below it
    QMap<QString, QString> peers; ///< those that are not optional
};

struct SurveyDependency
{
    QString name, alias, kind, section;
    QList<SurveyPlace> places;
    QStringList current;
    bool assumed = false; ///< there is no lockfile: what is installed is what the range brings
    QString wanted, latest;
    QString reasonCode, reason; ///< why it stays or cannot be judged
    QString registry; ///< with "private-registry": its host
    QString currentDeprecated;
    bool currentGone = false;
    QMap<QString, QString> currentPeers;
    QString source;
    int minimumAgeDays = 0; ///< the repository's own settings take no version that is younger
    QList<SurveyVersion> versions; ///< ascending
    /// What is installed, or would be; empty when that is not known.
    QString from() const { return current.isEmpty() ? wanted : current.first(); }
};

struct SurveyNote
{
    QString code, text, file;
};

struct SurveyMember
{
    QString path, name;
    QMap<QString, QString> scripts;
    QStringList needs; ///< names of other members that it depends on
};

struct SurveyProject
{
    QString path; ///< folder below the repository's root; empty: the root
    QString manager, managerVersion, managerFrom;
    bool covered = false;
    QString whyNot;
    /// The registry's package of the manager and its versions or ranges, best first; empty: the
    /// image has it.
    QString toolPackage;
    QStringList toolVersions;
    bool modules = true; ///< an install puts packages into node_modules
    QString lockfile; ///< empty: none
    QString lockfileVersion;
    bool lockfileReadable = true, hasResolved = false;
    QStringList otherLockfiles;
    QString node, nodeFrom, judgedWith;
    QString minimumAgeFrom; ///< the file with its dependencies' minimumAgeDays
    QString registry; ///< address of the registry that the repository asks for; empty: none
    QMap<QString, QString> scopeRegistries; ///< the same by scope ("@acme")
    QStringList credentialNames; ///< variables that its registries' credentials would come from
    QList<SurveyMember> members;
    QMap<QString, QString> scripts;
    bool alone = false; ///< no part of the workspace that may be above it
    bool hasTests = false;
    bool legacyPeers = false; ///< the project tells npm not to look at peers
    QList<SurveyDependency> dependencies;
    int installedPackages = 0;
    bool advisoriesChecked = false;
    QString advisoryNote;
    QList<Advisory> advisories;
    QList<SurveyNote> problems;
    QMap<QString, QStringList> installed; ///< versions in the lockfile, of the names asked for

    QString inProject(const QString &file) const
    {
        return path.isEmpty() ? file : path + '/' + file;
    }
    /// Whether its own package.json has a script of that name that is not empty.
    bool hasScript(const QString &name) const { return !scripts.value(name).trimmed().isEmpty(); }
    const SurveyDependency *find(const QString &name) const;
};

/// For people: "pnpm", "Yarn 1".
QString managerTitle(const QString &name);

struct Survey
{
    QList<SurveyNote> warnings;
    QList<SurveyProject> projects;
};

/// Reads the document (hostile: bounded to 64 MiB, every list and text bounded). Protocol when it
/// is none. Linear; blocking, for large ones.
Result<Survey> parseSurvey(const QByteArray &json);

} // namespace ovvoc
