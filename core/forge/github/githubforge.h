#pragma once

#include "forge/forge.h"
#include "forge/github/githubapp.h"
#include "patch/applied.h"

#include <QSslConfiguration>

namespace ovvoc {

/// Which repository, and how its pull requests are opened.
struct GitHubRepository
{
    QUrl web = QUrl(QStringLiteral("https://github.com")); ///< where git speaks
    QString owner;
    QString name;
    qint64 id = 0; ///< 0: found by name
    qint64 installationId = 0;
    /// "owner/name" of the client's repositories: only these are read with the App's access when
    /// they are submodules.
    QStringList siblings;
    QStringList labels;
    bool draft = false;
    bool operator==(const GitHubRepository &) const = default;
};

/// One repository on github.com or a GitHub Enterprise server. Token 1 (read) lives from
/// resolveBase() to closeClone(), token 2 (write) only inside propose(), and openProposals() has
/// one of its own that may read pull requests; each is for this one repository, and each is revoked
/// whatever happens. A branch is never moved over a commit that this App did not make.
class GitHubForge final : public Forge
{
public:
    GitHubForge(GitHubRepository repository, std::shared_ptr<GitHubApp> app);
    ~GitHubForge() override;
    /// Asks what needs no credential, with a queue and a budget of its own; null: nothing of that
    /// kind is asked.
    void setAnonymous(std::shared_ptr<RestClient> rest) { m_anonymous = std::move(rest); }

    QString name() const override;
    TaskResult<BaseRef> resolveBase(QString branch) override;
    TaskResult<std::shared_ptr<GitUpstream>> openClone() override;
    /// Of this same server: with a token of its own where it is one of the client's repositories
    /// and the App is installed for it, else as everybody can have it. Who may write here need not
    /// be allowed to read all that the App may.
    TaskResult<std::shared_ptr<GitUpstream>> openSubmodule(SubmoduleRequest request) override;
    QString submoduleHint(const SubmoduleRequest &request) const override;
    TaskResult<> closeClone() override;
    Task<QList<ReleaseNotes>> releaseNotes(QList<ReleaseNotesRequest> requests) override;
    TaskResult<Proposal> propose(ProposalRequest request) override;
    TaskResult<QList<ForgeProposal>> proposals(QString branch, bool ended) override;
    QList<TokenLife> tokens() const override { return m_lives; }

    static constexpr qsizetype bodyLimit =
        40'000; ///< of the text; GitHub's is 65,536 characters with the mark

private:
    TokenRequest tokenFor(const QString &purpose, const QJsonObject &permissions) const;
    TaskResult<RestAnswer> api(QByteArray method, QString path, QJsonDocument body,
                               std::shared_ptr<const SecretBytes> token);
    bool isSibling(const QString &repository) const;
    TaskResult<> ensureReadToken();
    TaskResult<Proposal> proposeWith(ProposalRequest request,
                                     std::shared_ptr<const SecretBytes> token);
    TaskResult<QHash<QString, QJsonObject>> folderEntries(QString tree, QString folder,
                                                          std::shared_ptr<const SecretBytes> token);
    TaskResult<QHash<QString, BaseFile>> baseFiles(QString tree, SealedPatch patch,
                                                   std::shared_ptr<const SecretBytes> token);
    TaskResult<QString> makeTree(QString baseTree, QList<AppliedFile> files,
                                 std::shared_ptr<const SecretBytes> token);
    struct NewCommit
    {
        QString id, tree, parent, message, topic;
        QString committer; ///< "name <email>", as the forge writes it for our commits
    };
    struct Branch
    {
        QString name, commit, note;
        bool fresh = false; ///< made now, not taken further
    };
    TaskResult<Proposal> openPull(ProposalRequest request, NewCommit made,
                                  std::shared_ptr<const SecretBytes> token);
    TaskResult<Branch> createBranch(QString wanted, NewCommit commit, QString base,
                                    std::shared_ptr<const SecretBytes> token);
    TaskResult<QJsonObject> ownHead(QString branch, QString committer,
                                    std::shared_ptr<const SecretBytes> token);
    Task<> removeFreshBranch(Branch branch, std::shared_ptr<const SecretBytes> token);
    TaskResult<QString> followHead(QString branch, QJsonObject head, NewCommit commit,
                                   std::shared_ptr<const SecretBytes> token);
    TaskResult<QJsonObject> openPullOf(QString branch, QString base,
                                       std::shared_ptr<const SecretBytes> token);
    Task<> label(qint64 pull, std::shared_ptr<const SecretBytes> token);
    QString repoPath() const;
    QUrl page() const;
    /// With the token that lives now; without a credential when there is none.
    Result<std::shared_ptr<GitUpstream>> upstreamOf(const QUrl &page) const;
    GitHubRepository m_repository;
    std::shared_ptr<GitHubApp> m_app;
    std::shared_ptr<RestClient> m_anonymous;
    QString m_botName; ///< the App as an author; empty: not asked yet
    std::optional<InstallationToken> m_readToken;
    QList<TokenLife> m_lives;
};

/// The lines of release notes that speak of breaking changes: plain text, at most 8 of at most 200
/// characters each.
QStringList breakingLines(const QString &notes);

/// \a body cut to GitHubForge::bodyLimit, saying so, without tearing a fence or a character.
QString boundedBody(const QString &body);

} // namespace ovvoc
