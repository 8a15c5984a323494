#pragma once

#include "valuemodel.h"

#include <QVariant>

namespace ovvoc {

/// How one cell of a table looks and what it is worth; the model's data() asks it for a role.
struct TableCell
{
    QString text;
    QVariant raw = {}; ///< to sort and filter by; invalid: the text
    Tone tone = Tone::Plain;
    enum class Font { Normal, Strong, Mono } font = Font::Normal;
    QString tip = {}; ///< empty: the text

    QVariant data(int role) const;
};

/// A header's names, for headerData().
QVariant headerName(const QStringList &names, int section, Qt::Orientation orientation, int role);

} // namespace ovvoc
