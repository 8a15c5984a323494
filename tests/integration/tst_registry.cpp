// Package registries through the gate, from inside a real cell: the gate is the other end of TLS,
// so it sees and judges each request, adds a client's credential where it belongs and nowhere else,
// and may answer with a package that is kept. The registries are on loopback, under names of the
// test's. Whole jobs: tst_registryjobs.cpp.

#include "crypto/jobauthority.h"
#include "gate/packagestore.h"
#include "support/testregistry.h"

#include <QDir>

using namespace ovvoc;
using namespace ovvoc::test;

namespace {

/// What every program in the cell may use: a client that trusts the gate and says what it got.
const char prelude[] = R"(
import socket, ssl, sys
def tunnel(host, port):
    s = socket.create_connection(('127.0.0.1', 9080), 20); s.settimeout(20)
    s.sendall(('CONNECT %s:%d HTTP/1.1\r\nHost: x\r\n\r\n' % (host, port)).encode())
    head = b''
    while b'\r\n\r\n' not in head:
        piece = s.recv(1)
        if not piece: break
        head += piece
    return s
def connect(host, port, **options):
    context = ssl.create_default_context(cafile='/tmp/ca.pem')
    for key, value in options.items(): setattr(context, key, value)
    return context.wrap_socket(tunnel(host, port), server_hostname=host)
def read(s):
    out = b''
    while b'\r\n\r\n' not in out:
        piece = s.recv(65536)
        if not piece: return out
        out += piece
    head, body = out.split(b'\r\n\r\n', 1)
    length = [int(l.split(b':')[1]) for l in head.split(b'\r\n') if l.lower().startswith(b'content-length')]
    while length and len(body) < length[0]:
        piece = s.recv(65536)
        if not piece: break
        body += piece
    while not length and b'transfer-encoding' in head.lower() and not body.endswith(b'0\r\n\r\n'):
        piece = s.recv(65536)
        if not piece: break
        body += piece
    return head + b'\r\n\r\n' + body
def ask(host, port, text):
    s = connect(host, port); s.sendall(text.encode('latin1')); return read(s)
def get(host, port, path, method='GET', more=''):
    return ask(host, port, '%s %s HTTP/1.1\r\nHost: %s\r\n%s\r\n' % (method, path, host, more))
)";

const QString host = QStringLiteral("npm.acme.invalid");

SecretBytes secret(const char *text)
{
    return SecretBytes(std::span(text, std::size_t(qstrlen(text))));
}

} // namespace

class RegistryTest : public QObject
{
    Q_OBJECT
    RealEngine m_engine;
    std::shared_ptr<TestResolver> m_resolver;
    std::unique_ptr<TestRegistry> m_registry;
    std::shared_ptr<JobAuthority> m_authority;
    std::unique_ptr<Gate> m_gate;
    std::unique_ptr<Cell> m_cell;
    QList<EgressRow> m_rows;

    QByteArray python(const QString &script)
    {
        ExecRequest request;
        request.command = QStringList{"/usr/bin/python3", "-W", "ignore", "-c", prelude + script};
        request.timeoutSeconds = 60;
        const auto outcome = await(m_cell->exec(request));
        return outcome ? outcome->output + outcome->errors : outcome.error().message.toUtf8();
    }
    /// One request on a connection of its own.
    QByteArray request(const QString &path, const QString &method = "GET", const QString &more = {})
    {
        return python(QString("sys.stdout.buffer.write(get('%1', %2, '%3', '%4', '%5'))")
                          .arg(host)
                          .arg(m_registry->port())
                          .arg(path, method, more));
    }
    RegistryRoute route(const QString &path, const char *token = nullptr)
    {
        RegistryRoute route;
        route.host = {host, m_registry->port(), true};
        route.path = path.toLatin1();
        if (token) {
            const SecretBytes plain = secret(token);
            route.authorization = *authorizationOf(RegistrySetting::Credential::Token, plain);
        }
        return route;
    }
    void open(const QList<RegistryRoute> &routes, std::shared_ptr<PackageStore> packages = {})
    {
        m_gate->openRegistries(routes, m_authority, std::move(packages));
    }
    QStringList refusals() const
    {
        QStringList reasons;
        for (const EgressRow &row : m_rows) {
            if (row.verdict == EgressRow::Verdict::Refused)
                reasons << row.reason;
        }
        return reasons;
    }

private slots:
    void initTestCase()
    {
        VERIFY_RESULT(engine, RealEngine::connect());
        m_engine = engine;
    }
    void init()
    {
        m_rows.clear();
        m_resolver = std::make_shared<TestResolver>();
        m_resolver->names[host] = {QHostAddress::LocalHost};
        m_registry = std::make_unique<TestRegistry>(host);
        m_gate = std::make_unique<Gate>(m_resolver, ProxySetting{ProxySetting::Mode::Off, {}, 0});
        connect(m_gate.get(), &Gate::rowChanged, this, [this](const EgressRow &row) {
            m_rows.removeIf([&](const EgressRow &one) { return one.id == row.id; });
            m_rows << row;
        });
        VERIFY_RESULT(authority, JobAuthority::make());
        m_authority = authority;
        VERIFY_RESULT(cell,
                      await(Cell::create(m_engine.client, smallCell(m_engine), m_gate.get())));
        m_cell = std::move(cell);
        ExecRequest trust;
        trust.command = QStringList{"/bin/sh", "-c", "head -c \"$1\" > /tmp/ca.pem", "sh",
                                    QString::number(m_authority->certificatePem().size())};
        trust.input = m_authority->certificatePem();
        VERIFY_RESULT(trusted, await(m_cell->exec(trust)));
        QCOMPARE(trusted.exitCode, 0);
    }
    void cleanup()
    {
        if (m_cell)
            QVERIFY(await(m_cell->destroy()).has_value());
        m_cell.reset();
        m_gate.reset();
        m_registry.reset();
    }

