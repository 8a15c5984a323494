#pragma once

#include "jobboard.h"

#include <QDialog>

class QLineEdit;
class QListWidget;
class QListWidgetItem;
class QPushButton;

namespace ovvoc {

class TextLabel;

/// Adds repositories to a client: those that its App may touch, chosen from a list, or a folder on
/// this machine.
class AddRepositoryDialog : public QDialog
{
    Q_OBJECT
public:
    AddRepositoryDialog(const Services &services, const QString &clientId, QWidget *parent);

signals:
    void added(const QString &clientId, const QString &repositoryId);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void load();
    QList<QListWidgetItem *> checked() const;
    void addChosen();
    void addFolder();
    void begin(const QList<ClientRepository> &repositories);
    void setAdding(bool adding);
    void addNext(QList<ClientRepository> rest);
    void say(const QString &text);
    Services m_services;
    QString m_clientId;
    QListWidget *m_list;
    QLineEdit *m_filter, *m_folder, *m_branch;
    TextLabel *m_state, *m_error;
    QPushButton *m_add, *m_addFolder;
    bool m_adding = false;
};

} // namespace ovvoc
