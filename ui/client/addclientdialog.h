#pragma once

#include "jobboard.h"

#include <QDialog>

class QLineEdit;
class QPushButton;

namespace ovvoc {

class TextLabel;

/// A name is all that a client needs; its App is made on the page that follows.
class AddClientDialog : public QDialog
{
    Q_OBJECT
public:
    AddClientDialog(const Services &services, QWidget *parent);

signals:
    /// \a connectGitHub: the person wants the App made next.
    void added(const QString &clientId, bool connectGitHub);

private:
    void add(bool connectGitHub);
    Services m_services;
    QLineEdit *m_name;
    TextLabel *m_error;
    QPushButton *m_github, *m_plain;
};

} // namespace ovvoc
