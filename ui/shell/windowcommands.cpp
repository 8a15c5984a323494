// What the command palette offers: MainWindow::commands(). Apart from the window's own file because
// it only names what others do.

#include "client/clientpage.h"
#include "shell/mainwindow.h"

namespace ovvoc {

QList<Command> MainWindow::commands()
{
    QList<Command> list;
    const QString goes = tr("Go to"), does = tr("Do");
    const auto place = [&](const QString &title, Place::Page page, const QKeySequence &keys = {}) {
        list << Command{goes, title, keys, [this, page] { go({page, {}}); }};
    };
    place(tr("Overview"), Place::Page::Overview, QKeySequence("Ctrl+1"));
    place(tr("Jobs"), Place::Page::Jobs, QKeySequence("Ctrl+2"));
    place(tr("Updates"), Place::Page::Updates, QKeySequence("Ctrl+3"));
    place(tr("Audit"), Place::Page::Audit, QKeySequence("Ctrl+4"));
    place(tr("Settings"), Place::Page::Settings, QKeySequence("Ctrl+,"));
    place(tr("This machine: engine, image, keychain, network"), Place::Page::Machine);
    place(tr("Update a folder on this machine"), Place::Page::Folder, QKeySequence::New);
    list << Command{goes, tr("Back"), QKeySequence("Alt+Left"), [this] { goBack(); }}
         << Command{goes, tr("Forward"), QKeySequence("Alt+Right"), [this] { goForward(); }}
         << Command{does, tr("Add client"), {}, [this] { addClient(); }}
         << Command{does, tr("Scan all clients"), {}, [this] { m_services.board->scanAll({}); }}
         << Command{does,
                    tr("Look for the engine again"),
                    {},
                    [this] { m_services.jobs->findEngine(); }}
         << Command{does,
                    tr("Prepare the job image"),
                    {},
                    [this] { m_services.jobs->prepareImage(); }}
         << Command{does, tr("Help: keys, about"), QKeySequence::HelpContents,
                    [this] { showHelp(); }}
         << Command{does, tr("Cancel all jobs"), {}, [this] { m_services.board->cancelAll(); }}
         << Command{does, tr("Quit"), QKeySequence(Qt::CTRL | Qt::Key_Q), [this] { quit(); }};
    if (m_place.page == Place::Page::Job) {
        const QString id = m_place.id;
        list << Command{
            does, tr("Open this job in a new window"), {}, [this, id] { openJobWindow(id); }};
        if (const Job *job = m_services.board->job(id); job && !job->isOver())
            list << Command{does, tr("Cancel this job and destroy its cell"), {}, [this, id] {
                                m_services.board->cancel(id);
                            }};
    }
    for (const ClientOverview &client : m_services.workspace->clients()) {
        const QString id = client.client.id, name = client.client.name;
        list << Command{tr("Client"), name, {}, [this, id] { go({Place::Page::Client, id}); }}
             << Command{does,
                        tr("Settings of %1").arg(name),
                        {},
                        [this, id] { go({Place::Page::ClientSettings, id}); }}
             << Command{does,
                        tr("Scan all of %1").arg(name),
                        {},
                        [this, id] { m_services.board->scanAll(id); }}
             << Command{does,
                        tr("Update all safe of %1").arg(name),
                        {},
                        [this, id] { m_services.board->updateAllSafe(id); }}
             << Command{does, tr("Ask for open pull requests of %1").arg(name), {}, [this, id] {
                            go({Place::Page::Client, id});
                            m_client->askForProposals(id);
                        }};
        for (const RepositoryOverview &one : client.repositories) {
            const QString repository = one.repository.id;
            list << Command{tr("Repository"),
                            tr("%1 (%2)").arg(one.repository.title(), name),
                            {},
                            [this, repository] { go({Place::Page::Repository, repository}); }};
            list << Command{tr("Repository"),
                            tr("Update %1 (%2)").arg(one.repository.title(), name),
                            {},
                            [this, id, repository] {
                                go({Place::Page::Job, m_services.board->update(id, repository)});
                            }};
            if (one.lastJob) {
                const QString job = one.lastJob->id;
                list << Command{tr("Job"),
                                tr("%1: %2").arg(one.repository.title(), one.lastJob->title),
                                {},
                                [this, job] { go({Place::Page::Job, job}); }};
            }
        }
    }
    for (const Job *job : m_services.board->unfinished()) {
        const QString id = job->request.id;
        list << Command{tr("Job"),
                        tr("%1: %2 (running)").arg(job->request.repositoryName, jobTitle(*job)),
                        {},
                        [this, id] { go({Place::Page::Job, id}); }};
    }
    return list;
}

} // namespace ovvoc
