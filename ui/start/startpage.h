#pragma once

#include "jobservice.h"

#include <QWidget>

class QCheckBox;
class QComboBox;
class QLineEdit;
class QPushButton;

namespace ovvoc {

class TextLabel;

/// A job on a folder of this machine: which repository, what to update, how far. Checks what can be
/// checked before a job starts and says it at the field.
class StartPage : public QWidget
{
    Q_OBJECT
public:
    explicit StartPage(JobService *service, QWidget *parent = nullptr);
    void setRepository(const QString &path);
    /// Updates \a what of the folder that is chosen, as if typed.
    void update(const QString &what);
    void setEngineState(const EngineState &state);
    void showError(const QString &text);

signals:
    void startRequested(const ovvoc::JobRequest &request);

private:
    QWidget *buildForm();
    /// Nothing, and a message at the form, when something is wrong with the input.
    std::optional<JobRequest> request(JobKind kind);
    void choose();
    void start(JobKind kind);
    JobService *m_service;
    EngineState m_state;
    QLineEdit *m_path = nullptr, *m_package = nullptr, *m_base = nullptr;
    QComboBox *m_level = nullptr, *m_runtime = nullptr;
    QCheckBox *m_buildOnly = nullptr;
    TextLabel *m_error = nullptr, *m_noEngine = nullptr;
    QPushButton *m_update = nullptr, *m_scan = nullptr, *m_demo = nullptr;
};

} // namespace ovvoc
