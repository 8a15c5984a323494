#pragma once

#include "theme/theme.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QObject>

class QDBusPendingCallWatcher;

namespace ovvoc {

/// What the desktop wants windows to look like, from the settings portal, live. Where there is no
/// portal, what the palette said when the program began. Lives on the GUI thread; asks without
/// waiting.
/// https://flatpak.github.io/xdg-desktop-portal/docs/doc-org.freedesktop.portal.Settings.html
class SystemAppearance : public QObject
{
    Q_OBJECT
public:
    /// \a dark: what holds until the portal has answered, or when there is none.
    SystemAppearance(bool dark, const QDBusConnection &bus, QObject *parent = nullptr);
    ThemeMode mode() const;

signals:
    void changed();

private slots:
    /// Takes the whole message: Qt 6.4 connects nothing to a slot with a QDBusVariant before some
    /// other call has made that type known.
    void settingChanged(const QDBusMessage &message);

private:
    void take(const QString &key, const QVariant &value);
    void answered(QDBusPendingCallWatcher *watcher);
    bool m_paletteIsDark; ///< where the desktop has no preference
    bool m_dark;
    bool m_highContrast = false;
};

/// Whether the palette that the platform gave is a dark one. Ask before a theme is applied.
bool paletteIsDark();

} // namespace ovvoc
