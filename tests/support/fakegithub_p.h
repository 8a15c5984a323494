#pragma once

// What the parts of FakeGitHub have in common. For its own files only.

#include "patch/libgit.h"
#include "support/fakegithub.h"

#include <QJsonArray>
#include <QRandomGenerator>
#include <QUrlQuery>

namespace ovvoc::test {

using Blob = GitPointer<git_blob, git_blob_free>;

inline QByteArray random(int length, bool dots = false)
{
    const QByteArray alphabet =
        QByteArray("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        + (dots ? "-_" : "");
    QByteArray text(length, 'a');
    for (char &c : text)
        c = alphabet[QRandomGenerator::global()->bounded(int(alphabet.size()))];
    return text;
}

inline HttpAnswer json(int status, const QJsonDocument &document)
{
    return {status,
            {{"Content-Type", "application/json; charset=utf-8"}},
            document.toJson(QJsonDocument::Compact)};
}
inline HttpAnswer json(int status, const QJsonObject &object)
{
    return json(status, QJsonDocument(object));
}

inline HttpAnswer problem(int status, const QString &message)
{
    return json(status,
                QJsonObject{{"message", message},
                            {"documentation_url", "https://docs.github.com/rest"},
                            {"status", QString::number(status)}});
}

inline HttpAnswer invalid(const QString &resource, const QString &field, const QString &message)
{
    const QJsonObject one{{"resource", resource},
                          {"field", field},
                          {"code", message.isEmpty() ? "invalid" : "custom"},
                          {"message", message}};
    return json(422,
                QJsonObject{{"message", "Validation Failed"},
                            {"errors", QJsonArray{one}},
                            {"documentation_url", "https://docs.github.com/rest"}});
}

inline HttpAnswer notFound()
{
    return problem(404, "Not Found");
}

inline QString hex(const git_oid *id)
{
    char text[GIT_OID_HEXSZ + 1];
    return QString::fromLatin1(git_oid_tostr(text, sizeof text, id));
}

inline GitRepository opened(const QString &path)
{
    ensureLibgit();
    GitRepository repository;
    if (gitCall(repository, git_repository_open, path.toUtf8().constData()) != 0)
        qFatal("cannot open %s: %s", qPrintable(path), qPrintable(lastGitError()));
    return repository;
}

inline bool oid(git_oid &id, const QString &text)
{
    return text.size() == GIT_OID_HEXSZ && git_oid_fromstr(&id, text.toLatin1().constData()) == 0;
}

/// "read" < "write" < "admin"
inline int rank(const QString &level)
{
    return int(QStringList{"", "read", "write", "admin"}.indexOf(level));
}

struct FakeGitHub::Context
{
    const HttpRequest &request;
    Call &call;
    QStringList way; ///< the path's segments, decoded
    QUrlQuery query;
    App *app = nullptr; ///< with a JWT
    const Token *token = nullptr;
    QString rest(qsizetype from) const { return way.mid(from).join('/'); }
};

} // namespace ovvoc::test
