#pragma once

#include "base/network.h"
#include "cell/limits.h"
#include "gate/registryroute.h"
#include "updates/plan.h"

#include <QJsonObject>
#include <QStringList>

namespace ovvoc {

/// Where a setting's value comes from; a later level overrides an earlier one.
enum class SettingLevel { Default, Agency, Client, Repository };
QString toString(SettingLevel level);

/// One setting: what it is called, what it may be, and where it may be set.
struct SettingInfo
{
    enum class Type { Text, Choice, Number, Decimal, Switch, List };
    QString name; ///< "level", "memory-mib": as on the command line
    QString title; ///< for people, with its unit
    Type type = Type::Text;
    QJsonValue standard;
    QStringList choices; ///< with Choice
    double least = 0, most = 0; ///< with Number and Decimal
    SettingLevel deepest = SettingLevel::Repository; ///< the last level that may set it
};

/// Every setting there is, in the order in which they are shown.
const QList<SettingInfo> &allSettings();
const SettingInfo *findSetting(const QString &name);

/// Reads a value as a person writes it: "on", "3", "a, b". InvalidInput says what it may be.
Result<QJsonValue> parseSetting(const SettingInfo &info, const QString &text);
QString settingText(const QJsonValue &value);

/// What one level sets. Unknown names from a newer program are kept and ignored.
using SettingOverrides = QJsonObject;

struct ResolvedSetting
{
    QJsonValue value;
    SettingLevel from = SettingLevel::Default;
    bool operator==(const ResolvedSetting &) const = default;
};

/// The settings that hold for one repository (or, with less given, one client or the agency), each
/// with the level it comes from. Values out of range from a file of ours are passed over.
class Settings
{
public:
    Settings(const SettingOverrides &agency, const SettingOverrides &client,
             const SettingOverrides &repository);
    ResolvedSetting at(const QString &name) const;

    UpdateLevel level() const;
    QStringList include() const { return list("include"); }
    QStringList exclude() const { return list("exclude"); }
    int cooldownDays() const { return number("cooldown-days"); }
    bool changesCode() const { return at("code-rules").value.toBool(); }
    QString rulesFolder() const { return at("rules-folder").value.toString(); }
    bool acceptsBuildOnly() const { return at("accept-build-only").value.toBool(); }
    bool acceptsKnownFailures() const { return at("accept-known-failures").value.toBool(); }
    QString node() const { return at("node").value.toString(); }
    QStringList projects() const { return list("projects"); }
    QStringList testScripts() const { return list("test-scripts"); }
    /// How the updates of one request are put together; never Off.
    Grouping grouping() const;
    QList<Skip> skips() const;
    int openProposals() const { return number("open-proposals"); }
    int proposalsPerWeek() const { return number("proposals-per-week"); }
    bool fullHistory() const { return at("history").value.toString() == QLatin1String("full"); }
    int priority() const; ///< 1 high, 0 normal, -1 low
    QString schedule() const { return at("schedule").value.toString(); }
    CellLimits limits() const;
    int phaseSeconds() const { return number("phase-seconds"); }
    QString runtime() const { return at("runtime").value.toString(); }
    QStringList allowlist() const { return list("allowlist"); }
    QStringList environment() const { return list("environment"); }
    QList<RegistrySetting> registries() const;
    int keptPackagesMib() const { return number("kept-packages-mib"); }
    QStringList labels() const { return list("labels"); }
    bool draft() const { return at("draft").value.toBool(); }
    ProxySetting proxy() const;
    int keepJobsMonths() const { return number("keep-jobs-months"); }
    int keepExcerptsDays() const { return number("keep-excerpts-days"); }
    QString agencyName() const { return at("agency-name").value.toString(); }
    QString agencyLogo() const { return at("agency-logo").value.toString(); }
    int minutesPerUpdate() const { return number("minutes-per-update"); }
    int keepLogsDays() const { return number("keep-logs-days"); }

private:
    QStringList list(const char *name) const;
    int number(const char *name) const;
    QHash<QString, ResolvedSetting> m_values;
};

} // namespace ovvoc
