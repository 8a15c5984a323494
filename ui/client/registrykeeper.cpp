#include "client/registrykeeper.h"

#include "client/registrypanel.h"

#include <QJsonArray>
#include <algorithm>

namespace ovvoc {

using Credential = RegistrySetting::Credential;

RegistryKeeper::RegistryKeeper(const Services &services, QObject *parent)
    : QObject(parent)
    , m_services(services)
{ }

QList<RegistrySetting> RegistryKeeper::all() const
{
    return m_services.workspace->settingsOf(m_id).registries();
}

void RegistryKeeper::ask(QWidget *window, const std::optional<RegistrySetting> &known,
                         const std::optional<RegistrySetting> &suggested)
{
    auto *dialog = new RegistryDialog(known, suggested, window);
    connect(dialog, &RegistryDialog::chosen, this, &RegistryKeeper::save);
    dialog->open();
}

void RegistryKeeper::saveAll(const QList<RegistrySetting> &all, const std::function<void()> &then)
{
    const ClientOverview *overview = m_services.workspace->client(m_id);
    if (!overview)
        return;
    QJsonArray list;
    for (const RegistrySetting &one : all)
        list << toString(one);
    Client client = overview->client;
    client.overrides["registries"] = list;
    m_services.workspace->saveClient(client).then(
        this, [this, then](const Result<> &done) { tell(done, then); });
}

void RegistryKeeper::tell(const Result<> &done, const std::function<void()> &then)
{
    if (done)
        then();
    else
        emit said(done.error().message);
}

void RegistryKeeper::save(const RegistrySetting &registry,
                          const std::shared_ptr<const SecretBytes> &secret)
{
    QList<RegistrySetting> list = all();
    const auto at = std::ranges::find(list, registry.url, &RegistrySetting::url);
    if (at == list.end())
        list << registry;
    else
        *at = registry;
    const QString id = m_id;
    saveAll(list, [this, id, registry, secret] {
        if (!secret && registry.credential != Credential::None) {
            emit saved(registry); // the credential that is there stays
            return;
        }
        WorkspaceService *workspace = m_services.workspace;
        const Answer<> answer = secret
            ? workspace->storeRegistryCredential(id, registry.url, secret)
            : workspace->removeRegistryCredential(id, registry.url);
        answer.then(this, [this, registry](const Result<> &done) {
            tell(done, [this, registry] { emit saved(registry); });
            emit changed();
        });
    });
}

void RegistryKeeper::remove(const RegistrySetting &registry)
{
    QList<RegistrySetting> list = all();
    list.removeIf([&](const RegistrySetting &one) { return one.url == registry.url; });
    const QString id = m_id;
    saveAll(list, [this, id, registry] {
        m_services.workspace->removeRegistryCredential(id, registry.url)
            .then(this, [this](const Result<> &done) {
                tell(done, [] { });
                emit changed();
            });
    });
}

} // namespace ovvoc
