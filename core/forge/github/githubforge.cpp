#include "forge/github/githubforge.h"

#include "base/logging.h"
#include "forge/smarthttp.h"
#include "forge/submoduleaddress.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QRegularExpression>
#include <QtConcurrent/QtConcurrentRun>
#include <algorithm>
#include <qcoro/qcorofuture.h>

namespace ovvoc {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("GitHub", text);
}

QString personOf(const QJsonValue &who)
{
    const QJsonObject person = who.toObject();
    return person["name"].toString() + QStringLiteral(" <") + person["email"].toString() + '>';
}

/// A branch as the API's "ref" in a path.
QString headPart(const QString &branch)
{
    return pathPart("heads/" + branch);
}

/// Packages whose release notes are asked for; of the others the address is enough.
constexpr qsizetype notesAsked = 5;
/// What stays free for the mark below the text, in characters.
constexpr qsizetype bodyMarkLimit = 24'000;
/// A job never waits longer than this for them, in seconds.
constexpr qint64 notesPatienceSeconds = 10;

QJsonObject readPermissions()
{
    return {{"contents", "read"}, {"metadata", "read"}};
}

QJsonObject writePermissions()
{
    return {{"contents", "write"}, {"metadata", "read"}, {"pull_requests", "write"}};
}

QJsonObject lookPermissions()
{
    return {{"metadata", "read"}, {"pull_requests", "read"}};
}

tl::unexpected<Error> stoppedBeforeABranch()
{
    return fail(ErrorCode::Cancelled, tr("Nothing was proposed: the job was cancelled first."));
}

/// The address that GitHub gave, if it is one of that server's own; else the one it must have. A
/// person opens it trusting that it is GitHub.
QString pullAddress(const GitHubRepository &repository, const QString &given, qint64 number)
{
    const QUrl place(given);
    const bool own = place.isValid() && place.scheme() == repository.web.scheme()
        && place.host() == repository.web.host() && place.port() == repository.web.port()
        && place.userInfo().isEmpty();
    if (own)
        return place.toString(QUrl::FullyEncoded);
    QUrl made = repository.web;
    made.setPath('/' + repository.owner + '/' + repository.name + "/pull/"
                 + QString::number(number));
    return made.toString(QUrl::FullyEncoded);
}

/// Of a list of pull requests those that were proposed from here to \a branch.
QList<ForgeProposal> proposalsIn(const QJsonArray &pulls, const GitHubRepository &repository,
                                 const QString &branch)
{
    using State = ForgeProposal::State;
    QList<ForgeProposal> found;
    for (const auto &item : pulls) {
        const QJsonObject pull = item.toObject();
        const QJsonObject head = pull["head"].toObject(), base = pull["base"].toObject();
        // A fork may have branches of our names; its pull requests are somebody else's.
        const bool ours = head["ref"].toString().startsWith(proposalBranchPrefix)
            && head["repo"].toObject()["id"].toInteger() == repository.id;
        const QString goal =
            branch.isEmpty() ? base["repo"].toObject()["default_branch"].toString() : branch;
        if (!ours || base["ref"].toString() != goal)
            continue;
        ForgeProposal one;
        one.branch = oneLine(head["ref"].toString());
        one.title = oneLine(pull["title"].toString());
        one.number = pull["number"].toInteger();
        one.location = pullAddress(repository, pull["html_url"].toString(), one.number);
        one.created = QDateTime::fromString(pull["created_at"].toString(), Qt::ISODate);
        one.mark = markIn(pull["body"].toString());
        one.state = pull["state"].toString() == QLatin1String("open") ? State::Open
            : pull["merged_at"].toString().isEmpty()                  ? State::Closed
                                                                      : State::Merged;
        found << one;
    }
    return found;
}

} // namespace

