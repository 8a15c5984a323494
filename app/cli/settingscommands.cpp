// `ovvoc settings …`: of the agency, a client or a repository.

#include "cli/workspacecommands.h"
#include "jobs/nextsteps.h"

#include <QJsonArray>

namespace ovvoc::cli {

namespace {

/// Whose settings are meant, and what it sets itself.
struct Level
{
    std::optional<Client> client;
    std::optional<ClientRepository> repository;
    SettingLevel level = SettingLevel::Agency;
    SettingOverrides overrides;

    static Result<Level> of(Call call, Workspace &workspace)
    {
        Level found;
        OVVOC_TRY(agency, workspace.agencyOverrides());
        found.overrides = agency;
        if (call.has("client")) {
            OVVOC_TRY(client, workspace.client(call.option("client")));
            found.client = client;
            found.level = SettingLevel::Client;
            found.overrides = client.overrides;
        }
        if (call.has("repo") && !found.client)
            return usage(tr("--repo needs its --client, else it would be for everybody."));
        if (call.has("repo")) {
            OVVOC_TRY(repository, workspace.repository(found.client->id, call.option("repo")));
            found.repository = repository;
            found.level = SettingLevel::Repository;
            found.overrides = repository.overrides;
        }
        return found;
    }
    Result<Settings> settings(Workspace &workspace) const
    {
        return workspace.settingsOf(client ? client->id : QString(),
                                    repository ? repository->id : QString());
    }
    Result<> save(Workspace &workspace)
    {
        if (repository) {
            repository->overrides = overrides;
            return workspace.saveRepository(*repository);
        }
        if (client) {
            client->overrides = overrides;
            return workspace.saveClient(*client);
        }
        return workspace.saveAgencyOverrides(overrides);
    }
};

} // namespace

TaskResult<> settingsCommand(Call call, std::shared_ptr<Records> records)
{
    Workspace &workspace = *records->workspace;
    const QString verb = call.words.value(1), name = call.words.value(2);
    OVVOC_CO_TRY(level, Level::of(call, workspace));
    if (verb == QLatin1String("show") || verb.isEmpty()) {
        OVVOC_CO_TRY(settings, level.settings(workspace));
        for (const SettingInfo &info : allSettings()) {
            const ResolvedSetting one = settings.at(info.name);
            show(call,
                 {{"setting", info.name},
                  {"value", one.value},
                  {"from", toString(one.from)},
                  {"title", info.title}},
                 QStringLiteral("%1 %2  %3")
                     .arg(info.name.leftJustified(20), settingText(one.value).leftJustified(24),
                          toString(one.from)));
        }
        co_return {};
    }
    const SettingInfo *info = findSetting(name);
    if (!info)
        co_return usage(tr("There is no setting \"%1\".").arg(name));
    if (level.level > info->deepest)
        co_return usage(
            tr("%1 can be set for a client at most, not for one repository.").arg(name));
    if (verb == QLatin1String("set")) {
        OVVOC_CO_TRY(value, parseSetting(*info, call.words.mid(3).join(' ')));
        level.overrides[name] = value;
    } else if (verb == QLatin1String("reset")) {
        level.overrides.remove(name);
    } else {
        co_return usage(tr("There is no `ovvoc settings %1`.").arg(verb));
    }
    co_return level.save(workspace);
}

TaskResult<> skipCommand(Call call, std::shared_ptr<Records> records)
{
    Workspace &workspace = *records->workspace;
    OVVOC_CO_TRY(level, Level::of(call, workspace));
    OVVOC_CO_TRY(settings, level.settings(workspace));
    const QString what = call.words.value(1);
    if (what.isEmpty() || what == QLatin1String("show")) {
        for (const Skip &skip : settings.skips())
            show(call,
                 {{"package", skip.name},
                  {"version", skip.version},
                  {"until", skip.until.toString(Qt::ISODate)}},
                 toString(skip));
        co_return {};
    }
    const QString until = call.option("until");
    const auto skip = parseSkip(until.isEmpty() ? what : what + QStringLiteral(" until ") + until);
    if (!skip)
        co_return usage(tr("\"%1\" is no package, package@version or day.")
                            .arg(until.isEmpty() ? what : what + ' ' + until));
    // What an outer level skips stays skipped: a list of this level's own begins with it.
    const QList<Skip> held = settings.skips();
    QJsonArray list = withSkip(held, *skip);
    if (call.has("undo")) {
        list.removeLast();
        if (list.size() == held.size())
            co_return fail(ErrorCode::NotFound, tr("%1 is not skipped.").arg(what));
    }
    level.overrides["skip"] = list;
    co_return level.save(workspace);
}

} // namespace ovvoc::cli
