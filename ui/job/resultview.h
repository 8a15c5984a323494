#pragma once

#include "jobs/nextsteps.h"
#include "runs/runreport.h"

#include <QWidget>

class QHBoxLayout;
class QPushButton;
class QTextBrowser;

namespace ovvoc {

class TextLabel;

/// How a job ended: the pull-request text, or the failure report in its place, to read and to copy
/// as Markdown.
class ResultView : public QWidget
{
    Q_OBJECT
public:
    explicit ResultView(QWidget *parent = nullptr);
    void setJob(const Job &job);
    /// The run that the job is part of: its report follows the job's own.
    void setRun(const RunReport &run);
    /// The text as Markdown, as "Copy as Markdown" gives it.
    QString markdown() const { return m_markdown; }

signals:
    void stepChosen(const ovvoc::NextStep &step);

private:
    void dress();
    void showSteps(const QList<NextStep> &steps);
    TextLabel *m_title;
    TextLabel *m_place;
    QTextBrowser *m_text;
    QPushButton *m_copy;
    QWidget *m_steps; ///< what can be done about it, as buttons
    QHBoxLayout *m_stepRow;
    QList<NextStep> m_shown;
    QString m_markdown;
    QString m_run;
    Job m_job;
};

} // namespace ovvoc
