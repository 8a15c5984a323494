#include "widgets/clientmark.h"

#include "theme/theme.h"

#include <QPainter>

namespace ovvoc {

QString initialsOf(const QString &name)
{
    QString initials;
    for (const QString &word : name.split(' ', Qt::SkipEmptyParts)) {
        if (word[0].isLetterOrNumber())
            initials += word[0].toUpper();
        if (initials.size() == 2)
            break;
    }
    if (initials.size() == 1 && name.size() > 1 && !name.contains(' '))
        initials += name[1].toUpper();
    return initials;
}

void paintClientMark(QPainter &painter, const QRectF &box, const QString &name, int colour)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme().client(colour));
    painter.drawRoundedRect(box, box.width() / 5, box.width() / 5);
    QFont font = theme().font;
    font.setWeight(QFont::Bold);
    font.setPixelSize(std::max(8, int(box.height() * 0.44)));
    painter.setFont(font);
    painter.setPen(theme().onClient);
    painter.drawText(box, Qt::AlignCenter, initialsOf(name));
    painter.restore();
}

ClientMark::ClientMark(int size, QWidget *parent)
    : QWidget(parent)
{
    setFixedSize(size, size);
}

void ClientMark::setClient(const QString &name, int colour)
{
    m_name = name;
    m_colour = colour;
    update();
}

void ClientMark::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    paintClientMark(painter, rect(), m_name, m_colour);
}

} // namespace ovvoc
