#pragma once

#include "base/result.h"

#include <QDateTime>
#include <QSet>

namespace ovvoc {

/// When something is done by itself, in local time. Understands "off", "hourly", "daily 06:00",
/// "weekly mon 06:00", and a cron line of five fields (minute, hour, day, month, weekday; lists,
/// ranges, steps, names; as crontab(5): when day and weekday are both given, either will do).
class Schedule
{
public:
    /// InvalidInput with what is wrong and an example.
    static Result<Schedule> parse(const QString &text);
    bool isOff() const { return m_minutes.isEmpty(); }
    /// The first moment after \a time; invalid when off, or when there is none within five years.
    QDateTime next(const QDateTime &time) const;

private:
    QSet<int> m_minutes, m_hours, m_days, m_months, m_weekdays; ///< weekdays: 0 is Sunday
    bool m_anyDay = true, m_anyWeekday = true;
};

} // namespace ovvoc
