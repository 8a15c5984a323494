#pragma once

#include "cell/cell.h"
#include "updates/npm/npmproject.h"

namespace ovvoc {

/// Finds out, with npm in the cell and through the gate, what a project could be updated to.
/// Runs nothing of the repository. Lives as long as its calls; the cell must outlive them.
class NpmPlanner
{
public:
    /// \a environment: of every npm call (registry, proxy, scripts off).
    NpmPlanner(Cell *cell, QString folder, QStringList environment);

    /// What \a selection means for this project now. An empty plan means "up to date"; what was
    /// left out is in UpdatePlan::skipped with its reason. Errors: InvalidInput (no such package in
    /// the project), NotFound (no such package or version in the registry), NetworkDown.
    TaskResult<UpdatePlan> plan(NpmProject project, UpdateSelection selection);

    /// The whole picture, for a scan.
    TaskResult<ScanReport> scan(NpmProject project);

private:
    struct Candidate
    {
        QString wanted;
        QString latest;
    };
    struct Metadata
    {
        QHash<QString, QDateTime> published; ///< version → time
        QStringList versions;
        QString latest;
        QString source;
    };
    struct Target
    {
        QString version; ///< empty: there is none above the current one
        QString waits; ///< a newer one that is too young
        int waitsAge = 0;
    };
    struct Audit
    {
        QList<Advisory> advisories;
        QString note; ///< why there are none, when they could not be asked for
    };
    TaskResult<QHash<QString, Candidate>> askOutdated();
    TaskResult<Metadata> askMetadata(QString package);
    TaskResult<ExecOutcome> npm(QStringList arguments);
    TaskResult<Audit> askAdvisories(NpmProject project);
    Result<Target> chooseTarget(const NpmProject::Dependency &dependency, const Metadata &metadata,
                                const UpdateSelection &selection,
                                const QList<Advisory> &advisories) const;
    Cell *m_cell;
    QString m_folder;
    QStringList m_environment;
};

/// What went wrong, out of npm's own output: registry down, no such package, conflicting peers,
/// lockfile out of step, disk full. Code and message for people; nothing when it says nothing
/// known.
std::optional<Error> explainNpmFailure(const QByteArray &errors);

} // namespace ovvoc
