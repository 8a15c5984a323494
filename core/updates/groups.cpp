#include "updates/groups.h"

#include "updates/versionrange.h"

#include <QCoreApplication>
#include <QFile>
#include <QHash>
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

/// Whether only one of the two moving would leave a peer unmet that both moving meet.
bool needEachOther(const PlannedUpdate &asking, const PlannedUpdate &asked)
{
    const auto before = asking.peersBefore.constFind(asked.name);
    const auto after = asking.peers.constFind(asked.name);
    if (after != asking.peers.cend() && !allows(*after, asked.from) && allows(*after, asked.to))
        return true;
    return before != asking.peersBefore.cend() && !allows(*before, asked.to)
        && allows(*before, asked.from)
        && (after == asking.peers.cend() || allows(*after, asked.to));
}

UpdateLevel levelOf(const QList<PlannedUpdate> &updates)
{
    UpdateLevel level = UpdateLevel::Patch;
    for (const PlannedUpdate &update : updates)
        level = std::max(level, update.level);
    return level;
}

QString titleOf(const QList<PlannedUpdate> &updates)
{
    // The largest step names the rest.
    const auto first = std::ranges::max_element(
        updates, [](const PlannedUpdate &a, const PlannedUpdate &b) { return a.level < b.level; });
    const QString one = QStringLiteral("%1 %2 → %3").arg(first->name, first->from, first->to);
    return updates.size() == 1
        ? one
        : QCoreApplication::translate("Groups", "%1 and %n more", nullptr, int(updates.size()) - 1)
              .arg(one);
}

} // namespace

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

QList<UpdateGroup> groupsOf(const QList<PlannedUpdate> &updates, const Grouping &grouping)
{
    if (updates.isEmpty())
        return {};
    if (grouping.mode == Grouping::Mode::Off || grouping.mode == Grouping::Mode::Together)
        return {UpdateGroup{UpdateGroup::Kind::All, titleOf(updates), updates}};
    UpdateGroup security{UpdateGroup::Kind::Security, tr("Security fixes"), {}};
    UpdateGroup minor{UpdateGroup::Kind::Minor, tr("Patch and minor steps"), {}};
    QList<UpdateGroup> named, securityMajors, majors, each;
    for (const Grouping::Named &one : grouping.named)
        named << UpdateGroup{UpdateGroup::Kind::Named, one.name, {}};
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
            each << UpdateGroup{UpdateGroup::Kind::One, titleOf(part), part};
        else if (major)
            (fixes ? securityMajors : majors)
                << UpdateGroup{fixes ? UpdateGroup::Kind::Security : UpdateGroup::Kind::Major,
                               titleOf(part), part};
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
