#include "widgets/textlabel.h"

#include <QPainter>
#include <QStyle>

namespace ovvoc {

namespace {

/// The property that the theme's style sheet looks at.
QString nameOf(Tone tone)
{
    static constexpr const char *names[] = {"plain", "muted",  "good",  "bad",
                                            "gate",  "sealed", "accent"};
    return QLatin1String(names[int(tone)]);
}

} // namespace

TextLabel::TextLabel(const QString &text, Tone tone, QWidget *parent)
    : QLabel(text, parent)
    , m_tone(tone)
{
    setTextFormat(Qt::PlainText);
    setProperty("tone", nameOf(tone));
}

void TextLabel::setTone(Tone tone)
{
    if (tone == m_tone)
        return;
    m_tone = tone;
    setProperty("tone", nameOf(tone));
    style()->unpolish(this);
    style()->polish(this);
}

void TextLabel::setElided(bool elided, Qt::TextElideMode mode)
{
    m_mode = mode;
    m_elided = elided;
    updateGeometry();
}

QSize TextLabel::minimumSizeHint() const
{
    const QSize size = QLabel::minimumSizeHint();
    return m_elided ? QSize(std::min(size.width(), 60), size.height()) : size;
}

void TextLabel::paintEvent(QPaintEvent *event)
{
    if (!m_elided || fontMetrics().horizontalAdvance(text()) <= contentsRect().width())
        return QLabel::paintEvent(event);
    QPainter painter(this);
    style()->drawItemText(&painter, contentsRect(), int(alignment()), palette(), isEnabled(),
                          fontMetrics().elidedText(text(), m_mode, contentsRect().width()),
                          foregroundRole());
}

} // namespace ovvoc
