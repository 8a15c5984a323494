#pragma once

#include "base/result.h"

#include <QDateTime>
#include <QList>
#include <memory>

namespace ovvoc {

/// Keeps every client's calls to one host within what GitHub asks of integrators: at most 80 calls
/// a minute and 500 an hour that create content, and silence for as long as an answer told us.
/// https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api
/// One per host, shared by all clients; on the core thread.
class HostQueue
{
public:
    struct Limits
    {
        int perMinute = 80;
        int perHour = 500;
        int patienceSeconds = 90; ///< the longest a call waits here before it fails
        int readsPerHour = 0; ///< of calls that create nothing; 0: as many as there are
    };
    HostQueue();
    explicit HostQueue(Limits limits)
        : m_limits(limits)
    { }

    /// Returns when the call may be made. RateLimited, with the time in words, when that would take
    /// longer than the patience. \a createsContent: POST, PATCH, PUT, DELETE.
    TaskResult<> turn(bool createsContent);
    /// An answer said to wait.
    void pauseUntil(const QDateTime &time);

private:
    QDateTime nextFree(bool createsContent, const QDateTime &now);
    Limits m_limits;
    QList<QDateTime> m_calls; ///< content calls of the last hour, oldest first
    QList<QDateTime> m_reads; ///< the others, where they are counted
    QDateTime m_pausedUntil;
};

} // namespace ovvoc
