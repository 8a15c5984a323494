#include "shell/notifier.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>

namespace ovvoc {

namespace {

const QString service = QStringLiteral("org.freedesktop.Notifications");
const QString path = QStringLiteral("/org/freedesktop/Notifications");

} // namespace

Notifier::Notifier(QObject *parent)
    : QObject(parent)
{
    QDBusConnection bus = QDBusConnection::sessionBus();
    bus.connect(service, path, service, "ActionInvoked", this, SLOT(actionInvoked(uint, QString)));
    bus.connect(service, path, service, "NotificationClosed", this, SLOT(closed(uint, uint)));
}

void Notifier::notify(const QString &title, const QString &text, const Place &place, bool urgent)
{
    QDBusConnection bus = QDBusConnection::sessionBus();
    if (!bus.isConnected())
        return;
    QDBusMessage call = QDBusMessage::createMethodCall(service, path, service, "Notify");
    const QVariantMap hints{{"urgency", uchar(urgent ? 2 : 1)},
                            {"desktop-entry", "ovvoc-desktop"},
                            {"category", "transfer.complete"}};
    // The body may be read as markup: what comes from a repository must not become any.
    call.setArguments({"Ovvoc Desktop", uint(0), "ovvoc-desktop", title, text.toHtmlEscaped(),
                       QStringList{"default", tr("Open the job")}, hints, urgent ? 0 : 10'000});
    auto *watcher = new QDBusPendingCallWatcher(bus.asyncCall(call), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this, watcher, place] {
        const QDBusPendingReply<uint> reply = *watcher;
        if (reply.isValid())
            m_places.insert(reply.value(), place);
        watcher->deleteLater();
    });
}

void Notifier::setProgress(int running, double share)
{
    QDBusMessage signal =
        QDBusMessage::createSignal("/ovvoc", "com.canonical.Unity.LauncherEntry", "Update");
    signal.setArguments({"application://ovvoc-desktop.desktop",
                         QVariantMap{{"progress", share},
                                     {"progress-visible", running > 0},
                                     {"count", qint64(running)},
                                     {"count-visible", running > 0}}});
    QDBusConnection::sessionBus().send(signal);
}

void Notifier::actionInvoked(uint id, const QString &)
{
    if (m_places.contains(id))
        emit activated(m_places.take(id));
}

void Notifier::closed(uint id, uint)
{
    m_places.remove(id);
}

} // namespace ovvoc
