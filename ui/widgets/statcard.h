#pragma once

#include "jobs/overview.h"
#include "widgets/sparkline.h"

#include <QFrame>

class QHBoxLayout;

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
    /// A small button beside the title; menuWanted() says where its menu belongs.
    void addMenu(const QString &accessibleName);
    QString value() const;
    QString note() const;

signals:
    void menuWanted(const QPoint &position);

private:
    QHBoxLayout *m_head;
    TextLabel *m_value;
    TextLabel *m_note;
    Sparkline *m_trend = nullptr;
};

/// The success rate of each day of the last 30 that had jobs, 0 to 1, oldest first.
QList<double> dailyRates(const QList<ClientOverview> &clients);

} // namespace ovvoc
