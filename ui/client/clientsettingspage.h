#pragma once

#include "client/githubpanel.h"
#include "client/registrypanel.h"
#include "place.h"
#include "settings/settingseditor.h"

class QButtonGroup;

namespace ovvoc {

class ClientMark;

/// What holds for one client: its name and colour, its App, and every setting with where its value
/// comes from, for the client or for one of its repositories.
class ClientSettingsPage : public QWidget
{
    Q_OBJECT
public:
    explicit ClientSettingsPage(const Services &services, QWidget *parent = nullptr);
    void setClient(const QString &id);
    const QString &clientId() const { return m_id; }
    GitHubPanel *github() const { return m_github; }
    RegistryPanel *registries() const { return m_registries; }
    SettingsEditor *editor() const { return m_editor; }

signals:
    void go(const ovvoc::Place &place);
    void browse(const QUrl &address);
    void said(const QString &text);
    void removeRequested(const QString &clientId);

private:
    QWidget *buildGeneral();
    void refresh();
    void refreshEditor();
    void save(const Client &client);
    void saveOverrides(const SettingOverrides &overrides);
    Services m_services;
    QString m_id;
    ClientMark *m_mark = nullptr;
    TextLabel *m_title = nullptr;
    QLineEdit *m_name = nullptr;
    QButtonGroup *m_colours = nullptr;
    QPushButton *m_archive = nullptr;
    GitHubPanel *m_github;
    RegistryPanel *m_registries;
    QComboBox *m_scope = nullptr;
    SettingsEditor *m_editor;
};

} // namespace ovvoc
