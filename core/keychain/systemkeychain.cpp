#include "keychain/systemkeychain.h"

#include "base/completion.h"

#include <QCoreApplication>
#include <QFileInfo>
#if defined(Q_OS_LINUX)
#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusObjectPath>
#include <QDBusPendingCallWatcher>
#include <QDBusVariant>
#endif
#include <QPointer>
#include <chrono>
#include <qcoro/qcorotimer.h>
#include <qt6keychain/keychain.h>

namespace ovvoc {

namespace {

const QString service = QStringLiteral("Ovvoc Desktop");

QString tr(const char *text)
{
    return QCoreApplication::translate("Keychain", text);
}

/// Runs a job to its end or to the time-out. The job deletes itself when it ends, later or never.
TaskResult<> finished(QKeychain::Job *job, int timeoutMs)
{
    const Completion<Result<>> done;
    QObject::connect(job, &QKeychain::Job::finished, job, [done](QKeychain::Job *ended) {
        done.set(ended->error() == QKeychain::NoError
                     ? Result<>()
                     : Result<>(fail(explainKeychainError(ended->error(), ended->errorString()))));
    });
    QTimer::singleShot(timeoutMs, job, [done] {
        done.set(
            fail(ErrorCode::KeychainLocked,
                 tr("The keychain does not answer. It may wait for its password behind another "
                    "window: unlock it and try again.")));
    });
    job->setInsecureFallback(false);
    job->start();
    Result<> result = co_await done;
    co_return result;
}

#if defined(Q_OS_LINUX)
/// Whether the Secret Service's default collection is locked. libsecret answers "no such entry"
/// when it is and nobody unlocks it, which must not be taken for an entry that is not there.
/// https://specifications.freedesktop.org/secret-service-spec/latest/
Task<bool> secretServiceIsLocked(int timeoutMs)
{
    const QString secrets = QStringLiteral("org.freedesktop.secrets");
    const auto ask = [&](const QString &path, const QString &interface, const QString &method,
                         const QVariantList &arguments) -> Task<QDBusMessage> {
        QDBusMessage call = QDBusMessage::createMethodCall(secrets, path, interface, method);
        call.setArguments(arguments);
        call.setAutoStartService(false);
        const Completion<QDBusMessage> done;
        auto *watcher =
            new QDBusPendingCallWatcher(QDBusConnection::sessionBus().asyncCall(call, timeoutMs));
        QObject::connect(watcher, &QDBusPendingCallWatcher::finished, watcher, [done](auto *ended) {
            done.set(ended->reply());
            ended->deleteLater();
        });
        QDBusMessage reply = co_await done;
        co_return reply;
    };
    const QVariantList alias{QStringLiteral("default")};
    const QDBusMessage collection = co_await ask(QStringLiteral("/org/freedesktop/secrets"),
                                                 QStringLiteral("org.freedesktop.Secret.Service"),
                                                 QStringLiteral("ReadAlias"), alias);
    const QString path = collection.arguments().value(0).value<QDBusObjectPath>().path();
    if (path.size() < 2)
        co_return false;
    const QVariantList property{QStringLiteral("org.freedesktop.Secret.Collection"),
                                QStringLiteral("Locked")};
    const QDBusMessage locked = co_await ask(
        path, QStringLiteral("org.freedesktop.DBus.Properties"), QStringLiteral("Get"), property);
    co_return locked.arguments().value(0).value<QDBusVariant>().variant().toBool();
}
#else
Task<bool> secretServiceIsLocked(int)
{
    co_return false;
}
#endif

bool worthAnother(const Error &error, int attempt)
{
    // At login the keychain's service may be a moment behind the programs.
    return error.code == ErrorCode::KeychainMissing && attempt == 0;
}

} // namespace

Error explainKeychainError(int error, const QString &words)
{
    switch (QKeychain::Error(error)) {
    case QKeychain::EntryNotFound:
        return {ErrorCode::NotFound, tr("The keychain has no such entry."), words};
    case QKeychain::CouldNotDeleteEntry:
        return {ErrorCode::KeychainDenied,
                tr("The keychain did not remove the entry. Remove it in the keychain's own window "
                   "(look for \"Ovvoc Desktop\")."),
                words};
    case QKeychain::AccessDeniedByUser:
        return {ErrorCode::KeychainDenied,
                tr("Access to the keychain was refused. Run this again and allow it."), words};
    case QKeychain::AccessDenied:
        return {ErrorCode::KeychainDenied,
                tr("The keychain refuses this program. Allow \"Ovvoc Desktop\" in the keychain's "
                   "settings."),
                words};
    case QKeychain::NoBackendAvailable:
        return {
            ErrorCode::KeychainMissing,
            tr("No keychain runs. Start or install one (GNOME Keyring or KWallet on Linux), log "
               "in again, and try once more. Keys are never kept anywhere else."),
            words};
    case QKeychain::NotImplemented:
        return {ErrorCode::KeychainMissing, tr("The keychain of this system is not supported."),
                words};
    case QKeychain::NoError:
    case QKeychain::OtherError:
        break;
    }
    // libsecret says so in words only.
    if (words.contains(QLatin1String("locked"), Qt::CaseInsensitive)
        || words.contains(QLatin1String("dismissed"), Qt::CaseInsensitive))
        return {ErrorCode::KeychainLocked, tr("The keychain is locked. Unlock it and try again."),
                words};
    // Where there is no session at all, it has no words.
    const bool noSession = qEnvironmentVariableIsEmpty("DBUS_SESSION_BUS_ADDRESS")
        && !QFileInfo::exists(qEnvironmentVariable("XDG_RUNTIME_DIR") + "/bus");
    if (noSession || words.contains(QLatin1String("ServiceUnknown"))
        || words.contains(QLatin1String("D-Bus")) || words.contains(QLatin1String("dbus"))
        || words.contains(QLatin1String("org.freedesktop.secrets")))
        return {ErrorCode::KeychainMissing,
                tr("No keychain answers on this session's D-Bus. Start one (GNOME Keyring or "
                   "KWallet) and try again."),
                words};
    // Without libsecret, which is loaded when it is needed, there is no word of the cause either.
    if (words.isEmpty() || words == QLatin1String("Unknown error"))
        return {ErrorCode::KeychainMissing,
                tr("The keychain cannot be used, and gives no reason. On Linux install one (the "
                   "packages gnome-keyring and libsecret-1-0, or KWallet), log in again, and try "
                   "once more."),
                words};
    return {ErrorCode::Internal, tr("The keychain failed: %1").arg(words), words};
}

QString appKeyEntry(const QString &clientId, const QString &clientName)
{
    return tr("GitHub App key of %1 (%2)").arg(clientName.left(60), clientId);
}

SystemKeychain::SystemKeychain(int timeoutMs)
    : m_timeoutMs(timeoutMs)
{ }

TaskResult<std::shared_ptr<const SecretBytes>> SystemKeychain::read(QString name)
{
    for (int attempt = 0;; ++attempt) {
        auto *job = new QKeychain::ReadPasswordJob(service);
        job->setKey(name);
        QPointer<QKeychain::ReadPasswordJob> guard(job);
        job->setAutoDelete(false);
        const Result<> done = co_await finished(job, m_timeoutMs);
        if (done && guard) {
            QByteArray bytes = job->binaryData();
            job->deleteLater();
            co_return std::make_shared<const SecretBytes>(SecretBytes::takeFrom(bytes));
        }
        job->setAutoDelete(true);
        if (done.error().code == ErrorCode::NotFound && co_await secretServiceIsLocked(m_timeoutMs))
            co_return fail(explainKeychainError(QKeychain::OtherError, QStringLiteral("locked")));
        if (!worthAnother(done.error(), attempt))
            co_return fail(done.error());
        co_await QCoro::sleepFor(std::chrono::seconds(2));
    }
}

TaskResult<> SystemKeychain::write(QString name, std::shared_ptr<const SecretBytes> secret)
{
    if (secret->size() > maximumSize)
        co_return fail(ErrorCode::TooLarge,
                       tr("The secret is larger than %1 bytes, which not every keychain can hold.")
                           .arg(maximumSize));
    for (int attempt = 0;; ++attempt) {
        auto *job = new QKeychain::WritePasswordJob(service);
        job->setKey(name);
        const auto bytes = secret->bytes();
        job->setBinaryData(QByteArray(bytes.data(), qsizetype(bytes.size())));
        const Result<> done = co_await finished(job, m_timeoutMs);
        if (done || !worthAnother(done.error(), attempt))
            co_return done;
        co_await QCoro::sleepFor(std::chrono::seconds(2));
    }
}

TaskResult<> SystemKeychain::remove(QString name)
{
    for (int attempt = 0;; ++attempt) {
        auto *job = new QKeychain::DeletePasswordJob(service);
        job->setKey(name);
        const Result<> done = co_await finished(job, m_timeoutMs);
        if (done)
            co_return {};
        if (done.error().code == ErrorCode::NotFound) {
            if (co_await secretServiceIsLocked(m_timeoutMs))
                co_return fail(
                    explainKeychainError(QKeychain::OtherError, QStringLiteral("locked")));
            co_return {};
        }
        if (!worthAnother(done.error(), attempt))
            co_return fail(done.error());
        co_await QCoro::sleepFor(std::chrono::seconds(2));
    }
}

} // namespace ovvoc
