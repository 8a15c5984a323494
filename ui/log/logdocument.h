#pragma once

#include "jobs/job.h"
#include "log/ansitext.h"

#include <QMetaMethod>
#include <QObject>
#include <QQueue>
#include <QTimer>
#include <deque>

namespace ovvoc {

/// A job's log as lines. Grows at its end only; at most maximumLines, then it is cut there and
/// says so. Takes what comes in slices of the event loop: a flood of bytes never stops the window.
/// Lives on the GUI thread.
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
    explicit LogDocument(QObject *parent = nullptr);

    void append(const LogChunk &chunk);
    int count() const { return int(m_lines.size()); }
    const Line &line(int index) const { return m_lines[std::size_t(index)]; }
    int longest() const { return m_longest; } ///< characters of the longest line
    /// Whether a view shows it.
    bool isShown() const { return isSignalConnected(QMetaMethod::fromSignal(&LogDocument::grown)); }
    /// Bytes that have arrived and are not lines yet.
    qint64 waitingBytes() const { return m_waitingBytes; }
    /// What is said while there is no line.
    QString emptyText() const;
    void setEmptyText(const QString &text) { m_emptyText = text; }

signals:
    void grown();

private:
    void take(const LogChunk &chunk);
    void drain();
    void add(const LogChunk &chunk, const QList<StyledLine> &lines);
    std::deque<Line> m_lines; ///< grows without moving what is there: a million lines take a while
    AnsiReader m_stdout, m_stderr, m_program;
    int m_longest = 0;
    QString m_emptyText;
    QQueue<LogChunk> m_waiting;
    qint64 m_waitingBytes = 0;
    qint64 m_spent = 0; ///< nanoseconds of this turn of the event loop
    QTimer m_turn;
};

} // namespace ovvoc
