#pragma once

#include <QWidget>

class QAbstractItemModel;
class QPushButton;

namespace ovvoc {

class TextLabel;

/// What a list says while it has nothing to show: why, and what to do about it.
class EmptyState : public QWidget
{
    Q_OBJECT
public:
    explicit EmptyState(QWidget *parent = nullptr);
    /// \a action: the text of the button; empty: there is none.
    void setTexts(const QString &title, const QString &words, const QString &action = {});
    QString title() const;

signals:
    void acted();

private:
    TextLabel *m_title;
    TextLabel *m_words;
    QPushButton *m_action;
};

/// \a list, and in its place \a empty as long as \a model has no row.
QWidget *withEmptyState(QWidget *list, QAbstractItemModel *model, EmptyState *empty);

} // namespace ovvoc
