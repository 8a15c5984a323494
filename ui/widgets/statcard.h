#pragma once

#include "jobs/overview.h"
#include "widgets/sparkline.h"

#include <QFrame>

namespace ovvoc {

class TextLabel;

/// One number that matters, what it is, and a line about it; with a trend where there is one.
class StatCard : public QFrame
{
    Q_OBJECT
public:
    explicit StatCard(const QString &title, QWidget *parent = nullptr);
    void setValue(const QString &value, const QString &note, Tone noteTone = Tone::Muted);
    void setTrend(const QList<double> &values, double top);
    QString value() const;
    QString note() const;

private:
    TextLabel *m_value;
    TextLabel *m_note;
    Sparkline *m_trend = nullptr;
};

/// The success rate of each day of the last 30 that had jobs, 0 to 1, oldest first.
QList<double> dailyRates(const QList<ClientOverview> &clients);

} // namespace ovvoc
