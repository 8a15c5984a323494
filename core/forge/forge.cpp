#include "forge/forge.h"

namespace ovvoc {

const QString proposalBranchPrefix = QStringLiteral("ovvoc/");

QString oneLine(const QString &text)
{
    constexpr qsizetype limit = 200;
    QString line;
    for (const QChar c : text.left(8 * limit)) {
        switch (c.category()) {
        case QChar::Other_Control:
        case QChar::Separator_Line:
        case QChar::Separator_Paragraph:
            line += ' ';
            break;
        case QChar::Other_Format:
        case QChar::Other_PrivateUse:
        case QChar::Other_NotAssigned:
            break;
        default:
            line += c;
        }
    }
    line = line.simplified();
    if (line.size() > limit) {
        line.truncate(line[limit - 2].isHighSurrogate() ? limit - 2 : limit - 1);
        line += QChar(0x2026);
    }
    return line;
}

TaskResult<> Forge::preflight(QString)
{
    co_return {};
}

Task<QList<ReleaseNotes>> Forge::releaseNotes(QList<ReleaseNotesRequest>)
{
    co_return QList<ReleaseNotes>{};
}

} // namespace ovvoc
