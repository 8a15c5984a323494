#pragma once

#include "crypto/appkey.h"
#include "forge/github/githubforge.h"
#include "support/fakegithub.h"
#include "support/memorystore.h"
#include "support/testsupport.h"

#include <QProcess>

namespace ovvoc::test {

inline SecretBytes secretOf(const QByteArray &text)
{
    return SecretBytes(std::span(text.constData(), std::size_t(text.size())));
}

/// What stands between a client and the fake: nothing, or Prism with GitHub's description when
/// OVVOC_TEST_PRISM names the folder in which it is installed.
class GitHubDoor
{
public:
    explicit GitHubDoor(const FakeGitHub &fake);
    ~GitHubDoor();
    QUrl api() const { return m_api; }
    static bool isPrism() { return qEnvironmentVariableIsSet("OVVOC_TEST_PRISM"); }
    /// What Prism found against the description so far, one line each.
    QStringList violations();

private:
    QUrl m_api;
    QProcess m_prism;
    QByteArray m_output;
};

/// One fake GitHub, and a client's way to it.
struct GitHubBench
{
    GitHubBench() { fake.publicApi = door->api(); }
    FakeGitHub fake;
    std::unique_ptr<GitHubDoor> door = std::make_unique<GitHubDoor>(fake);
    QTemporaryDir folder;
    std::shared_ptr<MemoryStore> keychain = std::make_shared<MemoryStore>();
    std::shared_ptr<TokenLedger> ledger =
        std::make_shared<TokenLedger>(folder.path() + "/tokens", keychain);
    std::shared_ptr<HostQueue> queue = std::make_shared<HostQueue>();
    std::shared_ptr<SecretMask> mask = std::make_shared<SecretMask>();

    std::shared_ptr<RestClient> client(RestClient::Settings settings = {});
    std::shared_ptr<GitHubApp> app(const FakeGitHub::App &app, bool byClientId = true);
    GitHubRepository place(const FakeGitHub::Repository &repository,
                           const FakeGitHub::Installation &installation) const;
    std::shared_ptr<GitHubForge> forge(const FakeGitHub::App &app,
                                       const FakeGitHub::Installation &installation,
                                       const FakeGitHub::Repository &repository);
    /// What no test may leave behind, whatever it did: a token that lives or is still noted, a
    /// breach of GitHub's description.
    QStringList leftBehind();
};

/// A repository with a package.json whose one version an update raises.
struct Project
{
    Repository repository;
    SealedPatch patch;
    Project();
};

/// That update, as it is proposed.
ProposalRequest proposal(const BaseRef &base, const SealedPatch &patch);

/// The same project on the fake GitHub, cloned by its client's App and ready to be proposed to.
struct Proposing
{
    Project project;
    FakeGitHub &fake;
    const FakeGitHub::App &app;
    FakeGitHub::Repository &shop;
    std::shared_ptr<GitHubForge> forge;
    BaseRef base;
    explicit Proposing(GitHubBench &bench);
};

} // namespace ovvoc::test
