// FakeGitHub: what one does with a repository: git data and pull requests.

#include "support/fakegithub_p.h"

#include <algorithm>

namespace ovvoc::test {

QJsonObject FakeGitHub::repositoryJson(const Repository &repository, const char *name) const
{
    QJsonObject object = shape(name);
    QJsonObject owner = object["owner"].toObject();
    owner["login"] = repository.owner;
    object["owner"] = owner;
    object["id"] = repository.id;
    object["name"] = repository.name;
    object["full_name"] = repository.fullName();
    object["private"] = repository.isPrivate;
    object["default_branch"] = repository.defaultBranch;
    object["archived"] = repository.archived;
    object["disabled"] = repository.disabled;
    return object;
}

HttpAnswer FakeGitHub::repositoryCalls(Context &context)
{
    const QStringList &way = context.way;
    Repository *wanted = repository(way.value(1), way.value(2));
    if (!wanted)
        return notFound();
    if (way.value(3) == QLatin1String("installation")) {
        for (const auto &one : std::as_const(installations)) {
            if (context.app && one->appId == context.app->id && one->account == wanted->owner
                && (one->repositories.isEmpty() || one->repositories.contains(wanted->id)))
                return json(200, installationJson(*one));
        }
        return notFound();
    }
    if (way.value(3) == QLatin1String("releases") && way.value(4) == QLatin1String("tags")) {
        if (wanted->isPrivate || !wanted->releases.contains(context.rest(5)))
            return notFound();
        QJsonObject object = shape("release");
        object["tag_name"] = context.rest(5);
        object["body"] = wanted->releases[context.rest(5)];
        object["html_url"] =
            "https://forge.invalid/" + wanted->fullName() + "/releases/tag/" + context.rest(5);
        return json(200, object);
    }
    if (!context.token || !covers(*context.token, *wanted))
        return notFound();
    const auto allowed = [&](const char *permission, const char *level) {
        return rank(context.token->permissions[QLatin1String(permission)].toString())
            >= rank(level);
    };
    const bool writes = context.request.method != "GET";
    if (way.size() == 3 && !writes)
        return json(200, repositoryJson(*wanted, "repository"));
    if (way.value(3) == QLatin1String("git")) {
        if (!allowed("contents", writes ? "write" : "read") || (writes && wanted->archived))
            return problem(403, "Resource not accessible by integration");
        return gitCalls(context, *wanted);
    }
    if (way.value(3) == QLatin1String("pulls") || way.value(3) == QLatin1String("issues")) {
        if (!allowed("pull_requests", writes ? "write" : "read"))
            return problem(403, "Resource not accessible by integration");
        return pullCalls(context, *wanted);
    }
    return notFound();
}

HttpAnswer FakeGitHub::gitCalls(Context &context, Repository &repository)
{
    const GitRepository git = opened(repository.path);
    const QString kind = context.way.value(4);
    const QByteArray &method = context.request.method;
    const QJsonObject body = context.call.body.object();
    if (git_repository_head_unborn(git.get()) == 1)
        return problem(409, "Git Repository is empty.");
    const auto refJson = [&](const QString &name, const git_oid *id) {
        QJsonObject object = shape("ref");
        QJsonObject target = object["object"].toObject();
        target["sha"] = hex(id);
        target["type"] = "commit";
        object["ref"] = name;
        object["object"] = target;
        return object;
    };
    if (kind == QLatin1String("ref") && method == "GET") {
        const QString name = "refs/" + context.rest(5);
        git_oid id;
        if (git_reference_name_to_id(&id, git.get(), name.toUtf8().constData()) != 0)
            return notFound();
        return json(200, refJson(name, &id));
    }
    if (kind == QLatin1String("refs")) {
        const QString name = method == "POST" ? body["ref"].toString() : "refs/" + context.rest(5);
        git_oid id;
        GitReference old, made;
        const bool exists =
            gitCall(old, git_reference_lookup, git.get(), name.toUtf8().constData()) == 0;
        if (method == "DELETE")
            return exists && git_reference_delete(old.get()) == 0
                ? HttpAnswer{204, {}, {}}
                : problem(422, "Reference does not exist");
        GitCommit commit;
        if (!oid(id, body["sha"].toString())
            || gitCall(commit, git_commit_lookup, git.get(), &id) != 0)
            return problem(422, "Object does not exist");
        if (method == "POST" && exists)
            return problem(422, "Reference already exists");
        if (method == "PATCH" && !exists)
            return problem(422, "Reference does not exist");
        if (method == "PATCH" && !body["force"].toBool()
            && git_graph_descendant_of(git.get(), &id, git_reference_target(old.get())) != 1
            && !git_oid_equal(&id, git_reference_target(old.get())))
            return problem(422, "Update is not a fast forward");
        for (const QString &prefix : std::as_const(repository.protectedBranches)) {
            if (name.startsWith("refs/heads/" + prefix))
                return problem(422,
                               "Repository rule violations found\n\nCannot create ref due to "
                               "creations being restricted.");
        }
        if (gitCall(made, git_reference_create, git.get(), name.toUtf8().constData(),
                    static_cast<const git_oid *>(&id), 1, static_cast<const char *>(nullptr))
            != 0)
            return problem(422, lastGitError());
        return json(method == "POST" ? 201 : 200, refJson(name, &id));
    }
    if (kind == QLatin1String("commits")) {
        git_oid id;
        GitCommit commit;
        if (method == "POST") {
            git_oid tree;
            GitTree treeObject;
            if (!oid(tree, body["tree"].toString())
                || gitCall(treeObject, git_tree_lookup, git.get(), &tree) != 0)
                return problem(422, "Tree SHA does not exist");
            GitSignature author;
            const QString login = slugOf(context.token) + "[bot]";
            gitCall(author, git_signature_now, login.toUtf8().constData(), "bot@forge.invalid");
            std::vector<GitCommit> parents;
            std::vector<const git_commit *> raw;
            for (const auto &parent : body["parents"].toArray()) {
                git_oid parentId;
                GitCommit one;
                if (!oid(parentId, parent.toString())
                    || gitCall(one, git_commit_lookup, git.get(), &parentId) != 0)
                    return problem(422, "Parent SHA does not exist");
                raw.push_back(one.get());
                parents.push_back(std::move(one));
            }
            if (git_commit_create(&id, git.get(), nullptr, author.get(), author.get(), nullptr,
                                  body["message"].toString().toUtf8().constData(), treeObject.get(),
                                  raw.size(), raw.data())
                != 0)
                return problem(422, lastGitError());
        } else if (!oid(id, context.way.value(5))) {
            return notFound();
        }
        if (gitCall(commit, git_commit_lookup, git.get(), &id) != 0)
            return notFound();
        QJsonObject object = shape("commit");
        QJsonObject tree = object["tree"].toObject();
        tree["sha"] = hex(git_commit_tree_id(commit.get()));
        object["sha"] = hex(&id);
        object["tree"] = tree;
        object["message"] = QString::fromUtf8(git_commit_message(commit.get()));
        const auto person = [](const git_signature *who) {
            return QJsonObject{{"name", QString::fromUtf8(who->name)},
                               {"email", QString::fromUtf8(who->email)},
                               {"date", "2026-01-01T00:00:00Z"}};
        };
        object["author"] = person(git_commit_author(commit.get()));
        object["committer"] = person(git_commit_committer(commit.get()));
        QJsonArray parents;
        for (unsigned i = 0; i < git_commit_parentcount(commit.get()); ++i)
            parents << QJsonObject{{"sha", hex(git_commit_parent_id(commit.get(), i))},
                                   {"url", "https://forge.invalid/x"},
                                   {"html_url", "https://forge.invalid/x"}};
        object["parents"] = parents;
        // GitHub signs what an App commits through it, and judges others by the committer's key.
        QJsonObject verification = object["verification"].toObject();
        const QString committer = object["committer"].toObject()["email"].toString();
        const bool signedHere = committer == QLatin1String("bot@forge.invalid")
            || committer.endsWith(QLatin1String("@signed.invalid"));
        verification["verified"] = signedHere;
        verification["reason"] = signedHere ? "valid" : "unsigned";
        object["verification"] = verification;
        return json(method == "POST" ? 201 : 200, object);
    }
    if (kind == QLatin1String("blobs")) {
        git_oid id;
        Blob blob;
        if (method == "POST") {
            const QByteArray text = body["content"].toString().toUtf8();
            const QByteArray content = body["encoding"].toString() == QLatin1String("base64")
                ? QByteArray::fromBase64(text)
                : text;
            git_blob_create_from_buffer(&id, git.get(), content.constData(),
                                        std::size_t(content.size()));
            return json(201, QJsonObject{{"sha", hex(&id)}, {"url", "https://forge.invalid/blob"}});
        }
        if (!oid(id, context.way.value(5)) || gitCall(blob, git_blob_lookup, git.get(), &id) != 0)
            return notFound();
        const QByteArray content(static_cast<const char *>(git_blob_rawcontent(blob.get())),
                                 qsizetype(git_blob_rawsize(blob.get())));
        // GitHub breaks the text into lines of 60.
        QByteArray text;
        const QByteArray base = content.toBase64();
        for (qsizetype at = 0; at < base.size(); at += 60)
            text += base.mid(at, 60) + '\n';
        QJsonObject object = shape("blob");
        object["sha"] = hex(&id);
        object["size"] = content.size();
        object["encoding"] = "base64";
        object["content"] = QString::fromLatin1(text);
        return json(200, object);
    }
    if (kind != QLatin1String("trees"))
        return notFound();
    git_oid id;
    GitTree tree;
    if (method == "POST") {
        GitIndex index;
        gitCall(index, git_index_new);
        GitTree base;
        if (body.contains("base_tree")) {
            git_oid baseId;
            if (!oid(baseId, body["base_tree"].toString())
                || gitCall(base, git_tree_lookup, git.get(), &baseId) != 0)
                return problem(422, "base_tree is not a valid tree oid");
            git_index_read_tree(index.get(), base.get());
        }
        for (const auto &item : body["tree"].toArray()) {
            const QJsonObject entry = item.toObject();
            const QByteArray path = entry["path"].toString().toUtf8();
            if (entry["sha"].isNull() && entry.contains("sha")) {
                git_index_remove_bypath(index.get(), path.constData());
                continue;
            }
            git_index_entry made = {};
            made.path = path.constData();
            made.mode = entry["mode"].toString().toUInt(nullptr, 8);
            const QByteArray content = entry["content"].toString().toUtf8();
            if (entry.contains("content"))
                git_blob_create_from_buffer(&made.id, git.get(), content.constData(),
                                            std::size_t(content.size()));
            else if (!oid(made.id, entry["sha"].toString()))
                return problem(422, "tree.sha is not a valid oid");
            if (git_index_add(index.get(), &made) != 0)
                return problem(422, "tree.path contains a malformed path component");
        }
        git_index_write_tree_to(&id, index.get(), git.get());
    } else if (!oid(id, context.way.value(5))) {
        return notFound();
    }
    if (gitCall(tree, git_tree_lookup, git.get(), &id) != 0)
        return notFound();
    QJsonArray entries;
    for (std::size_t i = 0; i < git_tree_entrycount(tree.get()); ++i) {
        const git_tree_entry *entry = git_tree_entry_byindex(tree.get(), i);
        entries << QJsonObject{
            {"path", QString::fromUtf8(git_tree_entry_name(entry))},
            {"mode", QString::number(git_tree_entry_filemode(entry), 8).rightJustified(6, '0')},
            {"type", git_tree_entry_type(entry) == GIT_OBJECT_TREE ? "tree" : "blob"},
            {"sha", hex(git_tree_entry_id(entry))},
            {"size", 1},
            {"url", "https://forge.invalid/object"}};
    }
    QJsonObject object = shape("tree");
    object["sha"] = hex(&id);
    object["truncated"] = false;
    object["tree"] = entries;
    return json(method == "POST" ? 201 : 200, object);
}

/// Whose token it is.
QString FakeGitHub::slugOf(const Token *token) const
{
    for (const auto &app : apps) {
        if (token && app->id == token->appId)
            return app->slug;
    }
    return QStringLiteral("nobody");
}

QJsonObject FakeGitHub::pullJson(const Repository &repository, const Pull &pull,
                                 const char *name) const
{
    QJsonObject object = shape(name);
    const auto side = [&](const QString &key, const QString &branch) {
        QJsonObject one = object[key].toObject();
        one["ref"] = branch;
        one["label"] = repository.owner + ':' + branch;
        one["sha"] = tip(repository, branch);
        QJsonObject home = repositoryJson(repository, "listed-repository");
        if (key == "head" && pull.fromFork)
            home["id"] = repository.id + 1'000'000;
        one["repo"] = home;
        return one;
    };
    object["head"] = side("head", pull.head);
    object["base"] = side("base", pull.base);
    object["number"] = pull.number;
    object["title"] = pull.title;
    object["body"] = pull.body;
    object["state"] = pull.open ? "open" : "closed";
    object["merged_at"] =
        pull.merged ? QJsonValue(pull.created.toUTC().toString(Qt::ISODate)) : QJsonValue();
    object["draft"] = pull.draft;
    object["created_at"] = pull.created.toUTC().toString(Qt::ISODate);
    object["html_url"] =
        "https://forge.invalid/" + repository.fullName() + "/pull/" + QString::number(pull.number);
    return object;
}

HttpAnswer FakeGitHub::pullCalls(Context &context, Repository &repository)
{
    const QByteArray &method = context.request.method;
    const QJsonObject body = context.call.body.object();
    const qint64 number = context.way.value(4).toLongLong();
    const auto find = [&repository](qint64 wanted) {
        return std::ranges::find_if(repository.pulls,
                                    [&](const Pull &pull) { return pull.number == wanted; });
    };
    if (context.way.value(3) == QLatin1String("issues")) {
        const auto pull = find(number);
        if (pull == repository.pulls.end() || context.way.value(5) != QLatin1String("labels"))
            return notFound();
        QJsonArray labels;
        for (const auto &label : body["labels"].toArray())
            pull->labels << label.toString();
        for (const QString &label : std::as_const(pull->labels)) {
            QJsonObject one = shape("label");
            one["name"] = label;
            labels << one;
        }
        return json(200, QJsonDocument(labels));
    }
    if (method == "GET" && context.way.size() == 4) {
        const QString head = context.query.queryItemValue("head", QUrl::FullyDecoded);
        const QString base = context.query.queryItemValue("base", QUrl::FullyDecoded);
        const QString state = context.query.queryItemValue("state");
        QJsonArray list;
        for (const Pull &pull : std::as_const(repository.pulls)) {
            if ((state == "all" || pull.open == (state != "closed"))
                && (head.isEmpty() || head == repository.owner + ':' + pull.head)
                && (base.isEmpty() || base == pull.base))
                list << pullJson(repository, pull, "listed-pull");
        }
        return json(200, QJsonDocument(list));
    }
    if (method == "POST" && context.way.size() == 4) {
        Pull pull;
        pull.head = body["head"].toString();
        pull.base = body["base"].toString();
        pull.title = body["title"].toString();
        pull.body = body["body"].toString();
        pull.draft = body["draft"].toBool();
        if (pull.title.isEmpty())
            return invalid("PullRequest", "title", "title can't be blank");
        if (pull.body.size() > 65536)
            return invalid("PullRequest", "body", "body is too long (maximum is 65536 characters)");
        if (tip(repository, pull.head).isEmpty())
            return invalid("PullRequest", "head", {});
        if (tip(repository, pull.base).isEmpty())
            return invalid("PullRequest", "base", {});
        if (tip(repository, pull.head) == tip(repository, pull.base))
            return invalid("PullRequest", "head",
                           "No commits between " + pull.base + " and " + pull.head);
        for (const Pull &other : std::as_const(repository.pulls)) {
            if (other.open && other.head == pull.head && other.base == pull.base)
                return invalid("PullRequest", "head",
                               "A pull request already exists for " + repository.owner + ':'
                                   + pull.head + '.');
        }
        pull.created = now();
        pull.number = repository.pulls.size() + 1;
        repository.pulls << pull;
        return json(201, pullJson(repository, pull, "pull"));
    }
    if (method == "PATCH") {
        const auto pull = find(number);
        if (pull == repository.pulls.end())
            return notFound();
        if (body.contains("title"))
            pull->title = body["title"].toString();
        if (body.contains("body"))
            pull->body = body["body"].toString();
        return json(200, pullJson(repository, *pull, "pull"));
    }
    return notFound();
}

} // namespace ovvoc::test
