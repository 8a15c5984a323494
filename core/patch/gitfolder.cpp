#include "patch/gitfolder.h"

#include "base/ids.h"

#include <QCoreApplication>
#include <QStringList>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <zlib.h>

namespace ovvoc {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("Patch", text);
}

/// A descriptor that is closed.
class Handle
{
public:
    explicit Handle(int fd)
        : m_fd(fd)
    { }
    Handle(const Handle &) = delete;
    Handle &operator=(const Handle &) = delete;
    ~Handle()
    {
        if (m_fd >= 0)
            ::close(m_fd);
    }
    int fd() const { return m_fd; }

private:
    int m_fd;
};

bool writeAll(int fd, const QByteArray &bytes)
{
    qsizetype at = 0;
    while (at < bytes.size()) {
        const ssize_t size = ::write(fd, bytes.constData() + at, std::size_t(bytes.size() - at));
        if (size < 0 && errno == EINTR)
            continue;
        if (size <= 0)
            return false;
        at += size;
    }
    return ::fsync(fd) == 0;
}

QByteArray deflated(const QByteArray &plain)
{
    uLongf size = ::compressBound(uLong(plain.size()));
    QByteArray out(qsizetype(size), '\0');
    if (::compress2(reinterpret_cast<Bytef *>(out.data()), &size,
                    reinterpret_cast<const Bytef *>(plain.constData()), uLong(plain.size()), 6)
        != Z_OK)
        return {};
    out.truncate(qsizetype(size));
    return out;
}

} // namespace

GitFolder::GitFolder(int fd, QString path)
    : m_fd(fd)
    , m_path(std::move(path))
{ }

GitFolder::GitFolder(GitFolder &&other) noexcept
    : m_fd(std::exchange(other.m_fd, -1))
    , m_path(std::move(other.m_path))
{ }

GitFolder::~GitFolder()
{
    if (m_fd >= 0)
        ::close(m_fd);
}

Result<GitFolder> GitFolder::open(const QString &path)
{
    const int fd = ::open(path.toLocal8Bit().constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    GitFolder made(fd, path);
    if (fd < 0)
        return made.failure(errno, QString());
    return made;
}

tl::unexpected<Error> GitFolder::failure(int error, const QString &name) const
{
    const QString place = name.isEmpty() ? m_path : QString(m_path + '/' + name);
    const QString words = QString::fromLocal8Bit(std::strerror(error));
    switch (error) {
    case ELOOP:
    case ENOTDIR:
        return fail(ErrorCode::PolicyViolation,
                    tr("%1 is a symbolic link or no folder, where git has a folder of its own. "
                       "Nothing was written, because it would go somewhere else. Make it an "
                       "ordinary folder and run the update again.")
                        .arg(place),
                    words);
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return fail(ErrorCode::DiskFull,
                    tr("The disk that holds the repository is full. Free some space and run the "
                       "update again."),
                    words);
    case EACCES:
    case EPERM:
    case EROFS:
        return fail(ErrorCode::ReadOnly,
                    tr("%1 may not be written. Check its owner and permissions.").arg(place),
                    words);
    default:
        return fail(
            ErrorCode::Internal,
            tr("The result could not be written into the repository (%1): %2").arg(place, words),
            words);
    }
}

/// The caller closes it.
Result<int> GitFolder::folder(const QStringList &way, bool make) const
{
    int at = ::fcntl(m_fd, F_DUPFD_CLOEXEC, 0);
    QString name;
    for (const QString &part : way) {
        name += (name.isEmpty() ? QString() : QStringLiteral("/")) + part;
        const QByteArray component = part.toUtf8();
        if (make && ::mkdirat(at, component.constData(), 0777) != 0 && errno != EEXIST) {
            const int error = errno;
            ::close(at);
            return failure(error, name);
        }
        const int next =
            ::openat(at, component.constData(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        const int error = errno;
        ::close(at);
        if (next < 0)
            return failure(error, name);
        at = next;
    }
    return at;
}

Result<> GitFolder::writeObject(const char *type, const QByteArray &content, const QString &id)
{
    OVVOC_TRY(place, folder({QStringLiteral("objects"), id.left(2)}, true));
    const Handle directory(place);
    const QByteArray name = id.mid(2).toLatin1();
    struct stat there = {};
    if (::fstatat(directory.fd(), name.constData(), &there, AT_SYMLINK_NOFOLLOW) == 0)
        return S_ISREG(there.st_mode) ? Result<>() : failure(ELOOP, "objects/" + id);
    const QByteArray bytes =
        deflated(QByteArray(type) + ' ' + QByteArray::number(content.size()) + '\0' + content);
    const QByteArray temporary = "tmp_obj_" + newId().toLatin1();
    const Handle file(::openat(directory.fd(), temporary.constData(),
                               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0444));
    if (file.fd() < 0)
        return failure(errno, "objects/" + id.left(2));
    const bool written = writeAll(file.fd(), bytes);
    int error = written ? 0 : errno;
    // A name that is there is never replaced, whoever was quicker.
    if (written
        && ::linkat(directory.fd(), temporary.constData(), directory.fd(), name.constData(), 0) != 0
        && errno != EEXIST)
        error = errno;
    ::unlinkat(directory.fd(), temporary.constData(), 0);
    if (error != 0)
        return failure(error, "objects/" + id.left(2));
    return {};
}

Result<bool> GitFolder::writeReference(
    const QString &branch, const QString &commit,
    const std::function<bool(int folder, const char *lock, const char *name)> &place)
{
    QStringList way{QStringLiteral("refs"), QStringLiteral("heads")};
    way += branch.split('/');
    const QByteArray name = way.takeLast().toUtf8();
    OVVOC_TRY(opened, folder(way, true));
    const Handle directory(opened);
    const QByteArray lock = name + ".lock";
    const Handle file(::openat(directory.fd(), lock.constData(),
                               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
    if (file.fd() < 0 && errno == EEXIST)
        return fail(
            ErrorCode::Conflict,
            tr("Another program works on the branch %1. Try again when it has ended.").arg(branch));
    if (file.fd() < 0)
        return failure(errno, way.join('/'));
    int error = writeAll(file.fd(), commit.toLatin1() + '\n') ? 0 : errno;
    if (error == 0 && !place(directory.fd(), lock.constData(), name.constData()))
        error = errno;
    ::unlinkat(directory.fd(), lock.constData(), 0);
    if (error == EEXIST)
        return false;
    if (error != 0)
        return failure(error, way.join('/'));
    return true;
}

Result<bool> GitFolder::createBranch(const QString &branch, const QString &commit)
{
    return writeReference(branch, commit, [](int at, const char *lock, const char *name) {
        return ::linkat(at, lock, at, name, 0) == 0;
    });
}

Result<bool> GitFolder::moveBranch(const QString &branch, const QString &from, const QString &to,
                                   const std::function<QString()> &now)
{
    return writeReference(branch, to, [&](int at, const char *lock, const char *name) {
        struct stat there = {};
        const bool loose = ::fstatat(at, name, &there, AT_SYMLINK_NOFOLLOW) == 0;
        if ((loose && !S_ISREG(there.st_mode)) || now() != from) {
            errno = EEXIST;
            return false;
        }
        return ::renameat(at, lock, at, name) == 0;
    });
}

} // namespace ovvoc
