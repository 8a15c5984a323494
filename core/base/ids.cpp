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

namespace {

/// Field 22 of /proc/PID/stat; empty when there is no such process.
QByteArray startTimeOf(const QString &pid)
{
    QFile stat("/proc/" + pid + "/stat");
    if (!stat.open(QIODevice::ReadOnly))
        return {};
    // The command's name (field 2) may hold spaces; fields are counted after its ')'.
    const QByteArray text = stat.readAll();
    return text.mid(text.lastIndexOf(')') + 2).split(' ').value(19);
}

} // namespace

QString processIdentity()
{
    const QByteArray startTime = startTimeOf(QStringLiteral("self"));
    return QString::number(QCoreApplication::applicationPid()) + '-'
        + (startTime.isEmpty() ? QStringLiteral("0") : QString::fromLatin1(startTime));
}

bool processLives(const QString &identity)
{
    bool number = false;
    const qint64 pid = identity.section('-', 0, 0).toLongLong(&number);
    return number && pid > 0
        && QString::fromLatin1(startTimeOf(QString::number(pid))) == identity.section('-', 1);
}

} // namespace ovvoc
