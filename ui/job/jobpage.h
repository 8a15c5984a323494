#pragma once

#include "job/diffview.h"
#include "job/jobmodels.h"
#include "job/lifecycleview.h"
#include "job/resultview.h"
#include "log/logview.h"

#include <QWidget>

class QGridLayout;
class QLineEdit;
class QPushButton;
class QTabWidget;
class QTableView;
class QVBoxLayout;

namespace ovvoc {

class TextLabel;

/// Everything about one job: its life on top, tabs below, facts at the side.
class JobPage : public QWidget
{
    Q_OBJECT
public:
    explicit JobPage(const Job &job, QWidget *parent = nullptr);

    void setJob(const Job &job);
    void appendLog(const LogChunk &chunk) { m_log->append(chunk); }
    const Job &job() const { return m_job; }
    /// Shows a tab by its English name: "Result", "Log", "Changes", "Tests", "Egress",
    /// "Isolation", "Scan".
    void showTab(const QString &name);

signals:
    void cancelRequested(const QString &jobId);
    void againRequested(const ovvoc::JobRequest &request);

private:
    void buildHeader(QVBoxLayout *layout);
    QWidget *buildTabs();
    QWidget *buildSide();
    QWidget *buildLogTab();
    QTableView *table(QAbstractItemModel *model, const QString &name, int stretch);
    void addTab(QWidget *page, const QString &name, const QString &title);
    void setCount(const QString &name, const QString &title, qsizetype count);
    void updateSide();
    void updateTabs();
    Job m_job;
    LogDocument *m_log;
    LifecycleView *m_lifecycle = nullptr;
    LogView *m_logView = nullptr;
    DiffView *m_diff = nullptr;
    ResultView *m_result = nullptr;
    EgressModel *m_egress = nullptr;
    EvidenceModel *m_evidence = nullptr;
    TestsModel *m_tests = nullptr;
    ScanModel *m_scan = nullptr;
    QTabWidget *m_tabs = nullptr;
    TextLabel *m_path = nullptr, *m_title = nullptr, *m_badge = nullptr, *m_elapsed = nullptr;
    TextLabel *m_egressSum = nullptr, *m_evidenceSum = nullptr, *m_testsSum = nullptr;
    QPushButton *m_cancel = nullptr, *m_again = nullptr;
    TextLabel *m_image = nullptr, *m_runtime = nullptr, *m_user = nullptr, *m_root = nullptr,
              *m_network = nullptr, *m_limits = nullptr, *m_engine = nullptr;
    TextLabel *m_plan = nullptr, *m_planTitle = nullptr, *m_base = nullptr;
    QLineEdit *m_find = nullptr;
    QTimer m_clock;
    bool m_resultShown = false;
};

} // namespace ovvoc
