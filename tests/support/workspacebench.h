#pragma once

#include "clients/workspace.h"
#include "jobs/job.h"
#include "support/folderstore.h"
#include "support/testsupport.h"

namespace ovvoc::test {

/// A workspace in a folder of its own, with a keychain that is files in it.
struct WorkspaceBench
{
    QTemporaryDir folder;
    std::shared_ptr<FolderStore> store = std::make_shared<FolderStore>(folder.path() + "/keychain");
    WorkspaceFolder place;
    WorkspaceBench()
    {
        qputenv("OVVOC_WORKSPACE", (folder.path() + "/workspace").toLocal8Bit());
        place = *WorkspaceFolder::open();
    }
    Result<std::shared_ptr<Workspace>> open() { return await(Workspace::open(place, store)); }
};

/// A failed job with something of every kind in it, each text with \a mark.
Job sampleJob(const Client &client, const ClientRepository &repository, const QString &mark = {});
/// A file's bytes; empty when it cannot be read.
QByteArray content(const QString &path);

} // namespace ovvoc::test
