#include "job/diffview.h"

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

} // namespace

QList<DiffLine> diffLines(const SealedPatch &patch, bool unfolded)
{
    QList<DiffLine> lines;
    int file = -1, oldNumber = 0, newNumber = 0;
    bool folded = false, inHunk = false;
    static const QRegularExpression hunk(
        QStringLiteral("^@@ -(\\d+)(?:,\\d+)? \\+(\\d+)(?:,\\d+)? @@(.*)$"));
    for (const QByteArray &raw : patch.diff.split('\n')) {
        const QString text = QString::fromUtf8(raw);
        if (text.startsWith(QLatin1String("diff --git "))) {
            ++file;
            inHunk = false;
            const FileChange change = patch.files.value(file);
            folded = isLockfile(change.path) && !unfolded;
            lines << DiffLine{DiffLine::Kind::File,
                              QStringLiteral("%1   +%2 −%3")
                                  .arg(change.path)
                                  .arg(change.added)
                                  .arg(change.removed),
                              0, 0};
            if (folded)
                lines << DiffLine{DiffLine::Kind::Note,
                                  DiffView::tr("The lockfile is folded. Click to show it."), 0, 0};
            continue;
        }
        if (folded)
            continue;
        const auto match = hunk.match(text);
        if (match.hasMatch()) {
            inHunk = true;
            oldNumber = match.captured(1).toInt();
            newNumber = match.captured(2).toInt();
            lines << DiffLine{DiffLine::Kind::Hunk, text, 0, 0};
        } else if (inHunk && text.startsWith('+')) {
            lines << DiffLine{DiffLine::Kind::Added, text.mid(1), 0, newNumber++};
        } else if (inHunk && text.startsWith('-')) {
            lines << DiffLine{DiffLine::Kind::Removed, text.mid(1), oldNumber++, 0};
        } else if (inHunk && text.startsWith(' ')) {
            lines << DiffLine{DiffLine::Kind::Context, text.mid(1), oldNumber++, newNumber++};
        } else if (text.startsWith(QLatin1String("GIT binary patch"))) {
            lines << DiffLine{DiffLine::Kind::Note, DiffView::tr("A binary file."), 0, 0};
        }
    }
    return lines;
}

DiffView::DiffView(QWidget *parent)
    : QAbstractScrollArea(parent)
{
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Changes"));
    connect(verticalScrollBar(), &QScrollBar::valueChanged, viewport(),
            qOverload<>(&QWidget::update));
}

void DiffView::setPatch(const SealedPatch &patch)
{
    if (patch == m_patch)
        return;
    m_patch = patch;
    rebuild();
}

void DiffView::setUnfolded(bool unfolded)
{
    m_unfolded = unfolded;
    rebuild();
}

void DiffView::rebuild()
{
    m_lines = diffLines(m_patch, m_unfolded);
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
    verticalScrollBar()->setRange(0, std::max(0, int(m_lines.size()) - visible + 1));
    int longest = 0;
    for (const DiffLine &line : m_lines)
        longest = std::max(longest, int(std::min<qsizetype>(line.text.size(), 4000)));
    const int columns =
        (viewport()->width() - 130) / std::max(1, QFontMetrics(theme().mono).averageCharWidth());
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
    if (index >= 0 && index < m_lines.size() && m_lines[index].kind == DiffLine::Kind::Note)
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
        painter.drawText(viewport()->rect(), Qt::AlignCenter,
                         tr("The change appears here when it is sealed."));
        return;
    }
    painter.setFont(theme().mono);
    const int height = lineHeight(), width = viewport()->width();
    const int character = QFontMetrics(theme().mono).horizontalAdvance('0');
    const int text = margin + 11 * character + 16;
    const int first = verticalScrollBar()->value(), skip = horizontalScrollBar()->value();
    for (int i = first; i < m_lines.size(); ++i) {
        const int y = (i - first) * height;
        if (y > viewport()->height())
            break;
        const DiffLine &line = m_lines[i];
        const QRect row(0, y, width, height);
        const QRect words(text, y, width - text, height);
        QString sign;
        switch (line.kind) {
        case DiffLine::Kind::File:
            painter.fillRect(row, theme().raised);
            painter.setFont(theme().strong);
            painter.setPen(theme().text);
            painter.drawText(row.adjusted(margin, 0, 0, 0), Qt::AlignVCenter, line.text);
            painter.setFont(theme().mono);
            continue;
        case DiffLine::Kind::Note:
            painter.setFont(theme().font);
            painter.setPen(theme().accent);
            painter.drawText(row.adjusted(margin, 0, 0, 0), Qt::AlignVCenter, line.text);
            painter.setFont(theme().mono);
            continue;
        case DiffLine::Kind::Hunk:
            painter.setPen(theme().muted);
            painter.drawText(row.adjusted(margin, 0, 0, 0), Qt::AlignVCenter, line.text);
            continue;
        case DiffLine::Kind::Added:
            painter.fillRect(row, theme().added);
            sign = QStringLiteral("+");
            break;
        case DiffLine::Kind::Removed:
            painter.fillRect(row, theme().removed);
            sign = QStringLiteral("−");
            break;
        case DiffLine::Kind::Context:
            break;
        }
        painter.setPen(theme().muted);
        if (line.oldNumber > 0)
            painter.drawText(QRect(margin, y, 5 * character, height),
                             Qt::AlignRight | Qt::AlignVCenter, QString::number(line.oldNumber));
        if (line.newNumber > 0)
            painter.drawText(QRect(margin + 6 * character, y, 5 * character, height),
                             Qt::AlignRight | Qt::AlignVCenter, QString::number(line.newNumber));
        painter.setPen(line.kind == DiffLine::Kind::Added         ? theme().good
                           : line.kind == DiffLine::Kind::Removed ? theme().bad
                                                                  : theme().muted);
        painter.drawText(QRect(text - 2, y, character * 2, height), Qt::AlignVCenter, sign);
        painter.setPen(theme().text);
        painter.drawText(words.adjusted(2 * character, 0, 0, 0), Qt::AlignVCenter,
                         line.text.mid(skip, width / std::max(1, character) + 1));
    }
}

} // namespace ovvoc
