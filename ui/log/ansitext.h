#pragma once

#include <QByteArray>
#include <QList>
#include <QString>

namespace ovvoc {

/// How a stretch of a line looks.
struct TextStyle
{
    int foreground = -1; ///< ANSI colour 0 to 15; -1: the default
    int background = -1;
    bool bold = false;
    bool dim = false;
    bool inverse = false;
    bool operator==(const TextStyle &) const = default;
};

struct StyledSpan
{
    int start = 0; ///< first character
    int length = 0;
    TextStyle style;
    bool operator==(const StyledSpan &) const = default;
};

struct StyledLine
{
    QString text;
    QList<StyledSpan> spans; ///< only where the style is not the default
    bool operator==(const StyledLine &) const = default;
};

/// Turns a terminal's bytes (hostile) into styled lines, as they arrive. Colours and weights are
/// kept (ECMA-48 SGR, 256 and true colours reduced to sixteen); everything else that a terminal
/// would obey (cursor, titles, links, queries) is dropped. A carriage return starts the line anew.
/// Lines longer than maximumLine are cut with a mark.
class AnsiReader
{
public:
    static constexpr int maximumLine = 1'000'000;
    /// Lines that \a bytes completed. The unfinished one is in rest().
    QList<StyledLine> feed(const QByteArray &bytes);
    const StyledLine &rest() const { return m_line; }
    /// Ends the unfinished line, if there is one.
    QList<StyledLine> finish();

private:
    void put(QChar c);
    void putRun(QLatin1String run);
    void putText(QStringView text);
    void applySgr();
    enum class State { Text, Escape, Csi, String, StringEscape, Intermediate };
    State m_state = State::Text;
    QByteArray m_parameters;
    QByteArray m_utf8; ///< bytes of a character that is not complete
    TextStyle m_style;
    StyledLine m_line;
    bool m_return = false; ///< a carriage return came: the next character overwrites the line
    bool m_cut = false;
};

} // namespace ovvoc
