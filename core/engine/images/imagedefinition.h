#pragma once

#include "base/result.h"

#include <QList>
#include <QStringList>

namespace ovvoc {

/// One package of the npm registry that is unpacked into an image.
struct ImagePackage
{
    QString name;
    QString version;
    QString integrity; ///< "sha512-…", checked before anything is unpacked
    QString place; ///< "node", "npm", or a folder below "survey" or "code": where its files go
    bool operator==(const ImagePackage &) const = default;
};

/// What a job image is made of: a YAML file in resources/ecosystems.
struct ImageDefinition
{
    QString name;
    QString base; ///< image to pull
    QString suite; ///< Debian suite for mmdebstrap
    QStringList include; ///< Debian packages for mmdebstrap
    QList<ImagePackage> packages; ///< for this machine's architecture
    bool operator==(const ImageDefinition &) const = default;
};

/// Reads a definition for \a architecture ("amd64", "arm64").
Result<ImageDefinition> parseImageDefinition(const QByteArray &yaml, const QString &architecture);
/// The definition that the program brings along, for this machine.
Result<ImageDefinition> builtinImageDefinition(const QString &name);

} // namespace ovvoc
