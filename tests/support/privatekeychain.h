#pragma once

#include <QProcess>
#include <QTemporaryDir>

namespace ovvoc::test {

/// A D-Bus session of this test program's own, with nothing on it, and a real gnome-keyring that is
/// started on it on demand. Make it before anything uses D-Bus, one per program: GLib keeps its
/// connection for good.
class PrivateKeychain
{
public:
    PrivateKeychain();
    ~PrivateKeychain();
    /// Starts gnome-keyring with its login keyring unlocked.
    void start();
    /// Locks every collection, as a person or a screen saver does.
    void lock();
    /// Stops the service from answering without ending it; and lets it go on.
    void freeze(bool frozen);
    /// The environment that a child of the test needs to see the same keychain.
    QProcessEnvironment environment() const;

private:
    QTemporaryDir m_home;
    QProcess m_bus;
    QProcess m_keyring;
};

} // namespace ovvoc::test
