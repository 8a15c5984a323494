#pragma once

#include "clients/settings.h"

#include <QHash>
#include <QWidget>

class QGridLayout;
class QPushButton;
class QVBoxLayout;

namespace ovvoc {

class TextLabel;

/// Every setting that one level may set, each with its editor, where its value comes from, and a
/// way back to what is inherited. What is typed is checked at the field and given on at once.
class SettingsEditor : public QWidget
{
    Q_OBJECT
public:
    explicit SettingsEditor(QWidget *parent = nullptr);
    /// \a level: which one is edited. \a own: what it sets. \a resolved: what holds now.
    void show(SettingLevel level, const SettingOverrides &own, const Settings &resolved);
    /// What was typed and not finished does not belong to what is shown next.
    void forgetTyped();
    /// Sets one as if typed; the text of the error, if there was one.
    QString set(const QString &name, const QString &text);
    QString originOf(const QString &name) const;

signals:
    void edited(const QJsonObject &overrides);

private:
    struct Row
    {
        SettingInfo info;
        QWidget *editor = nullptr;
        TextLabel *title = nullptr, *origin = nullptr, *error = nullptr;
        QPushButton *reset = nullptr;
    };
    void addGroup(QVBoxLayout *layout, const QString &title, const QStringList &names);
    QWidget *makeEditor(const SettingInfo &info);
    static void put(QWidget *editor, const QJsonValue &value);
    void reset(const QString &name);
    QHash<QString, Row> m_rows;
    SettingLevel m_level = SettingLevel::Agency;
    SettingOverrides m_own;
    bool m_filling = false;
};

} // namespace ovvoc
