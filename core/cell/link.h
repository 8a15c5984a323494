#pragma once

#include "engine/bytestream.h"
#include "engine/rawstream.h"

#include <QHash>
#include <QList>
#include <QPointer>
#include <memory>

struct nghttp2_session;

namespace ovvoc {

class CellLink;

/// One request that came out of a cell: an HTTP/2 stream. Owned by its CellLink, which deletes it
/// when the stream is closed; hold a QPointer.
class LinkStream : public QObject
{
    Q_OBJECT
public:
    using Headers = QList<std::pair<QByteArray, QByteArray>>;

    QByteArray method;
    QByteArray authority;
    QByteArray path;
    QByteArray scheme;
    Headers headers; ///< lower-case names, without pseudo-headers
    QByteArray header(const char *name) const;

    /// Sends the answer's head. With \a end nothing follows.
    void respond(int status, const Headers &fields = {}, bool end = false);
    /// Queues bytes of the answer. Stay under queueLimit: wait for drained() when queued() is more.
    void send(const QByteArray &bytes);
    void finish(); ///< ends the answer after what is queued
    void reset(); ///< ends both directions now
    qint64 queued() const { return m_queue.size(); }
    static constexpr qint64 queueLimit = 256 * 1024;

    /// Opens the cell's window again by \a size bytes, after they have been passed on. At most
    /// streamWindow bytes that were not consumed can be under way.
    void consumed(qint64 size);
    bool inputEnded() const { return m_inputEnded; }

signals:
    void received(const QByteArray &bytes);
    void receivedEnd();
    void drained();
    void closed();

private:
    friend class CellLink;
    explicit LinkStream(CellLink *link, qint32 id);
    CellLink *m_link;
    qint32 m_id;
    QByteArray m_queue;
    qsizetype m_headerBytes = 0;
    qint64 m_unconsumed = 0;
    bool m_finished = false;
    bool m_deferred = false;
    bool m_responded = false;
    bool m_inputEnded = false;
    bool m_closed = false;
};

/// What a cell may ask of us. Implemented by the gate.
class LinkHandler
{
public:
    virtual ~LinkHandler() = default;
    /// A complete request head. Called inside the link's reader: answer now or later, but do not
    /// delete the link here.
    virtual void handleRequest(LinkStream *stream) = 0;
};

/// The host's end of the HTTP/2 connection that runs over a cell's attach stream (nghttp2; we are
/// the server). The bytes are hostile: headers, streams, windows and memory are bounded, and a
/// protocol error ends the link. Lives on the core thread.
class CellLink : public QObject
{
    Q_OBJECT
public:
    static constexpr int maximumStreams = 128;
    static constexpr qsizetype maximumHeaderBytes = 16 * 1024;
    static constexpr int streamWindow = 256 * 1024;
    static constexpr int connectionWindow = 4 * 1024 * 1024;
    static constexpr qint64 outputLimit = 512 * 1024;
    static constexpr qsizetype diagnosticsLimit = 16 * 1024;

    CellLink(std::unique_ptr<ByteStream> stream, LinkHandler *handler);
    ~CellLink() override;

    /// Feeds bytes as if they had come from the cell, already taken out of the engine's stream.
    /// Used by the reader itself, and by the fuzz target.
    Result<> feed(QByteArrayView bytes);

    /// Waits for cell-init's connection preface. Timeout after \a timeoutMs.
    TaskResult<> waitReady(int timeoutMs);
    /// Resets every open stream.
    void resetAll();
    /// Gives the port inside the cell back, for good, and waits until cell-init says that it is so.
    /// Timeout after \a timeoutMs.
    TaskResult<> closePort(int timeoutMs = 10'000);
    /// What cell-init wrote to its standard error, the first 16 KiB.
    QByteArray diagnostics() const { return m_diagnostics; }
    bool isLost() const { return m_lost; }
    void close();

signals:
    /// The cell's process 1 has gone or broke the protocol. Emitted once.
    void lost(const ovvoc::Error &reason);

private:
    friend class LinkStream;
    struct Callbacks;
    void readAttach();
    void schedulePump();
    void pump();
    void lose(const Error &reason);
    Error whyEnded() const;
    LinkStream *find(qint32 id) const { return m_streams.value(id); }

    std::unique_ptr<ByteStream> m_stream;
    LinkHandler *m_handler;
    StreamDemultiplexer m_demultiplexer;
    nghttp2_session *m_session = nullptr;
    QHash<qint32, LinkStream *> m_streams;
    QByteArray m_diagnostics;
    Completion<Result<>> m_ready;
    Completion<Result<>> m_portClosed;
    bool m_pumpScheduled = false;
    bool m_inCallback = false;
    bool m_lost = false;
    bool m_closing = false;
};

} // namespace ovvoc
