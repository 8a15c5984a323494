#include "forge/github/hostqueue.h"

#include <QCoreApplication>
#include <QLocale>
#include <algorithm>
#include <qcoro/qcorotimer.h>

namespace ovvoc {

HostQueue::HostQueue()
    : HostQueue(Limits{})
{ }

QDateTime HostQueue::nextFree(bool createsContent, const QDateTime &now)
{
    QDateTime free = std::max(now, m_pausedUntil.isValid() ? m_pausedUntil : now);
    if (!createsContent) {
        while (!m_reads.isEmpty() && m_reads.first().secsTo(now) >= 3600)
            m_reads.removeFirst();
        if (m_limits.readsPerHour > 0 && m_reads.size() >= m_limits.readsPerHour)
            free = std::max(free, m_reads[m_reads.size() - m_limits.readsPerHour].addSecs(3600));
        return free;
    }
    while (!m_calls.isEmpty() && m_calls.first().secsTo(now) >= 3600)
        m_calls.removeFirst();
    const auto window = [&](int count, int seconds) {
        if (m_calls.size() >= count)
            free = std::max(free, m_calls[m_calls.size() - count].addSecs(seconds));
    };
    window(m_limits.perMinute, 60);
    window(m_limits.perHour, 3600);
    return free;
}

TaskResult<> HostQueue::turn(bool createsContent)
{
    const QDateTime begun = QDateTime::currentDateTimeUtc();
    for (;;) {
        const QDateTime now = QDateTime::currentDateTimeUtc();
        const QDateTime free = nextFree(createsContent, now);
        if (free <= now) {
            if (createsContent)
                m_calls << now;
            else if (m_limits.readsPerHour > 0)
                m_reads << now;
            co_return {};
        }
        if (begun.secsTo(free) > m_limits.patienceSeconds)
            co_return fail(
                ErrorCode::RateLimited,
                QCoreApplication::translate(
                    "GitHub", "GitHub asked us to wait until %1. Run this again then.")
                    .arg(QLocale().toString(free.toLocalTime().time(), QLocale::ShortFormat)));
        co_await QCoro::sleepFor(std::chrono::milliseconds(std::max<qint64>(5, now.msecsTo(free))));
    }
}

void HostQueue::pauseUntil(const QDateTime &time)
{
    if (!m_pausedUntil.isValid() || time > m_pausedUntil)
        m_pausedUntil = time;
}

} // namespace ovvoc