    void theCredentialIsAddedOutsideAndGoesNowhereElse()
    {
        m_registry->prefix = "/team/";
        m_registry->authorization = "Bearer sesame-open-sesame";
        m_registry->publish("@acme/tool", "1.0.0", {{"index.js", "module.exports = 1;\n"}});
        open({route("/team/", "sesame-open-sesame")});
        const QByteArray said = request("/team/@acme%2ftool");
        QVERIFY2(said.startsWith("HTTP/1.1 200") && said.contains("\"1.0.0\""),
                 said.left(300).constData());
        QCOMPARE(m_registry->calls.last().authorization, QByteArray("Bearer sesame-open-sesame"));
        // The same host, another path: nothing goes there.
        const qsizetype before = m_registry->calls.size();
        for (const QString path : {"/other/x", "/teamster/x", "/", "/team", "/team?x=/team/"})
            QVERIFY(request(path).startsWith("HTTP/1.1 403"));
        QCOMPARE(m_registry->calls.size(), before);
        // What the cell claims to know itself is not passed on, and neither are its cookies.
        (void)request("/team/@acme%2ftool", "GET",
                      "Authorization: Bearer stolen\\r\\nCookie: a=b\\r\\nX-Forwarded-Host: "
                      "evil.invalid\\r\\nnpm-session: 1\\r\\n");
        const auto last = m_registry->calls.last();
        QCOMPARE(last.authorization, QByteArray("Bearer sesame-open-sesame"));
        QVERIFY(!last.headers.contains("cookie") && !last.headers.contains("x-forwarded-host")
                && !last.headers.contains("npm-session"));
        // The row says what was asked for.
        QVERIFY(std::any_of(m_rows.begin(), m_rows.end(), [](const EgressRow &row) {
            return row.what == QLatin1String("@acme/tool") && row.requests == 1;
        }));
    }

