#include "cell/filetree.h"

namespace ovvoc {

Result<FileTree> FileTree::parse(const QByteArray &text)
{
    const auto broken = [] {
        return fail(ErrorCode::Protocol,
                    QStringLiteral("The cell did not say what files there are."));
    };
    FileTree tree;
    QByteArrayView rest = text;
    while (!rest.isEmpty()) {
        const qsizetype end = rest.indexOf('\0');
        if (end < 0)
            return broken();
        const QByteArrayView line = rest.first(end);
        rest = rest.sliced(end + 1);
        const qsizetype first = line.indexOf(' ');
        const qsizetype second = first < 0 ? -1 : line.indexOf(' ', first + 1);
        const qsizetype third = second < 0 ? -1 : line.indexOf(' ', second + 1);
        bool number = false;
        Entry entry;
        if (first != 1 || third < 0)
            return broken();
        entry.kind = line[0];
        entry.size = line.sliced(first + 1, second - first - 1).toLongLong(&number);
        entry.sha256 = line.sliced(second + 1, third - second - 1).toByteArray();
        const QByteArray path = line.sliced(third + 1).toByteArray();
        if (!number || path.isEmpty())
            return broken();
        // A path that is no UTF-8 keeps its bytes, so that it is not mistaken for another.
        const QString name = QString::fromUtf8(path);
        tree.entries.insert(
            name.toUtf8() == path ? name : QString::fromLatin1(path.toPercentEncoding()), entry);
    }
    return tree;
}

QStringList FileTree::changedSince(const FileTree &before) const
{
    QStringList changed;
    for (auto it = before.entries.begin(); it != before.entries.end(); ++it) {
        const auto now = entries.find(it.key());
        if (now == entries.end() || *now != *it)
            changed << it.key();
    }
    changed.sort();
    return changed;
}

QStringList FileTree::addedSince(const FileTree &before) const
{
    QStringList added;
    for (auto it = entries.begin(); it != entries.end(); ++it) {
        if (!before.entries.contains(it.key()))
            added << it.key();
    }
    added.sort();
    return added;
}

bool FileTree::hasFolder(const QString &name) const
{
    const QString inside = '/' + name + '/', first = name + '/';
    for (auto it = entries.begin(); it != entries.end(); ++it) {
        if (it.key().startsWith(first) || it.key().contains(inside))
            return true;
    }
    return false;
}

} // namespace ovvoc
