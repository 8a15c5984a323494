// What an engine can do wrong, and what a person is told then. The engine here is a socket of the
// test's own: a real one cannot be made to lose its connection in the middle of an answer.

#include "base/helpers.h"
#include "jobs/jobrunner.h"
#include "support/testsupport.h"

#include <QLocalServer>
#include <QLocalSocket>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace ovvoc;
using namespace ovvoc::test;

namespace {

/// Answers each request with what the test chose for its path.
class ScriptedEngine : public QLocalServer
{
public:
    QHash<QByteArray, QByteArray> answers;
    QList<QByteArray> requests;
    QSet<QByteArray> stalls; ///< paths whose answer begins, and never ends
    explicit ScriptedEngine(const QString &path)
    {
        answers["/version"] =
            json(R"({"ApiVersion":"1.41","MinAPIVersion":"1.12","Version":"20.10"})");
        answers["/v1.41/info"] = json(R"({"SecurityOptions":["name=seccomp,profile=default"]})");
        listen(path);
        connect(this, &QLocalServer::newConnection, this, [this] {
            QLocalSocket *socket = nextPendingConnection();
            connect(socket, &QLocalSocket::readyRead, this, [this, socket] {
                const QByteArray head = socket->readAll();
                const QByteArray asked = head.split(' ').value(1);
                requests << asked;
                const QByteArray target = asked.split('?').first();
                socket->write(answers.value(target, json("{}", 404)));
                socket->flush();
                if (stalls.contains(target))
                    return;
                socket->disconnectFromServer();
            });
        });
    }
    static QByteArray json(const QByteArray &body, int status = 200)
    {
        return "HTTP/1.1 " + QByteArray::number(status)
            + " X\r\nContent-Type: application/json\r\nContent-Length: "
            + QByteArray::number(body.size()) + "\r\n\r\n" + body;
    }
};

} // namespace

class EngineTest : public QObject
{
    Q_OBJECT
    QTemporaryDir m_folder;
    int m_count = 0;
    QString newPath() { return m_folder.path() + QString("/e%1.sock").arg(++m_count); }
    Result<std::shared_ptr<EngineClient>> connectTo(const QString &path)
    {
        return await(EngineClient::connect({{path, "test"}}));
    }

private slots:
    void noEngineIsSaidWithWhatToDo()
    {
        const auto none = await(EngineClient::connect({}));
        QVERIFY(none.error().code == ErrorCode::NoEngine);
        const auto missing = connectTo(newPath());
        QVERIFY(missing.error().code == ErrorCode::NoEngine);
        QVERIFY(missing.error().message.contains("Start Docker or Podman"));
    }

    void aSocketThatMayNotBeUsedIsSaidSo()
    {
        const QString path = newPath();
        ScriptedEngine engine(path);
        if (::geteuid() == 0) {
            // Root may always: so the attempt is made in a child that is nobody.
            const pid_t child = ::fork();
            if (child == 0) {
                ::chmod(m_folder.path().toLocal8Bit().constData(), 0755);
                ::chmod(path.toLocal8Bit().constData(), 0600);
                const bool dropped = ::setgid(65534) == 0 && ::setuid(65534) == 0;
                const auto answer = connectTo(path);
                const bool right = dropped && !answer
                    && answer.error().code == ErrorCode::EnginePermission
                    && answer.error().message.contains("group");
                ::_exit(right ? 0 : 1);
            }
            int status = -1;
            ::waitpid(child, &status, 0);
            QCOMPARE(status, 0);
            return;
        }
        ::chmod(path.toLocal8Bit().constData(), 0);
        const auto answer = connectTo(path);
        QVERIFY(answer.error().code == ErrorCode::EnginePermission);
    }

