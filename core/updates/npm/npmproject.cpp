#include "updates/npm/npmproject.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QRegularExpression>

namespace ovvoc {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("Npm", text);
}

constexpr const char *sections[] = {"dependencies", "devDependencies", "optionalDependencies"};

Result<QJsonObject> parseObject(const QByteArray &text, const QString &name)
{
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(text, &error);
    if (error.error != QJsonParseError::NoError) {
        const QByteArray before = text.left(error.offset);
        const qsizetype line = before.count('\n') + 1;
        return fail(ErrorCode::InvalidInput,
                    tr("%1 is not valid JSON (line %2: %3). Mend it and run the update again.")
                        .arg(name)
                        .arg(line)
                        .arg(error.errorString()));
    }
    if (!document.isObject())
        return fail(ErrorCode::InvalidInput, tr("%1 does not hold a JSON object.").arg(name));
    return document.object();
}

/// Why a dependency with this range is not ours to update; empty when it is.
QString foreignReason(const QString &range)
{
    static const QRegularExpression registry(QStringLiteral("^[\\^~<>=v*xX0-9\\s.|a-zA-Z+-]*$"));
    if (range.startsWith(QLatin1String("npm:")))
        return tr("is an alias of another package");
    if (range.startsWith(QLatin1String("workspace:")) || range.startsWith(QLatin1String("file:"))
        || range.startsWith(QLatin1String("link:")))
        return tr("is part of the repository");
    if (range.contains(':') || range.contains('/') || !registry.match(range).hasMatch())
        return tr("does not come from the registry");
    static const QRegularExpression tag(QStringLiteral("^[a-zA-Z][a-zA-Z-]*$"));
    if (tag.match(range).hasMatch() && range != QLatin1String("x") && range != QLatin1String("X"))
        return tr("follows the tag \"%1\"").arg(range.left(50));
    return {};
}

Result<> readLockfile(NpmProject &project, const QJsonObject &lock)
{
    project.lockfileVersion = lock["lockfileVersion"].toInt();
    if (project.lockfileVersion < 1 || project.lockfileVersion > 3)
        return fail(ErrorCode::Unsupported,
                    tr("%1 has lockfileVersion %2; 1, 2 and 3 are known.")
                        .arg(project.lockfile)
                        .arg(project.lockfileVersion));
    const bool packages = project.lockfileVersion >= 2;
    const QJsonObject entries =
        lock[QLatin1String(packages ? "packages" : "dependencies")].toObject();
    for (auto it = entries.begin(); it != entries.end(); ++it) {
        const QJsonObject entry = it.value().toObject();
        const QString resolved = entry["resolved"].toString();
        if (!it.key().isEmpty() && !entry["link"].toBool())
            ++project.installedPackages;
        if (resolved.startsWith(QLatin1String("git")))
            return fail(ErrorCode::Unsupported,
                        tr("%1 comes from git. A cell reaches only the package registry, so this "
                           "repository cannot be updated yet.")
                            .arg(it.key().section(QStringLiteral("node_modules/"), -1)));
        if (resolved.startsWith(QLatin1String("https:")))
            project.lockfileHasResolved = true;
    }
    // In step: npm writes the manifest's ranges into the root entry.
    const QJsonObject root = entries[QString()].toObject();
    for (NpmProject::Dependency &dependency : project.dependencies) {
        const QString key = packages ? "node_modules/" + dependency.name : dependency.name;
        dependency.current = entries[key].toObject()["version"].toString();
        const QString locked = root[dependency.section].toObject()[dependency.name].toString();
        const bool missing = dependency.current.isEmpty()
            && dependency.section != QLatin1String("optionalDependencies")
            && dependency.skipReason.isEmpty();
        if ((packages && locked != dependency.range) || missing)
            return fail(ErrorCode::InvalidInput,
                        tr("%1 is out of step with package.json: %2 is %3 there. Run `npm install` "
                           "in the repository, commit the lockfile, and run the update again.")
                            .arg(project.lockfile, dependency.name,
                                 locked.isEmpty() ? tr("missing") : locked));
    }
    return {};
}

/// Finds the string values of an object inside a JSON text, by position. The text has already been
/// parsed by Qt, so it is valid JSON.
class JsonCursor
{
public:
    explicit JsonCursor(const QByteArray &text)
        : m_text(text)
    { }

