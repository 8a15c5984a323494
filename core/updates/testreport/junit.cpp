// JUnit's XML, as Node's own runner and others print it to the terminal. Read line by line: it is
// hostile, and what stands around it is no XML.

#include "updates/testreport/parsers.h"

#include <QRegularExpression>
#include <algorithm>

namespace ovvoc {

namespace {

QString decoded(QString text)
{
    text.replace(QLatin1String("&lt;"), QLatin1String("<"))
        .replace(QLatin1String("&gt;"), QLatin1String(">"))
        .replace(QLatin1String("&quot;"), QLatin1String("\""))
        .replace(QLatin1String("&apos;"), QLatin1String("'"))
        .replace(QLatin1String("&amp;"), QLatin1String("&"));
    return text;
}

/// The value of an attribute of the element that begins in \a line.
QString attribute(const QString &line, const char *name)
{
    const QString begin = QLatin1Char(' ') + QLatin1String(name) + QLatin1String("=\"");
    const qsizetype at = line.indexOf(begin);
    if (at < 0)
        return {};
    const qsizetype from = at + begin.size(), to = line.indexOf('"', from);
    return to < 0 ? QString() : decoded(line.mid(from, std::min<qsizetype>(to - from, 500)));
}

} // namespace

std::optional<TestSummary> readJUnit(const QStringList &lines, const QString &root)
{
    TestSummary summary;
    summary.runner = QStringLiteral("JUnit");
    summary.complete = false;
    bool began = false;
    std::optional<TestCase> open;
    const auto close = [&] {
        if (!open)
            return;
        (open->state == TestCase::State::Failed        ? summary.failed
             : open->state == TestCase::State::Skipped ? summary.skipped
                                                       : summary.passed)++;
        addCase(summary, std::move(*open));
        open.reset();
    };
    for (const QString &whole : lines) {
        if (outOfTime())
            break;
        const QString line = whole.trimmed();
        if (line.startsWith(QLatin1String("<testsuites")))
            began = true;
        if (!began)
            continue;
        if (line.startsWith(QLatin1String("<testcase "))) {
            close();
            open = TestCase();
            open->name = attribute(line, "name");
            setPlace(*open, attribute(line, "file"), root);
            if (line.endsWith(QLatin1String("/>")))
                close();
        } else if (open
                   && (line.startsWith(QLatin1String("<failure"))
                       || line.startsWith(QLatin1String("<error")))) {
            open->state = TestCase::State::Failed;
            addMessage(*open, attribute(line, "message"));
        } else if (open && line.startsWith(QLatin1String("<skipped"))) {
            open->state = TestCase::State::Skipped;
        } else if (line.startsWith(QLatin1String("</testcase>"))) {
            close();
        } else if (line.startsWith(QLatin1String("</testsuites>"))) {
            close();
            began = false;
            summary.complete = true;
        }
    }
    close();
    if (summary.total() == 0)
        return std::nullopt;
    return summary;
}

} // namespace ovvoc
