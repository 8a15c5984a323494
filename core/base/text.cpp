#include "base/text.h"

#include <QJsonDocument>

namespace ovvoc {

bool isTreacherous(char32_t c)
{
    if (c < 0x20)
        return c != '\n' && c != '\t';
    return (c >= 0x7f && c <= 0x9f) || c == 0xad || c == 0x61c || c == 0x180e
        || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e)
        || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb)
        || (c >= 0xfdd0 && c <= 0xfdef) || (c >= 0xe0000 && c <= 0xe0fff);
}

namespace {

/// Calls \a take with each character of \a text, halves put together.
template <typename Take> void forEach(const QString &text, Take take)
{
    for (qsizetype i = 0; i < text.size(); ++i) {
        const QChar c = text[i];
        if (c.isHighSurrogate() && i + 1 < text.size() && text[i + 1].isLowSurrogate()) {
            take(QChar::surrogateToUcs4(c, text[i + 1]));
            ++i;
        } else {
            take(c.isSurrogate() ? char32_t(0xfffd) : char32_t(c.unicode()));
        }
    }
}

void append(QString &out, char32_t c)
{
    out += QString::fromUcs4(&c, 1);
}

} // namespace

QString oneLine(const QString &text)
{
    constexpr qsizetype limit = 200;
    QString line;
    forEach(text.left(8 * limit), [&line](char32_t c) {
        const auto category = QChar::category(c);
        if (c == '\n' || c == '\t' || c == '\r' || category == QChar::Other_Control
            || category == QChar::Separator_Line || category == QChar::Separator_Paragraph)
            line += ' ';
        else if (!isTreacherous(c) && category != QChar::Other_Format
                 && category != QChar::Other_PrivateUse && category != QChar::Other_NotAssigned)
            append(line, c);
    });
    line = line.simplified();
    if (line.size() > limit) {
        line.truncate(line[limit - 2].isHighSurrogate() ? limit - 2 : limit - 1);
        line += QChar(0x2026);
    }
    return line;
}

QString visibleText(const QString &text)
{
    QString out;
    out.reserve(text.size());
    forEach(text, [&out](char32_t c) { append(out, isTreacherous(c) ? char32_t(0xfffd) : c); });
    return out;
}

QString markdownText(const QString &text)
{
    QString out;
    const QString clean = visibleText(text).simplified();
    out.reserve(clean.size() * 2);
    for (qsizetype i = 0; i < clean.size(); ++i) {
        const QChar c = clean[i];
        if (QStringLiteral("\\`*_{}[]<>|~#!&").contains(c))
            out += '\\';
        out += c;
        // A zero-width space behind what would mention or refer, and within what would link.
        const bool link = c == ':' && clean.mid(i, 3) == QLatin1String("://");
        const bool www =
            c == '.' && i >= 3 && clean.mid(i - 3, 3).toLower() == QLatin1String("www");
        const bool gh = c == '-' && i >= 2 && clean.mid(i - 2, 2).toUpper() == QLatin1String("GH");
        if (c == '@' || c == '#' || link || www || gh)
            out += QChar(0x200b);
    }
    return out;
}

QString markdownCode(const QString &text)
{
    QString clean = visibleText(text);
    clean.replace('\n', ' ').replace('\t', ' ');
    if (clean.isEmpty())
        return clean; // two ticks would begin a span that ends at the next ones
    qsizetype longest = 0, run = 0;
    for (const QChar c : std::as_const(clean)) {
        run = c == '`' ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    clean.replace('|', QLatin1String("\\|"));
    const QString ticks(longest + 1, '`');
    return longest == 0 ? ticks + clean + ticks : ticks + ' ' + clean + ' ' + ticks;
}

QByteArray jsonLine(const QJsonObject &object)
{
    const QString text = QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact));
    QString out;
    out.reserve(text.size());
    forEach(text, [&out](char32_t c) {
        if (!isTreacherous(c))
            return append(out, c);
        for (const QChar half : QString::fromUcs4(&c, 1))
            out += QStringLiteral("\\u%1").arg(half.unicode(), 4, 16, QChar('0'));
    });
    return out.toUtf8();
}

} // namespace ovvoc
