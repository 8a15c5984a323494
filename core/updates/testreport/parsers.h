#pragma once

#include "updates/testreport/testreport.h"

namespace ovvoc {

// One reader per output format. Each takes the plain lines of the whole run and gives nothing when
// the format is not its own. None of them trusts a number it can count itself.
std::optional<TestSummary> readTap(const QStringList &lines, const QString &root);
std::optional<TestSummary> readNodeSpec(const QStringList &lines, const QString &root);
std::optional<TestSummary> readJest(const QStringList &lines, const QString &root);
std::optional<TestSummary> readVitest(const QStringList &lines, const QString &root);
std::optional<TestSummary> readMocha(const QStringList &lines, const QString &root);
std::optional<TestSummary> readAva(const QStringList &lines, const QString &root);
std::optional<TestSummary> readJasmine(const QStringList &lines, const QString &root);
std::optional<TestSummary> readKarma(const QStringList &lines, const QString &root);
std::optional<TestSummary> readPlaywright(const QStringList &lines, const QString &root);
std::optional<TestSummary> readUvu(const QStringList &lines, const QString &root);
std::optional<TestSummary> readLab(const QStringList &lines, const QString &root);
std::optional<TestSummary> readTapSpec(const QStringList &lines, const QString &root);
std::optional<TestSummary> readJUnit(const QStringList &lines, const QString &root);
std::optional<TestSummary> readTapBase(const QStringList &lines, const QString &root);

/// Appends within TestSummary::maximumCases.
void addCase(TestSummary &summary, TestCase test);
/// Sets file and line from "path:line[:column]", also "file:///path:…"; ignores node's own files
/// and node_modules. True when it was a place in the repository.
bool setPlace(TestCase &test, const QString &text, const QString &root);
/// Appends a line to a failure's message, bounded.
void addMessage(TestCase &test, const QString &line);
int indentOf(const QString &line);

/// Whether the time for reading this output is over: asked once per line by every reader, so that
/// no output, however made, holds it up. What was read until then counts, and that is said.
bool outOfTime();

} // namespace ovvoc
