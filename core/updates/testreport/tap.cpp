// The Test Anything Protocol, https://testanything.org/tap-version-14-specification.html, as node's
// test runner (nested, with YAML blocks) and tape write it.

#include "updates/testreport/parsers.h"

#include <QRegularExpression>

namespace ovvoc {

namespace {

struct YamlBlock
{
    QString type;
    QString location;
    QString error;
    QStringList stack;
    double milliseconds = -1;
    bool isSuite = false;
};

QString unquoted(QString text)
{
    text = text.trimmed();
    if (text.size() >= 2 && (text.startsWith('\'') || text.startsWith('"'))
        && text.endsWith(text[0]))
        text = text.mid(1, text.size() - 2).replace(QLatin1String("''"), QLatin1String("'"));
    return text;
}

/// Reads the block that starts at \a at ("---"); leaves \a at on its "..." line.
YamlBlock readBlock(const QStringList &lines, qsizetype &at)
{
    YamlBlock block;
    const int indent = indentOf(lines[at]);
    QString key;
    for (++at; at < lines.size() && lines[at].trimmed() != QLatin1String("..."); ++at) {
        const QString &line = lines[at];
        const bool nested = indentOf(line) > indent + 2 || line.trimmed().isEmpty();
        static const QRegularExpression pair(QStringLiteral("^\\s*([a-z_]+):\\s?(.*)$"));
        const auto match = pair.match(line);
        if (!nested || (match.hasMatch() && indentOf(line) <= indent + 2)) {
            key = match.captured(1);
            const QString value = match.captured(2);
            if (key == QLatin1String("duration_ms"))
                block.milliseconds = value.toDouble();
            else if (key == QLatin1String("location") || key == QLatin1String("at"))
                block.location = unquoted(value);
            else if (key == QLatin1String("type"))
                block.isSuite = unquoted(value) == QLatin1String("suite");
            else if (key == QLatin1String("error") && !value.startsWith('|'))
                block.error = unquoted(value);
            else if (key == QLatin1String("failureType"))
                block.isSuite = block.isSuite || unquoted(value) == QLatin1String("subtestsFailed");
        } else if (key == QLatin1String("error")) {
            block.error += line.trimmed() + '\n';
        } else if (key == QLatin1String("stack")) {
            block.stack << line.trimmed();
        }
    }
    return block;
}

} // namespace

namespace {

/// "ok 1 - name # SKIP why", read by hand: no text makes it take long.
struct ResultLine
{
    bool matched = false, ok = false, skipped = false;
    int indent = 0;
    QString name;
};

ResultLine readResult(const QString &line)
{
    ResultLine result;
    result.indent = indentOf(line);
    QString rest = line.mid(result.indent);
    if (rest.startsWith(QLatin1String("not ok"), Qt::CaseInsensitive)) {
        rest = rest.mid(6);
    } else if (rest.startsWith(QLatin1String("ok"), Qt::CaseInsensitive)) {
        result.ok = true;
        rest = rest.mid(2);
    } else {
        return result;
    }
    if (rest.isEmpty() || !rest[0].isSpace())
        return result;
    result.matched = true;
    rest = rest.trimmed();
    qsizetype digits = 0;
    while (digits < rest.size() && rest[digits].isDigit())
        ++digits;
    rest = rest.mid(digits).trimmed();
    if (rest.startsWith('-'))
        rest = rest.mid(1).trimmed();
    // The directive stands behind the last '#' that is not escaped.
    const qsizetype hash = rest.lastIndexOf('#');
    if (hash >= 0 && (hash == 0 || rest[hash - 1] != '\\')) {
        const QString word = rest.mid(hash + 1).trimmed().left(4).toUpper();
        if (word == QLatin1String("SKIP") || word == QLatin1String("TODO")) {
            result.skipped = true;
            rest = rest.left(hash).trimmed();
        } else if (rest.mid(hash + 1).trimmed().startsWith(QLatin1String("time="))) {
            rest = rest.left(hash).trimmed();
        }
    }
    result.name = rest.left(500);
    return result;
}

} // namespace

std::optional<TestSummary> readTap(const QStringList &lines, const QString &root)
{
    static const QRegularExpression subtest(QStringLiteral("^( *)# Subtest: (.*)$"));
    bool isTap = false;
    TestSummary summary;
    summary.runner = QStringLiteral("TAP");
    QStringList open; // names of the subtests we are inside of, by depth
    qsizetype below = 0; // how deep the last result line was
    bool isNode = false;
    for (const QString &line : lines)
        isNode = isNode || line.startsWith(QLatin1String("# tests "));
    QString heading; // tape's "# name"
    for (qsizetype at = 0; at < lines.size() && !outOfTime(); ++at) {
        const QString &line = lines[at];
        if (line.startsWith(QLatin1String("TAP version"))) {
            isTap = true;
            continue;
        }
        if (const auto match = subtest.match(line); match.hasMatch()) {
            if (isNode)
                summary.runner = QStringLiteral("node:test");
            const qsizetype depth = match.captured(1).size() / 4;
            open = open.mid(0, depth);
            open << match.captured(2).left(500);
            continue;
        }
        if (line.startsWith(QLatin1String("# duration_ms ")))
            summary.milliseconds = line.mid(14).toDouble();
        if (line.startsWith(QLatin1String("# ")) && isTap)
            heading = line.mid(2).left(500);
        const ResultLine match = readResult(line);
        if (!match.matched)
            continue;
        const qsizetype depth = match.indent / 4;
        YamlBlock block;
        if (at + 1 < lines.size() && lines[at + 1].trimmed() == QLatin1String("---")) {
            ++at;
            block = readBlock(lines, at);
        }
        // A suite's own line only sums up what stands above it.
        const bool sumsUp = !isNode && below > depth;
        below = depth;
        if (block.isSuite || sumsUp)
            continue;
        TestCase test;
        test.name = match.name;
        test.name.replace(QLatin1String("\\#"), QLatin1String("#"));
        if (!open.isEmpty())
            test.suite = open.mid(0, depth);
        else if (!heading.isEmpty())
            test.suite = QStringList{heading};
        test.milliseconds = block.milliseconds;
        if (match.skipped) {
            test.state = TestCase::State::Skipped;
            ++summary.skipped;
        } else if (match.ok) {
            ++summary.passed;
        } else {
            test.state = TestCase::State::Failed;
            ++summary.failed;
            addMessage(test, block.error);
            // The failing line itself, from the stack, says more than where the test begins.
            bool placed = false;
            for (const QString &frame : std::as_const(block.stack))
                placed = placed || setPlace(test, frame, root);
            if (!placed)
                setPlace(test, block.location, root);
        }
        addCase(summary, std::move(test));
    }
    if (!isTap || summary.total() == 0)
        return std::nullopt;
    return summary;
}

} // namespace ovvoc
