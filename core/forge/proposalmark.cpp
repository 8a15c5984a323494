#include "forge/proposalmark.h"

#include <QUrl>

namespace ovvoc {

namespace {

constexpr qsizetype mostUpdates = 500;
const QString topicLine = QStringLiteral("Ovvoc-Topic: ");
const QString updateLine = QStringLiteral("Ovvoc-Update: ");

QString encoded(const QString &text)
{
    return QString::fromLatin1(QUrl::toPercentEncoding(text, "/@:+"));
}

QString decoded(const QString &text)
{
    return QUrl::fromPercentEncoding(text.left(1000).toLatin1());
}

} // namespace

ProposalMark markOf(const UpdatePlan &plan, const QString &topic)
{
    ProposalMark mark;
    mark.topic = topic;
    for (const PlannedUpdate &update : plan.updates)
        mark.updates << UpdateTarget{update.project, update.name, update.to, {}};
    return mark;
}

QString toTrailers(const ProposalMark &mark)
{
    if (mark.topic.isEmpty())
        return {};
    QString text = topicLine + encoded(mark.topic) + '\n';
    for (const UpdateTarget &update : mark.updates.mid(0, mostUpdates)) {
        text += updateLine + encoded(update.name) + '@' + encoded(update.version);
        if (!update.project.isEmpty())
            text += QStringLiteral(" in ") + encoded(update.project);
        text += '\n';
    }
    return text;
}

ProposalMark markIn(const QString &text)
{
    ProposalMark mark;
    for (QStringView line : QStringView(text).left(256 * 1024).split('\n')) {
        line = line.trimmed();
        if (line.startsWith(topicLine)) {
            mark.topic = decoded(line.mid(topicLine.size()).toString());
        } else if (line.startsWith(updateLine) && mark.updates.size() < mostUpdates) {
            const QString rest = line.mid(updateLine.size()).toString();
            const QString what = rest.section(' ', 0, 0);
            const qsizetype at = what.lastIndexOf('@');
            if (at > 0)
                mark.updates << UpdateTarget{decoded(rest.section(QStringLiteral(" in "), 1)),
                                             decoded(what.left(at)), decoded(what.mid(at + 1))};
        }
    }
    return mark;
}

} // namespace ovvoc
