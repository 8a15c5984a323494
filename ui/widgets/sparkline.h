#pragma once

#include "valuemodel.h"

#include <QWidget>

namespace ovvoc {

/// A small line over time without axes. What it says in numbers is its accessible description.
class Sparkline : public QWidget
{
    Q_OBJECT
public:
    explicit Sparkline(Tone tone, QWidget *parent = nullptr);
    /// \a top: what the upper edge stands for; 0: the largest value.
    void setValues(const QList<double> &values, double top = 0);
    const QList<double> &values() const { return m_values; }
    QSize sizeHint() const override { return {160, 34}; }
    QSize minimumSizeHint() const override { return {40, 24}; }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QList<double> m_values;
    double m_top = 0;
    Tone m_tone;
};

} // namespace ovvoc