QStringList breakingLines(const QString &notes)
{
    QStringList lines;
    for (const QString &line : notes.left(256 * 1024).split('\n')) {
        if (!line.contains(QLatin1String("BREAKING"), Qt::CaseInsensitive))
            continue;
        static const QRegularExpression marks(QStringLiteral("^[\\s#*>+-]+|[*_]{2,}|\\s+$"));
        QString text = line;
        text.remove(marks);
        lines << text.left(200);
        if (lines.size() == 8)
            break;
    }
    return lines;
}

QString boundedBody(const QString &body)
{
    if (body.size() <= GitHubForge::bodyLimit)
        return body;
    const QString note =
        "\n\n" + tr("*(This text was cut here: it was longer than GitHub takes.)*");
    QString cut = body.left(GitHubForge::bodyLimit - note.size() - 8);
    if (!cut.isEmpty() && cut.back().isHighSurrogate())
        cut.chop(1);
    cut = cut.left(cut.lastIndexOf('\n') + 1);
    if (cut.count(QStringLiteral("```")) % 2 == 1)
        cut += QStringLiteral("```\n");
    return cut + note;
}

GitHubForge::GitHubForge(GitHubRepository repository, std::shared_ptr<GitHubApp> app)
    : m_repository(std::move(repository))
    , m_app(std::move(app))
{ }

GitHubForge::~GitHubForge() = default;

QString GitHubForge::name() const
{
    return m_repository.web.host() + '/' + m_repository.owner + '/' + m_repository.name;
}

QString GitHubForge::repoPath() const
{
    return "/repos/" + pathPart(m_repository.owner) + '/' + pathPart(m_repository.name);
}

TokenRequest GitHubForge::tokenFor(const QString &purpose, const QJsonObject &permissions) const
{
    TokenRequest request;
    request.purpose = purpose;
    request.repositoryId = m_repository.id;
    request.repositoryName = m_repository.owner + '/' + m_repository.name;
    request.permissions = permissions;
    return request;
}

TaskResult<RestAnswer> GitHubForge::api(QByteArray method, QString path, QJsonDocument body,
                                        std::shared_ptr<const SecretBytes> token)
{
    RestRequest request;
    request.method = std::move(method);
    request.path = repoPath() + path;
    request.body = std::move(body);
    request.credential = std::move(token);
    co_return co_await m_app->rest()->call(request);
}

TaskResult<> GitHubForge::ensureReadToken()
{
    if (m_readToken)
        co_return {};
    const TokenRequest request = tokenFor(QStringLiteral("Clone"), readPermissions());
    OVVOC_CO_TRY(token, co_await m_app->mint(m_repository.installationId, request));
    m_lives << token.life;
    m_readToken = token;
    co_return {};
}

TaskResult<BaseRef> GitHubForge::resolveBase(QString branch)
{
    OVVOC_CO_CHECK(co_await ensureReadToken());
    const auto token = m_readToken->secret;
    auto seen = co_await api("GET", {}, {}, token);
    if (!seen && seen.error().code == ErrorCode::NotFound)
        co_return fail(
            ErrorCode::NotFound,
            tr("%1 cannot be seen any more: it was renamed, deleted, or another repository "
               "took its name. Choose it again in the client's settings.")
                .arg(name()));
    OVVOC_CO_TRY(answer, seen);
    const QJsonObject repository = answer.json.object();
    if (repository["archived"].toBool())
        co_return fail(ErrorCode::Unsupported,
                       tr("%1 is archived, so nothing can be proposed to it.").arg(name()));
    if (repository["disabled"].toBool())
        co_return fail(ErrorCode::Unsupported, tr("%1 was disabled by GitHub.").arg(name()));
    if (repository["id"].toInteger() != m_repository.id)
        co_return fail(ErrorCode::Conflict,
                       tr("%1 is another repository than the one that was chosen: it was replaced "
                          "or renamed. Choose it again in the client's settings.")
                           .arg(name()));
    if (branch.isEmpty())
        branch = repository["default_branch"].toString();
    auto reference = co_await api("GET", "/git/ref/" + headPart(branch), {}, token);
    if (!reference && reference.error().code == ErrorCode::NotFound)
        co_return fail(ErrorCode::NotFound,
                       tr("%1 has no branch %2. Check the name.").arg(name(), branch));
    if (!reference && reference.error().code == ErrorCode::Conflict)
        co_return fail(ErrorCode::InvalidInput,
                       tr("%1 has no commits yet. Commit something first.").arg(name()));
    if (!reference)
        co_return fail(reference.error());
    const QString commit = reference->json.object()["object"].toObject()["sha"].toString();
    if (commit.isEmpty())
        co_return fail(ErrorCode::Protocol, tr("GitHub did not say where %1 stands.").arg(branch));
    co_return BaseRef{branch, commit};
}

