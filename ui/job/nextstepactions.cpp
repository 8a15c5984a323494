// What the buttons of a job's result do.

#include "client/registrykeeper.h"
#include "job/jobpage.h"

#include <algorithm>

namespace ovvoc {

/// Calls \a then once \a holds says so: what was saved comes back from the core a moment after the
/// answer, and a job that is started before would have the old settings.
void JobPage::whenItHolds(const std::function<bool()> &holds, const std::function<void()> &then)
{
    if (holds())
        return then();
    auto *once = new QObject(this);
    connect(m_services.workspace, &WorkspaceService::clientChanged, once, [once, holds, then] {
        if (!holds())
            return;
        once->deleteLater();
        then();
    });
}

/// Sets something for this repository.
void JobPage::setSetting(const QString &name, const QJsonValue &value,
                         const std::function<void()> &then)
{
    WorkspaceService *workspace = m_services.workspace;
    const ClientOverview *client = workspace ? workspace->client(m_job.request.clientId) : nullptr;
    const RepositoryOverview *one =
        client ? client->repository(m_job.request.repositoryId) : nullptr;
    if (!one) {
        emit said(tr("This repository is not in the workspace any more."));
        return;
    }
    ClientRepository repository = one->repository;
    repository.overrides[name] = value;
    workspace->saveRepository(repository).then(this, [this, then](const Result<> &done) {
        if (done)
            then();
        else
            emit said(done.error().message);
    });
}

void JobPage::takeStep(const NextStep &step)
{
    const JobRequest &request = m_job.request;
    const auto again = [this] { emit againRequested(m_job.request, {}); };
    switch (step.kind) {
    case NextStep::Kind::RunWithout:
        emit againRequested(request, step.packages);
        return;
    case NextStep::Kind::Skip: {
        const auto skip = parseSkip(step.value);
        if (!skip || !m_services.workspace)
            return;
        const QList<Skip> held =
            m_services.workspace->settingsOf(request.clientId, request.repositoryId).skips();
        setSetting(QStringLiteral("skip"), withSkip(held, *skip), [this, step] {
            emit said(tr("%1 is skipped in %2 until there is a newer one.")
                          .arg(step.value, m_job.request.repositoryName));
        });
        return;
    }
    case NextStep::Kind::Setting: {
        const SettingInfo *info = findSetting(step.setting);
        const auto value = info ? parseSetting(*info, step.value)
                                : Result<QJsonValue>(fail(ErrorCode::NotFound, step.setting));
        if (!value) {
            emit said(value.error().message);
            return;
        }
        const auto holds = [this, step, value = *value] {
            const JobRequest &mine = m_job.request;
            return m_services.workspace->settingsOf(mine.clientId, mine.repositoryId)
                       .at(step.setting)
                       .value
                == value;
        };
        setSetting(step.setting, *value, [this, holds, again] { whenItHolds(holds, again); });
        return;
    }
    case NextStep::Kind::Registry:
    case NextStep::Kind::Credential: {
        if (!m_services.workspace || !m_services.workspace->client(request.clientId))
            return;
        auto *keeper = new RegistryKeeper(m_services, this);
        keeper->setClient(request.clientId);
        connect(keeper, &RegistryKeeper::said, this, &JobPage::said);
        connect(keeper, &RegistryKeeper::saved, this,
                [this, keeper, again](const RegistrySetting &saved) {
                    emit said(tr("%1 is named for %2.").arg(saved.url, m_job.request.clientName));
                    whenItHolds([keeper, saved] { return keeper->all().contains(saved); }, again);
                });
        const QList<RegistrySetting> all = keeper->all();
        const auto known = std::ranges::find(all, step.value, &RegistrySetting::url);
        const auto suggested = parseRegistry(step.value);
        if (known != all.end())
            keeper->ask(this, *known);
        else if (suggested)
            keeper->ask(this, {}, *suggested);
        return;
    }
    }
}

} // namespace ovvoc
