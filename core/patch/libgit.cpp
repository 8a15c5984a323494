#include "patch/libgit.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>

namespace ovvoc {

void ensureLibgit()
{
    static const int started = git_libgit2_init();
    Q_UNUSED(started)
}

QString lastGitError()
{
    const git_error *error = git_error_last();
    return error && error->message ? QString::fromUtf8(error->message) : QString();
}

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("Patch", text);
}

Error unclear(const QString &file)
{
    return {ErrorCode::PolicyViolation,
            tr("%1 cannot be followed safely, so it is not known whose files git would read. Make "
               "a plain clone and use that.")
                .arg(file),
            {}};
}

Error isLink(const QString &file)
{
    return {ErrorCode::PolicyViolation,
            tr("%1 is a link, so it is not known whose files git would read. Make a plain clone "
               "and use that.")
                .arg(file),
            {}};
}

/// Links below a git directory that git would read through: whose objects or branches those are
/// cannot be told by the directory's own place.
Result<> refuseLinks(const QString &folder)
{
    for (const char *name :
         {"objects", "objects/info", "objects/pack", "objects/info/alternates", "refs",
          "refs/heads", "refs/tags", "packed-refs", "HEAD", "config", "commondir", "shallow"}) {
        if (QFileInfo(folder + '/' + QLatin1String(name)).isSymLink())
            return fail(isLink(folder + '/' + QLatin1String(name)));
    }
    for (const char *below : {"objects", "objects/pack", "refs/heads"}) {
        const QDir dir(folder + '/' + QLatin1String(below));
        for (const QFileInfo &one :
             dir.entryInfoList(QDir::AllEntries | QDir::System | QDir::NoDotAndDotDot)) {
            if (one.isSymLink())
                return fail(isLink(one.filePath()));
        }
    }
    return {};
}

/// Follows alternates as git does (gitrepository-layout(5)), and refuses what git would understand
/// differently: quoted lines, blanks at an end, and more than fits the limits.
Result<> addBorrowed(const QString &objects, int depth, QStringList &folders)
{
    constexpr int deepest = 5; // git's own
    constexpr qsizetype most = 32, limit = 64 * 1024;
    QFile file(objects + "/info/alternates");
    if (!file.exists())
        return {};
    if (depth >= deepest || !file.open(QIODevice::ReadOnly) || file.size() > limit)
        return fail(unclear(file.fileName()));
    for (const QByteArray &line : file.readAll().split('\n')) {
        if (line.isEmpty() || line.startsWith('#'))
            continue;
        if (line.startsWith('"') || line != line.trimmed() || folders.size() >= most)
            return fail(unclear(file.fileName()));
        const QString text = QString::fromLocal8Bit(line);
        const QString other = QFileInfo(QDir(objects).absoluteFilePath(text)).canonicalFilePath();
        const QString folder = QFileInfo(other).path();
        if (other.isEmpty() || folders.contains(folder))
            continue;
        folders << folder;
        OVVOC_CHECK(refuseLinks(folder));
        OVVOC_CHECK(addBorrowed(other, depth + 1, folders));
    }
    return {};
}

} // namespace

Result<GitRepository> openGitRepository(const QString &path)
{
    ensureLibgit();
    if (!QFileInfo::exists(path))
        return fail(ErrorCode::NotFound, tr("There is no folder %1. Check the path.").arg(path));
    GitRepository repository;
    const int code = gitCall(repository, git_repository_open, path.toUtf8().constData());
    if (code == 0)
        return repository;
    const git_error *last = git_error_last();
    const int kind = last ? last->klass : 0;
    const QString words = lastGitError();
    if (code == GIT_EOWNER)
        return fail(ErrorCode::InvalidInput,
                    tr("%1 belongs to another user, so git does not trust it. If you do, run: git "
                       "config --global --add safe.directory %1")
                        .arg(path),
                    words);
    if (words.contains(QLatin1String("objectformat")))
        return fail(ErrorCode::Unsupported,
                    tr("%1 uses SHA-256 object names, which are not supported yet.").arg(path),
                    words);
    if (words.contains(QLatin1String("extension")) || words.contains(QLatin1String("version")))
        return fail(ErrorCode::Unsupported,
                    tr("%1 uses a format of git that is not supported yet: %2.").arg(path, words),
                    words);
    if (kind == GIT_ERROR_CONFIG || words.contains(QLatin1String("config")))
        return fail(ErrorCode::InvalidInput,
                    tr("The git configuration of %1 cannot be read: %2. Look at its `include` "
                       "lines, and at your own ~/.gitconfig.")
                        .arg(path, words),
                    words);
    return fail(ErrorCode::InvalidInput,
                tr("%1 is not a git repository. Give the folder that holds .git, or a bare "
                   "repository.")
                    .arg(path),
                words);
}

Result<QStringList> gitFoldersOf(const QString &path)
{
    OVVOC_TRY(repository, openGitRepository(path));
    const QString common = QString::fromUtf8(git_repository_commondir(repository.get()));
    const QString real = QFileInfo(common).canonicalFilePath();
    if (real.isEmpty())
        return fail(ErrorCode::NotFound, tr("There is no folder %1. Check the path.").arg(common));
    QStringList folders{real};
    OVVOC_CHECK(refuseLinks(real));
    OVVOC_CHECK(addBorrowed(real + "/objects", 0, folders));
    return folders;
}

} // namespace ovvoc
