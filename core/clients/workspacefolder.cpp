#include "base/ids.h"
#include "clients/workspace.h"
#include "clients/workspace_p.h"

#include <QDir>
#include <QFileInfo>
#include <QSaveFile>
#include <QStandardPaths>

namespace ovvoc {

namespace {

constexpr QFile::Permissions ownerOnly = QFile::ReadOwner | QFile::WriteOwner;

} // namespace

Result<WorkspaceFolder> WorkspaceFolder::open()
{
    WorkspaceFolder folder;
    folder.path = qEnvironmentVariable("OVVOC_WORKSPACE");
    if (folder.path.isEmpty())
        folder.path =
            QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) + "/ovvoc";
    folder.path = QDir::cleanPath(QDir::current().absoluteFilePath(folder.path));
    if (!QDir().mkpath(folder.path)
        || !QFile::setPermissions(folder.path, ownerOnly | QFile::ExeOwner))
        return fail(ErrorCode::ReadOnly,
                    translate("The folder %1 cannot be made. Check its permissions, or set "
                              "OVVOC_WORKSPACE to another folder.")
                        .arg(folder.path));
    const QString idFile = folder.path + "/id";
    QFile file(idFile);
    if (file.open(QIODevice::ReadOnly))
        folder.id = QString::fromLatin1(file.read(64)).trimmed();
    if (!folder.id.isEmpty())
        return folder;
    if (QFileInfo::exists(folder.databasePath()))
        return fail(ErrorCode::Damaged,
                    translate("%1 is missing or empty, but there is a workspace beside it. Put the "
                              "file back from a backup.")
                        .arg(idFile));
    folder.id = newId();
    QSaveFile made(idFile);
    const QByteArray text = folder.id.toLatin1() + '\n';
    if (!made.open(QIODevice::WriteOnly) || !made.setPermissions(ownerOnly)
        || made.write(text) != text.size() || !made.commit())
        return fail(ErrorCode::DiskFull,
                    translate("%1 cannot be written: %2").arg(idFile, made.errorString()));
    return folder;
}

} // namespace ovvoc
