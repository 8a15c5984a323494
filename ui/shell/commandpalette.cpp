#include "shell/commandpalette.h"

#include "theme/theme.h"

#include <QApplication>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <QPointer>
#include <QStyledItemDelegate>
#include <QVBoxLayout>
#include <algorithm>
#include <limits>

namespace ovvoc {

namespace {

constexpr int shownLimit = 60;
constexpr int noMatch = std::numeric_limits<int>::min();
constexpr int GroupRole = Qt::UserRole + 1;
constexpr int ShortcutRole = Qt::UserRole + 2;

class CommandDelegate final : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    QSize sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const override
    {
        return {200, theme().px(34)};
    }
    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override
    {
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        if (option.state & QStyle::State_Selected) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(theme().selection);
            painter->drawRoundedRect(option.rect.adjusted(4, 1, -4, -1), 6, 6);
        }
        const QRect box = option.rect.adjusted(14, 0, -14, 0);
        painter->setFont(theme().small);
        painter->setPen(theme().muted);
        const int group = theme().px(78);
        painter->drawText(QRect(box.left(), box.top(), group, box.height()), Qt::AlignVCenter,
                          index.data(GroupRole).toString());
        const QString keys = index.data(ShortcutRole).toString();
        const int room = painter->fontMetrics().horizontalAdvance(keys);
        painter->drawText(box, Qt::AlignVCenter | Qt::AlignRight, keys);
        painter->setFont(theme().font);
        painter->setPen(theme().text);
        const QRect words = box.adjusted(group, 0, -room - 12, 0);
        painter->drawText(words, Qt::AlignVCenter,
                          painter->fontMetrics().elidedText(index.data().toString(),
                                                            Qt::ElideMiddle, words.width()));
        painter->restore();
    }
};

} // namespace

int matchScore(const QString &pattern, const QString &text)
{
    int score = 0, run = 0;
    qsizetype at = 0;
    for (const QChar wanted : pattern) {
        if (wanted.isSpace()) {
            run = 0;
            continue;
        }
        bool found = false;
        for (; at < text.size(); ++at) {
            if (text[at].toCaseFolded() != wanted.toCaseFolded()) {
                run = 0;
                continue;
            }
            const bool begins = at == 0 || !text[at - 1].isLetterOrNumber();
            score += 1 + 3 * run + (begins ? 6 : 0);
            ++run;
            ++at;
            found = true;
            break;
        }
        if (!found)
            return noMatch;
    }
    return score * 100 - int(text.size());
}

CommandPalette::CommandPalette(QWidget *window)
    : QFrame(window)
    , m_input(new QLineEdit)
    , m_list(new QListWidget)
{
    setObjectName("palette");
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    layout->setSpacing(6);
    m_input->setPlaceholderText(tr("Do, go to, find a client, repository or job…"));
    m_input->setAccessibleName(tr("Command palette"));
    m_list->setAccessibleName(tr("Commands"));
    m_list->setItemDelegate(new CommandDelegate(m_list));
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    layout->addWidget(m_input);
    layout->addWidget(m_list, 1);
    m_input->installEventFilter(this);
    window->installEventFilter(this);
    connect(m_input, &QLineEdit::textChanged, this, &CommandPalette::narrow);
    connect(m_input, &QLineEdit::returnPressed, this, &CommandPalette::runCurrent);
    connect(m_list, &QListWidget::itemClicked, this, &CommandPalette::runCurrent);
    hide();
}

void CommandPalette::open(const QList<Command> &commands)
{
    m_commands = commands;
    m_before = QApplication::focusWidget();
    const QWidget *window = parentWidget();
    const int width = std::min(theme().px(620), window->width() - 40);
    resize(width, std::min(theme().px(420), window->height() - 120));
    move((window->width() - width) / 2, theme().px(64));
    m_input->clear();
    narrow({});
    show();
    raise();
    m_input->setFocus(Qt::ShortcutFocusReason);
}

void CommandPalette::narrow(const QString &text)
{
    QList<std::pair<int, int>> found; // score, index
    for (int i = 0; i < m_commands.size(); ++i) {
        const int score = text.isEmpty() ? 0 : matchScore(text, m_commands[i].title);
        if (score != noMatch)
            found << std::pair(score, i);
    }
    if (!text.isEmpty())
        std::stable_sort(found.begin(), found.end(),
                         [](const auto &a, const auto &b) { return a.first > b.first; });
    m_list->clear();
    for (const auto &[score, index] : found.mid(0, shownLimit)) {
        const Command &command = m_commands[index];
        auto *item = new QListWidgetItem(command.title, m_list);
        item->setData(Qt::UserRole, index);
        item->setData(GroupRole, command.group);
        item->setData(ShortcutRole, command.shortcut.toString(QKeySequence::NativeText));
        item->setData(Qt::AccessibleTextRole,
                      QStringLiteral("%1: %2").arg(command.group, command.title));
    }
    m_list->setCurrentRow(0);
}

void CommandPalette::runCurrent()
{
    const QListWidgetItem *item = m_list->currentItem();
    if (!item)
        return;
    const auto run = m_commands[item->data(Qt::UserRole).toInt()].run;
    hide();
    if (m_before)
        m_before->setFocus();
    run();
}

QStringList CommandPalette::shownTitles() const
{
    QStringList titles;
    for (int i = 0; i < m_list->count(); ++i)
        titles << m_list->item(i)->text();
    return titles;
}

bool CommandPalette::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_input && event->type() == QEvent::KeyPress) {
        const auto *key = static_cast<QKeyEvent *>(event);
        const int rows = m_list->count(), row = m_list->currentRow();
        switch (key->key()) {
        case Qt::Key_Escape:
            hide();
            if (m_before)
                m_before->setFocus();
            return true;
        case Qt::Key_Down:
            m_list->setCurrentRow(rows > 0 ? (row + 1) % rows : -1);
            return true;
        case Qt::Key_Up:
            m_list->setCurrentRow(rows > 0 ? (row + rows - 1) % rows : -1);
            return true;
        case Qt::Key_PageDown:
            m_list->setCurrentRow(std::min(rows - 1, row + 10));
            return true;
        case Qt::Key_PageUp:
            m_list->setCurrentRow(std::max(0, row - 10));
            return true;
        default:
            break;
        }
    }
    if (watched == m_input && event->type() == QEvent::FocusOut)
        hide();
    if (watched == parent() && event->type() == QEvent::Resize)
        hide();
    return QFrame::eventFilter(watched, event);
}

} // namespace ovvoc
