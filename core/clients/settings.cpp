#include "clients/settings.h"

#include "clients/schedule.h"
#include "gate/allowlist.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QRegularExpression>
#include <algorithm>

namespace ovvoc {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("Settings", text);
}

/// Whether a value of ours may stand; a file could hold anything.
bool fits(const SettingInfo &info, const QJsonValue &value)
{
    using Type = SettingInfo::Type;
    switch (info.type) {
    case Type::Text:
        return value.isString() && value.toString().size() <= 1000;
    case Type::Choice:
        return value.isString() && info.choices.contains(value.toString());
    case Type::Number:
    case Type::Decimal:
        return value.isDouble() && value.toDouble() >= info.least && value.toDouble() <= info.most;
    case Type::Switch:
        return value.isBool();
    case Type::List:
        if (!value.isArray() || value.toArray().size() > 500)
            return false;
        for (const auto &item : value.toArray()) {
            if (!item.isString() || item.toString().size() > 300)
                return false;
        }
        return true;
    }
    return false;
}

QList<SettingInfo> makeSettings()
{
    using Type = SettingInfo::Type;
    QList<SettingInfo> all;
    const auto add = [&all](const char *name, const QString &title, Type type,
                            QJsonValue standard) -> SettingInfo & {
        SettingInfo info;
        info.name = QLatin1String(name);
        info.title = title;
        info.type = type;
        info.standard = std::move(standard);
        all << info;
        return all.last();
    };
    const auto number = [&add](const char *name, const QString &title, int standard, double least,
                               double most) -> SettingInfo & {
        SettingInfo &info = add(name, title, Type::Number, standard);
        info.least = least;
        info.most = most;
        return info;
    };
    add("level", tr("Largest step"), Type::Choice, "major").choices = {"patch", "minor", "major"};
    add("include", tr("Only these packages (wildcards)"), Type::List, QJsonArray());
    add("exclude", tr("Never these packages (wildcards)"), Type::List, QJsonArray());
    add("skip", tr("Skipped for now (name, name@version, with \"until DATE\")"), Type::List,
        QJsonArray());
    number("open-proposals", tr("Open proposals of a repository (0: no limit)"), 0, 0, 1000);
    number("proposals-per-week", tr("New proposals of a repository in a week (0: no limit)"), 0, 0,
           1000);
    number("cooldown-days", tr("Youngest version, in days"), 3, 0, 365);
    add("grouping", tr("Updates: in groups, each on its own, or together"), Type::Choice, "groups")
        .choices = QStringList{"groups", "each", "together"};
    add("groups", tr("Groups of your own (name: pattern pattern)"), Type::List, QJsonArray());
    add("priority", tr("Priority in the queue"), Type::Choice, "normal").choices =
        QStringList{"high", "normal", "low"};
    add("code-rules", tr("Rules change the code for new versions"), Type::Switch, true);
    add("rules-folder", tr("Folder with code rules of your own"), Type::Text, "").deepest =
        SettingLevel::Client;
    add("accept-build-only", tr("A build proves enough where there are no tests"), Type::Switch,
        false);
    add("accept-known-failures", tr("What fails without an update may fail with it"), Type::Switch,
        false);
    add("test-scripts", tr("Scripts that prove an update (empty: test)"), Type::List, QJsonArray());
    add("node", tr("Node that builds and tests (empty: what the repository asks for)"), Type::Text,
        "");
    add("projects", tr("Folders of its projects, \".\" for the root (empty: those that are found)"),
        Type::List, QJsonArray());
    add("history", tr("History and tags in the clone"), Type::Choice, "shallow").choices =
        QStringList{"shallow", "full"};
    add("schedule", tr("Schedule"), Type::Text, "off");
    number("memory-mib", tr("Memory of a cell, in MiB"), 4096, 128, 1024 * 1024);
    SettingInfo &cpus = add("cpus", tr("Processors of a cell"), Type::Decimal, 2.0);
    cpus.least = 0.1;
    cpus.most = 512;
    number("processes", tr("Processes of a cell"), 1024, 16, 1'000'000);
    number("disk-mib", tr("Work folder of a cell, in MiB (counts into its memory)"), 3072, 16,
           1024 * 1024);
    add("environment", tr("Environment of Build and Test (NAME=value; no secrets)"), Type::List,
        QJsonArray());
    number("phase-seconds", tr("Limit of each phase, in seconds (0: the recipe's)"), 0, 0,
           24 * 3600);
    add("runtime", tr("Runtime of the engine (empty: its default)"), Type::Text, "");
    add("allowlist", tr("Hosts allowed besides the registry (https addresses)"), Type::List,
        QJsonArray());
    add("registries",
        tr("Package registries of the client (address, @scopes, token or basic, private)"),
        Type::List, QJsonArray())
        .deepest = SettingLevel::Client;
    number("kept-packages-mib", tr("Public packages kept on disk, in MiB (0: none)"), 2048, 0,
           1024 * 1024)
        .deepest = SettingLevel::Agency;
    add("labels", tr("Labels of pull requests"), Type::List, QJsonArray());
    add("draft", tr("Pull requests begin as drafts"), Type::Switch, false);
    SettingInfo &proxy = add("proxy", tr("Proxy: system, off, or host:port"), Type::Text, "system");
    proxy.deepest = SettingLevel::Client;
    add("agency-name", tr("Name on reports to clients"), Type::Text, "").deepest =
        SettingLevel::Agency;
    add("agency-logo", tr("Logo on reports (a PNG or JPEG file)"), Type::Text, "").deepest =
        SettingLevel::Agency;
    number("minutes-per-update", tr("Minutes that an update by hand takes (0: no estimate)"), 20, 0,
           600)
        .deepest = SettingLevel::Client;
    number("keep-jobs-months", tr("Keep jobs, in months"), 24, 1, 240).deepest =
        SettingLevel::Client;
    number("keep-excerpts-days", tr("Keep failure excerpts, in days"), 90, 0, 3650).deepest =
        SettingLevel::Client;
    number("keep-logs-days", tr("Keep sealed logs, in days (0: never kept)"), 0, 0, 365).deepest =
        SettingLevel::Client;
    return all;
}

