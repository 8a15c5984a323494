#include "clients/schedule.h"

#include <QCoreApplication>
#include <QRegularExpression>

namespace ovvoc {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("Schedule", text);
}

const QStringList weekdays{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
const QStringList months{"jan", "feb", "mar", "apr", "may", "jun",
                         "jul", "aug", "sep", "oct", "nov", "dec"};

std::optional<int> numberOf(const QString &text, const QStringList &names, int first)
{
    const qsizetype name = names.indexOf(text.left(3).toLower());
    if (name >= 0 && text.size() == 3)
        return int(name) + first;
    bool good = false;
    const int number = text.toInt(&good);
    if (!good)
        return std::nullopt;
    return number;
}

/// One field of a cron line: "*", "1,5-10/2", "mon-fri".
std::optional<QSet<int>> field(const QString &text, int least, int most,
                               const QStringList &names = {})
{
    QSet<int> all;
    for (const QString &part : text.split(',')) {
        const QString range = part.section('/', 0, 0);
        bool good = true;
        const int step = part.contains('/') ? part.section('/', 1).toInt(&good) : 1;
        if (!good || step < 1)
            return std::nullopt;
        int from = least, to = most;
        if (range != QLatin1String("*")) {
            const auto a = numberOf(range.section('-', 0, 0), names, names == months ? 1 : 0);
            const auto b = range.contains('-')
                ? numberOf(range.section('-', 1), names, names == months ? 1 : 0)
                : a;
            if (!a || !b)
                return std::nullopt;
            from = *a;
            to = part.contains('/') && !range.contains('-') ? most : *b;
        }
        if (from < least || to > most || from > to)
            return std::nullopt;
        for (int i = from; i <= to; i += step)
            all << i;
    }
    return all;
}

} // namespace

Result<Schedule> Schedule::parse(const QString &text)
{
    const auto refused = [&text] {
        return fail(
            ErrorCode::InvalidInput,
            tr("\"%1\" is no schedule. Write off, hourly, daily 06:00, weekly mon 06:00, or a "
               "cron line such as 0 6 * * mon-fri.")
                .arg(text.left(80)));
    };
    const QString clean = text.simplified().toLower();
    Schedule schedule;
    if (clean == QLatin1String("off") || clean.isEmpty())
        return schedule;
    static const QRegularExpression daily("^daily ([01]?\\d|2[0-3]):([0-5]\\d)\\z");
    static const QRegularExpression weekly(
        "^weekly ([a-z]{3})[a-z]* ([01]?\\d|2[0-3]):([0-5]\\d)\\z");
    QString cron = clean;
    if (clean == QLatin1String("hourly"))
        cron = QStringLiteral("0 * * * *");
    else if (clean == QLatin1String("daily"))
        cron = QStringLiteral("0 6 * * *");
    else if (clean == QLatin1String("weekly"))
        cron = QStringLiteral("0 6 * * mon");
    else if (const auto match = daily.match(clean); match.hasMatch())
        cron = QStringLiteral("%1 %2 * * *")
                   .arg(match.captured(2).toInt())
                   .arg(match.captured(1).toInt());
    else if (const auto week = weekly.match(clean); week.hasMatch())
        cron = QStringLiteral("%1 %2 * * %3")
                   .arg(week.captured(3).toInt())
                   .arg(week.captured(2).toInt())
                   .arg(week.captured(1));
    const QStringList parts = cron.split(' ');
    if (parts.size() != 5)
        return refused();
    const auto minutes = field(parts[0], 0, 59), hours = field(parts[1], 0, 23),
               days = field(parts[2], 1, 31), month = field(parts[3], 1, 12, months),
               weekday = field(parts[4], 0, 7, weekdays);
    if (!minutes || !hours || !days || !month || !weekday)
        return refused();
    schedule.m_minutes = *minutes;
    schedule.m_hours = *hours;
    schedule.m_days = *days;
    schedule.m_months = *month;
    schedule.m_weekdays = *weekday;
    if (schedule.m_weekdays.remove(7))
        schedule.m_weekdays << 0;
    schedule.m_anyDay = parts[2].startsWith('*');
    schedule.m_anyWeekday = parts[4].startsWith('*');
    return schedule;
}

QDateTime Schedule::next(const QDateTime &time) const
{
    if (isOff())
        return {};
    QDate day = time.date();
    for (int i = 0; i < 5 * 366; ++i, day = day.addDays(1)) {
        if (!m_months.contains(day.month()))
            continue;
        const bool onDay = m_days.contains(day.day());
        const bool onWeekday = m_weekdays.contains(day.dayOfWeek() % 7);
        if (m_anyDay || m_anyWeekday ? !(onDay && onWeekday) : !(onDay || onWeekday))
            continue;
        for (int hour = 0; hour < 24; ++hour) {
            if (!m_hours.contains(hour))
                continue;
            for (int minute = 0; minute < 60; ++minute) {
                if (!m_minutes.contains(minute))
                    continue;
                // A time that the change to summer leaves out is moved by Qt to the hour after.
                const QDateTime moment(day, QTime(hour, minute), time.timeSpec());
                if (moment > time)
                    return moment;
            }
        }
    }
    return {};
}

} // namespace ovvoc
