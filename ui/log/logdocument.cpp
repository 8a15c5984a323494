#include "log/logdocument.h"

#include <QElapsedTimer>

namespace ovvoc {

namespace {

constexpr qsizetype pieceBytes = 64 * 1024;
constexpr qint64 sliceNanoseconds = 5'000'000; // a third of a frame

} // namespace

QString LogDocument::emptyText() const
{
    return m_emptyText.isEmpty() ? tr("What the job does appears here.") : m_emptyText;
}

LogDocument::LogDocument(QObject *parent)
    : QObject(parent)
{
    m_turn.setSingleShot(true);
    m_turn.setInterval(0);
    connect(&m_turn, &QTimer::timeout, this, [this] {
        m_spent = 0;
        drain();
    });
}

void LogDocument::append(const LogChunk &chunk)
{
    if (count() >= maximumLines)
        return;
    // Small enough that one piece never takes longer than a slice.
    for (qsizetype at = 0; at < chunk.text.size(); at += pieceBytes) {
        LogChunk piece = chunk;
        piece.text = chunk.text.mid(at, pieceBytes);
        m_waitingBytes += piece.text.size();
        m_waiting.enqueue(piece);
    }
    drain();
}

void LogDocument::drain()
{
    const int before = count();
    QElapsedTimer clock;
    clock.start();
    while (!m_waiting.isEmpty() && m_spent + clock.nsecsElapsed() < sliceNanoseconds) {
        const LogChunk piece = m_waiting.dequeue();
        m_waitingBytes -= piece.text.size();
        take(piece);
        if (count() >= maximumLines) {
            m_waiting.clear();
            m_waitingBytes = 0;
        }
    }
    m_spent += clock.nsecsElapsed();
    if (!m_turn.isActive() && (m_spent > 0 || !m_waiting.isEmpty()))
        m_turn.start();
    if (count() != before)
        emit grown();
}

void LogDocument::take(const LogChunk &chunk)
{
    if (chunk.source == LogChunk::Source::Program) {
        // What the program says comes between commands: an unfinished line of theirs is over.
        add(chunk, m_stdout.finish());
        add(chunk, m_stderr.finish());
        add(chunk, m_program.feed(chunk.text));
    } else {
        AnsiReader &reader = chunk.source == LogChunk::Source::Stderr ? m_stderr : m_stdout;
        add(chunk, reader.feed(chunk.text));
    }
}

void LogDocument::add(const LogChunk &chunk, const QList<StyledLine> &lines)
{
    for (const StyledLine &styled : lines) {
        if (count() >= maximumLines)
            return;
        m_lines.push_back({chunk.time, chunk.phase, chunk.source, styled});
        m_longest = std::max(m_longest, int(styled.text.size()));
        if (count() == maximumLines)
            m_lines.back().styled = {tr("(the log is cut here)"), {}};
    }
}

} // namespace ovvoc
