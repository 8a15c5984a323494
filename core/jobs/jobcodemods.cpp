// The makers' own codemods: fetched while the gate is open, run after it closed, each on a copy of
// the sources that it is about. They see nothing else of the repository and start nothing; what
// they made of the copy is looked at and taken over by the program in the image.

#include "jobs/codecell.h"
#include "recipes/codemod.h"

#include <QJsonDocument>
#include <QtConcurrent/QtConcurrentRun>
#include <algorithm>
#include <qcoro/qcorofuture.h>

namespace ovvoc {

namespace {

const QString codemodsFolder = QStringLiteral("/work/codemods");
constexpr int fetchSeconds = 300, runSeconds = 600;
/// A folder as argument; prints what lies beside it.
constexpr char makeFolder[] = R"sh(
find /work/codemods -mindepth 1 -maxdepth 1 -printf '%f\n'
mkdir "$1")sh";

QString folderOf(const Codemod &codemod)
{
    return codemodsFolder + '/' + codemod.id;
}

/// jscodeshift in this very process: it may start no other.
QStringList commandOf(const Codemod &codemod, const CodeRule &rule, const QString &copy)
{
    const QString folder = folderOf(codemod) + '/';
    return {"/usr/local/bin/node",
            "--max-old-space-size=1536",
            folder + "node_modules/jscodeshift/bin/jscodeshift.js",
            "--run-in-band",
            "--no-babel",
            "--fail-on-error",
            "--parser=tsx",
            "--extensions=js,jsx,mjs,cjs,ts,tsx,mts,cts",
            "--transform=" + folder + codemod.transformFile(rule.transform),
            copy}; // some look at the whole path: "/app/"
}

} // namespace

/// Which of a project's files a codemod is about; with \a to they are laid out there.
TaskResult<QStringList> JobRunner::layOut(ProjectCode code, CodeRule rule, QList<CodemodRun> runs,
                                          QString to)
{
    const auto prepare = [=] {
        return QJsonDocument(layOutRequest(repoFolder, code.files, rule, code.steps, runs, to))
            .toJson(QJsonDocument::Compact);
    };
    QFuture<QByteArray> prepared = QtConcurrent::run(prepare);
    const QByteArray request = co_await prepared;
    OVVOC_CO_TRY(answer, co_await askCodeProgram(request));
    const QByteArray json = answer;
    const QStringList files = code.files;
    const auto parse = [=] { return parseLaidOut(json, files); };
    QFuture<Result<QStringList>> future = QtConcurrent::run(parse);
    co_return co_await future;
}

/// Its packages by their integrity, without their scripts, into a folder beside the clone.
TaskResult<> JobRunner::fetchCodemod(QString id)
{
    const Codemod *codemod = builtinCodemod(id);
    const QString folder = folderOf(*codemod);
    ExecRequest make;
    // Not where something lies already: no manager of the repository's had business there.
    make.command = QStringList{"/bin/sh", "-c", makeFolder, "sh", folder};
    make.environment = gitEnvironment();
    OVVOC_CO_TRY(made, co_await m_cell->exec(std::move(make)));
    QStringList beside = QString::fromUtf8(made.output).split('\n', Qt::SkipEmptyParts);
    beside.removeIf([](const QString &name) { return builtinCodemod(name) != nullptr; });
    if (made.exitCode != 0 || !beside.isEmpty())
        co_return fail(ErrorCode::PolicyViolation,
                       tr("Something lies where the codemods go: a setting, a link or a package's "
                          "name leads there. Nothing more was run, and nothing is proposed."));
    OVVOC_CO_CHECK(co_await writeFile(folder + "/package.json", codemod->manifest()));
    OVVOC_CO_CHECK(co_await writeFile(folder + "/package-lock.json", codemod->lockfile));
    ExecRequest fetch;
    fetch.command = QStringList{"npm",
                                "ci",
                                "--ignore-scripts",
                                "--omit=dev",
                                "--omit=optional",
                                "--legacy-peer-deps",
                                "--loglevel=error"};
    fetch.environment = environment(true);
    fetch.environment.removeIf(
        [](const QString &one) { return one.startsWith(QLatin1String("PATH=")); });
    fetch.environment << QStringLiteral("PATH=/usr/local/bin:/usr/bin:/bin");
    fetch.folder = folder;
    fetch.children = false;
    fetch.writes = QStringList{folder, "/work/.npm", "/work/tmp"};
    fetch.timeoutSeconds = fetchSeconds;
    phase(m_phase).commands << QStringLiteral("npm ci --ignore-scripts (%1)").arg(codemod->title());
    say("$ " + phase(m_phase).commands.last());
    OVVOC_CO_TRY(fetched, co_await m_cell->exec(std::move(fetch)));
    if (fetched.exitCode != 0)
        co_return fail(
            ErrorCode::NotFound,
            tr("The codemod %1 could not be had from the registry.").arg(codemod->title()),
            QString::fromUtf8(fetched.errors.right(2000)));
    stepDone(tr("codemod %1 fetched").arg(codemod->title()));
    co_return {};
}