Result<std::shared_ptr<GitUpstream>> GitHubForge::upstreamOf(const QUrl &page) const
{
    SmartHttp::Settings settings;
    settings.repository = page;
    settings.repository.setPath(page.path() + ".git");
    settings.tls = m_app->rest()->settings().tls;
    settings.proxy = m_app->rest()->settings().proxy;
    SecretBytes credential;
    if (m_readToken)
        credential = m_readToken->secret->clone();
    OVVOC_TRY(upstream, SmartHttp::make(settings, std::move(credential)));
    return std::shared_ptr<GitUpstream>(upstream);
}

QUrl GitHubForge::page() const
{
    QUrl page = m_repository.web;
    page.setPath('/' + m_repository.owner + '/' + m_repository.name);
    return page;
}

TaskResult<std::shared_ptr<GitUpstream>> GitHubForge::openClone()
{
    OVVOC_CO_CHECK(co_await ensureReadToken());
    co_return upstreamOf(page());
}

TaskResult<std::shared_ptr<GitUpstream>> GitHubForge::openSubmodule(SubmoduleRequest request)
{
    OVVOC_CO_TRY(place, submodulePage(page(), request.addresses));
    // An access that still lives is for another repository.
    OVVOC_CO_CHECK(co_await closeClone());
    TokenRequest wanted;
    wanted.purpose = QStringLiteral("Clone");
    wanted.repositoryName = place.path().mid(1);
    wanted.byName = true;
    wanted.permissions = readPermissions();
    if (isSibling(wanted.repositoryName)) {
        auto token = co_await m_app->mint(m_repository.installationId, wanted);
        if (token) {
            m_readToken = *token;
            m_lives << m_readToken->life;
        } else if (token.error().code != ErrorCode::Forbidden
                   && token.error().code != ErrorCode::NotFound) {
            co_return fail(token.error());
        }
    }
    co_return upstreamOf(place);
}

/// Whether a submodule may be read with the App's access. An installation is one owner's, and a
/// name means one of that owner's repositories.
bool GitHubForge::isSibling(const QString &repository) const
{
    return repository.section('/', 0, 0).compare(m_repository.owner, Qt::CaseInsensitive) == 0
        && (m_repository.siblings.contains(repository, Qt::CaseInsensitive)
            || repository.compare(m_repository.owner + '/' + m_repository.name, Qt::CaseInsensitive)
                == 0);
}

QString GitHubForge::submoduleHint(const SubmoduleRequest &request) const
{
    const auto place = submodulePage(page(), request.addresses);
    if (!place || isSibling(place->path().mid(1))
        || place->path().mid(1).section('/', 0, 0).compare(m_repository.owner, Qt::CaseInsensitive)
            != 0)
        return {};
    return tr("If it is private, add %1 to this client: only its own repositories are read with "
              "the App's access.")
        .arg(place->path().mid(1));
}

