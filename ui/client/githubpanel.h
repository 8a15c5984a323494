#pragma once

#include "jobboard.h"

#include <QElapsedTimer>
#include <QFrame>
#include <QTimer>

class QComboBox;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;
class QVBoxLayout;

namespace ovvoc {

class TextLabel;

/// A client's GitHub App: make one in two clicks by the manifest flow, or bring one with its key;
/// choose where it is installed; test every part of the way.
class GitHubPanel : public QFrame
{
    Q_OBJECT
public:
    explicit GitHubPanel(const Services &services, QWidget *parent = nullptr);
    void setClient(const QString &id);
    /// Begins the manifest flow and opens the browser.
    void beginManifest();

signals:
    /// What to open in the browser.
    void browse(const QUrl &address);
    /// The App that was just made is installed, and it is known where: repositories can be chosen.
    void installed(const QString &clientId);

protected:
    void hideEvent(QHideEvent *event) override;
    void showEvent(QShowEvent *event) override;

private:
    void buildConnect(QVBoxLayout *layout);
    void buildOwn(QVBoxLayout *layout);
    void buildConnected(QVBoxLayout *layout);
    void refresh();
    void storeOwn();
    void loadInstallations();
    void watchAgain();
    void lookForInstallation();
    void showInstallations(const QList<Installation> &all);
    void chooseInstallation(int index);
    void test();
    void say(const QString &text, bool bad);
    Services m_services;
    QString m_id;
    QWidget *m_connect = nullptr, *m_own = nullptr, *m_connected = nullptr;
    TextLabel *m_state = nullptr, *m_message = nullptr, *m_checks = nullptr;
    QLineEdit *m_organization = nullptr, *m_web = nullptr, *m_appId = nullptr;
    QPlainTextEdit *m_key = nullptr;
    QComboBox *m_installation = nullptr;
    QPushButton *m_make = nullptr, *m_open = nullptr, *m_copy = nullptr, *m_install = nullptr,
                *m_test = nullptr;
    QTimer m_watch; ///< while the App waits to be installed
    QElapsedTimer m_watched;
    bool m_lookedFor = false; ///< the installation that is chosen next is the one waited for
    QUrl m_address, m_installPage;
    std::shared_ptr<const SecretBytes> m_pem; ///< of a file that was chosen, until it is stored
};

} // namespace ovvoc
