#include "link.h"

#include "confine.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <http_parser.h>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <string>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace cellinit {

namespace {

constexpr std::size_t headLimit = 16 * 1024;
constexpr std::size_t bodyQueueLimit = 256 * 1024;
constexpr std::size_t connectionLimit = 256;
/// Connections taken in one turn of the loop: a flood of them does not keep it from the rest.
constexpr int acceptedAtOnce = 64;
/// Pseudo-terminals of a cell. The kernel counts those of all containers together, so a cell that
/// has more is ended.
constexpr int terminalLimit = 64;

class Link;

/// One connection from a program in the cell, and the HTTP/2 stream that carries it out.
struct Connection
{
    Link *link = nullptr;
    int fd = -1;
    std::int32_t streamId = -1;
    bool tunnel = false; ///< CONNECT: bytes pass as they are
    bool headDone = false; ///< the program's request head has been read and sent on
    bool answered = false; ///< the answer's head has been written to the program
    bool requestEnded = false; ///< no more bytes will come from the program
    bool answerEnded = false; ///< no more bytes will come from outside
    bool deferred = false; ///< nghttp2 waits for us to have data
    bool dead = false;
    std::size_t headBytes = 0;
    http_parser parser = {};
    std::string field, value, url;
    bool lastWasValue = false;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string toHost; ///< body or tunnel bytes that wait to go out
    std::string toProgram; ///< bytes that wait for the program to read
    std::size_t unconsumed = 0; ///< of toProgram: bytes that count against the stream's window
    int status = 0;
    std::vector<std::pair<std::string, std::string>> answerHeaders;
    std::uint32_t events = 0;
};

class Link
{
public:
    int run(long deadlineSeconds);

    // Called by nghttp2 and http_parser.
    void onAnswerHeader(std::int32_t streamId, std::string name, std::string value);
    void onAnswerHead(std::int32_t streamId);
    void onAnswerData(std::int32_t streamId, const std::uint8_t *data, std::size_t size);
    void onAnswerEnd(std::int32_t streamId);
    void onStreamClosed(std::int32_t streamId);
    ssize_t readForHost(Connection &connection, std::uint8_t *buffer, std::size_t size,
                        std::uint32_t *flags);
    void sendRequest(Connection &connection);
    void closePort();

private:
    bool setUp(long deadlineSeconds);
    bool setUpSession();
    void accept();
    void readProgram(Connection &connection);
    void writeProgram(Connection &connection);
    void endProgram(Connection &connection);
    void watch(Connection &connection);
    bool readHost();
    bool writeHost();
    void reap();
    Connection *find(std::int32_t streamId);
    void setHostEvents();

