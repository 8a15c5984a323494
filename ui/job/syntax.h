#pragma once

#include <QList>
#include <QString>

namespace ovvoc {

/// A stretch of a line of code that is more than plain text.
struct SyntaxSpan
{
    enum class Kind { Keyword, String, Number, Comment, Key };
    int start = 0;
    int length = 0;
    Kind kind = Kind::Keyword;
    bool operator==(const SyntaxSpan &) const = default;
};

/// What stands in one line, by the file's ending (.json, .js, .ts and their kin). Knows nothing of
/// the lines before, so a comment over several lines is not seen as one. Lines over 2,000
/// characters are left plain.
QList<SyntaxSpan> syntaxOf(const QString &line, const QString &path);

} // namespace ovvoc
