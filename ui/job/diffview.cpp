#include "job/diffview.h"

#include "job/syntax.h"
#include "theme/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QKeyEvent>
#include <QPainter>
#include <QRegularExpression>
#include <QScrollBar>
#include <algorithm>

namespace ovvoc {

namespace {

constexpr int margin = 14;

bool isLockfile(const QString &path)
{
    return path.endsWith(QLatin1String("package-lock.json"))
        || path.endsWith(QLatin1String("npm-shrinkwrap.json"));
}

/// Pairs the lines that were removed with those that came in their place, and marks where the two
/// of a pair differ.
void markChanges(QList<DiffLine> &lines)
{
    using Kind = DiffLine::Kind;
    for (qsizetype i = 0; i < lines.size(); ++i) {
        if (lines[i].kind != Kind::Removed)
            continue;
        qsizetype removed = i;
        while (removed < lines.size() && lines[removed].kind == Kind::Removed)
            ++removed;
        qsizetype added = removed;
        while (added < lines.size() && lines[added].kind == Kind::Added)
            ++added;
        for (qsizetype k = 0; i + k < removed && removed + k < added; ++k) {
            DiffLine &before = lines[i + k], &after = lines[removed + k];
            const qsizetype shorter = std::min(before.text.size(), after.text.size());
            qsizetype head = 0, tail = 0;
            while (head < shorter && before.text[head] == after.text[head])
                ++head;
            while (tail < shorter - head
                   && before.text[before.text.size() - 1 - tail]
                       == after.text[after.text.size() - 1 - tail])
                ++tail;
            if (head + tail < shorter / 3)
                continue; // little in common: the whole line is another one
            before.changedFrom = after.changedFrom = int(head);
            before.changedTo = int(before.text.size() - tail);
            after.changedTo = int(after.text.size() - tail);
        }
        i = std::max(i, added - 1);
    }
}

QColor colourOf(SyntaxSpan::Kind kind)
{
    switch (kind) {
    case SyntaxSpan::Kind::Keyword:
        return theme().ansi(5);
    case SyntaxSpan::Kind::String:
        return theme().ansi(2);
    case SyntaxSpan::Kind::Number:
        return theme().ansi(3);
    case SyntaxSpan::Kind::Key:
        return theme().ansi(4);
    case SyntaxSpan::Kind::Comment:
        break;
    }
    return theme().muted;
}

} // namespace

QList<DiffLine> diffLines(const SealedPatch &patch, bool unfolded)
{
    QList<DiffLine> lines;
    int file = -1, oldNumber = 0, newNumber = 0;
    bool folded = false, inHunk = false;
    QString path;
    const auto put = [&](DiffLine::Kind kind, const QString &text, int before, int after) {
        lines << DiffLine{kind, text, before, after, 0, 0, path};
    };
    static const QRegularExpression hunk(
        QStringLiteral("^@@ -(\\d+)(?:,\\d+)? \\+(\\d+)(?:,\\d+)? @@(.*)$"));
    for (const QByteArray &raw : patch.diff.split('\n')) {
        const QString text = QString::fromUtf8(raw);
        if (text.startsWith(QLatin1String("diff --git "))) {
            ++file;
            inHunk = false;
            const FileChange change = patch.files.value(file);
            path = change.path;
            folded = isLockfile(path) && !unfolded;
            put(DiffLine::Kind::File,
                QStringLiteral("%1   +%2 −%3").arg(path).arg(change.added).arg(change.removed), 0,
                0);
            if (folded)
                put(DiffLine::Kind::Note, DiffView::tr("The lockfile is folded. Click to show it."),
                    0, 0);
            continue;
        }
        if (folded)
            continue;
        const auto match = hunk.match(text);
        if (match.hasMatch()) {
            inHunk = true;
            oldNumber = match.captured(1).toInt();
            newNumber = match.captured(2).toInt();
            put(DiffLine::Kind::Hunk, text, 0, 0);
        } else if (inHunk && text.startsWith('+')) {
            put(DiffLine::Kind::Added, text.mid(1), 0, newNumber++);
        } else if (inHunk && text.startsWith('-')) {
            put(DiffLine::Kind::Removed, text.mid(1), oldNumber++, 0);
        } else if (inHunk && text.startsWith(' ')) {
            put(DiffLine::Kind::Context, text.mid(1), oldNumber++, newNumber++);
        } else if (text.startsWith(QLatin1String("GIT binary patch"))) {
            put(DiffLine::Kind::Note, DiffView::tr("A binary file."), 0, 0);
        }
    }
    markChanges(lines);
    return lines;
}

namespace {

/// Names in each hunk the rules that changed it.
void nameRules(QList<DiffLine> &lines, const QList<DiffMark> &marks)
{
    for (qsizetype i = 0; i < lines.size(); ++i) {
        if (lines[i].kind != DiffLine::Kind::Hunk)
            continue;
        int first = 0, last = 0;
        for (qsizetype k = i + 1; k < lines.size(); ++k) {
            const DiffLine &line = lines[k];
            if (line.kind == DiffLine::Kind::Hunk || line.kind == DiffLine::Kind::File)
                break;
            if (line.oldNumber > 0) {
                first = first == 0 ? line.oldNumber : first;
                last = line.oldNumber;
            }
        }
        QStringList names;
        for (const DiffMark &mark : marks) {
            if (mark.path == lines[i].path && mark.line >= first && mark.line <= last
                && !names.contains(mark.text))
                names << mark.text;
        }
        if (!names.isEmpty())
            lines[i].text += QStringLiteral("   ← ") + names.join(QStringLiteral(", "));
    }
}

} // namespace

DiffView::DiffView(QWidget *parent)
    : QAbstractScrollArea(parent)
{
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Changes"));
    connect(verticalScrollBar(), &QScrollBar::valueChanged, viewport(),
            qOverload<>(&QWidget::update));
}

void DiffView::setPatch(const SealedPatch &patch, const QList<DiffMark> &marks)
{
    if (patch == m_patch && marks == m_marks)
        return;
    m_patch = patch;
    m_marks = marks;
    rebuild();
}

void DiffView::setUnfolded(bool unfolded)
{
    if (unfolded == m_unfolded)
        return;
    m_unfolded = unfolded;
    rebuild();
    emit unfoldedChanged(unfolded);
}

void DiffView::setSideBySide(bool beside)
{
    m_beside = beside;
    rebuild();
}

void DiffView::setEmptyText(const QString &text)
{
    m_emptyText = text;
    viewport()->update();
}

void DiffView::rebuild()
{
    m_lines = diffLines(m_patch, m_unfolded);
    nameRules(m_lines, m_marks);
    m_rows.clear();
    using Kind = DiffLine::Kind;
    for (int i = 0; i < m_lines.size();) {
        if (!m_beside || (m_lines[i].kind != Kind::Removed && m_lines[i].kind != Kind::Added)) {
            m_rows << Row{i, i};
            ++i;
            continue;
        }
        int removed = i;
        while (removed < m_lines.size() && m_lines[removed].kind == Kind::Removed)
            ++removed;
        int added = removed;
        while (added < m_lines.size() && m_lines[added].kind == Kind::Added)
            ++added;
        for (int k = 0; i + k < removed || removed + k < added; ++k)
            m_rows << Row{i + k < removed ? i + k : -1, removed + k < added ? removed + k : -1};
        i = added;
    }
    updateScrollBars();
    viewport()->update();
}

int DiffView::lineHeight() const
{
    return QFontMetrics(theme().mono).height() + 4;
}

void DiffView::updateScrollBars()
{
    const int visible = std::max(1, viewport()->height() / lineHeight());
    verticalScrollBar()->setPageStep(visible);
    verticalScrollBar()->setRange(0, std::max(0, int(m_rows.size()) - visible + 1));
    int longest = 0;
    for (const DiffLine &line : m_lines)
        longest = std::max(longest, int(std::min<qsizetype>(line.text.size(), 4000)));
    const int columns = (viewport()->width() / (m_beside ? 2 : 1) - 130)
        / std::max(1, QFontMetrics(theme().mono).averageCharWidth());
    horizontalScrollBar()->setPageStep(std::max(1, columns));
    horizontalScrollBar()->setRange(0, std::max(0, longest - columns));
}

void DiffView::resizeEvent(QResizeEvent *event)
{
    QAbstractScrollArea::resizeEvent(event);
    updateScrollBars();
}

void DiffView::mousePressEvent(QMouseEvent *event)
{
    const int index = verticalScrollBar()->value() + event->pos().y() / lineHeight();
    if (index >= 0 && index < m_rows.size() && m_rows[index].left >= 0
        && m_lines[m_rows[index].left].kind == DiffLine::Kind::Note)
        setUnfolded(!m_unfolded);
}

void DiffView::keyPressEvent(QKeyEvent *event)
{
    if (event == QKeySequence::Copy)
        return QApplication::clipboard()->setText(QString::fromUtf8(m_patch.diff));
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Space)
        return setUnfolded(!m_unfolded);
    QAbstractScrollArea::keyPressEvent(event);
}

