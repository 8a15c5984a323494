#pragma once

#include "clients/client.h"

namespace ovvoc {

/// What is sealed of a client and of a repository: all but ids, times and the archived flag, which
/// are columns of their own. Also the form in which `--json` shows them.
QJsonObject toJson(const Client &client);
void fromJson(const QJsonObject &object, Client &client);
QJsonObject toJson(const ClientRepository &repository);
void fromJson(const QJsonObject &object, ClientRepository &repository);

} // namespace ovvoc
