#pragma once

#include "patch/sealedpatch.h"

#include <QAbstractScrollArea>

namespace ovvoc {

/// One line of a diff as it is shown.
struct DiffLine
{
    enum class Kind { File, Hunk, Context, Added, Removed, Note };
    Kind kind = Kind::Context;
    QString text;
    int oldNumber = 0; ///< 0: none
    int newNumber = 0;
    int changedFrom = 0; ///< the stretch in which an added or removed line differs from its pair
    int changedTo = 0; ///< its end; 0: the whole line is new or gone
    QString path = {}; ///< of the file it belongs to
    bool operator==(const DiffLine &) const = default;
};

/// Who changed a line of a file, for the hunk that it lies in.
struct DiffMark
{
    QString path;
    int line = 0; ///< of the file before the change, from 1
    QString text;
    bool operator==(const DiffMark &) const = default;
};

/// Takes git's own format apart for showing. Lockfiles are folded to one line unless \a unfolded.
QList<DiffLine> diffLines(const SealedPatch &patch, bool unfolded);

/// Shows a sealed patch, unified or side by side, with the words that changed and the syntax
/// coloured. Lockfiles are folded until one asks for them. Paints only what is visible.
class DiffView : public QAbstractScrollArea
{
    Q_OBJECT
public:
    explicit DiffView(QWidget *parent = nullptr);
    void setPatch(const SealedPatch &patch, const QList<DiffMark> &marks = {});
    void setUnfolded(bool unfolded);
    void setSideBySide(bool beside);
    /// What is said while there is no change.
    void setEmptyText(const QString &text);

signals:
    void unfoldedChanged(bool unfolded);

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    void rebuild();
    void updateScrollBars();
    int lineHeight() const;
    /// One row on the screen: the same line on both sides, or a removed and an added one.
    struct Row
    {
        int left = -1;
        int right = -1;
    };
    void paintWords(QPainter &painter, const DiffLine &line, int x, int y, int width) const;
    void paintHalf(QPainter &painter, int index, bool left, const QRect &box) const;
    void paintUnified(QPainter &painter, int index, int y) const;
    bool paintWide(QPainter &painter, const DiffLine &line, const QRect &row) const;
    SealedPatch m_patch;
    QList<DiffMark> m_marks;
    QList<DiffLine> m_lines;
    QList<Row> m_rows;
    QString m_emptyText;
    bool m_unfolded = false;
    bool m_beside = false;
};

} // namespace ovvoc
