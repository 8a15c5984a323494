#pragma once

#include "log/logview.h"

#include <QPointer>
#include <QWidget>

class QComboBox;
class QLineEdit;
class QPushButton;

namespace ovvoc {

class TextLabel;

/// A log with everything that one does with it: find, filter, follow, jump to a phase, wrap, save.
class LogTab : public QWidget
{
    Q_OBJECT
public:
    explicit LogTab(LogDocument *document, QWidget *parent = nullptr);
    LogView *view() const { return m_view; }
    void focusFind();
    /// Finds \a text literally and shows its first line, as for a test's name.
    void find(const QString &text);
    void save(const QString &path);

signals:
    void said(const QString &text);

private:
    void search();
    void countMatches();
    QPointer<LogDocument> m_document;
    LogView *m_view;
    QLineEdit *m_find;
    TextLabel *m_count;
    QPushButton *m_filter, *m_follow, *m_wrap;
    QComboBox *m_phase;
};

} // namespace ovvoc
