#include "widgets/tablecell.h"

#include "format.h"
#include "theme/theme.h"

namespace ovvoc {

QVariant TableCell::data(int role) const
{
    switch (role) {
    case Qt::DisplayRole:
    case Qt::AccessibleTextRole:
        return text;
    case Qt::ToolTipRole:
        return plainTip(tip.isEmpty() ? text : tip);
    case Qt::ForegroundRole:
        return toneColour(tone);
    case Qt::FontRole:
        return font == Font::Strong ? theme().strong
            : font == Font::Mono    ? theme().mono
                                    : theme().font;
    case ValueModel<int>::RawRole:
        return raw.isValid() ? raw : QVariant(text);
    case ValueModel<int>::ToneRole:
        return int(tone);
    default:
        return {};
    }
}

QVariant headerName(const QStringList &names, int section, Qt::Orientation orientation, int role)
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    return names.value(section);
}

} // namespace ovvoc
