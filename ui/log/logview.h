#pragma once

#include "log/logdocument.h"

#include <QAbstractScrollArea>
#include <QRegularExpression>

namespace ovvoc {

/// Shows a LogDocument. Paints only the lines that are visible, whatever the log's size. Follows
/// the end until one scrolls away from it. Select with the mouse or the keyboard, copy with Ctrl+C.
class LogView : public QAbstractScrollArea
{
    Q_OBJECT
public:
    explicit LogView(QWidget *parent = nullptr);
    void setDocument(LogDocument *document);
    void setFollowing(bool following);
    bool isFollowing() const { return m_following; }

    /// Marks every match; an invalid or empty pattern marks nothing.
    void setPattern(const QRegularExpression &pattern);
    /// Scrolls to the next line with a match, around the end. False when there is none.
    bool findNext(bool backwards);
    /// The number of lines with a match.
    int matchingLines() const;
    QString selectedText() const;
    void showLine(int line);
    void showPhase(PhaseKind phase);

signals:
    void followingChanged(bool following);

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
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
    int lineHeight() const;
    int textLeft() const;
    int visibleLines() const;
    void updateScrollBars();
    void copySelection();
    Position positionAt(const QPoint &point) const;
    void paintLine(QPainter &painter, int index, int y) const;
    LogDocument *m_document = nullptr;
    QRegularExpression m_pattern;
    Position m_anchor, m_caret;
    int m_found = -1;
    int m_charWidth = 8;
    bool m_following = true;
};

} // namespace ovvoc
