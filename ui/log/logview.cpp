#include "log/logview.h"

#include "theme/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QMenu>
#include <QPainter>
#include <QScrollBar>
#include <algorithm>

namespace ovvoc {

namespace {

constexpr int margin = 14;
constexpr int timeColumns = 13; // "14:03:10.118 "

} // namespace

LogView::LogView(QWidget *parent)
    : QAbstractScrollArea(parent)
{
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Log"));
    viewport()->setCursor(Qt::IBeamCursor);
    m_charWidth = QFontMetrics(theme().mono).horizontalAdvance('M');
    connect(verticalScrollBar(), &QScrollBar::valueChanged, this, [this](int value) {
        setFollowing(value >= verticalScrollBar()->maximum());
        viewport()->update();
    });
}

void LogView::setDocument(LogDocument *document)
{
    if (m_document)
        m_document->disconnect(this);
    m_document = document;
    m_anchor = m_caret = {};
    if (document) {
        connect(document, &LogDocument::grown, this, [this] {
            updateScrollBars();
            viewport()->update();
        });
    }
    updateScrollBars();
    viewport()->update();
}

void LogView::setFollowing(bool following)
{
    if (following == m_following)
        return;
    m_following = following;
    if (following)
        verticalScrollBar()->setValue(verticalScrollBar()->maximum());
    emit followingChanged(following);
}

int LogView::lineHeight() const
{
    return QFontMetrics(theme().mono).height() + 3;
}

int LogView::textLeft() const
{
    return margin + timeColumns * m_charWidth;
}

int LogView::visibleLines() const
{
    return std::max(1, (viewport()->height() - margin) / lineHeight());
}

void LogView::updateScrollBars()
{
    const bool follow = m_following;
    const int count = m_document ? m_document->count() : 0;
    verticalScrollBar()->setPageStep(visibleLines());
    verticalScrollBar()->setRange(0, std::max(0, count - visibleLines()));
    const int columns =
        std::max(1, (viewport()->width() - textLeft() - margin) / std::max(1, m_charWidth));
    const int longest = m_document ? std::min(m_document->longest(), 100'000) : 0;
    horizontalScrollBar()->setPageStep(columns);
    horizontalScrollBar()->setRange(0, std::max(0, longest - columns));
    m_following = follow;
    if (follow)
        verticalScrollBar()->setValue(verticalScrollBar()->maximum());
}

void LogView::resizeEvent(QResizeEvent *event)
{
    QAbstractScrollArea::resizeEvent(event);
    updateScrollBars();
}

void LogView::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange) {
        m_charWidth = QFontMetrics(theme().mono).horizontalAdvance('M');
        updateScrollBars();
    }
    QAbstractScrollArea::changeEvent(event);
}

void LogView::paintEvent(QPaintEvent *)
{
    QPainter painter(viewport());
    painter.fillRect(viewport()->rect(), theme().panel);
    painter.setFont(theme().mono);
    if (!m_document || m_document->count() == 0) {
        painter.setFont(theme().font);
        painter.setPen(theme().muted);
        painter.drawText(viewport()->rect(), Qt::AlignCenter,
                         tr("What the job does appears here."));
        return;
    }
    const int first = verticalScrollBar()->value();
    const int last = std::min(m_document->count() - 1, first + visibleLines() + 1);
    for (int i = first; i <= last; ++i)
        paintLine(painter, i, margin / 2 + (i - first) * lineHeight());
}

void LogView::paintLine(QPainter &painter, int index, int y) const
{
    const LogDocument::Line &line = m_document->line(index);
    const int height = lineHeight();
    const int baseline = y + (height + QFontMetrics(theme().mono).ascent()) / 2 - 2;
    const int skip = horizontalScrollBar()->value();
    const int left = textLeft();
    const int columns = (viewport()->width() - left) / std::max(1, m_charWidth) + 1;
    if (index == m_found)
        painter.fillRect(0, y, viewport()->width(), height, theme().raised);

    painter.setPen(theme().muted);
    painter.drawText(margin, baseline, line.time.toLocalTime().toString("HH:mm:ss.zzz"));
    painter.save();
    painter.setClipRect(left - 2, y, viewport()->width() - left, height);
    const auto xOf = [&](int column) { return left + (column - skip) * m_charWidth; };
    const QString shown = line.styled.text.mid(skip, columns);

    const Position from = std::min(m_anchor, m_caret), to = std::max(m_anchor, m_caret);
    if (from != to && index >= from.line && index <= to.line) {
        const int begin = index == from.line ? from.column : 0;
        const int end = index == to.line ? to.column : int(line.styled.text.size()) + 1;
        painter.fillRect(xOf(begin), y, (end - begin) * m_charWidth, height, theme().selection);
    }
    if (m_pattern.isValid() && !m_pattern.pattern().isEmpty()) {
        auto matches = m_pattern.globalMatch(line.styled.text.mid(skip, columns + 200));
        while (matches.hasNext()) {
            const auto match = matches.next();
            painter.fillRect(left + int(match.capturedStart()) * m_charWidth, y + 1,
                             std::max(1, int(match.capturedLength())) * m_charWidth, height - 2,
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
            painter.drawText(left + at * m_charWidth, baseline, shown.mid(at, end - at));
    };
    for (const StyledSpan &span : line.styled.spans) {
        const int begin = std::clamp(span.start - skip, 0, int(shown.size()));
        const int end = std::clamp(span.start + span.length - skip, 0, int(shown.size()));
        if (end <= begin)
            continue;
        drawPlain(begin);
        TextStyle style = span.style;
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
            painter.fillRect(left + begin * m_charWidth, y, (end - begin) * m_charWidth, height,
                             back);
        const QPen before = painter.pen();
        painter.setPen(text);
        QFont spanFont = font;
        spanFont.setBold(style.bold || font.bold());
        painter.setFont(spanFont);
        painter.drawText(left + begin * m_charWidth, baseline, shown.mid(begin, end - begin));
        painter.setFont(font);
        painter.setPen(before);
        at = end;
    }
    drawPlain(int(shown.size()));
    painter.restore();
}

LogView::Position LogView::positionAt(const QPoint &point) const
{
    Position position;
    const int count = m_document ? m_document->count() : 0;
    if (count == 0)
        return position;
    position.line = std::clamp(verticalScrollBar()->value()
                                   + (point.y() - margin / 2) / std::max(1, lineHeight()),
                               0, count - 1);
    const int column = (point.x() - textLeft() + m_charWidth / 2) / std::max(1, m_charWidth)
        + horizontalScrollBar()->value();
    position.column =
        std::clamp(column, 0, int(m_document->line(position.line).styled.text.size()));
    return position;
}

void LogView::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton)
        return;
    m_caret = positionAt(event->pos());
    if (!(event->modifiers() & Qt::ShiftModifier))
        m_anchor = m_caret;
    viewport()->update();
}