void DiffView::paintEvent(QPaintEvent *)
{
    QPainter painter(viewport());
    painter.fillRect(viewport()->rect(), theme().panel);
    if (m_lines.isEmpty()) {
        painter.setPen(theme().muted);
        painter.drawText(viewport()->rect().adjusted(margin, 0, -margin, 0),
                         Qt::AlignCenter | Qt::TextWordWrap, m_emptyText);
        return;
    }
    painter.setFont(theme().mono);
    const int height = lineHeight(), width = viewport()->width();
    const int first = verticalScrollBar()->value();
    for (int i = first; i < m_rows.size(); ++i) {
        const int y = (i - first) * height;
        if (y > viewport()->height())
            break;
        const Row &row = m_rows[i];
        if (row.left >= 0 && paintWide(painter, m_lines[row.left], QRect(0, y, width, height)))
            continue;
        if (!m_beside) {
            paintUnified(painter, row.left, y);
            continue;
        }
        const int half = width / 2;
        paintHalf(painter, row.left, true, QRect(0, y, half - 1, height));
        paintHalf(painter, row.right, false, QRect(half, y, width - half, height));
        painter.fillRect(half - 1, y, 1, height, theme().border);
    }
}

/// Rows that have no sides: a file's name, a hunk's place, a note.
bool DiffView::paintWide(QPainter &painter, const DiffLine &line, const QRect &row) const
{
    const QRect words = row.adjusted(margin, 0, 0, 0);
    switch (line.kind) {
    case DiffLine::Kind::File:
        painter.fillRect(row, theme().raised);
        painter.setFont(theme().strong);
        painter.setPen(theme().text);
        painter.drawText(words, Qt::AlignVCenter, line.text);
        painter.setFont(theme().mono);
        return true;
    case DiffLine::Kind::Note:
        painter.setFont(theme().font);
        painter.setPen(theme().accent);
        painter.drawText(words, Qt::AlignVCenter, line.text);
        painter.setFont(theme().mono);
        return true;
    case DiffLine::Kind::Hunk:
        painter.setPen(theme().muted);
        painter.drawText(words, Qt::AlignVCenter, line.text);
        return true;
    case DiffLine::Kind::Added:
    case DiffLine::Kind::Removed:
    case DiffLine::Kind::Context:
        return false;
    }
    return false;
}

