#pragma once

#include "valuemodel.h"

#include <QLabel>

namespace ovvoc {

/// A label of plain text with a meaning for its colour, which survives a change of theme. Never
/// reads its text as HTML: most of what the window shows comes from outside.
class TextLabel : public QLabel
{
    Q_OBJECT
public:
    explicit TextLabel(const QString &text = {}, Tone tone = Tone::Plain,
                       QWidget *parent = nullptr);
    void setTone(Tone tone);
    /// Cuts the text in its middle where there is no room, instead of asking for more.
    void setElided(bool elided);
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    bool m_elided = false;
    Tone m_tone = Tone::Plain;
};

} // namespace ovvoc
