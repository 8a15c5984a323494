#include "cell/link.h"

#include "base/logging.h"

#include <nghttp2/nghttp2.h>
#include <vector>

namespace ovvoc {

namespace {

/// As core/cell/init/link.h has it.
constexpr uint8_t portCloses[8] = {'g', 'a', 't', 'e', 's', 'h', 'u', 't'};

} // namespace

LinkStream::LinkStream(CellLink *link, qint32 id)
    : QObject(link)
    , m_link(link)
    , m_id(id)
{ }

QByteArray LinkStream::header(const char *name) const
{
    for (const auto &[key, value] : headers) {
        if (key == name)
            return value;
    }
    return {};
}

/// The callbacks of nghttp2, which are plain functions with a user pointer.
struct CellLink::Callbacks
{
    static int beginHeaders(nghttp2_session *, const nghttp2_frame *frame, void *user)
    {
        auto *link = static_cast<CellLink *>(user);
        if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST)
            link->m_streams.insert(frame->hd.stream_id, new LinkStream(link, frame->hd.stream_id));
        return 0;
    }

    static int header(nghttp2_session *, const nghttp2_frame *frame, const uint8_t *name,
                      size_t nameSize, const uint8_t *value, size_t valueSize, uint8_t, void *user)
    {
        LinkStream *stream = static_cast<CellLink *>(user)->find(frame->hd.stream_id);
        if (!stream)
            return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
        const QByteArray key(reinterpret_cast<const char *>(name), qsizetype(nameSize));
        const QByteArray text(reinterpret_cast<const char *>(value), qsizetype(valueSize));
        stream->m_headerBytes += key.size() + text.size() + 32;
        if (stream->m_headerBytes > maximumHeaderBytes)
            return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
        if (key == ":method")
            stream->method = text;
        else if (key == ":authority")
            stream->authority = text;
        else if (key == ":path")
            stream->path = text;
        else if (key == ":scheme")
            stream->scheme = text;
        else if (!key.startsWith(':'))
            stream->headers.append({key, text});
        return 0;
    }

    static int frameReceived(nghttp2_session *, const nghttp2_frame *frame, void *user)
    {
        auto *link = static_cast<CellLink *>(user);
        if (frame->hd.type == NGHTTP2_SETTINGS)
            link->m_ready.set(Result<>());
        if (frame->hd.type == NGHTTP2_PING && (frame->hd.flags & NGHTTP2_FLAG_ACK)
            && std::equal(std::begin(portCloses), std::end(portCloses), frame->ping.opaque_data))
            link->m_portClosed.set(Result<>());
        LinkStream *stream = link->find(frame->hd.stream_id);
        if (!stream)
            return 0;
        if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
            stream->m_inputEnded = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;
            link->m_handler->handleRequest(stream);
        } else if ((frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS)
                   && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM)) {
            stream->m_inputEnded = true;
            emit stream->receivedEnd();
        }
        return 0;
    }

    static int dataReceived(nghttp2_session *session, uint8_t, int32_t id, const uint8_t *data,
                            size_t size, void *user)
    {
        LinkStream *stream = static_cast<CellLink *>(user)->find(id);
        if (!stream) {
            nghttp2_session_consume_connection(session, size);
            return 0;
        }
        stream->m_unconsumed += qint64(size);
        emit stream->received(QByteArray(reinterpret_cast<const char *>(data), qsizetype(size)));
        return 0;
    }

    static int streamClosed(nghttp2_session *session, int32_t id, uint32_t, void *user)
    {
        auto *link = static_cast<CellLink *>(user);
        LinkStream *stream = link->m_streams.take(id);
        if (!stream)
            return 0;
        if (stream->m_unconsumed > 0)
            nghttp2_session_consume_connection(session, size_t(stream->m_unconsumed));
        stream->m_unconsumed = 0;
        stream->m_closed = true;
        emit stream->closed();
        stream->deleteLater();
        return 0;
    }

    static ssize_t readData(nghttp2_session *, int32_t, uint8_t *buffer, size_t size,
                            uint32_t *flags, nghttp2_data_source *source, void *)
    {
        auto *stream = static_cast<LinkStream *>(source->ptr);
        const qsizetype count = std::min(qsizetype(size), stream->m_queue.size());
        if (count == 0 && !stream->m_finished) {
            stream->m_deferred = true;
            return NGHTTP2_ERR_DEFERRED;
        }
        std::copy_n(stream->m_queue.constData(), count, reinterpret_cast<char *>(buffer));
        stream->m_queue.remove(0, count);
        if (stream->m_queue.isEmpty() && stream->m_finished)
            *flags |= NGHTTP2_DATA_FLAG_EOF;
        else if (stream->m_queue.size() < LinkStream::queueLimit / 2)
            QMetaObject::invokeMethod(stream, &LinkStream::drained, Qt::QueuedConnection);
        return ssize_t(count);
    }
};

