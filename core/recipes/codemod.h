#pragma once

#include "base/result.h"

#include <QByteArray>
#include <QString>
#include <QStringList>

namespace ovvoc {

/// A program that changes code for a new version, published by a package's makers: pinned by
/// version, and by the integrity of every package that it consists of. Each is a set of jscodeshift
/// transforms. A folder of resources/codemods. A value, from any thread.
struct Codemod
{
    QString id; ///< the folder's name
    QString package, version; ///< on npm
    QString licence; ///< as the package declares it (SPDX)
    QString source; ///< https address of what its makers say about it
    QString transforms; ///< path of a transform, from the folder that it is installed in
    QByteArray lockfile; ///< npm's package-lock.json, version 3

    QString title() const { return package + ' ' + version; }
    /// Path of \a transform, from the folder that the codemod is installed in.
    QString transformFile(const QString &transform) const;
    /// The package.json that the lockfile belongs to.
    QByteArray manifest() const;
};

/// Reads a codemod.yml and the lockfile that lies beside it. InvalidInput with the reason: unknown
/// keys, a package without integrity or with an address, a version or licence other than the
/// lockfile's.
Result<Codemod> parseCodemod(const QByteArray &yaml, const QByteArray &lockfile);
/// Those that the program brings along, by id. Read once; from any thread.
const QList<Codemod> &builtinCodemods();
/// The one of that id; null: there is none.
const Codemod *builtinCodemod(const QString &id);

} // namespace ovvoc
