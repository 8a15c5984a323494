#pragma once

#include <QByteArray>
#include <QString>

namespace ovvoc {

/// What makes a YAML text dangerous to read with yaml-cpp, which recurses as deep as a text nests
/// and follows aliases, as a short English phrase; empty when there is nothing. \a line: where,
/// from 1, or 0. Linear.
QString yamlDanger(const QByteArray &yaml, qsizetype limit, int *line = nullptr);

} // namespace ovvoc