void LinkStream::respond(int status, const Headers &fields, bool end)
{
    if (m_closed || m_responded)
        return;
    m_responded = true;
    const QByteArray code = QByteArray::number(status);
    std::vector<nghttp2_nv> nva;
    const auto add = [&nva](const QByteArray &name, const QByteArray &value) {
        nva.push_back({reinterpret_cast<uint8_t *>(const_cast<char *>(name.constData())),
                       reinterpret_cast<uint8_t *>(const_cast<char *>(value.constData())),
                       size_t(name.size()), size_t(value.size()), NGHTTP2_NV_FLAG_NONE});
    };
    static const QByteArray statusName = ":status";
    add(statusName, code);
    for (const auto &[name, value] : fields)
        add(name, value);
    nghttp2_data_provider provider = {};
    provider.source.ptr = this;
    provider.read_callback = CellLink::Callbacks::readData;
    nghttp2_submit_response(m_link->m_session, m_id, nva.data(), nva.size(),
                            end ? nullptr : &provider);
    m_finished = m_finished || end;
    m_link->schedulePump();
}

void LinkStream::send(const QByteArray &bytes)
{
    if (m_closed || m_finished || bytes.isEmpty())
        return;
    m_queue += bytes;
    if (std::exchange(m_deferred, false))
        nghttp2_session_resume_data(m_link->m_session, m_id);
    m_link->schedulePump();
}

void LinkStream::finish()
{
    if (m_closed || m_finished)
        return;
    m_finished = true;
    if (std::exchange(m_deferred, false))
        nghttp2_session_resume_data(m_link->m_session, m_id);
    m_link->schedulePump();
}

void LinkStream::reset()
{
    if (m_closed)
        return;
    nghttp2_submit_rst_stream(m_link->m_session, NGHTTP2_FLAG_NONE, m_id, NGHTTP2_CANCEL);
    m_link->schedulePump();
}

void LinkStream::consumed(qint64 size)
{
    if (m_closed)
        return;
    size = std::min(size, m_unconsumed);
    m_unconsumed -= size;
    nghttp2_session_consume(m_link->m_session, m_id, size_t(size));
    m_link->schedulePump();
}

CellLink::CellLink(std::unique_ptr<ByteStream> stream, LinkHandler *handler)
    : m_stream(std::move(stream))
    , m_handler(handler)
{
    nghttp2_session_callbacks *callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, Callbacks::beginHeaders);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, Callbacks::header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, Callbacks::frameReceived);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, Callbacks::dataReceived);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, Callbacks::streamClosed);
    nghttp2_option *option = nullptr;
    nghttp2_option_new(&option);
    nghttp2_option_set_no_auto_window_update(option, 1);
    nghttp2_option_set_max_outbound_ack(option, 256);
    nghttp2_option_set_max_settings(option, 16);
    nghttp2_session_server_new2(&m_session, callbacks, this, option);
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
    const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, maximumStreams},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, streamWindow},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, maximumHeaderBytes},
        {NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, 4096},
    };
    nghttp2_submit_settings(m_session, NGHTTP2_FLAG_NONE, settings, std::size(settings));
    nghttp2_session_set_local_window_size(m_session, NGHTTP2_FLAG_NONE, 0, connectionWindow);
    if (m_stream) {
        connect(m_stream.get(), &ByteStream::readable, this, &CellLink::readAttach);
        connect(m_stream.get(), &ByteStream::written, this, &CellLink::schedulePump);
        schedulePump();
        QMetaObject::invokeMethod(this, &CellLink::readAttach, Qt::QueuedConnection);
    }
}

CellLink::~CellLink()
{
    m_closing = true;
    const auto streams = std::exchange(m_streams, {});
    for (LinkStream *stream : streams) {
        stream->m_closed = true;
        emit stream->closed();
    }
    nghttp2_session_del(m_session);
}

TaskResult<> CellLink::waitReady(int timeoutMs)
{
    const Completion<Result<>> ready = m_ready;
    QTimer::singleShot(timeoutMs, this, [ready, timeoutMs] {
        ready.set(fail(ErrorCode::Timeout,
                       QStringLiteral("The cell did not answer within %1 s of its start. The "
                                      "machine may be overloaded; try again.")
                           .arg(timeoutMs / 1000)));
    });
    co_return co_await ready;
}

