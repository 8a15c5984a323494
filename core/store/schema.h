#pragma once

#include "store/database.h"

namespace ovvoc {

/// What the files of a workspace hold. Steps are only ever added at the end; each past schema is
/// kept as a file in tests/unit/data/schemas, from which the tests migrate.
///
/// Clear are ids, times, numbers and words of a fixed vocabulary. Every text of a person, a
/// repository or a registry is in a "sealed" column; "…_hash" columns are keyed hashes for finding.
namespace schema {

constexpr qint32 workspaceKind = 0x4f765731; ///< "OvW1"
constexpr qint32 clientKind = 0x4f764331; ///< "OvC1"

const QList<Migration> &workspace();
const QList<Migration> &client();

} // namespace schema

} // namespace ovvoc
