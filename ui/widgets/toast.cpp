#include "widgets/toast.h"

#include "theme/theme.h"
#include "widgets/basics.h"

#include <QEvent>
#include <QHBoxLayout>
#include <utility>

namespace ovvoc {

Toast::Toast(QWidget *window)
    : QFrame(window)
    , m_text(label({}, theme().font))
    , m_action(new QPushButton(tr("Undo")))
{
    setObjectName("toast");
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(16, 8, 10, 8);
    layout->setSpacing(16);
    m_text->setWordWrap(true);
    m_text->setMinimumWidth(theme().px(260));
    layout->addWidget(m_text, 1);
    layout->addWidget(m_action);
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &Toast::flush);
    connect(m_action, &QPushButton::clicked, this, &Toast::undo);
    window->installEventFilter(this);
    hide();
}

void Toast::say(const QString &text)
{
    if (m_commit) {
        m_next = text;
        return;
    }
    m_text->setText(text);
    m_text->setAccessibleName(text);
    m_action->hide();
    m_timer.start(6'000);
    place();
}

void Toast::removed(const QString &text, std::function<void()> commit, std::function<void()> undo)
{
    flush();
    m_commit = std::move(commit);
    m_undo = std::move(undo);
    m_text->setText(text);
    m_action->show();
    m_timer.start(10'000);
    place();
}

void Toast::flush()
{
    m_timer.stop();
    hide();
    m_undo = nullptr;
    if (const auto commit = std::exchange(m_commit, nullptr))
        commit();
    sayNext();
}

void Toast::sayNext()
{
    if (const QString next = std::exchange(m_next, {}); !next.isEmpty())
        say(next);
}

void Toast::undo()
{
    m_timer.stop();
    hide();
    m_commit = nullptr;
    if (const auto undo = std::exchange(m_undo, nullptr))
        undo();
    sayNext();
}

void Toast::place()
{
    const QWidget *window = parentWidget();
    const int width = std::min(theme().px(560), window->width() - 40);
    resize(width, sizeHint().height());
    adjustSize();
    resize(std::min(width, std::max(this->width(), theme().px(320))), this->height());
    move((window->width() - this->width()) / 2, window->height() - this->height() - 24);
    show();
    raise();
}

bool Toast::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == parent() && event->type() == QEvent::Resize && isVisible())
        place();
    return QFrame::eventFilter(watched, event);
}

} // namespace ovvoc
