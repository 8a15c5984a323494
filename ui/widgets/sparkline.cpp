#include "widgets/sparkline.h"

#include "theme/theme.h"

#include <QPainter>
#include <QPainterPath>
#include <algorithm>

namespace ovvoc {

Sparkline::Sparkline(Tone tone, QWidget *parent)
    : QWidget(parent)
    , m_tone(tone)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void Sparkline::setValues(const QList<double> &values, double top)
{
    m_values = values;
    m_top = top > 0 || values.isEmpty() ? top : *std::max_element(values.begin(), values.end());
    update();
}

void Sparkline::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF box = QRectF(rect()).adjusted(2, 3, -2, -3);
    if (m_values.size() < 2 || m_top <= 0) {
        painter.setPen(QPen(theme().faint, 1, Qt::DashLine));
        painter.drawLine(box.bottomLeft(), box.bottomRight());
        return;
    }
    const auto at = [&](qsizetype i) {
        return QPointF(box.left() + box.width() * double(i) / double(m_values.size() - 1),
                       box.bottom() - box.height() * std::min(1.0, m_values[i] / m_top));
    };
    QPainterPath line(at(0));
    for (qsizetype i = 1; i < m_values.size(); ++i)
        line.lineTo(at(i));
    QPainterPath area = line;
    area.lineTo(box.bottomRight());
    area.lineTo(box.bottomLeft());
    area.closeSubpath();
    const QColor colour = toneColour(m_tone);
    painter.fillPath(area, theme().over(colour, 0.12));
    painter.setPen(QPen(colour, 1.6, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.drawPath(line);
}

} // namespace ovvoc