    void onlyGetAndHeadPass()
    {
        open({route("/team/", "sesame-open-sesame")});
        QList<std::pair<QString, QString>> requests{
            {"PUT", "/team/@acme%2ftool"}, // publishing
            {"PUT", "/team/-/user/org.couchdb.user:x"}, // signing in
            // A private registry is not told what else is installed.
            {"POST", "/team/-/npm/v1/security/advisories/bulk"},
        };
        for (const char *method :
             {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get"})
            requests << std::pair(QString(method), QString("/team/x"));
        qsizetype refused = 0;
        for (const auto &[method, path] : std::as_const(requests)) {
            const QByteArray said = request(path, method, "Content-Length: 0\\r\\n");
            // What is no method ends the connection.
            QVERIFY2(said.startsWith("HTTP/1.1 403") || said.isEmpty() || said.contains("Error"),
                     (method.toUtf8() + ": " + said.left(300)).constData());
            QCOMPARE(m_registry->calls.size(), 0);
            ++refused;
            QTRY_COMPARE(refusals().size(), refused);
        }
    }

    void pathsThatServersReadDifferentlyAreRefused()
    {
        open({route("/team/", "sesame-open-sesame")});
        qsizetype refused = 0;
        for (const QString &path : QStringList{
                 "/team/../secret", "/team/./../secret", "/team/%2e%2e/secret", "/team/..%2fsecret",
                 "/team/%2e%2e%2fsecret", "/team/..;/secret", "/team/a%5c..%5csecret",
                 "/team/%252e%252e/secret", "//evil.invalid/team/", "/team//x", "/team/x%00y",
                 "http://evil.invalid/team/x", "https://evil.invalid/", "team/x", "*", "/team/x#y",
                 "/team/" + QString(8000, 'a')}) {
            const QByteArray said = request(path);
            QVERIFY2(said.startsWith("HTTP/1.1 403"),
                     (path.left(100).toUtf8() + ": " + said.left(300)).constData());
            QCOMPARE(m_registry->calls.size(), 0);
            QCOMPARE(refusals().size(), ++refused);
        }
    }

    void requestsThatHideAnotherAreOneOrNone()
    {
        open({route("/team/", "sesame-open-sesame")});
        const QString hidden = "PUT /team/x HTTP/1.1\\r\\nHost: h\\r\\n\\r\\n";
        const QString get = "GET /team/a HTTP/1.1\\r\\nHost: h\\r\\n";
        const QStringList texts{
            get + "Content-Length: 5\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\n"
                + hidden,
            get + "Content-Length: 0\\r\\nContent-Length: 60\\r\\n\\r\\n" + hidden,
            get + "Content-Length: 34\\r\\n\\r\\n" + hidden, // a body of GET
            get + "Accept: a\\r\\n b: c\\r\\n\\r\\n", // a folded header
            get + "Accept: a\\nX: y\\r\\n\\r\\n", // a bare line end
            get + "\\r\\n" + hidden, // pipelined
        };
        for (const QString &text : texts) {
            m_registry->calls.clear();
            (void)python(
                QString("print(ask('%1', %2, '%3'))").arg(host).arg(m_registry->port()).arg(text));
            for (const auto &call : m_registry->calls) {
                QCOMPARE(call.method, QByteArray("GET"));
                QCOMPARE(call.body, QByteArray());
                QVERIFY(!call.headers.contains("transfer-encoding")
                        && !call.headers.contains("content-length") && !call.headers.contains("x"));
            }
            QVERIFY(m_registry->calls.size() <= 1);
        }
    }

    void anotherServerNameOrNoTlsIsCut()
    {
        open({route("/", "sesame-open-sesame")});
        const QByteArray plain = python(
            QString(
                "s = tunnel('%1', %2); s.sendall(b'GET / HTTP/1.1\\r\\n\\r\\n'); print(s.recv(9))")
                .arg(host)
                .arg(m_registry->port()));
        QCOMPARE(plain, QByteArray("b''\n"));
        const QByteArray other =
            python(QString("c = ssl.create_default_context(cafile='/tmp/ca.pem')\n"
                           "try: c.wrap_socket(tunnel('%1', %2), server_hostname='evil.invalid'); "
                           "print('in')\n"
                           "except (OSError, ssl.SSLError): print('out')")
                       .arg(host)
                       .arg(m_registry->port()));
        QCOMPARE(other, QByteArray("out\n"));
        const QByteArray old = python(
            QString("try: connect('%1', %2, maximum_version=ssl.TLSVersion.TLSv1_1); print('in')\n"
                    "except (OSError, ssl.SSLError, ValueError): print('out')")
                .arg(host)
                .arg(m_registry->port()));
        QCOMPARE(old, QByteArray("out\n"));
        QCOMPARE(m_registry->calls.size(), 0);
        QVERIFY(refusals().size() >= 2);
    }

    void aRegistryThatIsNotWhoItClaimsGetsNothing()
    {
        m_registry->authorization = "Bearer sesame-open-sesame";
        // Somebody answers under its name with a certificate of another authority.
        TestRegistry impostor("other.invalid");
        RegistryRoute there = route("/", "sesame-open-sesame");
        there.host.port = impostor.port();
        open({there});
        const QByteArray said = python(
            QString("sys.stdout.buffer.write(get('%1', %2, '/x'))").arg(host).arg(impostor.port()));
        QVERIFY2(said.startsWith("HTTP/1.1 502"), said.left(300).constData());
        QCOMPARE(impostor.calls.size(), 0);
        QVERIFY(!m_rows.isEmpty() && m_rows.last().verdict != EgressRow::Verdict::Refused);
    }

    void aNameThatLeadsInsideIsRefusedUnlessTheSettingSaysSo()
    {
        RegistryRoute outside = route("/", "sesame-open-sesame");
        outside.host.privateAddresses = false;
        open({outside});
        const QByteArray said = request("/x");
        QVERIFY2(said.startsWith("HTTP/1.1 403") && said.contains("leads to"),
                 said.left(300).constData());
        QCOMPARE(m_registry->calls.size(), 0);
    }

    void aRedirectIsTheCellsToFollowAndCarriesNothing()
    {
        TestRegistry elsewhere("storage.invalid");
        m_resolver->names["storage.invalid"] = {QHostAddress::LocalHost};
        m_registry->fault = [&](const test::HttpRequest &) {
            HttpAnswer answer;
            answer.status = 302;
            answer.headers.append({QByteArray("Location"), elsewhere.url().toLatin1() + "x.tgz"});
            answer.headers.append({QByteArray("Set-Cookie"), QByteArray("a=b")});
            return std::optional(answer);
        };
        open({route("/", "sesame-open-sesame")});
        const QByteArray said = request("/x");
        QVERIFY2(said.startsWith("HTTP/1.1 302") && said.contains("storage.invalid")
                     && !said.toLower().contains("set-cookie"),
                 said.left(300).constData());
        QCOMPARE(elsewhere.calls.size(), 0); // the gate follows nothing
        (void)python(QString("tunnel('storage.invalid', %1)").arg(elsewhere.port()));
        QCOMPARE(elsewhere.calls.size(), 0); // it is on nobody's list
        QVERIFY(refusals().contains("not on the allowlist"));
    }

    void answersOfEveryKindComeThroughWhole()
    {
        const QByteArray large(3'000'000, 'x');
        m_registry->fault = [&](const test::HttpRequest &request) {
            HttpAnswer answer;
            if (request.path == "/large")
                answer.body = large;
            else if (request.path == "/half") {
                answer.body = large;
                answer.cut = true;
            } else if (request.path == "/same") {
                answer.status = 304;
                answer.headers.append({QByteArray("ETag"), QByteArray("\"1\"")});
            } else if (request.path == "/none")
                answer.status = 204;
            else if (request.method != "HEAD")
                answer.body = "{}";
            return std::optional(answer);
        };
        open({route("/")});
        const QString common = QString("h, p = '%1', %2\n").arg(host).arg(m_registry->port());
        QCOMPARE(python(common + "print(len(get(h, p, '/large').split(b'\\r\\n\\r\\n', 1)[1]))"),
                 QByteArray("3000000\n"));
        QVERIFY(
            python(common + "print(len(get(h, p, '/half').split(b'\\r\\n\\r\\n', 1)[1]) < 3000000)")
                .startsWith("True"));
        QVERIFY(std::any_of(m_rows.begin(), m_rows.end(), [](const EgressRow &row) {
            return row.verdict == EgressRow::Verdict::Failed && row.reason.contains("middle");
        }));
        // Several, one after the other, on one connection; HEAD and 304 have no body.
        const QByteArray many =
            python(common
                   + "s = connect(h, p)\n"
                     "for method, path in (('GET', '/a'), ('HEAD', '/a'), ('GET', '/same'), "
                     "('GET', '/none'), "
                     "('GET', '/b')):\n"
                     "    s.sendall(('%s %s HTTP/1.1\\r\\nHost: h\\r\\n\\r\\n' % (method, "
                     "path)).encode())\n"
                     "    out = b''\n"
                     "    while b'\\r\\n\\r\\n' not in out: out += s.recv(65536)\n"
                     "    if method == 'GET' and path in '/a /b': \n"
                     "        while not out.endswith(b'{}'): out += s.recv(100)\n"
                     "    print(out.split()[1].decode(), end=' ')\n");
        QCOMPARE(many, QByteArray("200 200 304 204 200 "));
    }

    void aConnectionForEachRequestNeverRunsOut()
    {
        // Far more than one link carries at once, each ended in another way by the cell.
        static_assert(CellLink::maximumStreams < 180);
        open({route("/team/")});
        m_registry->prefix = "/team/";
        m_registry->publish("tool", "1.0.0", {{"index.js", "module.exports = 1;\n"}});
        const QByteArray said = python(QString(R"(
kept = []
for i in range(300):
    s = connect('%1', %2)
    s.sendall(('GET /team/tool HTTP/1.1\r\nHost: %1\r\n%s\r\n'
               % ('Connection: close\r\n' if i % 5 == 0 else '')).encode())
    assert read(s).startswith(b'HTTP/1.1 200')
    if i % 5 < 3:
        # Says that it is done, and waits for the other side to say so, as Node does.
        if i % 5 == 1:
            s.setblocking(True); s = s.unwrap()
        s.shutdown(socket.SHUT_WR); kept.append(s)
    elif i % 5 == 3: s.close()
    else: s.detach()
for s in kept:
    s.settimeout(10)
    try:
        while s.recv(4096): pass
    except (ConnectionError, ssl.SSLError): pass
print('all', len(kept))
)")
                                           .arg(host)
                                           .arg(m_registry->port()));
        QCOMPARE(said, QByteArray("all 180\n"));
    }

    void aFloodOfRefusedRequestsMakesNoMoreRowsThanAreSeen()
    {
        open({route("/team/")});
        qsizetype rows = 0;
        disconnect(m_gate.get(), &Gate::rowChanged, this, nullptr);
        QSet<quint64> seen;
        connect(m_gate.get(), &Gate::rowChanged, this, [&](const EgressRow &row) {
            seen.insert(row.id);
            ++rows;
        });
        const QByteArray said = python(QString(R"(
import threading
s = connect('%1', %2)
def send():
    for i in range(120): s.sendall(b'PUT /team/x HTTP/1.1\r\nHost: %1\r\nContent-Length: 0\r\n\r\n' * 100)
threading.Thread(target=send, daemon=True).start()
got = 0
while got < 12000:
    piece = s.recv(65536)
    if not piece: break
    got += piece.count(b'HTTP/1.1 403')
print('answers', got > 11000)
)")
                                           .arg(host)
                                           .arg(m_registry->port()));
        QCOMPARE(said, QByteArray("answers True\n"));
        QVERIFY2(seen.size() <= Gate::maximumRows, qPrintable(QString::number(seen.size())));
        QVERIFY(m_registry->calls.isEmpty());
    }

    void nothingPassesAfterTheGateClosed()
    {
        m_registry->publish("tool", "1.0.0", {});
        open({route("/", "sesame-open-sesame")});
        QVERIFY(request("/tool").startsWith("HTTP/1.1 200"));
        const qsizetype before = m_registry->calls.size();
        m_gate->close();
        QVERIFY(!request("/tool").startsWith("HTTP/1.1 200"));
        QCOMPARE(m_registry->calls.size(), before);
    }

    void publicPackagesAreKeptAndCheckedOnEachUse()
    {
        QTemporaryDir folder;
        const auto store = std::make_shared<PackageStore>(folder.path() + "/kept", 64 << 20);
        m_registry->publish("tool", "1.0.0", {{"index.js", QByteArray(50'000, 'y')}});
        m_registry->publish("@acme/own", "1.0.0", {{"index.js", "1"}});
        RegistryRoute open_ = route("/"), closed = route("/@acme/", "sesame-open-sesame");
        open_.isPublic = true;
        open({open_, closed});
        const QString path = "/tool/-/tool-1.0.0.tgz";
        const QByteArray first = request(path);
        QVERIFY(first.startsWith("HTTP/1.1 200"));
        const auto bodyOf = [](const QByteArray &said) {
            return said.mid(said.indexOf("\r\n\r\n"));
        };
        QTRY_COMPARE(PackageStore::useOf(folder.path() + "/kept").packages, 0); // none without one
        m_gate->openRegistries({}, m_authority, store);
        (void)request(path);
        QTRY_COMPARE(PackageStore::useOf(folder.path() + "/kept").packages, 1);
        qsizetype asked = m_registry->calls.size();
        const QByteArray kept = request(path);
        QCOMPARE(m_registry->calls.size(), asked); // nobody was asked
        QCOMPARE(bodyOf(kept), bodyOf(first));
        // Its document, another version, a question behind it, and what needs a credential: asked.
        for (const QString other : {"/tool", "/tool/-/tool-1.0.1.tgz", "/tool/-/tool-1.0.0.tgz?x=1",
                                    "/@acme/own/-/own-1.0.0.tgz"}) {
            (void)request(other);
            QCOMPARE(m_registry->calls.size(), ++asked);
        }
        QCOMPARE(PackageStore::useOf(folder.path() + "/kept").packages, 1);
        // A kept file that somebody changed is not used, and comes anew.
        const QDir top(folder.path() + "/kept");
        const QString name = top.entryList(QDir::Dirs | QDir::NoDotAndDotDot).first();
        const QString file =
            top.filePath(name) + '/' + QDir(top.filePath(name)).entryList(QDir::Files).first();
        QFile damaged(file);
        QVERIFY(damaged.open(QIODevice::ReadWrite));
        damaged.seek(damaged.size() - 1);
        damaged.write("!");
        damaged.close();
        QCOMPARE(bodyOf(request(path)), bodyOf(first));
        QCOMPARE(m_registry->calls.size(), ++asked);
        QTRY_COMPARE(PackageStore::useOf(folder.path() + "/kept").packages, 1);
        QCOMPARE(bodyOf(request(path)), bodyOf(first));
        QCOMPARE(m_registry->calls.size(), asked);
    }
};

QTEST_GUILESS_MAIN(RegistryTest)
#include "tst_registry.moc"
