#pragma once

#include "log/logdocument.h"

#include <QAbstractScrollArea>
#include <QRegularExpression>
#include <QTimer>

namespace ovvoc {

/// Shows a LogDocument. Paints only the lines that are visible, whatever the log's size. Follows
/// the end until one scrolls away from it. Select with the mouse or the keyboard, copy with Ctrl+C.
/// A search over a long log runs in slices of the event loop and never stops the window.
class LogView : public QAbstractScrollArea
{
    Q_OBJECT
public:
    explicit LogView(QWidget *parent = nullptr);
    void setDocument(LogDocument *document);
    void setFollowing(bool following);
    bool isFollowing() const { return m_following; }
    /// Breaks long lines at the edge, up to wrapLimit characters of each.
    void setWrapping(bool wrapping);
    /// Shows only the lines that match the pattern.
    void setFiltering(bool filtering);

    /// Marks every match; an invalid or empty pattern marks nothing.
    void setPattern(const QRegularExpression &pattern);
    /// Scrolls to the next line with a match, around the end. False when there is none among the
    /// lines that were searched so far.
    bool findNext(bool backwards);
    /// The number of lines with a match among those searched so far.
    int matchingLines() const { return int(m_matches.size()); }
    bool isSearching() const { return m_search.isActive(); }
    QString selectedText() const;
    void showLine(int line);
    void showPhase(PhaseKind phase);
    /// The line found last; -1: none.
    int foundLine() const { return m_found; }

    static constexpr int wrapLimit = 20'000;

signals:
    void followingChanged(bool following);
    void matchesChanged();

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    struct Position
    {
        int line = 0;
        int column = 0;
        auto operator<=>(const Position &) const = default;
    };
    /// A row on the screen: a stretch of a line.
    struct Row
    {
        int line = -1;
        int start = 0;
    };
    static constexpr int margin = 14;
    static constexpr int timeColumns = 13; ///< "14:03:10.118 "
    static bool usable(const QRegularExpression &pattern)
    {
        return pattern.isValid() && !pattern.pattern().isEmpty();
    }
    int lineHeight() const { return m_lineHeight; }
    int textLeft() const;
    int columns() const;
    int visibleRows() const;
    int shownLines() const; ///< lines, or matching lines while filtering
    int lineAt(int shown) const; ///< document line of the shown one
    int shownOf(int line) const; ///< the shown one at or after a document line
    int rowsOf(int line) const; ///< how many rows a line takes
    QList<Row> rowsFrom(int shown, int part, int count) const;
    void measure();
    void updateScrollBars();
    void searchSlice();
    void copySelection();
    void scrollTo(int shown, int part);
    void scrollRows(int count);
    Position positionAt(const QPoint &point) const;
    void paintRow(QPainter &painter, const Row &row, int y) const;
    LogDocument *m_document = nullptr;
    QRegularExpression m_pattern;
    QList<int> m_matches; ///< document lines, ascending
    int m_searched = 0; ///< lines of the document
    QTimer m_search;
    Position m_anchor, m_caret;
    int m_found = -1;
    bool m_findWhenFound = false;
    double m_charWidth = 8;
    int m_lineHeight = 16;
    int m_part = 0; ///< rows of the topmost line that are above the edge
    int m_endPart = 0; ///< the same at the end of the log
    int m_wheel = 0; ///< eighths of a degree that are no whole row yet
    bool m_following = true;
    bool m_wrapping = false;
    bool m_filtering = false;
    bool m_moving = false; ///< the scroll bar is moved by this class
};

} // namespace ovvoc
