#include "base/yamlguard.h"

#include <QList>
#include <algorithm>

namespace ovvoc {

QString yamlDanger(const QByteArray &yaml, qsizetype limit, int *line)
{
    int unused = 0;
    int &number = line ? *line : unused;
    number = 0;
    if (yaml.size() > limit)
        return QStringLiteral("it is larger than %1 KiB").arg(limit / 1024);
    int depth = 0, deepest = 0;
    for (const char c : yaml) {
        // Never below zero: brackets in comments and texts close nothing.
        depth = std::max(0, depth + (c == '[' || c == '{') - (c == ']' || c == '}'));
        deepest = std::max(deepest, depth);
    }
    if (deepest > 32)
        return QStringLiteral("it nests too deep");
    for (const QByteArray &raw : yaml.split('\n')) {
        ++number;
        const QByteArray text = raw.trimmed();
        // An alias may make a small text mean a huge one.
        if (text.contains(": *") || text.startsWith("- *"))
            return QStringLiteral("aliases are not allowed");
        if (raw.size() - text.size() > 64 || text.count("- ") > 64 || text.count("? ") > 64)
            return QStringLiteral("it nests too deep");
    }
    number = 0;
    return {};
}

} // namespace ovvoc
