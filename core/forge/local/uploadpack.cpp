#include "forge/local/uploadpack.h"

#include "base/helpers.h"
#include "patch/libgit.h"

#include <QCoreApplication>
#include <QFile>
#include <QLocalSocket>
#include <QProcess>
#include <QStandardPaths>
#include <QTimer>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

namespace ovvoc {

namespace {

/// A fetch request is a list of object ids; this is far above any real one.
constexpr qint64 maximumRequest = 64 * 1024 * 1024;

/// Inflates a gzip body piece by piece (RFC 1952).
class Inflater
{
public:
    Inflater() { m_ok = inflateInit2(&m_stream, 15 + 16) == Z_OK; }
    ~Inflater() { inflateEnd(&m_stream); }
    Q_DISABLE_COPY_MOVE(Inflater)

    /// Nothing when the data is damaged or grows beyond maximumRequest.
    std::optional<QByteArray> next(QByteArray bytes)
    {
        QByteArray out;
        m_stream.next_in = reinterpret_cast<Bytef *>(bytes.data());
        m_stream.avail_in = uInt(bytes.size());
        while (m_ok && m_stream.avail_in > 0) {
            char buffer[32 * 1024];
            m_stream.next_out = reinterpret_cast<Bytef *>(buffer);
            m_stream.avail_out = sizeof buffer;
            const int code = inflate(&m_stream, Z_NO_FLUSH);
            out.append(buffer, qsizetype(sizeof buffer - m_stream.avail_out));
            m_total += qint64(sizeof buffer - m_stream.avail_out);
            m_ok = (code == Z_OK || code == Z_STREAM_END) && m_total <= maximumRequest;
            if (code == Z_STREAM_END)
                break;
        }
        if (!m_ok)
            return std::nullopt;
        return out;
    }

private:
    z_stream m_stream = {};
    qint64 m_total = 0;
    bool m_ok = false;
};

class UploadPackExchange final : public GitExchange
{
public:
    UploadPackExchange(const QString &path, const GitRequest &request)
        : m_request(request)
    {
        if (request.contentEncoding == "gzip")
            m_inflater = std::make_unique<Inflater>();
        connect(&m_output, &QLocalSocket::readyRead, this, &UploadPackExchange::forward);
        connect(&m_output, &QLocalSocket::disconnected, this, &UploadPackExchange::outputEnded);
        connect(&m_process, &QProcess::bytesWritten, this, [this] {
            if (m_process.bytesToWrite() == 0 && m_untaken > 0)
                emit taken(std::exchange(m_untaken, 0));
        });
        connect(&m_process, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
            if (error == QProcess::FailedToStart)
                giveUp(QCoreApplication::translate("LocalForge",
                                                   "git cannot be started. Install git."));
        });
        connect(&m_process, &QProcess::finished, this, &UploadPackExchange::finishIfDone);
        // The gate connects to our signals after we were made.
        QMetaObject::invokeMethod(this, [this, path] { start(path); }, Qt::QueuedConnection);
    }

    ~UploadPackExchange() override
    {
        m_process.disconnect(this);
        m_output.disconnect(this);
        if (m_process.state() != QProcess::NotRunning) {
            m_process.terminate(); // the whole group goes
            if (!m_process.waitForFinished(2000))
                m_process.kill();
        }
    }

    void write(const QByteArray &bytes) override
    {
        if (m_done)
            return;
        m_received += bytes.size();
        m_untaken += bytes.size();
        std::optional<QByteArray> plain = m_inflater ? m_inflater->next(bytes) : bytes;
        if (!plain || m_received > maximumRequest)
            return giveUp(
                QCoreApplication::translate("LocalForge", "The clone's request is damaged."));
        if (plain->isEmpty())
            emit taken(std::exchange(m_untaken, 0));
        else if (m_started)
            m_process.write(*plain);
        else
            m_early += *plain;
    }

    void endInput() override
    {
        m_inputEnded = true;
        if (m_started)
            m_process.closeWriteChannel();
    }

