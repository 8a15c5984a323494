// Runners that are known by the sums at their end: Ava, Jasmine, Karma, Playwright, uvu, lab,
// tap-spec, and the tap of Node. What failed is named as far as they print it.

#include "updates/testreport/parsers.h"

#include <QHash>
#include <QRegularExpression>
#include <algorithm>

namespace ovvoc {

namespace {

void addFailure(TestSummary &summary, const QString &name)
{
    TestCase test;
    test.name = name.trimmed().left(500);
    test.state = TestCase::State::Failed;
    addCase(summary, std::move(test));
}

} // namespace

std::optional<TestSummary> readAva(const QStringList &lines, const QString &root)
{
    static const QRegularExpression sum(
        QStringLiteral("^ {0,4}(\\d{1,9}) (?:tests? (passed|failed|skipped|todo|remained pending)|"
                       "(known failures?)|(?:uncaught exceptions?|unhandled rejections?))$"));
    static const QRegularExpression bad(QStringLiteral("^ *[✘✖] \\[fail\\]: (.+)$"));
    static const QRegularExpression good(QStringLiteral("^ *[✔✓] "));
    TestSummary summary;
    summary.runner = QStringLiteral("Ava");
    bool marked = false;
    int counted = 0;
    TestCase *current = nullptr;
    QHash<QString, qsizetype> failed; // name → index of its case
    for (const QString &line : lines) {
        if (outOfTime())
            break;
        if (const auto match = bad.match(line); match.hasMatch()) {
            marked = true;
            failed.insert(match.captured(1).trimmed(), summary.cases.size());
            addFailure(summary, match.captured(1));
            current = nullptr;
        } else if (good.match(line).hasMatch()) {
            marked = true;
        } else if (const auto about = sum.match(line); about.hasMatch()) {
            ++counted;
            const int count = about.captured(1).toInt();
            const QString word = about.captured(2);
            if (word == QLatin1String("passed"))
                summary.passed += count;
            else if (word == QLatin1String("skipped") || word == QLatin1String("todo")
                     || !about.captured(3).isEmpty())
                summary.skipped += count;
            else
                summary.failed += count;
        } else if (line.startsWith(QLatin1String("  ")) && !line.startsWith(QLatin1String("   "))) {
            // After the sums each failure is told again: its name, then where and why.
            const qsizetype index = counted > 0 ? failed.value(line.trimmed(), -1) : -1;
            current = index >= 0 && index < summary.cases.size() ? &summary.cases[index] : nullptr;
        }
        if (current && current->line == 0 && line.trimmed() != current->name
            && !setPlace(*current, line.trimmed(), root))
            addMessage(*current, line.trimmed());
    }
    if (counted == 0 || !marked)
        return std::nullopt;
    return summary;
}

std::optional<TestSummary> readJasmine(const QStringList &lines, const QString &root)
{
    static const QRegularExpression sum(QStringLiteral(
        "^(\\d{1,9}) specs?, (\\d{1,9}) failures?(?:, (\\d{1,9}) pending specs?)?$"));
    static const QRegularExpression numbered(QStringLiteral("^\\d{1,6}\\) (.+)$"));
    TestSummary summary;
    summary.runner = QStringLiteral("Jasmine");
    bool found = false, listed = false;
    TestCase *current = nullptr;
    for (const QString &line : lines) {
        if (outOfTime())
            break;
        if (const auto match = sum.match(line); match.hasMatch()) {
            found = true;
            listed = false;
            current = nullptr;
            const int failed = match.captured(2).toInt(), pending = match.captured(3).toInt();
            summary.failed += failed;
            summary.skipped += pending;
            summary.passed += std::max(0, match.captured(1).toInt() - failed - pending);
        } else if (line == QLatin1String("Failures:")) {
            listed = true;
        } else if (line == QLatin1String("Pending:")) {
            listed = false;
        } else if (const auto bad = numbered.match(line); listed && bad.hasMatch()) {
            addFailure(summary, bad.captured(1));
            current = summary.cases.isEmpty() ? nullptr : &summary.cases.last();
        } else if (current && current->line == 0) {
            const QString trimmed = line.trimmed();
            if (!setPlace(*current, trimmed, root) && trimmed != QLatin1String("Message:")
                && trimmed != QLatin1String("Stack:"))
                addMessage(*current, trimmed);
        }
    }
    if (!found)
        return std::nullopt;
    return summary;
}

std::optional<TestSummary> readKarma(const QStringList &lines, const QString &)
{
    // "Chrome 120 (Linux): Executed 5 of 6 (1 FAILED) (skipped 1) (0.1 secs / 0.05 secs)", over and
    // over: the last line of each browser counts.
    static const QRegularExpression progress(
        QStringLiteral("^(?:([^:]{1,200}): )?Executed (\\d{1,9}) of (\\d{1,9})(.*)$"));
    static const QRegularExpression failed(QStringLiteral("\\((\\d{1,9}) FAILED\\)"));
    static const QRegularExpression skipped(QStringLiteral("\\(skipped (\\d{1,9})\\)"));
    static const QRegularExpression bad(
        QStringLiteral("^[^:]{1,200} \\([^)]{1,60}\\) (.+) FAILED$"));
    struct Browser
    {
        int executed = 0, of = 0, failed = 0, skipped = 0;
    };
    QHash<QString, Browser> browsers;
    TestSummary summary;
    summary.runner = QStringLiteral("Karma");
    for (const QString &line : lines) {
        if (outOfTime())
            break;
        if (const auto match = progress.match(line); match.hasMatch()) {
            const QString rest = match.captured(4);
            browsers[match.captured(1)] = {match.captured(2).toInt(), match.captured(3).toInt(),
                                           failed.match(rest).captured(1).toInt(),
                                           skipped.match(rest).captured(1).toInt()};
        } else if (const auto name = bad.match(line);
                   name.hasMatch() && summary.cases.size() < 50) {
            addFailure(summary, name.captured(1));
        }
    }
    if (browsers.isEmpty())
        return std::nullopt;
    for (const Browser &one : std::as_const(browsers)) {
        summary.failed += one.failed;
        summary.skipped += one.skipped;
        summary.passed += std::max(0, one.executed - one.failed);
        summary.complete = summary.complete && one.executed + one.skipped >= one.of;
    }
    return summary;
}

std::optional<TestSummary> readPlaywright(const QStringList &lines, const QString &root)
{
    static const QRegularExpression begin(
        QStringLiteral("^Running \\d{1,9} tests? using \\d{1,5} workers?"));
    static const QRegularExpression sum(
        QStringLiteral("^  (\\d{1,9}) (passed|failed|skipped|flaky|did not run|interrupted)\\b"));
    static const QRegularExpression bad(
        QStringLiteral("^    (?:\\[[^\\]]{1,100}\\] › )?(\\S{1,300}:\\d{1,7}:\\d{1,7}) › (.+)$"));
    TestSummary summary;
    summary.runner = QStringLiteral("Playwright");
    bool began = false, found = false;
    QString word;
    for (const QString &line : lines) {
        if (outOfTime())
            break;
        if (begin.match(line).hasMatch()) {
            began = true;
        } else if (const auto match = sum.match(line); began && match.hasMatch()) {
            found = true;
            word = match.captured(2);
            const int count = match.captured(1).toInt();
            if (word == QLatin1String("passed") || word == QLatin1String("flaky"))
                summary.passed += count;
            else if (word == QLatin1String("failed") || word == QLatin1String("interrupted"))
                summary.failed += count;
            else
                summary.skipped += count;
        } else if (const auto name = bad.match(line);
                   word == QLatin1String("failed") && name.hasMatch()) {
            QString title = name.captured(2);
            while (!title.isEmpty() && (title.back().isSpace() || title.back() == QChar(0x2500)))
                title.chop(1);
            addFailure(summary, title);
            if (!summary.cases.isEmpty())
                setPlace(summary.cases.last(), name.captured(1), root);
        }
    }
    if (!found)
        return std::nullopt;
    return summary;
}

std::optional<TestSummary> readUvu(const QStringList &lines, const QString &)
{
    static const QRegularExpression total(QStringLiteral("^  Total: +(\\d{1,9})$"));
    static const QRegularExpression part(QStringLiteral("^  (Passed|Skipped): +(\\d{1,9})$"));
    static const QRegularExpression bad(QStringLiteral("^   FAIL  (.+)$"));
    TestSummary summary;
    summary.runner = QStringLiteral("uvu");
    int all = -1;
    for (const QString &line : lines) {
        if (outOfTime())
            break;
        if (const auto match = total.match(line); match.hasMatch())
            all = std::max(0, all) + match.captured(1).toInt();
        else if (const auto one = part.match(line); all >= 0 && one.hasMatch())
            (one.captured(1) == QLatin1String("Passed") ? summary.passed : summary.skipped) +=
                one.captured(2).toInt();
        else if (const auto name = bad.match(line); name.hasMatch())
            addFailure(summary, name.captured(1));
    }
    if (all < 0)
        return std::nullopt;
    summary.failed = std::max(0, all - summary.passed - summary.skipped);
    return summary;
}

std::optional<TestSummary> readLab(const QStringList &lines, const QString &)
{
    static const QRegularExpression passed(
        QStringLiteral("^(\\d{1,9}) tests? complete(?: \\((\\d{1,9}) skipped\\))?$"));
    static const QRegularExpression failed(
        QStringLiteral("^(\\d{1,9}) of (\\d{1,9}) tests? failed(?: \\((\\d{1,9}) skipped\\))?$"));
    static const QRegularExpression name(QStringLiteral("^  \\d{1,6}\\) (.+):$"));
    TestSummary summary;
    summary.runner = QStringLiteral("lab");
    bool summed = false, timed = false, listing = false;
    for (const QString &line : lines) {
        if (outOfTime())
            break;
        if (const auto match = passed.match(line); match.hasMatch()) {
            summed = true;
            summary.passed += match.captured(1).toInt();
            summary.skipped += match.captured(2).toInt();
        } else if (const auto some = failed.match(line); some.hasMatch()) {
            summed = true;
            summary.failed += some.captured(1).toInt();
            summary.passed += std::max(0, some.captured(2).toInt() - some.captured(1).toInt());
            summary.skipped += some.captured(3).toInt();
        } else if (line == QLatin1String("Failed tests:")) {
            listing = true;
        } else if (const auto one = name.match(line); listing && one.hasMatch()) {
            addFailure(summary, one.captured(1));
        }
        timed = timed || line.startsWith(QLatin1String("Test duration: "));
    }
    if (!summed || !timed)
        return std::nullopt;
    return summary;
}

std::optional<TestSummary> readTapSpec(const QStringList &lines, const QString &)
{
    static const QRegularExpression part(
        QStringLiteral("^  (total|passing|failing): +(\\d{1,9})$"));
    static const QRegularExpression bad(QStringLiteral("^    [✖×] (.+)$"));
    TestSummary summary;
    summary.runner = QStringLiteral("tap-spec");
    bool total = false;
    for (const QString &line : lines) {
        if (outOfTime())
            break;
        if (const auto match = part.match(line); match.hasMatch()) {
            total = total || match.captured(1) == QLatin1String("total");
            if (match.captured(1) == QLatin1String("passing"))
                summary.passed += match.captured(2).toInt();
            else if (match.captured(1) == QLatin1String("failing"))
                summary.failed += match.captured(2).toInt();
        } else if (const auto name = bad.match(line); name.hasMatch()) {
            addFailure(summary, name.captured(1));
        }
    }
    if (!total)
        return std::nullopt;
    return summary;
}

std::optional<TestSummary> readTapBase(const QStringList &lines, const QString &)
{
    // "Asserts:  2 pass  0 fail  2 of 2 complete", or with tap 16 "Asserts:   2 passed, of 2"
    static const QRegularExpression word(
        QStringLiteral("(\\d{1,9}) (pass|passed|fail|failed|skip|skipped|todo)\\b"));
    TestSummary summary;
    summary.runner = QStringLiteral("tap");
    bool found = false;
    for (const QString &line : lines) {
        if (outOfTime() || !line.startsWith(QLatin1String("Asserts:  ")))
            continue;
        found = true;
        auto matches = word.globalMatch(line);
        while (matches.hasNext()) {
            const auto match = matches.next();
            const int count = match.captured(1).toInt();
            (match.captured(2).startsWith(QLatin1String("pass"))       ? summary.passed
                 : match.captured(2).startsWith(QLatin1String("fail")) ? summary.failed
                                                                       : summary.skipped) += count;
        }
    }
    if (!found || summary.total() == 0)
        return std::nullopt;
    return summary;
}

} // namespace ovvoc
