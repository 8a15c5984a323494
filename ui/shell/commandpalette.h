#pragma once

#include <QFrame>
#include <QKeySequence>
#include <QPointer>
#include <functional>

class QLineEdit;
class QListWidget;

namespace ovvoc {

/// Something one can do or go to.
struct Command
{
    QString group; ///< "Go to", "Client", "Repository", "Job", "Do"
    QString title;
    QKeySequence shortcut;
    std::function<void()> run;
};

/// How well \a pattern fits \a text: its letters must come in order, in any case. Higher is better;
/// the lowest int: it does not fit. Beginnings of words and unbroken runs count more.
int matchScore(const QString &pattern, const QString &text);

/// Everything one can do, by typing a few letters of it. Opens over the window; Escape closes.
class CommandPalette : public QFrame
{
    Q_OBJECT
public:
    explicit CommandPalette(QWidget *window);
    /// \a commands are asked for each time, so that they are what there is now.
    void open(const QList<Command> &commands);
    QStringList shownTitles() const;

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void narrow(const QString &text);
    void runCurrent();
    QLineEdit *m_input;
    QListWidget *m_list;
    QList<Command> m_commands;
    QPointer<QWidget> m_before; ///< what had the focus
};

} // namespace ovvoc
