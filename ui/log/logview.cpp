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
#include <QWheelEvent>
#include <algorithm>

namespace ovvoc {

namespace {

constexpr int searchSliceMs = 6; // a third of a frame
constexpr int searchLineLimit = 20'000; // characters of one line that are searched

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
        if (!m_moving) {
            const bool end = value >= verticalScrollBar()->maximum();
            m_part = end ? m_endPart : 0;
            setFollowing(end);
        }
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
        scrollTo(verticalScrollBar()->maximum(), m_endPart);
    emit followingChanged(following);
}

void LogView::setWrapping(bool wrapping)
{
    m_wrapping = wrapping;
    m_part = 0;
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
        scrollTo(shownOf(line), 0);
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

/// Each position of the scroll bar is a line; of a wrapped one \a part rows are above the edge.
QList<LogView::Row> LogView::rowsFrom(int shown, int part, int count) const
{
    QList<Row> rows;
    for (; shown < shownLines() && rows.size() < count; ++shown) {
        const int line = lineAt(shown);
        const int parts = rowsOf(line);
        for (; part < parts && rows.size() < count; ++part)
            rows << Row{line, part * (m_wrapping ? columns() : 0)};
        part = 0;
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
    m_endPart = std::max(0, rows - visibleRows()); // one line alone may be taller than the view
    verticalScrollBar()->setPageStep(visibleRows());
    verticalScrollBar()->setRange(0, last);
    const int longest = m_document && !m_wrapping ? std::min(m_document->longest(), 1'000'000) : 0;
    horizontalScrollBar()->setPageStep(columns());
    horizontalScrollBar()->setRange(0, std::max(0, longest - columns()));
    m_moving = false;
    if (m_following)
        scrollTo(verticalScrollBar()->maximum(), m_endPart);
    else
        scrollTo(verticalScrollBar()->value(), m_part);
}

void LogView::scrollTo(int shown, int part)
{
    const int end = verticalScrollBar()->maximum();
    if (shown >= end) {
        part = shown > end ? m_endPart : std::min(part, m_endPart);
        shown = end;
    } else if (shownLines() > 0) {
        part = std::clamp(part, 0, rowsOf(lineAt(shown)) - 1);
    }
    m_moving = true;
    verticalScrollBar()->setValue(shown);
    m_part = part;
    m_moving = false;
}

/// By rows of the screen: a wrapped line may be taller than the view.
void LogView::scrollRows(int count)
{
    int shown = verticalScrollBar()->value(), part = m_part;
    const int end = verticalScrollBar()->maximum();
    for (; count > 0 && std::pair(shown, part) < std::pair(end, m_endPart); --count) {
        if (++part >= rowsOf(lineAt(shown))) {
            ++shown;
            part = 0;
        }
    }
    for (; count < 0 && (shown > 0 || part > 0); ++count) {
        if (--part < 0) {
            --shown;
            part = rowsOf(lineAt(shown)) - 1;
        }
    }
    scrollTo(shown, part);
    setFollowing(std::pair(shown, part) >= std::pair(end, m_endPart));
    viewport()->update();
}

void LogView::wheelEvent(QWheelEvent *event)
{
    // Sideways, or with a touch pad's own steps: as everywhere.
    if (!m_wrapping || event->angleDelta().y() == 0)
        return QAbstractScrollArea::wheelEvent(event);
    m_wheel += event->angleDelta().y() * QApplication::wheelScrollLines();
    const int rows = m_wheel / 120;
    m_wheel -= rows * 120;
    scrollRows(-rows);
    event->accept();
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

LogView::Position LogView::positionAt(const QPoint &point) const
{
    if (shownLines() == 0)
        return {};
    const int index = std::max(0, (point.y() - margin / 2) / m_lineHeight);
    const QList<Row> rows = rowsFrom(verticalScrollBar()->value(), m_part, index + 1);
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
        scrollRows(-1);
    else if (event->pos().y() > viewport()->height())
        scrollRows(1);
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
        return scrollRows(-1);
    case Qt::Key_Down:
        return scrollRows(1);
    case Qt::Key_PageUp:
        return scrollRows(-visibleRows());
    case Qt::Key_PageDown:
        return scrollRows(visibleRows());
    case Qt::Key_Left:
    case Qt::Key_Right:
        return horizontalScrollBar()->triggerAction(event->key() == Qt::Key_Left
                                                        ? QAbstractSlider::SliderSingleStepSub
                                                        : QAbstractSlider::SliderSingleStepAdd);
    case Qt::Key_Home:
        bar->setValue(0);
        scrollTo(0, 0); // also within one line that is all there is
        return setFollowing(bar->maximum() == 0 && m_endPart == 0);
    case Qt::Key_End:
        return setFollowing(true);
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

/// Into the middle, with the match in sight where there is one.
void LogView::showLine(int line)
{
    if (!m_document || line < 0 || line >= m_document->count())
        return;
    int column = 0;
    if (usable(m_pattern)) {
        const QString text = m_document->line(line).styled.text.left(searchLineLimit);
        column = std::max(0, int(m_pattern.match(text).capturedStart()));
    }
    int shown = shownOf(line), part = m_wrapping ? column / columns() : 0;
    part = std::min(part, rowsOf(line) - 1);
    for (int rows = visibleRows() / 2; rows > 0 && (shown > 0 || part > 0); --rows) {
        if (--part < 0) {
            --shown;
            part = rowsOf(lineAt(shown)) - 1;
        }
    }
    setFollowing(false);
    scrollTo(shown, part);
    QScrollBar *across = horizontalScrollBar();
    if (!m_wrapping && (column < across->value() || column >= across->value() + columns() - 4))
        across->setValue(column < columns() - 4 ? 0 : column - columns() / 3);
    viewport()->update();
}

void LogView::showPhase(PhaseKind phase)
{
    for (int i = 0; m_document && i < m_document->count(); ++i) {
        if (m_document->line(i).phase == phase) {
            setFollowing(false);
            scrollTo(shownOf(i), 0);
            viewport()->update();
            return;
        }
    }
}

} // namespace ovvoc