TaskResult<> GitHubForge::closeClone()
{
    if (!m_readToken)
        co_return {};
    const InstallationToken token = *m_readToken;
    m_readToken.reset();
    const qsizetype index = m_lives.size() - 1;
    const TokenLife life = co_await m_app->revoke(token);
    m_lives[index] = life;
    if (life.state != TokenLife::State::Revoked)
        co_return fail(ErrorCode::Unauthorized,
                       tr("The clone's token could not be revoked, so the job was ended. It is "
                          "revoked at the next start, and dies by itself within the hour."));
    co_return {};
}

TaskResult<Proposal> GitHubForge::propose(ProposalRequest request)
{
    const TokenRequest wanted = tokenFor(QStringLiteral("PR"), writePermissions());
    OVVOC_CO_TRY(token, co_await m_app->mint(m_repository.installationId, wanted));
    m_lives << token.life;
    const qsizetype index = m_lives.size() - 1;
    auto proposal = co_await proposeWith(request, token.secret);
    m_lives[index] = co_await m_app->revoke(token);
    co_return proposal;
}

TaskResult<QHash<QString, QJsonObject>>
GitHubForge::folderEntries(QString tree, QString folder, std::shared_ptr<const SecretBytes> token)
{
    QStringList way = folder.split('/', Qt::SkipEmptyParts);
    for (;;) {
        OVVOC_CO_TRY(answer, co_await api("GET", "/git/trees/" + pathPart(tree), {}, token));
        QHash<QString, QJsonObject> entries;
        for (const auto &item : answer.json.object()["tree"].toArray())
            entries.insert(item.toObject()["path"].toString(), item.toObject());
        if (way.isEmpty())
            co_return QHash<QString, QJsonObject>(entries);
        const QJsonObject next = entries.value(way.takeFirst());
        if (next["type"].toString() != QLatin1String("tree"))
            co_return QHash<QString, QJsonObject>{};
        tree = next["sha"].toString();
    }
}

TaskResult<QHash<QString, BaseFile>>
GitHubForge::baseFiles(QString tree, SealedPatch patch, std::shared_ptr<const SecretBytes> token)
{
    OVVOC_CO_TRY(wanted, baseBlobs(patch));
    QHash<QString, QHash<QString, QJsonObject>> folders;
    QHash<QString, BaseFile> files;
    const QStringList paths = wanted.keys();
    for (const QString &path : paths) {
        const QString folder = path.contains('/') ? path.section('/', 0, -2) : QString();
        if (!folders.contains(folder)) {
            OVVOC_CO_TRY(entries, co_await folderEntries(tree, folder, token));
            folders.insert(folder, entries);
        }
        const QJsonObject entry = folders[folder].value(path.section('/', -1));
        const bool added = wanted[path].isEmpty();
        if (added != entry.isEmpty() || (!added && entry["sha"].toString() != wanted[path]))
            co_return fail(ErrorCode::Conflict,
                           tr("\"%1\" has changed on GitHub since the job began, so the update no "
                              "longer fits. Run it again.")
                               .arg(path));
        if (added)
            continue;
        OVVOC_CO_TRY(blob, co_await api("GET", "/git/blobs/" + wanted[path], {}, token));
        BaseFile file;
        file.content = QByteArray::fromBase64(blob.json.object()["content"].toString().toLatin1());
        file.mode = entry["mode"].toString().toUInt(nullptr, 8);
        files.insert(path, file);
    }
    const QHash<QString, BaseFile> result = files;
    co_return result;
}