    int m_epoll = -1, m_listener = -1, m_signals = -1, m_timer = -1, m_terminals = -1;
    nghttp2_session *m_session = nullptr;
    std::vector<std::unique_ptr<Connection>> m_connections;
    std::string m_toHost;
    bool m_waitForHostOut = false;
    bool m_fatal = false;
};

// The epoll tags of everything that is not a Connection.
int listenerTag, signalTag, timerTag, terminalsTag, hostInTag, hostOutTag;

bool setNonBlocking(int fd)
{
    const int flags = ::fcntl(fd, F_GETFL);
    return flags >= 0 && ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0;
}

bool addToEpoll(int epoll, int fd, std::uint32_t events, void *tag)
{
    epoll_event event = {};
    event.events = events;
    event.data.ptr = tag;
    return ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

Connection &connectionOf(http_parser *parser)
{
    return *static_cast<Connection *>(parser->data);
}

int onUrl(http_parser *parser, const char *at, std::size_t size)
{
    connectionOf(parser).url.append(at, size);
    return 0;
}

int onField(http_parser *parser, const char *at, std::size_t size)
{
    Connection &c = connectionOf(parser);
    if (c.lastWasValue) {
        c.headers.emplace_back(std::move(c.field), std::move(c.value));
        c.field.clear();
        c.value.clear();
        c.lastWasValue = false;
    }
    c.field.append(at, size);
    return 0;
}

int onValue(http_parser *parser, const char *at, std::size_t size)
{
    Connection &c = connectionOf(parser);
    c.value.append(at, size);
    c.lastWasValue = true;
    return 0;
}

int onHeadersComplete(http_parser *parser)
{
    Connection &c = connectionOf(parser);
    if (c.lastWasValue)
        c.headers.emplace_back(std::move(c.field), std::move(c.value));
    c.headDone = true;
    c.tunnel = parser->method == HTTP_CONNECT;
    c.link->sendRequest(c);
    return 0;
}

int onBody(http_parser *parser, const char *at, std::size_t size)
{
    connectionOf(parser).toHost.append(at, size);
    return 0;
}

int onComplete(http_parser *parser)
{
    Connection &c = connectionOf(parser);
    if (!c.tunnel)
        c.requestEnded = true;
    return 0;
}

ssize_t readCallback(nghttp2_session *, std::int32_t, std::uint8_t *buffer, std::size_t size,
                     std::uint32_t *flags, nghttp2_data_source *source, void *)
{
    auto &connection = *static_cast<Connection *>(source->ptr);
    return connection.link->readForHost(connection, buffer, size, flags);
}

const http_parser_settings &parserSettings()
{
    static const http_parser_settings settings = [] {
        http_parser_settings s;
        http_parser_settings_init(&s);
        s.on_url = onUrl;
        s.on_header_field = onField;
        s.on_header_value = onValue;
        s.on_headers_complete = onHeadersComplete;
        s.on_body = onBody;
        s.on_message_complete = onComplete;
        return s;
    }();
    return settings;
}

int terminals()
{
    int count = 0;
    if (DIR *folder = ::opendir("/dev/pts")) {
        while (const dirent *entry = ::readdir(folder))
            count += entry->d_name[0] >= '0' && entry->d_name[0] <= '9';
        ::closedir(folder);
    }
    return count;
}

std::string lowered(std::string text)
{
    for (char &c : text) {
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

bool isHopByHop(const std::string &name)
{
    static constexpr const char *names[] = {"connection",
                                            "proxy-connection",
                                            "keep-alive",
                                            "te",
                                            "transfer-encoding",
                                            "upgrade",
                                            "host",
                                            "expect",
                                            "trailer",
                                            "proxy-authorization"};
    return std::any_of(std::begin(names), std::end(names),
                       [&](const char *hop) { return name == hop; });
}

const char *reason(int status)
{
    switch (status) {
    case 200:
        return "OK";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 502:
        return "Bad Gateway";
    case 504:
        return "Gateway Timeout";
    default:
        return "Status";
    }
}

} // namespace

Connection *Link::find(std::int32_t streamId)
{
    for (const auto &connection : m_connections) {
        if (connection->streamId == streamId && !connection->dead)
            return connection.get();
    }
    return nullptr;
}

bool Link::setUp(long deadlineSeconds)
{
    // Same-user processes in the cell must not open /proc/1/fd or attach to us.
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    if (!confineSelf())
        return false;
    std::signal(SIGPIPE, SIG_IGN);

    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);

    m_epoll = ::epoll_create1(EPOLL_CLOEXEC);
    m_signals = ::signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
    // BOOTTIME also counts while a laptop sleeps; not every sandbox kernel has it.
    m_timer = ::timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    if (m_timer < 0)
        m_timer = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    itimerspec deadline = {};
    deadline.it_value.tv_sec = deadlineSeconds;
    if (m_epoll < 0 || m_signals < 0 || m_timer < 0
        || ::timerfd_settime(m_timer, 0, &deadline, nullptr) != 0)
        return false;

    m_listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(m_listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(linkPort);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(m_listener, reinterpret_cast<sockaddr *>(&address), sizeof address) != 0
        || ::listen(m_listener, 64) != 0)
        return false;
    m_terminals = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    itimerspec often = {};
    often.it_value.tv_nsec = often.it_interval.tv_nsec = 250'000'000;
    if (m_terminals < 0 || ::timerfd_settime(m_terminals, 0, &often, nullptr) != 0)
        return false;
    // The home of every step, as the image's user has it.
    ::mkdir("/tmp/home", 0700);
    return setNonBlocking(0) && setNonBlocking(1)
        && addToEpoll(m_epoll, m_terminals, EPOLLIN, &terminalsTag)
        && addToEpoll(m_epoll, m_listener, EPOLLIN, &listenerTag)
        && addToEpoll(m_epoll, m_signals, EPOLLIN, &signalTag)
        && addToEpoll(m_epoll, m_timer, EPOLLIN, &timerTag)
        && addToEpoll(m_epoll, 0, EPOLLIN, &hostInTag) && setUpSession();
}

bool Link::setUpSession()
{
    nghttp2_session_callbacks *callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(
        callbacks,
        [](nghttp2_session *, const nghttp2_frame *frame, const std::uint8_t *name,
           std::size_t nameSize, const std::uint8_t *value, std::size_t valueSize, std::uint8_t,
           void *self) {
            static_cast<Link *>(self)->onAnswerHeader(
                frame->hd.stream_id, std::string(reinterpret_cast<const char *>(name), nameSize),
                std::string(reinterpret_cast<const char *>(value), valueSize));
            return 0;
        });
    nghttp2_session_callbacks_set_on_frame_recv_callback(
        callbacks, [](nghttp2_session *, const nghttp2_frame *frame, void *self) {
            auto *link = static_cast<Link *>(self);
            if (frame->hd.type == NGHTTP2_PING && !(frame->hd.flags & NGHTTP2_FLAG_ACK)
                && std::memcmp(frame->ping.opaque_data, portCloses, sizeof portCloses) == 0)
                link->closePort();
            if (frame->hd.type == NGHTTP2_HEADERS && (frame->hd.flags & NGHTTP2_FLAG_END_HEADERS))
                link->onAnswerHead(frame->hd.stream_id);
            if ((frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA)
                && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM))
                link->onAnswerEnd(frame->hd.stream_id);
            return 0;
        });
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
        callbacks,
        [](nghttp2_session *, std::uint8_t, std::int32_t streamId, const std::uint8_t *data,
           std::size_t size, void *self) {
            static_cast<Link *>(self)->onAnswerData(streamId, data, size);
            return 0;
        });
    nghttp2_session_callbacks_set_on_stream_close_callback(
        callbacks, [](nghttp2_session *, std::int32_t streamId, std::uint32_t, void *self) {
            static_cast<Link *>(self)->onStreamClosed(streamId);
            return 0;
        });
    nghttp2_option *option = nullptr;
    nghttp2_option_new(&option);
    nghttp2_option_set_no_auto_window_update(option, 1);
    const int made = nghttp2_session_client_new2(&m_session, callbacks, this, option);
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
    if (made != 0)
        return false;
    const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 256 * 1024},
    };
    return nghttp2_submit_settings(m_session, NGHTTP2_FLAG_NONE, settings, 2) == 0
        && nghttp2_session_set_local_window_size(m_session, NGHTTP2_FLAG_NONE, 0, 4 * 1024 * 1024)
        == 0;
}

