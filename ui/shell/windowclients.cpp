// What the window does with clients and repositories: adding, and removing with a way back.

#include "client/addclientdialog.h"
#include "client/addrepositorydialog.h"
#include "client/clientsettingspage.h"
#include "shell/mainwindow.h"
#include "widgets/toast.h"

namespace ovvoc {

void MainWindow::addClient()
{
    auto *dialog = new AddClientDialog(m_services, this);
    connect(dialog, &AddClientDialog::added, this, [this](const QString &id, bool connectGitHub) {
        const Place next{connectGitHub ? Place::Page::ClientSettings : Place::Page::Client, id};
        // Whose App it is to be is asked there: nothing is begun yet.
        const auto proceed = [this, next] { go(next); };
        if (m_services.workspace->client(id))
            return proceed();
        // Its overview comes a moment after it was made.
        auto *once = new QObject(this);
        connect(m_services.workspace, &WorkspaceService::clientChanged, once,
                [once, id, proceed](const QString &changed) {
                    if (changed != id)
                        return;
                    once->deleteLater();
                    proceed();
                });
    });
    dialog->open();
}

void MainWindow::addRepository(const QString &clientId)
{
    auto *dialog = new AddRepositoryDialog(m_services, clientId, this);
    connect(dialog, &AddRepositoryDialog::added, this,
            [this](const QString &client, const QString &repository) {
                go({Place::Page::Client, client});
                // What it has is looked at as soon as the workspace knows it.
                auto *once = new QObject(this);
                const auto look = [this, once, client, repository] {
                    const ClientOverview *overview = m_services.workspace->client(client);
                    if (!overview || !overview->repository(repository))
                        return;
                    once->deleteLater();
                    m_services.board->scan(client, repository);
                };
                connect(m_services.workspace, &WorkspaceService::clientChanged, once,
                        [client, look](const QString &changed) {
                            if (changed == client)
                                look();
                        });
                look();
            });
    dialog->open();
}

void MainWindow::removeClient(const QString &clientId)
{
    WorkspaceService *workspace = m_services.workspace;
    const ClientOverview *overview = workspace->client(clientId);
    if (!overview)
        return;
    if (m_services.board->unfinishedCount(clientId) > 0)
        return m_toast->say(tr("Jobs of this client still run. Cancel them first."));
    const QString name = overview->client.name;
    workspace->setAside(clientId);
    m_toast->removed(
        tr("%1 is removed: its key is destroyed, nothing of it can be read again.").arg(name),
        [this, workspace, clientId] {
            workspace->removeClient(clientId).then(
                this, [this, workspace, clientId](const Result<> &done) {
                    if (done)
                        return;
                    workspace->bringBack(clientId);
                    m_toast->say(done.error().message);
                });
        },
        [workspace, clientId] { workspace->bringBack(clientId); });
}

void MainWindow::removeRepository(const QString &clientId, const QString &repositoryId)
{
    WorkspaceService *workspace = m_services.workspace;
    const ClientOverview *overview = workspace->client(clientId);
    const RepositoryOverview *one = overview ? overview->repository(repositoryId) : nullptr;
    if (!one)
        return;
    if (m_services.board->unfinishedOf(repositoryId))
        return m_toast->say(tr("A job of this repository still runs. Cancel it first."));
    const QString title = one->repository.title();
    workspace->setAside(repositoryId);
    m_toast->removed(
        tr("%1 is removed. The repository itself is not touched.").arg(title),
        [this, workspace, clientId, repositoryId] {
            workspace->removeRepository(clientId, repositoryId)
                .then(this, [this, workspace, repositoryId](const Result<> &done) {
                    if (done)
                        return;
                    workspace->bringBack(repositoryId);
                    m_toast->say(done.error().message);
                });
        },
        [workspace, repositoryId] { workspace->bringBack(repositoryId); });
}

} // namespace ovvoc
