#include "base/ids.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QFile>
#include <QRandomGenerator>

namespace ovvoc {

QString newId()
{
    static constexpr char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
    QString id(20, QChar('0'));
    quint64 time = quint64(QDateTime::currentMSecsSinceEpoch());
    for (int i = 9; i >= 0; --i, time >>= 5)
        id[i] = QChar::fromLatin1(alphabet[time & 31]);
    quint64 random = QRandomGenerator::system()->generate64();
    for (int i = 10; i < 20; ++i, random >>= 5)
        id[i] = QChar::fromLatin1(alphabet[random & 31]);
    return id;
}

QString processIdentity()
{
    QFile stat(QStringLiteral("/proc/self/stat"));
    QByteArray startTime = "0";
    if (stat.open(QIODevice::ReadOnly)) {
        // The command's name (field 2) may hold spaces; fields are counted after its ')'.
        const QByteArray text = stat.readAll();
        const auto fields = text.mid(text.lastIndexOf(')') + 2).split(' ');
        if (fields.size() > 19)
            startTime = fields.at(19);
    }
    return QString::number(QCoreApplication::applicationPid()) + '-'
        + QString::fromLatin1(startTime);
}

} // namespace ovvoc
