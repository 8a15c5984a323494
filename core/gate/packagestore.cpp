#include "gate/packagestore.h"

#include "base/logging.h"

#include <QCryptographicHash>
#include <QDateTime>
#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QSaveFile>
#include <QStandardPaths>
#include <QtConcurrent/QtConcurrentRun>
#include <algorithm>
#include <atomic>
#include <limits>
#include <qcoro/qcorofuture.h>

namespace ovvoc {

namespace {

constexpr qsizetype sumSize = 64;

QByteArray sumOf(const QString &url, const QByteArray &bytes)
{
    QCryptographicHash hash(QCryptographicHash::Sha512);
    hash.addData(url.toUtf8() + '\0');
    hash.addData(bytes);
    return hash.result();
}

QString fileOf(const QString &folder, const QString &url)
{
    const QByteArray name =
        QCryptographicHash::hash(url.toUtf8(), QCryptographicHash::Sha256).toHex();
    return folder + '/' + QString::fromLatin1(name.left(2)) + '/' + QString::fromLatin1(name);
}

QList<QFileInfo> filesIn(const QString &folder)
{
    QList<QFileInfo> files;
    QDirIterator all(folder, QDir::Files | QDir::NoSymLinks, QDirIterator::Subdirectories);
    while (all.hasNext()) {
        all.next();
        if (all.fileName().size() == 64)
            files << all.fileInfo();
    }
    return files;
}

QByteArray readKept(const QString &path, const QString &url)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadWrite | QIODevice::ExistingOnly)
        || file.size() > PackageStore::largestPackage + sumSize)
        return {};
    const QByteArray sum = file.read(sumSize);
    const QByteArray bytes = file.readAll();
    if (bytes.isEmpty() || sum != sumOf(url, bytes)) {
        file.remove();
        return {};
    }
    file.setFileTime(QDateTime::currentDateTime(), QFileDevice::FileModificationTime);
    return bytes;
}

/// The oldest ones go, until the rest is a tenth below the limit.
void prune(const QString &folder, qint64 limit)
{
    QList<QFileInfo> files = filesIn(folder);
    qint64 bytes = 0;
    for (const QFileInfo &file : std::as_const(files))
        bytes += file.size();
    if (bytes <= limit)
        return;
    std::sort(files.begin(), files.end(), [](const QFileInfo &a, const QFileInfo &b) {
        return a.lastModified() < b.lastModified();
    });
    for (const QFileInfo &file : std::as_const(files)) {
        if (bytes <= limit - limit / 10)
            return;
        if (QFile::remove(file.filePath()))
            bytes -= file.size();
    }
}

void keep(const QString &folder, const QString &path, const QString &url, const QByteArray &bytes,
          qint64 limit)
{
    const QString place = path.section('/', 0, -2);
    QDir().mkpath(place);
    QFile::setPermissions(folder, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(sumOf(url, bytes) + bytes) < 0
        || !file.commit()) {
        log().warn("a package could not be kept: {}", file.errorString().toStdString());
        return;
    }
    // Looking through all of them costs more than one file may: a twentieth of the limit at a time.
    static std::atomic<qint64> unseen = std::numeric_limits<qint64>::max() / 2;
    if (unseen.fetch_add(bytes.size()) < limit / 20)
        return;
    unseen = 0;
    prune(folder, limit);
}

} // namespace

PackageStore::PackageStore(QString folder, qint64 limit)
    : m_folder(std::move(folder))
    , m_limit(limit)
{ }

qint64 PackageStore::sizeOf(const QString &url) const
{
    return std::max<qint64>(0, QFileInfo(fileOf(m_folder, url)).size() - sumSize);
}

TaskResult<QByteArray> PackageStore::read(QString url) const
{
    const QString path = fileOf(m_folder, url);
    const auto work = [path, url] { return readKept(path, url); };
    QFuture<QByteArray> future = QtConcurrent::run(work);
    const QByteArray bytes = co_await future;
    if (bytes.isEmpty())
        co_return fail(ErrorCode::NotFound, QStringLiteral("It is not kept."));
    co_return bytes;
}

Task<> PackageStore::write(QString url, QByteArray bytes) const
{
    if (bytes.isEmpty() || bytes.size() > std::min(largestPackage, m_limit / 4))
        co_return;
    const QString folder = m_folder, path = fileOf(m_folder, url);
    const qint64 limit = m_limit;
    const auto work = [folder, path, url, bytes, limit] { keep(folder, path, url, bytes, limit); };
    QFuture<void> future = QtConcurrent::run(work);
    co_await future;
}

PackageStore::Use PackageStore::useOf(const QString &folder)
{
    Use use;
    for (const QFileInfo &file : filesIn(folder)) {
        ++use.packages;
        use.bytes += file.size();
    }
    return use;
}

void PackageStore::clear(const QString &folder)
{
    for (const QFileInfo &file : filesIn(folder))
        QFile::remove(file.filePath());
}

QString PackageStore::standardFolder()
{
    return QStandardPaths::writableLocation(QStandardPaths::GenericCacheLocation)
        + QStringLiteral("/ovvoc/packages");
}

} // namespace ovvoc
