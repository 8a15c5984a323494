#include "log/logview.h"

#include "theme/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QElapsedTimer>
#include <QMenu>
#include <QPainter>
#include <QScrollBar>
#include <QTimer>
#include <algorithm>

namespace ovvoc {

namespace {

constexpr int margin = 14;
constexpr int timeColumns = 13; // "14:03:10.118 "
constexpr int searchSliceMs = 6; // a third of a frame
constexpr int searchLineLimit = 20'000; // characters of one line that are searched

bool usable(const QRegularExpression &pattern)
{
    return pattern.isValid() && !pattern.pattern().isEmpty();
}

} // namespace

LogView::LogView(QWidget *parent)
    : QAbstractScrollArea(parent)
{
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Log"));
    viewport()->setCursor(Qt::IBeamCursor);
    measure();
    connect(verticalScrollBar(), &QScrollBar::valueChanged, this, [this](int value) {
        if (!m_moving)
            setFollowing(value >= verticalScrollBar()->maximum());
        viewport()->update();
    });
    m_search.setInterval(0);
    connect(&m_search, &QTimer::timeout, this, &LogView::searchSlice);
}

void LogView::measure()
{
    m_charWidth = std::max(1.0, QFontMetricsF(theme().mono).horizontalAdvance('M'));
    m_lineHeight = QFontMetrics(theme().mono).height() + 3;
}

void LogView::setDocument(LogDocument *document)
{
    if (m_document)
        m_document->disconnect(this);
    m_document = document;
    m_anchor = m_caret = {};
    m_matches.clear();
    m_searched = 0;
    if (document) {
        connect(document, &LogDocument::grown, this, [this] {
            if (usable(m_pattern) && !m_search.isActive())
                m_search.start();
            updateScrollBars();
            viewport()->update();
        });
        connect(document, &QObject::destroyed, this, [this] { m_document = nullptr; });
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
        scrollTo(verticalScrollBar()->maximum());
    emit followingChanged(following);
}

void LogView::setWrapping(bool wrapping)
{
    m_wrapping = wrapping;
    horizontalScrollBar()->setValue(0);
    updateScrollBars();
    viewport()->update();
}

void LogView::setFiltering(bool filtering)
{
    const int line = lineAt(verticalScrollBar()->value());
    m_filtering = filtering;
    updateScrollBars();
    if (!m_following)
        scrollTo(shownOf(line));
    viewport()->update();
}

int LogView::textLeft() const
{
    return margin + int(timeColumns * m_charWidth);
}

int LogView::columns() const
{
    return std::max(8, int((viewport()->width() - textLeft() - margin) / m_charWidth));
}

int LogView::visibleRows() const
{
    return std::max(1, (viewport()->height() - margin) / m_lineHeight);
}

int LogView::shownLines() const
{
    if (!m_document)
        return 0;
    return m_filtering && usable(m_pattern) ? int(m_matches.size()) : m_document->count();
}

int LogView::lineAt(int shown) const
{
    if (!m_filtering || !usable(m_pattern))
        return shown;
    return shown >= 0 && shown < m_matches.size() ? m_matches[shown] : -1;
}

int LogView::shownOf(int line) const
{
    if (!m_filtering || !usable(m_pattern))
        return line;
    return int(std::lower_bound(m_matches.begin(), m_matches.end(), line) - m_matches.begin());
}

int LogView::rowsOf(int line) const
{
    if (!m_wrapping)
        return 1;
    const int length = std::min(int(m_document->line(line).styled.text.size()), wrapLimit);
    return std::max(1, (length + columns() - 1) / columns());
}

/// Each position of the scroll bar is a line; a wrapped line takes several rows below it.
QList<LogView::Row> LogView::rowsFrom(int shown, int count) const
{
    QList<Row> rows;
    for (; shown < shownLines() && rows.size() < count; ++shown) {
        const int line = lineAt(shown);
        const int parts = rowsOf(line);
        for (int part = 0; part < parts && rows.size() < count; ++part)
            rows << Row{line, part * (m_wrapping ? columns() : 0)};
    }
    return rows;
}

void LogView::updateScrollBars()
{
    m_moving = true;
    const int count = shownLines();
    // The last position is the one from which everything to the end fits.
    int last = count, rows = 0;
    while (last > 0 && rows < visibleRows()) {
        const int more = rowsOf(lineAt(last - 1));
        if (rows > 0 && rows + more > visibleRows())
            break;
        rows += more;
        --last;
    }
    verticalScrollBar()->setPageStep(visibleRows());
    verticalScrollBar()->setRange(0, last);
    const int longest = m_document && !m_wrapping ? std::min(m_document->longest(), 1'000'000) : 0;
    horizontalScrollBar()->setPageStep(columns());
    horizontalScrollBar()->setRange(0, std::max(0, longest - columns()));
    m_moving = false;
    if (m_following)
        scrollTo(verticalScrollBar()->maximum());
}

void LogView::scrollTo(int shown)
{
    m_moving = true;
    verticalScrollBar()->setValue(shown);
    m_moving = false;
}

void LogView::resizeEvent(QResizeEvent *event)
{
    QAbstractScrollArea::resizeEvent(event);
    updateScrollBars();
}

void LogView::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange) {
        measure();
        updateScrollBars();
    }
    QAbstractScrollArea::changeEvent(event);
}

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
    for (const Row &row : rowsFrom(verticalScrollBar()->value(), visibleRows() + 2)) {
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

LogView::Position LogView::positionAt(const QPoint &point) const
{
    if (shownLines() == 0)
        return {};
    const int index = std::max(0, (point.y() - margin / 2) / m_lineHeight);
    const QList<Row> rows = rowsFrom(verticalScrollBar()->value(), index + 1);
    const Row row = rows.isEmpty() ? Row{lineAt(shownLines() - 1), 0} : rows.last();
    const bool below = index >= rows.size();
    const int size = int(m_document->line(row.line).styled.text.size());
    const int column = int((point.x() - textLeft() + m_charWidth / 2) / m_charWidth)
        + (m_wrapping ? row.start : horizontalScrollBar()->value());
    return {row.line, below ? size : std::clamp(column, 0, size)};
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

/// The word under the mouse.
void LogView::mouseDoubleClickEvent(QMouseEvent *event)
{
    const Position at = positionAt(event->pos());
    if (shownLines() == 0)
        return;
    const QString &text = m_document->line(at.line).styled.text;
    const auto isWord = [&](int i) {
        return i >= 0 && i < text.size() && (text[i].isLetterOrNumber() || text[i] == '_');
    };
    int begin = at.column, end = at.column;
    while (isWord(begin - 1))
        --begin;
    while (isWord(end))
        ++end;
    m_anchor = {at.line, begin};
    m_caret = {at.line, end};
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
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    QAction *copy = menu->addAction(tr("Copy"), this, &LogView::copySelection);
    copy->setEnabled(m_anchor != m_caret);
    menu->addAction(tr("Follow the end"), this, [this] { setFollowing(true); });
    menu->popup(event->globalPos());
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
    m_matches.clear();
    m_searched = 0;
    m_findWhenFound = false;
    m_search.stop();
    if (usable(pattern) && m_document) {
        // The first slice now, so that a short log is searched at once.
        m_search.start();
        searchSlice();
    }
    updateScrollBars();
    viewport()->update();
    emit matchesChanged();
}

void LogView::searchSlice()
{
    if (!m_document || !usable(m_pattern))
        return m_search.stop();
    QElapsedTimer clock;
    clock.start();
    const qsizetype before = m_matches.size();
    while (m_searched < m_document->count()) {
        const QString &text = m_document->line(m_searched).styled.text;
        if (m_pattern.match(text.size() > searchLineLimit ? text.left(searchLineLimit) : text)
                .hasMatch())
            m_matches << m_searched;
        ++m_searched;
        if ((m_searched & 63) == 0 && clock.elapsed() >= searchSliceMs)
            break;
    }
    const bool done = m_searched >= m_document->count();
    if (done)
        m_search.stop();
    if (m_matches.size() == before && !done)
        return;
    if (m_filtering)
        updateScrollBars();
    if (m_findWhenFound && !m_matches.isEmpty())
        findNext(false);
    viewport()->update();
    emit matchesChanged();
}

bool LogView::findNext(bool backwards)
{
    if (m_matches.isEmpty()) {
        m_findWhenFound = m_search.isActive();
        return false;
    }
    m_findWhenFound = false;
    const int start = m_found >= 0 ? m_found : lineAt(verticalScrollBar()->value());
    auto next = m_matches.cbegin();
    if (backwards) {
        next = std::lower_bound(m_matches.cbegin(), m_matches.cend(), start);
        next = next == m_matches.cbegin() ? m_matches.cend() - 1 : next - 1;
    } else {
        next = m_found >= 0 ? std::upper_bound(m_matches.cbegin(), m_matches.cend(), start)
                            : std::lower_bound(m_matches.cbegin(), m_matches.cend(), start);
        if (next == m_matches.cend())
            next = m_matches.cbegin();
    }
    m_found = *next;
    showLine(m_found);
    return true;
}

void LogView::showLine(int line)
{
    setFollowing(false);
    scrollTo(std::max(0, shownOf(line) - visibleRows() / 2));
    viewport()->update();
}

void LogView::showPhase(PhaseKind phase)
{
    for (int i = 0; m_document && i < m_document->count(); ++i) {
        if (m_document->line(i).phase == phase) {
            setFollowing(false);
            scrollTo(shownOf(i));
            viewport()->update();
            return;
        }
    }
}

} // namespace ovvoc
