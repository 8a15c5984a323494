#include "log/ansitext.h"

#include <QStringDecoder>

namespace ovvoc {

namespace {

/// One of the sixteen colours for one of the 256, or for a true colour.
int nearest(int red, int green, int blue)
{
    const int high = std::max({red, green, blue}), low = std::min({red, green, blue});
    const bool bright = high > 170;
    if (high - low < 40)
        return high > 220 ? 15 : high > 140 ? 7 : high > 60 ? 8 : 0;
    const int half = (high + low) / 2;
    return (red > half ? 1 : 0) + (green > half ? 2 : 0) + (blue > half ? 4 : 0) + (bright ? 8 : 0);
}

int fromPalette(int index)
{
    if (index < 0)
        return -1;
    if (index < 16)
        return index;
    if (index >= 232)
        return nearest(8 + (index - 232) * 10, 8 + (index - 232) * 10, 8 + (index - 232) * 10);
    const int cube = index - 16;
    const auto level = [](int v) { return v == 0 ? 0 : 55 + v * 40; };
    return nearest(level(cube / 36 % 6), level(cube / 6 % 6), level(cube % 6));
}

} // namespace

void AnsiReader::put(QChar c)
{
    if (m_return) {
        m_return = false;
        m_line = {};
        m_cut = false;
    }
    if (m_line.text.size() >= maximumLine) {
        if (!m_cut)
            m_line.text += QStringLiteral(" … (cut)");
        m_cut = true;
        return;
    }
    m_line.text += c;
    if (m_style == TextStyle{})
        return;
    const int at = int(m_line.text.size()) - 1;
    if (!m_line.spans.isEmpty()) {
        StyledSpan &last = m_line.spans.last();
        if (last.style == m_style && last.start + last.length == at) {
            ++last.length;
            return;
        }
    }
    m_line.spans << StyledSpan{at, 1, m_style};
}

/// Printable ASCII in the style that holds now.
void AnsiReader::putRun(QLatin1String run)
{
    const qsizetype room = maximumLine - m_line.text.size();
    if (run.size() > room) {
        for (const QChar c : QString(run)) // to its end, with the mark of the cut
            put(c);
        return;
    }
    const int start = int(m_line.text.size());
    m_line.text += run;
    if (m_style == TextStyle{})
        return;
    if (!m_line.spans.isEmpty()) {
        StyledSpan &last = m_line.spans.last();
        if (last.style == m_style && last.start + last.length == start) {
            last.length += int(run.size());
            return;
        }
    }
    m_line.spans << StyledSpan{start, int(run.size()), m_style};
}

void AnsiReader::putText(QStringView text)
{
    for (const QChar c : text)
        put(c);
}

void AnsiReader::applySgr()
{
    if (!m_parameters.isEmpty() && (m_parameters[0] < '0' || m_parameters[0] > ';'))
        return; // private
    QByteArray parameters = m_parameters;
    const QList<QByteArray> parts = parameters.replace(':', ';').split(';');
    for (qsizetype i = 0; i < parts.size(); ++i) {
        const int code = parts[i].toInt();
        if (code == 0)
            m_style = {};
        else if (code == 1)
            m_style.bold = true;
        else if (code == 2)
            m_style.dim = true;
        else if (code == 7)
            m_style.inverse = true;
        else if (code == 22)
            m_style.bold = m_style.dim = false;
        else if (code == 27)
            m_style.inverse = false;
        else if (code >= 30 && code <= 37)
            m_style.foreground = code - 30;
        else if (code == 39)
            m_style.foreground = -1;
        else if (code >= 40 && code <= 47)
            m_style.background = code - 40;
        else if (code == 49)
            m_style.background = -1;
        else if (code >= 90 && code <= 97)
            m_style.foreground = code - 90 + 8;
        else if (code >= 100 && code <= 107)
            m_style.background = code - 100 + 8;
        else if ((code == 38 || code == 48) && i + 1 < parts.size()) {
            int colour = -1;
            if (parts[i + 1].toInt() == 5 && i + 2 < parts.size()) {
                colour = fromPalette(std::min(parts[i + 2].toInt(), 255));
                i += 2;
            } else if (parts[i + 1].toInt() == 2 && i + 4 < parts.size()) {
                colour = nearest(parts[i + 2].toInt() & 255, parts[i + 3].toInt() & 255,
                                 parts[i + 4].toInt() & 255);
                i += 4;
            }
            (code == 38 ? m_style.foreground : m_style.background) = colour;
        }
    }
}

QList<StyledLine> AnsiReader::feed(const QByteArray &bytes)
{
    QList<StyledLine> lines;
    for (qsizetype at = 0; at < bytes.size(); ++at) {
        const char byte = bytes[at];
        const auto b = static_cast<unsigned char>(byte);
        // Most of a log is plain text: a run of it is taken as a whole.
        if (m_state == State::Text && b >= 0x20 && b < 0x7f && !m_return && m_utf8.isEmpty()) {
            qsizetype end = at + 1;
            while (end < bytes.size() && bytes[end] >= 0x20 && bytes[end] < 0x7f)
                ++end;
            putRun(QLatin1String(bytes.constData() + at, end - at));
            at = end - 1;
            continue;
        }
        switch (m_state) {
        case State::Text:
            if (b >= 0x80) {
                m_utf8 += byte;
                const auto first = static_cast<unsigned char>(m_utf8[0]);
                const int wanted = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
                if (m_utf8.size() >= wanted) {
                    putText(QString::fromUtf8(m_utf8));
                    m_utf8.clear();
                }
                break;
            }
            if (!m_utf8.isEmpty()) {
                put(QChar::ReplacementCharacter);
                m_utf8.clear();
            }
            if (b == '\n') {
                m_return = false;
                lines << m_line;
                m_line = {};
                m_cut = false;
            } else if (b == '\r') {
                m_return = true;
            } else if (b == 0x1b) {
                m_state = State::Escape;
            } else if (b == '\t') {
                const bool started = m_return;
                do
                    put(QLatin1Char(' '));
                while (!started && m_line.text.size() % 8 != 0);
            } else if (b >= 0x20 && b != 0x7f) {
                put(QLatin1Char(byte));
            }
            break;
        case State::Escape:
            m_parameters.clear();
            if (b == '[')
                m_state = State::Csi;
            else if (b == ']' || b == 'P' || b == 'X' || b == '^' || b == '_')
                m_state = State::String;
            else if (b >= 0x20 && b <= 0x2f)
                m_state = State::Intermediate;
            else
                m_state = State::Text;
            break;
        case State::Intermediate:
            if (b < 0x20 || b > 0x2f)
                m_state = State::Text;
            break;
        case State::Csi:
            if (b >= 0x40 && b <= 0x7e) {
                if (b == 'm')
                    applySgr();
                m_state = State::Text;
            } else if (b == '\n' || b == 0x1b || m_parameters.size() > 64) {
                m_state = b == 0x1b ? State::Escape : State::Text;
            } else {
                m_parameters += byte;
            }
            break;
        case State::String:
            if (b == 0x07 || b == '\n')
                m_state = State::Text;
            else if (b == 0x1b)
                m_state = State::StringEscape;
            break;
        case State::StringEscape:
            m_state = b == '\\' ? State::Text : State::String;
            break;
        }
    }
    return lines;
}

QList<StyledLine> AnsiReader::finish()
{
    m_utf8.clear();
    m_state = State::Text;
    m_return = false;
    if (m_line.text.isEmpty())
        return {};
    const QList<StyledLine> lines{m_line};
    m_line = {};
    return lines;
}

} // namespace ovvoc
