// The gate from inside a real cell: what passes, what does not, and that nothing passes after it
// closed. The "internet" is a server on loopback; names are answered by a resolver of the test's
// own, as an attacker's DNS server would answer them.

#include "support/testsupport.h"

#include <QHash>
#include <QTcpServer>
#include <QTcpSocket>

using namespace ovvoc;
using namespace ovvoc::test;

namespace {

class FakeResolver final : public Resolver
{
public:
    QHash<QString, QList<QHostAddress>> names;
    QStringList asked;
    TaskResult<QList<QHostAddress>> resolve(QString host) override
    {
        asked << host;
        if (!names.contains(host))
            co_return fail(ErrorCode::NetworkDown, "no such name");
        const QList<QHostAddress> found = names.value(host);
        co_return found;
    }
};

/// Answers every git request with nothing, and counts them.
class CountingUpstream final : public GitUpstream
{
    class Exchange final : public GitExchange
    {
    public:
        void write(const QByteArray &bytes) override { emit taken(bytes.size()); }
        void endInput() override
        {
            emit head(200, "application/x-test");
            emit data("served");
            emit end();
        }
        void setPaused(bool) override { }
    };

public:
    int opened = 0;
    std::unique_ptr<GitExchange> open(const GitRequest &) override
    {
        ++opened;
        return std::make_unique<Exchange>();
    }
    QString name() const override { return "test repository"; }
};

/// A TCP server on loopback that answers what it gets with "answer" and remembers it.
class Server : public QTcpServer
{
public:
    QByteArray received;
    bool silent = false; ///< takes nothing from its socket
    bool flood = false; ///< sends as much as it can
    qint64 flooded = 0;
    Server()
    {
        listen(QHostAddress::LocalHost);
        connect(this, &QTcpServer::newConnection, this, [this] {
            QTcpSocket *socket = nextPendingConnection();
            if (silent) {
                socket->setReadBufferSize(1);
                return;
            }
            connect(socket, &QTcpSocket::readyRead, this, [this, socket] {
                received += socket->readAll();
                if (flood)
                    pour(socket);
                else
                    socket->write("answer");
            });
            connect(socket, &QTcpSocket::bytesWritten, this, [this, socket](qint64 size) {
                if (flood) {
                    flooded += size;
                    pour(socket);
                }
            });
        });
    }

private:
    static void pour(QTcpSocket *socket)
    {
        if (socket->bytesToWrite() < 1 << 20)
            socket->write(QByteArray(1 << 20, 'x'));
    }
};

/// What every program in the cell may use.
const char prelude[] = R"(
import socket, ssl, sys, time
def proxy():
    s = socket.create_connection(('127.0.0.1', 9080), 10); s.settimeout(10)
    return s
def ask(text):
    s = proxy(); s.sendall(text.encode())
    out = b''
    try:
        while True:
            piece = s.recv(65536)
            if not piece: break
            out += piece
    except OSError as e:
        out += b' broken ' + str(e).encode()
    return out
def connect(target):
    s = proxy(); s.sendall(('CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n' % (target, target)).encode())
    out = b''
    while b'\r\n\r\n' not in out:
        piece = s.recv(4096)
        if not piece: break
        out += piece
    return s, out
def hello(name):
    context = ssl.create_default_context(); context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    i, o = ssl.MemoryBIO(), ssl.MemoryBIO()
    t = context.wrap_bio(i, o, server_hostname=name)
    try: t.do_handshake()
    except ssl.SSLWantReadError: pass
    return o.read()
def after(s, data):
    s.sendall(data)
    try: return s.recv(65536) or b'ended'
    except OSError as e: return b'broken'
)";

} // namespace

class GateTest : public QObject
{
    Q_OBJECT
    RealEngine m_engine;
    std::shared_ptr<FakeResolver> m_resolver;
    std::unique_ptr<Gate> m_gate;
    std::unique_ptr<Cell> m_cell;
    QList<EgressRow> m_rows;

