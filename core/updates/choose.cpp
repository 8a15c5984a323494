#include "updates/choose.h"

#include "recipes/recipe.h"
#include "updates/versionrange.h"

#include <QCoreApplication>
#include <algorithm>

namespace ovvoc {

namespace {

QString tr(const char *text, int n = -1)
{
    return QCoreApplication::translate("Choose", text, nullptr, n);
}

/// The advisories that hold for \a from and not for \a to.
QList<Advisory> fixedBy(const QString &package, const Semver &from, const Semver &to,
                        const QList<Advisory> &advisories)
{
    QList<Advisory> fixed;
    for (const Advisory &advisory : advisories) {
        if (advisory.package != package)
            continue;
        const auto range = VersionRange::parse(advisory.range);
        if (range && range->contains(from) && !range->contains(to))
            fixed << advisory;
    }
    return fixed;
}

/// One dependency and where it is to go.
struct Choice
{
    const SurveyDependency *dependency = nullptr;
    QList<const SurveyVersion *> allowed; ///< ascending; the last one is the choice
    QString waits; ///< a newer version that is too young
    int waitsAge = 0;
    QString held; ///< why it goes less far than it could
    const SurveyVersion *target() const { return allowed.isEmpty() ? nullptr : allowed.last(); }
};

class Chooser
{
public:
    Chooser(const SurveyProject &project, const UpdateSelection &selection)
        : m_project(project)
        , m_selection(selection)
    { }

    Result<> run(UpdatePlan &plan);

private:
    void skip(UpdatePlan &plan, const QString &name, const QString &reason) const
    {
        plan.skipped << SkippedUpdate{name, reason};
    }
    Result<std::optional<Choice>> choose(const SurveyDependency &dependency,
                                         UpdatePlan &plan) const;
    /// By the client's settings and by the repository's own, whichever waits longer.
    bool isTooYoung(const SurveyDependency &dependency, const SurveyVersion &one) const
    {
        return one.ageDays >= 0
            && one.ageDays < std::max(m_selection.cooldownDays, dependency.minimumAgeDays);
    }
    void settlePeers();
    bool settlePeer(const SurveyDependency &asking, const QString &peer, const QString &wanted);
    static void lower(Choice &choice, const QString &why);
    const std::optional<VersionRange> &rangeOf(const QString &text);
    void addTo(UpdatePlan &plan, const Choice &choice) const;

