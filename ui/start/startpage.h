#pragma once

#include "jobservice.h"

#include <QWidget>

class QCheckBox;
class QComboBox;
class QLineEdit;
class QPushButton;

namespace ovvoc {

class TextLabel;

/// Where a job begins: which repository, what to update, how far; and whether this machine is
/// ready. Checks what can be checked before a job starts and says it at the field.
class StartPage : public QWidget
{
    Q_OBJECT
public:
    explicit StartPage(JobService *service, QWidget *parent = nullptr);
    void setRepository(const QString &path);
    void setEngineState(const EngineState &state);
    void showError(const QString &text);

signals:
    void startRequested(const ovvoc::JobRequest &request);

private:
    QWidget *buildForm();
    QWidget *buildMachine();
    /// Nothing, and a message at the form, when something is wrong with the input.
    std::optional<JobRequest> request(JobKind kind);
    void choose();
    void start(JobKind kind);
    JobService *m_service;
    EngineState m_state;
    QLineEdit *m_path = nullptr, *m_package = nullptr, *m_base = nullptr;
    QComboBox *m_level = nullptr, *m_runtime = nullptr;
    QCheckBox *m_buildOnly = nullptr;
    TextLabel *m_error = nullptr, *m_engine = nullptr, *m_engineDetail = nullptr,
              *m_image = nullptr, *m_imageDetail = nullptr;
    QPushButton *m_update = nullptr, *m_scan = nullptr, *m_engineButton = nullptr,
                *m_imageButton = nullptr, *m_demo = nullptr;
};

} // namespace ovvoc
