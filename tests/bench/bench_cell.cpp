// What a cell and its gate cost on the real engine, each beside a baseline from the same run.

#include "bench/bench.h"
#include "support/testsupport.h"

#include <QCoreApplication>
#include <QProcess>
#include <QTcpServer>
#include <QTcpSocket>

using namespace ovvoc;
using namespace ovvoc::bench;
using namespace ovvoc::test;

namespace {

constexpr qint64 total = Q_INT64_C(256) << 20;

struct NoRequests : LinkHandler
{
    void handleRequest(LinkStream *stream) override { stream->respond(403, {}, true); }
};

class Loopback final : public Resolver
{
public:
    TaskResult<QList<QHostAddress>> resolve(QString) override
    {
        const QList<QHostAddress> found{QHostAddress(QHostAddress::LocalHost)};
        co_return found;
    }
};

/// Sends \c total bytes to whoever says something.
class Source : public QTcpServer
{
public:
    Source()
    {
        listen(QHostAddress::LocalHost);
        connect(this, &QTcpServer::newConnection, this, [this] {
            QTcpSocket *socket = nextPendingConnection();
            auto left = std::make_shared<qint64>(total);
            const auto pour = [socket, left] {
                while (*left > 0 && socket->bytesToWrite() < 1 << 20) {
                    const qint64 size = std::min<qint64>(*left, 256 * 1024);
                    socket->write(QByteArray(size, 'x'));
                    *left -= size;
                }
                if (*left == 0 && socket->bytesToWrite() == 0)
                    socket->disconnectFromHost();
            };
            connect(socket, &QTcpSocket::readyRead, socket, [socket, pour] {
                socket->readAll();
                pour();
            });
            connect(socket, &QTcpSocket::bytesWritten, socket, pour);
        });
    }
};

const char client[] = R"(
import socket, ssl, sys
host, port = '%1', %2
if len(sys.argv) > 1:
    s = socket.create_connection((host, port))
else:
    s = socket.create_connection(('127.0.0.1', 9080))
    s.sendall(b'CONNECT registry.invalid:%d HTTP/1.1\r\n\r\n' % port)
    s.recv(4096)
c = ssl.create_default_context(); c.check_hostname = False; c.verify_mode = ssl.CERT_NONE
i, o = ssl.MemoryBIO(), ssl.MemoryBIO()
try: c.wrap_bio(i, o, server_hostname='registry.invalid').do_handshake()
except ssl.SSLWantReadError: pass
s.sendall(o.read())
got = 0
while True:
    piece = s.recv(1 << 20)
    if not piece: break
    got += len(piece)
print(got)
)";

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    const auto engine = RealEngine::connect();
    if (!engine) {
        std::fprintf(stderr, "%s\n", qPrintable(engine.error().message));
        return 1;
    }
    CellSpec spec = smallCell(*engine);
    spec.limits.cpus = 2;
    spec.limits.memoryBytes = Q_INT64_C(512) << 20;
    NoRequests nobody;

    const double cell = median(5, [&] {
        auto made = await(Cell::create(engine->client, spec, &nobody));
        if (made)
            (void)await((*made)->destroy());
    });
    const QString image = engine->image.id;
    const double docker = median(5, [&] {
        QProcess process;
        process.start("docker",
                      {"run", "--rm", "--network", "none", "--read-only", "--entrypoint",
                       "/bin/true", image});
        process.waitForFinished(60'000);
    });
    report("cell: created, attached, ready, destroyed", cell, "docker run --rm … true", docker);

    Source source;
    Gate gate(std::make_shared<Loopback>(), ProxySetting{ProxySetting::Mode::Off, {}, 0});
    gate.open({{"registry.invalid", source.serverPort(), true}});
    auto made = await(Cell::create(engine->client, spec, &gate));
    if (!made) {
        std::fprintf(stderr, "%s\n", qPrintable(made.error().message));
        return 1;
    }
    const QString script = QString::fromLatin1(client).arg("127.0.0.1").arg(source.serverPort());
    QByteArray got;
    const double tunnel = median(3, [&] {
        ExecRequest request;
        request.command = QStringList{"/usr/bin/python3", "-c", script};
        auto outcome = await((*made)->exec(request));
        got = outcome ? outcome->output.trimmed() : outcome.error().message.toUtf8();
    });
    (void)await((*made)->destroy());
    if (got.toLongLong() != total) {
        std::fprintf(stderr, "the tunnel lost bytes: %s\n", got.constData());
        return 1;
    }
    const double direct = median(3, [&] {
        QProcess process;
        QEventLoop loop;
        QObject::connect(&process, &QProcess::finished, &loop, &QEventLoop::quit);
        process.start("python3", {"-c", script, "direct"});
        loop.exec();
    });
    report("256 MiB through cell, link and gate", tunnel, "python over loopback TCP", direct);
    std::printf("%44s %10.0f MiB/s\n", "gate throughput", double(total >> 20) * 1000 / tunnel);
    return 0;
}
