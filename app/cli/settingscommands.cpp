// `ovvoc settings …`: of the agency, a client or a repository.

#include "cli/workspacecommands.h"

namespace ovvoc::cli {

TaskResult<> settingsCommand(Call call, std::shared_ptr<Records> records)
{
    Workspace &workspace = *records->workspace;
    const QString verb = call.words.value(1), name = call.words.value(2);
    std::optional<Client> client;
    std::optional<ClientRepository> repository;
    if (call.has("client")) {
        OVVOC_CO_TRY(found, workspace.client(call.option("client")));
        client = found;
    }
    if (call.has("repo") && client) {
        OVVOC_CO_TRY(found, workspace.repository(client->id, call.option("repo")));
        repository = found;
    }
    if (verb == QLatin1String("show") || verb.isEmpty()) {
        OVVOC_CO_TRY(settings,
                     workspace.settingsOf(client ? client->id : QString(),
                                          repository ? repository->id : QString()));
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
    const SettingLevel level = repository ? SettingLevel::Repository
        : client                          ? SettingLevel::Client
                                          : SettingLevel::Agency;
    if (level > info->deepest)
        co_return usage(
            tr("%1 can be set for a client at most, not for one repository.").arg(name));
    OVVOC_CO_TRY(agency, workspace.agencyOverrides());
    SettingOverrides overrides = repository ? repository->overrides
        : client                            ? client->overrides
                                            : agency;
    if (verb == QLatin1String("set")) {
        OVVOC_CO_TRY(value, parseSetting(*info, call.words.mid(3).join(' ')));
        overrides[name] = value;
    } else if (verb == QLatin1String("reset")) {
        overrides.remove(name);
    } else {
        co_return usage(tr("There is no `ovvoc settings %1`.").arg(verb));
    }
    if (repository) {
        repository->overrides = overrides;
        co_return workspace.saveRepository(*repository);
    }
    if (client) {
        client->overrides = overrides;
        co_return workspace.saveClient(*client);
    }
    co_return workspace.saveAgencyOverrides(overrides);
}

} // namespace ovvoc::cli
