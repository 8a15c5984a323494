#pragma once

#include "base/result.h"

#include <QByteArray>
#include <functional>
#include <memory>

namespace ovvoc {

/// One request of git's smart HTTP protocol, already checked by the git endpoint.
struct GitRequest
{
    bool advertise = true; ///< GET info/refs, else POST git-upload-pack
    QByteArray protocol; ///< the Git-Protocol header, "version=2" or empty
    QByteArray contentEncoding; ///< "gzip" or empty
    /// GET of one file that is kept in Git LFS: its SHA-256 in hex, else empty, and its size.
    QByteArray object;
    qint64 objectSize = 0;
};

/// The answer to one GitRequest as it is produced. Owned by the git endpoint; deleting it ends the
/// work. Signals come on the core thread.
class GitExchange : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;
    /// A piece of the request's body. The exchange calls taken() with its size when it has passed
    /// it on, which opens the cell's window again.
    virtual void write(const QByteArray &bytes) = 0;
    virtual void endInput() = 0;
    /// While paused, no more data() may come than what is under way already.
    virtual void setPaused(bool paused) = 0;

signals:
    void head(int status, const QByteArray &contentType);
    void data(const QByteArray &bytes);
    void end();
    void failed(const ovvoc::Error &error);
    void taken(qint64 bytes);
};

/// Where the git endpoint gets its one repository from: a forge gives this. Credentials are added
/// behind it, on the host; it serves upload-pack, and files that the repository keeps in Git LFS,
/// and nothing else.
class GitUpstream
{
public:
    virtual ~GitUpstream() = default;
    virtual std::unique_ptr<GitExchange> open(const GitRequest &request) = 0;
    /// For the egress row: "github.com" or "local repository".
    virtual QString name() const = 0;
};

} // namespace ovvoc