std::optional<ProxySetting> parseProxy(const QString &text)
{
    if (text == QLatin1String("system"))
        return ProxySetting{};
    if (text == QLatin1String("off"))
        return ProxySetting{ProxySetting::Mode::Off, {}, 0};
    bool number = false;
    const int port = text.section(':', -1).toInt(&number);
    const QString host = text.section(':', 0, -2);
    if (!number || port < 1 || port > 65535 || host.isEmpty() || host.contains('/')
        || host.contains('@'))
        return std::nullopt;
    return ProxySetting{ProxySetting::Mode::Manual, host, port};
}

/// "name: pattern pattern"
std::optional<Grouping::Named> parseGroup(const QString &text)
{
    Grouping::Named named;
    named.name = text.section(':', 0, 0).trimmed();
    named.patterns = text.section(':', 1).split(' ', Qt::SkipEmptyParts);
    if (!text.contains(':') || named.name.isEmpty() || named.patterns.isEmpty())
        return std::nullopt;
    return named;
}

/// A version of Node, names of scripts, folders of a repository.
Result<> checkNames(const SettingInfo &info, const QJsonValue &value)
{
    if (info.name == QLatin1String("node")) {
        static const QRegularExpression version(
            QStringLiteral("\\A(?:\\d{1,3}(?:\\.\\d{1,4}){0,2})?\\z"));
        if (!version.match(value.toString()).hasMatch())
            return fail(ErrorCode::InvalidInput,
                        tr("\"%1\" is no version of Node. Write a line or a version, for instance "
                           "20 or 20.11.1.")
                            .arg(value.toString().left(100)));
    }
    if (info.name == QLatin1String("test-scripts")) {
        static const QRegularExpression script(
            QStringLiteral("\\A[A-Za-z0-9_@][A-Za-z0-9_@:./+-]{0,99}\\z"));
        for (const auto &item : value.toArray()) {
            if (!script.match(item.toString()).hasMatch())
                return fail(ErrorCode::InvalidInput,
                            tr("\"%1\" is no name of a script in package.json, for instance "
                               "\"test:unit\".")
                                .arg(item.toString().left(100)));
        }
    }
    if (info.name == QLatin1String("projects")) {
        for (const auto &item : value.toArray()) {
            const QStringList parts = item.toString().split('/');
            const bool root = item.toString() == QLatin1String(".");
            const bool wrong = std::any_of(parts.begin(), parts.end(), [](const QString &part) {
                return part.isEmpty() || part == QLatin1String(".") || part == QLatin1String("..")
                    || part == QLatin1String(".git");
            });
            if (!root && wrong)
                return fail(ErrorCode::InvalidInput,
                            tr("\"%1\" is no folder of a repository. Write it from the root, for "
                               "instance \"packages/shop\", or \".\" for the root itself.")
                                .arg(item.toString().left(100)));
        }
    }
    return {};
}

