#include "theme/systemappearance.h"

#include "base/logging.h"

#include <QDBusArgument>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QDBusVariant>
#include <QGuiApplication>
#include <QPalette>

namespace ovvoc {

namespace {

const QString service = QStringLiteral("org.freedesktop.portal.Desktop");
const QString object = QStringLiteral("/org/freedesktop/portal/desktop");
const QString interface = QStringLiteral("org.freedesktop.portal.Settings");
const QString appearance = QStringLiteral("org.freedesktop.appearance");

} // namespace

bool paletteIsDark()
{
    return QGuiApplication::palette().color(QPalette::Window).lightness() < 128;
}

SystemAppearance::SystemAppearance(bool dark, const QDBusConnection &bus, QObject *parent)
    : QObject(parent)
    , m_paletteIsDark(dark)
    , m_dark(dark)
{
    QDBusConnection connection = bus;
    if (!connection.isConnected())
        return;
    // First the news, then the state: nothing between the two is missed.
    if (!connection.connect(service, object, interface, QStringLiteral("SettingChanged"), this,
                            SLOT(settingChanged(QDBusMessage))))
        log().warn("appearance: the settings portal cannot be followed");
    QDBusMessage ask =
        QDBusMessage::createMethodCall(service, object, interface, QStringLiteral("ReadAll"));
    ask << QStringList{appearance};
    auto *watcher = new QDBusPendingCallWatcher(connection.asyncCall(ask), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, &SystemAppearance::answered);
}

ThemeMode SystemAppearance::mode() const
{
    return m_highContrast ? ThemeMode::HighContrast : m_dark ? ThemeMode::Dark : ThemeMode::Light;
}

void SystemAppearance::answered(QDBusPendingCallWatcher *watcher)
{
    watcher->deleteLater();
    const QDBusMessage reply = watcher->reply();
    if (reply.type() != QDBusMessage::ReplyMessage
        || reply.signature() != QLatin1String("a{sa{sv}}"))
        return; // no portal, or one that speaks otherwise
    const auto all =
        qdbus_cast<QMap<QString, QVariantMap>>(reply.arguments().at(0).value<QDBusArgument>());
    const QVariantMap values = all.value(appearance);
    for (auto it = values.cbegin(); it != values.cend(); ++it)
        take(it.key(), it.value());
}

void SystemAppearance::settingChanged(const QDBusMessage &message)
{
    const QVariantList arguments = message.arguments();
    if (message.signature() == QLatin1String("ssv") && arguments[0].toString() == appearance)
        take(arguments[1].toString(), arguments[2].value<QDBusVariant>().variant());
}

void SystemAppearance::take(const QString &key, const QVariant &value)
{
    const ThemeMode before = mode();
    bool number = false;
    const uint chosen = value.toUInt(&number);
    if (!number)
        return;
    if (key == QLatin1String("color-scheme")) // 0: no preference, 1: dark, 2: light
        m_dark = chosen == 1 || (chosen != 2 && m_paletteIsDark);
    else if (key == QLatin1String("contrast")) // 0: no preference, 1: higher
        m_highContrast = chosen == 1;
    if (mode() != before)
        emit changed();
}

} // namespace ovvoc
