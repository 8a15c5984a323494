#include "workspaceservice.h"

#include "base/sortkey.h"

#include <algorithm>

namespace ovvoc {

QList<ClientOverview> WorkspaceService::clients() const
{
    QList<ClientOverview> list = m_clients.values();
    std::sort(list.begin(), list.end(), [](const ClientOverview &a, const ClientOverview &b) {
        return std::tuple(a.client.archived, sortKey(a.client.name), a.client.id)
            < std::tuple(b.client.archived, sortKey(b.client.name), b.client.id);
    });
    return list;
}

const ClientOverview *WorkspaceService::client(const QString &id) const
{
    const auto it = m_clients.constFind(id);
    return it == m_clients.cend() ? nullptr : &*it;
}

Settings WorkspaceService::settingsOf(const QString &clientId, const QString &repositoryId) const
{
    const ClientOverview *overview = client(clientId);
    const RepositoryOverview *repository = overview ? overview->repository(repositoryId) : nullptr;
    return Settings(m_agency, overview ? overview->client.overrides : SettingOverrides(),
                    repository ? repository->repository.overrides : SettingOverrides());
}

void WorkspaceService::takeState(const WorkspaceState &state)
{
    m_state = state;
    emit stateChanged();
}

void WorkspaceService::takeClient(const ClientOverview &overview)
{
    m_told.insert(overview.client.id, overview);
    show(overview.client.id);
}

void WorkspaceService::takeRemoval(const QString &clientId)
{
    m_told.remove(clientId);
    m_aside.remove(clientId);
    if (m_clients.remove(clientId))
        emit clientRemoved(clientId);
}

void WorkspaceService::show(const QString &clientId)
{
    if (m_aside.contains(clientId)) {
        if (m_clients.remove(clientId))
            emit clientRemoved(clientId);
        return;
    }
    ClientOverview overview = m_told.value(clientId);
    overview.repositories.removeIf(
        [this](const RepositoryOverview &one) { return m_aside.contains(one.repository.id); });
    m_clients.insert(clientId, overview);
    emit clientChanged(clientId);
}

void WorkspaceService::setAside(const QString &id)
{
    m_aside.insert(id);
    for (const ClientOverview &overview : std::as_const(m_told)) {
        if (overview.client.id == id || overview.repository(id))
            return show(overview.client.id);
    }
}

void WorkspaceService::bringBack(const QString &id)
{
    m_aside.remove(id);
    for (const ClientOverview &overview : std::as_const(m_told)) {
        if (overview.client.id == id || overview.repository(id))
            return show(overview.client.id);
    }
}

void WorkspaceService::takeAgency(const SettingOverrides &overrides)
{
    m_agency = overrides;
    emit agencyChanged();
}

void WorkspaceService::takeUpcoming(const QList<ScheduledRun> &runs)
{
    m_upcoming = runs;
    emit upcomingChanged();
}

} // namespace ovvoc
