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

std::optional<TestSummary> readTap(const QStringList &lines, const QString &root)
{
    static const QRegularExpression result(
        QStringLiteral(
            "^( *)(not ok|ok)\\s+(\\d+)?(?:\\s*-)?\\s*(.*?)(?:\\s+#\\s*(SKIP|TODO)\\b.*)?$"),
        QRegularExpression::CaseInsensitiveOption);
    static const QRegularExpression subtest(QStringLiteral("^( *)# Subtest: (.*)$"));
    bool isTap = false;
    TestSummary summary;
    summary.runner = QStringLiteral("TAP");
    QStringList open; // names of the subtests we are inside of, by depth
    QString heading; // tape's "# name"
    qsizetype before = 0; // number of cases when the last suite at each depth began
    Q_UNUSED(before)
    for (qsizetype at = 0; at < lines.size(); ++at) {
        const QString &line = lines[at];
        if (line.startsWith(QLatin1String("TAP version"))) {
            isTap = true;
            continue;
        }
        if (const auto match = subtest.match(line); match.hasMatch()) {
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
        const auto match = result.match(line);
        if (!match.hasMatch())
            continue;
        const qsizetype depth = match.captured(1).size() / 4;
        YamlBlock block;
        if (at + 1 < lines.size() && lines[at + 1].trimmed() == QLatin1String("---")) {
            ++at;
            block = readBlock(lines, at);
        }
        // A suite's own line only sums up what stands above it.
        if (block.isSuite)
            continue;
        TestCase test;
        test.name = match.captured(4).left(500);
        test.name.replace(QLatin1String("\\#"), QLatin1String("#"));
        if (summary.runner == QLatin1String("node:test"))
            test.suite = open.mid(0, depth);
        else if (!heading.isEmpty())
            test.suite = QStringList{heading};
        test.milliseconds = block.milliseconds;
        const bool skipped = !match.captured(5).isEmpty();
        if (skipped) {
            test.state = TestCase::State::Skipped;
            ++summary.skipped;
        } else if (match.captured(2).compare(QLatin1String("ok"), Qt::CaseInsensitive) == 0) {
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
