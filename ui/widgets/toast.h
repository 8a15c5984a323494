#pragma once

#include <QFrame>
#include <QTimer>
#include <functional>

class QPushButton;

namespace ovvoc {

class TextLabel;

/// A message at the lower edge of the window that goes away by itself, with one action at most.
/// For a removal: the action undoes it, and only when the message goes is it really done.
class Toast : public QFrame
{
    Q_OBJECT
public:
    explicit Toast(QWidget *window);

    /// While a removal can be undone it waits its turn.
    void say(const QString &text);
    /// Says that something is gone, with Undo. After ten seconds, when something else is said, or
    /// at flush(), \a commit is called; after Undo \a undo.
    void removed(const QString &text, std::function<void()> commit, std::function<void()> undo);
    /// Does now what still waits for an undo.
    void flush();
    void undo();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void place();
    void sayNext();
    TextLabel *m_text;
    QPushButton *m_action;
    QTimer m_timer;
    std::function<void()> m_commit, m_undo;
    QString m_next; ///< to be said after a removal
};

} // namespace ovvoc
