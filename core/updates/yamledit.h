#pragma once

#include "base/result.h"
#include "updates/plan.h"

namespace ovvoc {

/// \a text, a YAML file (pnpm-workspace.yaml, .yarnrc.yml), with each place's value replaced; every
/// other byte stays as it is: comments, quotes, line ends. \a exact as for withPlaces(). Only
/// values that stand on one line, plain or quoted. Conflict when a place does not hold what the
/// plan was made from, Unsupported when it is written in another way. Linear per place; at most 1
/// MiB.
Result<QByteArray> withYamlPlaces(const QByteArray &text, const QList<UpdatePlace> &places,
                                  bool exact);

} // namespace ovvoc
