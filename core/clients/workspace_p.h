#pragma once

// What the parts of Workspace have in common. For its own files only.

#include "clients/workspace.h"

#include <QCoreApplication>
#include <QJsonDocument>
#include <QJsonObject>

namespace ovvoc {

inline QString translate(const char *text)
{
    return QCoreApplication::translate("Workspace", text);
}

inline QByteArray compact(const QJsonObject &object)
{
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

inline QByteArray placeOf(const QString &clientId, const QString &table, const QString &row)
{
    return "client/" + clientId.toUtf8() + '/' + table.toUtf8() + '/' + row.toUtf8();
}

/// An entry for each setting that differs.
QList<AuditEvent> overrideEvents(const SettingOverrides &before, const SettingOverrides &after,
                                 const QString &clientId, const QString &repository);

inline Result<QString> checkedName(const QString &name)
{
    const QString clean = name.simplified();
    if (clean.isEmpty() || clean.size() > 100)
        return fail(ErrorCode::InvalidInput, translate("A name has 1 to 100 characters."));
    return clean;
}

} // namespace ovvoc
