#pragma once

#include "jobservice.h"

#include <QHash>
#include <QMainWindow>

class QListWidget;
class QStackedWidget;

namespace ovvoc {

class JobPage;
class StartPage;
class TextLabel;

/// The window: a sidebar and the page that is chosen there. Holds pages, nothing else.
class MainWindow : public QMainWindow
{
    Q_OBJECT
public:
    explicit MainWindow(JobService *service, QWidget *parent = nullptr);

    /// Starts a job and shows its page.
    void startJob(const JobRequest &request);
    JobPage *page(const QString &jobId) const { return m_pages.value(jobId); }
    StartPage *startPage() const { return m_start; }
    void showStart();

signals:
    void quitRequested();

protected:
    void closeEvent(QCloseEvent *event) override;

private:
    QWidget *buildSidebar();
    void jobChanged(const Job &job);
    void engineChanged(const EngineState &state);
    void showRow(int row);
    int runningJobs() const;
    JobService *m_service;
    QStackedWidget *m_stack = nullptr;
    StartPage *m_start = nullptr;
    QListWidget *m_nav = nullptr;
    TextLabel *m_engine = nullptr;
    QHash<QString, JobPage *> m_pages;
    bool m_closing = false;
};

} // namespace ovvoc
