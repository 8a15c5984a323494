#include "keychain/systemkeychain.h"

#include "base/completion.h"

#include <QCoreApplication>
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

Error explain(QKeychain::Error error, const QString &words)
{
    switch (error) {
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
        return {ErrorCode::KeychainMissing,
                tr("No keychain runs. Start or install one (GNOME Keyring or KWallet on Linux), log "
                   "in again, and try once more. Keys are never kept anywhere else."),
                words};
    case QKeychain::NotImplemented:
        return {ErrorCode::KeychainMissing,
                tr("The keychain of this system is not supported."), words};
    case QKeychain::NoError:
    case QKeychain::OtherError:
        break;
    }
    // libsecret says so in words only.
    if (words.contains(QLatin1String("locked"), Qt::CaseInsensitive)
        || words.contains(QLatin1String("dismissed"), Qt::CaseInsensitive))
        return {ErrorCode::KeychainLocked,
                tr("The keychain is locked. Unlock it and try again."), words};
    if (words.contains(QLatin1String("ServiceUnknown")) || words.contains(QLatin1String("D-Bus"))
        || words.contains(QLatin1String("dbus")))
        return {ErrorCode::KeychainMissing,
                tr("No keychain answers on this session's D-Bus. Start one (GNOME Keyring or "
                   "KWallet) and try again."),
                words};
    return {ErrorCode::Internal, tr("The keychain failed: %1").arg(words), words};
}

/// Runs a job to its end or to the time-out. The job deletes itself when it ends, later or never.
TaskResult<> finished(QKeychain::Job *job, int timeoutMs)
{
    const Completion<Result<>> done;
    QObject::connect(job, &QKeychain::Job::finished, job, [done](QKeychain::Job *ended) {
        done.set(ended->error() == QKeychain::NoError
                     ? Result<>()
                     : Result<>(fail(explain(ended->error(), ended->errorString()))));
    });
    QTimer::singleShot(timeoutMs, job, [done] {
        done.set(fail(ErrorCode::KeychainLocked,
                      tr("The keychain does not answer. It may wait for its password behind another "
                         "window: unlock it and try again.")));
    });
    job->setInsecureFallback(false);
    job->start();
    Result<> result = co_await done;
    co_return result;
}

bool worthAnother(const Error &error, int attempt)
{
    // At login the keychain's service may be a moment behind the programs.
    return error.code == ErrorCode::KeychainMissing && attempt == 0;
}

} // namespace

QString appKeyEntry(const QString &clientId, const QString &clientName)
{
    return tr("GitHub App key of %1 (%2)").arg(clientName.left(60), clientId);
}

QString liveTokensEntry()
{
    return QStringLiteral("Live tokens");
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
        if (done || done.error().code == ErrorCode::NotFound)
            co_return {};
        if (!worthAnother(done.error(), attempt))
            co_return fail(done.error());
        co_await QCoro::sleepFor(std::chrono::seconds(2));
    }
}

} // namespace ovvoc
