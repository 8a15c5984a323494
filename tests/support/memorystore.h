#pragma once

#include "keychain/secretstore.h"

#include <QMap>

namespace ovvoc::test {

/// A keychain in memory, for tests that are not about the keychain. Fails on demand.
class MemoryStore final : public SecretStore
{
public:
    QMap<QString, std::shared_ptr<const SecretBytes>> entries;
    std::optional<Error> broken;

    TaskResult<std::shared_ptr<const SecretBytes>> read(QString name) override
    {
        if (broken)
            co_return fail(*broken);
        if (!entries.contains(name))
            co_return fail(ErrorCode::NotFound, QStringLiteral("no such entry"));
        const auto secret = entries.value(name);
        co_return secret;
    }
    TaskResult<> write(QString name, std::shared_ptr<const SecretBytes> secret) override
    {
        if (broken)
            co_return fail(*broken);
        if (secret->size() > maximumSize)
            co_return fail(ErrorCode::TooLarge, QStringLiteral("too large"));
        entries.insert(name, secret);
        co_return {};
    }
    TaskResult<> remove(QString name) override
    {
        if (broken)
            co_return fail(*broken);
        entries.remove(name);
        co_return {};
    }
};

} // namespace ovvoc::test
