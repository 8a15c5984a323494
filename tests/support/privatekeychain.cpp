#include "support/privatekeychain.h"

#include <QDir>
#include <QFile>
#include <QTest>
#include <csignal>

namespace ovvoc::test {

PrivateKeychain::PrivateKeychain()
{
    const QString home = m_home.path();
    QFile config(home + "/bus.conf");
    if (!config.open(QIODevice::WriteOnly))
        qFatal("cannot write %s", qPrintable(config.fileName()));
    // No service files: nothing is started behind the test's back.
    config.write("<busconfig><type>session</type><listen>unix:dir=" + home.toUtf8()
                 + "</listen><policy context=\"default\"><allow send_destination=\"*\"/>"
                   "<allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>");
    config.close();
    m_bus.start("dbus-daemon",
                {"--config-file=" + config.fileName(), "--nofork", "--print-address"});
    if (!m_bus.waitForReadyRead(10'000))
        qFatal("dbus-daemon did not start: %s", m_bus.readAllStandardError().constData());
    qputenv("DBUS_SESSION_BUS_ADDRESS", m_bus.readLine().trimmed());
    qputenv("XDG_DATA_HOME", QFile::encodeName(home + "/data"));
    qputenv("XDG_RUNTIME_DIR", QFile::encodeName(home));
    qunsetenv("DISPLAY");
}

PrivateKeychain::~PrivateKeychain()
{
    if (m_keyring.state() != QProcess::NotRunning)
        freeze(false);
    m_keyring.kill();
    m_keyring.waitForFinished();
    m_bus.kill();
    m_bus.waitForFinished();
}

QProcessEnvironment PrivateKeychain::environment() const
{
    return QProcessEnvironment::systemEnvironment();
}

void PrivateKeychain::start()
{
    m_keyring.start("gnome-keyring-daemon",
                    {"--unlock", "--components=secrets", "--foreground",
                     "--control-directory=" + m_home.path()});
    m_keyring.write("password of a test\n");
    m_keyring.closeWriteChannel();
    const auto owned = [] {
        QProcess ask;
        ask.start("dbus-send",
                  {"--session", "--print-reply", "--dest=org.freedesktop.DBus", "/",
                   "org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"});
        ask.waitForFinished();
        return ask.readAllStandardOutput().contains("true");
    };
    if (!QTest::qWaitFor(owned, 15'000))
        qFatal("gnome-keyring did not start: %s", m_keyring.readAllStandardError().constData());
}

void PrivateKeychain::lock()
{
    QProcess ask;
    ask.start("dbus-send",
              {"--session", "--print-reply", "--dest=org.freedesktop.secrets",
               "/org/freedesktop/secrets", "org.freedesktop.Secret.Service.Lock",
               "array:objpath:/org/freedesktop/secrets/collection/login,"
               "/org/freedesktop/secrets/collection/session"});
    ask.waitForFinished();
    if (ask.exitCode() != 0)
        qFatal("cannot lock: %s", ask.readAllStandardError().constData());
}

void PrivateKeychain::freeze(bool frozen)
{
    ::kill(pid_t(m_keyring.processId()), frozen ? SIGSTOP : SIGCONT);
}

} // namespace ovvoc::test
