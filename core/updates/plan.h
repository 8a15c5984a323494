#pragma once

#include "updates/semver.h"

#include <QDateTime>
#include <QList>
#include <QMap>
#include <QString>
#include <QStringList>

namespace ovvoc {

/// How the updates of one request are put together.
struct Grouping
{
    enum class Mode {
        Off, ///< one job for everything, and no run
        Groups, ///< by security, step and family
        Each, ///< each on its own, as far as it can be
        Together
    };
    struct Named
    {
        QString name;
        QStringList patterns; ///< wildcard patterns of package names
        bool operator==(const Named &) const = default;
    };
    Mode mode = Mode::Off;
    QList<Named> named; ///< come before the rest, in this order
    bool operator==(const Grouping &) const = default;
};

/// One exact step.
struct UpdateTarget
{
    QString project; ///< its folder; empty: the root
    QString name;
    QString version;
    /// Where it comes from, when members of a workspace are at different lines; empty: wherever.
    QString from = {};
    bool operator==(const UpdateTarget &) const = default;
};

/// What a person does not want to see for now.
struct Skip
{
    QString name;
    QString version; ///< up to this one, and no longer when there is a newer; empty: whatever it is
    QDate until; ///< and no longer from this day on; not valid: for good
    bool operator==(const Skip &) const = default;
};

/// "name", "name@1.2.3", either with " until 2027-01-31". Nothing when it is none of these.
std::optional<Skip> parseSkip(const QString &text);
QString toString(const Skip &skip);

/// What a person or a schedule asked to be updated.
struct UpdateSelection
{
    QString package; ///< empty: everything
    QStringList packages; ///< several, to the newest that the level allows; empty: no such list
    QString version; ///< empty: the newest that the level allows
    UpdateLevel level = UpdateLevel::Major; ///< the largest step allowed
    QStringList include; ///< wildcard patterns of package names; empty: all
    QStringList exclude; ///< the same; wins over include
    QList<UpdateTarget>
        only; ///< exactly these steps, whatever else is said here; empty: no such list
    QList<Skip> skips;
    int cooldownDays = 0; ///< versions younger than this wait, unless they fix an advisory
    bool operator==(const UpdateSelection &) const = default;
    /// Whether include and exclude let \a name through.
    bool selects(const QString &name) const;
    /// Whether packages are asked for by their names, whatever filters and skips say.
    bool namesPackages() const { return !package.isEmpty() || !packages.isEmpty(); }
    /// All of these names.
    QStringList named() const;
    /// The skip that holds \a name back from \a to on the day \a today; null: there is none.
    const Skip *skipOf(const QString &name, const QString &to, QDate today) const;
};

/// "all", "name", "@scope/name", "name@1.2.3". Nothing when it is none of these.
std::optional<UpdateSelection> parseSelection(const QString &text);

/// One advisory that `npm audit` reports for something installed.
struct Advisory
{
    QString package;
    QString severity; ///< "low", "moderate", "high", "critical"
    QString title;
    QString url;
    QString range; ///< vulnerable versions
    bool direct = true; ///< the project itself names the package
    QStringList via = {}; ///< the direct dependencies that bring it
    QString fix = {}; ///< of an indirect one: what mends it or why nothing does, as a sentence
    bool operator==(const Advisory &) const = default;
};

/// One text in a file that an update changes.
struct UpdatePlace
{
    QString file; ///< from the repository's root
    QStringList path; ///< the keys that lead to it
    QString before, exact, after; ///< as it is, with the version alone, as it is to be
    bool operator==(const UpdatePlace &) const = default;
};

/// One package that will move.
struct PlannedUpdate
{
    QString name;
    QString section; ///< "dependencies", "devDependencies", "optionalDependencies", "indirect"
    QString from;
    QString to;
    QString fromRange;
    QString toRange;
    UpdateLevel level = UpdateLevel::Patch;
    int ageDays = -1; ///< of the version it moves to; -1 unknown
    QString source; ///< https address of its source repository, as the registry tells; may be empty
    QList<Advisory> fixes; ///< what holds for the old version and not for the new one
    QString project = {}; ///< its folder; empty: the root
    QList<UpdatePlace> places = {}; ///< not kept with the job
    /// The newest version of a smaller step, to fall back to; empty: there is none. Not kept with
    /// the job.
    QString below = {};
    /// What lies between the two major lines, newest first, at most mostBetween: of each major line
    /// its newest version and the newest of the minor line below that. Tried before below. Not kept
    /// with the job.
    QStringList between = {};
    static constexpr int mostBetween = 4;
    /// What the old and the new version ask of others as peers, by name; not kept with the job.
    QMap<QString, QString> peersBefore = {}, peers = {};
    /// The project does not name it itself: it moves in the lockfile alone.
    bool isIndirect() const { return section == QLatin1String("indirect"); }
    bool operator==(const PlannedUpdate &) const = default;
};

/// Whether \a name fits one of the wildcard \a patterns ("*" and "?", over slashes too).
bool matchesAny(const QString &name, const QStringList &patterns);

/// One package that stays, and why.
struct SkippedUpdate
{
    QString name;
    QString reason;
    bool operator==(const SkippedUpdate &) const = default;
};

struct UpdatePlan
{
    QList<PlannedUpdate> updates;
    QList<SkippedUpdate> skipped;
    bool operator==(const UpdatePlan &) const = default;
    /// "ms 2.1.2 → 2.1.3" or "4 packages"
    QString title() const;
    /// Whether it moves something to where an advisory no longer holds.
    bool isSecurity() const;
};

/// What the code says of an update before it runs: no new version was installed, so only what rules
/// look for is known.
struct CodeForecast
{
    bool read = false; ///< whether the code was looked at; false: nothing is claimed
    int files = 0, places = 0; ///< of the project, where it uses the package
    QString category; ///< of the 25, the hardest; see classify.h
    QString strategy; ///< "version only", "rules", "codemod", "by hand"
    /// What would be changed, and what is left to a person, a line for each rule: "TITLE (95 %):
    /// FILE:LINE, FILE:LINE". At most mostLines of each.
    QStringList rules, byHand;
    static constexpr int mostLines = 20;
    bool operator==(const CodeForecast &) const = default;
};

/// One direct dependency as a scan sees it.
struct ScannedDependency
{
    QString name;
    QString section;
    QString range;
    QString current;
    QString wanted;
    QString latest;
    std::optional<UpdateLevel> level; ///< nothing: up to date
    int ageDays = -1; ///< of latest
    QString note; ///< why it cannot be judged, when it cannot
    QString project = {}; ///< its folder; empty: the root
    QString deprecated = {}; ///< what its makers say of the installed version; empty: nothing
    bool gone = false; ///< the installed version is no longer published
    CodeForecast code = {}; ///< of the step from current to latest
    bool operator==(const ScannedDependency &) const = default;
};

struct ScanReport
{
    QList<ScannedDependency> dependencies;
    QList<Advisory> advisories;
    int installedPackages = 0; ///< in the lockfile, direct and indirect
    bool advisoriesChecked = false; ///< false: not asked, or not answered; never "none" then
    QString advisoryNote; ///< why there are no advisories, when they could not be asked for
    QStringList notes; ///< about the repository and its files, each a sentence
    bool operator==(const ScanReport &) const = default;
    int outdated() const;
};

} // namespace ovvoc
