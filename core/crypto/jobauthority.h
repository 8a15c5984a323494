#pragma once

#include "base/result.h"

#include <QByteArray>
#include <QHash>
#include <memory>
#include <openssl/types.h>

namespace ovvoc {

/// A certificate authority (RFC 5280) that lives as long as one job: the gate is the other end of
/// TLS for package registries with certificates of this one. Its key is made in memory and never
/// leaves it; only the certificate is given to the cell. Lives on the core thread.
class JobAuthority
{
public:
    /// A new P-256 key and a certificate for it, good from yesterday (clocks differ) for three
    /// days.
    static Result<std::shared_ptr<JobAuthority>> make();
    ~JobAuthority();
    JobAuthority(const JobAuthority &) = delete;
    JobAuthority &operator=(const JobAuthority &) = delete;

    QByteArray certificatePem() const { return m_pem; }
    /// The server's side of TLS (1.2 at least, HTTP/1.1) for \a host, with a certificate for that
    /// one name. Made once per host and owned by this.
    Result<SSL_CTX *> contextFor(const QString &host);

private:
    struct Identity;
    JobAuthority();
    std::unique_ptr<Identity> m_identity;
    QHash<QString, SSL_CTX *> m_contexts;
    QByteArray m_pem;
};

} // namespace ovvoc
