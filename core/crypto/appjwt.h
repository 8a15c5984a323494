#pragma once

#include "base/result.h"
#include "base/secretbytes.h"

#include <QDateTime>

namespace ovvoc {

/// The token with which a GitHub App speaks for itself: RS256, issued 60 s before \a now so that a
/// slow clock on either side does not matter, valid for 9 minutes after it (GitHub's limit is 10).
/// https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
/// \a issuer: the App's client id, or its numeric id. \a now: GitHub's time, not this machine's.
Result<SecretBytes> appJwt(const SecretBytes &keyDer, const QString &issuer, const QDateTime &now);

} // namespace ovvoc
