#pragma once

#include <QByteArray>
#include <QList>
#include <QString>
#include <QStringList>
#include <optional>

namespace ovvoc {

/// One test as its runner reported it.
struct TestCase
{
    enum class State { Passed, Failed, Skipped };
    QStringList suite; ///< outermost first
    QString name;
    State state = State::Passed;
    double milliseconds = -1; ///< -1: not reported
    QString message; ///< of a failure, bounded to 4,000 characters
    QString file; ///< as the runner named it, relative to the repository where possible
    int line = 0; ///< 0: not reported
    bool operator==(const TestCase &) const = default;
    QString fullName() const;
    /// What tells it from others of the same name in other files, as far as the runner says.
    QString identity() const;
};

/// What a test run said.
struct TestSummary
{
    QString runner; ///< "node:test", "Jest"; several that ran: "Mocha, Ava"
    int passed = 0;
    int failed = 0;
    int skipped = 0;
    double milliseconds = -1;
    QList<TestCase> cases; ///< what the runner named; at most maximumCases
    static constexpr int maximumCases = 20'000;
    bool operator==(const TestSummary &) const = default;
    /// What in the output contradicts itself; empty: nothing does.
    QString contradiction;
    /// Whether the runner came to its end, as far as it says so: its sums or its plan were printed.
    bool complete = true;
    int total() const { return passed + failed + skipped; }
    QList<TestCase> failures() const;
};

/// The counts and cases of two runs together.
TestSummary together(TestSummary first, const TestSummary &second);

/// Recognises the runners and reads their output (hostile, with or without ANSI colours): one after
/// another, or side by side with a name before each line. Nothing when no known runner spoke: then
/// only the exit code counts.
/// \a root is taken off the front of file names.
std::optional<TestSummary> readTestOutput(const QByteArray &output, const QString &root);

/// \a text without ANSI escape sequences and other control characters than tab and newline.
QString plainText(const QByteArray &text);

} // namespace ovvoc
