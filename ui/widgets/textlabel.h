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
    /// Cuts the text where there is no room, instead of asking for more: names in their middle,
    /// sentences at their end.
    void setElided(bool elided, Qt::TextElideMode mode = Qt::ElideMiddle);
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    bool m_elided = false;
    Qt::TextElideMode m_mode = Qt::ElideMiddle;
    Tone m_tone = Tone::Plain;
};

} // namespace ovvoc
