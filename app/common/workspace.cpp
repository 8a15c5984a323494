#include "common/workspace.h"

#include "base/ids.h"

#include <QCoreApplication>
#include <QDir>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSaveFile>
#include <QStandardPaths>

namespace ovvoc {

namespace {

constexpr QFile::Permissions ownerOnly = QFile::ReadOwner | QFile::WriteOwner;

Result<> writePrivate(const QString &path, const QByteArray &bytes)
{
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || !file.setPermissions(ownerOnly)
        || file.write(bytes) != bytes.size() || !file.commit())
        return fail(ErrorCode::DiskFull,
                    QCoreApplication::translate("Workspace", "%1 cannot be written: %2")
                        .arg(path, file.errorString()));
    return {};
}

Result<> makePrivateFolder(const QString &path)
{
    if (!QDir().mkpath(path) || !QFile::setPermissions(path, ownerOnly | QFile::ExeOwner))
        return fail(ErrorCode::InvalidInput,
                    QCoreApplication::translate(
                        "Workspace",
                        "The folder %1 cannot be made. Check its permissions, or set "
                        "OVVOC_WORKSPACE to another folder.")
                        .arg(path));
    return {};
}

} // namespace

Result<Workspace> openWorkspace()
{
    Workspace workspace;
    workspace.folder = qEnvironmentVariable("OVVOC_WORKSPACE");
    if (workspace.folder.isEmpty())
        workspace.folder =
            QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) + "/ovvoc";
    workspace.folder = QDir::cleanPath(QDir::current().absoluteFilePath(workspace.folder));
    OVVOC_CHECK(makePrivateFolder(workspace.folder));
    const QString idFile = workspace.folder + "/id";
    QFile file(idFile);
    if (file.open(QIODevice::ReadOnly))
        workspace.id = QString::fromLatin1(file.read(64)).trimmed();
    if (workspace.id.isEmpty()) {
        workspace.id = newId();
        OVVOC_CHECK(writePrivate(idFile, workspace.id.toLatin1() + '\n'));
    }
    return workspace;
}

Result<QString> saveJobRecord(const Workspace &workspace, const Job &job)
{
    const QString folder = workspace.folder + "/jobs";
    OVVOC_CHECK(makePrivateFolder(folder));
    const QString path = folder + '/' + job.request.id + ".json";
    OVVOC_CHECK(writePrivate(path, QJsonDocument(toJson(job)).toJson()));
    return path;
}

} // namespace ovvoc