void DiffView::paintWords(QPainter &painter, const DiffLine &line, int x, int y, int width) const
{
    const double character = QFontMetricsF(theme().mono).horizontalAdvance('0');
    const int height = lineHeight(), skip = horizontalScrollBar()->value();
    const int last = skip + int(width / std::max(1.0, character)) + 1;
    painter.save();
    painter.setClipRect(x, y, width, height);
    const auto xOf = [&](int column) { return x + (column - skip) * character; };
    if (line.changedTo > line.changedFrom && line.kind != DiffLine::Kind::Context) {
        const bool added = line.kind == DiffLine::Kind::Added;
        painter.fillRect(
            QRectF(xOf(line.changedFrom), y + 1, (line.changedTo - line.changedFrom) * character,
                   height - 2),
            theme().over(added ? theme().good : theme().bad, theme().dark ? 0.45 : 0.30));
    }
    const auto draw = [&](int from, int to, const QColor &colour) {
        from = std::max(from, skip);
        to = std::min(to, last);
        if (to <= from)
            return;
        painter.setPen(colour);
        painter.drawText(QRectF(xOf(from), y, (to - from + 2) * character, height),
                         Qt::AlignVCenter, line.text.mid(from, to - from));
    };
    int at = 0;
    for (const SyntaxSpan &span : syntaxOf(line.text, line.path)) {
        draw(at, span.start, theme().text);
        draw(span.start, span.start + span.length, colourOf(span.kind));
        at = span.start + span.length;
    }
    draw(at, int(line.text.size()), theme().text);
    painter.restore();
}

void DiffView::paintUnified(QPainter &painter, int index, int y) const
{
    const DiffLine &line = m_lines[index];
    const int height = lineHeight(), width = viewport()->width();
    const int character = QFontMetrics(theme().mono).horizontalAdvance('0');
    const int text = margin + 11 * character + 16;
    const bool added = line.kind == DiffLine::Kind::Added;
    const bool removed = line.kind == DiffLine::Kind::Removed;
    if (added || removed)
        painter.fillRect(0, y, width, height, added ? theme().added : theme().removed);
    painter.setPen(theme().muted);
    if (line.oldNumber > 0)
        painter.drawText(QRect(margin, y, 5 * character, height), Qt::AlignRight | Qt::AlignVCenter,
                         QString::number(line.oldNumber));
    if (line.newNumber > 0)
        painter.drawText(QRect(margin + 6 * character, y, 5 * character, height),
                         Qt::AlignRight | Qt::AlignVCenter, QString::number(line.newNumber));
    painter.setPen(added ? theme().good : removed ? theme().bad : theme().muted);
    painter.drawText(QRect(text - 2, y, character * 2, height), Qt::AlignVCenter,
                     added         ? QStringLiteral("+")
                         : removed ? QStringLiteral("−")
                                   : QString());
    paintWords(painter, line, text + 2 * character, y, width - text - 2 * character);
}

void DiffView::paintHalf(QPainter &painter, int index, bool left, const QRect &box) const
{
    if (index < 0) {
        painter.fillRect(box, theme().raised);
        return;
    }
    const DiffLine &line = m_lines[index];
    const int character = QFontMetrics(theme().mono).horizontalAdvance('0');
    const bool added = line.kind == DiffLine::Kind::Added;
    if (added || line.kind == DiffLine::Kind::Removed)
        painter.fillRect(box, added ? theme().added : theme().removed);
    const int number = left ? line.oldNumber : line.newNumber;
    painter.setPen(theme().muted);
    if (number > 0)
        painter.drawText(QRect(box.left() + 6, box.top(), 5 * character, box.height()),
                         Qt::AlignRight | Qt::AlignVCenter, QString::number(number));
    const int text = box.left() + 5 * character + 16;
    paintWords(painter, line, text, box.top(), box.right() - text);
}

} // namespace ovvoc