int Link::run(long deadlineSeconds)
{
    if (!setUp(deadlineSeconds)) {
        std::fprintf(stderr, "cell-init: set-up failed: %s\n", std::strerror(errno));
        return 70;
    }
    epoll_event events[64];
    while (!m_fatal) {
        if (!writeHost())
            return 0;
        const int count = ::epoll_wait(m_epoll, events, 64, -1);
        if (count < 0 && errno != EINTR)
            return 71;
        for (int i = 0; i < count; ++i) {
            void *tag = events[i].data.ptr;
            if (tag == &listenerTag) {
                accept();
            } else if (tag == &signalTag) {
                signalfd_siginfo info;
                while (::read(m_signals, &info, sizeof info) == ssize_t(sizeof info)) {
                    if (info.ssi_signo != SIGCHLD)
                        return 0;
                }
                reap();
            } else if (tag == &timerTag) {
                std::fputs("cell-init: the deadline has passed\n", stderr);
                return 0;
            } else if (tag == &terminalsTag) {
                std::uint64_t ticks = 0;
                if (::read(m_terminals, &ticks, sizeof ticks) > 0 && terminals() > terminalLimit) {
                    std::fprintf(stderr, "cell-init: more than %d terminals\n", terminalLimit);
                    return 0;
                }
            } else if (tag == &hostInTag) {
                // The dead man's switch: the program has gone, so the cell goes.
                if (!readHost())
                    return 0;
            } else if (tag == &hostOutTag) {
                m_waitForHostOut = false;
                ::epoll_ctl(m_epoll, EPOLL_CTL_DEL, 1, nullptr);
            } else {
                auto &connection = *static_cast<Connection *>(tag);
                if (!connection.dead && (events[i].events & (EPOLLOUT | EPOLLHUP | EPOLLERR)))
                    writeProgram(connection);
                if (!connection.dead && (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
                    readProgram(connection);
            }
        }
        for (const auto &connection : m_connections) {
            if (!connection->dead)
                watch(*connection);
        }
        std::erase_if(m_connections, [](const auto &connection) { return connection->dead; });
    }
    return 72;
}

/// Nothing passes any more, and the port is the cell's own again.
void Link::closePort()
{
    if (m_listener < 0)
        return;
    ::epoll_ctl(m_epoll, EPOLL_CTL_DEL, m_listener, nullptr);
    ::close(m_listener);
    m_listener = -1;
    for (const auto &connection : m_connections)
        endProgram(*connection);
}

void Link::reap()
{
    while (::waitpid(-1, nullptr, WNOHANG) > 0) { }
}

void Link::accept()
{
    for (int i = 0; i < acceptedAtOnce; ++i) {
        const int fd = ::accept4(m_listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        if (m_connections.size() >= connectionLimit) {
            ::close(fd);
            continue;
        }
        const int on = 1;
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        auto connection = std::make_unique<Connection>();
        connection->link = this;
        connection->fd = fd;
        http_parser_init(&connection->parser, HTTP_REQUEST);
        connection->parser.data = connection.get();
        connection->events = EPOLLIN;
        if (!addToEpoll(m_epoll, fd, EPOLLIN, connection.get())) {
            ::close(fd);
            continue;
        }
        m_connections.push_back(std::move(connection));
    }
}

/// Asks epoll for exactly what this connection can use now.
void Link::watch(Connection &connection)
{
    std::uint32_t wanted = 0;
    const bool wantsMore = !connection.requestEnded && connection.toHost.size() < bodyQueueLimit;
    if (wantsMore)
        wanted |= EPOLLIN;
    if (!connection.toProgram.empty())
        wanted |= EPOLLOUT;
    if (wanted == connection.events)
        return;
    connection.events = wanted;
    epoll_event event = {};
    event.events = wanted;
    event.data.ptr = &connection;
    ::epoll_ctl(m_epoll, EPOLL_CTL_MOD, connection.fd, &event);
}

void Link::readProgram(Connection &connection)
{
    char buffer[64 * 1024];
    while (!connection.dead && !connection.requestEnded
           && connection.toHost.size() < bodyQueueLimit) {
        const ssize_t size = ::read(connection.fd, buffer, sizeof buffer);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            break;
        if (size <= 0) {
            connection.requestEnded = true;
            if (!connection.headDone || size < 0) {
                endProgram(connection);
                return;
            }
            break;
        }
        const char *data = buffer;
        auto left = std::size_t(size);
        if (!(connection.headDone && connection.tunnel)) {
            if (!connection.headDone && (connection.headBytes += left) > headLimit) {
                endProgram(connection);
                return;
            }
            const std::size_t used =
                http_parser_execute(&connection.parser, &parserSettings(), data, left);
            data += used;
            left -= used;
            if (!connection.tunnel && left > 0 && !connection.requestEnded) {
                endProgram(connection);
                return;
            }
        }
        if (connection.tunnel)
            connection.toHost.append(data, left);
    }
    if (connection.deferred && connection.streamId >= 0
        && (!connection.toHost.empty() || connection.requestEnded)) {
        connection.deferred = false;
        nghttp2_session_resume_data(m_session, connection.streamId);
    }
}

void Link::sendRequest(Connection &connection)
{
    std::string method = http_method_str(http_method(connection.parser.method));
    std::string authority, path;
    std::vector<std::pair<std::string, std::string>> fields;
    for (auto &[name, value] : connection.headers) {
        std::string key = lowered(name);
        if (key == "host")
            authority = value;
        if (!isHopByHop(key))
            fields.emplace_back(std::move(key), std::move(value));
    }
    std::string scheme = "http";
    if (connection.tunnel) {
        authority = connection.url;
    } else if (!connection.url.empty() && connection.url[0] == '/') {
        path = connection.url;
    } else {
        // Absolute form: a plain request through the proxy. The gate decides.
        const auto start = connection.url.find("://");
        const auto rest = start == std::string::npos ? 0 : start + 3;
        const auto slash = connection.url.find('/', rest);
        if (start != std::string::npos)
            scheme = lowered(connection.url.substr(0, start));
        authority = connection.url.substr(rest, slash == std::string::npos ? slash : slash - rest);
        path = slash == std::string::npos ? "/" : connection.url.substr(slash);
    }
    std::vector<nghttp2_nv> nva;
    const auto add = [&nva](const std::string &name, const std::string &value) {
        nva.push_back(
            {const_cast<std::uint8_t *>(reinterpret_cast<const std::uint8_t *>(name.data())),
             const_cast<std::uint8_t *>(reinterpret_cast<const std::uint8_t *>(value.data())),
             name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
    };
    static const std::string methodName = ":method", schemeName = ":scheme",
                             authorityName = ":authority", pathName = ":path";
    add(methodName, method);
    if (!connection.tunnel) {
        add(schemeName, scheme);
        add(pathName, path);
    }
    add(authorityName, authority);
    for (const auto &[name, value] : fields)
        add(name, value);
    nghttp2_data_provider provider = {};
    provider.source.ptr = &connection;
    provider.read_callback = readCallback;
    const bool body = connection.tunnel || (connection.parser.flags & F_CHUNKED) != 0
        || (connection.parser.content_length > 0 && connection.parser.content_length != UINT64_MAX);
    connection.streamId = nghttp2_submit_request(m_session, nullptr, nva.data(), nva.size(),
                                                 body ? &provider : nullptr, nullptr);
    if (connection.streamId < 0)
        connection.requestEnded = connection.answerEnded = true;
}

ssize_t Link::readForHost(Connection &connection, std::uint8_t *buffer, std::size_t size,
                          std::uint32_t *flags)
{
    const std::size_t count = std::min(size, connection.toHost.size());
    std::memcpy(buffer, connection.toHost.data(), count);
    connection.toHost.erase(0, count);
    if (connection.toHost.empty() && connection.requestEnded) {
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    } else if (count == 0) {
        connection.deferred = true;
        return NGHTTP2_ERR_DEFERRED;
    }
    return ssize_t(count);
}

void Link::onAnswerHeader(std::int32_t streamId, std::string name, std::string value)
{
    Connection *connection = find(streamId);
    if (!connection || connection->answerHeaders.size() > 64)
        return;
    if (name == ":status")
        connection->status = std::atoi(value.c_str());
    else if (name[0] != ':')
        connection->answerHeaders.emplace_back(std::move(name), std::move(value));
}

void Link::onAnswerHead(std::int32_t streamId)
{
    Connection *connection = find(streamId);
    if (!connection || connection->answered)
        return;
    connection->answered = true;
    std::string head = "HTTP/1.1 " + std::to_string(connection->status) + ' '
        + reason(connection->status) + "\r\n";
    if (connection->tunnel && connection->status / 100 == 2) {
        head += "\r\n";
    } else {
        connection->tunnel = false;
        for (const auto &[name, value] : connection->answerHeaders)
            head += name + ": " + value + "\r\n";
        head += "Connection: close\r\n\r\n";
    }
    connection->toProgram += head;
    writeProgram(*connection);
}

void Link::onAnswerData(std::int32_t streamId, const std::uint8_t *data, std::size_t size)
{
    Connection *connection = find(streamId);
    if (!connection) {
        nghttp2_session_consume(m_session, streamId, size);
        return;
    }
    connection->toProgram.append(reinterpret_cast<const char *>(data), size);
    connection->unconsumed += size;
    writeProgram(*connection);
}

void Link::onAnswerEnd(std::int32_t streamId)
{
    if (Connection *connection = find(streamId)) {
        connection->answerEnded = true;
        writeProgram(*connection);
    }
}

void Link::onStreamClosed(std::int32_t streamId)
{
    Connection *connection = find(streamId);
    if (!connection)
        return;
    if (!connection->answerEnded) {
        // The gate reset it: the program must see a broken connection, not a short answer.
        const linger hard = {1, 0};
        ::setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        endProgram(*connection);
        return;
    }
    connection->streamId = -1;
    connection->requestEnded = true;
    writeProgram(*connection);
}

void Link::writeProgram(Connection &connection)
{
    while (!connection.toProgram.empty()) {
        const ssize_t size =
            ::write(connection.fd, connection.toProgram.data(), connection.toProgram.size());
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return;
        if (size < 0) {
            endProgram(connection);
            return;
        }
        connection.toProgram.erase(0, std::size_t(size));
        // The window opens again only for what the program has really taken.
        const std::size_t still = std::min(connection.unconsumed, connection.toProgram.size());
        const std::size_t consumed = connection.unconsumed - still;
        connection.unconsumed = still;
        if (consumed > 0 && connection.streamId >= 0)
            nghttp2_session_consume(m_session, connection.streamId, consumed);
        else if (consumed > 0)
            nghttp2_session_consume_connection(m_session, consumed);
    }
    if (connection.answerEnded) {
        if (connection.tunnel && !connection.requestEnded)
            ::shutdown(connection.fd, SHUT_WR);
        else
            endProgram(connection);
    }
}

void Link::endProgram(Connection &connection)
{
    if (connection.dead)
        return;
    connection.dead = true;
    if (connection.unconsumed > 0)
        nghttp2_session_consume_connection(m_session, connection.unconsumed);
    if (connection.streamId >= 0) {
        // nghttp2 must not call the data source of a connection that is gone.
        nghttp2_submit_rst_stream(m_session, NGHTTP2_FLAG_NONE, connection.streamId,
                                  NGHTTP2_CANCEL);
        connection.requestEnded = true;
        connection.toHost.clear();
    }
    ::epoll_ctl(m_epoll, EPOLL_CTL_DEL, connection.fd, nullptr);
    ::close(connection.fd);
}

bool Link::readHost()
{
    std::uint8_t buffer[64 * 1024];
    for (;;) {
        const ssize_t size = ::read(0, buffer, sizeof buffer);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return true;
        if (size <= 0)
            return false;
        if (nghttp2_session_mem_recv(m_session, buffer, std::size_t(size)) < 0) {
            std::fputs("cell-init: the link's protocol is broken\n", stderr);
            return false;
        }
        // Dead connections stay in the list until the loop's end, so no pointer dangles here.
    }
}

bool Link::writeHost()
{
    while (!m_waitForHostOut) {
        if (m_toHost.empty()) {
            const std::uint8_t *data = nullptr;
            const ssize_t size = nghttp2_session_mem_send(m_session, &data);
            if (size < 0)
                return false;
            if (size == 0)
                return true;
            m_toHost.assign(reinterpret_cast<const char *>(data), std::size_t(size));
        }
        const ssize_t size = ::write(1, m_toHost.data(), m_toHost.size());
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            m_waitForHostOut = addToEpoll(m_epoll, 1, EPOLLOUT, &hostOutTag);
            return m_waitForHostOut;
        }
        if (size < 0)
            return false;
        m_toHost.erase(0, std::size_t(size));
    }
    return true;
}

int runLink(long deadlineSeconds)
{
    static Link link;
    return link.run(deadlineSeconds);
}

} // namespace cellinit
