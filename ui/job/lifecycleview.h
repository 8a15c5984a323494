#pragma once

#include "jobs/job.h"

#include <QTimer>
#include <QWidget>

namespace ovvoc {

/// The life of one job, painted: its phases on a line, the band in which the gate is open, the band
/// in which the cell is sealed, and below them a bar in proportion to time. When the job has ended
/// the bar becomes a chart that is true to time, with the gate, the seal and each token's life.
/// Moves only while something runs. The same is readable as text (accessible description,
/// tooltips).
class LifecycleView : public QWidget
{
    Q_OBJECT
public:
    explicit LifecycleView(QWidget *parent = nullptr);

    void setJob(const Job &job);
    /// What the picture says, in sentences. For screen readers and tests.
    QString asText() const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;
    bool event(QEvent *event) override;
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    double nodeX(int index) const;
    int indexOf(PhaseKind kind) const;
    void paintBands(QPainter &painter) const;
    void paintLine(QPainter &painter) const;
    void paintNode(QPainter &painter, int index) const;
    void paintLabels(QPainter &painter, int index) const;
    void paintTimes(QPainter &painter) const;
    void paintChart(QPainter &painter) const;
    void paintTokens(QPainter &painter) const;
    bool showsChart() const;
    double wide() const; ///< in units at scale 1
    void keepMoving();
    Job m_job;
    QTimer m_clock;
    int m_angle = 0;
};

} // namespace ovvoc
