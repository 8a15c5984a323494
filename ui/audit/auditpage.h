#pragma once

#include "audit/auditmodel.h"
#include "jobboard.h"
#include "place.h"

#include <QWidget>

class QComboBox;
class QFrame;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QTableView;

namespace ovvoc {

class ClientBox;
class EmptyState;
class TextLabel;

/// The audit log: filter it, verify it with a plain verdict, export it for an auditor.
class AuditPage : public QWidget
{
    Q_OBJECT
public:
    explicit AuditPage(const Services &services, QWidget *parent = nullptr);
    AuditModel *model() const { return m_model; }
    QString verdict() const;
    void exportTo(const QString &path);

signals:
    void go(const ovvoc::Place &place);
    void said(const QString &text);

private:
    void buildFilters(QLayout *bar);
    void applyFilter();
    void verify();
    void show(const Result<AuditVerdict> &verdict);
    Services m_services;
    AuditModel *m_model;
    QTableView *m_table = nullptr;
    ClientBox *m_client = nullptr;
    QComboBox *m_action = nullptr, *m_time = nullptr;
    QLineEdit *m_actor = nullptr;
    QFrame *m_banner = nullptr;
    TextLabel *m_verdict = nullptr, *m_problems = nullptr;
    QProgressBar *m_progress = nullptr;
    QPushButton *m_verify = nullptr;
    EmptyState *m_empty = nullptr;
};

} // namespace ovvoc
