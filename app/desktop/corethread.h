#pragma once

#include "base/mask.h"
#include "clients/workspace.h"
#include "jobservice.h"
#include "workspaceservice.h"

#include <QThread>
#include <memory>

namespace ovvoc {

class CoreWorker;
class CoreWorkspace;

/// The core thread and the way to it: every request is passed on, every signal comes back as a
/// value. Lives on the GUI thread.
class CoreThread final : public JobService
{
    Q_OBJECT
public:
    CoreThread(WorkspaceFolder workspace, std::shared_ptr<SecretStore> store,
               std::shared_ptr<SecretMask> mask);
    ~CoreThread() override;

    WorkspaceService *workspace() const;

    void start(const JobRequest &request) override;
    void cancel(const QString &jobId) override;
    void cancelAll() override;
    void end(bool goOnLater) override;
    void findEngine() override;
    void prepareImage() override;
    void checkNetwork() override;
    void makeDemo() override;

private:
    QThread m_thread;
    CoreWorker *m_worker; ///< lives on m_thread and ends with it
    std::unique_ptr<CoreWorkspace> m_workspace;
};

/// What goes between the core thread and the window. Call once, before either is made.
void registerDesktopTypes();

} // namespace ovvoc