    const SurveyProject &m_project;
    const UpdateSelection &m_selection;
    QList<Choice> m_choices;
    // Of settlePeers():
    QHash<QString, const SurveyDependency *> m_byName;
    QHash<const SurveyDependency *, qsizetype> m_choiceOf;
    QHash<QString, std::optional<VersionRange>> m_ranges;
};

Result<std::optional<Choice>> Chooser::choose(const SurveyDependency &dependency,
                                              UpdatePlan &plan) const
{
    using Chosen = std::optional<Choice>;
    if (!m_selection.only.isEmpty()) {
        const auto target = std::ranges::find_if(m_selection.only, [&](const UpdateTarget &one) {
            return one.project == m_project.path && one.name == dependency.name
                && (one.from.isEmpty() || one.from == dependency.from());
        });
        if (target == m_selection.only.end())
            return Chosen();
        Choice choice;
        choice.dependency = &dependency;
        for (const SurveyVersion &one : dependency.versions) {
            if (one.text == target->version)
                choice.allowed << &one;
        }
        if (choice.allowed.isEmpty())
            skip(plan, dependency.name, tr("cannot go to %1 any more").arg(target->version));
        return choice.allowed.isEmpty() ? Chosen() : Chosen(choice);
    }
    const bool named = m_selection.namesPackages();
    const bool outdated = !dependency.versions.isEmpty();
    if (!named && !m_selection.selects(dependency.name)) {
        if (outdated)
            skip(plan, dependency.name, tr("is left out by this repository's filters"));
        return Chosen();
    }
    static const QStringList judged{"", "prerelease", "newer-than-latest"};
    if (!judged.contains(dependency.reasonCode)) {
        if (dependency.reasonCode != QLatin1String("peer")
            && dependency.reasonCode != QLatin1String("workspace"))
            skip(plan, dependency.name, dependency.reason);
        return Chosen();
    }
    const bool moves = std::any_of(dependency.places.begin(), dependency.places.end(),
                                   [](const SurveyPlace &place) { return place.moves; });
    const bool indirect = dependency.kind == QLatin1String("indirect");
    if (!moves && !indirect && outdated) {
        skip(plan, dependency.name,
             dependency.reason.isEmpty() ? tr("is named in a way that is not rewritten")
                                         : dependency.reason);
        return Chosen();
    }
    Choice choice;
    choice.dependency = &dependency;
    if (!m_selection.version.isEmpty()) {
        for (const SurveyVersion &one : dependency.versions) {
            if (one.text == m_selection.version)
                choice.allowed << &one;
        }
        if (choice.allowed.isEmpty() && dependency.from() == m_selection.version) {
            skip(plan, dependency.name, tr("is at %1 already").arg(m_selection.version));
            return Chosen();
        }
        if (choice.allowed.isEmpty())
            return fail(
                ErrorCode::NotFound,
                tr("%1 has no version %2 to move to; the newest is %3.")
                    .arg(dependency.name, m_selection.version,
                         dependency.latest.isEmpty() ? tr("not known") : dependency.latest));
        return Chosen(choice);
    }
    const auto from = Semver::parse(dependency.from());
    bool beyond = false;
    QString unfit;
    for (const SurveyVersion &one : dependency.versions) {
        if (one.level > m_selection.level) {
            beyond = true;
            continue;
        }
        if (!one.deprecated.isEmpty() && dependency.currentDeprecated.isEmpty()
            && !dependency.currentGone)
            continue;
        if (!one.fits) {
            unfit = one.unfit.isEmpty() ? tr("%1 needs Node %2; the project uses %3")
                                              .arg(one.text, one.engines, m_project.judgedWith)
                                        : one.text + QStringLiteral(": ") + one.unfit;
            continue;
        }
        const bool fixes =
            from && !fixedBy(dependency.name, *from, one.version, m_project.advisories).isEmpty();
        if (isTooYoung(dependency, one) && !fixes && !dependency.currentGone) {
            choice.waits = one.text;
            choice.waitsAge = one.ageDays;
            continue;
        }
        choice.allowed << &one;
    }
    if (!choice.waits.isEmpty() && dependency.minimumAgeDays > m_selection.cooldownDays)
        skip(plan, dependency.name,
             tr("%1 is %n day(s) old; %2 takes none before %3", choice.waitsAge)
                 .arg(choice.waits, m_project.minimumAgeFrom)
                 .arg(dependency.minimumAgeDays));
    else if (!choice.waits.isEmpty())
        skip(plan, dependency.name,
             tr("%1 is %n day(s) old; this repository waits %2", choice.waitsAge)
                 .arg(choice.waits)
                 .arg(m_selection.cooldownDays));
    if (!choice.allowed.isEmpty()) {
        if (!unfit.isEmpty())
            choice.held = unfit;
        else if (beyond && choice.waits.isEmpty())
            choice.held = tr("the level \"%1\" does not reach it").arg(toString(m_selection.level));
        return Chosen(choice);
    }
    if (!unfit.isEmpty())
        skip(plan, dependency.name, unfit);
    else if (beyond && choice.waits.isEmpty())
        skip(plan, dependency.name,
             tr("%1 is beyond the level \"%2\"")
                 .arg(dependency.latest, toString(m_selection.level)));
    else if (!dependency.reason.isEmpty())
        skip(plan, dependency.name, dependency.reason);
    else if (named)
        skip(plan, dependency.name, tr("is at %1 already").arg(dependency.from()));
    return Chosen();
}

/// Takes the choice one version back; with none left it stays where it is.
void Chooser::lower(Choice &choice, const QString &why)
{
    choice.allowed.removeLast();
    choice.held = why;
}

const std::optional<VersionRange> &Chooser::rangeOf(const QString &text)
{
    const auto it = m_ranges.find(text);
    return it != m_ranges.end() ? *it : *m_ranges.insert(text, VersionRange::parse(text));
}

/// Looks at one peer that \a asking asks for. True when something had to give way.
bool Chooser::settlePeer(const SurveyDependency &asking, const QString &peer, const QString &wanted)
{
    const SurveyDependency *asked = m_byName.value(peer);
    if (!asked)
        return false;
    const auto choiceOf = [this](const SurveyDependency *dependency) -> Choice * {
        const auto it = m_choiceOf.constFind(dependency);
        return it != m_choiceOf.cend() && m_choices[*it].target() ? &m_choices[*it] : nullptr;
    };
    Choice *theirs = choiceOf(asked), *mine = choiceOf(&asking);
    const auto &range = rangeOf(wanted);
    const auto now = theirs ? theirs->target()->version : Semver::parse(asked->from());
    if (!range || !now || range->contains(*now))
        return false;
    const auto before = Semver::parse(asked->from());
    const bool couldFit = theirs
        && ((before && range->contains(*before))
            || std::ranges::any_of(theirs->allowed,
                                   [&](const auto *one) { return range->contains(one->version); }));
    const QString version = mine ? mine->target()->text : asking.from();
    if (couldFit) {
        const QString why = tr("%1 %2 asks for %3 %4").arg(asking.name, version, peer, wanted);
        do
            lower(*theirs, why);
        while (theirs->target() && !range->contains(theirs->target()->version));
        return true;
    }
    if (mine)
        lower(*mine, tr("it asks for %1 %2").arg(peer, wanted));
    // Else it did not fit before either: not this update's doing.
    return mine != nullptr;
}

/// What does not fit together goes less far, or stays: each round takes at least one version away,
/// so it comes to an end. Hostile peers would make it a late one, so there is a bound.
void Chooser::settlePeers()
{
    constexpr int mostLooks = 2'000'000;
    for (const SurveyDependency &dependency : m_project.dependencies) {
        if (!m_byName.contains(dependency.name))
            m_byName.insert(dependency.name, &dependency);
    }
    for (qsizetype i = 0; i < m_choices.size(); ++i)
        m_choiceOf.insert(m_choices[i].dependency, i);
    int looks = 0;
    const auto settle = [&](const SurveyDependency &asking) {
        const auto mine = m_choiceOf.constFind(&asking);
        const SurveyVersion *target =
            mine != m_choiceOf.cend() ? m_choices[*mine].target() : nullptr;
        const QMap<QString, QString> &peers = target ? target->peers : asking.currentPeers;
        for (auto it = peers.begin(); it != peers.end(); ++it) {
            if (++looks > mostLooks || settlePeer(asking, it.key(), it.value()))
                return true;
        }
        return false;
    };
    for (bool changed = true; changed && looks <= mostLooks;) {
        changed = false;
        for (const SurveyDependency &asking : m_project.dependencies) {
            while (looks <= mostLooks && settle(asking))
                changed = true;
        }
    }
    if (looks <= mostLooks)
        return;
    for (Choice &choice : m_choices) {
        choice.allowed.clear();
        choice.held = tr("the peer dependencies of the project are too many to be settled");
    }
}

void Chooser::addTo(UpdatePlan &plan, const Choice &choice) const
{
    const SurveyDependency &dependency = *choice.dependency;
    const SurveyVersion &target = *choice.target();
    const auto from = Semver::parse(dependency.from());
    PlannedUpdate update;
    update.name = dependency.name;
    update.project = m_project.path;
    update.section = dependency.section;
    update.from = dependency.from();
    update.to = target.text;
    update.level = target.level;
    update.ageDays = target.ageDays;
    update.source = dependency.source;
    for (const SurveyVersion &smaller : dependency.versions) {
        if (smaller.level < target.level && !smaller.lower && smaller.deprecated.isEmpty()
            && smaller.fits && (!from || *from < smaller.version)
            && !isTooYoung(dependency, smaller))
            update.below = smaller.text;
    }
    // Of each major line above the old one: its newest, and the newest of the minor line below
    // that.
    Semver line = target.version;
    int taken = 1; // of that major line
    for (auto one = dependency.versions.crbegin(); one != dependency.versions.crend(); ++one) {
        const bool may = from && one->version.major > from->major && !one->lower && one->fits
            && one->deprecated.isEmpty() && !isTooYoung(dependency, *one);
        const bool lower = one->version.major < line.major;
        const bool below = one->version.major == line.major && one->version.minor < line.minor;
        if (!may || (!lower && !(below && taken < 2))
            || update.between.size() >= PlannedUpdate::mostBetween)
            continue;
        update.between << one->text;
        taken = lower ? 1 : taken + 1;
        line = one->version;
    }
    update.peersBefore = dependency.currentPeers;
    update.peers = target.peers;
    if (from)
        update.fixes = fixedBy(dependency.name, *from, target.version, m_project.advisories);
    bool changes = !m_project.lockfile.isEmpty();
    for (const SurveyPlace &place : dependency.places) {
        if (!place.moves)
            continue;
        // A place that has more already is not moved down.
        const auto own = Semver::parse(place.current);
        if (own && *own >= target.version && !target.lower)
            continue;
        const auto range = VersionRange::parse(place.range);
        const bool allows = range && range->contains(target.version);
        const QString next = raisedRange(place.range, target.text, allows);
        changes = changes || next != place.range;
        update.places << UpdatePlace{place.file, place.path, place.prefix + place.range,
                                     place.prefix + target.text, place.prefix + next};
        if (update.fromRange.isEmpty()) {
            update.fromRange = place.range;
            update.toRange = next;
        }
    }
    // Without a lockfile, what changes no text is no update.
    if (changes && (!update.places.isEmpty() || update.isIndirect()))
        plan.updates << update;
    if (!choice.held.isEmpty() && dependency.latest != target.text)
        skip(plan, dependency.name,
             tr("goes to %1 and not to %2: %3")
                 .arg(target.text, dependency.latest,
                      choice.held.startsWith(dependency.latest + QStringLiteral(": "))
                          ? choice.held.mid(dependency.latest.size() + 2)
                          : choice.held));
}

Result<> Chooser::run(UpdatePlan &plan)
{
    const QStringList names = m_selection.named();
    for (const SurveyDependency &dependency : m_project.dependencies) {
        if (!names.isEmpty() && !names.contains(dependency.name)
            && !names.contains(dependency.alias))
            continue;
        OVVOC_TRY(chosen, choose(dependency, plan));
        if (chosen)
            m_choices << *chosen;
    }
    if (m_selection.version.isEmpty() && !m_project.legacyPeers)
        settlePeers();
    const QDate today = QDate::currentDate();
    for (const Choice &choice : std::as_const(m_choices)) {
        const QString name = choice.dependency->name;
        const bool named = m_selection.namesPackages() || !m_selection.only.isEmpty();
        const Skip *skipped = choice.target() && !named
            ? m_selection.skipOf(name, choice.target()->text, today)
            : nullptr;
        if (skipped)
            skip(plan, name,
                 tr("%1 is skipped, as the settings say (%2)")
                     .arg(choice.target()->text, toString(*skipped)));
        else if (choice.target())
            addTo(plan, choice);
        else
            skip(plan, choice.dependency->name, choice.held);
    }
    return {};
}

QString titleOf(const SurveyProject &project)
{
    return project.path.isEmpty() ? tr("the project") : project.path;
}

} // namespace

QString obstacleTo(const SurveyProject &project)
{
    if (project.covered && !hasRecipe(project.manager))
        return tr("It uses %1 (%2), which can be read and scanned, but not updated yet.")
            .arg(managerTitle(project.manager), project.managerFrom);
    if (!project.covered)
        return project.whyNot.isEmpty() ? tr("%1 is not covered").arg(project.manager)
                                        : project.whyNot;
    for (const SurveyNote &problem : project.problems) {
        static const QStringList grave{"invalid-json",
                                       "invalid-yaml",
                                       "invalid-lockfile",
                                       "invalid-manifest",
                                       "merge-conflict",
                                       "nul-bytes",
                                       "too-large",
                                       "outside",
                                       "unreadable",
                                       "lockfile-out-of-step",
                                       "too-many-dependencies",
                                       "too-many-members",
                                       "invalid-section",
                                       "needs-code",
                                       "outside-setting",
                                       "separate-lockfiles",
                                       "zero-install",
                                       "offline-mirror",
                                       "no-tool",
                                       "workspace-pattern"};
        if (problem.code == QLatin1String("lockfile-out-of-step"))
            return problem.text + ' '
                + tr("%1 is out of step with package.json: run the manager's install in the "
                     "repository, commit the lockfile, and run the update again.")
                      .arg(project.lockfile);
        if (grave.contains(problem.code))
            return problem.text;
    }
    if (!project.lockfile.isEmpty() && !project.lockfileReadable)
        return tr("%1 cannot be read").arg(project.lockfile);
    return {};
}

Result<UpdatePlan> choosePlan(const Survey &survey, const UpdateSelection &selection)
{
    if (survey.projects.isEmpty())
        return fail(ErrorCode::InvalidInput,
                    survey.warnings.isEmpty()
                        ? tr("There is no package.json in this repository, so there is nothing to "
                             "update.")
                        : survey.warnings.first().text);
    UpdatePlan plan;
    QStringList strange = selection.named(); // names that no project has
    QString first;
    int possible = 0;
    for (const SurveyProject &project : survey.projects) {
        strange.removeIf([&project](const QString &name) { return project.find(name) != nullptr; });
        if (const QString why = obstacleTo(project); !why.isEmpty()) {
            plan.skipped << SkippedUpdate{titleOf(project), why};
            first = first.isEmpty() ? why : first;
            continue;
        }
        ++possible;
        OVVOC_CHECK(Chooser(project, selection).run(plan));
    }
    if (possible == 0)
        return fail(ErrorCode::InvalidInput, first);
    if (!strange.isEmpty())
        return fail(ErrorCode::InvalidInput,
                    tr("package.json does not name %1. Check the spelling; only direct "
                       "dependencies can be updated by name.")
                        .arg(strange.mid(0, 5).join(QStringLiteral(", "))));
    // Folders that were not looked into are named, so that nobody takes the rest for everything.
    for (const SurveyNote &warning : survey.warnings) {
        static const QStringList partial{"too-many-folders", "too-many-projects",
                                         "registry-unreadable"};
        if (partial.contains(warning.code))
            plan.skipped << SkippedUpdate{tr("part of the repository"), warning.text};
    }
    // Nothing could be judged: that is no success.
    if (plan.updates.isEmpty()) {
        const SurveyDependency *unjudged = nullptr;
        bool judged = false;
        for (const SurveyProject &project : survey.projects) {
            for (const SurveyDependency &dependency : project.dependencies) {
                static const QStringList unknown{"private-registry", "not-found", "forbidden",
                                                 "registry-error",   "too-large", "no-match"};
                if (selection.namesPackages() && !selection.named().contains(dependency.name))
                    continue;
                if (unknown.contains(dependency.reasonCode))
                    unjudged = unjudged ? unjudged : &dependency;
                else if (dependency.kind == QLatin1String("registry"))
                    judged = true;
            }
        }
        if (!judged && unjudged)
            return fail(unjudged->reasonCode == QLatin1String("registry-error")
                            ? ErrorCode::NetworkDown
                            : ErrorCode::NotFound,
                        unjudged->name + ": " + unjudged->reason);
    }
    return plan;
}

ScanReport scanReport(const Survey &survey)
{
    ScanReport report;
    bool checked = !survey.projects.isEmpty();
    for (const SurveyNote &warning : survey.warnings)
        report.notes << warning.text;
    for (const SurveyProject &project : survey.projects) {
        report.installedPackages += project.installedPackages;
        for (const SurveyNote &problem : project.problems)
            report.notes << problem.text;
        const QString why = obstacleTo(project);
        if (!why.isEmpty())
            report.notes << why;
        for (const SurveyDependency &dependency : project.dependencies) {
            if (dependency.kind == QLatin1String("workspace")
                || dependency.reasonCode == QLatin1String("peer"))
                continue;
            ScannedDependency scanned;
            scanned.name = dependency.alias.isEmpty() ? dependency.name : dependency.alias;
            scanned.project = project.path;
            scanned.section = dependency.section;
            scanned.range =
                dependency.places.isEmpty() ? QString() : dependency.places.first().range;
            scanned.current = dependency.from();
            scanned.wanted = dependency.wanted.isEmpty() ? scanned.current : dependency.wanted;
            scanned.latest = dependency.latest.isEmpty() ? scanned.current : dependency.latest;
            scanned.note = dependency.reason;
            scanned.deprecated = dependency.currentDeprecated;
            scanned.gone = dependency.currentGone;
            if (!dependency.versions.isEmpty()) {
                const SurveyVersion &newest = dependency.versions.last();
                if (!newest.lower || dependency.currentGone) {
                    scanned.level = newest.level;
                    scanned.ageDays = newest.ageDays;
                    scanned.latest = newest.text;
                }
            }
            report.dependencies << scanned;
        }
        report.advisories += project.advisories;
        if (!project.advisoriesChecked) {
            checked = false;
            report.advisoryNote = project.advisoryNote;
        }
    }
    report.advisoriesChecked = checked;
    if (!checked && report.advisoryNote.isEmpty())
        report.advisoryNote = tr("The registry was not asked.");
    return report;
}

} // namespace ovvoc
