#pragma once

#include "clients/workspace.h"
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

} // namespace ovvoc::test
