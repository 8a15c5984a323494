#pragma once

#include "client/registrykeeper.h"
#include "gate/registryroute.h"
#include "jobboard.h"

#include <QDialog>
#include <QFrame>

class QCheckBox;
class QComboBox;
class QLineEdit;
class QVBoxLayout;

namespace ovvoc {

class TextLabel;

/// Asks for one registry: its address, what comes from it, and its credential, which goes into the
/// keychain and is not kept here.
class RegistryDialog : public QDialog
{
    Q_OBJECT
public:
    /// \a known: the one that is changed; its address stays. \a suggested: what a new one is likely
    /// to be.
    explicit RegistryDialog(const std::optional<RegistrySetting> &known,
                            const std::optional<RegistrySetting> &suggested = {},
                            QWidget *parent = nullptr);

signals:
    /// \a secret: null when none was given.
    void chosen(const ovvoc::RegistrySetting &registry,
                const std::shared_ptr<const ovvoc::SecretBytes> &secret);

private:
    void choose();
    QLineEdit *m_url, *m_scopes, *m_secret;
    QComboBox *m_kind;
    QCheckBox *m_private;
    TextLabel *m_error;
};

/// A client's package registries: which there are, and whether the keychain has their credentials.
class RegistryPanel : public QFrame
{
    Q_OBJECT
public:
    explicit RegistryPanel(const Services &services, QWidget *parent = nullptr);
    void setClient(const QString &id);

signals:
    void said(const QString &text);

private:
    void refresh();
    void showRows(const QList<RegistrySetting> &all, const Result<QStringList> &kept);
    Services m_services;
    RegistryKeeper *m_keeper;
    TextLabel *m_none;
    QVBoxLayout *m_rows;
};

} // namespace ovvoc
