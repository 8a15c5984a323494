#include "updates/groups.h"

#include "updates/versionrange.h"

#include <QCoreApplication>
#include <QFile>
#include <QHash>
#include <QRegularExpression>
#include <algorithm>
#include <numeric>
#include <yaml-cpp/yaml.h>

namespace ovvoc {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("Groups", text);
}

/// Lists of patterns; read once. The file is compiled in, and a test reads it.
const QList<QStringList> &families()
{
    static const QList<QStringList> all = [] {
        QList<QStringList> list;
        QFile file(QStringLiteral(":/ecosystems/node/families.yml"));
        if (!file.open(QIODevice::ReadOnly))
            return list;
        for (const YAML::Node &family : YAML::Load(file.readAll().toStdString())["families"]) {
            QStringList patterns;
            for (const YAML::Node &pattern : family)
                patterns << QString::fromStdString(pattern.Scalar());
            list << patterns;
        }
        return list;
    }();
    return all;
}

/// Sets of numbers that are joined, each found by its lowest.
class Sets
{
public:
    explicit Sets(qsizetype size)
        : m_parent(size)
    {
        std::iota(m_parent.begin(), m_parent.end(), 0);
    }
    qsizetype find(qsizetype one)
    {
        while (m_parent[one] != one)
            one = m_parent[one] = m_parent[m_parent[one]];
        return one;
    }
    void join(qsizetype a, qsizetype b)
    {
        a = find(a);
        b = find(b);
        m_parent[std::max(a, b)] = std::min(a, b);
    }

private:
    QList<qsizetype> m_parent;
};

/// "react" of "@types/react", "@scope/name" of "@types/scope__name"; empty of anything else.
QString typesOf(const QString &name)
{
    if (!name.startsWith(QLatin1String("@types/")))
        return {};
    const QString rest = name.mid(7);
    return rest.contains(QLatin1String("__")) ? '@' + rest.section(QStringLiteral("__"), 0, 0) + '/'
            + rest.section(QStringLiteral("__"), 1)
                                              : rest;
}

bool allows(const QString &range, const QString &version)
{
    const auto parsed = VersionRange::parse(range);
    const auto at = Semver::parse(version);
    return !parsed || !at || parsed->contains(*at);
}

/// Whether \a asking needs that \a asked moves as well: its new version asks for the other's new
/// one.
bool needsNew(const PlannedUpdate &asking, const PlannedUpdate &asked)
{
    const auto after = asking.peers.constFind(asked.name);
    return after != asking.peers.cend() && !allows(*after, asked.from) && allows(*after, asked.to);
}

/// Whether \a asked can only move when \a asking does: what is there asks for the old version.
bool heldByOld(const PlannedUpdate &asking, const PlannedUpdate &asked)
{
    const auto before = asking.peersBefore.constFind(asked.name);
    const auto after = asking.peers.constFind(asked.name);
    return before != asking.peersBefore.cend() && !allows(*before, asked.to)
        && allows(*before, asked.from)
        && (after == asking.peers.cend() || allows(*after, asked.to));
}

/// Whether only one of the two moving would leave a peer unmet that both moving meet.
bool needEachOther(const PlannedUpdate &asking, const PlannedUpdate &asked)
{
    return needsNew(asking, asked) || heldByOld(asking, asked);
}

/// Whether \a one cannot move without \a other.
bool cannotMoveWithout(const PlannedUpdate &one, const PlannedUpdate &other)
{
    return needsNew(one, other) || heldByOld(other, one);
}

UpdateLevel levelOf(const QList<PlannedUpdate> &updates)
{
    UpdateLevel level = UpdateLevel::Patch;
    for (const PlannedUpdate &update : updates)
        level = std::max(level, update.level);
    return level;
}

/// The largest step, which names the rest; types only where there is nothing else.
auto leaderOf(const QList<PlannedUpdate> &updates)
{
    const auto rank = [](const PlannedUpdate &update) {
        return std::pair(!update.name.startsWith(QLatin1String("@types/")), update.level);
    };
    return std::ranges::max_element(
        updates, [&](const PlannedUpdate &a, const PlannedUpdate &b) { return rank(a) < rank(b); });
}

QString titleOf(const QList<PlannedUpdate> &updates)
{
    const auto first = leaderOf(updates);
    const QString one = QStringLiteral("%1 %2 → %3").arg(first->name, first->from, first->to);
    return updates.size() == 1
        ? one
        : QCoreApplication::translate("Groups", "%1 and %n more", nullptr, int(updates.size()) - 1)
              .arg(one);
}

} // namespace

QString topicOfPackage(const QString &name)
{
    return QStringLiteral("package ") + name;
}

QString branchNameOf(const QString &topic)
{
    static const QRegularExpression unsafe(QStringLiteral("[^A-Za-z0-9._-]+"));
    static const QRegularExpression edges(QStringLiteral("^[.-]+|[.-]+$|\\.lock$"));
    static const QRegularExpression dots(QStringLiteral("\\.{2,}"));
    const QString kind = topic.section(' ', 0, 0);
    QString name = topic.section(' ', 1).left(120);
    QString start = QStringLiteral("ovvoc/update-");
    if (name.isEmpty()) {
        start = QStringLiteral("ovvoc/updates-");
        name = kind;
    } else if (kind == QLatin1String("named")) {
        start = QStringLiteral("ovvoc/group-");
    }
    name.replace(unsafe, QStringLiteral("-")).replace(dots, QStringLiteral(".")).remove(edges);
    return start + (name.isEmpty() ? QStringLiteral("x") : name);
}

