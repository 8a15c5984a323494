#include "updates/testreport/testreport.h"

#include "base/text.h"
#include "updates/testreport/parsers.h"

#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QRegularExpression>
#include <algorithm>

namespace ovvoc {

QString TestCase::fullName() const
{
    return (suite + QStringList{name}).join(QStringLiteral(" › "));
}

QList<TestCase> TestSummary::failures() const
{
    QList<TestCase> list;
    std::copy_if(cases.begin(), cases.end(), std::back_inserter(list),
                 [](const TestCase &test) { return test.state == TestCase::State::Failed; });
    return list;
}

QString plainText(const QByteArray &bytes)
{
    const QString text = QString::fromUtf8(bytes);
    QString out;
    out.reserve(text.size());
    for (qsizetype i = 0; i < text.size(); ++i) {
        const QChar c = text[i];
        if (c == QChar(0x1b)) {
            const QChar kind = i + 1 < text.size() ? text[i + 1] : QChar();
            ++i;
            if (kind == '[') { // CSI: parameters, then one final byte
                while (i + 1 < text.size()) {
                    const char16_t end = text[++i].unicode();
                    if (end >= 0x40 && end <= 0x7e)
                        break;
                }
            } else if (kind == ']' || kind == 'P' || kind == '_' || kind == '^') {
                // OSC, DCS, APC, PM: up to BEL or ESC backslash
                while (i + 1 < text.size() && text[i + 1] != QChar(0x07)
                       && text[i + 1] != QChar(0x1b))
                    ++i;
                if (i + 1 < text.size())
                    i += text[i + 1] == QChar(0x07) ? 1 : 2;
            }
            continue;
        }
        if (c == '\r') {
            if (i + 1 < text.size() && text[i + 1] != '\n')
                out += '\n';
            continue;
        }
        if (isTreacherous(c.unicode()))
            continue;
        out += c;
    }
    return out;
}

void addCase(TestSummary &summary, TestCase test)
{
    if (summary.cases.size() < TestSummary::maximumCases)
        summary.cases << std::move(test);
}

namespace {

constexpr qsizetype outputLimit = 8 * 1024 * 1024, lineLimit = 200'000, lineLength = 2'000;
constexpr int readingMs = 8'000; ///< for one reader
thread_local QDeadlineTimer deadline(QDeadlineTimer::Forever);

} // namespace

bool outOfTime()
{
    return deadline.hasExpired();
}

bool setPlace(TestCase &test, const QString &given, const QString &root)
{
    const QString text = given.left(500);
    static const QRegularExpression form(QStringLiteral(
        "(?:file://)?((?:[A-Za-z]:)?[^\\s()'\":]+\\.[A-Za-z]{1,5}):(\\d{1,7})(?::\\d{1,7})?"));
    const auto match = form.match(text);
    if (!match.hasMatch() || text.contains(QLatin1String("node:"))
        || match.captured(1).contains(QLatin1String("node_modules/")))
        return false;
    QString file = match.captured(1);
    if (file.startsWith(root + '/'))
        file.remove(0, root.size() + 1);
    test.file = file.left(500);
    test.line = match.captured(2).toInt();
    return true;
}

void addMessage(TestCase &test, const QString &line)
{
    constexpr qsizetype limit = 4000;
    if (test.message.size() >= limit || (test.message.isEmpty() && line.trimmed().isEmpty()))
        return;
    if (!test.message.isEmpty())
        test.message += '\n';
    test.message += line.left(limit - test.message.size());
}

int indentOf(const QString &line)
{
    int indent = 0;
    while (indent < line.size() && line[indent] == ' ')
        ++indent;
    return indent;
}

TestSummary together(TestSummary first, const TestSummary &second)
{
    if (first.runner != second.runner)
        first.runner += QStringLiteral(", ") + second.runner;
    first.passed += second.passed;
    first.failed += second.failed;
    first.skipped += second.skipped;
    if (second.milliseconds >= 0)
        first.milliseconds = std::max(0.0, first.milliseconds) + second.milliseconds;
    for (const TestCase &test : second.cases)
        addCase(first, test);
    if (first.contradiction.isEmpty())
        first.contradiction = second.contradiction;
    return first;
}

std::optional<TestSummary> readTestOutput(const QByteArray &output, const QString &root)
{
    // Hostile: the end of it, in lines of bounded length, for a bounded time.
    QStringList lines;
    for (const QString &line : plainText(output.right(outputLimit)).split('\n')) {
        if (lines.size() >= lineLimit)
            break;
        lines << line.left(lineLength);
    }
    deadline.setRemainingTime(readingMs);
    using Reader = std::optional<TestSummary> (*)(const QStringList &, const QString &);
    // From the most to the least telling format.
    for (const Reader reader : {readJest, readVitest, readNodeSpec, readMocha, readTap}) {
        auto summary = reader(lines, root);
        if (outOfTime()) {
            if (!summary)
                return std::nullopt;
            summary->contradiction = QCoreApplication::translate(
                "TestReport", "the output was too long to be read whole");
        }
        if (summary) {
            for (TestCase &test : summary->cases)
                test.message = test.message.trimmed();
            return summary;
        }
    }
    return std::nullopt;
}

} // namespace ovvoc
