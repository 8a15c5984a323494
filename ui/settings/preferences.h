#pragma once

#include <QString>

/// How this person's window behaves. Kept by QSettings, never in the workspace: nothing of a client
/// is in it.
namespace ovvoc::preferences {

QString appearance(); ///< "system", "light", "dark", "high-contrast"
void setAppearance(const QString &mode);
bool notifies();
void setNotifies(bool on);
bool usesTray();
void setUsesTray(bool on);

} // namespace ovvoc::preferences
