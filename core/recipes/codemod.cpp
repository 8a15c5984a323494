#include "recipes/codemod.h"

#include "base/yamlguard.h"

#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QUrl>
#include <algorithm>
#include <yaml-cpp/yaml.h>

namespace ovvoc {

namespace {

constexpr qsizetype fileLimit = 64 * 1024, lockfileLimit = 4 * 1024 * 1024;
const QString place = QStringLiteral("${transform}");

tl::unexpected<Error> wrong(const QString &what)
{
    return fail(ErrorCode::InvalidInput, what);
}

Result<> readKeys(const YAML::Node &root, Codemod *codemod)
{
    const QHash<QString, QString Codemod::*> keys{
        {"codemod", &Codemod::id},      {"package", &Codemod::package},
        {"version", &Codemod::version}, {"licence", &Codemod::licence},
        {"source", &Codemod::source},   {"transforms", &Codemod::transforms}};
    if (!root.IsMap())
        return wrong(QStringLiteral("a codemod must be a map"));
    for (const auto &item : root) {
        const QString key = QString::fromStdString(item.first.as<std::string>());
        if (!keys.contains(key) || !item.second.IsScalar())
            return wrong(QStringLiteral("line %1: unknown key \"%2\", or no text")
                             .arg(item.first.Mark().line + 1)
                             .arg(key.left(80)));
        codemod->*keys[key] = QString::fromStdString(item.second.Scalar());
    }
    for (auto it = keys.begin(); it != keys.end(); ++it) {
        if ((codemod->*it.value()).isEmpty())
            return wrong(QStringLiteral("%1 is missing").arg(it.key()));
    }
    return {};
}

/// Every package with the digest of its bytes, and from no address of its own.
Result<> checkLockfile(const Codemod &codemod)
{
    const QJsonObject lock = QJsonDocument::fromJson(codemod.lockfile).object();
    const QJsonObject packages = lock[QLatin1String("packages")].toObject();
    if (lock[QLatin1String("lockfileVersion")].toInt() != 3 || packages.isEmpty())
        return wrong(QStringLiteral("package-lock.json is not of version 3"));
    for (auto it = packages.begin(); it != packages.end(); ++it) {
        if (it.key().isEmpty())
            continue;
        const QJsonObject entry = it.value().toObject();
        if (!entry[QLatin1String("integrity")].toString().startsWith(QLatin1String("sha512-"))
            || entry.contains(QLatin1String("resolved")) || entry.contains(QLatin1String("link")))
            return wrong(
                QStringLiteral("%1 needs a sha512 integrity and no address").arg(it.key()));
    }
    const QJsonObject own = packages[QStringLiteral("node_modules/") + codemod.package].toObject();
    if (own[QLatin1String("version")].toString() != codemod.version
        || own[QLatin1String("license")].toString() != codemod.licence)
        return wrong(QStringLiteral("%1 in package-lock.json has another version or licence")
                         .arg(codemod.package));
    if (!packages.contains(QStringLiteral("node_modules/jscodeshift")))
        return wrong(QStringLiteral("package-lock.json has no jscodeshift"));
    return {};
}

} // namespace

QString Codemod::transformFile(const QString &transform) const
{
    return QString(transforms).replace(place, transform);
}

QByteArray Codemod::manifest() const
{
    const QJsonObject lock = QJsonDocument::fromJson(lockfile).object();
    const QJsonObject root = lock[QLatin1String("packages")][QLatin1String("")].toObject();
    const QJsonObject manifest{
        {"name", id}, {"private", true}, {"dependencies", root[QLatin1String("dependencies")]}};
    return QJsonDocument(manifest).toJson();
}

Result<Codemod> parseCodemod(const QByteArray &yaml, const QByteArray &lockfile)
{
    int line = 0;
    if (const QString danger = yamlDanger(yaml, fileLimit, &line); !danger.isEmpty())
        return wrong(QStringLiteral("line %1: %2").arg(line).arg(danger));
    if (lockfile.size() > lockfileLimit)
        return wrong(QStringLiteral("package-lock.json is too long"));
    Codemod codemod;
    codemod.lockfile = lockfile;
    try {
        OVVOC_CHECK(readKeys(YAML::Load(yaml.toStdString()), &codemod));
    } catch (const YAML::Exception &error) {
        return wrong(QStringLiteral("line %1: %2")
                         .arg(error.mark.line + 1)
                         .arg(QString::fromStdString(error.msg)));
    }
    static const QRegularExpression idPattern(QStringLiteral("\\A[a-z0-9-]{1,60}\\z"));
    if (!idPattern.match(codemod.id).hasMatch())
        return wrong(QStringLiteral("codemod has small letters, digits and hyphens, at most 60"));
    if (QUrl(codemod.source, QUrl::StrictMode).scheme() != QLatin1String("https"))
        return wrong(QStringLiteral("source must be an https address"));
    if (!codemod.transforms.startsWith(QLatin1String("node_modules/"))
        || codemod.transforms.contains(QLatin1String("..")) || !codemod.transforms.contains(place))
        return wrong(
            QStringLiteral("transforms must be a path below node_modules with %1").arg(place));
    OVVOC_CHECK(checkLockfile(codemod));
    return codemod;
}

const QList<Codemod> &builtinCodemods()
{
    static const QList<Codemod> all = [] {
        QList<Codemod> codemods;
        const QDir top(QStringLiteral(":/codemods"));
        for (const QString &name : top.entryList(QDir::Dirs, QDir::Name)) {
            QFile yaml(top.filePath(name + QStringLiteral("/codemod.yml")));
            QFile lockfile(top.filePath(name + QStringLiteral("/package-lock.json")));
            if (!yaml.open(QIODevice::ReadOnly) || !lockfile.open(QIODevice::ReadOnly))
                continue;
            const auto codemod = parseCodemod(yaml.readAll(), lockfile.readAll());
            // tst_rules reads each of them; one that is wrong is a bug of the program.
            Q_ASSERT(codemod);
            if (codemod)
                codemods << *codemod;
        }
        return codemods;
    }();
    return all;
}

const Codemod *builtinCodemod(const QString &id)
{
    const auto found = std::ranges::find(builtinCodemods(), id, &Codemod::id);
    return found == builtinCodemods().end() ? nullptr : &*found;
}

} // namespace ovvoc
