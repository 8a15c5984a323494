#pragma once

#include "jobs/overview.h"

#include <QStyledItemDelegate>

namespace ovvoc {

/// Draws a job's phases as a bar in proportion to time into \a box.
void paintLifecycleBar(QPainter &painter, const QRectF &box, const QList<PhaseBrief> &phases,
                       qint64 longest = 0);
/// The same in words: "Create succeeded 0.2 s, Clone succeeded 1.9 s, …".
QString lifecycleText(const QList<PhaseBrief> &phases);

/// What a phase's state looks like, wherever it is painted.
QColor phaseColour(PhaseState state);
/// A model's answer for a cell that LifecycleDelegate paints.
QVariant lifecycleData(const QList<PhaseBrief> &phases, int role);

/// Shows such a bar in a table. The model gives the phases under PhasesRole.
class LifecycleDelegate final : public QStyledItemDelegate
{
    Q_OBJECT
public:
    static constexpr int PhasesRole = Qt::UserRole + 20;
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
};

/// Paints the last cell of a row as a button; a click on it is pressed(). Return on the row opens
/// it and must start nothing; what the button does is also in the row's menu or on the page that
/// opens. The text is the cell's; none: no button.
class ButtonDelegate final : public QStyledItemDelegate
{
    Q_OBJECT
public:
    static constexpr int PrimaryRole = Qt::UserRole + 21; ///< bool: in the accent colour
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    bool editorEvent(QEvent *event, QAbstractItemModel *model, const QStyleOptionViewItem &option,
                     const QModelIndex &index) override;

signals:
    void pressed(const QModelIndex &index);
};

} // namespace ovvoc

Q_DECLARE_METATYPE(QList<ovvoc::PhaseBrief>)
