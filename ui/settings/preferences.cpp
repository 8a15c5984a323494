#include "settings/preferences.h"

#include <QSettings>

namespace ovvoc::preferences {

QString appearance()
{
    return QSettings().value("window/appearance", "system").toString();
}

void setAppearance(const QString &mode)
{
    QSettings().setValue("window/appearance", mode);
}

bool notifies()
{
    return QSettings().value("window/notify", true).toBool();
}

void setNotifies(bool on)
{
    QSettings().setValue("window/notify", on);
}

bool usesTray()
{
    return QSettings().value("window/tray", false).toBool();
}

void setUsesTray(bool on)
{
    QSettings().setValue("window/tray", on);
}

} // namespace ovvoc::preferences
