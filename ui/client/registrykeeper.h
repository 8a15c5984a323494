#pragma once

#include "gate/registryroute.h"
#include "jobboard.h"

#include <QObject>
#include <functional>

namespace ovvoc {

/// Changes a client's package registries: its settings, and the keychain with them. Lives on the
/// GUI thread; \a services outlives it.
class RegistryKeeper : public QObject
{
    Q_OBJECT
public:
    explicit RegistryKeeper(const Services &services, QObject *parent = nullptr);
    void setClient(const QString &id) { m_id = id; }
    QString client() const { return m_id; }
    QList<RegistrySetting> all() const;

    /// Opens the dialog over \a window: for a new one (\a suggested fills it in), or for \a known.
    void ask(QWidget *window, const std::optional<RegistrySetting> &known,
             const std::optional<RegistrySetting> &suggested = {});
    void remove(const RegistrySetting &registry);

signals:
    void changed(); ///< also when only the keychain did
    void saved(const ovvoc::RegistrySetting &registry); ///< as the dialog was answered
    void said(const QString &text);

private:
    void save(const RegistrySetting &registry, const std::shared_ptr<const SecretBytes> &secret);
    void saveAll(const QList<RegistrySetting> &all, const std::function<void()> &then);
    void tell(const Result<> &done, const std::function<void()> &then);
    Services m_services;
    QString m_id;
};

} // namespace ovvoc
