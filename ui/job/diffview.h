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
    bool operator==(const DiffLine &) const = default;
};

/// Takes git's own format apart for showing. Lockfiles are folded to one line unless \a unfolded.
QList<DiffLine> diffLines(const SealedPatch &patch, bool unfolded);

/// Shows a sealed patch, unified. Paints only what is visible.
class DiffView : public QAbstractScrollArea
{
    Q_OBJECT
public:
    explicit DiffView(QWidget *parent = nullptr);
    void setPatch(const SealedPatch &patch);
    void setUnfolded(bool unfolded);

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    void rebuild();
    void updateScrollBars();
    int lineHeight() const;
    SealedPatch m_patch;
    QList<DiffLine> m_lines;
    bool m_unfolded = false;
};

} // namespace ovvoc
