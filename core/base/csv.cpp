#include "base/csv.h"

#include <QStringList>

namespace ovvoc {

namespace {

QString csvField(const QVariant &value)
{
    QString text = value.typeId() == QMetaType::Bool
        ? (value.toBool() ? QStringLiteral("yes") : QStringLiteral("no"))
        : value.toString();
    // A spreadsheet takes "=…" for a formula; a leading quote makes it a text again.
    const bool number = value.typeId() == QMetaType::Int || value.typeId() == QMetaType::LongLong;
    if (!number && !text.isEmpty() && QStringLiteral("=+-@\t\r").contains(text[0]))
        text.prepend('\'');
    return '"' + text.replace('"', QLatin1String("\"\"")) + '"';
}

} // namespace

QByteArray csvLine(const QList<QVariant> &values)
{
    QStringList fields;
    for (const QVariant &value : values)
        fields << csvField(value);
    return fields.join(',').toUtf8() + "\r\n";
}

} // namespace ovvoc
