#pragma once

#include "job/codemodel.h"
#include "job/diffview.h"
#include "job/jobmodels.h"
#include "job/jobside.h"
#include "job/lifecycleview.h"
#include "job/planmodel.h"
#include "job/resultview.h"
#include "job/testsmodel.h"
#include "jobboard.h"
#include "log/logtab.h"
#include "place.h"

#include <QWidget>

class QPushButton;
class QTabWidget;
class QTreeView;
class QVBoxLayout;

namespace ovvoc {

class EmptyState;
class TextLabel;

/// Everything about one job: its life on top, tabs below, facts at the side. Shows jobs that run
/// and jobs from the archive alike.
class JobPage : public QWidget
{
    Q_OBJECT
public:
    /// The log is the board's; a job that is not of this session has an empty one of its own.
    JobPage(const Job &job, const Services &services, QWidget *parent = nullptr);

    void setJob(const Job &job);
    /// The log that was kept, for a job from the archive; empty: none was.
    void setKeptLog(const QByteArray &log);
    const Job &job() const { return m_job; }
    QString title() const;
    LogTab *log() const { return m_logTab; }
    /// Shows a tab by its English name: "Result", "Log", "Changes", "Tests", "Egress",
    /// "Isolation", "Plan", "Scan".
    void showTab(const QString &name);

signals:
    void go(const ovvoc::Place &place);
    /// \a packages: only these; empty: the same again.
    void againRequested(const ovvoc::JobRequest &request, const QStringList &packages);
    void windowRequested(const QString &jobId);
    void browse(const QUrl &address);
    void said(const QString &text);

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void buildHeader(QVBoxLayout *layout);
    QWidget *buildTabs();
    QWidget *buildChanges();
    QWidget *buildEgress();
    QWidget *buildTests();
    void addTab(QWidget *page, const QString &name, const QString &title);
    void updateCode();
    void setCount(const QString &name, const QString &title, qsizetype count);
    QString waitsFor() const;
    void updateHeader();
    void updateTabs();
    void updateEgress();
    void updateTests();
    void expandTests();
    void takeStep(const NextStep &step);
    void whenItHolds(const std::function<bool()> &holds, const std::function<void()> &then);
    void setSetting(const QString &name, const QJsonValue &value,
                    const std::function<void()> &then);
    Services m_services;
    Job m_job;
    LogDocument *m_log;
    LifecycleView *m_lifecycle = nullptr;
    LogTab *m_logTab = nullptr;
    DiffView *m_diff = nullptr;
    ResultView *m_result = nullptr;
    JobSide *m_side = nullptr;
    QWidget *m_sideArea = nullptr;
    EgressModel *m_egress = nullptr;
    EvidenceModel *m_evidence = nullptr;
    TestsModel *m_tests = nullptr;
    ScanModel *m_scan = nullptr;
    PlanModel *m_plan = nullptr;
    CodeModel *m_code = nullptr;
    QTreeView *m_testsTree = nullptr;
    EmptyState *m_noTests = nullptr;
    QTabWidget *m_tabs = nullptr;
    TextLabel *m_clientSlash = nullptr, *m_repositorySlash = nullptr;
    TextLabel *m_title = nullptr, *m_badge = nullptr, *m_started = nullptr, *m_elapsed = nullptr;
    TextLabel *m_egressSum = nullptr, *m_evidenceSum = nullptr, *m_testsSum = nullptr,
              *m_changesSum = nullptr, *m_planSum = nullptr, *m_codeSum = nullptr;
    QPushButton *m_client = nullptr, *m_repository = nullptr, *m_cancel = nullptr,
                *m_again = nullptr, *m_open = nullptr;
    QTimer m_clock;
    bool m_resultShown = false;
};

} // namespace ovvoc