    void setPaused(bool paused) override
    {
        m_paused = paused;
        if (!paused)
            forward();
    }

private:
    void start(const QString &path)
    {
        int sockets[2];
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0)
            return giveUp(QCoreApplication::translate("LocalForge", "Too many open files."));
        m_output.setReadBufferSize(256 * 1024);
        m_output.setSocketDescriptor(sockets[0]);
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        for (const QString &name : environment.keys()) {
            if (name.startsWith(QLatin1String("GIT_")))
                environment.remove(name);
        }
        environment.insert("LC_ALL", "C");
        environment.insert("GIT_NO_LAZY_FETCH", "1"); // a partial clone fetches nothing for us
        if (!m_request.protocol.isEmpty())
            environment.insert("GIT_PROTOCOL", QString::fromLatin1(m_request.protocol));
        m_process.setProcessEnvironment(environment);
        QStringList arguments{"upload-pack", "--strict", "--stateless-rpc", "--timeout=600"};
        if (m_request.advertise)
            arguments << "--http-backend-info-refs";
        // The git directory itself, and strictly: what lies in it under the name .git is not tried.
        const auto repository = openGitRepository(path);
        if (!repository)
            return giveUp(repository.error().message);
        arguments << QString::fromUtf8(git_repository_path(repository->get()));
        m_process.setChildProcessModifier([fd = sockets[1]] { ::dup2(fd, STDOUT_FILENO); });
        // On a leash: git has children of its own, which outlive a killed program for seconds.
        if (const auto guard = findHelper(QStringLiteral("cell-guard")))
            m_process.start(*guard, QStringList{"--leash", "git"} + arguments);
        else
            return giveUp(guard.error().message);
        ::close(sockets[1]);
        m_started = true;
        const QByteArray service = "application/x-git-upload-pack-";
        emit head(200, service + (m_request.advertise ? "advertisement" : "result"));
        // Protocol 0 announces the service first; protocol 2 does not (gitprotocol-http).
        if (m_request.advertise && m_request.protocol != "version=2")
            emit data("001e# service=git-upload-pack\n0000");
        if (!m_early.isEmpty())
            m_process.write(std::exchange(m_early, {}));
        if (m_inputEnded || m_request.advertise)
            m_process.closeWriteChannel();
    }

    void forward()
    {
        while (!m_done && !m_paused && m_output.bytesAvailable() > 0)
            emit data(m_output.read(64 * 1024));
        if (m_outputEnded && m_output.bytesAvailable() == 0)
            finishIfDone();
    }

    void outputEnded()
    {
        m_outputEnded = true;
        forward();
    }

    void finishIfDone()
    {
        if (m_done || !m_outputEnded || m_output.bytesAvailable() > 0
            || m_process.state() != QProcess::NotRunning)
            return;
        m_done = true;
        if (m_process.exitStatus() == QProcess::NormalExit && m_process.exitCode() == 0) {
            emit end();
            return;
        }
        const QString words = QString::fromUtf8(m_process.readAllStandardError()).trimmed();
        emit failed(
            {ErrorCode::CommandFailed,
             QCoreApplication::translate("LocalForge", "git could not serve the repository: %1")
                 .arg(words.left(500)),
             words});
    }

    void giveUp(const QString &message)
    {
        if (std::exchange(m_done, true))
            return;
        emit failed({ErrorCode::CommandFailed, message, {}});
    }

    GitRequest m_request;
    QProcess m_process;
    QLocalSocket m_output;
    std::unique_ptr<Inflater> m_inflater;
    QByteArray m_early;
    qint64 m_received = 0;
    qint64 m_untaken = 0;
    bool m_started = false;
    bool m_inputEnded = false;
    bool m_outputEnded = false;
    bool m_paused = false;
    bool m_done = false;
};

/// A file of Git LFS as it lies in the git directory (git-lfs's own layout: lfs/objects/OI/D0/…).
class LocalObject final : public GitExchange
{
public:
    LocalObject(const QString &folder, const GitRequest &request)
        : m_size(request.objectSize)
    {
        const QString id = QString::fromLatin1(request.object);
        const QString path = folder + "/lfs/objects/" + id.left(2) + '/' + id.mid(2, 2) + '/' + id;
        // The gate connects to our signals after we were made.
        QMetaObject::invokeMethod(this, [this, path] { start(path); }, Qt::QueuedConnection);
    }
    void write(const QByteArray &bytes) override { emit taken(bytes.size()); }
    void endInput() override { }
    void setPaused(bool paused) override
    {
        m_paused = paused;
        if (!paused)
            forward();
    }

private:
    void start(const QString &path)
    {
        // No link, and nothing that blocks.
        const int fd =
            ::open(path.toUtf8().constData(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        struct stat info = {};
        if (fd >= 0 && (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))) {
            ::close(fd);
            return giveUp();
        }
        if (fd < 0 || !m_file.open(fd, QIODevice::ReadOnly, QFileDevice::AutoCloseHandle)
            || info.st_size != m_size)
            return giveUp();
        emit head(200, "application/octet-stream");
        m_started = true;
        forward();
    }

    void forward()
    {
        while (m_started && !m_done && !m_paused) {
            const QByteArray piece = m_file.read(64 * 1024);
            if (piece.isEmpty()) {
                m_done = true;
                emit end();
                return;
            }
            emit data(piece);
        }
    }

    void giveUp()
    {
        m_done = true;
        emit failed({ErrorCode::NotFound,
                     QCoreApplication::translate(
                         "LocalForge", "they are not on this disk: run `git lfs fetch` there"),
                     {}});
    }

    QFile m_file;
    qint64 m_size;
    bool m_started = false, m_paused = false, m_done = false;
};

} // namespace

std::unique_ptr<GitExchange> UploadPack::open(const GitRequest &request)
{
    if (!request.object.isEmpty())
        return std::make_unique<LocalObject>(m_path, request);
    return std::make_unique<UploadPackExchange>(m_path, request);
}

QString UploadPack::name() const
{
    return QCoreApplication::translate("LocalForge", "local repository");
}

} // namespace ovvoc
