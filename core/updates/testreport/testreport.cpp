#include "updates/testreport/testreport.h"

#include "base/text.h"
#include "updates/testreport/parsers.h"

#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QMap>
#include <QRegularExpression>
#include <algorithm>

namespace ovvoc {

QString TestCase::fullName() const
{
    return (suite + QStringList{name}).join(QStringLiteral(" › "));
}

QString TestCase::identity() const
{
    return file.isEmpty() ? fullName() : file + QStringLiteral(": ") + fullName();
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
    first.complete = first.complete && second.complete;
    return first;
}

namespace {

/// What the lines say about the whole: TAP plans and the sums that node's runner and tape print.
struct Stated
{
    qint64 planned = -1, passed = -1, failed = -1, results = 0;
};

void addStated(qint64 &to, const QString &number)
{
    bool known = false;
    const int value = number.trimmed().toInt(&known);
    if (known && value >= 0)
        to = std::max<qint64>(to, 0) + value;
}

Stated statedIn(const QStringList &lines)
{
    Stated stated;
    for (const QString &line : lines) {
        if (outOfTime())
            break;
        if (line.startsWith(QLatin1String("1.."))) {
            addStated(stated.planned, line.mid(3).section(' ', 0, 0));
            continue;
        }
        if (line.startsWith(QLatin1String("ok ")) || line.startsWith(QLatin1String("not ok ")))
            ++stated.results;
        if (!line.startsWith(QStringLiteral("ℹ ")) && !line.startsWith(QLatin1String("# ")))
            continue;
        const QString words = line.mid(2);
        if (words.startsWith(QLatin1String("pass ")))
            addStated(stated.passed, words.mid(5));
        else if (words.startsWith(QLatin1String("fail ")))
            addStated(stated.failed, words.mid(5));
    }
    return stated;
}

QString contradictionIn(TestSummary &summary, const QStringList &lines)
{
    const auto tr = [](const char *text) {
        return QCoreApplication::translate("TestReport", text);
    };
    const auto named = [&](TestCase::State state) {
        return std::count_if(summary.cases.begin(), summary.cases.end(),
                             [&](const TestCase &test) { return test.state == state; });
    };
    qint64 passed = summary.passed, failed = summary.failed;
    const bool counts =
        summary.runner == QLatin1String("node:test") || summary.runner == QLatin1String("TAP");
    if (counts) {
        // These are counted here, so what is printed at their end is the other side. A test with
        // tests of its own is not always named, so less may be named than was summed up.
        const Stated stated = statedIn(lines);
        summary.complete =
            stated.passed >= 0 || (stated.planned >= 0 && stated.planned <= stated.results);
        if (stated.planned > stated.results && stated.results > 0)
            return tr("the runner announced %1 tests and reported %2")
                .arg(stated.planned)
                .arg(stated.results);
        if (stated.passed >= 0)
            passed = stated.passed;
        if (stated.failed >= 0)
            failed = stated.failed;
        if (failed > summary.failed)
            return tr("the runner's sum says that %1 failed, and names %2")
                .arg(failed)
                .arg(summary.failed);
    }
    const qint64 namedPassed = counts ? summary.passed : named(TestCase::State::Passed);
    if (namedPassed > passed)
        return tr("the runner's sum says that %1 passed, and names %2")
            .arg(passed)
            .arg(namedPassed);
    if (summary.failed == 0 && named(TestCase::State::Failed) > 0)
        return tr("the runner's sum says that none failed, and names %1")
            .arg(named(TestCase::State::Failed));
    return {};
}

} // namespace

namespace {

using Reader = std::optional<TestSummary> (*)(const QStringList &, const QString &);

/// A node:test or TAP reader counts marks that other runners print as well: beside them no more
/// passed than its own sum says. What failed stays, whatever any sum says.
void limitToOwnSums(TestSummary &summary, const QStringList &lines)
{
    if (summary.runner != QLatin1String("node:test") && summary.runner != QLatin1String("TAP"))
        return;
    const Stated stated = statedIn(lines);
    if (stated.passed < 0)
        return;
    summary.passed = int(std::min<qint64>(stated.passed, summary.passed));
    summary.cases.removeIf(
        [](const TestCase &test) { return test.state != TestCase::State::Failed; });
}

/// What all runners that spoke in one stream of lines said, together.
std::optional<TestSummary> readStream(const QStringList &lines, const QString &root)
{
    QList<TestSummary> found;
    deadline.setRemainingTime(readingMs);
    for (const Reader reader :
         {readJest, readVitest, readNodeSpec, readMocha, readTap, readAva, readJasmine, readKarma,
          readPlaywright, readUvu, readLab, readTapSpec, readJUnit, readTapBase}) {
        auto summary = reader(lines, root);
        if (summary)
            found << *summary;
        if (outOfTime()) {
            if (found.isEmpty())
                return std::nullopt;
            found.first().contradiction = QCoreApplication::translate(
                "TestReport", "the output was too long to be read whole");
            break;
        }
    }
    if (found.isEmpty())
        return std::nullopt;
    // One sum printed in two forms is one: tap prints both.
    const bool tap = std::ranges::any_of(
        found, [](const TestSummary &one) { return one.runner == QLatin1String("TAP"); });
    if (tap)
        found.removeIf([](const TestSummary &one) { return one.runner == QLatin1String("tap"); });
    std::optional<TestSummary> all;
    for (TestSummary &one : found) {
        if (found.size() > 1)
            limitToOwnSums(one, lines);
        if (const QString odd = contradictionIn(one, lines); one.contradiction.isEmpty())
            one.contradiction = odd;
        all = all ? together(*all, one) : one;
    }
    return all;
}

/// The lines of each stream that something put a name before: "[unit] ", "web:test: ", "packages/a
/// test: ". By name; empty where no name stands before at least three lines.
QMap<QString, QStringList> namedStreams(const QStringList &lines)
{
    static const QRegularExpression form(QStringLiteral(
        "^(\\[[^\\]\\s]{1,60}\\]|[@\\w./-]{1,100}:[\\w:-]{1,60}:|[@\\w./-]{1,100} [\\w:-]{1,60}:|"
        "[@\\w./-]{1,100}:) ?(.*)$"));
    QMap<QString, QStringList> streams;
    for (const QString &line : lines) {
        if (outOfTime())
            break;
        const auto match = form.match(line);
        if (match.hasMatch() && (streams.size() < 100 || streams.contains(match.captured(1))))
            streams[match.captured(1)] << match.captured(2);
    }
    for (auto it = streams.begin(); it != streams.end();)
        it = it->size() < 3 ? streams.erase(it) : std::next(it);
    return streams;
}

} // namespace

std::optional<TestSummary> readTestOutput(const QByteArray &output, const QString &root)
{
    // Hostile: the end of it, in lines of bounded length, for a bounded time.
    QStringList lines;
    for (const QString &line : plainText(output.right(outputLimit)).split('\n')) {
        if (lines.size() >= lineLimit)
            break;
        lines << line.left(lineLength);
    }
    std::optional<TestSummary> all = readStream(lines, root);
    // Several scripts side by side, each with its name before its lines.
    QDeadlineTimer patience(readingMs);
    deadline.setRemainingTime(readingMs);
    const QMap<QString, QStringList> streams = namedStreams(lines);
    for (const QStringList &stream : streams) {
        if (patience.hasExpired())
            break;
        if (const auto one = readStream(stream, root))
            all = all ? together(*all, *one) : *one;
    }
    if (all) {
        for (TestCase &test : all->cases)
            test.message = test.message.trimmed();
    }
    return all;
}

} // namespace ovvoc
