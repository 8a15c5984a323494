#pragma once

#include "jobs/job.h"
#include "log/ansitext.h"

#include <QObject>

namespace ovvoc {

/// A job's log as lines. Grows at its end only; at most maximumLines, then it is cut there and
/// says so. Lives on the GUI thread.
class LogDocument : public QObject
{
    Q_OBJECT
public:
    static constexpr int maximumLines = 1'000'000;
    struct Line
    {
        QDateTime time;
        PhaseKind phase = PhaseKind::Create;
        LogChunk::Source source = LogChunk::Source::Program;
        StyledLine styled;
    };
    using QObject::QObject;

    void append(const LogChunk &chunk);
    int count() const { return int(m_lines.size()); }
    const Line &line(int index) const { return m_lines[index]; }
    int longest() const { return m_longest; } ///< characters of the longest line

signals:
    void grown();

private:
    void add(const LogChunk &chunk, const QList<StyledLine> &lines);
    QList<Line> m_lines;
    AnsiReader m_stdout, m_stderr, m_program;
    int m_longest = 0;
};

} // namespace ovvoc
