// Jest's default and verbose reporters, and Vitest's default one.

#include "updates/testreport/parsers.h"

#include <QRegularExpression>

namespace ovvoc {

namespace {

/// "1 failed, 2 passed, 4 total" or "1 failed | 2 passed (3)", added to what is there: each project
/// of a repository has a run of its own.
void readCounts(TestSummary &summary, const QString &text)
{
    static const QRegularExpression form(
        QStringLiteral("(\\d{1,9}) (failed|passed|skipped|todo|pending)"));
    auto matches = form.globalMatch(text);
    while (matches.hasNext()) {
        const auto match = matches.next();
        const int count = match.captured(1).toInt();
        const QString word = match.captured(2);
        if (word == QLatin1String("failed"))
            summary.failed += count;
        else if (word == QLatin1String("passed"))
            summary.passed += count;
        else
            summary.skipped += count;
    }
}

double milliseconds(const QString &text)
{
    static const QRegularExpression form(QStringLiteral("([0-9.]+)\\s?(ms|s|m)\\b"));
    const auto match = form.match(text);
    if (!match.hasMatch())
        return -1;
    const QString unit = match.captured(2);
    return match.captured(1).toDouble()
        * (unit == QLatin1String("ms")      ? 1
               : unit == QLatin1String("s") ? 1000
                                            : 60000);
}

TestCase &failureNamed(TestSummary &summary, const QStringList &suite, const QString &name,
                       const QString &file)
{
    for (TestCase &test : summary.cases) {
        if (test.name == name && test.suite == suite && (test.file.isEmpty() || test.file == file)
            && test.state == TestCase::State::Failed)
            return test;
    }
    TestCase test;
    test.suite = suite;
    test.name = name;
    test.file = file;
    test.state = TestCase::State::Failed;
    summary.cases << test;
    return summary.cases.last();
}

} // namespace

std::optional<TestSummary> readJest(const QStringList &lines, const QString &root)
{
    static const QRegularExpression file(QStringLiteral("^ ?(PASS|FAIL) +(\\S+)"));
    static const QRegularExpression mark(
        QStringLiteral("^( +)([✓✕○✎]) (?:skipped |todo )?(.*?)(?: \\(([0-9.]+ ?m?s)\\))?$"));
    static const QRegularExpression detail(QStringLiteral("^  ● (.+)$"));
    TestSummary summary;
    summary.runner = QStringLiteral("Jest");
    bool isJest = false, placed = false, repeated = false;
    QString currentFile;
    QStringList open;
    qsizetype current = -1;
    for (const QString &line : lines) {
        if (outOfTime())
            break;
        if (line.startsWith(QLatin1String("Tests:  "))) {
            isJest = true;
            repeated = false;
            readCounts(summary, line);
            current = -1;
        } else if (repeated) {
            continue;
        } else if (isJest && line.startsWith(QLatin1String("Time:  "))) {
            summary.milliseconds = milliseconds(line);
        } else if (const auto head = file.match(line); head.hasMatch()) {
            currentFile = head.captured(2);
            open.clear();
            current = -1;
        } else if (line.startsWith(QLatin1String("Summary of all failing tests"))) {
            repeated = true; // the same failures a second time, up to the counts
        } else if (const auto about = detail.match(line); about.hasMatch()) {
            QStringList path = about.captured(1).left(1000).split(QStringLiteral(" › "));
            const QString name = path.takeLast();
            if (path.isEmpty() && name == QLatin1String("Console")) {
                current = -1; // what a passing file printed
                continue;
            }
            TestCase &test = failureNamed(summary, path, name, currentFile);
            current = &test - summary.cases.data();
            placed = false;
        } else if (current >= 0 && current < summary.cases.size()) {
            TestCase &test = summary.cases[current];
            const QString trimmed = line.trimmed();
            if (trimmed.startsWith(QLatin1String("at ")))
                placed = placed || setPlace(test, trimmed, root);
            else if (!placed)
                addMessage(test, line.mid(std::min<qsizetype>(4, line.size())));
        } else if (const auto match = mark.match(line);
                   match.hasMatch() && !currentFile.isEmpty()) {
            TestCase test;
            test.suite = open.mid(0, match.captured(1).size() / 2 - 1);
            test.name = match.captured(3).left(500);
            test.milliseconds = milliseconds(match.captured(4));
            test.file = currentFile;
            const QString sign = match.captured(2);
            test.state = sign == QStringLiteral("✓") ? TestCase::State::Passed
                : sign == QStringLiteral("✕")        ? TestCase::State::Failed
                                                     : TestCase::State::Skipped;
            addCase(summary, std::move(test));
        } else if (!currentFile.isEmpty() && indentOf(line) >= 2 && !line.trimmed().isEmpty()) {
            const qsizetype depth = indentOf(line) / 2 - 1;
            open = open.mid(0, depth);
            while (open.size() < depth)
                open << QString();
            open << line.trimmed().left(500);
        }
    }
    if (!isJest)
        return std::nullopt;
    return summary;
}

std::optional<TestSummary> readVitest(const QStringList &lines, const QString &root)
{
    static const QRegularExpression mark(QStringLiteral("^( +)([✓×❯↓]) (.*?)(?: (\\d+ ?m?s))?$"));
    static const QRegularExpression head(QStringLiteral("^ FAIL  (.+)$"));
    static const QRegularExpression file(QStringLiteral("^(\\S+) \\(\\d+ tests?"));
    TestSummary summary;
    summary.runner = QStringLiteral("Vitest");
    bool isVitest = false, placed = false, inDetails = false;
    QString currentFile;
    qsizetype current = -1;
    for (const QString &line : lines) {
        if (outOfTime())
            break;
        if (line.startsWith(QLatin1String("      Tests  "))) {
            isVitest = true;
            readCounts(summary, line);
            current = -1;
            continue;
        }
        if (isVitest && line.startsWith(QLatin1String("   Duration  "))) {
            summary.milliseconds = milliseconds(line);
            continue;
        }
        if (const auto match = head.match(line); match.hasMatch()) {
            inDetails = true;
            QStringList path = match.captured(1).left(1000).split(QStringLiteral(" > "));
            const QString inFile = path.takeFirst();
            const QString name = path.isEmpty() ? inFile : path.takeLast();
            TestCase &test = failureNamed(summary, path, name, inFile);
            current = &test - summary.cases.data();
            test.message.clear();
            placed = false;
            continue;
        }
        if (inDetails) {
            if (current < 0 || current >= summary.cases.size())
                continue;
            TestCase &test = summary.cases[current];
            const QString trimmed = line.trimmed();
            if (trimmed.startsWith(QStringLiteral("❯ ")))
                placed = placed || setPlace(test, trimmed.mid(2), root);
            else if (trimmed.startsWith(QStringLiteral("⎯⎯")))
                current = -1;
            else if (!placed)
                addMessage(test, trimmed);
            continue;
        }
        const auto match = mark.match(line);
        if (!match.hasMatch())
            continue;
        const QString text = match.captured(3);
        if (const auto named = file.match(text); named.hasMatch()) {
            currentFile = named.captured(1);
            continue;
        }
        if (currentFile.isEmpty())
            continue;
        TestCase test;
        QStringList path = text.left(1000).split(QStringLiteral(" > "));
        test.name = path.takeLast();
        test.suite = path;
        test.file = currentFile;
        test.milliseconds = milliseconds(match.captured(4));
        const QString sign = match.captured(2);
        test.state = sign == QStringLiteral("✓") ? TestCase::State::Passed
            : sign == QStringLiteral("×")        ? TestCase::State::Failed
                                                 : TestCase::State::Skipped;
        addCase(summary, std::move(test));
    }
    if (!isVitest)
        return std::nullopt;
    return summary;
}

} // namespace ovvoc