/// Those that are about something in the code that moves; what cannot be had is said, and the
/// update goes on without it.
TaskResult<> JobRunner::fetchCodemods()
{
    QStringList refused;
    const QList<ProjectCode> all = m_code;
    for (const ProjectCode &code : all) {
        for (const RuleSet &step : code.steps) {
            for (const CodeRule &rule : step.rules) {
                if (!rule.isCodemod() || m_codemods.contains(rule.codemod)
                    || refused.contains(rule.codemod))
                    continue;
                const QList<CodemodRun> none;
                const QString nowhere;
                const auto meant = co_await layOut(code, rule, none, nowhere);
                if (!meant || meant->isEmpty())
                    continue; // what cannot be read is said when the rules are applied
                const auto fetched = co_await fetchCodemod(rule.codemod);
                if (m_stop)
                    co_return fail(*m_stop);
                if (fetched) {
                    m_codemods << rule.codemod;
                    continue;
                }
                refused << rule.codemod;
                m_job.notes << tr("%1 What it would have changed was left as it is.")
                                   .arg(fetched.error().message);
                stepDone(m_job.notes.last());
            }
        }
    }
    co_return {};
}

/// Runs what was fetched on copies, one after another: each sees what those before it made.
TaskResult<QList<CodemodRun>> JobRunner::runCodemods(ProjectCode code)
{
    QList<CodemodRun> runs;
    for (qsizetype i = 0; i < code.steps.size(); ++i) {
        const QList<CodeRule> rules = code.steps[i].rules;
        for (const CodeRule &rule : rules) {
            if (!m_codemods.contains(rule.codemod))
                continue;
            const Codemod *codemod = builtinCodemod(rule.codemod);
            CodemodRun run;
            run.step = int(i);
            run.rule = rule.id;
            run.folder = QStringLiteral("%1/copy-%2").arg(codemodsFolder).arg(++m_copies);
            const QString folder = run.folder;
            OVVOC_CO_TRY(meant, co_await layOut(code, rule, runs, folder));
            if (meant.isEmpty())
                continue;
            run.files = meant;
            ExecRequest change;
            change.command = commandOf(*codemod, rule, run.folder);
            change.environment =
                QStringList{"HOME=/tmp/home",        "PATH=/usr/local/bin:/usr/bin:/bin",
                            "LANG=C.UTF-8",          "CI=true",
                            "BABEL_DISABLE_CACHE=1", "NO_COLOR=1"};
            change.folder = run.folder;
            change.children = false;
            change.writes = QStringList{run.folder};
            change.timeoutSeconds = runSeconds;
            const QString command =
                QStringLiteral("jscodeshift %1 (%2)").arg(rule.transform, codemod->title());
            phase(m_phase).commands << command;
            say("$ " + command);
            const auto outcome = co_await m_cell->exec(std::move(change));
            if (m_stop)
                co_return fail(*m_stop);
            if (!outcome || outcome->exitCode != 0) {
                const QString why = outcome ? QString::fromUtf8(outcome->output.right(2000))
                                            : outcome.error().message;
                m_job.notes << tr("The codemod %1 of %2 did not end well, so look at what it was "
                                  "about.")
                                   .arg(rule.transform, codemod->title());
                stepDone(m_job.notes.last());
                say(why);
            }
            runs << run;
        }
    }
    co_return runs;
}

/// Nothing of them is there when the repository's own code runs.
TaskResult<> JobRunner::removeCodemods()
{
    if (m_codemods.isEmpty())
        co_return {};
    ExecRequest remove;
    remove.command = QStringList{"rm", "-rf", codemodsFolder};
    remove.environment = gitEnvironment();
    remove.folder = QStringLiteral("/tmp");
    OVVOC_CO_TRY(removed, co_await m_cell->exec(std::move(remove)));
    if (removed.exitCode != 0)
        co_return fail(ErrorCode::CommandFailed, tr("The codemods could not be removed again."),
                       QString::fromUtf8(removed.errors.right(500)));
    co_return {};
}

} // namespace ovvoc
