#include "engine/bytestream.h"

#include <QLocalSocket>
#include <QPointer>
#include <QTcpSocket>

namespace ovvoc {

ByteStream::ByteStream(std::unique_ptr<QIODevice> device)
    : m_device(std::move(device))
{
    connect(m_device.get(), &QIODevice::readyRead, this, [this] {
        m_readable.raise();
        emit readable();
    });
    connect(m_device.get(), &QIODevice::bytesWritten, this, [this] {
        m_written.raise();
        emit written();
    });
    connect(m_device.get(), &QIODevice::readChannelFinished, this, [this] { end({}); });
    if (auto *local = qobject_cast<QLocalSocket *>(m_device.get())) {
        local->setReadBufferSize(readBufferBytes);
        connect(local, &QLocalSocket::disconnected, this, [this] { end({}); });
    } else if (auto *tcp = qobject_cast<QAbstractSocket *>(m_device.get())) {
        tcp->setReadBufferSize(readBufferBytes);
        connect(tcp, &QAbstractSocket::disconnected, this, [this] { end({}); });
    }
}

ByteStream::~ByteStream()
{
    if (!m_device)
        return;
    m_device->disconnect(this);
    // The device may be inside one of its own signals right now.
    m_device->close();
    m_device.release()->deleteLater();
}

void ByteStream::end(std::optional<Error> reason)
{
    if (m_ended)
        return;
    m_ended = true;
    m_error = std::move(reason);
    m_readable.raise();
    m_written.raise();
    emit readable();
}

void ByteStream::abort(const Error &reason)
{
    if (!m_ended)
        end(reason);
    m_unread.clear();
    if (auto *local = qobject_cast<QLocalSocket *>(m_device.get()))
        local->abort();
    else if (auto *tcp = qobject_cast<QAbstractSocket *>(m_device.get()))
        tcp->abort();
    else if (m_device)
        m_device->close();
}

QByteArray ByteStream::readAvailable(qint64 maximum)
{
    if (!m_unread.isEmpty()) {
        const QByteArray bytes = m_unread.left(maximum);
        m_unread.remove(0, bytes.size());
        return bytes;
    }
    if (!m_device || !m_device->isOpen())
        return {};
    return m_device->read(std::min(maximum, m_device->bytesAvailable()));
}

void ByteStream::unread(const QByteArray &bytes)
{
    m_unread.prepend(bytes);
    if (!m_unread.isEmpty())
        m_readable.raise();
}

TaskResult<QByteArray> ByteStream::read(qint64 maximum)
{
    QPointer<ByteStream> self(this);
    const Wakeup readable = m_readable;
    for (;;) {
        if (!self)
            co_return fail(ErrorCode::Cancelled, tr("The connection was closed."));
        QByteArray bytes = readAvailable(maximum);
        if (!bytes.isEmpty())
            co_return bytes;
        if (m_error)
            co_return fail(*m_error);
        if (m_ended)
            co_return QByteArray();
        co_await readable;
    }
}

Result<> ByteStream::write(const QByteArray &bytes)
{
    if (m_error)
        return fail(*m_error);
    if (m_ended || m_device->write(bytes) != bytes.size())
        return fail(ErrorCode::EngineLost, tr("The connection ended while data was being sent."));
    return {};
}

TaskResult<> ByteStream::drained(qint64 low)
{
    QPointer<ByteStream> self(this);
    const Wakeup written = m_written;
    for (;;) {
        if (!self)
            co_return fail(ErrorCode::Cancelled, tr("The connection was closed."));
        if (m_error)
            co_return fail(*m_error);
        if (m_ended)
            co_return fail(ErrorCode::EngineLost,
                           tr("The connection ended while data was being sent."));
        if (m_device->bytesToWrite() <= low)
            co_return {};
        co_await written;
    }
}

} // namespace ovvoc