    /// The start and end of the string value at root[section][name], quotes included.
    std::optional<std::pair<qsizetype, qsizetype>> findValue(const QString &section,
                                                             const QString &name)
    {
        m_at = 0;
        if (!enterObject())
            return std::nullopt;
        if (!seekKey(section) || !enterObject() || !seekKey(name))
            return std::nullopt;
        skipSpace();
        const qsizetype start = m_at;
        if (m_at >= m_text.size() || m_text[m_at] != '"')
            return std::nullopt;
        readString();
        return std::pair{start, m_at};
    }

private:
    void skipSpace()
    {
        if (m_at == 0 && m_text.startsWith("\xef\xbb\xbf"))
            m_at = 3;
        while (m_at < m_text.size() && QByteArrayView(" \t\r\n").contains(m_text[m_at]))
            ++m_at;
    }
    bool enterObject()
    {
        skipSpace();
        if (m_at >= m_text.size() || m_text[m_at] != '{')
            return false;
        ++m_at;
        return true;
    }
    QString readString()
    {
        const qsizetype start = m_at++;
        while (m_at < m_text.size() && m_text[m_at] != '"')
            m_at += m_text[m_at] == '\\' ? 2 : 1;
        ++m_at;
        const QByteArray token = '[' + m_text.mid(start, m_at - start) + ']';
        return QJsonDocument::fromJson(token).array().at(0).toString();
    }
    void skipValue()
    {
        skipSpace();
        int depth = 0;
        while (m_at < m_text.size()) {
            const char c = m_text[m_at];
            if (c == '"') {
                readString();
                if (depth == 0)
                    return;
                continue;
            }
            if (depth == 0 && (c == ',' || c == '}'))
                return;
            if (c == '{' || c == '[')
                ++depth;
            if ((c == '}' || c == ']') && --depth == 0) {
                ++m_at;
                return;
            }
            ++m_at;
        }
    }
    /// Stands behind the ':' of \a wanted in the object that was entered. The last one wins, as
    /// JSON parsers have it.
    bool seekKey(const QString &wanted)
    {
        qsizetype found = -1;
        for (;;) {
            skipSpace();
            if (m_at >= m_text.size() || m_text[m_at] != '"')
                break;
            const QString key = readString();
            skipSpace();
            ++m_at; // ':'
            if (key == wanted)
                found = m_at;
            skipValue();
            skipSpace();
            if (m_at < m_text.size() && m_text[m_at] == ',')
                ++m_at;
        }
        if (found < 0)
            return false;
        m_at = found;
        return true;
    }

    const QByteArray &m_text;
    qsizetype m_at = 0;
};

} // namespace

bool NpmProject::hasScript(const QString &name) const
{
    return !manifest["scripts"].toObject()[name].toString().trimmed().isEmpty();
}

bool NpmProject::hasTests() const
{
    return hasScript(QStringLiteral("test"))
        && !manifest["scripts"].toObject()["test"].toString().contains(
            QLatin1String("Error: no test specified"));
}

const NpmProject::Dependency *NpmProject::find(const QString &name) const
{
    for (const Dependency &dependency : dependencies) {
        if (dependency.name == name)
            return &dependency;
    }
    return nullptr;
}

Result<NpmProject> readNpmProject(const QByteArray &manifest, const QString &lockfileName,
                                  const QByteArray &lockfile)
{
    NpmProject project;
    project.manifestText = manifest;
    project.lockfile = lockfileName;
    OVVOC_TRY(object, parseObject(manifest, QStringLiteral("package.json")));
    project.manifest = object;
    for (const char *section : sections) {
        const QJsonObject entries = object[QLatin1String(section)].toObject();
        for (auto it = entries.begin(); it != entries.end(); ++it) {
            if (project.find(it.key()))
                continue;
            NpmProject::Dependency dependency;
            dependency.name = it.key();
            dependency.section = QString::fromLatin1(section);
            dependency.range = it.value().toString();
            dependency.skipReason = foreignReason(dependency.range);
            if (!it.value().isString())
                dependency.skipReason = tr("has no version range");
            if (!parseSelection(dependency.name))
                dependency.skipReason = tr("has a name that no package can have");
            project.dependencies << dependency;
        }
    }
    if (!lockfileName.isEmpty()) {
        OVVOC_TRY(lock, parseObject(lockfile, lockfileName));
        OVVOC_CHECK(readLockfile(project, lock));
    }
    return project;
}

Result<QByteArray> withUpdates(const QByteArray &manifest, const QList<PlannedUpdate> &updates)
{
    QByteArray text = manifest;
    for (const PlannedUpdate &update : updates) {
        if (update.toRange == update.fromRange)
            continue;
        const auto place = JsonCursor(text).findValue(update.section, update.name);
        if (!place)
            return fail(ErrorCode::Internal,
                        tr("package.json does not name %1 where it did before.").arg(update.name));
        QByteArray token = QJsonDocument(QJsonArray{update.toRange}).toJson(QJsonDocument::Compact);
        token = token.mid(1, token.size() - 2);
        text.replace(place->first, place->second - place->first, token);
    }
    return text;
}

} // namespace ovvoc