/// What a value means beyond its type.
Result<> checkMeaning(const SettingInfo &info, const QJsonValue &value)
{
    if (info.name == QLatin1String("schedule")) {
        OVVOC_TRY(schedule, Schedule::parse(value.toString()));
        (void)schedule;
    }
    if (info.name == QLatin1String("proxy") && !parseProxy(value.toString()))
        return fail(
            ErrorCode::InvalidInput,
            tr("\"%1\" is neither \"system\" nor \"off\" nor host:port.").arg(value.toString()));
    OVVOC_CHECK(checkNames(info, value));
    if (info.name == QLatin1String("groups")) {
        for (const auto &item : value.toArray()) {
            if (!parseGroup(item.toString()))
                return fail(
                    ErrorCode::InvalidInput,
                    tr("\"%1\" is no group. Write its name, a colon and the packages in it, "
                       "for instance \"ui: react* @mui/*\".")
                        .arg(item.toString()));
        }
    }
    if (info.name == QLatin1String("skip")) {
        for (const auto &item : value.toArray()) {
            if (!parseSkip(item.toString()))
                return fail(
                    ErrorCode::InvalidInput,
                    tr("\"%1\" is nothing that can be skipped. Write a package, a package and a "
                       "version, or one of them with a day, for instance "
                       "\"ms@2.1.3 until 2027-01-31\".")
                        .arg(item.toString()));
        }
    }
    if (info.name == QLatin1String("registries")) {
        for (const auto &item : value.toArray()) {
            OVVOC_TRY(registry, parseRegistry(item.toString()));
            (void)registry;
        }
    }
    if (info.name == QLatin1String("environment")) {
        static const QRegularExpression form(
            QStringLiteral("^[A-Za-z_][A-Za-z0-9_]*=[^\\x00-\\x1f]*\\z"));
        for (const auto &item : value.toArray()) {
            const QString name = item.toString().section('=', 0, 0);
            if (!form.match(item.toString()).hasMatch() || name == QLatin1String("PATH")
                || name == QLatin1String("HOME"))
                return fail(ErrorCode::InvalidInput,
                            tr("\"%1\" is no variable that can be set. Write NAME=value, for "
                               "instance \"TZ=Europe/Berlin\"; PATH and HOME are the cell's own.")
                                .arg(item.toString()));
        }
    }
    if (info.name == QLatin1String("allowlist")) {
        for (const auto &item : value.toArray()) {
            OVVOC_TRY(host, allowedHostFromUrl(item.toString()));
            (void)host;
        }
    }
    return {};
}

} // namespace

QString toString(SettingLevel level)
{
    switch (level) {
    case SettingLevel::Default:
        return QStringLiteral("default");
    case SettingLevel::Agency:
        return QStringLiteral("agency");
    case SettingLevel::Client:
        return QStringLiteral("client");
    case SettingLevel::Repository:
        return QStringLiteral("repository");
    }
    return {};
}

const QList<SettingInfo> &allSettings()
{
    static const QList<SettingInfo> all = makeSettings();
    return all;
}

const SettingInfo *findSetting(const QString &name)
{
    const auto &all = allSettings();
    const auto it = std::find_if(all.begin(), all.end(),
                                 [&](const SettingInfo &info) { return info.name == name; });
    return it == all.end() ? nullptr : &*it;
}

