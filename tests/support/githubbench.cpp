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

QStringList GitHubBench::leftBehind()
{
    QStringList left = door->violations();
    if (fake.liveTokens() > 0)
        left << QStringLiteral("%1 live token(s)").arg(fake.liveTokens());
    if (!keychain->entries.isEmpty())
        left << QStringLiteral("a token that is noted");
    return left;
}

Project::Project()
{
    repository.write("package.json", "{\n  \"dependencies\": { \"ms\": \"2.1.2\" }\n}\n");
    repository.write("src/index.js", "module.exports = 1;\n");
    repository.commit();
    repository.write("package.json", "{\n  \"dependencies\": { \"ms\": \"2.1.3\" }\n}\n");
    patch = *sealPatch(repository.git({"diff", "--binary", "--full-index"}));
}

ProposalRequest proposal(const BaseRef &base, const SealedPatch &patch)
{
    ProposalRequest request;
    request.base = base;
    request.patch = patch;
    request.branch = "ovvoc/update-ms-2.1.3";
    request.title = "Update ms from 2.1.2 to 2.1.3";
    request.body = "What changed";
    return request;
}

Proposing::Proposing(GitHubBench &bench)
    : fake(bench.fake)
    , app(fake.addApp("A", "aurora"))
    , shop(fake.addRepository("aurora", "shop", project.repository.path()))
    , forge(bench.forge(app, fake.install(app, "aurora"), shop))
{
    const auto resolved = await(forge->resolveBase({}));
    if (!resolved || !await(forge->closeClone()))
        qFatal("the fake cannot be cloned from");
    base = *resolved;
}

} // namespace ovvoc::test