    QByteArray python(const QString &script)
    {
        ExecRequest request;
        request.command = QStringList{"/usr/bin/python3", "-c", prelude + script};
        request.timeoutSeconds = 60;
        const auto outcome = await(m_cell->exec(request));
        return outcome ? outcome->output + outcome->errors : outcome.error().message.toUtf8();
    }
    /// The row of the latest connection.
    EgressRow lastRow() const { return m_rows.isEmpty() ? EgressRow{} : m_rows.last(); }
    void noteRow(const EgressRow &row)
    {
        for (EgressRow &one : m_rows) {
            if (one.id == row.id) {
                one = row;
                return;
            }
        }
        m_rows << row;
    }
    AllowedHost local(const Server &server, const QString &name)
    {
        m_resolver->names[name] = {QHostAddress::LocalHost};
        return {name, server.serverPort(), true};
    }

private slots:
    void initTestCase()
    {
        VERIFY_RESULT(engine, RealEngine::connect());
        m_engine = engine;
    }
    // Each test has a gate and a cell of its own: a gate opens once and closes once.
    void init()
    {
        m_rows.clear();
        m_resolver = std::make_shared<FakeResolver>();
        m_gate = std::make_unique<Gate>(m_resolver, ProxySetting{ProxySetting::Mode::Off, {}, 0});
        connect(m_gate.get(), &Gate::rowChanged, this, &GateTest::noteRow);
        VERIFY_RESULT(cell,
                      await(Cell::create(m_engine.client, smallCell(m_engine), m_gate.get())));
        m_cell = std::move(cell);
    }
    void cleanup()
    {
        if (m_cell)
            QVERIFY(await(m_cell->destroy()).has_value());
        m_cell.reset();
        m_gate.reset();
    }

    void tlsToAnAllowedHostPassesBothWays()
    {
        Server server;
        m_gate->open({local(server, "registry.invalid")});
        const QByteArray said =
            python(QString("s, head = connect('registry.invalid:%1'); print(head.split()[1], "
                           "after(s, hello('registry.invalid')))")
                       .arg(server.serverPort()));
        QCOMPARE(said, QByteArray("b'200' b'answer'\n"));
        QVERIFY(server.received.contains("registry.invalid"));
        QVERIFY(lastRow().verdict == EgressRow::Verdict::Allowed);
        QCOMPARE(lastRow().host, QString("registry.invalid"));
        QTRY_COMPARE(lastRow().bytesIn, 6);
        QCOMPARE(lastRow().bytesOut, server.received.size());
    }

    void anythingNotOnTheListIsRefused_data()
    {
        QTest::addColumn<QString>("target");
        QTest::newRow("another name") << "evil.invalid:443";
        QTest::newRow("a name below") << "a.registry.invalid:443";
        QTest::newRow("a name around") << "registry.invalid.evil.invalid:443";
        QTest::newRow("another port") << "registry.invalid:22";
        QTest::newRow("no port") << "registry.invalid";
        QTest::newRow("port 0") << "registry.invalid:0";
        QTest::newRow("a port that wraps") << "registry.invalid:65979";
        QTest::newRow("a raw IPv4 address") << "192.0.2.1:443";
        QTest::newRow("a raw IPv6 address") << "[2001:db8::1]:443";
        QTest::newRow("an address as a number") << "3221225985:443";
        QTest::newRow("an address in hexadecimal") << "0xc0000201:443";
        QTest::newRow("a short address") << "192.0.513:443";
        QTest::newRow("this machine") << "localhost:443";
        QTest::newRow("credentials") << "registry.invalid@evil.invalid:443";
        QTest::newRow("a zero byte") << "registry.invalid%00.evil.invalid:443";
        QTest::newRow("nothing") << ":443";
        QTest::newRow("a very long name") << QString(300, 'a') + ".invalid:443";
    }
    void anythingNotOnTheListIsRefused()
    {
        QFETCH(QString, target);
        m_resolver->names["evil.invalid"] = {QHostAddress("192.0.2.1")};
        m_gate->open({{"registry.invalid", 443, false}});
        const QByteArray said =
            python(QString("s, head = connect('%1'); print(head.split()[1])").arg(target));
        QCOMPARE(said, QByteArray("b'403'\n"));
        QVERIFY(lastRow().verdict == EgressRow::Verdict::Refused);
        QVERIFY(!lastRow().reason.isEmpty());
        QCOMPARE(m_resolver->asked, QStringList());
    }

