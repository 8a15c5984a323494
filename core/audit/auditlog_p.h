#pragma once

// What the parts of AuditLog have in common. For its own files only.

#include "audit/auditlog.h"

#include <QCryptographicHash>
#include <QHash>
#include <QJsonDocument>

namespace ovvoc {

namespace audit {

inline constexpr int saltSize = 16;
inline constexpr int chunk = 500;
inline constexpr qsizetype problemLimit = 50;
inline const char *const columns = "seq, time, client, job, action, hash, sealed, detail_sealed, "
                                   "actor_hash";
/// The member of an entry's details that holds AuditEvent::covers.
inline const QString coversMember = QStringLiteral("covers");

inline QByteArray place(const char *column, qint64 seq)
{
    return QByteArray("audit/") + column + '/' + QByteArray::number(seq);
}

inline QByteArray digest(QByteArrayView bytes)
{
    return QCryptographicHash::hash(bytes.toByteArray(), QCryptographicHash::Sha256);
}

/// JSON with sorted members and no blanks: RFC 8785 for what stands in it (strings and integers).
inline QByteArray canonical(const QJsonObject &object)
{
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

inline QString iso(qint64 milliseconds)
{
    return QDateTime::fromMSecsSinceEpoch(milliseconds, Qt::UTC).toString(Qt::ISODateWithMs);
}

} // namespace audit

/// A row with its seals taken off.
struct AuditLog::Stored
{
    qint64 seq = 0;
    qint64 time = 0;
    QString client, job, action;
    QByteArray hash;
    QByteArray actorHash;
    QByteArray text; ///< canonical; empty when its seal is broken
    QJsonObject object;
    QByteArray salted; ///< salt and detail; empty when it cannot be read
    bool erased = false;
    QJsonObject detail() const
    {
        return QJsonDocument::fromJson(salted.mid(audit::saltSize)).object();
    }
};

} // namespace ovvoc
