#include "log/logdocument.h"

namespace ovvoc {

void LogDocument::append(const LogChunk &chunk)
{
    if (m_lines.size() >= maximumLines)
        return;
    const int before = count();
    if (chunk.source == LogChunk::Source::Program) {
        // What the program says comes between commands: an unfinished line of theirs is over.
        add(chunk, m_stdout.finish());
        add(chunk, m_stderr.finish());
        add(chunk, m_program.feed(chunk.text));
    } else {
        AnsiReader &reader = chunk.source == LogChunk::Source::Stderr ? m_stderr : m_stdout;
        add(chunk, reader.feed(chunk.text));
    }
    if (count() != before)
        emit grown();
}

void LogDocument::add(const LogChunk &chunk, const QList<StyledLine> &lines)
{
    for (const StyledLine &styled : lines) {
        if (m_lines.size() >= maximumLines)
            return;
        m_lines << Line{chunk.time, chunk.phase, chunk.source, styled};
        m_longest = std::max(m_longest, int(styled.text.size()));
    }
    if (m_lines.size() >= maximumLines)
        m_lines.last().styled = {tr("(the log is cut here)"), {}};
}

} // namespace ovvoc
