#pragma once

#include "keychain/secretstore.h"

#include <QDir>
#include <QFile>
#include <QSaveFile>

namespace ovvoc::test {

/// A keychain for tests in which several processes need the same one: files in a folder of the
/// test's own. Exists in tests only.
class FolderStore final : public SecretStore
{
public:
    explicit FolderStore(QString folder)
        : m_folder(std::move(folder))
    {
        QDir().mkpath(m_folder);
    }
    TaskResult<std::shared_ptr<const SecretBytes>> read(QString name) override
    {
        QFile file(pathOf(name));
        if (!file.open(QIODevice::ReadOnly))
            co_return fail(ErrorCode::NotFound, QStringLiteral("no such entry"));
        QByteArray bytes = file.readAll();
        co_return std::make_shared<const SecretBytes>(SecretBytes::takeFrom(bytes));
    }
    TaskResult<> write(QString name, std::shared_ptr<const SecretBytes> secret) override
    {
        QSaveFile file(pathOf(name));
        const auto bytes = secret->bytes();
        if (!file.open(QIODevice::WriteOnly) || file.write(bytes.data(), qint64(bytes.size())) < 0
            || !file.commit())
            co_return fail(ErrorCode::Internal, file.errorString());
        co_return {};
    }
    TaskResult<> remove(QString name) override
    {
        QFile::remove(pathOf(name));
        co_return {};
    }
    QString pathOf(const QString &name) const
    {
        return m_folder + '/' + QString::fromLatin1(name.toUtf8().toHex());
    }

private:
    QString m_folder;
};

} // namespace ovvoc::test
