#include "support/githubbench.h"

#include <QTcpServer>

namespace ovvoc::test {

GitHubDoor::GitHubDoor(const FakeGitHub &fake)
    : m_api(fake.api())
{
    if (!isPrism())
        return;
    const QString modules = qEnvironmentVariable("OVVOC_TEST_PRISM");
    QTcpServer free;
    free.listen(QHostAddress::LocalHost);
    const quint16 port = free.serverPort();
    free.close();
    m_prism.setProcessChannelMode(QProcess::MergedChannels);
    QObject::connect(&m_prism, &QProcess::readyRead, &m_prism,
                     [this] { m_output += m_prism.readAll(); });
    m_prism.start("node",
                  {modules + "/node_modules/@stoplight/prism-cli/dist/index.js", "proxy", "-h",
                   "127.0.0.1", "-p", QString::number(port),
                   QStringLiteral(CONTRACT "/github.json"), fake.api().toString()});
    if (!QTest::qWaitFor([this] { return m_output.contains("is listening"); }, 60'000))
        qFatal("Prism did not start: %s", m_output.constData());
    m_api = QUrl(QStringLiteral("http://127.0.0.1:%1").arg(port));
}

GitHubDoor::~GitHubDoor()
{
    m_prism.kill();
    m_prism.waitForFinished();
}

QStringList GitHubDoor::violations()
{
    QTest::qWait(50); // the proxy writes after it has answered
    QStringList found;
    for (const QString &line : QString::fromUtf8(m_output).split('\n')) {
        if (line.contains(QLatin1String("Violation"), Qt::CaseInsensitive))
            found << line;
    }
    return found;
}

std::shared_ptr<RestClient> GitHubBench::client(RestClient::Settings settings)
{
    settings.api = door->api();
    settings.retryDelayMs = 5;
    const auto made = RestClient::make(settings, queue);
    if (!made)
        qFatal("%s", qPrintable(made.error().message));
    return *made;
}

std::shared_ptr<GitHubApp> GitHubBench::app(const FakeGitHub::App &app, bool byClientId)
{
    auto der = appKeyFromPem(secretOf(app.privatePem));
    if (!der)
        qFatal("%s", qPrintable(der.error().message));
    return std::make_shared<GitHubApp>(byClientId ? app.clientId : QString::number(app.id),
                                       std::make_shared<const SecretBytes>(std::move(*der)),
                                       client(), ledger, mask);
}

GitHubRepository GitHubBench::place(const FakeGitHub::Repository &repository,
                                    const FakeGitHub::Installation &installation) const
{
    GitHubRepository place;
    place.web = fake.web();
    place.owner = repository.owner;
    place.name = repository.name;
    place.id = repository.id;
    place.installationId = installation.id;
    return place;
}

std::shared_ptr<GitHubForge> GitHubBench::forge(const FakeGitHub::App &by,
                                                const FakeGitHub::Installation &installation,
                                                const FakeGitHub::Repository &repository)
{
    auto made = std::make_shared<GitHubForge>(place(repository, installation), app(by));
    made->setAnonymous(client());
    return made;
}

} // namespace ovvoc::test
