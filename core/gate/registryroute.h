#pragma once

#include "base/secretbytes.h"
#include "gate/allowlist.h"

#include <QStringList>
#include <memory>

namespace ovvoc {

/// A package registry that a client's settings name, without its credential.
struct RegistrySetting
{
    enum class Credential { None, Token, Basic };

    QString url; ///< https, ends with a slash: "https://npm.acme.example/team/"
    QStringList scopes; ///< "@acme": what comes from here whatever the repository says
    Credential credential = Credential::None;
    bool privateAddresses = false; ///< it may be on a private network
    bool operator==(const RegistrySetting &) const = default;
};

QString toString(RegistrySetting::Credential credential); ///< "none", "token", "basic"

/// Reads a registry as a person writes it: its https address, then in any order scopes ("@acme"),
/// "token" or "basic", and "private" for one on a private network. InvalidInput says what is wrong.
Result<RegistrySetting> parseRegistry(const QString &text);
/// The same in its one way of writing.
QString toString(const RegistrySetting &registry);

/// The value of an Authorization header (RFC 6750, RFC 7617) for \a secret: a token, or
/// NAME:PASSWORD with Basic. InvalidInput when it cannot stand in a header.
Result<std::shared_ptr<const SecretBytes>> authorizationOf(RegistrySetting::Credential credential,
                                                           const SecretBytes &secret);

/// One registry as the gate serves it.
struct RegistryRoute
{
    AllowedHost host;
    QByteArray path; ///< begins and ends with a slash; the credential goes nowhere else
    std::shared_ptr<const SecretBytes> authorization; ///< of the header; null: none
    bool isPublic = false; ///< it takes the question about advisories, and its packages may be kept
};

/// The route to \a url. InvalidInput as allowedHostFromUrl().
Result<RegistryRoute> routeTo(const QString &url);

/// What a request asks a registry for.
struct RegistryQuestion
{
    enum class Kind { Document, Package, Advisories, Other };
    Kind kind = Kind::Other;
    QString package; ///< with Document and Package
    const RegistryRoute *route = nullptr; ///< whose path it is below; null: of none
};

/// Judges a request to the host of \a routes: only GET and HEAD pass, and the question about
/// advisories to a public registry. GateRefused says why not. \a target is hostile.
Result<RegistryQuestion> readQuestion(const QByteArray &method, const QByteArray &target,
                                      const QList<RegistryRoute> &routes);

} // namespace ovvoc
