#include "widgets/emptystate.h"

#include "theme/theme.h"
#include "widgets/basics.h"

#include <QAbstractItemModel>
#include <QStackedLayout>
#include <QVBoxLayout>

namespace ovvoc {

EmptyState::EmptyState(QWidget *parent)
    : QWidget(parent)
    , m_title(label({}, theme().strong))
    , m_words(label({}, theme().font, Tone::Muted))
    , m_action(new QPushButton)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(24, 24, 24, 24);
    layout->setSpacing(8);
    layout->addStretch(2);
    m_title->setAlignment(Qt::AlignCenter);
    m_title->setWordWrap(true);
    m_words->setAlignment(Qt::AlignCenter);
    m_words->setWordWrap(true);
    layout->addWidget(m_title);
    layout->addWidget(m_words);
    layout->addSpacing(4);
    layout->addWidget(m_action, 0, Qt::AlignCenter);
    layout->addStretch(3);
    connect(m_action, &QPushButton::clicked, this, &EmptyState::acted);
}

void EmptyState::setTexts(const QString &title, const QString &words, const QString &action)
{
    m_title->setText(title);
    m_words->setText(words);
    m_words->setVisible(!words.isEmpty());
    m_action->setText(action);
    m_action->setVisible(!action.isEmpty());
}

QString EmptyState::title() const
{
    return m_title->text();
}

QWidget *withEmptyState(QWidget *list, QAbstractItemModel *model, EmptyState *empty)
{
    auto *page = new QWidget;
    auto *stack = new QStackedLayout(page);
    stack->addWidget(list);
    stack->addWidget(empty);
    const auto choose = [stack, model] { stack->setCurrentIndex(model->rowCount() > 0 ? 0 : 1); };
    for (const auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
        QObject::connect(model, signal, page, choose);
    QObject::connect(model, &QAbstractItemModel::modelReset, page, choose);
    choose();
    return page;
}

} // namespace ovvoc