TaskResult<> CellLink::closePort(int timeoutMs)
{
    if (m_lost)
        co_return fail(ErrorCode::EngineLost, QStringLiteral("The cell has ended."));
    const Completion<Result<>> done = m_portClosed;
    nghttp2_submit_ping(m_session, NGHTTP2_FLAG_NONE, portCloses);
    schedulePump();
    QTimer::singleShot(timeoutMs, this, [done] {
        done.set(fail(ErrorCode::Timeout,
                      QStringLiteral("The cell did not answer. The machine may be overloaded; try "
                                     "again.")));
    });
    co_return co_await done;
}

void CellLink::readAttach()
{
    while (!m_lost && m_stream) {
        const QByteArray bytes = m_stream->readAvailable(64 * 1024);
        if (bytes.isEmpty())
            break;
        Result<> linked;
        const auto framed =
            m_demultiplexer.feed(bytes, [&](OutputChannel channel, QByteArrayView payload) {
                if (channel == OutputChannel::Stderr)
                    m_diagnostics += payload.first(
                        std::min(payload.size(), diagnosticsLimit - m_diagnostics.size()));
                else if (linked)
                    linked = feed(payload);
            });
        if (!framed)
            return lose(framed.error());
        if (!linked)
            return lose(linked.error());
    }
    if (!m_lost && m_stream && m_stream->isEnded())
        lose(whyEnded());
}

/// What process 1 said at its end, when it said something.
Error CellLink::whyEnded() const
{
    const QString words = QString::fromUtf8(m_diagnostics);
    if (words.contains(QLatin1String("more than")) && words.contains(QLatin1String("terminals")))
        return {ErrorCode::TooLarge,
                QStringLiteral("The cell was ended, because something in it opened more terminals "
                               "than it may have."),
                words};
    if (words.contains(QLatin1String("the deadline has passed")))
        return {ErrorCode::Timeout,
                QStringLiteral("The cell has reached the end of its lifetime. Raise the phases' "
                               "limit if the job needs more time."),
                words};
    return {ErrorCode::EngineLost,
            QStringLiteral("The cell has ended before the job did. It may have been removed from "
                           "outside, or the engine was stopped."),
            words};
}

Result<> CellLink::feed(QByteArrayView bytes)
{
    m_inCallback = true;
    const ssize_t used = nghttp2_session_mem_recv(
        m_session, reinterpret_cast<const uint8_t *>(bytes.data()), size_t(bytes.size()));
    m_inCallback = false;
    schedulePump();
    if (used < 0)
        return fail(ErrorCode::Protocol,
                    QStringLiteral("The cell broke the protocol of its link. The job was ended to "
                                   "be safe."),
                    QString::fromUtf8(nghttp2_strerror(int(used))));
    return {};
}

void CellLink::schedulePump()
{
    if (m_pumpScheduled || m_lost || m_closing)
        return;
    m_pumpScheduled = true;
    QMetaObject::invokeMethod(this, &CellLink::pump, Qt::QueuedConnection);
}

void CellLink::pump()
{
    m_pumpScheduled = false;
    while (!m_lost && m_stream && m_stream->queuedBytes() < outputLimit) {
        const uint8_t *data = nullptr;
        const ssize_t size = nghttp2_session_mem_send(m_session, &data);
        if (size == 0)
            break;
        if (size < 0
            || !m_stream->write(QByteArray(reinterpret_cast<const char *>(data), qsizetype(size))))
            return lose({ErrorCode::EngineLost,
                         QStringLiteral("The cell's link broke while data was being sent."),
                         {}});
    }
    // nghttp2 wants nothing more: it has sent GOAWAY after a protocol error.
    if (!m_lost && !nghttp2_session_want_read(m_session) && !nghttp2_session_want_write(m_session))
        lose({ErrorCode::Protocol,
              QStringLiteral("The cell broke the protocol of its link. The job was ended to be "
                             "safe."),
              {}});
}

void CellLink::resetAll()
{
    const auto streams = m_streams.values();
    for (LinkStream *stream : streams)
        stream->reset();
}

void CellLink::lose(const Error &reason)
{
    if (m_lost)
        return;
    m_lost = true;
    m_ready.set(fail(reason));
    m_portClosed.set(fail(reason));
    const auto streams = std::exchange(m_streams, {});
    for (LinkStream *stream : streams) {
        stream->m_closed = true;
        emit stream->closed();
        stream->deleteLater();
    }
    if (!m_closing) {
        if (m_stream)
            m_stream->abort(reason);
        emit lost(reason);
    }
}

void CellLink::close()
{
    m_closing = true;
    if (m_stream)
        m_stream->abort({ErrorCode::Cancelled, QStringLiteral("The cell was closed."), {}});
    lose({ErrorCode::Cancelled, QStringLiteral("The cell was closed."), {}});
}

} // namespace ovvoc
