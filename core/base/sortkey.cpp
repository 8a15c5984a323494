#include "base/sortkey.h"

#include <algorithm>

namespace ovvoc {

QString sortKey(const QString &name)
{
    const QString folded = name.toCaseFolded();
    QString key;
    key.reserve(folded.size() + 4);
    for (qsizetype i = 0; i < folded.size();) {
        if (folded[i] < '0' || folded[i] > '9') {
            key += folded[i++];
            continue;
        }
        qsizetype end = i;
        while (end < folded.size() && folded[end] >= '0' && folded[end] <= '9')
            ++end;
        while (i + 1 < end && folded[i] == '0')
            ++i;
        // A longer number is a larger one. '0' keeps numbers where digits are among other text.
        key += '0';
        key += QChar(char16_t(std::min<qsizetype>(end - i, 0x7fff)));
        key += QStringView(folded).mid(i, end - i);
        i = end;
    }
    return key;
}

} // namespace ovvoc
