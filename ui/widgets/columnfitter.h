#pragma once

#include <QHash>
#include <QList>
#include <QObject>
#include <QSet>
#include <QTimer>

class QAbstractItemView;
class QHeaderView;

namespace ovvoc {

/// Shares a table's or tree's width among its columns. One, the main column, takes what is left;
/// the others fit their content once there is any, up to a limit, and are the reader's from then
/// on. Where the room does not reach, columns that may be missed go away, one after the other, then
/// the widest give way, so that the main column stays readable. Owned by the view.
class ColumnFitter : public QObject
{
    Q_OBJECT
public:
    /// \a widest: limit of a column that fits its content, at scale 1.
    ColumnFitter(QAbstractItemView *view, QHeaderView *header, int main, int widest);
    /// The columns that may go, the first one first.
    void setDispensable(const QList<int> &columns);
    /// Fits the columns to their content anew: something else is shown now.
    void refit();

    static constexpr int mainAtLeast = 150; ///< pixels at scale 1

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void measure();
    void grow();
    int wishOf(int column) const;
    void arrange();
    QAbstractItemView *m_view;
    QHeaderView *m_header;
    int m_main;
    int m_widest;
    QList<int> m_dispensable;
    QSet<int> m_set; ///< columns whose width the reader has set
    QTimer m_grow;
    QHash<int, int> m_wished; ///< widths of the columns beside the main one; empty: not measured
    bool m_arranging = false;
    bool m_again = false; ///< the room changed while it was shared
    bool m_secondTime = false;
};

/// Fits the columns of such a view to what it shows now.
void refitColumns(QAbstractItemView *view);

/// Says which columns of a view that makeTable() or makeTree() made may go where there is no room.
void setDispensable(QAbstractItemView *view, const QList<int> &columns);

} // namespace ovvoc
