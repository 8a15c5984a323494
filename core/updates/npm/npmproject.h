#pragma once

#include "base/result.h"
#include "updates/plan.h"

#include <QHash>
#include <QJsonObject>

namespace ovvoc {

/// What we read of a Node project: its package.json and lockfile, as text that came out of a cell.
struct NpmProject
{
    struct Dependency
    {
        QString name;
        QString section;
        QString range;
        QString current; ///< from the lockfile; empty without one
        QString skipReason; ///< why it is not updated: it does not come from the registry
    };
    QByteArray manifestText;
    QJsonObject manifest;
    QString lockfile; ///< its name; empty when there is none
    int lockfileVersion = 0;
    bool lockfileHasResolved = false; ///< some entry names where it was downloaded from
    int installedPackages = 0;
    QList<Dependency> dependencies;

    bool hasScript(const QString &name) const;
    /// A test script that is not npm's own "no test specified" one.
    bool hasTests() const;
    const Dependency *find(const QString &name) const;
};

/// Reads and checks both files. Errors say which file is wrong and where: broken JSON, a lockfile
/// that is out of step or of an unknown version, packages that come from git.
Result<NpmProject> readNpmProject(const QByteArray &manifest, const QString &lockfileName,
                                  const QByteArray &lockfile);

/// \a manifest with each planned range written in place; every other byte stays as it is.
Result<QByteArray> withUpdates(const QByteArray &manifest, const QList<PlannedUpdate> &updates);

} // namespace ovvoc
