#pragma once

#include <QByteArray>
#include <QJsonObject>
#include <QString>

namespace ovvoc {

// One sanitiser for each door through which text of a repository, a package, a registry or a forge
// leaves the program. All linear.

/// Whether a character could act on a terminal or deceive a reader: control characters (C0 but
/// newline and tab, DEL, C1), those that turn the direction of writing or cannot be seen, line and
/// paragraph separators, tags, halves of characters that stand alone are not judged here.
bool isTreacherous(char32_t character);

/// \a text as one line of at most 200 characters without treacherous characters: titles, names in
/// lists, the subject of a commit.
QString oneLine(const QString &text);

/// \a text with each treacherous character as U+FFFD; newlines and tabs stay: terminals and the
/// window.
QString visibleText(const QString &text);

/// \a text for a line of Markdown outside of code: one line, nothing in it is markup, mentions
/// nobody, refers to nothing, links to nothing, ends no table's cell.
QString markdownText(const QString &text);

/// \a text as code in a line of Markdown, also within a table's cell.
QString markdownCode(const QString &text);

/// One line of JSON in which treacherous characters are escaped (\\uXXXX): a person may look at it
/// in a terminal.
QByteArray jsonLine(const QJsonObject &object);

} // namespace ovvoc