    void aNameThatLeadsInsideIsRefused_data()
    {
        QTest::addColumn<QStringList>("addresses");
        for (const char *address :
             {"127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
              "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fd00::1",
              "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1",
              "2002:a00:1::"})
            QTest::newRow(address) << QStringList{address};
        QTest::newRow("public and private together") << QStringList{"192.0.2.1", "10.0.0.1"};
    }
    void aNameThatLeadsInsideIsRefused()
    {
        QFETCH(QStringList, addresses);
        for (const QString &address : addresses)
            m_resolver->names["registry.invalid"] << QHostAddress(address);
        m_gate->open({{"registry.invalid", 443, false}});
        const QByteArray said =
            python("s, head = connect('registry.invalid:443'); print(head.split()[1])");
        QCOMPARE(said, QByteArray("b'403'\n"));
        QVERIFY(lastRow().verdict == EgressRow::Verdict::Refused);
        QVERIFY2(lastRow().reason.contains("leads to"), qPrintable(lastRow().reason));
    }

    void whatIsNotTlsForThatHostIsCut_data()
    {
        QTest::addColumn<QString>("bytes");
        QTest::addColumn<QString>("reason");
        QTest::newRow("plain HTTP in a tunnel")
            << "b'GET / HTTP/1.1\\r\\nHost: registry.invalid\\r\\n\\r\\n'" << "not TLS";
        QTest::newRow("SSH in a tunnel") << "b'SSH-2.0-x\\r\\n'" << "not TLS";
        QTest::newRow("another server name") << "hello('evil.invalid')" << "evil.invalid";
        QTest::newRow("no server name") << "hello(None)" << "names no server";
        QTest::newRow("a damaged handshake")
            << "hello('registry.invalid')[:43] + b'\\xff' * 500" << "damaged";
    }
    void whatIsNotTlsForThatHostIsCut()
    {
        QFETCH(QString, bytes);
        QFETCH(QString, reason);
        Server server;
        m_gate->open({local(server, "registry.invalid")});
        const QByteArray said = python(
            QString("s, head = connect('registry.invalid:%1'); print(after(s, %2) in (b'ended', "
                    "b'broken'))")
                .arg(server.serverPort())
                .arg(bytes));
        QCOMPARE(said, QByteArray("True\n"));
        QTRY_VERIFY(lastRow().verdict == EgressRow::Verdict::Refused);
        QVERIFY2(lastRow().reason.contains(reason), qPrintable(lastRow().reason));
        // Not one byte has left.
        QCOMPARE(server.received, QByteArray());
    }

    void plainHttpThroughTheProxyIsRefused()
    {
        Server server;
        m_gate->open({local(server, "registry.invalid")});
        const QByteArray said =
            python(QString("print(ask('GET http://registry.invalid:%1/ HTTP/1.1\\r\\nHost: "
                           "registry.invalid\\r\\nConnection: close\\r\\n\\r\\n').split()[1])")
                       .arg(server.serverPort()));
        QCOMPARE(said, QByteArray("b'403'\n"));
        QCOMPARE(lastRow().reason, QString("not TLS"));
        QCOMPARE(server.received, QByteArray());
    }

