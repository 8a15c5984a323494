#pragma once

#include <QStringList>

namespace ovvoc {

/// The words that may follow a command: `add` after `client`. Empty: none, or a name.
QStringList verbsOf(const QString &command);
/// Every option that the help names, with its dashes.
QStringList optionNames();

/// A completion script for \a shell: "bash", "zsh" or "fish"; empty: there is none for it.
QString completionFor(const QString &shell);

/// The manual page ovvoc(1), in roff (man(7)), made from the help.
QString manPage();

} // namespace ovvoc
