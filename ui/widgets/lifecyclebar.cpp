#include "widgets/lifecyclebar.h"

#include "format.h"
#include "theme/theme.h"

#include <QApplication>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>

namespace ovvoc {

namespace {

QColor colourOf(const PhaseBrief &phase)
{
    const bool quiet = phase.kind == PhaseKind::Destroy && phase.state == PhaseState::Succeeded;
    return quiet ? theme().muted : phaseColour(phase.state);
}

QRect buttonRect(const QStyleOptionViewItem &option)
{
    return option.rect.adjusted(4, 4, -8, -4);
}

/// The row's background and focus, without its text.
void paintBackground(QPainter *painter, const QStyleOptionViewItem &option,
                     const QModelIndex &index)
{
    QStyleOptionViewItem bare = option;
    bare.index = index;
    bare.text.clear();
    const QStyle *style = option.widget ? option.widget->style() : QApplication::style();
    style->drawControl(QStyle::CE_ItemViewItem, &bare, painter, option.widget);
}

} // namespace

QColor phaseColour(PhaseState state)
{
    switch (state) {
    case PhaseState::Succeeded:
        return theme().good;
    case PhaseState::Failed:
        return theme().bad;
    case PhaseState::Running:
        return theme().accent;
    case PhaseState::Cancelled:
        return theme().muted;
    case PhaseState::Waiting:
    case PhaseState::Skipped:
        break;
    }
    return theme().faint;
}

QVariant lifecycleData(const QList<PhaseBrief> &phases, int role)
{
    if (role == LifecycleDelegate::PhasesRole)
        return QVariant::fromValue(phases);
    if (role == Qt::AccessibleTextRole || role == Qt::ToolTipRole)
        return lifecycleText(phases);
    return {};
}

void paintLifecycleBar(QPainter &painter, const QRectF &box, const QList<PhaseBrief> &phases,
                       qint64 longest)
{
    qint64 total = 0;
    int shown = 0;
    for (const PhaseBrief &phase : phases) {
        total += phase.milliseconds;
        shown += phase.milliseconds > 0 || phase.state == PhaseState::Running ? 1 : 0;
    }
    if (shown == 0)
        return;
    total = std::max<qint64>({total, longest, 1});
    constexpr double least = 4, gap = 2;
    const double room = box.width() - shown * (least + gap);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    double x = box.left();
    for (const PhaseBrief &phase : phases) {
        if (phase.milliseconds <= 0 && phase.state != PhaseState::Running)
            continue;
        const double width =
            least + std::max(0.0, room) * double(phase.milliseconds) / double(total);
        painter.setBrush(colourOf(phase));
        painter.drawRoundedRect(QRectF(x, box.top(), width, box.height()), 2, 2);
        x += width + gap;
    }
    painter.restore();
}

QString lifecycleText(const QList<PhaseBrief> &phases)
{
    QStringList parts;
    for (const PhaseBrief &phase : phases) {
        if (phase.state != PhaseState::Waiting && phase.state != PhaseState::Skipped)
            parts << QStringLiteral("%1 %2 %3")
                         .arg(toString(phase.kind), toString(phase.state),
                              seconds(phase.milliseconds));
    }
    return parts.join(QStringLiteral(", "));
}

void LifecycleDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                              const QModelIndex &index) const
{
    paintBackground(painter, option, index);
    const auto phases = index.data(PhasesRole).value<QList<PhaseBrief>>();
    const double height = theme().px(9);
    paintLifecycleBar(*painter,
                      QRectF(option.rect.left() + 8, option.rect.center().y() - height / 2 + 0.5,
                             option.rect.width() - 24, height),
                      phases);
}

QSize LifecycleDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const
{
    return {theme().px(150), theme().rowHeight()};
}

void ButtonDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                           const QModelIndex &index) const
{
    paintBackground(painter, option, index);
    const QString text = index.data().toString();
    if (text.isEmpty())
        return;
    const bool primary = index.data(PrimaryRole).toBool();
    const bool hover = option.state & QStyle::State_MouseOver;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(QPen(primary ? theme().accent : theme().border, 1));
    const QColor fill = primary ? theme().accent : theme().panel;
    painter->setBrush(hover ? (theme().dark ? fill.lighter(118) : fill.darker(106)) : fill);
    painter->drawRoundedRect(QRectF(buttonRect(option)).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5);
    painter->setPen(primary ? theme().onAccent : theme().text);
    painter->setFont(primary ? theme().strong : theme().font);
    painter->drawText(buttonRect(option), Qt::AlignCenter, text);
    painter->restore();
}

QSize ButtonDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &index) const
{
    const QFontMetrics metrics(theme().strong);
    return {metrics.horizontalAdvance(index.data().toString()) + theme().px(36),
            theme().rowHeight()};
}

bool ButtonDelegate::editorEvent(QEvent *event, QAbstractItemModel *model,
                                 const QStyleOptionViewItem &option, const QModelIndex &index)
{
    if (event->type() == QEvent::MouseButtonRelease && !index.data().toString().isEmpty()) {
        const auto *mouse = static_cast<QMouseEvent *>(event);
        if (mouse->button() == Qt::LeftButton && buttonRect(option).contains(mouse->pos())) {
            emit pressed(index);
            return true;
        }
    }
    return QStyledItemDelegate::editorEvent(event, model, option, index);
}

} // namespace ovvoc
