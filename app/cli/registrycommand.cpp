// `ovvoc registry …`: the package registries of a client and their credentials.

#include "cli/workspacecommands.h"

#include <QFile>
#include <QJsonArray>

namespace ovvoc::cli {

namespace {

/// The first line of a file, or of standard input for "-".
Result<std::shared_ptr<const SecretBytes>> secretFrom(Call call)
{
    OVVOC_TRY(path, required(call, "secret"));
    QFile file(path);
    const bool open = path == QLatin1String("-") ? file.open(stdin, QIODevice::ReadOnly)
                                                 : file.open(QIODevice::ReadOnly);
    if (!open)
        return fail(ErrorCode::InvalidInput,
                    tr("%1 cannot be read: %2").arg(path, file.errorString()));
    QByteArray line = file.readLine(4096);
    while (line.endsWith('\n') || line.endsWith('\r'))
        line.chop(1);
    return std::make_shared<const SecretBytes>(SecretBytes::takeFrom(line));
}

Result<> saveRegistries(Workspace &workspace, Client client, const QList<RegistrySetting> &all)
{
    QJsonArray list;
    for (const RegistrySetting &one : all)
        list << toString(one);
    client.overrides["registries"] = list;
    return workspace.saveClient(client);
}

} // namespace

TaskResult<> registryCommand(Call call, std::shared_ptr<Records> records)
{
    Workspace &workspace = *records->workspace;
    OVVOC_CO_TRY(name, required(call, "client"));
    OVVOC_CO_TRY(client, workspace.client(name));
    OVVOC_CO_TRY(settings, workspace.settingsOf(client.id));
    QList<RegistrySetting> all = settings.registries();
    const QString verb = call.words.value(1);
    if (verb == QLatin1String("list") || verb.isEmpty()) {
        for (const RegistrySetting &one : std::as_const(all)) {
            QString state = tr("no credential");
            if (one.credential != RegistrySetting::Credential::None) {
                const QString url = one.url;
                const auto kept = co_await workspace.registryCredential(client.id, url);
                state = kept                                   ? tr("credential in the keychain")
                    : kept.error().code == ErrorCode::NotFound ? tr("credential missing")
                                                               : kept.error().message;
            }
            show(call,
                 {{"registry", one.url},
                  {"scopes", QJsonArray::fromStringList(one.scopes)},
                  {"credential", toString(one.credential)},
                  {"private", one.privateAddresses},
                  {"state", state}},
                 QStringLiteral("%1  %2").arg(toString(one), state));
        }
        co_return {};
    }
    const QString words = call.words.mid(2).join(' ');
    if (words.isEmpty())
        co_return usage(tr("The registry's address is missing."));
    OVVOC_CO_TRY(asked, parseRegistry(words));
    const auto same = [&](const RegistrySetting &one) { return one.url == asked.url; };
    if (verb == QLatin1String("add")) {
        all.removeIf(same);
        all << asked;
        OVVOC_CO_CHECK(saveRegistries(workspace, client, all));
        if (asked.credential == RegistrySetting::Credential::None) // and none of before stays
            co_return co_await workspace.removeRegistryCredential(client.id, asked.url);
        if (!call.has("secret")) {
            call.console.line(tr("Its credential is set with `ovvoc registry credential %1 "
                                 "--client C --secret FILE`.")
                                  .arg(asked.url));
            co_return {};
        }
    } else if (verb == QLatin1String("remove")) {
        if (all.removeIf(same) == 0)
            co_return fail(ErrorCode::NotFound,
                           tr("%1 is none of this client's registries.").arg(asked.url));
        OVVOC_CO_CHECK(saveRegistries(workspace, client, all));
        co_return co_await workspace.removeRegistryCredential(client.id, asked.url);
    } else if (verb != QLatin1String("credential")) {
        co_return usage(tr("There is no `ovvoc registry %1`.").arg(verb));
    }
    OVVOC_CO_TRY(secret, secretFrom(call));
    co_return co_await workspace.storeRegistryCredential(client.id, asked.url, secret);
}

} // namespace ovvoc::cli
