#include "cli/help.h"

#include <algorithm>
#include <vector>

namespace ovvoc {

namespace {

// A line that begins with two spaces and a word begins a command; the lines below that are indented
// further belong to it.
constexpr char usageText[] = R"(Usage: ovvoc COMMAND [OPTIONS]

  run     update a repository's dependencies in a sealed cell
            --repo PATH              repository on this machine (default: here)
            --client C --repo NAME   or a client's repository, with its settings
            --update all|PKG[@VER]   what to update (default: all); several packages with an
                                     --update each. What is named is tried whatever was
                                     proposed, refused or skipped before
            --again                  try also what is proposed already, or was refused
            --level patch|minor|major  the largest step allowed (default: major)
            --base BRANCH            branch to start from (default: the current one)
            --group groups|each|together|off  which updates are tried and proposed together
                                     (default: groups; off: one job, and no search for a culprit)
            --accept-build-only      a build proves enough where there are no tests
            --accept-known-failures  what fails without any update may fail with it, and no more
            --test-script NAME       a script of package.json that proves an update, in place of
                                     test; several with one each
            --node VERSION           the Node that builds and tests, for example 20
            --project FOLDER         a project in the repository ("." for its root), in place of
                                     those that are found; several with one each
  scan    say what a repository depends on and what is outdated
            --repo PATH, --base BRANCH
  image   prepare the job image
  doctor  look at what a job needs on this machine
  completion  bash|zsh|fish   the completions for a shell

For run and scan:
            --runtime NAME           the engine's runtime, for example runsc
            --memory MIB, --cpus N   limits of the cell (default: 4096, 2)
            --disk MIB               size of its work folder, which counts into the memory (3072)
            --phase-seconds N        limit of each phase from Clone to Test (default: the recipe's)
            --verbose                also what the commands print
For all:    --json                   one JSON object per line

Exit codes: 0 succeeded or up to date, 1 failed, 4 some of it was proposed and some failed,
2 wrong use, 3 this machine is not ready, 130 cancelled. Ctrl-C cancels the job and destroys its cell.
)";

constexpr char workspaceUsage[] = R"(
On the workspace (add --client CLIENT, and --repo REPO where it says so):
  client  list | add NAME | show C | rename C NAME | colour C 0-7 | archive C | restore C
          manifest C [--organization LOGIN] [--web URL]   make the client's GitHub App
          app C --app ID --key FILE.pem [--web URL] [--ca FILE.pem]   connect an App that is there
          key C --key FILE.pem | forget-key C | rotate-key C
          installations C | install C ID | repositories C | test C [--repo OWNER/NAME]
          proposals C     asks which pull requests of ours are open
  repo    list | add PATH|OWNER/NAME [--base BRANCH] | archive R | restore R | remove R
  settings  show | set NAME VALUE | reset NAME     agency, client or repository
  registry  list | add URL [@SCOPE...] [token|basic] [private] [--secret FILE]   a package registry
          credential URL --secret FILE | remove URL     of a client (--client C). FILE holds the
          token, or NAME:PASSWORD; "-" reads it from standard input. It goes into the keychain
  skip    show | PKG[@VERSION] [--until YYYY-MM-DD] [--undo]   what is not to be proposed for now:
          a version until a newer one, a package until a day or for good
  rules   list [PACKAGE] | show PACKAGE[/STEP]     the code rules, the program's and your own
          test [FOLDER]       tries the examples of rule files, in a cell
          try PACKAGE[/STEP] --repo PATH     what they would change there; changes nothing
  proposals  [list] [--client C] [--repo R]   what is proposed and open, as far as is known here;
          ask             asks the forges first
  updates [list] [--client C] | packages   what the last scans found to move, by repository or
          by package over all of them
  runs    list [--limit N] | show RUN     what became of whole requests, and what is to blame
  jobs    list [--outcome O] [--word PACKAGE] [--limit N] | show ID
  audit   list [--job ID] [--action A] [--actor A] [--limit N] | verify | export --to FILE
          accept --yes    goes on with a log that does not hold; what was found stays noted
  report  --client C [--month 2026-11 | --from DAY --to DAY] [--file FILE.html|.pdf|.csv]   what
          was updated, what waits, what failed and why; without a month the last 30 days
  export  --client C --to FILE     everything of a client, as one file
  erase   --client C --yes         destroys the client's key, and everything of it
  rotate-key                       a new key for the whole workspace
)";

bool beginsCommand(const QString &line)
{
    return line.size() > 2 && line.startsWith(QLatin1String("  ")) && line[2].isLower();
}

QStringList lines()
{
    return usageOf().split('\n');
}

/// Edits that lead from one to the other; a swap of neighbours is one (Damerau, "optimal string
/// alignment"). Quadratic in words, which are short.
int distance(const QString &a, const QString &b)
{
    const auto n = std::size_t(a.size()), m = std::size_t(b.size());
    std::vector<std::vector<int>> d(n + 1, std::vector<int>(m + 1));
    for (std::size_t i = 0; i <= n; ++i)
        d[i][0] = int(i);
    for (std::size_t j = 0; j <= m; ++j)
        d[0][j] = int(j);
    const auto at = [](const QString &text, std::size_t i) { return text[qsizetype(i)]; };
    for (std::size_t i = 1; i <= n; ++i) {
        for (std::size_t j = 1; j <= m; ++j) {
            const int cost = at(a, i - 1) == at(b, j - 1) ? 0 : 1;
            d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + cost});
            if (i > 1 && j > 1 && at(a, i - 1) == at(b, j - 2) && at(a, i - 2) == at(b, j - 1))
                d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[n][m];
}

} // namespace

QString usageOf()
{
    return QString::fromUtf8(usageText) + QString::fromUtf8(workspaceUsage);
}

QStringList commandNames()
{
    QStringList names;
    for (const QString &line : lines()) {
        if (beginsCommand(line))
            names << line.mid(2).section(' ', 0, 0);
    }
    return names;
}

QString usageOf(const QString &command)
{
    QStringList own;
    bool inside = false;
    for (const QString &line : lines()) {
        if (beginsCommand(line))
            inside = line.mid(2).section(' ', 0, 0) == command;
        else if (!line.startsWith(QLatin1String("   ")))
            inside = false;
        if (inside)
            own << line;
    }
    if (own.isEmpty())
        return {};
    QString text = QStringLiteral("Usage: ovvoc %1 [OPTIONS]\n\n").arg(command) + own.join('\n')
        + QStringLiteral("\n");
    const QString all = QString::fromUtf8(usageText);
    const qsizetype cell = all.indexOf(QLatin1String("For run and scan:")),
                    common = all.indexOf(QLatin1String("For all:"));
    if (command == QLatin1String("run") || command == QLatin1String("scan"))
        text += '\n' + all.mid(cell, common - cell);
    else
        text += '\n';
    return text + all.mid(common);
}

QString nearest(const QString &word, const QStringList &known)
{
    if (word.isEmpty() || word.size() > 40)
        return {};
    QStringList begun;
    for (const QString &one : known) {
        if (one.startsWith(word))
            begun << one;
    }
    if (word.size() > 1 && begun.size() == 1)
        return begun.first();
    QString best;
    int least = word.size() > 5 ? 3 : 2; // it has to be nearer than that
    for (const QString &one : known) {
        const int edits = distance(word, one);
        if (edits < least && edits < one.size()) {
            least = edits;
            best = one;
        }
    }
    return best;
}

} // namespace ovvoc
