#pragma once

#include "report/clientreport.h"

#include <QComboBox>
#include <QDateEdit>
#include <QDialog>

namespace ovvoc {

/// Asks for the days of a client's report; where it goes is asked next.
class ReportDialog : public QDialog
{
    Q_OBJECT
public:
    explicit ReportDialog(const QString &client, QWidget *parent = nullptr);

    ReportSpan span() const;

signals:
    /// \a path ends with .pdf, .html or .csv.
    void chosen(const ovvoc::ReportSpan &span, const QString &path);

private:
    void showDays();
    void askFile();
    QString m_client;
    QComboBox *m_which;
    QDateEdit *m_from, *m_to;
};

} // namespace ovvoc