QList<QList<PlannedUpdate>> inseparable(const QList<PlannedUpdate> &updates)
{
    Sets sets(updates.size());
    QHash<QString, QList<qsizetype>> byName;
    QHash<QString, qsizetype> inStep;
    for (qsizetype i = 0; i < updates.size(); ++i) {
        const PlannedUpdate &update = updates[i];
        if (byName.contains(update.name))
            sets.join(i, byName[update.name].first());
        byName[update.name] << i;
        if (update.source.isEmpty())
            continue;
        const QString step = update.source + ' ' + update.from + ' ' + update.to;
        if (inStep.contains(step))
            sets.join(i, inStep[step]);
        else
            inStep.insert(step, i);
    }
    for (const QStringList &family : families()) {
        qsizetype first = -1;
        for (qsizetype i = 0; i < updates.size(); ++i) {
            if (!matchesAny(updates[i].name, family))
                continue;
            if (first >= 0)
                sets.join(first, i);
            else
                first = i;
        }
    }
    for (qsizetype i = 0; i < updates.size(); ++i) {
        const PlannedUpdate &update = updates[i];
        for (const qsizetype other : byName.value(typesOf(update.name)))
            sets.join(i, other);
        for (const auto &peers : {update.peersBefore, update.peers}) {
            for (auto it = peers.begin(); it != peers.end(); ++it) {
                for (const qsizetype other : byName.value(it.key())) {
                    if (needEachOther(update, updates[other]))
                        sets.join(i, other);
                }
            }
        }
    }
    QList<QList<PlannedUpdate>> parts;
    QHash<qsizetype, qsizetype> partOf;
    for (qsizetype i = 0; i < updates.size(); ++i) {
        const qsizetype root = sets.find(i);
        if (!partOf.contains(root)) {
            partOf.insert(root, parts.size());
            parts << QList<PlannedUpdate>();
        }
        parts[partOf[root]] << updates[i];
    }
    return parts;
}

QList<QList<PlannedUpdate>> separable(const QList<PlannedUpdate> &part)
{
    // What stays together whatever is taken out: one name, one family, what is released in step.
    QList<PlannedUpdate> withoutPeers = part;
    for (PlannedUpdate &update : withoutPeers) {
        update.peers.clear();
        update.peersBefore.clear();
    }
    QList<QList<PlannedUpdate>> units;
    for (const QList<PlannedUpdate> &unit : inseparable(withoutPeers)) {
        QList<PlannedUpdate> whole;
        for (const PlannedUpdate &update : part) {
            if (std::ranges::any_of(unit, [&](const PlannedUpdate &one) {
                    return one.name == update.name && one.project == update.project;
                }))
                whole << update;
        }
        units << whole;
    }
    if (units.size() < 2)
        return {};
    QList<QList<PlannedUpdate>> out;
    for (qsizetype i = 0; i < units.size(); ++i) {
        bool needed = false;
        for (qsizetype other = 0; other < units.size() && !needed; ++other) {
            needed = other != i && std::ranges::any_of(units[other], [&](const PlannedUpdate &one) {
                         return std::ranges::any_of(units[i], [&](const PlannedUpdate &mine) {
                             return cannotMoveWithout(one, mine);
                         });
                     });
        }
        if (!needed)
            out << units[i];
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const auto &a, const auto &b) { return levelOf(a) > levelOf(b); });
    return out;
}

QList<UpdateGroup> groupsOf(const QList<PlannedUpdate> &updates, const Grouping &grouping)
{
    if (updates.isEmpty())
        return {};
    if (grouping.mode == Grouping::Mode::Off || grouping.mode == Grouping::Mode::Together)
        return {UpdateGroup{UpdateGroup::Kind::All, titleOf(updates), updates, "all"}};
    UpdateGroup security{UpdateGroup::Kind::Security, tr("Security fixes"), {}, "security"};
    UpdateGroup minor{UpdateGroup::Kind::Minor, tr("Patch and minor steps"), {}, "patch-and-minor"};
    const auto byItself = [](UpdateGroup::Kind kind, const QList<PlannedUpdate> &part) {
        return UpdateGroup{kind, titleOf(part), part, topicOfPackage(leaderOf(part)->name)};
    };
    QList<UpdateGroup> named, securityMajors, majors, each;
    for (const Grouping::Named &one : grouping.named)
        named << UpdateGroup{UpdateGroup::Kind::Named, one.name, {}, "named " + one.name};
    for (const QList<PlannedUpdate> &part : inseparable(updates)) {
        const bool fixes = std::ranges::any_of(
            part, [](const PlannedUpdate &update) { return !update.fixes.isEmpty(); });
        const bool major = levelOf(part) == UpdateLevel::Major;
        qsizetype name = 0;
        while (name < named.size()
               && std::ranges::none_of(
                   part,
                   [&](const PlannedUpdate &update) {
                       return matchesAny(update.name, grouping.named[name].patterns);
                   }))
            ++name;
        if (name < named.size())
            named[name].updates += part;
        else if (grouping.mode == Grouping::Mode::Each)
            each << byItself(UpdateGroup::Kind::One, part);
        else if (major)
            (fixes ? securityMajors : majors)
                << byItself(fixes ? UpdateGroup::Kind::Security : UpdateGroup::Kind::Major, part);
        else
            (fixes ? security : minor).updates += part;
    }
    std::stable_partition(each.begin(), each.end(), [](const UpdateGroup &group) {
        return std::ranges::any_of(
            group.updates, [](const PlannedUpdate &update) { return !update.fixes.isEmpty(); });
    });
    QList<UpdateGroup> all = QList<UpdateGroup>{security} + securityMajors + named;
    all << minor;
    all += majors + each;
    all.removeIf([](const UpdateGroup &group) { return group.updates.isEmpty(); });
    return all;
}

} // namespace ovvoc
