#pragma once

#include "jobboard.h"
#include "settings/settingseditor.h"

#include <QWidget>

namespace ovvoc {

/// The settings that hold for all clients that do not set their own, and how the window behaves.
class AgencySettingsPage : public QWidget
{
    Q_OBJECT
public:
    explicit AgencySettingsPage(const Services &services, QWidget *parent = nullptr);
    SettingsEditor *editor() const { return m_editor; }

signals:
    void said(const QString &text);
    /// A preference of the window changed (notifications, tray, theme).
    void preferencesChanged();

private:
    void refresh();
    QWidget *buildWindowCard();
    Services m_services;
    SettingsEditor *m_editor;
};

} // namespace ovvoc