TaskResult<QString> GitHubForge::makeTree(QString baseTree, QList<AppliedFile> files,
                                          std::shared_ptr<const SecretBytes> token)
{
    QJsonArray entries;
    for (const AppliedFile &file : files) {
        QJsonObject entry{
            {"path", file.path}, {"mode", QString::number(file.mode, 8)}, {"type", "blob"}};
        const QString text = QString::fromUtf8(file.content);
        if (text.toUtf8() == file.content) {
            entry["content"] = text;
        } else {
            // Content that JSON cannot carry goes as a blob of its own.
            const QJsonObject body{{"content", QString::fromLatin1(file.content.toBase64())},
                                   {"encoding", "base64"}};
            OVVOC_CO_TRY(blob, co_await api("POST", "/git/blobs", QJsonDocument(body), token));
            if (blob.json.object()["sha"].toString() != file.blob)
                co_return fail(ErrorCode::Protocol,
                               tr("GitHub stored \"%1\" as something else.").arg(file.path));
            entry["sha"] = file.blob;
        }
        entries << entry;
    }
    const QJsonObject body{{"base_tree", baseTree}, {"tree", entries}};
    OVVOC_CO_TRY(tree, co_await api("POST", "/git/trees", QJsonDocument(body), token));
    co_return tree.json.object()["sha"].toString();
}

TaskResult<Proposal> GitHubForge::proposeWith(ProposalRequest request,
                                              std::shared_ptr<const SecretBytes> token)
{
    OVVOC_CO_TRY(reference,
                 co_await api("GET", "/git/ref/" + headPart(request.base.branch), {}, token));
    const QString tip = reference.json.object()["object"].toObject()["sha"].toString();
    if (tip != request.base.commit)
        log().info("github: the base has moved since the job began; checking that the patch fits");
    OVVOC_CO_TRY(commit, co_await api("GET", "/git/commits/" + pathPart(tip), {}, token));
    const QString baseTree = commit.json.object()["tree"].toObject()["sha"].toString();
    OVVOC_CO_TRY(base, co_await baseFiles(baseTree, request.patch, token));
    OVVOC_CO_TRY(files, applyInMemory(request.patch, base));
    OVVOC_CO_TRY(tree, co_await makeTree(baseTree, files, token));
    // Without author and committer GitHub signs the commit for the App.
    const QString trailers = toTrailers(request.mark);
    const QString message =
        trailers.isEmpty() ? request.title : request.title + QStringLiteral("\n\n") + trailers;
    const QJsonObject body{{"message", message}, {"tree", tree}, {"parents", QJsonArray{tip}}};
    OVVOC_CO_TRY(made, co_await api("POST", "/git/commits", QJsonDocument(body), token));
    const QString id = made.json.object()["sha"].toString();
    if (id.isEmpty() || made.json.object()["tree"].toObject()["sha"].toString() != tree)
        co_return fail(ErrorCode::Protocol, tr("GitHub made another commit than was asked for."));
    // The commit belongs to no branch yet: up to here a cancel leaves nothing to be seen.
    if (request.stopped && request.stopped())
        co_return stoppedBeforeABranch();
    const NewCommit fresh{
        id, tree, tip, message, request.mark.topic, personOf(made.json.object()["committer"])};
    co_return co_await openPull(request, fresh, token);
}

TaskResult<QJsonObject> GitHubForge::openPullOf(QString branch, QString base,
                                                std::shared_ptr<const SecretBytes> token)
{
    const QString query = QStringLiteral("/pulls?state=open&head=%1&base=%2")
                              .arg(pathPart(m_repository.owner + ':' + branch), pathPart(base));
    OVVOC_CO_TRY(open, co_await api("GET", query, {}, token));
    co_return open.json.array().at(0).toObject();
}

/// Whether the commit at a branch's head was made by this App through GitHub, which signs such
/// commits and is their committer: what a person pushed, merged or amended is not, even where an
/// amended commit keeps the App as its author and the person signs it.
TaskResult<QJsonObject> GitHubForge::ownHead(QString branch, QString committer,
                                             std::shared_ptr<const SecretBytes> token)
{
    OVVOC_CO_TRY(reference, co_await api("GET", "/git/ref/" + headPart(branch), {}, token));
    const QString head = reference.json.object()["object"].toObject()["sha"].toString();
    OVVOC_CO_TRY(answer, co_await api("GET", "/git/commits/" + pathPart(head), {}, token));
    if (m_botName.isEmpty()) {
        OVVOC_CO_TRY(self, co_await m_app->self());
        m_botName = self["slug"].toString() + QStringLiteral("[bot]");
    }
    const QJsonObject commit = answer.json.object();
    const bool ours = commit["author"].toObject()["name"].toString() == m_botName
        && personOf(commit["committer"]) == committer
        && commit["verification"].toObject()["verified"].toBool();
    co_return ours ? commit : QJsonObject();
}

