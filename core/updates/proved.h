#pragma once

#include "updates/plan.h"

#include <QMap>

namespace ovvoc {

/// The scripts of a manifest that a run of \a names goes through: with what npm runs before and
/// after each, and what they call by "npm run X", "pnpm X", "yarn X" and their like. Bounded: a
/// script is looked at once. \a scripts is hostile.
QStringList scriptsThatRan(const QMap<QString, QString> &scripts, const QStringList &names);

/// Names of scripts that by their name check something (lint, typecheck, test:e2e and their like)
/// and whose text is none of \a ran: nothing was seen of what they would say. At most 20.
QStringList checksThatDidNotRun(const QMap<QString, QString> &scripts, const QStringList &ran);

/// Every word of \a scripts, once: what may be the name of a script that they call.
QStringList wordsOf(const QStringList &scripts);

/// Names of those of \a updates that are tools of their own (resources/ecosystems/node/tools.yml)
/// whose command none of \a scripts has: what ran proved nothing of them.
QStringList toolsThatDidNotRun(const QList<PlannedUpdate> &updates, const QStringList &scripts);

/// Names of those of \a scripts that only look at the code with a tool (one of "checks") that moves
/// and that none of \a ran has used: what they say proves the tool. None that writes, watches, or
/// that npm itself runs around others. At most 3.
QStringList scriptsThatProve(const QList<PlannedUpdate> &updates,
                             const QMap<QString, QString> &scripts, const QStringList &ran);

} // namespace ovvoc
