#pragma once

#include "base/result.h"

#include <QHostAddress>
#include <QList>

namespace ovvoc {

/// Turns names into addresses, on the host. An interface so that tests can make a name lead where
/// an attacker's DNS server would.
class Resolver
{
public:
    virtual ~Resolver() = default;
    /// At least one address, or NetworkDown / Timeout (10 s).
    virtual TaskResult<QList<QHostAddress>> resolve(QString host) = 0;
};

/// The system's resolver (QHostInfo).
class SystemResolver final : public Resolver
{
public:
    TaskResult<QList<QHostAddress>> resolve(QString host) override;
};

} // namespace ovvoc
