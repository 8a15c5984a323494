#pragma once

#include "base/completion.h"
#include "base/result.h"

#include <QIODevice>
#include <memory>

namespace ovvoc {

/// A connection as coroutines read and write it. Owns its device; lives on one thread.
///
/// At most one read() and one drained() may wait at a time. Reading is demand driven: the device's
/// own read buffer is bounded, so a peer that sends faster than we read is held back by the socket.
class ByteStream : public QObject
{
    Q_OBJECT
public:
    static constexpr qint64 readBufferBytes = 256 * 1024;

    explicit ByteStream(std::unique_ptr<QIODevice> device);
    ~ByteStream() override;

    /// The next bytes, at least one; an empty array when the peer has ended the stream in order.
    TaskResult<QByteArray> read(qint64 maximum = 64 * 1024);
    /// Bytes that are there now, without waiting. Empty when there are none.
    QByteArray readAvailable(qint64 maximum);
    /// Puts bytes back, to be read first. For what a parser read too far.
    void unread(const QByteArray &bytes);

    /// Queues \a bytes. Fails when the connection has ended.
    Result<> write(const QByteArray &bytes);
    /// Waits until at most \a low bytes are queued.
    TaskResult<> drained(qint64 low = 0);
    qint64 queuedBytes() const { return m_device ? m_device->bytesToWrite() : 0; }

    /// Ends both directions now. Whoever waits gets \a reason.
    void abort(const Error &reason);
    bool isEnded() const { return m_ended; }
    bool hasUnread() const { return !m_unread.isEmpty(); }

signals:
    /// New bytes can be read, or the stream has ended.
    void readable();
    /// Queued bytes have left.
    void written();

private:
    void end(std::optional<Error> reason);
    std::unique_ptr<QIODevice> m_device;
    QByteArray m_unread;
    Wakeup m_readable;
    Wakeup m_written;
    std::optional<Error> m_error;
    bool m_ended = false;
};

} // namespace ovvoc
