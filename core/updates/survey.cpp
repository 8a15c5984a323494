#include "updates/survey.h"

#include "base/text.h"
#include "updates/versionrange.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <algorithm>

namespace ovvoc {

namespace {

constexpr qsizetype documentLimit = 64 * 1024 * 1024;
constexpr qsizetype projectLimit = 500, dependencyLimit = 5'000, placeLimit = 20'000,
                    versionLimit = 2'000, noteLimit = 500, advisoryLimit = 2'000;

QString text(const QJsonValue &value, qsizetype limit = 600)
{
    return visibleText(value.toString().left(limit));
}

QStringList texts(const QJsonValue &value, qsizetype limit)
{
    QStringList list;
    for (const QJsonValue item : value.toArray()) {
        if (list.size() >= limit)
            break;
        list << text(item);
    }
    return list;
}

QMap<QString, QString> map(const QJsonValue &value, qsizetype limit, qsizetype textLimit = 600)
{
    QMap<QString, QString> found;
    const QJsonObject object = value.toObject();
    for (auto it = object.begin(); it != object.end() && found.size() < limit; ++it)
        found.insert(it.key().left(214), text(it.value(), textLimit));
    return found;
}

QList<SurveyNote> notes(const QJsonValue &value)
{
    QList<SurveyNote> list;
    for (const QJsonValue item : value.toArray()) {
        if (list.size() >= noteLimit)
            break;
        list << SurveyNote{text(item[QLatin1String("code")], 60), text(item[QLatin1String("text")]),
                           text(item[QLatin1String("file")])};
    }
    return list;
}

std::optional<SurveyVersion> version(const QJsonObject &object)
{
    SurveyVersion one;
    one.text = text(object["version"], 256);
    const auto parsed = Semver::parse(one.text);
    // What does not parse is never written into a manifest, a message or a table.
    if (!parsed)
        return std::nullopt;
    one.version = *parsed;
    one.ageDays = object["ageDays"].toInt(-1);
    one.deprecated = text(object["deprecated"], 1000);
    one.engines = text(object["engines"], 200);
    one.fits = object["fits"].toBool(true);
    one.unfit = oneLine(text(object["unfit"], 300));
    one.narrows = oneLine(text(object["narrows"], 300));
    one.inRange = object["inRange"].toBool();
    one.lower = object["lower"].toBool();
    one.peers = map(object["peers"], 50);
    for (const QString &optional : texts(object["optionalPeers"], 50))
        one.peers.remove(optional);
    return one;
}

bool isVersion(const QString &version)
{
    return Semver::parse(version).has_value();
}

SurveyDependency dependency(const QJsonObject &object, qsizetype &places)
{
    SurveyDependency one;
    one.name = text(object["name"], 214);
    one.alias = text(object["alias"], 214);
    one.kind = text(object["kind"], 20);
    one.section = text(object["section"], 60);
    one.current = texts(object["current"], 100);
    one.assumed = object["assumed"].toBool();
    one.wanted = text(object["wanted"], 256);
    one.latest = text(object["latest"], 256);
    one.reasonCode = text(object["reasonCode"], 60);
    one.reason = text(object["reason"]);
    one.registry = text(object["registry"], 253);
    one.currentDeprecated = text(object["currentDeprecated"], 1000);
    one.currentGone = object["currentGone"].toBool();
    one.currentPeers = map(object["currentPeers"], 50);
    one.source = text(object["source"], 300);
    one.minimumAgeDays = std::clamp(object["minimumAgeDays"].toInt(), 0, 36500);
    for (const QJsonValue item : object["places"].toArray()) {
        if (++places > placeLimit)
            break;
        SurveyPlace place;
        place.file = text(item[QLatin1String("file")], 1000);
        place.section = text(item[QLatin1String("section")], 60);
        place.path = texts(item[QLatin1String("path")], 20);
        place.range = text(item[QLatin1String("range")]);
        place.prefix = text(item[QLatin1String("prefix")], 100);
        place.moves = item[QLatin1String("moves")].toBool();
        place.current = text(item[QLatin1String("current")], 256);
        place.installed = text(item[QLatin1String("installed")], 256);
        one.places << place;
    }
    // A name that no package can have is never written anywhere.
    if (!parseSelection(one.name) && one.kind == QLatin1String("registry")) {
        one.reasonCode = QStringLiteral("invalid");
        one.reason =
            QCoreApplication::translate("Survey", "It has a name that no package can have.");
        one.name = oneLine(one.name);
        return one;
    }
    const auto spoilt = std::remove_if(one.current.begin(), one.current.end(),
                                       [](const QString &v) { return !isVersion(v); });
    if (spoilt != one.current.end()) {
        one.current.erase(spoilt, one.current.end());
        one.reasonCode = QStringLiteral("invalid");
        one.reason = QCoreApplication::translate(
            "Survey", "The lockfile names a version of it that is none.");
        return one;
    }
    for (QString *name : {&one.wanted, &one.latest}) {
        if (!isVersion(*name))
            name->clear();
    }
    const auto from = Semver::parse(one.from());
    for (const QJsonValue item : object["versions"].toArray()) {
        if (one.versions.size() >= versionLimit)
            break;
        if (auto candidate = version(item.toObject())) {
            if (from)
                candidate->level = levelBetween(*from, candidate->version);
            one.versions << *candidate;
        }
    }
    return one;
}

Advisory advisory(const QJsonObject &object)
{
    Advisory one{text(object["package"], 214),
                 text(object["severity"], 20),
                 text(object["title"], 300),
                 text(object["url"], 300),
                 text(object["range"], 300),
                 true,
                 {},
                 {}};
    one.direct = object["direct"].toBool();
    one.via = texts(object["via"], 100);
    one.fix = oneLine(text(object["fix"], 400));
    return one;
}

SurveyProject project(const QJsonObject &object)
{
    SurveyProject one;
    one.path = text(object["path"], 1000);
    const QJsonObject manager = object["manager"].toObject();
    one.manager = text(manager["name"], 40);
    one.managerVersion = text(manager["version"], 100);
    one.managerFrom = text(manager["from"], 200);
    one.covered = manager["covered"].toBool();
    one.whyNot = text(manager["why"]);
    const QJsonObject tool = manager["tool"].toObject();
    one.toolPackage = text(tool["package"], 214);
    one.toolVersions = texts(tool["versions"], 4);
    one.modules = object["modules"].toBool(true);
    const QJsonObject lockfile = object["lockfile"].toObject();
    one.lockfile = text(lockfile["file"], 200);
    one.lockfileVersion = text(lockfile["version"], 40);
    one.lockfileReadable = lockfile["readable"].toBool(true);
    one.hasResolved = lockfile["hasResolved"].toBool();
    one.otherLockfiles = texts(lockfile["others"], 20) + texts(object["otherLockfiles"], 20);
    one.node = text(object["runtime"].toObject()["node"], 100);
    one.nodeFrom = text(object["runtime"].toObject()["from"], 200);
    one.judgedWith = text(object["judgedWith"].toObject()["node"], 100);
    one.minimumAgeFrom = text(object["minimumAge"].toObject()["from"], 1000);
    const QJsonObject registries = object["registries"].toObject();
    one.registry = text(registries["default"], 1000);
    one.scopeRegistries = map(registries["scopes"], 200, 1000);
    one.credentialNames = texts(registries["environment"], 20);
    for (const QJsonValue item : object["members"].toArray()) {
        if (one.members.size() >= projectLimit)
            break;
        one.members << SurveyMember{text(item[QLatin1String("path")], 1000),
                                    text(item[QLatin1String("name")], 214),
                                    map(item[QLatin1String("scripts")], 200, 4000),
                                    texts(item[QLatin1String("needs")], 500)};
    }
    one.scripts = map(object["scripts"], 200, 4000);
    one.alone = object["alone"].toBool();
    one.hasTests = object["hasTests"].toBool();
    one.legacyPeers = object["settings"].toObject()["legacy-peer-deps"].toVariant().toString()
        == QLatin1String("true");
    qsizetype places = 0;
    for (const QJsonValue item : object["dependencies"].toArray()) {
        if (one.dependencies.size() >= dependencyLimit)
            break;
        one.dependencies << dependency(item.toObject(), places);
    }
    one.installedPackages = object["installedPackages"].toInt();
    const QJsonObject advisories = object["advisories"].toObject();
    one.advisoriesChecked = advisories["state"].toString() == QLatin1String("checked");
    one.advisoryNote = text(advisories["note"], 300);
    for (const QJsonValue item : advisories["list"].toArray()) {
        if (one.advisories.size() >= advisoryLimit)
            break;
        one.advisories << advisory(item.toObject());
    }
    one.problems = notes(object["problems"]);
    const QJsonObject installed = object["installed"].toObject();
    for (auto it = installed.begin(); it != installed.end() && one.installed.size() < advisoryLimit;
         ++it)
        one.installed.insert(it.key().left(214), texts(*it, 100));
    return one;
}

} // namespace

QString managerTitle(const QString &name)
{
    return name == QLatin1String("yarn-classic") ? QStringLiteral("Yarn 1")
        : name == QLatin1String("yarn-berry")    ? QStringLiteral("Yarn")
        : name == QLatin1String("bun")           ? QStringLiteral("Bun")
                                                 : name;
}

const SurveyDependency *SurveyProject::find(const QString &name) const
{
    const auto it =
        std::find_if(dependencies.begin(), dependencies.end(), [&](const SurveyDependency &one) {
            return one.name == name || one.alias == name;
        });
    return it == dependencies.end() ? nullptr : &*it;
}

Result<Survey> parseSurvey(const QByteArray &json)
{
    const auto broken = [](const QString &why) {
        return fail(ErrorCode::Protocol,
                    QCoreApplication::translate(
                        "Survey",
                        "The repository could not be surveyed: what the cell said about "
                        "it cannot be read."),
                    why);
    };
    if (json.size() > documentLimit)
        return broken(QStringLiteral("too large"));
    QJsonParseError error;
    const QJsonObject document = QJsonDocument::fromJson(json, &error).object();
    if (document["survey"].toInt() != 1)
        return broken(error.error == QJsonParseError::NoError ? QString::fromUtf8(json.left(300))
                                                              : error.errorString());
    Survey survey;
    survey.warnings = notes(document["warnings"]);
    const auto inClone = [](const QString &path) {
        const QStringList parts = path.split('/');
        return path.isEmpty() || std::none_of(parts.begin(), parts.end(), [](const QString &part) {
                   return part.isEmpty() || part == QLatin1String(".")
                       || part == QLatin1String("..") || part.contains(QChar(0));
               });
    };
    for (const QJsonValue item : document["projects"].toArray()) {
        if (survey.projects.size() >= projectLimit)
            break;
        const SurveyProject one = project(item.toObject());
        // They become folders to work in and files to write.
        QStringList paths{one.path, one.lockfile};
        for (const SurveyMember &member : one.members)
            paths << member.path;
        for (const SurveyDependency &dependency : one.dependencies) {
            for (const SurveyPlace &place : dependency.places)
                paths << place.file;
        }
        if (!std::all_of(paths.begin(), paths.end(), inClone))
            return broken(QStringLiteral("a path that leads out of the clone"));
        survey.projects << one;
    }
    for (const SurveyNote &warning : std::as_const(survey.warnings)) {
        if (warning.code == QLatin1String("survey-failed"))
            return fail(ErrorCode::Internal, warning.text);
    }
    return survey;
}

} // namespace ovvoc