/// Moves a branch of ours on to \a commit's tree. Never by force: the new commit follows the old
/// one, so that whatever somebody pushes meanwhile makes GitHub refuse, and nothing is lost.
TaskResult<QString> GitHubForge::followHead(QString branch, QJsonObject head, NewCommit commit,
                                            std::shared_ptr<const SecretBytes> token)
{
    if (head["tree"].toObject()["sha"].toString() == commit.tree)
        co_return head["sha"].toString(); // nothing new: it stays as it is
    const QString old = head["sha"].toString();
    QJsonArray parents{old};
    bool follows = false;
    for (const auto &parent : head["parents"].toArray())
        follows = follows || parent.toObject()["sha"].toString() == commit.parent;
    if (!follows)
        parents << commit.parent;
    const QJsonObject body{
        {"message", commit.message}, {"tree", commit.tree}, {"parents", parents}};
    OVVOC_CO_TRY(made, co_await api("POST", "/git/commits", QJsonDocument(body), token));
    const QString id = made.json.object()["sha"].toString();
    const QJsonObject move{{"sha", id}, {"force", false}};
    OVVOC_CO_TRY(
        moved, co_await api("PATCH", "/git/refs/" + headPart(branch), QJsonDocument(move), token));
    co_return QString(id);
}

/// Makes the branch, or takes the one whose pull request is open further: the same update is
/// brought up to date, not doubled. A branch of that name without a pull request, or with somebody
/// else's commit at its head, is somebody's: another is made.
TaskResult<GitHubForge::Branch> GitHubForge::createBranch(QString wanted, NewCommit commit,
                                                          QString base,
                                                          std::shared_ptr<const SecretBytes> token)
{
    Branch made;
    for (int attempt = 1; attempt <= 20; ++attempt) {
        made.name = attempt == 1 ? wanted : QStringLiteral("%1-%2").arg(wanted).arg(attempt);
        const QJsonObject create{{"ref", "refs/heads/" + made.name}, {"sha", commit.id}};
        auto created = co_await api("POST", "/git/refs", QJsonDocument(create), token);
        if (created) {
            made.commit = commit.id;
            made.fresh = true;
            co_return Branch(made);
        }
        const Error error = created.error();
        const bool exists = error.code == ErrorCode::InvalidInput
            && error.detail.contains(QLatin1String("already exists"), Qt::CaseInsensitive);
        if (!exists && error.detail.contains(QLatin1String("workflow"), Qt::CaseInsensitive))
            co_return fail(ErrorCode::Forbidden,
                           tr("The update would need the permission to change workflows, which the "
                              "App does not have and should not have."),
                           error.detail);
        if (!exists
            && (error.code == ErrorCode::Forbidden || error.code == ErrorCode::InvalidInput))
            co_return fail(ErrorCode::Forbidden,
                           tr("The branch %1 cannot be made (%2). A rule of the repository may "
                              "protect it: let the App create branches below ovvoc/.")
                               .arg(made.name, error.detail),
                           error.detail);
        if (!exists)
            co_return fail(error);
        OVVOC_CO_TRY(pull, co_await openPullOf(made.name, base, token));
        // Two packages may lead to one name; without a mark it is told by its name alone.
        const QString topic = markIn(pull["body"].toString()).topic;
        if (pull.isEmpty() || (!topic.isEmpty() && topic != commit.topic))
            continue;
        OVVOC_CO_TRY(head, co_await ownHead(made.name, commit.committer, token));
        Result<QString> moved = fail(ErrorCode::Conflict, QString());
        if (!head.isEmpty())
            moved = co_await followHead(made.name, head, commit, token);
        if (moved) {
            made.commit = *moved;
            const QString now = *moved == head["sha"].toString()
                ? tr("%1 has this already; it stays as it is.").arg(made.name)
                : tr("%1 was open already, and was moved on.").arg(made.name);
            made.note = QStringList{made.note, now}.join(' ').trimmed();
            co_return Branch(made);
        }
        const Error why = moved.error();
        const bool theirs = head.isEmpty()
            || why.detail.contains(QLatin1String("fast forward"), Qt::CaseInsensitive);
        if (!theirs)
            co_return fail(why);
        made.note = tr("%1 has commits of somebody else at its end, so it was left as it is.")
                        .arg(made.name);
    }
    co_return fail(ErrorCode::Conflict,
                   tr("There are too many branches named like %1. Remove old ones.").arg(wanted));
}