Result<QJsonValue> parseSetting(const SettingInfo &info, const QString &text)
{
    using Type = SettingInfo::Type;
    QJsonValue value;
    bool good = true;
    switch (info.type) {
    case Type::Text:
    case Type::Choice:
        value = text.trimmed();
        break;
    case Type::Number:
        value = text.toInt(&good);
        break;
    case Type::Decimal:
        value = text.toDouble(&good);
        break;
    case Type::Switch:
        good = QStringList{"on", "off", "true", "false", "yes", "no"}.contains(text);
        value = text == QLatin1String("on") || text == QLatin1String("true")
            || text == QLatin1String("yes");
        break;
    case Type::List: {
        QJsonArray items;
        for (const QString &item : text.split(',', Qt::SkipEmptyParts)) {
            if (!item.trimmed().isEmpty())
                items << item.trimmed();
        }
        value = items;
        break;
    }
    }
    if (good && fits(info, value)) {
        OVVOC_CHECK(checkMeaning(info, value));
        return value;
    }
    QString may;
    if (info.type == Type::Choice)
        may = tr("one of %1").arg(info.choices.join(QStringLiteral(", ")));
    else if (info.type == Type::Number || info.type == Type::Decimal)
        may = tr("a number from %1 to %2").arg(info.least).arg(info.most);
    else if (info.type == Type::Switch)
        may = tr("on or off");
    else
        may = tr("a shorter text");
    return fail(
        ErrorCode::InvalidInput,
        tr("\"%1\" is not a value for %2: it takes %3.").arg(text.left(100), info.name, may));
}

QString settingText(const QJsonValue &value)
{
    if (value.isBool())
        return value.toBool() ? QStringLiteral("on") : QStringLiteral("off");
    if (value.isDouble())
        return QString::number(value.toDouble());
    if (value.isArray()) {
        QStringList items;
        for (const auto &item : value.toArray())
            items << item.toString();
        return items.join(QStringLiteral(", "));
    }
    return value.toString();
}

Settings::Settings(const SettingOverrides &agency, const SettingOverrides &client,
                   const SettingOverrides &repository)
{
    for (const SettingInfo &info : allSettings()) {
        ResolvedSetting resolved{info.standard, SettingLevel::Default};
        const auto take = [&](const SettingOverrides &level, SettingLevel from) {
            if (from <= info.deepest && level.contains(info.name) && fits(info, level[info.name])
                && checkMeaning(info, level[info.name]))
                resolved = {level[info.name], from};
        };
        take(agency, SettingLevel::Agency);
        take(client, SettingLevel::Client);
        take(repository, SettingLevel::Repository);
        m_values.insert(info.name, resolved);
    }
}

ResolvedSetting Settings::at(const QString &name) const
{
    return m_values.value(name);
}

QStringList Settings::list(const char *name) const
{
    QStringList items;
    for (const auto &item : at(QLatin1String(name)).value.toArray())
        items << item.toString();
    return items;
}

int Settings::number(const char *name) const
{
    return at(QLatin1String(name)).value.toInt();
}

UpdateLevel Settings::level() const
{
    return updateLevelFromString(at("level").value.toString()).value_or(UpdateLevel::Major);
}

int Settings::priority() const
{
    const QString word = at("priority").value.toString();
    return word == QLatin1String("high") ? 1 : word == QLatin1String("low") ? -1 : 0;
}

Grouping Settings::grouping() const
{
    Grouping grouping;
    const QString mode = at("grouping").value.toString();
    grouping.mode = mode == QLatin1String("each") ? Grouping::Mode::Each
        : mode == QLatin1String("together")       ? Grouping::Mode::Together
                                                  : Grouping::Mode::Groups;
    for (const QString &text : list("groups")) {
        if (const auto named = parseGroup(text))
            grouping.named << *named;
    }
    return grouping;
}

QList<Skip> Settings::skips() const
{
    QList<Skip> skips;
    for (const QString &text : list("skip")) {
        if (const auto skip = parseSkip(text))
            skips << *skip;
    }
    return skips;
}

CellLimits Settings::limits() const
{
    CellLimits limits;
    limits.memoryBytes = qint64(number("memory-mib")) << 20;
    limits.cpus = at("cpus").value.toDouble();
    limits.processes = number("processes");
    limits.workBytes = qint64(number("disk-mib")) << 20;
    return limits;
}

QList<RegistrySetting> Settings::registries() const
{
    QList<RegistrySetting> all;
    for (const QString &text : list("registries")) {
        if (const auto registry = parseRegistry(text))
            all << *registry;
    }
    return all;
}

ProxySetting Settings::proxy() const
{
    return parseProxy(at("proxy").value.toString()).value_or(ProxySetting{});
}

} // namespace ovvoc