    void anOldEngineIsRefused()
    {
        const QString path = newPath();
        ScriptedEngine engine(path);
        engine.answers["/version"] = engine.json(R"({"ApiVersion":"1.39","MinAPIVersion":"1.12"})");
        const auto answer = connectTo(path);
        QVERIFY(answer.error().code == ErrorCode::EngineTooOld);
        QVERIFY(answer.error().message.contains("1.40"));
    }

    void anEngineNewerThanWeIsSpokenToInOurVersion()
    {
        const QString path = newPath();
        ScriptedEngine engine(path);
        engine.answers["/version"] =
            engine.json(R"({"ApiVersion":"1.99","MinAPIVersion":"1.44","Version":"40"})");
        engine.answers["/v1.51/info"] = engine.json("{}");
        VERIFY_RESULT(client, connectTo(path));
        QCOMPARE(client->info().apiVersion, QString("1.51"));
    }

    void whatIsNoEngineIsNotTakenForOne_data()
    {
        QTest::addColumn<QByteArray>("answer");
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("no HTTP") << QByteArray("SSH-2.0-OpenSSH\r\n\r\n");
        QTest::newRow("half a head") << QByteArray("HTTP/1.1 200 OK\r\nContent-");
        QTest::newRow("half a body")
            << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"Api");
        QTest::newRow("half a chunk")
            << QByteArray("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{}");
        QTest::newRow("a broken chunk size")
            << QByteArray("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n");
        QTest::newRow("no JSON") << ScriptedEngine::json("<html>");
        QTest::newRow("a list") << ScriptedEngine::json("[1,2]");
        QTest::newRow("an endless head")
            << QByteArray("HTTP/1.1 200 OK\r\nX: " + QByteArray(1 << 20, 'x') + "\r\n\r\n");
        QTest::newRow("an error page") << ScriptedEngine::json("{}", 500);
    }
    void whatIsNoEngineIsNotTakenForOne()
    {
        QFETCH(QByteArray, answer);
        const QString path = newPath();
        ScriptedEngine engine(path);
        engine.answers["/version"] = answer;
        const auto client = connectTo(path);
        QVERIFY(!client);
        QVERIFY(!client.error().message.isEmpty());
    }

    void anErrorOfTheEngineBecomesOneOfOurs_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("words");
        QTest::addColumn<int>("code");
        QTest::newRow("gone") << 404 << QByteArray("No such container: x")
                              << int(ErrorCode::NotFound);
        QTest::newRow("image") << 404 << QByteArray("No such image: x")
                               << int(ErrorCode::ImageMissing);
        QTest::newRow("busy") << 409 << QByteArray("removal in progress")
                              << int(ErrorCode::Conflict);
        QTest::newRow("full") << 500 << QByteArray("write /x: no space left on device")
                              << int(ErrorCode::DiskFull);
        QTest::newRow("else") << 500 << QByteArray("something") << int(ErrorCode::EngineRefused);
    }
    void anErrorOfTheEngineBecomesOneOfOurs()
    {
        QFETCH(int, status);
        QFETCH(QByteArray, words);
        QFETCH(int, code);
        const QString path = newPath();
        ScriptedEngine engine(path);
        engine.answers["/v1.41/containers/x/json"] =
            engine.json("{\"message\":\"" + words + "\"}", status);
        VERIFY_RESULT(client, connectTo(path));
        const auto answer = await(client->inspectContainer("x"));
        QVERIFY(!answer);
        QCOMPARE(int(answer.error().code), code);
    }

    void chunkedAnswersAreReadWhole()
    {
        const QString path = newPath();
        ScriptedEngine engine(path);
        engine.answers["/v1.41/containers/x/json"] =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            "8\r\n{\"Id\": \"\r\n5\r\nabc\"}\r\n0\r\n\r\n";
        VERIFY_RESULT(client, connectTo(path));
        VERIFY_RESULT(answer, await(client->inspectContainer("x")));
        QCOMPARE(answer["Id"].toString(), QString("abc"));
    }

    void aStalledPullEndsWithTheJobThatWaitsForIt_data()
    {
        QTest::addColumn<QByteArray>("begun");
        QTest::newRow("no answer") << QByteArray();
        QTest::newRow("half an answer") << QByteArray("HTTP/1.1 200 OK\r\nTransfer-Enc");
        QTest::newRow("no progress")
            << QByteArray("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                          "16\r\n{\"status\":\"Pulling\"}\r\n\r\n");
    }
    void aStalledPullEndsWithTheJobThatWaitsForIt()
    {
        QFETCH(QByteArray, begun);
        const QString path = newPath();
        ScriptedEngine engine(path);
        engine.answers["/v1.41/images/create"] = begun;
        engine.stalls << "/v1.41/images/create";
        VERIFY_RESULT(client, connectTo(path));
        VERIFY_RESULT(cellInit, findHelper("cell-init"));
        JobServices services;
        services.engine = client;
        services.images = std::make_shared<ImageStore>(client, cellInit);
        services.resolver = std::make_shared<SystemResolver>();
        services.mask = std::make_shared<SecretMask>();
        Repository repository;
        repository.writeProject({{"test", "true"}});
        VERIFY_RESULT(workspace, WorkspaceFolder::open());
        const JobRequest request = localRequest(repository.path(), JobKind::Scan);
        JobRunner runner(request, localForges(workspace)(request), services);
        connect(&runner, &JobRunner::logged, this, [&](const LogChunk &chunk) {
            if (chunk.text.contains("Pulling"))
                QMetaObject::invokeMethod(&runner, &JobRunner::cancel, Qt::QueuedConnection);
        });
        const Job job = await(runner.run());
        QVERIFY2(job.outcome == Outcome::Cancelled, qPrintable(job.summary));
        QVERIFY(job.phase(PhaseKind::Create)->state == PhaseState::Cancelled);
    }

    void namesInPathsCannotLeaveThem()
    {
        const QString path = newPath();
        ScriptedEngine engine(path);
        VERIFY_RESULT(client, connectTo(path));
        (void)await(client->inspectContainer("../images/x?y#z"));
        QCOMPARE(engine.requests.last(),
                 QByteArray("/v1.41/containers/..%2Fimages%2Fx%3Fy%23z/json"));
    }

    void endpointsAreFoundInTheirOrder()
    {
        QTemporaryDir home;
        QProcessEnvironment environment;
        environment.insert("XDG_RUNTIME_DIR", home.path());
        environment.insert("DOCKER_HOST", "unix:///somewhere.sock");
        VERIFY_RESULT(chosen, findEngineEndpoints(environment, home.path()));
        QCOMPARE(chosen.size(), 1);
        QCOMPARE(chosen[0].socketPath, QString("/somewhere.sock"));
        environment.insert("DOCKER_HOST", "tcp://192.0.2.1:2375");
        const auto remote = findEngineEndpoints(environment, home.path());
        QVERIFY(!remote);
        QVERIFY(remote.error().message.contains("unix://"));
        environment.remove("DOCKER_HOST");

        QDir(home.path()).mkpath(".docker");
        QFile config(home.path() + "/.docker/config.json");
        QVERIFY(config.open(QIODevice::WriteOnly));
        config.write(R"({"currentContext":"gone"})");
        config.close();
        const auto gone = findEngineEndpoints(environment, home.path());
        QVERIFY(!gone && gone.error().message.contains("gone"));

        QFile::remove(config.fileName());
        QDir(home.path()).mkpath("podman");
        QFile podman(home.path() + "/podman/podman.sock");
        QVERIFY(podman.open(QIODevice::WriteOnly));
        VERIFY_RESULT(usual, findEngineEndpoints(environment, home.path()));
        QVERIFY(std::any_of(usual.begin(), usual.end(),
                            [](const EngineEndpoint &e) { return e.source == "rootless Podman"; }));
    }
};

QTEST_GUILESS_MAIN(EngineTest)
#include "tst_engine.moc"
