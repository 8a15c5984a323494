#include "format.h"

#include <QCoreApplication>
#include <QLocale>

namespace ovvoc {

QString seconds(qint64 milliseconds)
{
    const QLocale locale;
    if (milliseconds < 9'950)
        return QCoreApplication::translate("Format", "%1 s")
            .arg(locale.toString(double(milliseconds) / 1000, 'f', milliseconds < 995 ? 2 : 1));
    if (milliseconds < 99'950)
        return QCoreApplication::translate("Format", "%1 s")
            .arg(locale.toString(double(milliseconds) / 1000, 'f', 1));
    const qint64 whole = milliseconds / 1000;
    return QCoreApplication::translate("Format", "%1 min %2 s").arg(whole / 60).arg(whole % 60);
}

QString sized(qint64 bytes)
{
    return QLocale().formattedDataSize(bytes, 1, QLocale::DataSizeIecFormat);
}

QString shortened(const QString &text, int length)
{
    if (text.size() <= length)
        return text;
    const int side = (length - 1) / 2;
    return text.left(side) + QChar(0x2026) + text.right(length - 1 - side);
}

} // namespace ovvoc