Task<> GitHubForge::label(qint64 pull, std::shared_ptr<const SecretBytes> token)
{
    if (m_repository.labels.isEmpty())
        co_return;
    const QJsonObject labels{{"labels", QJsonArray::fromStringList(m_repository.labels)}};
    auto done = co_await api("POST", QStringLiteral("/issues/%1/labels").arg(pull),
                             QJsonDocument(labels), token);
    if (!done) // the pull request stands all the same
        log().warn("github: labels: {}", toString(done.error().code).toStdString());
}

/// A branch without its pull request would be litter. Only one that was made now and that nobody
/// has pushed to meanwhile.
Task<> GitHubForge::removeFreshBranch(Branch branch, std::shared_ptr<const SecretBytes> token)
{
    if (!branch.fresh)
        co_return;
    auto reference = co_await api("GET", "/git/ref/" + headPart(branch.name), {}, token);
    if (!reference
        || reference->json.object()["object"].toObject()["sha"].toString() != branch.commit)
        co_return;
    (void)co_await api("DELETE", "/git/refs/" + headPart(branch.name), {}, token);
}

TaskResult<Proposal> GitHubForge::openPull(ProposalRequest request, NewCommit made,
                                           std::shared_ptr<const SecretBytes> token)
{
    QString body = boundedBody(request.body);
    // Not shown: with this a later run knows it again.
    if (const QString trailers = toTrailers(request.mark); !trailers.isEmpty())
        body += "\n\n<!--\n" + trailers.left(bodyMarkLimit) + "-->\n";
    OVVOC_CO_TRY(place, co_await createBranch(request.branch, made, request.base.branch, token));
    const QString branch = place.name, commit = place.commit, note = place.note;
    OVVOC_CO_TRY(old, co_await openPullOf(branch, request.base.branch, token));
    if (!old.isEmpty()) {
        const qint64 number = old["number"].toInteger();
        const QJsonObject text{{"title", request.title}, {"body", body}};
        OVVOC_CO_TRY(
            changed,
            co_await api("PATCH", "/pulls/" + QString::number(number), QJsonDocument(text), token));
        co_await label(number, token);
        co_return Proposal{branch, commit,
                           pullAddress(m_repository, old["html_url"].toString(), number), number,
                           note};
    }
    const QJsonObject open{{"title", request.title},      {"head", branch},
                           {"base", request.base.branch}, {"body", body},
                           {"draft", m_repository.draft}, {"maintainer_can_modify", true}};
    auto opened = co_await api("POST", "/pulls", QJsonDocument(open), token);
    if (!opened) {
        // An error does not say that there is none: the answer may have been what was lost.
        const Error why = opened.error();
        auto there = co_await openPullOf(branch, request.base.branch, token);
        if (there && !there->isEmpty()) {
            const qint64 found = (*there)["number"].toInteger();
            co_return Proposal{branch, commit,
                               pullAddress(m_repository, (*there)["html_url"].toString(), found),
                               found, note};
        }
        if (there)
            co_await removeFreshBranch(place, token);
        co_return fail(why);
    }
    const QJsonObject pull = opened->json.object();
    const qint64 number = pull["number"].toInteger();
    co_await label(number, token);
    co_return Proposal{branch, commit,
                       pullAddress(m_repository, pull["html_url"].toString(), number), number,
                       note};
}

