// How LogView paints its rows.

#include "log/logview.h"
#include "theme/theme.h"

#include <QPainter>
#include <QScrollBar>
#include <algorithm>

namespace ovvoc {

void LogView::paintEvent(QPaintEvent *)
{
    QPainter painter(viewport());
    painter.fillRect(viewport()->rect(), theme().panel);
    painter.setFont(theme().mono);
    if (shownLines() == 0) {
        painter.setFont(theme().font);
        painter.setPen(theme().muted);
        const bool none = !m_document || m_document->count() == 0;
        painter.drawText(
            viewport()->rect().adjusted(margin, 0, -margin, 0), Qt::AlignCenter | Qt::TextWordWrap,
            none ? (m_document ? m_document->emptyText() : tr("What the job does appears here."))
                : m_search.isActive() ? tr("Searching…")
                                      : tr("No line matches."));
        return;
    }
    int y = margin / 2;
    for (const Row &row : rowsFrom(verticalScrollBar()->value(), m_part, visibleRows() + 2)) {
        paintRow(painter, row, y);
        y += m_lineHeight;
    }
}

void LogView::paintRow(QPainter &painter, const Row &row, int y) const
{
    const LogDocument::Line &line = m_document->line(row.line);
    const int height = m_lineHeight;
    const int baseline = y + (height + QFontMetrics(theme().mono).ascent()) / 2 - 2;
    const int skip = m_wrapping ? row.start : horizontalScrollBar()->value();
    const int left = textLeft();
    const int room = m_wrapping ? columns() : int((viewport()->width() - left) / m_charWidth) + 1;
    if (row.line == m_found)
        painter.fillRect(0, y, viewport()->width(), height, theme().raised);

    painter.setPen(theme().muted);
    if (row.start == 0)
        painter.drawText(margin, baseline, line.time.toLocalTime().toString("HH:mm:ss.zzz"));
    painter.save();
    painter.setClipRect(left - 2, y, viewport()->width() - left, height);
    const auto xOf = [&](int column) { return left + (column - skip) * m_charWidth; };
    const QString shown = line.styled.text.mid(skip, room);

    const Position from = std::min(m_anchor, m_caret), to = std::max(m_anchor, m_caret);
    if (from != to && row.line >= from.line && row.line <= to.line) {
        const int begin = std::max(skip, row.line == from.line ? from.column : 0);
        const int end = std::min(
            skip + room + 1, row.line == to.line ? to.column : int(line.styled.text.size()) + 1);
        if (end > begin)
            painter.fillRect(QRectF(xOf(begin), y, (end - begin) * m_charWidth, height),
                             theme().selection);
    }
    if (usable(m_pattern)) {
        // A match may begin before what is visible.
        const int before = std::min(skip, 200);
        auto matches = m_pattern.globalMatch(line.styled.text.mid(skip - before, room + 400));
        while (matches.hasNext()) {
            const auto match = matches.next();
            painter.fillRect(QRectF(left + (int(match.capturedStart()) - before) * m_charWidth,
                                    y + 1, std::max(1, int(match.capturedLength())) * m_charWidth,
                                    height - 2),
                             theme().over(theme().gate, 0.35));
        }
    }

    const bool program = line.source == LogChunk::Source::Program;
    const bool command = program && line.styled.text.startsWith(QLatin1String("$ "));
    const bool phase = program && line.styled.text.startsWith(QStringLiteral("──"));
    painter.setPen(phase         ? theme().accent
                       : command ? theme().text
                       : program ? theme().muted
                                 : theme().text);
    QFont font = theme().mono;
    font.setBold(phase || command);
    painter.setFont(font);
    // Where spans follow, the plain text is drawn between them.
    int at = 0;
    const auto drawPlain = [&](int end) {
        if (end > at)
            painter.drawText(QPointF(left + at * m_charWidth, baseline), shown.mid(at, end - at));
    };
    // A line of a million characters may have as many spans: begin at the first visible one.
    const auto &spans = line.styled.spans;
    auto span =
        std::lower_bound(spans.begin(), spans.end(), skip, [](const StyledSpan &s, int column) {
            return s.start + s.length <= column;
        });
    for (; span != spans.end() && span->start < skip + room; ++span) {
        const int begin = std::clamp(span->start - skip, 0, int(shown.size()));
        const int end = std::clamp(span->start + span->length - skip, 0, int(shown.size()));
        if (end <= begin)
            continue;
        drawPlain(begin);
        const TextStyle &style = span->style;
        QColor text = style.foreground < 0 ? theme().text : theme().ansi(style.foreground);
        QColor back = style.background < 0 ? QColor() : theme().ansi(style.background);
        if (style.inverse)
            std::swap(text, back);
        if (!text.isValid())
            text = theme().panel;
        if (style.inverse && !back.isValid())
            back = theme().text;
        if (style.dim)
            text = theme().muted;
        // A colour on a colour must stay readable.
        if (back.isValid())
            text = back.lightness() > 140 ? QColor("#10141c") : QColor("#ffffff");
        if (back.isValid())
            painter.fillRect(
                QRectF(left + begin * m_charWidth, y, (end - begin) * m_charWidth, height), back);
        const QPen before = painter.pen();
        painter.setPen(text);
        QFont spanFont = font;
        spanFont.setBold(style.bold || font.bold());
        painter.setFont(spanFont);
        painter.drawText(QPointF(left + begin * m_charWidth, baseline),
                         shown.mid(begin, end - begin));
        painter.setFont(font);
        painter.setPen(before);
        at = end;
    }
    drawPlain(int(shown.size()));
    painter.restore();
}

} // namespace ovvoc
