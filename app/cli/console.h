#pragma once

#include "jobs/job.h"
#include "runs/runreport.h"

#include <QHash>

namespace ovvoc {

/// Shows a job's life on a terminal, or as plain lines where there is none.
class Console
{
public:
    struct Options
    {
        bool verbose = false; ///< also what the commands print
        bool json = false; ///< one JSON object per line instead
    };
    explicit Console(Options options);

    /// Of one of several jobs: says which, and forgets the one before.
    void begin(const JobRequest &request);
    void jobChanged(const Job &job);
    void logged(const LogChunk &chunk);
    void finished(const Job &job);
    void finished(const RunReport &report);
    void error(const Error &error);
    void line(const QString &text);

private:
    QString coloured(const char *code, const QString &text) const;
    void clearStatus();
    void showStatus(const Job &job);
    Options m_options;
    bool m_terminal = false;
    bool m_colours = false;
    bool m_statusShown = false;
    QHash<int, PhaseState> m_seen;
    QHash<int, qsizetype> m_stepsSeen;
};

} // namespace ovvoc
