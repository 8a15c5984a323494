#pragma once

#include "audit/auditlog.h"

namespace ovvoc {

/// An entry of the audit log as a sentence: "Update of storefront started by schedule". \a detail
/// is from a sealed record; entries whose client was erased say so.
QString auditSentence(const AuditEntry &entry);
/// Actions that are the same for a filter: ("token.", "Tokens").
QList<std::pair<QString, QString>> auditGroups();

} // namespace ovvoc
