// Indented trees with a mark before each test: node's spec reporter and Mocha.

#include "updates/testreport/parsers.h"

#include <QHash>
#include <QRegularExpression>
#include <algorithm>

namespace ovvoc {

namespace {

/// Takes "(1.5ms)" or "(2s)" off the end of a name.
double takeDuration(QString &name)
{
    if (!name.endsWith(')'))
        return -1;
    const qsizetype open = name.lastIndexOf('(');
    QString text = name.mid(open + 1).chopped(1).trimmed();
    double unit = 0;
    if (text.endsWith(QLatin1String("ms")))
        unit = 1;
    else if (text.endsWith('s'))
        unit = 1000;
    if (open < 0 || unit == 0 || text.size() > 20)
        return -1;
    text.chop(unit == 1 ? 2 : 1);
    bool number = false;
    const double value = text.trimmed().toDouble(&number);
    if (!number)
        return -1;
    name.truncate(open);
    while (name.endsWith(' '))
        name.chop(1);
    return value * unit;
}

void setSuite(QStringList &open, qsizetype depth, const QString &name)
{
    open = open.mid(0, depth);
    while (open.size() < depth)
        open << QString();
    open << name.left(500);
}

} // namespace

std::optional<TestSummary> readNodeSpec(const QStringList &lines, const QString &root)
{
    static const QRegularExpression mark(QStringLiteral("^( *)([✔✖﹣▶])\\s(.*)$"));
    TestSummary summary;
    summary.runner = QStringLiteral("node:test");
    bool isNode = false;
    QStringList open;
    QHash<QString, qsizetype> failed; // name → index of its case
    qsizetype at = 0;
    for (; at < lines.size() && !outOfTime(); ++at) {
        const QString &line = lines[at];
        if (line.startsWith(QLatin1String("ℹ tests "))
            || line.startsWith(QStringLiteral("ℹ tests ")))
            isNode = true;
        if (line.startsWith(QStringLiteral("ℹ duration_ms ")))
            summary.milliseconds = line.section(' ', -1).toDouble();
        if (line.trimmed() == QStringLiteral("✖ failing tests:"))
            break;
        const auto match = mark.match(line);
        if (!match.hasMatch())
            continue;
        const qsizetype depth = match.captured(1).size() / 2;
        const QString sign = match.captured(2);
        if (sign == QStringLiteral("▶")) {
            QString name = match.captured(3);
            takeDuration(name);
            setSuite(open, depth, name);
            continue;
        }
        TestCase test;
        test.name = match.captured(3).section(QLatin1String(" # "), 0, 0).left(500);
        const QString directive = match.captured(3).section(QLatin1String(" # "), 1).left(4);
        const bool later = directive == QLatin1String("TODO") || directive == QLatin1String("SKIP");
        test.milliseconds = takeDuration(test.name);
        // After its tests a suite is named again at its own depth.
        if (open.value(depth) == test.name && open.size() > depth) {
            open = open.mid(0, depth);
            continue;
        }
        test.suite = open.mid(0, depth);
        if (sign == QStringLiteral("✔") && !later) {
            ++summary.passed;
        } else if (sign == QStringLiteral("﹣") || later) {
            test.state = TestCase::State::Skipped;
            ++summary.skipped;
        } else {
            test.state = TestCase::State::Failed;
            ++summary.failed;
            failed.insert(test.name, summary.cases.size());
        }
        addCase(summary, std::move(test));
    }
    if (!isNode || summary.total() == 0)
        return std::nullopt;
    // The details: "test at file:line:column", the name again, then the error and its stack.
    qsizetype current = -1;
    bool placed = false;
    for (++at; at < lines.size() && !outOfTime(); ++at) {
        const QString &line = lines[at];
        if (line.startsWith(QLatin1String("test at "))) {
            const QString place = line.mid(8);
            current = -1;
            placed = false;
            if (at + 1 < lines.size()) {
                QString name = mark.match(lines[at + 1]).captured(3);
                takeDuration(name);
                current = failed.value(name, -1);
                ++at;
            }
            if (current >= 0 && current < summary.cases.size())
                setPlace(summary.cases[current], place, root);
            continue;
        }
        if (current < 0 || current >= summary.cases.size())
            continue;
        TestCase &test = summary.cases[current];
        const QString trimmed = line.trimmed();
        if (trimmed.startsWith(QLatin1String("at "))) {
            placed = placed || setPlace(test, trimmed, root);
        } else if (!placed && !trimmed.startsWith(QLatin1String("generatedMessage:"))) {
            addMessage(test, trimmed);
        }
    }
    return summary;
}

namespace {

const QRegularExpression &mochaCounts()
{
    static const QRegularExpression counts(
        QStringLiteral("^\\s+(\\d+) (passing|failing|pending)(?: \\(([0-9.]+)(ms|s|m)\\))?$"));
    return counts;
}

/// One run: its tree, its counts, and the details of what failed.
std::optional<TestSummary> readMochaRun(const QStringList &lines, const QString &root)
{
    const QRegularExpression &counts = mochaCounts();
    static const QRegularExpression passed(QStringLiteral("^( +)[✔✓√] (.*)$"));
    static const QRegularExpression numbered(QStringLiteral("^( +)(\\d+)\\) (.*)$"));
    static const QRegularExpression pending(QStringLiteral("^( +)- (.*)$"));
    TestSummary summary;
    summary.runner = QStringLiteral("Mocha");
    QStringList open;
    qsizetype end = -1;
    QHash<int, qsizetype> failures; // Mocha's number → index of its case
    for (qsizetype at = 0; at < lines.size() && !outOfTime(); ++at) {
        const QString &line = lines[at];
        if (const auto match = counts.match(line); match.hasMatch()) {
            end = at;
            break;
        }
        const qsizetype depth = std::max(0, indentOf(line) / 2 - 1);
        const auto ok = passed.match(line), bad = numbered.match(line), later = pending.match(line);
        TestCase test;
        if (ok.hasMatch()) {
            test.name = ok.captured(2).left(500);
        } else if (bad.hasMatch()) {
            test.name = bad.captured(3).left(500);
            test.state = TestCase::State::Failed;
            failures.insert(bad.captured(2).toInt(), summary.cases.size());
        } else if (later.hasMatch()) {
            test.name = later.captured(2).left(500);
            test.state = TestCase::State::Skipped;
        } else {
            if (indentOf(line) >= 2 && !line.trimmed().isEmpty())
                setSuite(open, depth, line.trimmed());
            continue;
        }
        test.milliseconds = takeDuration(test.name);
        test.suite = open.mid(0, depth);
        addCase(summary, std::move(test));
    }
    if (end < 0)
        return std::nullopt;
    TestCase *current = nullptr;
    bool inMessage = false, placed = false;
    for (qsizetype at = end; at < lines.size() && !outOfTime(); ++at) {
        const QString &line = lines[at];
        if (const auto match = counts.match(line); match.hasMatch()) {
            const int count = match.captured(1).toInt();
            if (match.captured(2) == QLatin1String("passing")) {
                summary.passed += count;
                const QString unit = match.captured(4);
                summary.milliseconds = match.captured(3).toDouble()
                    * (unit == QLatin1String("ms")      ? 1
                           : unit == QLatin1String("s") ? 1000
                                                        : 60000);
            } else if (match.captured(2) == QLatin1String("failing")) {
                summary.failed += count;
            } else {
                summary.skipped += count;
            }
            continue;
        }
        if (const auto match = numbered.match(line); match.hasMatch() && indentOf(line) == 2) {
            const qsizetype index = failures.value(match.captured(2).toInt(), -1);
            current = index >= 0 && index < summary.cases.size() ? &summary.cases[index] : nullptr;
            inMessage = placed = false;
            continue;
        }
        if (!current)
            continue;
        const QString trimmed = line.trimmed();
        if (trimmed.startsWith(QLatin1String("at ")))
            placed = placed || setPlace(*current, trimmed, root);
        else if (inMessage && !placed)
            addMessage(*current, trimmed);
        // The name's lines come first and end with a colon.
        if (trimmed.endsWith(':') && !inMessage)
            inMessage = true;
    }
    return summary;
}

} // namespace

std::optional<TestSummary> readMocha(const QStringList &lines, const QString &root)
{
    // A script may run it several times: each begins its counts with how many passed.
    QList<qsizetype> starts;
    for (qsizetype at = 0; at < lines.size(); ++at) {
        if (const auto match = mochaCounts().match(lines[at]);
            match.hasMatch() && match.captured(2) == QLatin1String("passing"))
            starts << at;
    }
    std::optional<TestSummary> all;
    qsizetype begin = 0;
    for (qsizetype i = 0; i < std::max<qsizetype>(1, starts.size()) && !outOfTime(); ++i) {
        // Between two runs: the details of the first end with a stack, or there are none.
        qsizetype end = lines.size();
        if (i + 1 < starts.size()) {
            end = starts[i] + 1;
            for (qsizetype at = starts[i]; at < starts[i + 1]; ++at) {
                if (mochaCounts().match(lines[at]).hasMatch()
                    || lines[at].trimmed().startsWith(QLatin1String("at ")))
                    end = at + 1;
            }
        }
        const auto run = readMochaRun(lines.mid(begin, end - begin), root);
        if (run)
            all = all ? together(*all, *run) : *run;
        begin = end;
    }
    return all;
}

} // namespace ovvoc