void LogView::mouseMoveEvent(QMouseEvent *event)
{
    if (!(event->buttons() & Qt::LeftButton))
        return;
    // Dragging over the edge scrolls.
    if (event->pos().y() < 0)
        verticalScrollBar()->setValue(verticalScrollBar()->value() - 1);
    else if (event->pos().y() > viewport()->height())
        verticalScrollBar()->setValue(verticalScrollBar()->value() + 1);
    m_caret = positionAt(event->pos());
    viewport()->update();
}

void LogView::keyPressEvent(QKeyEvent *event)
{
    if (event == QKeySequence::Copy)
        return copySelection();
    if (event == QKeySequence::SelectAll && m_document && m_document->count() > 0) {
        m_anchor = {};
        m_caret = {m_document->count() - 1,
                   int(m_document->line(m_document->count() - 1).styled.text.size())};
        viewport()->update();
        return;
    }
    QScrollBar *bar = verticalScrollBar();
    switch (event->key()) {
    case Qt::Key_Up:
        return bar->setValue(bar->value() - 1);
    case Qt::Key_Down:
        return bar->setValue(bar->value() + 1);
    case Qt::Key_PageUp:
        return bar->setValue(bar->value() - bar->pageStep());
    case Qt::Key_PageDown:
        return bar->setValue(bar->value() + bar->pageStep());
    case Qt::Key_Home:
        return bar->setValue(0);
    case Qt::Key_End:
        return bar->setValue(bar->maximum());
    default:
        QAbstractScrollArea::keyPressEvent(event);
    }
}

void LogView::contextMenuEvent(QContextMenuEvent *event)
{
    QMenu menu(this);
    QAction *copy = menu.addAction(tr("Copy"), this, &LogView::copySelection);
    copy->setEnabled(m_anchor != m_caret);
    menu.addAction(tr("Follow the end"), this, [this] { setFollowing(true); });
    menu.exec(event->globalPos());
}

QString LogView::selectedText() const
{
    const Position from = std::min(m_anchor, m_caret), to = std::max(m_anchor, m_caret);
    QStringList lines;
    for (int i = from.line; m_document && from != to && i <= to.line && i < m_document->count();
         ++i) {
        const QString text = m_document->line(i).styled.text;
        const int begin = i == from.line ? from.column : 0;
        const int end = i == to.line ? to.column : int(text.size());
        lines << text.mid(begin, end - begin);
    }
    return lines.join('\n');
}

void LogView::copySelection()
{
    const QString text = selectedText();
    if (!text.isEmpty())
        QApplication::clipboard()->setText(text);
}

void LogView::setPattern(const QRegularExpression &pattern)
{
    m_pattern = pattern;
    m_found = -1;
    viewport()->update();
}

bool LogView::findNext(bool backwards)
{
    const int count = m_document ? m_document->count() : 0;
    if (count == 0 || !m_pattern.isValid() || m_pattern.pattern().isEmpty())
        return false;
    const int start = m_found >= 0 ? m_found : verticalScrollBar()->value() - (backwards ? 0 : 1);
    for (int step = 1; step <= count; ++step) {
        const int index = ((start + (backwards ? -step : step)) % count + count) % count;
        if (m_pattern.match(m_document->line(index).styled.text).hasMatch()) {
            m_found = index;
            showLine(index);
            return true;
        }
    }
    return false;
}

int LogView::matchingLines() const
{
    int found = 0;
    for (int i = 0; m_document && i < m_document->count(); ++i)
        found += m_pattern.match(m_document->line(i).styled.text).hasMatch() ? 1 : 0;
    return found;
}

void LogView::showLine(int line)
{
    setFollowing(false);
    verticalScrollBar()->setValue(std::max(0, line - visibleLines() / 2));
    viewport()->update();
}

void LogView::showPhase(PhaseKind phase)
{
    for (int i = 0; m_document && i < m_document->count(); ++i) {
        if (m_document->line(i).phase == phase) {
            setFollowing(false);
            verticalScrollBar()->setValue(i);
            return;
        }
    }
}

} // namespace ovvoc