    void theGitEndpointServesCloneOfOneRepositoryOnly_data()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<QString>("path");
        QTest::addColumn<bool>("served");
        QTest::newRow("clone's first request")
            << "GET" << "/git/info/refs?service=git-upload-pack" << true;
        QTest::newRow("clone's second request") << "POST" << "/git/git-upload-pack" << true;
        QTest::newRow("another repository")
            << "GET" << "/other/info/refs?service=git-upload-pack" << false;
        QTest::newRow("another repository by dots")
            << "GET" << "/git/../other/info/refs?service=git-upload-pack" << false;
        QTest::newRow("another repository by escapes")
            << "GET" << "/git/%2e%2e/other/info/refs?service=git-upload-pack" << false;
        QTest::newRow("push's first request")
            << "GET" << "/git/info/refs?service=git-receive-pack" << false;
        QTest::newRow("push's second request") << "POST" << "/git/git-receive-pack" << false;
        QTest::newRow("both services")
            << "GET" << "/git/info/refs?service=git-upload-pack&service=git-receive-pack" << false;
        QTest::newRow("the old protocol") << "GET" << "/git/info/refs" << false;
        QTest::newRow("a file") << "GET" << "/git/HEAD" << false;
        QTest::newRow("configuration") << "GET" << "/git/config" << false;
        QTest::newRow("an archive") << "POST" << "/git/git-upload-archive" << false;
        const QString object = "/git/lfs/" + QString(64, 'a');
        QTest::newRow("a large file") << "GET" << object + "/12" << true;
        QTest::newRow("a large file without its size") << "GET" << object + '/' << false;
        QTest::newRow("a large file of a negative size") << "GET" << object + "/-1" << false;
        QTest::newRow("a large file by dots") << "GET" << "/git/lfs/../../" + object << false;
        QTest::newRow("a large file by another name")
            << "GET" << "/git/lfs/" + QString(64, 'A') + "/12" << false;
        QTest::newRow("a large file's upload") << "PUT" << object + "/12" << false;
        QTest::newRow("the large files' own questions")
            << "POST" << "/git/info/lfs/objects/batch" << false;
        QTest::newRow("another method") << "PUT" << "/git/git-upload-pack" << false;
        QTest::newRow("the other way around") << "GET" << "/git/git-upload-pack" << false;
    }
    void theGitEndpointServesCloneOfOneRepositoryOnly()
    {
        QFETCH(QString, method);
        QFETCH(QString, path);
        QFETCH(bool, served);
        const auto upstream = std::make_shared<CountingUpstream>();
        m_gate->open({});
        m_gate->openGit(upstream);
        const QString request = QString("%1 %2 HTTP/1.1\\r\\nHost: 127.0.0.1:9080\\r\\n"
                                        "Content-Length: 4\\r\\nConnection: close\\r\\n\\r\\n0000")
                                    .arg(method, path);
        const QByteArray said = python(QString("print(ask('%1'))").arg(request));
        QCOMPARE(upstream->opened, served ? 1 : 0);
        QVERIFY2(said.contains(served ? "200 OK" : "403 Forbidden"), said.constData());
        QCOMPARE(said.contains("served"), served);
        QVERIFY(lastRow().verdict
                == (served ? EgressRow::Verdict::Allowed : EgressRow::Verdict::Refused));
    }

    void nothingPassesBeforeItOpens()
    {
        Server server;
        local(server, "registry.invalid");
        QCOMPARE(python(QString("print(connect('registry.invalid:%1')[1].split()[1])")
                            .arg(server.serverPort())),
                 QByteArray("b'403'\n"));
        QVERIFY(python("print(ask('GET /git/info/refs?service=git-upload-pack HTTP/1.1\\r\\nHost: "
                       "127.0.0.1:9080\\r\\nConnection: close\\r\\n\\r\\n'))")
                    .contains("403"));
    }

    void closingCutsEverythingForGood()
    {
        Server server;
        const AllowedHost host = local(server, "registry.invalid");
        const auto upstream = std::make_shared<CountingUpstream>();
        m_gate->open({host});
        m_gate->openGit(upstream);
        // A tunnel that a background process holds open when the gate closes.
        ExecRequest request;
        request.command = QStringList{
            "/usr/bin/python3", "-c",
            prelude
                + QString("s, head = connect('registry.invalid:%1')\n"
                          "print(after(s, hello('registry.invalid')), flush=True)\n"
                          "s.settimeout(30)\n"
                          "try: print('then', s.recv(100))\n"
                          "except OSError: print('then cut')\n"
                          "time.sleep(0.2)\n"
                          "print('again', connect('registry.invalid:%1')[1].split()[1])\n")
                      .arg(server.serverPort())};
        QByteArray output;
        auto running =
            m_cell->exec(request, [&](OutputChannel, const QByteArray &bytes) { output += bytes; });
        QTRY_VERIFY(output.contains("answer"));
        m_gate->close();
        const auto outcome = await(std::move(running));
        QVERIFY(outcome.has_value());
        QVERIFY2(output.contains("then cut") || output.contains("then b''"), output.constData());
        QVERIFY2(output.contains("again b'403'"), output.constData());
        const qsizetype before = server.received.size();

        // Opening again changes nothing.
        m_gate->open({host});
        m_gate->openGit(upstream);
        QCOMPARE(m_gate->state(), Gate::State::Closed);
        QCOMPARE(python(QString("print(connect('registry.invalid:%1')[1].split()[1])")
                            .arg(server.serverPort())),
                 QByteArray("b'403'\n"));
        QCOMPARE(lastRow().reason, QString("the gate is closed"));
        QVERIFY(python("print(ask('GET /git/info/refs?service=git-upload-pack HTTP/1.1\\r\\nHost: "
                       "127.0.0.1:9080\\r\\nConnection: close\\r\\n\\r\\n'))")
                    .contains("403"));
        QVERIFY(python("print(ask('GET http://registry.invalid/ HTTP/1.1\\r\\nHost: x\\r\\n"
                       "Connection: close\\r\\n\\r\\n'))")
                    .contains("403"));
        QCOMPARE(upstream->opened, 0);
        QCOMPARE(server.received.size(), before);
    }

    void aFastServerIsHeldBackByASlowCell()
    {
        Server server;
        server.flood = true;
        m_gate->open({local(server, "registry.invalid")});
        // Reads nothing for a while, then everything for a moment.
        const QByteArray said = python(QString("s, head = connect('registry.invalid:%1')\n"
                                               "s.sendall(hello('registry.invalid'))\n"
                                               "time.sleep(2)\n"
                                               "got = 0\n"
                                               "while got < 32 << 20: got += len(s.recv(1 << 20))\n"
                                               "print('got it')\n")
                                           .arg(server.serverPort()));
        QVERIFY(said.contains("got it"));
        // More than was read can only lie in bounded buffers: ours (under 1 MiB) and the kernel's.
        QVERIFY2(lastRow().bytesIn < Q_INT64_C(48) << 20,
                 qPrintable(QString::number(lastRow().bytesIn)));
    }

    void aCellThatReadsNothingStopsTheServer()
    {
        Server server;
        server.flood = true;
        m_gate->open({local(server, "registry.invalid")});
        python(QString("s, head = connect('registry.invalid:%1')\n"
                       "s.sendall(hello('registry.invalid'))\n"
                       "time.sleep(3)\n")
                   .arg(server.serverPort()));
        QVERIFY(lastRow().bytesIn > 0);
        QVERIFY2(lastRow().bytesIn < Q_INT64_C(12) << 20,
                 qPrintable(QString::number(lastRow().bytesIn)));
    }

    void aFastCellIsHeldBackByASlowServer()
    {
        Server server;
        server.silent = true;
        m_gate->open({local(server, "registry.invalid")});
        python(QString("s, head = connect('registry.invalid:%1')\n"
                       "s.sendall(hello('registry.invalid'))\n"
                       "s.settimeout(2)\n"
                       "try:\n"
                       "    while True: s.sendall(b'x' * 65536)\n"
                       "except OSError: pass\n")
                   .arg(server.serverPort()));
        QVERIFY(lastRow().bytesOut > 0);
        QVERIFY2(lastRow().bytesOut < Q_INT64_C(12) << 20,
                 qPrintable(QString::number(lastRow().bytesOut)));
    }

    void manyConnectionsAtOnceAreServedOrRefusedButNeverStick()
    {
        Server server;
        m_gate->open({local(server, "registry.invalid")});
        const QByteArray said = python(QString(R"(
import threading
answers = []
def one():
    try:
        s, head = connect('registry.invalid:%1')
        answers.append(after(s, hello('registry.invalid')))
    except OSError as e:
        answers.append(b'broken')
threads = [threading.Thread(target=one) for i in range(40)]
for t in threads: t.start()
for t in threads: t.join()
print(len(answers), answers.count(b'answer'))
)")
                                           .arg(server.serverPort()));
        QCOMPARE(said, QByteArray("40 40\n"));
    }
};

QTEST_GUILESS_MAIN(GateTest)
#include "tst_gate.moc"