TaskResult<QList<ForgeProposal>> GitHubForge::proposals(QString branch, bool ended)
{
    const TokenRequest wanted = tokenFor(QStringLiteral("Open PRs"), lookPermissions());
    OVVOC_CO_TRY(token, co_await m_app->mint(m_repository.installationId, wanted));
    m_lives << token.life;
    const qsizetype index = m_lives.size() - 1;
    RestRequest request;
    request.path = repoPath() + "/pulls?state=open&sort=created&direction=asc&per_page=100";
    request.credential = token.secret;
    request.attempts = 1; // only a look: who ends the program does not wait for it
    auto open = co_await m_app->rest()->list(request, {});
    Result<QJsonArray> closed = QJsonArray();
    if (open && ended) {
        request.path = repoPath() + "/pulls?state=closed&sort=updated&direction=desc&per_page=100";
        closed = co_await m_app->rest()->list(request, {}, 300);
    }
    m_lives[index] = co_await m_app->revoke(token);
    if (!open)
        co_return fail(open.error());
    if (!closed)
        co_return fail(closed.error());
    // People write these texts, and there may be very many.
    const QJsonArray some = *open, more = *closed;
    const GitHubRepository repository = m_repository;
    const auto work = [some, more, repository, branch] {
        QList<ForgeProposal> found =
            proposalsIn(more, repository, branch) + proposalsIn(some, repository, branch);
        std::stable_sort(found.begin(), found.end(), [](const auto &a, const auto &b) {
            return std::tie(a.created, a.number) < std::tie(b.created, b.number);
        });
        return found;
    };
    QFuture<QList<ForgeProposal>> future = QtConcurrent::run(work);
    co_return co_await future;
}

Task<QList<ReleaseNotes>> GitHubForge::releaseNotes(QList<ReleaseNotesRequest> requests)
{
    QList<ReleaseNotes> found;
    for (const ReleaseNotesRequest &wanted : requests)
        found << ReleaseNotes{wanted.package, wanted.version, wanted.source + "/releases", {}};
    if (!m_anonymous)
        co_return QList<ReleaseNotes>(found);
    const QDateTime begun = QDateTime::currentDateTimeUtc();
    for (qsizetype i = 0; i < std::min(requests.size(), notesAsked); ++i) {
        const ReleaseNotesRequest &wanted = requests[i];
        const QUrl source(wanted.source);
        if (source.host() != m_repository.web.host())
            continue;
        for (const QString &tag :
             {'v' + wanted.version, wanted.version, wanted.package + '@' + wanted.version}) {
            if (begun.secsTo(QDateTime::currentDateTimeUtc()) >= notesPatienceSeconds)
                co_return QList<ReleaseNotes>(found);
            RestRequest request;
            request.path = QStringLiteral("/repos/%1/%2/releases/tags/%3")
                               .arg(pathPart(source.path().section('/', 1, 1)),
                                    pathPart(source.path().section('/', 2, 2)), pathPart(tag));
            request.attempts = 1;
            // Without a credential: it is somebody else's repository.
            auto answer = co_await m_anonymous->call(request);
            if (!answer && answer.error().code == ErrorCode::NotFound)
                continue;
            if (!answer) // a limit or the network: links are enough, for the others as well
                co_return QList<ReleaseNotes>(found);
            const QJsonObject release = answer->json.object();
            found[i].breaking = breakingLines(release["body"].toString());
            found[i].address = release["html_url"].toString(found[i].address);
            break;
        }
    }
    co_return QList<ReleaseNotes>(found);
}

} // namespace ovvoc
