#include "cli/completion.h"

#include "cli/help.h"

#include <QHash>
#include <QRegularExpression>

namespace ovvoc {

QStringList verbsOf(const QString &command)
{
    static const QHash<QString, QStringList> all{
        {"client",
         {"list", "add", "show", "rename", "colour", "archive", "restore", "manifest", "app", "key",
          "forget-key", "rotate-key", "installations", "install", "repositories", "test",
          "proposals"}},
        {"repo", {"list", "add", "archive", "restore", "remove"}},
        {"settings", {"show", "set", "reset"}},
        {"registry", {"list", "add", "credential", "remove"}},
        {"skip", {"show"}},
        {"rules", {"list", "show", "test", "try"}},
        {"proposals", {"list", "ask"}},
        {"updates", {"list", "packages"}},
        {"runs", {"list", "show"}},
        {"jobs", {"list", "show"}},
        {"audit", {"list", "verify", "export", "accept"}},
        {"completion", {"bash", "zsh", "fish"}},
        {"help", commandNames()},
    };
    return all.value(command);
}

QStringList optionNames()
{
    static const QRegularExpression option(QStringLiteral("--[a-z][a-z-]+"));
    QStringList names{QStringLiteral("--help"), QStringLiteral("--version")};
    for (auto it = option.globalMatch(usageOf()); it.hasNext();)
        names << it.next().captured();
    names.removeDuplicates();
    names.sort();
    return names;
}

namespace {

QString bash()
{
    QString cases;
    const QStringList commands = commandNames();
    for (const QString &command : commands) {
        if (const QStringList verbs = verbsOf(command); !verbs.isEmpty())
            cases += QStringLiteral("        %1) words=\"%2\" ;;\n").arg(command, verbs.join(' '));
    }
    return QStringLiteral("# bash completion for ovvoc\n"
                          "_ovvoc() {\n"
                          "    local cur=${COMP_WORDS[COMP_CWORD]} words=\"\"\n"
                          "    if [[ $cur == -* ]]; then\n"
                          "        words=\"%1\"\n"
                          "    elif [[ $COMP_CWORD -eq 1 ]]; then\n"
                          "        words=\"%2\"\n"
                          "    elif [[ $COMP_CWORD -eq 2 ]]; then\n"
                          "        case ${COMP_WORDS[1]} in\n"
                          "%3"
                          "        esac\n"
                          "    fi\n"
                          "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
                          "}\n"
                          "complete -o default -F _ovvoc ovvoc\n")
        .arg(optionNames().join(' '), commands.join(' '), cases);
}

QString zsh()
{
    QString cases;
    const QStringList commands = commandNames();
    for (const QString &command : commands) {
        if (const QStringList verbs = verbsOf(command); !verbs.isEmpty())
            cases += QStringLiteral("    %1) compadd -- %2 ;;\n").arg(command, verbs.join(' '));
    }
    return QStringLiteral("#compdef ovvoc\n"
                          "if [[ $PREFIX == -* ]]; then\n"
                          "  compadd -- %1\n"
                          "elif (( CURRENT == 2 )); then\n"
                          "  compadd -- %2\n"
                          "elif (( CURRENT == 3 )); then\n"
                          "  case $words[2] in\n"
                          "%3"
                          "    *) _files ;;\n"
                          "  esac\n"
                          "else\n"
                          "  _files\n"
                          "fi\n")
        .arg(optionNames().join(' '), commands.join(' '), cases);
}

QString fish()
{
    const QStringList commands = commandNames();
    QString text = QStringLiteral("# fish completion for ovvoc\n"
                                  "complete -c ovvoc -n __fish_use_subcommand -f -a \"%1\"\n")
                       .arg(commands.join(' '));
    for (const QString &command : commands) {
        if (const QStringList verbs = verbsOf(command); !verbs.isEmpty())
            text += QStringLiteral(
                        "complete -c ovvoc -n \"__fish_seen_subcommand_from %1\" -f -a \"%2\"\n")
                        .arg(command, verbs.join(' '));
    }
    for (const QString &option : optionNames())
        text += QStringLiteral("complete -c ovvoc -l %1\n").arg(option.mid(2));
    return text;
}

/// A line of roff: what it would take for a command or an escape is kept as it is.
QString roff(QString line)
{
    line.replace('\\', QLatin1String("\\e")).replace('-', QLatin1String("\\-"));
    return line.startsWith('.') || line.startsWith('\'') ? QStringLiteral("\\&") + line : line;
}

} // namespace

QString completionFor(const QString &shell)
{
    return shell == QLatin1String("bash") ? bash()
        : shell == QLatin1String("zsh")   ? zsh()
        : shell == QLatin1String("fish")  ? fish()
                                          : QString();
}

QString manPage()
{
    QString text = QStringLiteral(
        ".TH OVVOC 1 \"\" \"ovvoc " OVVOC_VERSION "\" \"User commands\"\n"
        ".SH NAME\n"
        "ovvoc \\- dependency updates for many clients' repositories, in sealed cells\n"
        ".SH SYNOPSIS\n"
        ".B ovvoc\n"
        "COMMAND [OPTIONS]\n"
        ".SH DESCRIPTION\n"
        "Moves a repository's dependencies, builds and tests the result in a container without "
        "any\n"
        "network that is thrown away afterwards, and proposes the change only if the repository's\n"
        "own build and tests pass. Otherwise a report says what broke.\n"
        ".SH COMMANDS AND OPTIONS\n"
        ".nf\n");
    for (const QString &line : usageOf().split('\n').mid(1))
        text += roff(line) + '\n';
    return text
        + QStringLiteral(".fi\n"
                         ".SH ENVIRONMENT\n"
                         ".TP\n.B DOCKER_HOST\nThe engine's socket, as for docker(1).\n"
                         ".TP\n.B OVVOC_WORKSPACE\nWhere the workspace is kept, instead of in the "
                         "user's data "
                         "folder.\n"
                         ".SH SEE ALSO\n"
                         ".BR ovvoc\\-desktop (1),\n.BR docker (1),\n.BR podman (1)\n");
}

} // namespace ovvoc
